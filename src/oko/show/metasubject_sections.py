"""Sections of the page on metasubject skills: the map, correlations between subjects, the tool, the levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures.raters import expert_agreement
from oko.show import figures, metasubject_figures
from oko.show.effect_sections import Keeper
from oko.show.html import Html, join, paragraph, prose
from oko.show.picture import Picture
from oko.show.sections import Titles, bullets
from oko.show.skill_words import SEASONS
from oko.show.tables import table
from oko.show.teacher_learning_sections import season_called

CELLS = ["season", "subject", "material_grade", "assessment", "skill"]
PAIRS = ["skill", "pupil_grade", "first", "second"]


def agreement(judgements: pd.DataFrame, titles: Titles) -> Html:
    """Say how far the experts agreed, instrument by instrument."""
    said = []
    for name, rows in judgements.dropna(subset="weight").groupby("instrument", sort=True):
        found = expert_agreement(rows[["expert", "item", "skill", "weight"]])
        text = gettext("{work}: {experts} experts, kappa {kappa} (95% interval {lower} to {upper}).")
        numbers = {key: number(getattr(found, key), 2) for key in ("kappa", "lower", "upper")}
        said.append(text.format(work=titles.get(str(name), str(name)), experts=number(found.experts), **numbers))
    if not said:
        return Html("")
    begin = gettext("Where experts filled a matrix in, their agreement beyond chance is this (1: full, 0: as by lot).")
    return join([prose([begin]), bullets(said)])


def guarded_cells(cells: pd.DataFrame, points: Mapping[str, pd.DataFrame], threshold: int, named: bool) -> Protected:
    """Protect the map of skills; where schools are not named, cells of one or two schools are hidden.

    Parameters
    ----------
    cells : DataFrame
        Of `skills.across.skill_cells`.
    points : mapping of assessment to DataFrame
        They were made from.
    threshold : int
    named : bool
    """
    rows = cells.astype({"n": "int64", "n_items": "int64"})
    contributors = None if named else _contributors(rows, points)
    return protect(
        rows, by=CELLS, keys=["n_items"], threshold=threshold, means={"facility": Mean(0, 1)}, contributors=contributors
    )


def _contributors(rows: pd.DataFrame, points: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = [pd.DataFrame(columns=[*CELLS, "contributor", "n"])]
    for _, of in rows.groupby(["season", "subject"], sort=False):
        works = [name for name in of["assessment"].unique() if name]
        schools = {
            name: pd.Series(points[name].index.get_level_values("school")).value_counts().rename("n") for name in works
        }
        schools[""] = pd.concat(list(schools.values())).groupby(level=0).sum().rename("n")
        for row in of[CELLS].to_dict("records"):
            given = schools[row["assessment"]].rename_axis("contributor").reset_index()
            parts.append(given.assign(**{str(name): value for name, value in row.items()}))
    return pd.concat(parts, ignore_index=True).astype({"n": "int64"})


def maps(protected: Protected, topics: Protected, titles: Titles, skills: Titles, mark: str = "") -> dict[str, Picture]:
    """Draw the map of each season: works in lines, skills in columns.

    Parameters
    ----------
    protected : Protected
        Of `guarded_cells`.
    topics : Protected
        Of `teacher_learning_sections.guarded_topics`: which subject and skill to mark.
    titles, skills : Mapping
        Subjects and units by code; skills in their order.
    mark : str
    """
    frame = protected.frame
    shown = topics.frame
    zones = {(row["unit"], row["skill"]): row["kind"] for row in shown[~shown["hidden"]].to_dict("records")}
    drawn = {}
    for season in [one for one in SEASONS if one in set(frame["season"])]:
        rows = frame[frame["season"] == season].sort_values(["subject", "material_grade"], kind="stable")
        several = set(rows.loc[rows["material_grade"] == 0, "subject"])
        last = rows.assign(_last=rows["material_grade"].replace(0, 99)).sort_values(["subject", "_last"], kind="stable")
        last = last.assign(place=last["subject"] + "|" + last["material_grade"].astype("str"))
        called = {
            f"{subject}|{grade}": _line(titles.get(subject, subject), int(grade))
            for subject, grade in last[["subject", "material_grade"]]
            .drop_duplicates()
            .itertuples(index=False, name=None)
        }
        whole = (last["material_grade"] == 0) | ~last["subject"].isin(several)
        units = season + "-" + last["subject"]
        kinds = [
            zones.get(key, "none") if of_all else "none"
            for key, of_all in zip(zip(units, last["skill"], strict=True), whole, strict=True)
        ]
        last = last.assign(zone=["" if kind == "none" else kind for kind in kinds])
        drawn[season] = metasubject_figures.skill_map(
            last, called, skills, caption=season_called(units.iloc[0], titles), mark=mark
        )
    return drawn


def _line(subject: str, grade: int) -> str:
    text = gettext("{subject}, all grades") if grade == 0 else gettext("{subject}, material of grade {grade}")
    return text.format(subject=subject, grade=grade)


def map_words(protected: Protected, pictures: Sequence[Picture]) -> Html:
    """Say how many cells of the map rest on enough tasks, and show it."""
    frame = protected.frame
    if frame.empty:
        text = gettext(
            "There is no work of this year with points of tasks whose skill is known that two classes of a school "
            "took, so there is no map: it takes points of single tasks and a list of skills."
        )
        return paragraph(text, "empty")
    alone = frame[frame["material_grade"] != 0]
    enough = int((alone["n_items"] >= metasubject_figures.FEWEST).sum())
    text = ngettext(
        "Of {of} pair of a work and a skill {n} rests on three tasks or more; of the others nothing is concluded. "
        "That is the first thing external works say of skills: one work holds one or two tasks of a skill.",
        "Of {of} pairs of a work and a skill {n} rest on three tasks or more; of the others nothing is concluded. "
        "That is the first thing external works say of skills: one work holds one or two tasks of a skill.",
        len(alone),
    )
    return join([prose([text.format(n=number(enough), of=number(len(alone)))]), *pictures])


def _verdict(above: int, below: int, of: int) -> str:
    if above == 0:
        none = gettext(
            "In none of {of} comparisons does the same skill go together beyond chance more than with other tasks. So "
            "these tasks measure mostly the general level: a skill of its own is not seen behind them."
        )
        alone = gettext(
            "In the only comparison the same skill does not go together beyond chance more than with other tasks. One "
            "comparison allows no conclusion."
        )
        return (alone if of == 1 else none).format(of=number(of))
    text = gettext(
        "In {above} of {of} comparisons the same skill goes together beyond chance more than with other tasks; in "
        "{below} less."
    )
    return text.format(above=number(above), below=number(below), of=number(of))


def guarded_pairs(found: pd.DataFrame, threshold: int, keys: Sequence[str]) -> Protected:
    """Protect correlations: each rests on the pupils with both works."""
    counts = dict.fromkeys(("n", "n_classes", "tasks_first", "tasks_second"), "int64")
    return protect(found.astype(counts), keys=list(keys), threshold=threshold)


def kept(page: Keeper, name: str, picture: Picture | None) -> Picture | None:
    """Keep a figure where there is one, and hand it back."""
    return None if picture is None else page.keep_figure(name, picture)


def with_interval(protected: Protected) -> pd.DataFrame:
    """Return the rows that have a corrected number and its interval."""
    frame = protected.frame
    return frame[~frame["hidden"] & frame["corrected_lower"].notna()]


def _called(rows: pd.DataFrame, titles: Titles) -> list[str]:
    text = gettext("{skill}, grade {grade}: {first} – {second}")
    names = {name: [titles.get(code, code) for code in rows[name]] for name in ("skill", "first", "second")}
    parts = zip(names["skill"], rows["pupil_grade"], names["first"], names["second"], strict=True)
    return [
        text.format(skill=skill, grade=int(grade), first=first.lower(), second=second.lower())
        for skill, grade, first, second in parts
    ]


def pairs_figure(protected: Protected, titles: Titles, mark: str = "") -> Picture | None:
    """Draw corrected correlations of a skill between subjects, beside those with the second subject's other tasks."""
    rows = with_interval(protected)
    if rows.empty:
        return None
    labels = _called(rows, titles)
    return figures.intervals(
        rows.assign(label=labels), "corrected", "corrected_lower", "corrected_upper", "label", 1.0, other="other",
        share=False, called=(gettext("same skill"), gettext("other tasks of the second subject")),
        title=gettext("Correlation corrected for unreliability"), threshold=protected.threshold, mark=mark,
    )  # fmt: skip


