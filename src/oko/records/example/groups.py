"""Groups of pupils: the schools that the cluster is compared with, and reports of ФИС ОКО on the district."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from oko.records import instruments
from oko.records.example.answers import draw_answers, draw_journal_marks
from oko.records.example.pupils import draw_level
from oko.records.example.school_files import SUBJECT_WORDS, write_table
from oko.records.example.settings import ExampleSettings
from oko.records.example.sitting import Sat, targets_of
from oko.records.example.waves import SUBJECTS, Wave, writes
from oko.records.example.works import Instrument
from oko.records.writers import fisoko

REGION, COMPARED_FROM = "Учебный регион", 100
TARGET = "target"
_WITHIN = 0.955
_REGION_N = 6000
_REPORTS = {"marks": "Статистика по отметкам", "journal": "Сравнение с журналом", "tasks": "Выполнение заданий"}
_REPORTED = (
    "vpr-mathematics-5-spring-2019",
    "vpr-mathematics-6-in-7-autumn-2020",
    "vpr-mathematics-7-spring-2021",
    "vpr-physics-7-spring-2021",
)


@dataclass(frozen=True)
class Group:
    """Points and journal marks of a group of pupils who took a work."""

    points: np.ndarray
    journal: np.ndarray


def comparison_codes(settings: ExampleSettings) -> list[str]:
    """Return the codes of the schools of comparison, as c01."""
    return [f"c{number:02d}" for number in range(1, settings.comparison_schools + 1)]


def comparison_schools(settings: ExampleSettings, seed: int) -> pd.DataFrame:
    """Return the raw table of the schools of comparison: one in eight chooses its pupils."""
    rng = np.random.Generator(np.random.PCG64([seed, 800]))
    codes = comparison_codes(settings)
    kinds = rng.choice(["school", "gymnasium", "lyceum"], len(codes), p=[0.875, 0.075, 0.05])
    return pd.DataFrame({"school": codes, "role": "comparison", "kind": kinds, "example": "true"})


def compared(wave: Wave, instrument: Instrument, schools: pd.DataFrame, seed: int) -> dict[str, Group]:
    """Let the schools of comparison sit a work; nothing is planted in them.

    Parameters
    ----------
    wave : Wave
    instrument : Instrument
    schools : DataFrame
        As :func:`comparison_schools`.
    seed : int
    """
    rng = np.random.Generator(np.random.PCG64([seed, 850, *wave.key]))
    subject = SUBJECTS.index(wave.subject)
    parts: dict[str, np.ndarray] = {}
    for place, row in enumerate(schools.to_dict("records"), start=COMPARED_FROM):
        level = draw_level(str(row["kind"]), place, seed)
        usual = np.random.Generator(np.random.PCG64([seed, 810, place])).integers(45, 125)
        theta = _WITHIN * rng.standard_normal(int(usual * rng.uniform(0.85, 1)))
        if writes(wave, place, seed):
            parts[str(row["school"])] = theta + level.level + level.subjects[subject] + level.progress[wave.order]
    if not parts:
        return {}
    whole = _drawn(np.concatenate(list(parts.values())), instrument, rng)
    ends = np.cumsum([len(theta) for theta in parts.values()])[:-1]
    split = zip(np.split(whole.points, ends), np.split(whole.journal, ends), strict=True)
    return {school: Group(*both) for school, both in zip(parts, split, strict=True)}


def _drawn(theta: np.ndarray, instrument: Instrument, rng: np.random.Generator) -> Group:
    points = draw_answers(theta, instrument.reference, instrument.slope, rng).points
    return Group(points, draw_journal_marks(theta, rng))


def aggregate_rows(
    wave: Wave, instrument: Instrument, groups: Mapping[str, Group], settings: ExampleSettings
) -> pd.DataFrame:
    """Return the aggregates of the schools of comparison in one work as a raw table of groups.

    Returns
    -------
    DataFrame
        Mean and standard deviation of primary scores, and of the sum of the target tasks (key target); facilities.
    """
    targets = [instrument.labels.index(item) for item in targets_of(wave, instrument, settings)]
    rows: list[tuple[str, int, str, str, float]] = []
    for code, group in groups.items():
        n = len(group.points)
        sums = {"": group.points.sum(axis=1), **({TARGET: group.points[:, targets].sum(axis=1)} if targets else {})}
        for key, total in sums.items():
            rows += [(code, n, "mean", key, float(total.mean())), (code, n, "sd", key, float(total.std(ddof=1)))]
        shares = group.points.mean(axis=0) / instrument.items["max_score"].to_numpy(dtype=float)
        rows += [
            (code, n, "facility", item, float(share)) for item, share in zip(instrument.labels, shares, strict=True)
        ]
    table = pd.DataFrame(rows, columns=["school", "n", "measure", "key", "value"])
    return table.assign(
        assessment=wave.assessment,
        level="school",
        group="Школа сравнения " + table["school"],
        value=table["value"].round(4),
    )[["assessment", "level", "group", "school", "n", "measure", "key", "value"]]


def write_reports(
    folder: Path,
    wave: Wave,
    instrument: Instrument,
    own: Sequence[Sat],
    others: Mapping[str, Group],
    logins: Mapping[str, str],
    seed: int,
) -> list[Path]:
    """Write the reports of ФИС ОКО on one work: the region, the district, the schools of the cluster.

    Returns
    -------
    list of Path
        Marks, comparison with the journal, tasks; nothing for works that are not reported on.
    """
    if wave.assessment not in _REPORTED or instrument.scale is None:
        return []
    rng = np.random.Generator(np.random.PCG64([seed, 890, *wave.key]))
    region = _drawn(rng.standard_normal(_REGION_N), instrument, rng)
    schools = {str(one.pupils["school"].iloc[0]): _taken(one) for one in own}
    district = _pooled([*schools.values(), *others.values()])
    rows = [
        _rows(wave, instrument, "region", REGION, 60 + len(others), region),
        _rows(wave, instrument, "municipality", fisoko.MUNICIPALITY, len(schools) + len(others), district),
        *(
            _rows(wave, instrument, "school", f"Школа № {code}(edu{logins[code]})", None, group)
            for code, group in schools.items()
        ),
    ]
    frame = pd.concat(rows, ignore_index=True)
    maxima = dict(zip(instrument.labels, instrument.items["max_score"].astype(int), strict=True))
    place = folder / "district" / f"{wave.year}-{wave.season}"
    subject = f"{SUBJECT_WORDS[wave.subject]} {wave.material_grade} класс"
    return [
        fisoko.write_groups(
            place / f"ВПР {wave.calendar} {subject} {title}.xlsx",
            report,
            wave.described,
            frame,
            maxima=maxima if report == "tasks" else None,
            max_score=instrument.max_score,
        )
        for report, title in _REPORTS.items()
    ]


def _taken(one: Sat) -> Group:
    took = (one.pupils["status"] == "took").to_numpy()
    return Group(one.points[took].to_numpy(dtype=int), one.pupils.loc[took, "journal_mark"].to_numpy(dtype=int))


def _pooled(groups: Sequence[Group]) -> Group:
    return Group(np.concatenate([g.points for g in groups]), np.concatenate([g.journal for g in groups]))


def _rows(
    wave: Wave, instrument: Instrument, level: str, name: str, n_schools: int | None, group: Group
) -> pd.DataFrame:
    n = len(group.points)
    marks = _marks(group, instrument.scale).to_numpy(dtype=int)
    counts: list[tuple[str, str, int]] = [("mark", str(mark), int((marks == mark).sum())) for mark in (2, 3, 4, 5)]
    changes: Mapping[str, Callable[..., np.ndarray]] = {"lowered": np.less, "confirmed": np.equal, "raised": np.greater}
    counts += [("journal", key, int(than(marks, group.journal).sum())) for key, than in changes.items()]
    rows: list[tuple[str, str, float, int | None]] = [(measure, key, k / n, k) for measure, key, k in counts]
    shares = group.points.mean(axis=0) / instrument.items["max_score"].to_numpy(dtype=float)
    rows += [("facility", item, float(share), None) for item, share in zip(instrument.labels, shares, strict=True)]
    table = pd.DataFrame(rows, columns=["measure", "key", "value", "count"])
    return table.assign(assessment=wave.assessment, level=level, group=name, n=n, n_schools=n_schools)


def _marks(group: Group, scale: instruments.MarkScale | None) -> pd.Series:
    if scale is None:
        raise ValueError("only works with marks are reported on")
    return instruments.mark_of(pd.Series(group.points.sum(axis=1)), scale)


def write_aggregates(folder: Path, parts: Sequence[pd.DataFrame], schools: pd.DataFrame) -> list[Path]:
    """Write the aggregates of the schools of comparison, a file a season, and the table of these schools."""
    if not parts or schools.empty:
        return []
    whole = pd.concat(parts, ignore_index=True)
    season = whole["assessment"].str.extract(r"([a-z]+-[0-9]{4})$")[0]
    place = folder / "district"
    written = [write_table(place / "schools.csv", schools)]
    return written + [
        write_table(place / f"groups-{name}.csv", rows) for name, rows in whole.groupby(season, sort=False)
    ]
