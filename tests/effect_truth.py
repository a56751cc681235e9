"""The example's truth drawn anew for any seed, as far as the effect of the cluster's model needs it.

What comes out is what the generator of :mod:`oko.records.example` draws for the seed, number for number (a test
compares them): schools, classes and pupils, their points in the target tasks of autumn 2020 and spring 2021. Names,
files and the other works are left out, so that a seed takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from multiprocessing import get_context
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd

from oko.measures import evidence, impact
from oko.records.cluster import Cluster, read_cluster
from oko.records.example import groups, pupils, sitting
from oko.records.example.answers import Answers, thresholds
from oko.records.example.pupils import Level
from oko.records.example.settings import ExampleSettings, read_settings
from oko.records.example.waves import SUBJECTS, WAVES, Wave, writes
from oko.records.example.works import Instrument, instrument_of

ROOT = Path(__file__).parents[1]
STRATA = (*(("mathematics", grade) for grade in range(4, 9)), ("physics", 7), ("physics", 8))
PERIODS = {"autumn": 0, "spring": 1}
YEAR = 2
DRAWS = 1_999  # of assignments: p is valid for any number of them
PART = 50
COLUMNS = ["school", "stratum", "period", "n", "mean", "sd"]
_Row = tuple[str, str, int, int, float, float]


def _points(work: Work, latent: np.ndarray, tasks: np.ndarray) -> np.ndarray:
    return np.column_stack([np.searchsorted(work.steps[task], latent[:, task]) for task in tasks])


def _bounds(work: Work) -> np.ndarray:
    """Return the luck below which a pupil without points has not started a task, as in ``draw_answers``."""
    reference = work.instrument.reference
    chance = (reference["share_not_attempted"] / reference["share_zero"].clip(lower=0.01)).clip(upper=0.95)
    return np.array([NormalDist().inv_cdf(max(share, 1e-6)) for share in chance.to_numpy()])


def _told(sums: np.ndarray) -> tuple[int, float, float]:
    return len(sums), float(sums.mean()), float(sums.std(ddof=1)) if len(sums) > 1 else np.nan


def _let_move(columns: Mapping[str, np.ndarray], lasting: Mapping[str, np.ndarray]) -> None:
    """Let some of those who come be those who have left another school, as ``pupils._moved`` does."""
    before = {name: values.copy() for name, values in lasting.items()}
    place, cohort, first, last = (columns[name] for name in ("place", "cohort", "first", "last"))
    for each in np.unique(cohort):
        for year in range(1, pupils.YEARS):
            come = np.flatnonzero((cohort == each) & (first == year))
            gone = np.flatnonzero((cohort == each) & (last == year - 1) & (first == 0) & (cohort + last != 9))
            for new, old in zip(come[::2], gone[::2], strict=False):
                if place[new] != place[old]:
                    for name, values in lasting.items():
                        values[new] = before[name][old]


@dataclass(frozen=True)
class Work:
    """One work: its tasks, where their points begin, and what is added to abilities in the cluster's schools.

    Attributes
    ----------
    wave : Wave
    instrument : Instrument
    steps : list of list of float
        Latent values from which 1, 2, … points are reached, by task.
    targets : array of int
        Places of the target tasks.
    shifts, shifts_without_gain : dict of str to array
        By school.
    dif : dict of str to array
        By sex.
    """

    wave: Wave
    instrument: Instrument
    steps: list[list[float]]
    targets: np.ndarray
    shifts: Mapping[str, np.ndarray]
    shifts_without_gain: Mapping[str, np.ndarray]
    dif: Mapping[str, np.ndarray]

    @property
    def stratum(self) -> str:
        return self.wave.name

    @property
    def period(self) -> int:
        return PERIODS[self.wave.season]


@dataclass(frozen=True)
class Drawn:
    """Rows of one seed, a school × stratum × period each: n, mean and sd of the sum of the target tasks.

    Attributes
    ----------
    cluster : DataFrame
        With the gain that is planted.
    without_gain : DataFrame
        The same pupils, and the same luck, without it.
    comparison : DataFrame
    """

    cluster: pd.DataFrame
    without_gain: pd.DataFrame
    comparison: pd.DataFrame


@dataclass(frozen=True)
class Truth:
    """What is the same for every seed.

    Attributes
    ----------
    strata : tuple of (str, int)
        Subject and grade of the material; the primary outcome has them all.
    """

    strata: tuple[tuple[str, int], ...] = STRATA

    @cached_property
    def cluster(self) -> Cluster:
        return read_cluster(ROOT, "example")

    @cached_property
    def settings(self) -> ExampleSettings:
        return read_settings(ROOT, "example")

    @cached_property
    def works(self) -> list[Work]:
        chosen = [wave for wave in WAVES if wave.work in self.strata and (wave.procedure, wave.start) == ("vpr", 2020)]
        made = [(wave, instrument_of(ROOT, wave)) for wave in chosen]
        return [self._work(wave, instrument) for wave, instrument in made if instrument is not None]

    def _work(self, wave: Wave, instrument: Instrument) -> Work:
        return Work(
            wave,
            instrument,
            thresholds(instrument.reference, instrument.slope),
            np.array([instrument.labels.index(item) for item in sitting.targets_of(wave, instrument, self.settings)]),
            self._shifts(wave, instrument, self.settings),
            self._shifts(wave, instrument, self.settings.model_copy(update={"effect": 0.0})),
            {sex: sitting._dif(wave, instrument, self.settings, np.array([sex]))[0] for sex in ("F", "M")},
        )

    def _shifts(self, wave: Wave, instrument: Instrument, settings: ExampleSettings) -> dict[str, np.ndarray]:
        """Return the shifts by school; schools differ only in whether they have the deficits of the others."""
        known: dict[bool, np.ndarray] = {}
        for place, school in enumerate(self.cluster.school_codes):
            spared = school in settings.without_deficits
            if spared not in known:
                known[spared] = sitting.task_shifts(wave, instrument, settings, place=place, school=school)
        return {school: known[school in settings.without_deficits] for school in self.cluster.school_codes}

    def draw(self, seed: int) -> Drawn:
        """Draw the schools of the cluster, with the gain and without it, and those they are compared with."""
        people, levels = self._people(seed)
        gained, plain = list[_Row](), list[_Row]()
        for place, school in enumerate(self.cluster.school_codes):
            for work in (work for work in self.works if writes(work.wave, place, seed)):
                there = people[place, work.wave.cohort]
                for rows, shifts in ((gained, work.shifts), (plain, work.shifts_without_gain)):
                    if rows is plain and work.period == 0:
                        rows.append(gained[-1])
                        continue
                    points = self._sat(work, there, levels[place], place, seed, shifts[school])
                    rows.append((school, work.stratum, work.period, *_told(points)))
        return Drawn(*(pd.DataFrame(rows, columns=COLUMNS) for rows in (gained, plain, self._compared(seed))))

    def _people(self, seed: int) -> tuple[dict[tuple[int, int], dict[str, np.ndarray]], list[Level]]:
        """Draw the pupils of 2020/21 by place and cohort, as :func:`oko.records.example.pupils.draw_people` does."""
        levels = [pupils.draw_level(school.kind, place, seed) for place, school in enumerate(self.cluster.schools)]
        cohorts = sorted({work.wave.cohort for work in self.works})
        frame = pd.concat(
            [
                pupils._cohort(school, place, cohort, levels[place], seed)
                for place, school in enumerate(self.cluster.schools)
                for cohort in cohorts
            ],
            ignore_index=True,
        )
        columns = {name: frame[name].to_numpy(copy=True) for name in ("place", "cohort", "first", "last")}
        lasting = {name: frame[name].to_numpy(copy=True) for name in ("sex", "mathematics", "physics")}
        _let_move(columns, lasting)
        there = (columns["first"] <= YEAR) & (columns["last"] >= YEAR)
        lasting["letter"] = frame["letter"].to_numpy()
        found = {}
        for place in range(len(self.cluster.schools)):
            for cohort in cohorts:
                rows = there & (columns["place"] == place) & (columns["cohort"] == cohort)
                found[place, cohort] = {name: values[rows] for name, values in lasting.items()}
        return found, levels

    def _sat(
        self,
        work: Work,
        people: Mapping[str, np.ndarray],
        level: Level,
        place: int,
        seed: int,
        shifts: np.ndarray,
    ) -> np.ndarray:
        """Return the sums of the target tasks of those who took a work, as :func:`sitting.sit` draws them."""
        instrument = work.instrument
        rng = np.random.Generator(np.random.PCG64([seed, 500 + place, *work.wave.key]))
        ability = people[work.wave.subject] + level.progress[work.wave.order]
        n = len(ability)
        ability = ability + sitting._OCCASION * rng.standard_normal(n)
        sexes = np.where((people["sex"] == "F")[:, None], work.dif["F"], work.dif["M"])
        latent = instrument.slope * (ability[:, None] + (shifts + sexes)) + rng.standard_normal(sexes.shape)
        luck = rng.standard_normal(latent.shape)
        untaught = sitting._untaught(instrument, pd.Series(people["letter"], dtype=object), rng)
        if self.cluster.school_codes[place] == self.settings.bias.school:
            points = self._raised(work, latent, luck, untaught, rng)
        else:
            points = np.where(untaught[:, work.targets], 0, _points(work, latent, work.targets))
        rng.standard_normal(n)  # the marks of the journal
        took = rng.integers(0, 100, n) >= rng.integers(*sitting._ABSENT)
        return points[took].sum(axis=1)

    def _raised(
        self, work: Work, latent: np.ndarray, luck: np.ndarray, untaught: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the target tasks of the school that adds a point to some of its pupils."""
        every = np.arange(latent.shape[1])
        points = _points(work, latent, every)
        skipped = (points == 0) & (luck < _bounds(work)) & ~untaught
        answers = Answers(work.instrument.labels, np.where(untaught, 0, points), skipped)
        raised = sitting._raised(answers, work.instrument, untaught, self.settings.bias.raised, rng)
        return raised.points[:, work.targets]

    def _compared(self, seed: int) -> list[_Row]:
        """Draw the schools of comparison, as :func:`oko.records.example.groups.compared` does."""
        schools = groups.comparison_schools(self.settings, seed).to_dict("records")
        named = [(place, str(row["school"])) for place, row in enumerate(schools, start=groups.COMPARED_FROM)]
        kinds = [str(row["kind"]) for row in schools]
        levels = [pupils.draw_level(kind, place, seed) for kind, (place, _) in zip(kinds, named, strict=True)]
        usual = [int(np.random.Generator(np.random.PCG64([seed, 810, place])).integers(45, 125)) for place, _ in named]
        rows = list[_Row]()
        for work in self.works:
            wave, subject = work.wave, SUBJECTS.index(work.wave.subject)
            rng = np.random.Generator(np.random.PCG64([seed, 850, *wave.key]))
            parts: dict[str, np.ndarray] = {}
            for (place, school), level, size in zip(named, levels, usual, strict=True):
                theta = groups._WITHIN * rng.standard_normal(int(size * rng.uniform(0.85, 1)))
                if writes(wave, place, seed):
                    parts[school] = theta + level.level + level.subjects[subject] + level.progress[wave.order]
            theta = np.concatenate(list(parts.values()))
            latent = work.instrument.slope * theta[:, None] + rng.standard_normal((len(theta), len(work.steps)))
            sums = _points(work, latent, work.targets).sum(axis=1)
            ends = np.cumsum([len(part) for part in parts.values()])[:-1]
            rows += [
                (school, work.stratum, work.period, *_told(part))
                for school, part in zip(parts, np.split(sums, ends), strict=True)
            ]
        return rows