def pairs(protected: Protected, titles: Titles, picture: Picture | None) -> Html:
    """Say whether one skill goes together in two subjects more than the subjects do."""
    explained = gettext(
        "The sums of a few tasks hold much error, and the error lowers a correlation. The correction divides it by "
        "the root of both alphas: what it would be, were the sums free of error. It does not make a short test "
        "better: its interval is wide, and with an alpha below the true reliability the number comes out too high, "
        "even above 1."
    )
    frame = protected.frame
    if frame.empty:
        text = gettext(
            "No skill has three tasks or more in two subjects for the same pupils in this year: no correlation, and no "
            "conclusion."
        )
        return join([prose([explained]), paragraph(text, "empty")])
    rows = with_interval(protected)
    known = rows[rows["other"].notna()]
    above = int((known["corrected_lower"] > known["other"]).sum())
    below = int((known["corrected_upper"] < known["other"]).sum())
    verdict = _verdict(above, below, len(known))
    columns = ["label", "n", "r", "corrected", "other"]
    note = gettext("Pairs of which the error is too great, or the classes are fewer than five, are left out here.")
    kept = rows.assign(label=_called(rows, titles))
    shown = table(kept, columns, note=note, threshold=protected.threshold) if len(kept) else paragraph(note, "empty")
    return join([prose([explained]), prose([verdict]) if len(known) else "", picture or "", shown])


