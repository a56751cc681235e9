"""Sheets for the teachers of a class: how it stands, what to repeat, groups by level, marks to look at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number, percent
from oko.show.brief import Names, Row, one_page
from oko.show.html import Html, element, heading, join, paragraph, prose
from oko.show.lean import lean, lean_style
from oko.show.sections import bullets, nothing
from oko.show.sentences import ENOUGH, pupils
from oko.show.sentences import mark as quoted

MOST_TASKS, PSEUDONYM, FAR = 3, 10, 2
MARKS = (2, 3, 4, 5)


def standing(by_class: pd.DataFrame, parallel: pd.DataFrame, cluster: pd.DataFrame, most: pd.Series) -> pd.DataFrame:
    """Put each class's mean score beside those of its parallel and of the cluster, as shares of the greatest score.

    Parameters
    ----------
    by_class, parallel, cluster : DataFrame
        From ``marks.summary`` by assessment and class, and by assessment.
    most : Series
        Greatest score by assessment.

    Returns
    -------
    DataFrame
        assessment, class, n, share_2 … share_5, mean, lower, upper, parallel, cluster (shares of the greatest score).
    """
    columns = ["assessment", "class", "n", "share_2", "share_3", "share_4", "share_5"]
    rows = by_class.dropna(subset="class")
    greatest = rows["assessment"].map(most).astype(float)
    ends = {"mean": "mean_score", "lower": "mean_score_lower", "upper": "mean_score_upper"}
    shares = {name: (rows[column].astype(float) / greatest).clip(0, 1) for name, column in ends.items()}
    others = {
        name: rows["assessment"].map(frame.set_index("assessment")["mean_score"]).astype(float) / greatest
        for name, frame in (("parallel", parallel), ("cluster", cluster))
    }
    return rows[columns].assign(**shares, **others).reset_index(drop=True)


def to_repeat(facility: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks in which a class is below the cluster, which lies outside its interval.

    Parameters
    ----------
    facility : DataFrame
        From ``items.by_class.class_facilities``.
    """
    below = facility[(facility["upper"] < facility["cluster_facility"]) & (facility["n"] >= ENOUGH)]
    return below.assign(below=below["cluster_facility"] - below["facility"]).sort_values(
        ["class", "assessment", "below"], ascending=[True, True, False], kind="stable"
    )


def far_from_journal(taken: pd.DataFrame) -> pd.DataFrame:
    """Return the pupils whose mark for a work is two marks or more away from that in the journal."""
    both = taken.dropna(subset=["mark", "journal_mark"])
    apart = (both["mark"].astype(int) - both["journal_mark"].astype(int)).abs() >= FAR
    columns = ["assessment", "class", "pupil", "mark", "journal_mark"]
    return both.loc[apart, columns].sort_values(["class", "assessment", "pupil"]).reset_index(drop=True)


def classes(taken: pd.DataFrame) -> list[str]:
    """Return the labels of the classes that took a work, grade by grade."""
    labels = taken.loc[taken["status"] == "took", "class"].dropna().unique()
    return sorted(map(str, labels), key=lambda label: (_grade(label), label))


def _grade(label: str) -> int:
    digits = "".join(letter for letter in label if letter.isdigit())
    return int(digits) if digits else 0


def contents(links: Mapping[str, str], found: pd.DataFrame) -> Html:
    """List the sheets.

    Parameters
    ----------
    links : Mapping of str to str
        Address of each class's sheet.
    found : DataFrame
        Results of the school that name no class: said, since they are on no sheet.
    """
    if not links:
        return nothing() if found.empty else paragraph(_classless(len(found)), "empty")
    items = [element('<a href="{link}">{name}</a>', link=link, name=name) for name, link in links.items()]
    said = [] if found.empty else [_classless(len(found))]
    return join([element("<p>{items}</p>", items=join(items, " · ")), prose(said, "empty")])


def _classless(n: int) -> str:
    text = ngettext(
        "{n} result names no class and is on no sheet: fill in the class in the form.",
        "{n} results name no class and are on no sheet: fill in the class in the form.",
        n,
    )
    return text.format(n=number(n))


def title(name: str) -> str:
    """Head a class's sheet."""
    return gettext("Class {name}").format(name=name)


def sheet(
    name: str, stands: pd.DataFrame, tasks: pd.DataFrame, journal: pd.DataFrame, titles: Names, labels: Names
) -> list[Html]:
    """Return the pieces of a class's sheet.

    Parameters
    ----------
    name : str
        Label of the class.
    stands, tasks, journal : DataFrame
        From :func:`standing`, :func:`to_repeat` (with ``label``) and :func:`far_from_journal`: of the school.
    titles, labels : Mapping
        Titles of works; what tasks are about.
    """
    own, low, far = (frame[frame["class"] == name] for frame in (stands, tasks, journal))
    rows = [row for work in titles for row in own[own["assessment"] == work].to_dict("records")]
    parts: list[tuple[str, Html]] = [
        (gettext("How does the class stand?"), _standing(rows, titles)),
        (gettext("What to repeat?"), _repeat(low, titles, labels)),
        (gettext("Whose mark is far from the journal’s?"), _journal(far, titles)),
    ]
    pieces = [join([heading(text, 3), part]) for text, part in parts]
    return [one_page(), lean_style(), *pieces, paragraph(_not_a_judgement())]


