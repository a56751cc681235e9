"""Deleting a pupil, a school or a term from every table and every version of a store."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from oko.errors import SettingError
from oko.language import N_, gettext
from oko.records import store
from oko.records.forget import Entry, Forgotten, entry, log, record
from oko.records.schema import Tables

_RAW_LEFT = N_(
    "The files received hold it still: {files}. Every import leaves it out; delete the rows, or the files, themselves."
)
_RESULTS_LEFT = N_("Pages and packages made before may show it: delete them, make the year again and release it again.")
_ROSTER_LEFT = N_("The roster is the school’s: it deletes the pupil there.")


@dataclass(frozen=True)
class Deletion:
    """What was deleted from the store, and what is left to people.

    Attributes
    ----------
    entries : tuple of Entry
    rows : Mapping of str to int
        Number of rows deleted by table of the store.
    files : tuple of str
        Files received that hold these rows still.
    """

    entries: tuple[Entry, ...]
    rows: Mapping[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def what_follows(self) -> list[str]:
        """Say, in the language in force, what people must do themselves."""
        raw = [gettext(_RAW_LEFT).format(files=", ".join(self.files))] if self.files else []
        roster = [gettext(_ROSTER_LEFT)] if any(entry.what == "pupil" for entry in self.entries) else []
        return [*raw, gettext(_RESULTS_LEFT), *roster]


def forget(
    store_folder: Path,
    *,
    pupil: str | Sequence[str] | None = None,
    school: str | None = None,
    term: str | None = None,
    who: str = "",
    when: datetime.datetime | None = None,
) -> Deletion:
    """Delete the rows of a pupil, a school or a term from every table and every version of a store, and note it.

    Parameters
    ----------
    store_folder : Path
        The store in a cluster's work folder, which also gets the list and the log. The caller holds the work folder.
    pupil : str or sequence of str, optional
        A pseudonym, or several of one pupil.
    school : str, optional
        Code of a school; a cluster's own school stays in the table of schools, which its settings make.
    term : str, optional
        ``2020-2021``, or ``2020-2021 autumn``: its assessments and their tasks go too.
    who : str
        Account that asks.
    when : datetime, optional
        The moment; now by default.

    Returns
    -------
    Deletion

    Raises
    ------
    SettingError
        Not exactly one thing is asked for, or it has not its form.
    DataError
        The store is damaged: the deletion is noted, and the next import keeps to it.
    """
    pupils = (pupil,) if isinstance(pupil, str) else tuple(pupil or ())
    asked = [("pupil", pupils), ("school", (school,) if school else ()), ("term", (term,) if term else ())]
    wanted = [(what, values) for what, values in asked if values]
    if len(wanted) != 1:
        raise SettingError("Say one thing at a time: a pupil, a school, or a term.")
    what, values = wanted[0]
    entries = tuple(entry(what, value, who, when) for value in values)  # type: ignore[arg-type]
    work = store_folder.parent
    for one in entries:
        record(work, one)
    done = _delete(store_folder, entries) if (store_folder / "store.json").exists() else Deletion(entries)
    drop_earlier(store_folder)
    log(work, entries, done.rows.get("results", 0))
    return done


def drop_earlier(store_folder: Path) -> int:
    """Delete the versions of a store that were kept beside it, and return how many there were."""
    beside = store_folder.parent
    current = store_folder.resolve()
    old = [path for name in (".store-*", f".old-{store_folder.name}*") for path in beside.glob(name)]
    earlier = [path for path in old if path.is_dir() and path.resolve() != current]
    for path in earlier:
        shutil.rmtree(path)
    return len(earlier)


def _delete(store_folder: Path, entries: tuple[Entry, ...]) -> Deletion:
    opened = store.open_store(store_folder, store_folder.parent.name)
    before = _tables(opened)
    after = _without(before, Forgotten(entries))
    store.write(store_folder, after, opened.made_from)
    old, new = _by_name(before), _by_name(after)
    rows = {name: len(frame) - len(new.get(name, frame.iloc[:0])) for name, frame in old.items()}
    left = before.results.loc[~before.results.index.isin(after.results.index), "source"]
    files = before.files.loc[before.files["source"].isin(left), "file"]
    return Deletion(entries, {name: n for name, n in rows.items() if n}, tuple(sorted(files)))


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


def _without(tables: Tables, gone: Forgotten) -> Tables:
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
