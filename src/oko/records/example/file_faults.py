"""Files that are wrong as a whole, or only look so: each is written beside the sound ones, and listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from oko.records.example.faults import Planted
from oko.records.example.school_files import SchoolFile, file_path, write_file
from oko.records.example.waves import Wave
from oko.records.writers import Sitting, forms

STRANGER = "780999"
_TRUNCATED = ("498", "vpr-geography-6-in-7-autumn-2020")
_RENAMED = ("344", "vpr-biology-6-in-7-autumn-2020")
_OLD_ENCODING = ("512", "vpr-biology-7-spring-2021")
_TWO_SCHOOLS = ("498", "vpr-biology-5-spring-2021")
_FOREIGN = ("344", "vpr-mathematics-7-in-8-autumn-2020")
_EMPTY_IN = "344"
_FIRST_GUEST, _GUESTS, _FOREIGNERS = 9001, 4, 15


def prepared(file: SchoolFile, sittings: Mapping[tuple[str, str], Sitting]) -> tuple[SchoolFile, list[Planted]]:
    """Change a file before it is written: rows of another school in it, or another ending of its name.

    Parameters
    ----------
    file : SchoolFile
    sittings : Mapping
        Works by school and assessment, to take guests from.
    """
    key = (file.path.partition("/")[0], file.wave.assessment)
    if key == _RENAMED:
        path = file.path.removesuffix(".xlsx") + ".csv"
        what = "a workbook whose name ends in .csv"
        return replace(file, path=path), [Planted(path, "", None, "", what, "", "read")]
    if key == _TWO_SCHOOLS:
        others = [sitting for (school, work), sitting in sittings.items() if work == key[1] and school != key[0]]
        if others:
            guests = _renumbered(others[0], _GUESTS, str(file.wave.pupil_grade))
            both = replace(
                file.sitting,
                pupils=pd.concat([file.sitting.pupils, guests.pupils]),
                cells=pd.concat([file.sitting.cells, guests.cells]),
            )
            what = "pupils of two schools in the file of one"
            return replace(file, sitting=both), [Planted(file.path, "", None, "", what, "recognised", "fault")]
    return file, []


def _renumbered(sitting: Sitting, most: int, grade: str) -> Sitting:
    """Take some who took the work, with codes that nobody else has."""
    rows = sitting.pupils[sitting.pupils["status"] == "took"].index[:most]
    codes = [f"{grade}{number}" for number in range(_FIRST_GUEST, _FIRST_GUEST + len(rows))]
    return replace(sitting, pupils=sitting.pupils.loc[rows].assign(code=codes), cells=sitting.cells.loc[rows])


def spoiled(path: Path, file: SchoolFile) -> list[Planted]:
    """Damage a file that was written: cut it, or write it in the encoding of old systems."""
    key = (file.path.partition("/")[0], file.wave.assessment)
    if key == _TRUNCATED:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 6 // 10])
        return [Planted(file.path, "", None, "", "a workbook that was cut in the middle", "opened", "fault")]
    if key == _OLD_ENCODING:
        path.write_bytes(path.read_text(encoding="utf-8-sig").encode("cp1251"))
        return [Planted(file.path, "", None, "", "CSV in Windows-1251 with decimal commas", "", "read")]
    return []


def further(
    folder: Path, sittings: Mapping[tuple[str, str], Sitting], unwritten: Mapping[str, tuple[Wave, Sitting]]
) -> tuple[list[Path], list[Planted]]:
    """Write files that should not be there: an empty form, and a file of a school that nobody knows.

    Parameters
    ----------
    folder : Path
        Folder of files received.
    sittings : Mapping
        Works by school and assessment.
    unwritten : Mapping
        By school a work of spring 2021 that it did not write, as another school wrote it.
    """
    written: list[Path] = []
    planted: list[Planted] = []
    if _FOREIGN in sittings:
        sitting = _renumbered(sittings[_FOREIGN], _FOREIGNERS, "8")
        foreign = replace(sitting, pupils=sitting.pupils.assign(school=STRANGER, login=STRANGER))
        name = f"{_FOREIGN[0]}/2020-2021-autumn/ВПР 2020 Математика 7 класс, прислано по ошибке.xlsx"
        written.append(write_file(folder / name, "2020", foreign))
        what = "a file of a school that is not in the cluster"
        planted.append(Planted(name, "", None, "", what, "school_registered", "fault"))
    if _EMPTY_IN in unwritten:
        wave, sitting = unwritten[_EMPTY_IN]
        nobody = replace(sitting, pupils=sitting.pupils.iloc[:0], cells=sitting.cells.iloc[:0])
        name = file_path(wave, _EMPTY_IN, ".xlsx")
        written.append(forms.write_2026(folder / name, nobody))
        planted.append(Planted(name, "", None, "", "a form that nobody filled in", "recognised", "fault"))
    return written, planted
