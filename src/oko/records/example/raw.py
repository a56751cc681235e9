"""The example cluster's files: simulated first, then written in the layouts of the field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from oko.records import keys
from oko.records.cluster import Cluster, School
from oko.records.example import file_faults, groups, truth
from oko.records.example.dirt import codes_by_campaign, sitting_of
from oko.records.example.exam_files import choosers, write_exams, write_rosters
from oko.records.example.faults import Mark, Planted, located, plant, write_planted
from oko.records.example.forms_filled import write_forms
from oko.records.example.own_works import write_own_works
from oko.records.example.pupils import People, draw_people
from oko.records.example.school_files import DISTRICT, school_files, write_file, write_told
from oko.records.example.settings import ExampleSettings, read_settings
from oko.records.example.sitting import Sat, sit
from oko.records.example.waves import WAVES, Wave, writes
from oko.records.example.works import Instrument, instrument_of
from oko.records.writers import Sitting

SEED = 2019
_LISTED = "files.json"
_EXAMS = ("oge", "ege")
_Written = Mapping[tuple[Wave, int], Sat]


@dataclass(frozen=True)
class Example:
    """A cluster's three years as they were drawn.

    Attributes
    ----------
    cluster : Cluster
    root : Path
        The project's folder.
    seed : int
    settings : ExampleSettings
    people : People
    works : dict
        Waves and instruments by the assessment's id.
    sat : dict
        What each school wrote, by wave and place.
    """

    cluster: Cluster
    root: Path
    seed: int
    settings: ExampleSettings
    people: People
    works: dict[str, tuple[Wave, Instrument]]
    sat: dict[tuple[Wave, int], Sat]

    @cached_property
    def logins(self) -> dict[str, str]:
        """Digits of the login by school."""
        return {school.code: login_of(school) for school in self.cluster.schools}

    def of(self, *procedures: str) -> dict[tuple[Wave, int], Sat]:
        """Return what was written in some procedures."""
        return {key: one for key, one in self.sat.items() if key[0].procedure in procedures}


def write_raw(folder: Path, cluster: Cluster, root: Path, seed: int = SEED) -> list[Path]:
    """Write the files that an example cluster receives, and beside them, in ``truth``, what is planted in them.

    Parameters
    ----------
    folder : Path
        Where the files go; it is made if it is missing. What an earlier call wrote there and this one
        does not is deleted, other files stay.
    cluster : Cluster
        Its schools and years; years that the example does not know stay empty.
    root : Path
        The project's folder, for facts, the cluster's key and the example's settings.
    seed : int, default 2019
        Equal seeds give equal bytes.

    Returns
    -------
    list of Path
        The files received.

    Raises
    ------
    DataError, SettingError
        Facts are missing in ``data/external``, or the example's settings are not valid.
    """
    example = draw(cluster, root, seed)
    names = keys.pseudonyms_for(root, cluster)
    folder.mkdir(parents=True, exist_ok=True)
    codes = codes_by_campaign(example.people.pupils, seed)
    works, planted = _write_works(folder, example, codes)
    written = [
        *works,
        *write_own_works(folder, example.of("control"), names, seed),
        *write_exams(folder, example.of(*_EXAMS), root, example.logins),
        *write_rosters(folder, example.people.pupils, codes, cluster.years),
        *_write_groups(folder, example),
        *write_forms(folder, root, cluster, example.settings, example.works, seed),
    ]
    beside = folder.parent / truth.FOLDER
    truth.write_truth(beside, example.settings, example.people, example.works, example.sat, names)
    write_planted(beside / "faults.json", planted)
    _forget_earlier(folder, written, beside / _LISTED)
    return written


def draw(cluster: Cluster, root: Path, seed: int = SEED, settings: ExampleSettings | None = None) -> Example:
    """Draw a cluster's three years.

    Parameters
    ----------
    cluster : Cluster
    root : Path
        The project's folder.
    seed : int, default 2019
    settings : ExampleSettings, optional
        By default those of the cluster's folder.

    Returns
    -------
    Example
        Works of which no reference is known are not written.
    """
    settings = settings or read_settings(root, cluster.code)
    people = draw_people(cluster, seed)
    works: dict[str, tuple[Wave, Instrument]] = {}
    sat: dict[tuple[Wave, int], Sat] = {}
    for wave in (wave for wave in WAVES if wave.year in cluster.years):
        instrument = instrument_of(root, wave)
        if instrument is None:
            continue
        for place in range(len(cluster.schools)):
            if writes(wave, place, seed):
                pupils = choosers(wave, people.present(place, wave.cohort, wave.year_number), seed)
                sat[wave, place] = sit(wave, instrument, pupils, people.levels[place], settings, seed)
                works[wave.assessment] = (wave, instrument)
    return Example(cluster, root, seed, settings, people, works, sat)


def login_of(school: School) -> str:
    """Return the digits of a school's login; an invented one where none is registered."""
    return school.logins[0] if school.logins else f"780{school.code}"


