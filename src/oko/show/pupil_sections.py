"""Short sheets of pupils by pseudonym: scores with their error, skills with the number of tasks behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from oko.language import gettext, number, percent
from oko.measures.skills import SkillResults
from oko.show.brief import Names, Row
from oko.show.class_sections import classes, short
from oko.show.html import Html, element, heading, join, paragraph
from oko.show.lean import bar, lean, lean_style
from oko.show.sections import bullets

NORMAL, MIDDLE, NO_CLASS = 1.96, 0.5, "none"
SCORES = ["class", "pupil", "assessment", "score", "max_score", "sem", "lower", "upper", "mark", "journal_mark"]
SKILLS = ["class", "pupil", "skill", "n_items", "share", "se", "lower", "upper"]


def scores(taken: pd.DataFrame, errors: Mapping[str, float]) -> pd.DataFrame:
    """Return each pupil's score in each work, with the range of its error of measurement.

    Parameters
    ----------
    taken : DataFrame
        Schema ``RESULTS``: the school's year.
    errors : Mapping of str to float
        Standard error of measurement by assessment, from the pupils of the whole cluster; where there is none, the
        range is not known.
    """
    both = taken["primary_score"].astype(float).fillna(taken["test_score"].astype(float))
    wrote = taken[(taken["status"] == "took") & both.notna()]
    score = both[wrote.index]
    most = wrote["max_score"].astype(float).where(wrote["primary_score"].notna())
    sem = wrote["assessment"].map(dict(errors)).astype(float)
    rows = wrote.assign(
        score=score, max_score=most, sem=sem, lower=(score - NORMAL * sem).clip(lower=0),
        upper=np.minimum(score + NORMAL * sem, most), **{"class": _one_class(wrote)},
    )  # fmt: skip
    return rows[SCORES].sort_values(["class", "pupil"], kind="stable").reset_index(drop=True)


def _one_class(wrote: pd.DataFrame) -> pd.Series:
    """Return one class a pupil: that of the last row, the same for all works of the year."""
    return wrote["class"].fillna(NO_CLASS).groupby(wrote["pupil"]).transform("last")


def skills(found: SkillResults, tasks: pd.DataFrame, matrix: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """Return each pupil's share of the points of each skill's tasks, with its error and the number of tasks.

    Parameters
    ----------
    found : SkillResults
        Over the whole cluster.
    tasks : DataFrame, pupils × tasks
        The points behind it.
    matrix : DataFrame, tasks × skills
    pupils : DataFrame
        class, pupil: those of the school.
    """
    wide = {
        "share": found.pupil_scores,
        "se": found.pupil_se,
        "n_items": tasks.notna().astype(int) @ matrix.astype(int),
    }
    own = [name for name in dict.fromkeys(pupils["pupil"]) if name in tasks.index]
    stacked = {name: frame.loc[own].rename_axis(index="pupil", columns="skill").stack() for name, frame in wide.items()}
    rows = pd.DataFrame(stacked).reset_index().merge(pupils[["class", "pupil"]].drop_duplicates("pupil"), on="pupil")
    known = rows[rows["share"].notna() & rows["se"].notna()]
    ends = {
        "lower": (known["share"] - NORMAL * known["se"]).clip(lower=0),
        "upper": (known["share"] + NORMAL * known["se"]).clip(upper=1),
    }
    return known.assign(**ends)[SKILLS].sort_values(["class", "pupil", "skill"], kind="stable").reset_index(drop=True)


def no_skills() -> pd.DataFrame:
    """Return the table of skills where there is nothing to make it of."""
    return pd.DataFrame(columns=SKILLS)


def parts(found: pd.DataFrame) -> list[str]:
    """Return the classes of a table of scores, grade by grade; pupils whose class is not known come last."""
    known = found[found["class"] != NO_CLASS].assign(status="took")
    return [*classes(known), *([NO_CLASS] if (found["class"] == NO_CLASS).any() else [])]


def title(name: str) -> str:
    """Head the sheets of a class."""
    return (
        gettext("Pupils without a class") if name == NO_CLASS else gettext("Pupils of class {name}").format(name=name)
    )


def contents(links: Mapping[str, str], found: pd.DataFrame) -> Html:
    """List the files of sheets with the number of pupils in each; where there are none, say what is needed."""
    if not links:
        text = gettext("There are no results of this year, so there is nothing to tell a pupil: import the forms.")
        return paragraph(text, "empty")
    counts = found.groupby("class")["pupil"].nunique()
    rows = [
        {"class": element('<a href="{link}">{title}</a>', link=link, title=title(name)), "n": number(int(counts[name]))}
        for name, link in links.items()
    ]
    return lean(rows, {"class": gettext("File of sheets"), "n": gettext("pupils")}, ["n"])


def how_to_read() -> Html:
    """Say above all sheets how they are read, and how to find whose a sheet is."""
    said = [
        gettext(
            "Whose sheet it is: the program prints no list of names. Who holds the key and the school’s roster makes "
            "it (how: docs/privacy.en.md, “Whose pseudonym is it?”) and gives each teacher the lines of the class; the "
            "list is not kept with the sheets. A pupil who is not in the roster may have several sheets: one for each "
            "code of a participant."
        ),
        gettext(
            "Score, from – to: what the pupil earned, and between what the score would lie in 95 cases of 100 with "
            "other tasks of the same kind. A score of another pupil inside this range is the same score."
        ),
        gettext(
            "Skills: share of the points of all the year’s tasks of that skill. “Goes well” and “not yet” are said "
            "only where the range lies above or below a half; of fewer than three tasks nothing is said. Which task "
            "asks for which skill is our initial list: not confirmed."
        ),
        gettext(
            "Growth is not given: works differ in their tasks, the points of one cannot be taken from those of another."
        ),
    ]
    return bullets(said)


def sheets(
    name: str, found: pd.DataFrame, able: pd.DataFrame, titles: Names, names: Names, about: str = ""
) -> list[Html]:
    """Return the sheets of all pupils of a class.

    Parameters
    ----------
    name : str
        Label of the class.
    found, able : DataFrame
        From :func:`scores` and :func:`skills`.
    titles, names : Mapping
        Of works and skills.
    about : str
        The school and the year: each sheet is printed and given away alone.
    """
    place = {work: number for number, work in enumerate(titles)}
    own = found[found["class"] == name]
    ordered = own.assign(_place=own["assessment"].map(place)).sort_values(["pupil", "_place"], kind="stable")
    skill_rows = {str(pupil): rows for pupil, rows in able[able["class"] == name].groupby("pupil")}
    foot = paragraph(_alone(name, about), "note")
    made = [
        _sheet(str(pupil), [_works(rows, titles), _skill_table(skill_rows.get(str(pupil)), names), foot])
        for pupil, rows in ordered.groupby("pupil")
    ]
    return [lean_style(), how_to_read(), *made]


def _alone(name: str, about: str) -> str:
    """Say on each sheet whose it is and what its numbers mean, since a family gets it without those of the others."""
    text = gettext(
        "From – to: between what it would lie in 95 cases of 100 with other tasks of the same kind. Journal: the mark "
        "in the class journal. Results of ВПР are not for judging a pupil, a school or a teacher."
    )
    return " ".join(filter(None, (about and f"{about}.", f"{title(name)}.", text)))


def _sheet(pupil: str, told: Sequence[Html]) -> Html:
    head = heading(gettext("Pupil {pseudonym}").format(pseudonym=short(pupil)), 3)
    return element('<section class="pupil">{pieces}</section>', pieces=join([head, *told]))


def _skill_table(able: pd.DataFrame | None, names: Names) -> Html:
    return _no_skill() if able is None else _skills(able, names)


def _works(rows: pd.DataFrame, titles: Names) -> Html:
    written = [
        {
            "work": titles.get(row["assessment"], row["assessment"]),
            "score": _score(row), "range": _range(row),
            "bar": bar(row["score"] / row["max_score"]) if row["max_score"] > 0 else "",
            "mark": number(row["mark"]) if pd.notna(row["mark"]) else "–",
            "journal": number(row["journal_mark"]) if pd.notna(row["journal_mark"]) else "–",
        }
        for row in rows.to_dict("records")
    ]  # fmt: skip
    columns = {
        "work": gettext("Work"), "score": gettext("score"), "range": gettext("from – to"), "bar": "",
        "mark": gettext("mark for the work"), "journal": gettext("journal"),
    }  # fmt: skip
    return lean(written, columns, ["score", "range", "mark", "journal"])


def _score(row: Row) -> str:
    if pd.isna(row["max_score"]):
        return number(row["score"], 2)
    return gettext("{score} of {most}").format(score=number(row["score"]), most=number(row["max_score"]))


def _range(row: Row) -> str:
    if pd.isna(row["sem"]):
        return gettext("not known")
    return f"{number(round(row['lower']))}–{number(round(row['upper']))}"


def _no_skill() -> Html:
    return paragraph(gettext("Of no skill did the pupil have three tasks or more this year."))


def _skills(able: pd.DataFrame, names: Names) -> Html:
    written = [
        {
            "skill": names.get(row["skill"], row["skill"]), "n": number(row["n_items"]), "share": percent(row["share"]),
            "range": f"{number(100 * row['lower'])}–{number(100 * row['upper'])}", "said": _said(row),
        }
        for row in able.to_dict("records")
    ]  # fmt: skip
    columns = {
        "skill": gettext("Skill"), "n": gettext("tasks"), "share": gettext("points"), "range": gettext("from – to, %"),
        "said": gettext("What can be said"),
    }  # fmt: skip
    return lean(written, columns, ["n", "share", "range"])


def _said(row: Row) -> str:
    if row["lower"] > MIDDLE:
        return gettext("goes well")
    return gettext("not yet") if row["upper"] < MIDDLE else gettext("too early to say")
