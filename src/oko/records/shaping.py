"""What was received takes the shape of the store's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from oko.records import instruments
from oko.records.checks.itself import scale_of
from oko.records.kinds import KINDS
from oko.records.raw_form import EXAMPLE
from oko.records.readers import FILE, ROW, SHEET
from oko.records.readers.repeats import said_again
from oko.records.received import IMPLIED, Received, tasks_of, with_priors
from oko.records.schema import (
    FILES,
    NOT_ATTEMPTED_SUFFIX,
    NOT_COVERED_SUFFIX,
    RESPONSE_KEYS,
    TEXT,
    Tables,
    conform,
)
from oko.records.stored import FURTHER

if TYPE_CHECKING:
    from oko.records.taken import FileRead

_PLACES = [FILE, SHEET, ROW, IMPLIED]


def tables_of(received: Received, files: Sequence[FileRead]) -> Tables:
    """Return the tables of the store.

    Parameters
    ----------
    received : Received
        Checked: nothing faulty is in it any more.
    files : sequence of FileRead

    Returns
    -------
    Tables
        A missing primary score is the sum of the points; a missing mark of ВПР that of the recommended scale; tasks
        that only files of pupils tell get level and label from the printed specification.
    """
    mark = {EXAMPLE: received.cluster.example}
    sources = {state.name: state.source for state in files}
    assessments = with_priors(received.known_assessments)
    assessments = assessments.assign(max_score=assessments["assessment"].map(received.max_scores), **mark)
    items = conform(_items(received).drop(columns=_PLACES).assign(**mark), "items")
    described = conform(assessments.drop(columns=_PLACES), "assessments")
    results = _results(received).assign(source=received.results[FILE].map(sources), **mark)
    described_results = results.merge(described.drop(columns=["prior", EXAMPLE]), on="assessment")
    return Tables(
        schools=conform(_schools(received).assign(**mark), "schools"),
        assessments=described,
        items=items,
        results=conform(described_results.drop(columns=_PLACES), "results"),
        responses=_responses(received, items, sources),
        files=_files(files),
        registers=_registers(received, sources, mark),
    )


def _schools(received: Received) -> pd.DataFrame:
    own = pd.DataFrame(
        [{"school": school.code, "role": "cluster", "kind": school.kind} for school in received.cluster.schools]
    )
    others = received.schools[["school", "role", "kind"]].drop_duplicates("school")
    return pd.concat([own, others], ignore_index=True)


def _items(received: Received) -> pd.DataFrame:
    """Fill what files leave out of their tasks from the printed specification; the files' maxima stay."""
    items = received.known_items
    works = received.known_assessments.set_index("assessment")
    parts = []
    for assessment, rows in items.groupby("assessment", sort=False):
        lacking = rows[IMPLIED].all() and assessment in works.index
        printed = received.printed(str(assessment)) if lacking else None
        parts.append(rows if printed is None else _filled(rows, printed.set_index("item")))
    return pd.concat(parts) if parts else items


def _filled(rows: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    given = {name: rows[name].fillna(rows["item"].map(printed[name])) for name in ("max_score", "level", "label")}
    return rows.assign(**given)


def _results(received: Received) -> pd.DataFrame:
    results = received.results.assign(link=received.results["link"].fillna("given"))
    keys = ["assessment", "pupil"]
    sums = [frame[keys].assign(sum=frame[tasks_of(frame)].sum(axis=1, min_count=1)) for frame in received.responses]
    if sums:
        known = results[keys].merge(pd.concat(sums), on=keys, how="left")["sum"].set_axis(results.index)
        took = results["status"] == "took"
        results = results.assign(primary_score=results["primary_score"].fillna(known).where(took))
    return results.assign(mark=_marks(received, results))


def _marks(received: Received, results: pd.DataFrame) -> pd.Series:
    marks = results["mark"].astype("float64")
    lacking = results[marks.isna() & results["primary_score"].notna()]
    for assessment, rows in lacking.groupby("assessment", sort=False):
        scale = scale_of(received, str(assessment))
        if scale is not None:
            marks.loc[rows.index] = instruments.mark_of(rows["primary_score"], scale).astype("float64")
    return marks


def _responses(received: Received, items: pd.DataFrame, sources: dict[str, str]) -> dict[str, pd.DataFrame]:
    parts: dict[str, list[pd.DataFrame]] = {}
    for frame in received.responses:
        for assessment, rows in frame.groupby("assessment", sort=True):
            parts.setdefault(str(assessment), []).append(rows)
    return {
        name: _wide(pd.concat(frames, ignore_index=True), items[items["assessment"] == name], received, sources)
        for name, frames in sorted(parts.items())
    }


def _wide(rows: pd.DataFrame, items: pd.DataFrame, received: Received, sources: dict[str, str]) -> pd.DataFrame:
    """Give points the shape of the store: keys, then each task with its masks, in the order of the work."""
    keys = ["assessment", "pupil"]
    held = received.results[received.results["assessment"] == items["assessment"].iloc[0]]
    own = rows[keys].merge(held[[*keys, "class"]], on=keys, how="left")["class"].set_axis(rows.index)
    known = rows.assign(source=rows[FILE].map(sources).astype(TEXT), **{"class": rows["class"].fillna(own)})
    ordered = [str(item) for item in items.sort_values("position")["item"]]
    masks = {task + suffix: "bool" for task in ordered for suffix in (NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX)}
    missing = {task: float("nan") for task in ordered if task not in known}
    known = known.assign(**missing, **{mask: False for mask in masks if mask not in known})
    filled = known.astype(dict.fromkeys(masks, "boolean")).fillna(dict.fromkeys(masks, False)).astype(masks)
    columns = [name for task in ordered for name in (task, task + NOT_ATTEMPTED_SUFFIX, task + NOT_COVERED_SUFFIX)]
    return filled[[*RESPONSE_KEYS, "source", *columns]].reset_index(drop=True)


def _files(files: Sequence[FileRead]) -> pd.DataFrame:
    rows = [
        {
            "source": state.source,
            "file": state.name,
            "layout": state.layout,
            "schools": state.schools or None,
            "assessments": state.assessments or None,
            "rows": state.rows,
            "rows_left": state.rows_left,
        }
        for state in files
        if not state.refused
    ]
    return conform(pd.DataFrame(rows, columns=list(FILES.columns)).drop_duplicates("source"), "files")


def _registers(received: Received, sources: dict[str, str], mark: dict[str, bool]) -> dict[str, pd.DataFrame]:
    made = {}
    for kind, schema in FURTHER.items():
        rows = received.registers.get(kind)
        if rows is not None and len(rows):
            if kind == "groups":
                rows = rows[~said_again(rows, KINDS[kind].keys)]
            rows = rows.assign(source=rows[FILE].map(sources).astype(TEXT), **mark)
            made[kind] = conform(rows[list(schema.columns)], kind)
    return made
