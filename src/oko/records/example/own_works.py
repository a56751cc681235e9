"""The cluster's own works: as tables of the raw form, or as the tables that a mapping describes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from oko.records.example.choices import letters
from oko.records.example.dirt import X_SPELLINGS
from oko.records.example.school_files import SEASON_WORDS, SUBJECT_WORDS, decimal_text, write_table
from oko.records.example.sitting import Sat
from oko.records.example.waves import Wave
from oko.records.pseudonyms import Pseudonyms

TIDY_PLACES = (3, 6)
_TITLES = {"general": "Метапредметная работа", "mathematics": "Контрольная работа", "physics": "Контрольная работа"}
_RESULTS = [
    "assessment", "pupil", "school", "class", "sex", "variant", "status", "primary_score", "journal_mark", "example",
]  # fmt: skip
_SEX = {"F": "ж", "M": "м"}


def write_own_works(
    folder: Path, sat: Mapping[tuple[Wave, int], Sat], names: Pseudonyms | None, seed: int
) -> list[Path]:
    """Write the works that the cluster made itself.

    Parameters
    ----------
    folder : Path
        Folder of files received.
    sat : Mapping
        Works of procedure control by wave and place.
    names : Pseudonyms or None
        Makes the pseudonyms of tidy tables; without a key they only look like some.
    seed : int
        For the letters of tasks with options.

    Returns
    -------
    list of Path
        Tidy tables of the pilot and of some schools, and of the other schools a table a work.
    """
    written: list[Path] = []
    tidy: dict[Wave, list[Sat]] = {}
    for (wave, place), one in sat.items():
        if place in TIDY_PLACES or wave.assessment == "control-general-7-winter-2020":
            tidy.setdefault(wave, []).append(one)
        else:
            written.append(_write_mapped(folder, wave, one, seed))
    waves = list(dict.fromkeys(wave for wave, _ in sat))
    return written + _write_tidy(folder, tidy, names, seed) + _write_described(folder, sat, waves)


def pseudonyms_of(pupils: pd.DataFrame, names: Pseudonyms | None) -> pd.Series:
    """Return the pseudonyms of pupils, the same that their school's roster gives."""
    columns = (pupils[name] for name in ("surname", "name", "patronymic", "birth_date", "school"))
    made = [_pseudonym(names, *map(str, person)) for person in zip(*columns, strict=True)]
    return pd.Series(made, pupils.index, dtype="str")


def _pseudonym(names: Pseudonyms | None, surname: str, name: str, patronymic: str, born: str, school: str) -> str:
    if names is not None:
        return names.of_pupil(surname, name, patronymic, born, school)
    return hashlib.sha256(f"example/{surname}/{name}/{patronymic}/{born}".encode()).hexdigest()[:32]


def _write_mapped(folder: Path, wave: Wave, one: Sat, seed: int) -> Path:
    pupils, items = one.pupils, one.instrument.items
    took = pupils["status"] == "took"
    columns: dict[str, object] = {
        "Школа": pupils["school"],
        "Класс": str(wave.pupil_grade) + pupils["letter"].str.lower(),
        "ФИО": pupils["surname"] + " " + pupils["name"] + " " + pupils["patronymic"],
        "Дата рождения": pupils["birth_date"].map(lambda text: ".".join(reversed(text.split("-")))),
        "Пол": pupils["sex"].map(_SEX),
        "Работа кластера": _TITLES[wave.subject],
        "Предмет": SUBJECT_WORDS[wave.subject],
        "Учебный год": f"{wave.start}/{(wave.start + 1) % 100}",
        "Время": SEASON_WORDS[wave.season],
        "Параллель": wave.pupil_grade,
        "Материал класса": wave.material_grade,
        "Вариант": pupils["variant"].astype("str").where(took, "отсутствовал"),
        "Отметка за четверть": pupils["journal_mark"],
        "Всего баллов": decimal_text(pupils["primary_score"]),
    }
    heads = [f"Задание {item} (до {most:.0f})" for item, most in zip(items["item"], items["max_score"], strict=True)]
    table = pd.concat([pd.DataFrame(columns), _cells(one, seed).set_axis(heads, axis=1)], axis=1)
    name = f"{_TITLES[wave.subject]} {SUBJECT_WORDS[wave.subject]} {wave.pupil_grade} параллель.csv"
    place = folder / str(pupils["school"].iloc[0]) / f"{wave.year}-{wave.season}" / name
    return write_table(place, table.sort_values("ФИО", kind="stable"), separator=";", mark=True)


def _cells(one: Sat, seed: int) -> pd.DataFrame:
    text = one.points.astype("object").fillna("").astype("str")
    chosen = letters(one, seed)
    text[chosen.columns] = chosen
    spelled = X_SPELLINGS[int(one.pupils["place"].iloc[0]) % len(X_SPELLINGS)]
    return text.mask(one.not_attempted, spelled).mask(one.not_covered, "не пройд.")


def _write_tidy(folder: Path, tidy: Mapping[Wave, list[Sat]], names: Pseudonyms | None, seed: int) -> list[Path]:
    written: list[Path] = []
    for wave, parts in tidy.items():
        place = folder / "cluster" / f"{wave.year}-{wave.season}"
        results, responses = zip(*(_tidy_rows(one, names, seed) for one in parts), strict=True)
        written.append(write_table(place / f"results-{wave.assessment}.csv", pd.concat(results)))
        written.append(write_table(place / f"responses-{wave.assessment}.csv", pd.concat(responses)))
    return written


def _tidy_rows(one: Sat, names: Pseudonyms | None, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = one.pupils.assign(
        assessment=one.wave.assessment,
        pupil=pseudonyms_of(one.pupils, names),
        example="true",
        **{"class": str(one.wave.pupil_grade) + one.pupils["letter"]},
    )
    took = rows["status"] == "took"
    results = rows.assign(variant=rows["variant"].astype("str").where(took, ""))[_RESULTS]
    keys = rows.loc[took, ["assessment", "pupil", "school", "class"]]
    return results, pd.concat([keys, _cells(one, seed)[took]], axis=1).assign(example="true")


def _write_described(folder: Path, sat: Mapping[tuple[Wave, int], Sat], waves: Iterable[Wave]) -> list[Path]:
    """Write what the works are and their tasks: no file of pupils says it of the cluster's own."""
    instruments = {wave: one.instrument for (wave, _), one in sat.items()}
    rows = [{**wave.described.row(), "max_score": instruments[wave].max_score, "example": "true"} for wave in waves]
    items = [instruments[wave].items.assign(assessment=wave.assessment, example="true") for wave in waves]
    if not rows:
        return []
    tasks = pd.concat(items)[["assessment", "item", "position", "max_score", "level", "label", "example"]]
    return [
        write_table(folder / "cluster" / "assessments.csv", pd.DataFrame(rows)),
        write_table(folder / "cluster" / "items.csv", tasks),
    ]
