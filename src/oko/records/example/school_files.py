"""Which school keeps its ВПР in which layout and when, and the files themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from oko.records.example.waves import Wave
from oko.records.writers import Sitting, dumps, fisoko, forms

SUBJECT_WORDS = {
    "mathematics": "Математика",
    "physics": "Физика",
    "chemistry": "Химия",
    "biology": "Биология",
    "geography": "География",
    "science": "Окружающий мир",
    "general": "Все предметы",
}
SEASON_WORDS = {"autumn": "осень", "winter": "зима", "spring": "весна"}
DISTRICT = "district"

# By the school's place in the settings; "district-…" is one file of several schools.
_SPRING_2019 = ("two-part", "individual", "journal", "district-2022", "2026", "district-2022", "district-2022")
_AUTUMN_2020 = ("2020", "2020", "2020", "2020", "district-2020", "district-2020", "district-2020")
_SPRING_2021 = ("2021", "individual", "two-part", "district-2021", "2026", "journal", "district-2021")
_LAYOUTS = {(2018, "spring"): _SPRING_2019, (2020, "autumn"): _AUTUMN_2020, (2020, "spring"): _SPRING_2021}
_ENDINGS = {"journal": ".csv", "district-2021": ".csv"}
_SEX = {"F": "ж", "M": "м"}


@dataclass(frozen=True)
class SchoolFile:
    """One file of one work.

    Attributes
    ----------
    path : str
        From the folder of files received.
    layout : str
    wave : Wave
    sitting : Sitting
    """

    path: str
    layout: str
    wave: Wave
    sitting: Sitting


def layout_of(wave: Wave, place: int) -> str:
    """Return the layout in which a school keeps a work of ВПР."""
    layouts = _LAYOUTS[wave.start, wave.season]
    return layouts[place % len(layouts)]


def school_files(sat: Iterable[tuple[Wave, int, str, Sitting]]) -> Iterator[SchoolFile]:
    """Sort works into files.

    Parameters
    ----------
    sat : iterable of (Wave, place, school, Sitting)
        In the order of waves.

    Returns
    -------
    iterator of SchoolFile
        A file a school and work; of schools with a layout of the district a file a work.
    """
    together: dict[tuple[Wave, str], list[Sitting]] = {}
    for wave, place, school, sitting in sat:
        layout = layout_of(wave, place)
        if layout.startswith(DISTRICT):
            together.setdefault((wave, layout), []).append(sitting)
        else:
            yield SchoolFile(file_path(wave, school, _ENDINGS.get(layout, ".xlsx")), layout, wave, sitting)
    for (wave, layout), sittings in together.items():
        path = file_path(wave, DISTRICT, _ENDINGS.get(layout, ".xlsx"))
        yield SchoolFile(path, layout, wave, joined(sittings))


def joined(sittings: list[Sitting]) -> Sitting:
    """Join what several schools wrote in one work."""
    pupils = pd.concat([sitting.pupils for sitting in sittings])
    cells = pd.concat([sitting.cells for sitting in sittings])
    return replace(sittings[0], pupils=pupils, cells=cells)


def file_path(wave: Wave, owner: str, ending: str) -> str:
    """Return where the file of a work lies.

    Examples
    --------
    >>> file_path(Wave("vpr", "physics", 2020, "spring", 7, 7), "344", ".xlsx")
    '344/2020-2021-spring/ВПР 2021 Физика 7 класс.xlsx'
    """
    name = f"ВПР {wave.calendar} {SUBJECT_WORDS[wave.subject]} {wave.material_grade} класс{ending}"
    return f"{owner}/{wave.year}-{wave.season}/{name}"


def write_file(path: Path, layout: str, sitting: Sitting) -> Path:
    """Write a work in a layout.

    Parameters
    ----------
    path : Path
    layout : str
        two-part, 2026, individual, journal, or a dump: 2020, 2021, 2022.
    sitting : Sitting

    Returns
    -------
    Path
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return _WRITERS[layout.removeprefix(DISTRICT + "-")](path, sitting)


def _two_part(path: Path, sitting: Sitting) -> Path:
    return forms.write_two_part(path, sitting, len(sitting.items) // 2)


def write_journal(path: Path, sitting: Sitting) -> Path:
    """Write the export of an electronic journal (mapping electronic_journal): CSV, decimal commas."""
    pupils, items, work = sitting.pupils, sitting.items, sitting.work
    columns: dict[str, object] = {
        "Номер участника": pupils["code"],
        "Класс": pupils["letter"],
        "Пол": pupils["sex"].map(_SEX).fillna(pupils["sex"]),
        "Вариант": pupils["variant"],
        "Предмет": SUBJECT_WORDS[str(work.subject)],
        "Учебный год": work.year,
        "Время": SEASON_WORDS[str(work.season)],
        "Параллель": work.pupil_grade,
        "Класс материала": work.material_grade,
        "Балл ВПР": decimal_text(pupils["primary_score"]),
        "Отметка ВПР": pupils["mark"],
        "Отметка в журнале": pupils["journal_mark"].astype("object").fillna("н/а"),
    }
    heads = [f"Зад. {item} /{most:.0f}" for item, most in zip(items["item"], items["max_score"], strict=True)]
    table = pd.concat([pd.DataFrame(columns), sitting.cells[list(items["item"])].set_axis(heads, axis=1)], axis=1)
    return write_table(path, table, separator=";", mark=True)


def decimal_text(scores: pd.Series) -> pd.Series:
    """Return scores with a decimal comma, as 12,0; empty where there is none."""
    return scores.map(lambda score: "" if pd.isna(score) else f"{score},0")


def write_table(path: Path, table: pd.DataFrame, *, separator: str = ",", mark: bool = False) -> Path:
    """Write a table as CSV in UTF-8, with a byte-order mark if wanted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = table.to_csv(index=False, sep=separator, lineterminator="\n")
    path.write_bytes((("\ufeff" if mark else "") + text).encode("utf-8"))
    return path


_WRITERS: Mapping[str, Callable[[Path, Sitting], Path]] = {
    "two-part": _two_part,
    "2026": forms.write_2026,
    "individual": fisoko.write_individual,
    "2020": dumps.write_2020,
    "2021": dumps.write_2021,
    "2022": dumps.write_2022,
    "journal": write_journal,
}


def write_told(folder: Path, **said: str | int) -> Path:
    """Write the received.toml of a folder: what its files do not say themselves."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "received.toml"
    lines = [f"{name} = {value}" if isinstance(value, int) else f'{name} = "{value}"' for name, value in said.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