def _not_a_judgement() -> str:
    return gettext(
        "The sheet is for those who teach the class and judges nobody’s teaching: a class differs from others by its "
        "pupils, too, and one task says little."
    )


def _standing(rows: Sequence[Row], titles: Names) -> Html:
    written = [
        {
            "work": titles[row["assessment"]], "n": number(row["n"]),
            "mean": _with_interval(row),
            "parallel": percent(row["parallel"]), "cluster": percent(row["cluster"]), "conclusion": _conclusion(row),
            **{f"m{mark}": _count(row, mark) for mark in MARKS},
        }
        for row in rows
    ]  # fmt: skip
    columns = {
        "work": gettext("Work"), "n": "n", "mean": gettext("points of the class (interval)"),
        "parallel": gettext("parallel"), "cluster": gettext("cluster"), "conclusion": gettext("Conclusion"),
        **{f"m{mark}": quoted(mark) for mark in MARKS},
    }  # fmt: skip
    note = gettext(
        "Points: mean score as a share of the greatest one, with its interval of 95%. The grade is that of the "
        "material. The parallel holds the class itself. Below or above is said where the other number lies outside the "
        "interval. “2” … “5”: pupils in each group by the mark for the work; a group of fewer than {n} is for planning "
        "lessons, not for conclusions."
    )
    shown = lean(written, columns, ["n", "mean", "parallel", "cluster", *(f"m{mark}" for mark in MARKS)])
    return join([shown, paragraph(note.format(n=number(ENOUGH)))])


def _with_interval(row: Row) -> str:
    known = pd.notna(row["lower"])
    return f"{percent(row['mean'])} ({_whole(row['lower'])}–{_whole(row['upper'])})" if known else percent(row["mean"])


def _count(row: Row, mark: int) -> str:
    share = row[f"share_{mark}"]
    return number(round(share * row["n"])) if pd.notna(share) else "–"


def _whole(share: float) -> str:
    return number(100 * share) if pd.notna(share) else "–"


def _conclusion(row: Row) -> str:
    if row["n"] < ENOUGH or pd.isna(row["lower"]):
        return gettext("too few pupils")
    texts = {
        ("parallel", -1): gettext("below the parallel"), ("parallel", 1): gettext("above the parallel"),
        ("cluster", -1): gettext("below the cluster"), ("cluster", 1): gettext("above the cluster"),
    }  # fmt: skip
    said = []
    for name in ("parallel", "cluster"):
        side = -1 if row["upper"] < row[name] else 1 if row["lower"] > row[name] else 0
        said += [texts[name, side]] if side else []
    return ", ".join(said) or gettext("no difference told")


def _repeat(low: pd.DataFrame, titles: Names, labels: Names) -> Html:
    if low.empty:
        text = gettext(
            "In no task is the class below the cluster beyond its interval, or there are no points of tasks."
        )
        return paragraph(text)
    said = []
    for work in (name for name in titles if name in set(low["assessment"])):
        rows = low[low["assessment"] == work].head(MOST_TASKS).to_dict("records")
        said.append(f"{titles[work]}: " + "; ".join(_task(row, labels) for row in rows) + ".")
    chance = gettext("Of forty tasks about one gets into this list by chance.")
    return join([bullets(said), paragraph(chance)])


def _task(row: Row, labels: Names) -> str:
    text = gettext("task {item}{label} — {value} ({lower}–{upper}), in the cluster {other}")
    known = isinstance(row.get("label"), str)
    label = f" ({labels.get(row['label'], row['label'])})" if known else ""
    return text.format(
        item=row["item"], label=label, value=percent(row["facility"]), lower=_whole(row["lower"]),
        upper=_whole(row["upper"]), other=percent(row["cluster_facility"]),
    )  # fmt: skip


def _journal(far: pd.DataFrame, titles: Names) -> Html:
    if far.empty:
        return paragraph(gettext("No mark is two marks or more away from the journal’s, or marks were not compared."))
    said = []
    for work in (name for name in titles if name in set(far["assessment"])):
        rows = far[far["assessment"] == work].to_dict("records")
        pairs = [f"{short(row['pupil'])} ({number(row['mark'])} / {number(row['journal_mark'])})" for row in rows]
        said.append(f"{titles[work]}: {', '.join(pairs)}.")
    text = gettext(
        "{pupils} in all, by pseudonym (mark for the work / in the journal). A difference is an occasion to look at "
        "the pupil’s work, not a fault: a mark in the journal is made of many works, this one of one."
    )
    return join([bullets(said), paragraph(text.format(pupils=pupils(int(far["pupil"].nunique()))))])


def short(pseudonym: str) -> str:
    """Return the first characters of a pseudonym, by which it is found in the school's list."""
    return pseudonym[:PSEUDONYM]


def with_labels(tasks: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Add to tasks what they are about."""
    known: Any = items[["assessment", "item", "label"]]
    return tasks.merge(known, on=["assessment", "item"], how="left")
