"""Protocols of ОГЭ and ЕГЭ, and the schools' rosters: the files that hold (invented) names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from oko.errors import OkoError
from oko.records import scales
from oko.records.example.sitting import Sat
from oko.records.example.waves import FIRST_YEAR, Wave
from oko.records.writers import Sitting, exams, roster

# Assumed for 2019 (unconfirmed); those of 2021 are from the text of the law.
_GEOMETRY_2019 = ("16", "17", "18", "19", "20", "24", "25", "26")
_CSV_PLACE = 2
_CHOOSE = {"mathematics": 0.3, "physics": -0.75}


def choosers(wave: Wave, people: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return who of a grade chose an ЕГЭ: the able ones more often.

    Parameters
    ----------
    wave : Wave
    people : DataFrame
        A cohort of one school.
    seed : int
    """
    if wave.procedure != "ege":
        return people
    rng = np.random.Generator(np.random.PCG64([seed, 600, int(people["place"].iloc[0]), *wave.key]))
    chance = 1 / (1 + np.exp(-(_CHOOSE[wave.subject] + people[wave.subject].to_numpy())))
    return people[rng.random(len(people)) < chance]


def write_exams(folder: Path, sat: Mapping[tuple[Wave, int], Sat], root: Path, logins: Mapping[str, str]) -> list[Path]:
    """Write the protocols: a file a school, procedure and year.

    Parameters
    ----------
    folder : Path
        Folder of files received.
    sat : Mapping
        Exams by wave and place.
    root : Path
        The project's folder, for the scales.
    logins : Mapping
        Digits of the login by school.
    """
    groups: dict[tuple[int, str, int], list[Sitting]] = {}
    for (wave, place), one in sat.items():
        school = str(one.pupils["school"].iloc[0])
        groups.setdefault((place, wave.procedure, wave.start), []).append(_sitting(one, root, logins[school]))
    written = []
    for (place, procedure, start), sittings in groups.items():
        school, calendar = str(sittings[0].pupils["school"].iloc[0]), start + 1
        place_of = folder / school / f"{start}-{calendar}-spring"
        sparse = place % 2 == 1
        if procedure == "oge" and place == _CSV_PLACE:
            path = place_of / f"02_{calendar}.06.01 математика.csv"
            written.append(exams.write_csv(path, sittings[0]))
        elif procedure == "oge":
            written.append(exams.write_oge(place_of / f"Протокол ОГЭ {calendar}.xlsx", sittings, sparse))
        else:
            written.append(exams.write_ege(place_of / f"Протокол ЕГЭ {calendar}.xlsx", sittings, sparse))
    return written


def _sitting(one: Sat, root: Path, login: str) -> Sitting:
    """Take those who came, with marks or test scores of the scale."""
    took = one.pupils["status"] == "took"
    pupils = one.pupils[took].sort_values(["surname", "name"], kind="stable")
    points = one.points.loc[pupils.index]
    wave = one.wave
    if wave.procedure == "oge":
        geometry = points[list(_geometry(root, wave))].sum(axis=1)
        mark = scales.oge_mark(root, wave.subject, wave.calendar, pupils["primary_score"], geometry)
        pupils = pupils.assign(mark=mark)
    else:
        pupils = pupils.assign(test_score=_test_scores(root, wave, pupils["primary_score"]), variant=1)
    numbers = [str(900_000_000_000 + row) for row in range(len(pupils))]
    cells = points.astype("object").astype("str")
    return Sitting(wave.described, one.instrument.items, pupils.assign(login=login, code=numbers), cells)


def _geometry(root: Path, wave: Wave) -> tuple[str, ...]:
    return _GEOMETRY_2019 if wave.start == FIRST_YEAR else scales.geometry_tasks(root, wave.subject, wave.calendar)


def _test_scores(root: Path, wave: Wave, scores: pd.Series) -> pd.Series:
    """Return test scores; where the scale of the year is not confirmed, those of 2019 stand in (invented data only)."""
    try:
        return scales.ege_test_score(root, wave.subject, wave.calendar, scores).values
    except OkoError:
        known = scales.ege_test_score(root, wave.subject, FIRST_YEAR + 1, range(53)).values
        return scores.clip(upper=52).map(known).astype("Int64")


def write_rosters(
    folder: Path, people: pd.DataFrame, codes: Mapping[tuple[int, str], pd.Series], years: tuple[str, ...]
) -> list[Path]:
    """Write each school's roster: who had which code in which campaign; pupils of grades 9 to 11 also without one.

    Parameters
    ----------
    folder : Path
        Folder of files received.
    people : DataFrame
        All pupils.
    codes : Mapping
        Codes by number of the year and season.
    years : tuple of str
        School years whose rows are written.
    """
    parts = []
    for (number, season), own in codes.items():
        rows = people.loc[own.index]
        parts.append(_roster_rows(rows, number, season).assign(code=own))
    for number in range(len({int(year[:4]) for year in years})):
        there = people[(people["first"] <= number) & (people["last"] >= number)]
        eldest = there[(there["cohort"] + number).isin([9, 11])]
        parts.append(_roster_rows(eldest, number, "").assign(code=""))
    whole = pd.concat(parts)
    whole = whole[whole["year"].isin(years)].sort_values(["year", "season", "class", "surname"], kind="stable")
    return [
        roster.write_roster(folder / str(school) / f"Список кодов {school}.{'xlsx' if place % 2 else 'csv'}", rows)
        for place, (school, rows) in enumerate(whole.groupby("school", sort=False))
    ]


def _roster_rows(people: pd.DataFrame, number: int, season: str) -> pd.DataFrame:
    start = FIRST_YEAR + number
    classes = (people["cohort"] + number).astype("str") + people["letter"]
    return people.assign(**{"class": classes}, year=f"{start}-{start + 1}", season=season)
