"""The works of a school in a small table: a season beside the other, the school beside its cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from oko.disclosure import Protected
from oko.language import NOT_AVAILABLE, gettext
from oko.show import cells, tables
from oko.show.brief import Names, Row, beside, indicator, line, plain, when
from oko.show.html import Html, join, paragraph
from oko.show.sections import nothing, standardised
from oko.show.statements import unit_of


def results(marks: Protected, school: str, titles: Names, subjects: Names) -> Html:
    """Show the works in a small table: pupils, marks “2”, quality beside the cluster’s, a season beside the other."""
    pairs = [(own, whole) for own, whole in beside(marks, school) if own["assessment"] in titles]
    if not pairs:
        return nothing()
    if all(cells.row_hidden(own) for own, _ in pairs):
        return paragraph(cells.hidden_rule(marks.threshold), "empty")
    ordered = sorted(pairs, key=lambda pair: list(titles).index(pair[0]["assessment"]))
    told = [indicator(whole or own) for own, whole in ordered]  # the school's row does not say it where it is hidden
    marked = [pair for pair, name in zip(ordered, told, strict=True) if name == "quality"]
    scored = [pair for pair, name in zip(ordered, told, strict=True) if name == "mean_score"]
    first = _marked(marked, subjects, marks.threshold)
    return join([first, _scored(scored, titles, marks.threshold, first=not marked)])


def _marked(pairs: Sequence[tuple[Row, Row]], subjects: Names, threshold: int) -> Html:
    if not pairs:
        return Html("")
    seasons = [
        name for name in ("autumn", "winter", "spring", "year") if any(own["season"] == name for own, _ in pairs)
    ]
    lines: dict[tuple[Any, ...], dict[str, str]] = {}
    for own, whole in pairs:
        key = (own["procedure"] != "vpr", own["subject"], own["material_grade"])
        cells_of = lines.setdefault(key, {"work": line(own, subjects)})
        cells_of |= {f"{own['season']}_{name}": text for name, text in _cells(own, whole).items()}
    headings = {"n": "n", "share_2": gettext("mark “2”"), "quality": gettext("quality"), "whole": gettext("cluster")}
    columns = {"work": gettext("Work")} | {
        f"{season}_{name}": f"{when(season)}: {text}" if name == "n" else text
        for season in seasons
        for name, text in headings.items()
    }
    frame = pd.DataFrame(list(lines.values()), columns=list(columns)).fillna("")
    legend = tables.footer(frame.drop(columns="work"), threshold, protected=True)
    note = gettext(
        "Quality: share of marks 4 and 5, in brackets its interval of 95%. The grade is that of the material; no "
        "entry: no work. Autumn and spring of one line are different pupils, so their difference is no growth."
    )
    return plain(frame, columns, [name for name in columns if name != "work"], [note, *legend])


def _cells(own: Row, whole: Row) -> dict[str, str]:
    frame = pd.DataFrame([own]).drop(columns=["share_2_lower", "share_2_upper"], errors="ignore")
    text = {str(name): str(value) for name, value in tables.written(frame, ["n", "share_2", "quality"]).iloc[0].items()}
    other = pd.DataFrame([whole]).drop(columns=["quality_lower", "quality_upper"], errors="ignore")
    return {**text, "whole": tables.written(other, ["quality"])["quality"].iloc[0] if whole else NOT_AVAILABLE}


def _scored(pairs: Sequence[tuple[Row, Row]], titles: Names, threshold: int, *, first: bool) -> Html:
    if not pairs:
        return Html("")
    rows = []
    for own, whole in pairs:
        text = tables.written(pd.DataFrame([own]), ["n", "mean_score"]).iloc[0].to_dict()
        other = pd.DataFrame([whole]).drop(columns=["mean_score_lower", "mean_score_upper"], errors="ignore")
        there = tables.written(other, ["mean_score"])["mean_score"].iloc[0] if whole else NOT_AVAILABLE
        rows.append({"work": titles[own["assessment"]], **text, "whole": there})
    columns = {
        "work": gettext("Work without marks"), "n": "n", "mean_score": gettext("mean score"),
        "whole": gettext("cluster"),
    }  # fmt: skip
    frame = pd.DataFrame(rows)
    legend = tables.footer(frame.drop(columns="work"), threshold, protected=first)
    owns = pd.DataFrame([own for own, _ in pairs])
    units = {row["assessment"]: unit_of(row["procedure"]) for row in owns.to_dict("records")}
    return plain(frame, columns, ["n", "mean_score", "whole"], [standardised(owns, units), *legend])
