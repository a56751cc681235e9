"""Sections of a school's year: telling tasks, references, cohorts through the years, the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oko.language import NOT_AVAILABLE, gettext, ngettext, number, percent
from oko.measures.references import PLACES
from oko.show import growth_figures, sentences
from oko.show.html import Html, grid, join, paragraph, prose
from oko.show.item_names import listed
from oko.show.picture import Picture
from oko.show.sections import Titles, in_order
from oko.show.tables import table

MOST = 3
LONGEST = 2
_TO = "\u2060–\u2060"
Words = Mapping[str, str]


def of_main_season(assessments: pd.DataFrame, works: Sequence[str]) -> list[str]:
    """Keep the works of the season in which most of them were written, of two such the later, in their order.

    Parameters
    ----------
    assessments : DataFrame
        assessment, season.
    works : sequence of str

    Examples
    --------
    >>> about = pd.DataFrame({"assessment": ["a", "b", "c"], "season": ["autumn", "spring", "autumn"]})
    >>> of_main_season(about, ["c", "b", "a"])
    ['c', 'a']
    """
    season = dict(zip(assessments["assessment"], assessments["season"], strict=True))
    counts = pd.Series([season[name] for name in works], dtype="str").value_counts()
    place = {"autumn": 0, "winter": 1, "spring": 2, "year": 3}
    main = max(counts.index, key=lambda name: (int(counts[name]), place[name]), default="")
    return [name for name in works if season[name] == main]


def telling(facility: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    """Keep the tasks of each subject that tell most: furthest from the cluster, which is outside the interval.

    Parameters
    ----------
    facility : DataFrame
        From ``yearly.facilities``.
    assessments : DataFrame
        assessment, subject.

    Returns
    -------
    DataFrame
        The rows with ``subject``, ``side`` ("below", "above") and ``gap``: up to three of a subject on each side.
    """
    rows = facility.merge(assessments[["assessment", "subject"]], on="assessment")
    gap = (rows["facility"] - rows["cluster_facility"]).astype("float64")
    outside = (rows["upper"] < rows["cluster_facility"]) | (rows["lower"] > rows["cluster_facility"])
    told = rows.assign(gap=gap, side=gap.gt(0).map({True: "above", False: "below"}))
    told = told[outside & (rows["n"] >= sentences.ENOUGH)]
    told = told.assign(_far=-told["gap"].abs()).sort_values(["subject", "side", "_far"], kind="stable")
    return told.groupby(["subject", "side"]).head(MOST).drop(columns="_far").reset_index(drop=True)


def tasks(told: pd.DataFrame, facility: pd.DataFrame, titles: Titles) -> Html:
    """Show the most telling tasks by subject.

    Parameters
    ----------
    told : DataFrame
        From :func:`telling`; label in the language of the page.
    facility : DataFrame
        All tasks looked at.
    titles : Mapping
    """
    if facility.empty:
        return paragraph(gettext("There are no scores of single tasks for this year."), "empty")
    text = ngettext(
        "{n} task was looked at; the table has up to three of each subject on each side.",
        "{n} tasks were looked at; the table has up to three of each subject on each side.",
        len(facility),
    )
    said = [text.format(n=number(len(facility)))]
    if told.empty:
        return prose([*said, gettext("In no task does the school differ from the cluster beyond the interval.")])
    chance = gettext("Where nothing differs, about one task in twenty would still lie outside its interval by chance.")
    signs = {"below": gettext("▼ below"), "above": gettext("▲ above")}
    cells = pd.DataFrame({
        "side": [signs[side] for side in told["side"]],
        "work": [titles[name] for name in told["assessment"]],
        "task": [f"{row['item']} {row['label']}".strip() for row in told.to_dict("records")],
        "school": [_share(row, "facility", "lower", "upper") for row in told.to_dict("records")],
        "cluster": [percent(value) for value in told["cluster_facility"]],
        "n": [number(value) for value in told["n"]],
    })  # fmt: skip
    labels = {
        "side": gettext("Against the cluster"), "work": gettext("Work"), "task": gettext("Task"),
        "school": gettext("School"), "cluster": gettext("Cluster"), "n": gettext("Pupils, n"),
    }  # fmt: skip
    return join([prose([*said, chance]), grid(cells, labels, "telling", right=["school", "cluster", "n"])])


def _share(row: Mapping[Any, Any], value: str, lower: str, upper: str) -> str:
    return f"{percent(row[value])} ({number(100 * row[lower])}{_TO}{number(100 * row[upper])})"


def references(rows: pd.DataFrame, titles: Titles) -> Html:
    """Show the quality of the school's works beside the cluster, the district, the region and a region elsewhere.

    Parameters
    ----------
    rows : DataFrame
        From ``references.beside``.
    titles : Mapping
        Works of the year.
    """
    if rows.empty:
        text = gettext(
            "No work of the year has numbers from outside the cluster, so it stands beside the cluster alone: reports "
            "of the district or the region on marks are needed."
        )
        return paragraph(text, "empty")
    ordered = in_order(rows, titles).reset_index(drop=True)
    place = {"school": gettext("School"), "cluster": gettext("Cluster")}
    ordered["column"] = [place.get(row["place"], _plain(row["name"])) for row in ordered.to_dict("records")]
    columns = [name for at in PLACES for name in dict.fromkeys(ordered.loc[ordered["place"] == at, "column"])]
    wide = ordered.assign(text=[percent(value) for value in ordered["quality"]])
    wide = wide.pivot(index="assessment", columns="column", values="text").reindex(columns=columns)
    wide = wide.loc[list(dict.fromkeys(ordered["assessment"]))].astype("object").fillna(NOT_AVAILABLE)
    cells = wide.assign(_work=[titles[name] for name in wide.index]).reset_index(drop=True)[["_work", *columns]]
    labels = {"_work": gettext("Quality in the work"), **{name: name for name in columns}}
    return grid(cells.astype("str"), labels, "references", right=columns, notes=_sources(rows))


def _sources(rows: pd.DataFrame) -> list[str]:
    said = []
    reported = [
        f"{_plain(name)}: {_pupils(part)}"
        for name, part in rows[rows["source"] == "groups"].groupby("name", sort=False)
    ]
    if reported:
        text = gettext("From reports on the procedure that the cluster received: {names}.")
        said.append(text.format(names="; ".join(reported)))
    text = gettext(
        "{name}, for orientation: our own count from {source}, {pupils}. It is another region with other schools, not "
        "a norm."
    )
    for name, part in rows[rows["place"] == "elsewhere"].groupby("name", sort=False):
        sources = dict.fromkeys(_plain(source) for source in part["source"])
        said.append(text.format(name=name, source=", ".join(sources), pupils=_pupils(part)))
    return said


def _plain(name: object) -> str:
    """Leave out what stands in brackets after a name: the code of a district, a remark to a source."""
    return str(name).partition(" (")[0]


def _pupils(rows: pd.DataFrame) -> str:
    low, high = int(rows["n"].min()), int(rows["n"].max())
    if low == high:
        return gettext("{n} pupils in a work").format(n=number(low))
    return gettext("from {low} to {high} pupils in a work").format(low=number(low), high=number(high))


def of_year(lines: pd.DataFrame, year: str) -> pd.DataFrame:
    """Keep the points of the year that have an earlier point of the same pupils."""
    return lines[(lines["year"] == year) & (lines["n_followed"] >= sentences.ENOUGH)]


def history(lines: pd.DataFrame, year: str, titles: Titles) -> Html:
    """Say how the same pupils moved against the others since the work before.

    Parameters
    ----------
    lines : DataFrame
        The school's rows of ``growth.cohort_lines``.
    year : str
    titles : Mapping
    """
    rows = in_order(of_year(lines, year), titles)
    if rows.empty:
        text = gettext(
            "No work of this year has an earlier work of the same pupils, so there is no history of a cohort: works of "
            "two years or seasons with a roster of the school are needed."
        )
        return paragraph(text, "empty")
    before = dict(zip(lines["assessment"], lines.groupby(["subject", "cohort"])["assessment"].shift(), strict=True))
    cells = pd.DataFrame({
        "work": [titles[name] for name in rows["assessment"]],
        "before": [titles.get(str(before[name]), str(before[name])) for name in rows["assessment"]],
        "n": [number(value) for value in rows["n_followed"]],
        "mean": [number(value, 2) for value in rows["mean"]],
        "change": [_change(row) for row in rows.to_dict("records")],
    })  # fmt: skip
    labels = {
        "work": gettext("Work of this year"), "before": gettext("Their work before"),
        "n": gettext("The same pupils, n"), "mean": gettext("Place now"), "change": gettext("Change of place"),
    }  # fmt: skip
    note = gettext(
        "Place: how many standard deviations the mean is from that of the cluster, 0 being the cluster itself. Works "
        "are not equated, so only the place can be compared, and what all have lost or gained together does not show."
    )
    shown = grid(cells, labels, "history", right=["n", "mean", "change"], notes=[note])
    return join([prose(_moved(rows, titles)), shown])


def _change(row: Mapping[Any, Any]) -> str:
    ends = (number(row[f"change_{end}"], 2) for end in ("lower", "upper"))
    return f"{number(row['change'], 2)} ({' … '.join(ends)})"


def _moved(rows: pd.DataFrame, titles: Titles) -> list[str]:
    text = ngettext("{n} comparison with the same pupils.", "{n} comparisons with the same pupils.", len(rows))
    said = [text.format(n=number(len(rows)))]
    for sign, template in (
        (1, gettext("Better placed than before, beyond the error: {works}.")),
        (-1, gettext("Worse placed than before, beyond the error: {works}.")),
    ):
        beyond = rows[(rows["change_lower"] > 0) if sign > 0 else (rows["change_upper"] < 0)]
        if len(beyond):
            names = [f"{titles[row['assessment']]} ({number(row['change'], 2)})" for row in beyond.to_dict("records")]
            said.append(template.format(works=listed(names)))
    if len(said) == 1:
        said.append(gettext("In none has the place changed beyond the error."))
    return said


def cohort_pictures(lines: pd.DataFrame, subjects: Words, mark: str) -> dict[str, Picture]:
    """Draw the cohorts with the most works, two of the school at most.

    Parameters
    ----------
    lines : DataFrame
        The school's rows of ``growth.cohort_lines``.
    subjects : Mapping
    mark : str
    """
    enough = lines[lines["n"] >= sentences.ENOUGH]
    sizes = enough.groupby(["subject", "cohort"], sort=False).size().sort_values(ascending=False, kind="stable")
    pictures = {}
    for subject, cohort in list(sizes[sizes >= 3].index)[:LONGEST]:
        rows = enough[(enough["subject"] == subject) & (enough["cohort"] == cohort)]
        now = int(rows["pupil_grade"].max())
        title = gettext("{subject}: pupils of grade {grade}")
        called = dict.fromkeys(rows["school"], title.format(subject=subjects.get(str(subject), subject), grade=now))
        pictures[f"{subject}-{cohort}"] = growth_figures.cohort_figure(rows, called, mark=mark)
    return pictures


def journal(rows: pd.DataFrame, titles: Titles, said: Sequence[str]) -> Html:
    """Show how marks of works stand to those of the journal.

    Parameters
    ----------
    rows : DataFrame
        From ``bias.against_journal`` by assessment.
    titles : Mapping
    said : sequence of str
        Caveats in words.
    """
    known = in_order(rows[rows["n"] >= sentences.ENOUGH], titles)
    if known.empty:
        text = gettext(
            "No work has ten pupils or more with both a mark for the work and a journal mark: there is nothing to "
            "compare with the journal."
        )
        return paragraph(text, "empty")
    lowest = known.sort_values("confirmed", kind="stable").to_dict("records")[0]
    text = gettext("Least often equal to the journal: {work} — {share} ({lower}–{upper}%), {pupils}.")
    lead = text.format(
        work=titles[lowest["assessment"]], share=percent(lowest["confirmed"]),
        lower=number(100 * lowest["confirmed_lower"]), upper=number(100 * lowest["confirmed_upper"]),
        pupils=sentences.pupils(int(lowest["n"])),
    )  # fmt: skip
    columns = ["assessment", "n", "lowered", "confirmed", "raised"]
    return join([paragraph(lead), table(known, columns, names={"assessment": titles}), prose(said, "note")])
