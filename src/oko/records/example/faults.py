"""Planted faults: few, each in a known place, so that it can be tested whether the checks find them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from oko.records.readers.headings import clean, task_heading
from oko.records.readers.sheets import open_sheets
from oko.records.writers import Sitting

_TASK = 3


@dataclass(frozen=True)
class Planted:
    """One planted fault.

    Attributes
    ----------
    file : str
        From the folder of files received.
    sheet : str
    row : int or None
        As a spreadsheet counts; None for a fault of the whole file.
    column : str
        Heading as it stands in the file.
    what : str
        In a few words.
    check : str
        Name of the check that should find it; empty where the file should be read all the same.
    expected : {"fault", "warning", "read"}
    """

    file: str
    sheet: str
    row: int | None
    column: str
    what: str
    check: str
    expected: str


@dataclass(frozen=True)
class CellFault:
    """A fault to plant in the row of one pupil.

    Attributes
    ----------
    what, check, expected : str
    column : str
        Beginning of the column's heading; empty for a task.
    choose : callable
        From a sitting to the pupils among whom the first is taken.
    spoil : callable
        From a sitting, the pupil's index and a task to the spoiled sitting.
    """

    what: str
    check: str
    column: str
    choose: Callable[[Sitting], pd.Index]
    spoil: Callable[[Sitting, int, str], Sitting]
    expected: str = "fault"


def _took(sitting: Sitting) -> pd.Series:
    return sitting.pupils["status"] == "took"


def _any(sitting: Sitting) -> pd.Index:
    return sitting.pupils.index[_took(sitting)][5:]


def _zeros(sitting: Sitting) -> pd.Index:
    """Those who took the work and have no point in the task that is spoiled."""
    return sitting.pupils.index[_took(sitting) & (sitting.cells[task_of(sitting)] == "0")]


def task_of(sitting: Sitting) -> str:
    """Return the task in which cells are spoiled: the third of the work."""
    return str(sitting.items["item"].iloc[_TASK - 1])


def _cell(text: str) -> Callable[[Sitting, int, str], Sitting]:
    def spoil(sitting: Sitting, pupil: int, task: str) -> Sitting:
        cells = sitting.cells.copy()
        cells.loc[[pupil], task] = text
        return replace(sitting, cells=cells)

    return spoil


def _value(column: str, change: Callable[[pd.Series], str | int]) -> Callable[[Sitting, int, str], Sitting]:
    def spoil(sitting: Sitting, pupil: int, task: str) -> Sitting:  # noqa: ARG001  (one signature for all)
        pupils = sitting.pupils.copy()
        pupils.loc[[pupil], column] = change(pupils.loc[[pupil]].iloc[0])
        return replace(sitting, pupils=pupils)

    return spoil


def _twice(sitting: Sitting, pupil: int, task: str) -> Sitting:  # noqa: ARG001  (one signature for all)
    again = len(sitting.pupils) + 10_000_000
    pupils = pd.concat([sitting.pupils, sitting.pupils.loc[[pupil]].set_axis([again])])
    cells = pd.concat([sitting.cells, sitting.cells.loc[[pupil]].set_axis([again])])
    return replace(sitting, pupils=pupils, cells=cells)


def _with_mark(mark: int) -> Callable[[Sitting], pd.Index]:
    return lambda sitting: sitting.pupils.index[(sitting.pupils["mark"] == mark).fillna(False).astype(bool)]


_JOURNAL = "отметка за предыдущ"
CELL_FAULTS: Mapping[tuple[str, str], CellFault] = {
    ("344", "vpr-mathematics-6-in-7-autumn-2020"): CellFault(
        "score of a task above its maximum", "points_in_range", "", _zeros, _cell("7")
    ),
    ("344", "vpr-mathematics-5-in-6-autumn-2020"): CellFault("? for points", "points", "", _zeros, _cell("?")),
    ("498", "vpr-physics-7-in-8-autumn-2020"): CellFault("-1 for points", "points", "", _zeros, _cell("-1")),
    ("498", "vpr-mathematics-7-spring-2021"): CellFault(
        "mark against the scale", "mark_by_scale", "Отметка", _with_mark(3), _value("mark", lambda _: 5), "warning"
    ),
    ("344", "vpr-mathematics-5-spring-2019"): CellFault("the same pupil twice", "row_once", "Код", _any, _twice),
    ("344", "vpr-physics-7-spring-2021"): CellFault(
        "declared sum differs from the points",
        "points_sum",
        "всего баллов",
        _zeros,
        _value("primary_score", lambda row: row["primary_score"] + 2),
    ),
    ("329", "vpr-chemistry-8-in-9-autumn-2020"): CellFault(
        "journal mark that is none", "mark", "otc", _any, _value("journal_mark", lambda _: 6)
    ),
    ("329", "vpr-biology-5-spring-2021"): CellFault("H: ambiguous", "points", "", _zeros, _cell("H")),
    ("512", "vpr-geography-7-spring-2021"): CellFault(
        "sex that is none", "sex", "Пол", _any, _value("sex", lambda _: "да")
    ),
    ("572", "vpr-mathematics-4-in-5-autumn-2020"): CellFault(
        "variant is missing", "variant_given", "var", _any, _value("variant", lambda _: ""), "warning"
    ),
}


@dataclass(frozen=True)
class Mark:
    """Where a fault was put into a sitting, to be found in the file once that is written."""

    fault: CellFault
    code: str
    task: str

    @property
    def by_position(self) -> tuple[str, ...]:
        """Headings that dumps have over the task: they count columns."""
        return (f"a-{_TASK}-grade", f"балл за {_TASK}")


def plant(sitting: Sitting, school: str) -> tuple[Sitting, Mark | None]:
    """Spoil the row of one pupil, if a fault is planned for this school and work.

    Parameters
    ----------
    sitting : Sitting
    school : str
        Code.
    """
    fault = CELL_FAULTS.get((school, sitting.work.assessment))
    if fault is None:
        return sitting, None
    chosen = fault.choose(sitting)
    if chosen.empty:
        return sitting, None
    task = task_of(sitting)
    return fault.spoil(sitting, int(chosen[0]), task), Mark(fault, str(sitting.pupils.at[chosen[0], "code"]), task)


def located(path: Path, name: str, mark: Mark) -> Planted:
    """Find a planted fault in the file that was written."""
    for sheet in open_sheets(path):
        frame = sheet.frame
        rows = [place for place in range(len(frame)) if mark.code in {clean(cell) for cell in frame.iloc[place]}]
        if rows:
            heading = _heading(frame.iloc[: rows[0]], mark)
            fault = mark.fault
            return Planted(name, sheet.name, rows[-1] + 1, heading, fault.what, fault.check, fault.expected)
    raise LookupError(f"{name}: {mark.code}")


def _heading(above: pd.DataFrame, mark: Mark) -> str:
    for place in range(len(above)):
        cells = [clean(cell) for cell in above.iloc[place]]
        if mark.fault.column:
            found = [cell for cell in cells if cell.lower().startswith(mark.fault.column.lower())]
        else:
            labels = {cell: task_heading(cell) for cell in cells}
            found = [cell for cell, heading in labels.items() if heading and heading.label == mark.task]
            found += [cell for cell in cells if cell in mark.by_position]
        if found:
            return min(found, key=len)
    return mark.task


def write_planted(path: Path, planted: list[Planted]) -> Path:
    """Write the list of planted faults."""
    ordered = sorted(planted, key=lambda one: (one.file, one.row or 0))
    path.write_text(json.dumps([asdict(one) for one in ordered], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
