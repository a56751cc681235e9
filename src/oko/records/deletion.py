"""Deleting a pupil, a school or a term from every table and every version of a store."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from oko.records import store
from oko.records.forget import Entry, Forgotten
from oko.records.schema import Tables


def delete(store_folder: Path, entries: Sequence[Entry]) -> Mapping[str, int]:
    """Delete the rows of what is forgotten from every table and every version of a store.

    Parameters
    ----------
    store_folder : Path
        The store in a cluster's work folder, which the caller holds.
    entries : sequence of Entry
        Pupils, schools and terms.

    Returns
    -------
    Mapping of str to int
        Number of rows deleted by table of the store.

    Raises
    ------
    StoreError
        There is no store, or it is damaged.
    """
    opened = store.open_store(store_folder, store_folder.parent.name)
    before = _tables(opened)
    after = without(before, Forgotten(tuple(entries)))
    store.write(store_folder, after, opened.made_from)
    drop_earlier(store_folder)
    old, new = _by_name(before), _by_name(after)
    rows = {name: len(frame) - len(new.get(name, frame.iloc[:0])) for name, frame in old.items()}
    return {name: n for name, n in rows.items() if n}


def drop_earlier(store_folder: Path) -> int:
    """Delete the versions of a store that were kept beside it, and return how many there were."""
    beside = store_folder.parent
    current = store_folder.resolve()
    old = [path for name in (".store-*", f".old-{store_folder.name}*") for path in beside.glob(name)]
    earlier = [path for path in old if path.is_dir() and path.resolve() != current]
    for path in earlier:
        shutil.rmtree(path)
    return len(earlier)


def _tables(opened: store.Store) -> Tables:
    frames = {
        str(name).removesuffix(".parquet"): pd.read_parquet(opened.folder / name) for name in opened.manifest["files"]
    }
    return Tables(
        **{name: frames[name] for name in ("schools", "assessments", "items", "results", "files")},
        responses={name: frames[f"responses/{name}"] for name in opened.responses},
        registers={name: frames[name] for name in opened.registers},
    )


def _by_name(tables: Tables) -> dict[str, pd.DataFrame]:
    plain = {name: getattr(tables, name) for name in ("schools", "assessments", "items", "results")}
    return {**plain, **tables.registers, **{f"responses/{name}": frame for name, frame in tables.responses.items()}}


def without(tables: Tables, gone: Forgotten) -> Tables:
    """Return tables without the rows of what is forgotten, and without the assessments of terms.

    Parameters
    ----------
    tables : Tables
    gone : Forgotten
        A cluster's own school stays in the table of schools, which its settings make. A row of a further table is of
        the term that its assessment or its year is of.
    """
    if not gone.entries:
        return tables
    when = tables.assessments.set_index("assessment")[["year", "season"]]

    def left(frame: pd.DataFrame) -> pd.DataFrame:
        known = frame
        if "assessment" in frame and "year" not in frame:
            places = frame["assessment"]
            known = frame.assign(year=places.map(when["year"]), season=places.map(when["season"]))
        return frame[gone.keeps(known)]

    assessments = left(tables.assessments)
    there = set(assessments["assessment"])
    foreign = tables.schools["role"] == "comparison"
    kept = {name: left(frame) for name, frame in tables.responses.items()}
    return replace(
        tables,
        schools=tables.schools[gone.keeps(tables.schools) | ~foreign],
        assessments=assessments.assign(prior=assessments["prior"].where(assessments["prior"].isin(there))),
        items=tables.items[tables.items["assessment"].isin(there)],
        results=left(tables.results),
        responses={name: frame for name, frame in kept.items() if len(frame)},
        registers={name: left(frame) for name, frame in tables.registers.items()},
    )