@cache
def _truth() -> Truth:
    return Truth()


def _estimated(
    rows: pd.DataFrame, comparison: pd.DataFrame
) -> tuple[impact.Differences, impact.Randomisation, impact.Conclusion]:
    means = evidence.school_wave_means(rows, comparison)
    found = impact.difference_in_differences(means, "outcome", stratum="stratum")
    test = found.randomisation(draws=DRAWS)
    return found, test, impact.conclusion(found, test)


def decided(drawn: Drawn) -> impact.Conclusion:
    """Return what the final study decides where no gain is planted."""
    return _estimated(drawn.without_gain, drawn.comparison)[2]


def analysed(drawn: Drawn) -> dict[str, float]:
    """Return what the final study finds with the gain and without it, and the effect on these very pupils.

    ``effect`` is the difference that the gain makes to the estimate when pupils, luck and comparison schools stay the
    same: points with the gain less points without it, in the units of the analysis and weighted as there.
    """
    told: dict[str, float] = {}
    for name, rows in (("gain", drawn.cluster), ("none", drawn.without_gain)):
        found, test, said = _estimated(rows, drawn.comparison)
        numbers = {key: getattr(found, key) for key in ("estimate", "se", "df", "p", "lower", "upper")}
        numbers |= {"p_randomisation": test.p, "claims": float(said.claims)}
        told |= {f"{name}_{key}": float(value) for key, value in numbers.items()}
    return {**told, "effect": told["gain_estimate"] - told["none_estimate"]}


def found_in(seeds: Iterable[int], truth: Truth | None = None) -> pd.DataFrame:
    """Draw and analyse some seeds; index ``seed``."""
    seeds = list(seeds)
    rows = [analysed((truth or _truth()).draw(seed)) for seed in seeds]
    return pd.DataFrame(rows, index=pd.Index(seeds, name="seed"))


def found_in_parallel(seeds: Sequence[int], jobs: int = 2) -> pd.DataFrame:
    """As :func:`found_in`, by some programs side by side."""
    parts = [list(seeds)[start : start + PART] for start in range(0, len(seeds), PART)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return pd.concat(pool.map(found_in, parts))
