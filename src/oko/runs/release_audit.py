"""What a reader can work out from a table together with all others: those of the year, and those released earlier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from oko.disclosure import Protected, audit
from oko.disclosure.checks import Finding, places
from oko.disclosure.checks_tables import MARKS, counts_pupils
from oko.errors import ReleaseError
from oko.runs.plan import Run
from oko.runs.release_archive import Archived, protected_table

_NO_KEYS = frozenset({*MARKS, "values", "interval", "reason"})


@dataclass(frozen=True)
class Named:
    """A protected table, of what, and what it counts.

    Attributes
    ----------
    name : str
        "year/study/unit/table", and for one that was released earlier "@" with its digest.
    table : Protected
    counts : str or None
        Quantity that it counts.
    """

    name: str
    table: Protected
    counts: str | None


def of_run(run: Run) -> list[Named]:
    """Return the public tables of a run that were kept with their protection."""
    found = []
    for declared in run.study.tables:
        if declared.sensitivity == "public":
            try:
                table = protected_table(run.folder, declared.name)
            except (ReleaseError, OSError, ValueError):  # a damaged table is refused by its checksum
                continue
            found.append(Named(place_of(run, declared.name), table, declared.counts))
    return found


def place_of(run: Run, table: str) -> str:
    """Name a table of a run among all tables of the cluster."""
    return f"{run.parameters.year}/{run.name}/{run.unit}/{table}"


def earlier(archived: Sequence[Archived]) -> list[Named]:
    """Return the different tables that were ever released."""
    seen, found = set[tuple[str, str]](), []
    for one in archived:
        about = one.about
        for name, digest in one.tables.items():
            place = f"{about['year']}/{about['study']}/{about['unit']}/{name}"
            if (place, digest) not in seen:
                seen.add((place, digest))
                found.append(Named(f"{place}@{about['digest'][:16]}", one.table(name), about["counts"].get(name)))
    return found


def inferable(own: Sequence[Named], before: Sequence[Named]) -> dict[str, str]:
    """Say which tables let a hidden number be worked out, alone or with the others.

    Parameters
    ----------
    own : sequence of Named
        All tables that are to be released.
    before : sequence of Named
        Those released earlier, in this year and others.

    Returns
    -------
    dict of str to str
        By name of the table: which columns, and how many cells of each. Tables that count the same pupils are audited
        together, and all of them that hold the column answer for it.
    """
    found: dict[str, str] = {}
    for quantity in dict.fromkeys(one.counts or one.name for one in own):
        mine = [one for one in own if quantity in (one.counts, one.name)]
        linked = [one for one in before if one.counts == quantity and _touches(one, mine)]
        alike = [known for one in linked if (known := _agreeing(one, mine)) is not None]
        unsafe = _unsafe([*mine, *alike])
        for one in mine:
            told = {name: k for name, k in unsafe.items() if name in one.table.frame or not _held(name, mine)}
            if told:
                found[one.name] = places(told)
    return found


def _held(column: str, tables: Sequence[Named]) -> bool:
    return any(column in one.table.frame for one in tables)


def _touches(before: Named, mine: Sequence[Named]) -> bool:
    """Whether a table released earlier and one of these can speak of the same cell."""
    for one in mine:
        shared = [name for name in one.table.rules.places if name in before.table.rules.places]
        if not shared or len(one.table.frame[shared].astype("str").merge(before.table.frame[shared].astype("str"))):
            return True
    return False


def _agreeing(before: Named, mine: Sequence[Named]) -> Named | None:
    """Keep of a table released earlier the lists that its present version tells alike; None where there are none.

    In the others the data have changed: what that gives away is a matter of :func:`differences`.
    """
    place = before.name.partition("@")[0]
    for one in mine:
        if one.name == place:
            both, by = paired(before.table.frame, one.table.frame, one.table.n), list(before.table.rules.by)
            told = [name for name in (one.table.n, *_values(one.table.frame)) if f"{name}_before" in both]
            gaps = [
                (both[name] != both[f"{name}_before"]) & both[[name, f"{name}_before"]].notna().all(axis=1)
                for name in told
            ]
            other = both[pd.concat(gaps, axis=1).any(axis=1)] if gaps else both.iloc[:0]
            if other.empty:
                return before
            changed = set(other[by].astype("str").itertuples(index=False, name=None))
            rows = before.table.frame[by].astype("str").itertuples(index=False, name=None)
            kept = [row not in changed for row in rows] if by else []
            return Named(before.name, before.table.only(kept), before.counts) if any(kept) else None
    return before


def _unsafe(tables: Sequence[Named]) -> dict[str, int]:
    """Count the cells at risk by column, tables taken together."""
    cells = audit({one.name: one.table for one in tables}, {one.name: "n" for one in tables}).cells
    wrong = cells[~cells["safe"].astype(bool)]
    return {str(name): int(number) for name, number in wrong["column"].value_counts().items()}


def paired(before: pd.DataFrame, now: pd.DataFrame, n: str) -> pd.DataFrame:
    """Put the rows that two versions of a table both show beside each other, by the columns that describe a row."""
    keys = [str(name) for name in now if name in before and _is_key(now[name], str(name))]
    shown = [frame[~frame["hidden"].astype(bool)] if "hidden" in frame else frame for frame in (before, now)]
    if not keys or any(n not in frame for frame in shown):
        return pd.DataFrame(columns=[n, f"{n}_before"])
    texts = [frame.assign(**{key: frame[key].astype("str").fillna("") for key in keys}) for frame in shown]
    first, second = (frame.drop_duplicates(keys, keep=False).dropna(subset=[n]) for frame in texts)
    return second.merge(first, on=keys, suffixes=("", "_before"))


def _is_key(values: pd.Series, name: str) -> bool:
    if name in _NO_KEYS or counts_pupils(name):
        return False
    return not pd.api.types.is_float_dtype(values)


def differences(now: Protected, before: Sequence[Protected], threshold: int, refuses: bool) -> list[Finding]:
    """Compare a table with its versions that were released earlier.

    Parameters
    ----------
    now : Protected
    before : sequence of Protected
    threshold : int
        Least number of pupils by which the same cell may differ.
    refuses : bool
        Whether a small difference refuses the table (real data) or is a remark.

    Returns
    -------
    list of Finding
    """
    little, corrected = dict[str, int](), dict[str, int]()
    for one in before:
        both = paired(one.frame, now.frame, now.n)
        for name in [str(c) for c in now.frame if counts_pupils(str(c)) and f"{c}_before" in both]:
            gap = (both[name].astype("float64") - both[f"{name}_before"].astype("float64")).abs()
            little[name] = little.get(name, 0) + int(((gap > 0) & (gap < threshold)).sum())
        same = both[both[now.n] == both[f"{now.n}_before"]] if len(both) else both
        for name in _values(now.frame):
            if f"{name}_before" in same:
                changed = (same[name] != same[f"{name}_before"]) & same[name].notna() & same[f"{name}_before"].notna()
                corrected[name] = corrected.get(name, 0) + int(changed.sum())
    found = [Finding("differs_little", places(little), refuses)] if any(little.values()) else []
    return found + ([Finding("corrected", places(corrected), False)] if any(corrected.values()) else [])


def _values(frame: pd.DataFrame) -> list[str]:
    floats: Mapping[str, pd.Series] = {str(name): values for name, values in frame.items()}
    return [name for name, values in floats.items() if pd.api.types.is_float_dtype(values) and not counts_pupils(name)]