def tool_figure(protected: Protected, titles: Titles, mark: str = "") -> Picture | None:
    """Draw how the tool goes with the other works: corrected, and the means of classes."""
    rows = with_interval(protected)
    if rows.empty:
        return None
    return figures.intervals(
        rows.assign(label=[titles.get(name, name) for name in rows["assessment"]]), "corrected", "corrected_lower",
        "corrected_upper", "label", 1.0, other="r", share=False, called=(gettext("corrected"), gettext("as it is")),
        title=gettext("Correlation of the tool with the work"), threshold=protected.threshold, mark=mark,
    )  # fmt: skip


def tool(protected: Protected, titles: Titles, picture: Picture | None) -> Html:
    """Say how a tool of the cluster's own goes with external works on the same pupils and classes."""
    frame = protected.frame
    if frame.empty:
        text = gettext(
            "There is no home-made work of this year with other works of the same pupils, so there is nothing to "
            "compare."
        )
        return paragraph(text, "empty")
    rows = with_interval(protected)
    said = []
    for name, of in rows.groupby("tool", sort=True):
        least, most = of["corrected"].min(), of["corrected"].max()
        text = gettext(
            "{tool}: with the works of the same pupils the corrected correlation is from {least} to {most}. It "
            "measures what they measure, in large part; what a part of it measures beyond them these numbers do not "
            "show."
        )
        said.append(text.format(tool=titles.get(str(name), str(name)), least=number(least, 2), most=number(most, 2)))
    note = gettext(
        "Means of classes: how the classes’ mean results in the two works go together; with few classes the interval "
        "is wide. A correlation of means is greater than that of pupils, because means hold less error."
    )
    columns = ["assessment", "n", "n_classes", "r", "corrected", "r_classes"]
    shown = table(frame, columns, names={"assessment": titles}, note=note, threshold=protected.threshold)
    return join([prose(said), picture or "", shown])


def guarded_variance(found: pd.DataFrame, threshold: int) -> Protected:
    """Protect shares of variance."""
    rows = found.astype(dict.fromkeys(("n", "n_schools", "n_classes"), "int64"))
    return protect(rows, keys=["assessment"], threshold=threshold)


def levels(protected: Protected, titles: Titles, mark: str = "") -> Picture | None:
    """Draw shares of variance, or nothing where there are none."""
    frame = protected.frame
    shown = frame[~frame["hidden"]]
    return metasubject_figures.variance(shown, titles, mark=mark) if len(shown) else None


def variance(protected: Protected, picture: Picture | None) -> Html:
    """Say at which level results differ most."""
    if picture is None:
        text = gettext(
            "Fewer than four schools or ten classes took one of these works: shares of variance are not estimated."
        )
        return paragraph(text, "empty")
    rows = protected.frame.dropna(subset="of_pupils")
    text = gettext(
        "From {least} to {most} of the variance lies between pupils of one class, in all the works. A school’s mean "
        "hides most of what there is to see."
    )
    said = text.format(least=percent(rows["of_pupils"].min()), most=percent(rows["of_pupils"].max()))
    return join([prose([said]), picture])


def reading() -> Html:
    """Say what external works can and cannot say of skills."""
    can = [
        gettext(
            "They can show that several schools, on several tasks of one kind, are below schools of the same level."
        ),
        gettext(
            "They can show a topic for teachers of several subjects at once: charts in mathematics and in physics."
        ),
        gettext("They can serve as a check of a home-made tool: what it has in common with them."),
    ]
    cannot = [
        gettext(
            "They cannot give a pupil’s level of a skill: one or two tasks, and the error is greater than the "
            "difference."
        ),
        gettext("They cannot tell a skill from the subject: a task on charts in physics needs physics."),
        gettext(
            "They cannot show planning, self-control or cooperation: our list knows no task of theirs that asks for "
            "these."
        ),
        gettext("They cannot be compared between works by facility: the tasks differ in difficulty."),
    ]
    return join([bullets(can), paragraph(gettext("And what they cannot:")), bullets(cannot)])


def limits() -> Html:
    """Say where the page stops."""
    return bullets(
        [
            gettext("The map of tasks and skills is not confirmed: with another map some topics would be others."),
            gettext("Works of which a school had one class are left out, so that no teacher can be told by them."),
            gettext(
                "Correlations say nothing of causes, nor whether teaching a skill in one subject helps in another."
            ),
            gettext("Only pupils who took both works count; those who were absent may differ."),
        ]
    )
