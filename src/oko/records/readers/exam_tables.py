"""What a protocol says of the exam itself: its tasks and their maxima, beside the structure known from memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from oko.errors import OkoError
from oko.language import N_
from oko.records import scales
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable
from oko.records.readers.context import Context, Work
from oko.records.readers.exam_masks import Points

_UNKNOWN = N_("Nobody here has points in these tasks, so the file does not say their greatest scores: {tasks}.")
_OTHER_STRUCTURE = N_(
    "The masks have {n} tasks and {sum} points in all, and {where} has {tasks} tasks and {most} points (unconfirmed): "
    "look whether this is the right exam and year."
)


def maxima(found: Points, work: Work, context: Context) -> pd.Series:
    """Return the greatest points of each task.

    Parameters
    ----------
    found : Points
    work : Work
    context : Context

    Returns
    -------
    Series of Int64
        Where nobody has points in some tasks, these give one point each if the exam then has the number of tasks and
        the greatest score of its structure (unconfirmed); NA otherwise.
    """
    known = found.maxima
    structure = _structure(work, context)
    unknown = int(known.isna().sum())
    if structure and unknown and structure.tasks == len(known) and structure.max_score == known.sum() + unknown:
        return known.fillna(1)
    return known


def items(found: Points, work: Work, context: Context, sheet: str, heading: int) -> Iterator[RawTable]:
    """Make the tables of the assessment and of its tasks; no tasks where nobody has a mask.

    Parameters
    ----------
    found : Points
    work : Work
    context : Context
    sheet : str
        Name of the sheet.
    heading : int
        Row of the headings, as a spreadsheet counts: where the rows are said to come from.
    """
    most = maxima(found, work, context)
    whole = len(most) > 0 and bool(most.notna().all())
    row = pd.DataFrame({**work.row(), "max_score": str(most.sum()) if whole else ""}, [0], dtype="str")
    tasks = pd.DataFrame(
        {
            "assessment": work.assessment,
            "item": most.index.astype("str"),
            "position": [str(number + 1) for number in range(len(most))],
            "max_score": ["" if pd.isna(value) else str(value) for value in most],
        },
        range(len(most)),
        dtype="str",
    )
    for kind, frame in (("assessments", row), ("items", tasks)):
        yield RawTable(kind, context.file, placed(frame, context.file, sheet, [heading] * len(frame)), implied=True)


def placed(frame: pd.DataFrame, file: str, sheet: str, rows: Sequence[int]) -> pd.DataFrame:
    """Say of each row of a table where it comes from: file, sheet and row as a spreadsheet counts."""
    made = frame.reset_index(drop=True)
    made[FILE], made[SHEET] = (pd.Series(text, made.index, dtype="str") for text in (file, sheet))
    made[ROW] = pd.Series(rows, made.index, dtype="int64")
    return made


def structure_findings(found: Points, work: Work, context: Context, sheet: str) -> Iterator[Finding]:
    """Warn of tasks whose maxima are not known, and of an exam that is not of the structure known for it."""
    most = maxima(found, work, context)
    unknown = [str(task) for task in most.index[most.isna()]]
    if unknown:
        tasks = ", ".join(unknown)
        yield Finding(context.file, None, None, _UNKNOWN, {"tasks": tasks}, "warning", sheet)
    structure = _structure(work, context)
    if structure and len(most) and not unknown and (structure.tasks, structure.max_score) != (len(most), most.sum()):
        values = {
            "n": len(most),
            "sum": int(most.sum()),
            "where": scales.STRUCTURES,
            "tasks": structure.tasks,
            "most": structure.max_score,
        }
        yield Finding(context.file, None, None, _OTHER_STRUCTURE, values, "warning", sheet)


def _structure(work: Work, context: Context) -> scales.ExamStructure | None:
    try:
        return scales.exam_structure(context.root, str(work.procedure), str(work.subject), str(work.year))
    except OkoError:
        return None
