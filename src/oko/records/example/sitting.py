"""The example's pupils sit the works: what they answer, the marks they get, and who is absent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from oko.records import instruments
from oko.records.example.answers import Answers, draw_answers, draw_journal_marks, latent_gain
from oko.records.example.pupils import Level
from oko.records.example.settings import ExampleSettings
from oko.records.example.waves import Wave
from oko.records.example.works import Instrument

_OCCASION = 0.25
_AFTER_DISTANCE = 0.45  # journal marks of spring 2020, given at a distance
_ABSENT = (6, 13)
_EFFECT_FROM = 2020


@dataclass(frozen=True)
class Sat:
    """A work sat by one cohort of one school.

    Attributes
    ----------
    wave : Wave
    instrument : Instrument
    pupils : DataFrame
        On the index of the people: the columns of people, and variant, status, primary_score, mark, journal_mark, and
        ability as it was on the day.
    points : DataFrame of Int64, pupils × items
        NA for those who were absent.
    not_attempted, not_covered : DataFrame of bool
        Points are 0 there.
    """

    wave: Wave
    instrument: Instrument
    pupils: pd.DataFrame
    points: pd.DataFrame
    not_attempted: pd.DataFrame
    not_covered: pd.DataFrame


def sit(
    wave: Wave, instrument: Instrument, people: pd.DataFrame, level: Level, settings: ExampleSettings, seed: int
) -> Sat:
    """Let a cohort of a school sit a work.

    Parameters
    ----------
    wave : Wave
    instrument : Instrument
    people : DataFrame
        Rows of :class:`oko.records.example.pupils.People`, all of one school.
    level : Level
    settings : ExampleSettings
    seed : int

    Returns
    -------
    Sat
    """
    place, school = int(people["place"].iloc[0]), str(people["school"].iloc[0])
    rng = np.random.Generator(np.random.PCG64([seed, 500 + place, *wave.key]))
    lasting = people[wave.subject].to_numpy() + level.progress[wave.order]
    ability = lasting + _OCCASION * rng.standard_normal(len(people))
    moved = task_shifts(wave, instrument, settings, place=place, school=school)
    sexes = _dif(wave, instrument, settings, people["sex"].to_numpy())
    answers = draw_answers(ability, instrument.reference, instrument.slope, rng, moved + sexes)
    untaught = _untaught(instrument, people["letter"], rng)
    answers = replace(
        answers, points=np.where(untaught, 0, answers.points), not_attempted=answers.not_attempted & ~untaught
    )
    biased = school == settings.bias.school and wave.procedure == "vpr"
    if biased:
        answers = _raised(answers, instrument, untaught, settings.bias.raised, rng)
    generous = (_AFTER_DISTANCE if wave.season == "autumn" and wave.start == _EFFECT_FROM else 0.0) + (
        settings.bias.journal if biased else 0.0
    )
    journal = draw_journal_marks(lasting + generous, rng)
    took = rng.integers(0, 100, len(people)) >= rng.integers(*_ABSENT)
    return _sat(wave, instrument, people.assign(ability=ability, journal_mark=journal), (answers, untaught, took), rng)


def _sat(
    wave: Wave,
    instrument: Instrument,
    people: pd.DataFrame,
    drawn: tuple[Answers, np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> Sat:
    answers, untaught, took = drawn
    index, labels = people.index, instrument.labels
    score = pd.Series(answers.points.sum(axis=1), index)
    marks = instruments.mark_of(score, instrument.scale) if instrument.scale else pd.Series(pd.NA, index, dtype="Int64")
    pupils = people.assign(
        variant=rng.integers(1, 3, len(people)),
        status=np.where(took, "took", "absent"),
        primary_score=score.astype("Int64").where(took),
        mark=marks.where(took),
        journal_mark=people["journal_mark"].astype("Int64"),
    )
    points = pd.DataFrame(answers.points, index, labels).astype("Int64")
    points.loc[~took] = pd.NA
    masks = [pd.DataFrame(mask & took[:, None], index, labels) for mask in (answers.not_attempted, untaught)]
    return Sat(wave, instrument, pupils, points, *masks)


def task_shifts(
    wave: Wave, instrument: Instrument, settings: ExampleSettings, *, place: int, school: str
) -> np.ndarray:
    """Return what is added to the ability of a school's pupils for single tasks.

    Parameters
    ----------
    wave : Wave
    instrument : Instrument
    settings : ExampleSettings
    place : int
        100 and more for schools of comparison.
    school : str

    Returns
    -------
    array, one an item
        Deficits of the cluster's schools, and from spring 2021 their gain in the target tasks.
    """
    shifts = pd.Series(0.0, instrument.labels)
    if place >= 100:
        return shifts.to_numpy()
    for deficit in settings.deficits:
        there = [item for item in deficit.items.get(wave.name, ()) if item in shifts.index]
        if school not in settings.without_deficits:
            shifts[there] -= deficit.depth
    if wave.start == _EFFECT_FROM and wave.season == "spring":
        targets = targets_of(wave, instrument, settings)
        shifts[targets] += latent_gain(instrument.reference, instrument.slope, targets, settings.effect)
    return shifts.to_numpy()


def targets_of(wave: Wave, instrument: Instrument, settings: ExampleSettings) -> list[str]:
    """Return the target tasks that a work has."""
    return [item for item in settings.targets(wave.name) if item in instrument.labels]


def _dif(wave: Wave, instrument: Instrument, settings: ExampleSettings, sex: np.ndarray) -> np.ndarray:
    shifts = pd.DataFrame(0.0, range(len(sex)), instrument.labels)
    for dif in settings.dif:
        if dif.work == wave.name and dif.item in shifts:
            shifts[dif.item] = np.where(sex == dif.favours, dif.size / 2, -dif.size / 2)
    return shifts.to_numpy()


def _untaught(instrument: Instrument, letters: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """Draw for each class which topics were not taught to it yet."""
    shares = instrument.reference["share_not_covered"].to_numpy()
    classes, codes = np.unique(letters.to_numpy(), return_inverse=True)
    drawn: np.ndarray = (rng.random((len(classes), len(shares))) < shares)[codes]
    return drawn


def _raised(
    answers: Answers, instrument: Instrument, untaught: np.ndarray, share: float, rng: np.random.Generator
) -> Answers:
    """Give one more point to some of those who lack one to the next mark."""
    points = answers.points.copy()
    most = instrument.reference["max_score"].to_numpy()
    scale = instrument.scale
    if scale is None:
        return answers
    below = np.isin(points.sum(axis=1) + 1, [scale.mark_3_from, scale.mark_4_from, scale.mark_5_from])
    for row in np.flatnonzero(below & (rng.random(len(points)) < share)):
        free = np.flatnonzero((points[row] < most) & ~untaught[row] & ~answers.not_attempted[row])
        if len(free):
            points[row, rng.choice(free)] += 1
    return replace(answers, points=points)
