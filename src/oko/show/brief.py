"""What the one-page briefs of a school have in common: small print, the school beside its cluster, what chance does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oko.disclosure import Protected
from oko.language import N_, NOT_AVAILABLE, gettext, number, with_sign
from oko.show import cells, tables
from oko.show.html import Html, grid, style_sheet

Names = Mapping[str, str]
Row = Mapping[Any, Any]
WHEN = {"autumn": N_("autumn"), "winter": N_("winter"), "spring": N_("spring"), "year": N_("the year")}
_SHEET = """
main h2 { margin: .9em 0 .3em; font-size: 1.2rem; }
main p, main ul { margin: .3em 0; }
@media print {
  @page { margin: 9mm 12mm 8mm; }
  html { font-size: 8.2pt; line-height: 1.25; }
  .head { padding-top: 0; }
  .head .workbench { display: none; }
  .head h1 { font-size: 1.4rem; margin: 0; }
  .head .unit { font-size: 1.1rem; }
  .head dl { margin: .1rem 0 .2rem; padding-bottom: .1rem; }
  .head .notice { margin: 0 0 .2rem; }
  main h2 { margin: .45em 0 .1em; font-size: 1.1rem; }
  main p, main ul { margin: .1em 0; }
  .gt_table { font-size: 7pt !important; line-height: 1.15; }
  .gt_table th, .gt_table td { padding: .2mm .8mm !important; }
  .gt_table { margin: 0 !important; }
  div:has(> .gt_table) { padding: .4mm 0 .8mm !important; }
  .foot { margin-top: .3rem; padding: .1rem 0 0; }
  .glossary { break-before: page; }
}
"""


def one_page() -> Html:
    """Return the small print that lets a brief fit one page of A4."""
    return style_sheet(_SHEET)


def of_school(protected: Protected, school: str) -> Protected:
    """Keep the rows of a school and of the whole cluster, of a table that was protected over all schools.

    Parameters
    ----------
    protected : Protected
        school ("" where a row is about the whole cluster).
    school : str
    """
    return protected.only(protected.frame["school"].isin(["", school]))


def beside(marks: Protected, school: str) -> list[tuple[Row, Row]]:
    """Return each work's row of the school and that of the cluster ({} where there is none)."""
    rows = marks.frame.to_dict("records")
    whole = {row["assessment"]: row for row in rows if row["scope"] == "cluster"}
    return [(row, whole.get(row["assessment"], {})) for row in rows if row["school"] == school]


def indicator(row: Row) -> str:
    """Return what a work is told by: the quality, or the mean score where there are no marks."""
    no_marks = cells.is_missing(row.get("quality")) and not cells.is_hidden(row, "quality")
    return "mean_score" if no_marks else "quality"


def apart(pairs: Sequence[tuple[Row, Row]]) -> tuple[list[str], list[str], int]:
    """Return the works below and those above the cluster, which lies outside the school's interval, and of how many.

    Parameters
    ----------
    pairs : sequence
        From :func:`beside`; numbers that are hidden or bounds do not count.
    """
    below, above, known = [], [], 0
    for own, whole in pairs:
        name = indicator(own)
        ends = [own.get(f"{name}_lower"), own.get(f"{name}_upper")]
        if not (cells.is_exact(own, name) and cells.is_exact(whole, name)) or any(map(cells.is_missing, ends)):
            continue
        known += 1
        below += [str(own["assessment"])] if float(ends[1]) < whole[name] else []  # type: ignore[arg-type]
        above += [str(own["assessment"])] if float(ends[0]) > whole[name] else []  # type: ignore[arg-type]
    return below, above, known


def by_chance(tests: int, share: float = 0.025, level: float = 0.95) -> int:
    """Return how many of so many tests come out on one side by chance at most, at the level.

    Examples
    --------
    >>> by_chance(1), by_chance(16), by_chance(30)
    (0, 2, 2)
    """
    reached = 0.0
    for k in range(tests + 1):
        reached += math.comb(tests, k) * share**k * (1 - share) ** (tests - k)
        if reached >= level:
            return k
    return tests


def plain(frame: pd.DataFrame, columns: Mapping[str, str], right: Sequence[str], notes: Sequence[str] = ()) -> Html:
    """Lay out written cells as a table of a brief.

    Parameters
    ----------
    frame : DataFrame
        Text in the columns named.
    columns : Mapping
        Headings by column.
    right : sequence of str
        Columns of numbers.
    notes : sequence of str
    """
    called = "b" + tables._digest(frame[list(columns)], *columns.values())
    return grid(frame[list(columns)].astype("str"), columns, called, right=right, notes=notes)


def points(share: float | None) -> str:
    """Write a difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> points(0.05), points(-0.1)
    ('+5', '−10')
    """
    if cells.is_missing(share):
        return NOT_AVAILABLE
    return with_sign(100 * float(share or 0))


def when(season: str) -> str:
    """Name a season."""
    return gettext(WHEN.get(season, season))


def line(own: Row, subjects: Names) -> str:
    """Name a work shortly: subject and grade of the material, and the examination where it is one."""
    name = subjects.get(own["subject"], own["subject"])
    grade = "" if cells.is_missing(own["material_grade"]) else number(own["material_grade"])
    kind = {"oge": "ОГЭ", "ege": "ЕГЭ"}.get(own["procedure"], "")
    return " ".join(filter(None, (kind, name.lower() if kind else name, grade)))


def short_titles(works: pd.DataFrame, titles: Names, subjects: Names) -> dict[str, str]:
    """Return short names of works in the order of their titles: subject, grade of the material, season.

    Parameters
    ----------
    works : DataFrame
        assessment, procedure, subject, material_grade, season.
    titles, subjects : Mapping
    """
    rows = {row["assessment"]: row for row in works.to_dict("records")}
    return {name: f"{line(rows[name], subjects)}, {when(rows[name]['season'])}" for name in titles if name in rows}
