"""Facts of the field as tables: the files of ``data/external``, each row with its source and status."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from oko.errors import DataError, SettingError

_TEXT = dict.fromkeys(
    ("item", "structure", "level", "label", "content", "requirement", "code", "grades", "material_grades", "subjects",
     "when", "held"), "str",
)  # fmt: skip


def read_facts(root: Path, where: str) -> pd.DataFrame:
    """Read a table of facts.

    Parameters
    ----------
    root : Path
        The project's folder.
    where : str
        The file, from there.

    Raises
    ------
    SettingError
        The file cannot be read.
    """
    path = root / where
    try:
        return _read(path, path.stat().st_mtime_ns).copy(deep=False)
    except OSError as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=where, detail=error.strerror) from error


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> pd.DataFrame:  # noqa: ARG001  (a file that was changed is read again)
    return pd.read_csv(path, dtype=_TEXT)


def of_work(known: pd.DataFrame, subject: str | None, grade: int | None) -> pd.DataFrame:
    """Return the rows about a subject and the grade of its material."""
    return known[(known["subject"] == subject) & (known["grade"] == grade)]


def facts_of(root: Path, where: str, subject: str | None, grade: int | None) -> pd.DataFrame:
    """Read the rows of a table of facts about one work.

    Raises
    ------
    DataError
        There are none: the message names the works that are known.
    SettingError
        The file cannot be read.
    """
    known = read_facts(root, where)
    rows = of_work(known, subject, grade)
    if rows.empty:
        works = known[["subject", "grade"]].drop_duplicates().itertuples(index=False)
        raise DataError(
            "File {where} has no work {work}; it has: {known}.",
            where=where,
            work=f"{subject} {grade}",
            known=", ".join(f"{work.subject} {work.grade}" for work in works),
        )
    return rows
