"""The school's roster as the workbench reads it, for the example cluster: the people in it are invented."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from oko.records.readers.roster import HEADINGS, SEASON_WORDS
from oko.records.writers import write_workbook

SHEET_NAME = "Список"
PROCEDURE = "ВПР"


def write_roster(path: Path, rows: pd.DataFrame) -> Path:
    """Write a roster, a row a pupil and campaign; equal rows give equal bytes.

    Parameters
    ----------
    path : Path
        A workbook (.xlsx) or a text file (.csv: UTF-8 with a byte-order mark, semicolons).
    rows : DataFrame
        Columns school, class, surname, name, patronymic, birth_date, year, season (autumn, …) and code, as text; a
        column that is missing stays empty. Other columns are left.

    Returns
    -------
    Path
    """
    columns = {name: _texts(rows, name) for name in HEADINGS}
    columns["season"] = [f"{PROCEDURE}, {SEASON_WORDS[code]}" if code else "" for code in columns["season"]]
    columns["birth_date"] = [".".join(reversed(text.split("-"))) for text in columns["birth_date"]]
    cells = [list(HEADINGS.values()), *map(list, zip(*columns.values(), strict=True))]
    if path.suffix != ".csv":
        return write_workbook(path, {SHEET_NAME: cells})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target, delimiter=";", lineterminator="\r\n").writerows(cells)
    return path


def _texts(rows: pd.DataFrame, name: str) -> list[str]:
    return rows[name].fillna("").astype("str").tolist() if name in rows else [""] * len(rows)