def _write_works(
    folder: Path, example: Example, codes: Mapping[tuple[int, str], pd.Series]
) -> tuple[list[Path], list[Planted]]:
    sittings: dict[tuple[str, str], Sitting] = {}
    marks: dict[tuple[str, str], Mark] = {}
    for (wave, _), one in example.of("vpr").items():
        school = str(one.pupils["school"].iloc[0])
        own = codes[wave.year_number, wave.season]
        clean = sitting_of(one, own, example.logins[school], example.seed)
        sittings[school, wave.assessment], mark = plant(clean, school)
        if mark is not None:
            marks[school, wave.assessment] = mark
    written: list[Path] = []
    planted: list[Planted] = []
    for file in school_files(_in_order(example, sittings)):
        prepared, found = file_faults.prepared(file, sittings)
        path = write_file(folder / prepared.path, prepared.layout, prepared.sitting)
        owner = prepared.path.partition("/")[0]
        place = (owner, prepared.wave.assessment)
        if place in marks:
            found.append(located(path, prepared.path, marks[place]))
        planted += [*found, *file_faults.spoiled(path, prepared)]
        written.append(path)
        if owner != DISTRICT:
            written.append(_told(path.parent, owner, prepared.wave))
    more, wrong = file_faults.further(folder, sittings, _unwritten(example, sittings))
    return [*dict.fromkeys(written), *more], [*planted, *wrong]


def _told(folder: Path, school: str, wave: Wave) -> Path:
    return write_told(folder, school=school, year=wave.year, season=wave.season)


def _in_order(
    example: Example, sittings: Mapping[tuple[str, str], Sitting]
) -> Iterator[tuple[Wave, int, str, Sitting]]:
    for wave, place in example.of("vpr"):
        school = example.cluster.schools[place].code
        yield wave, place, school, sittings[school, wave.assessment]


def _unwritten(example: Example, sittings: Mapping[tuple[str, str], Sitting]) -> dict[str, tuple[Wave, Sitting]]:
    """Return for each school a work of spring 2021 that another school wrote and it did not."""
    found: dict[str, tuple[Wave, Sitting]] = {}
    for (_, assessment), sitting in sittings.items():
        wave = example.works[assessment][0]
        if (wave.start, wave.season) != (2020, "spring"):
            continue
        for school in example.cluster.school_codes:
            if (school, assessment) not in sittings:
                found.setdefault(school, (wave, sitting))
    return found


def _write_groups(folder: Path, example: Example) -> list[Path]:
    schools = groups.comparison_schools(example.settings, example.seed)
    written: list[Path] = []
    parts = []
    for wave, instrument in example.works.values():
        if wave.procedure != "vpr":
            continue
        others = groups.compared(wave, instrument, schools, example.seed)
        parts.append(groups.aggregate_rows(wave, instrument, others, example.settings))
        own = [one for (held, _), one in example.sat.items() if held == wave]
        written += groups.write_reports(folder, wave, instrument, own, others, example.logins, example.seed)
    return written + groups.write_aggregates(folder, parts, schools)


def _forget_earlier(folder: Path, written: list[Path], listed: Path) -> None:
    """Delete what an earlier call wrote into the folder and this one did not."""
    names = sorted(path.relative_to(folder).as_posix() for path in written)
    earlier = json.loads(listed.read_text(encoding="utf-8")) if listed.is_file() else []
    for name in set(earlier) - set(names):
        (folder / name).unlink(missing_ok=True)
    listed.write_text(json.dumps(names, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
