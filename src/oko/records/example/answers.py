"""Invented answers: a normal-ogive graded response model that meets the task shares of a real region."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

_JOURNAL_LOADING = 0.85
_JOURNAL_STEPS = (-2.4, 0.1, 1.35)
_SAMPLE = 20_000
_quantile = NormalDist().inv_cdf


@dataclass(frozen=True)
class Answers:
    """Points of one group of pupils.

    Attributes
    ----------
    items : list of str
        Labels of the tasks.
    points : array of int, pupils × items
    not_attempted : array of bool, pupils × items
        The pupil did not start the task; its points are 0.
    """

    items: list[str]
    points: np.ndarray
    not_attempted: np.ndarray


def draw_answers(
    ability: np.ndarray,
    reference: pd.DataFrame,
    slope: float,
    rng: np.random.Generator,
    shift: np.ndarray | float = 0.0,
) -> Answers:
    r"""Draw answers of pupils to the tasks of a work.

    Parameters
    ----------
    ability : array, shape (pupils,)
        About standard normal over the region.
    reference : DataFrame, index item
        max_score, facility, share_zero, share_full, share_not_attempted, share_not_covered of a population with
        standard normal ability.
    slope : float
        How well the tasks tell abilities apart.
    rng : Generator
    shift : array or float, shape (pupils, items)
        What is added to the ability for single tasks.

    Returns
    -------
    Answers

    Notes
    -----
    A pupil reaches step k of a task where :math:`a\theta + e > \tau_k`, e standard normal (Samejima, 1969). With
    :math:`\theta \sim N(0, 1)` the share that reaches it is :math:`p_k` if
    :math:`\tau_k = -\Phi^{-1}(p_k) \sqrt{1 + a^2}`. Pupils without points have not started the task as often as those
    of the region.
    """
    latent = slope * (ability[:, None] + shift) + rng.standard_normal((len(ability), len(reference)))
    points = np.zeros(latent.shape, dtype=np.int64)
    for place, steps in enumerate(thresholds(reference, slope)):
        points[:, place] = np.searchsorted(steps, latent[:, place])
    chance = (reference["share_not_attempted"] / reference["share_zero"].clip(lower=0.01)).clip(upper=0.95).to_numpy()
    bounds = np.array([_quantile(max(share, 1e-6)) for share in chance])
    skipped = (points == 0) & (rng.standard_normal(points.shape) < bounds)
    return Answers([str(item) for item in reference.index], points, skipped)


def thresholds(reference: pd.DataFrame, slope: float) -> list[list[float]]:
    """Return for each task the latent values from which 1, 2, … points are reached, in rising order."""
    wide = np.sqrt(1 + slope**2)
    return [
        sorted(-_quantile(min(max(share, 0.005), 0.995)) * wide for share in step_shares(task))
        for task in reference.itertuples(index=False)
    ]


def step_shares(task: object) -> list[float]:
    """Return the shares of pupils with at least 1, 2, … points, from the facility and the ends.

    Pupils to whom the topic was not taught stand among those without points, and are left out here.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> step_shares(SimpleNamespace(max_score=2, facility=0.4, share_zero=0.5, share_full=0.3, share_not_covered=0.0))
    [0.5, 0.3]
    """
    taught = 1 - task.share_not_covered  # type: ignore[attr-defined]
    some, full = 1 - task.share_zero, task.share_full  # type: ignore[attr-defined]
    most, facility = int(task.max_score), task.facility  # type: ignore[attr-defined]
    between = most * facility - some - full if most > 2 else 0.0
    inner = [between / (most - 2)] * (most - 2) if most > 2 else []
    shares = [some, *inner, full][:most] if most > 1 else [some]
    return [min(share / taught, 1.0) for share in shares]


def latent_gain(reference: pd.DataFrame, slope: float, targets: list[str], effect: float) -> float:
    """Return how far ability must rise in the target tasks for their scores to rise by ``effect`` standard deviations.

    Parameters
    ----------
    reference : DataFrame, index item
    slope : float
    targets : list of str
        Labels of the tasks.
    effect : float
        In standard deviations of the sum of the target tasks, in a population with standard normal ability.

    Returns
    -------
    float
        In standard deviations of ability, found by halving on one fixed sample; it may be cut by the greatest score.
    """
    if not targets or effect == 0:
        return 0.0
    rng = np.random.Generator(np.random.PCG64([len(targets), 12]))
    ability = rng.standard_normal(_SAMPLE)
    noise = rng.standard_normal((_SAMPLE, len(targets)))
    steps = thresholds(reference.loc[targets], slope)

    def total(gain: float) -> np.ndarray:
        latent = slope * (ability[:, None] + gain) + noise
        sums: np.ndarray = np.sum([np.searchsorted(step, latent[:, place]) for place, step in enumerate(steps)], axis=0)
        return sums

    begun = total(0.0)
    wanted = effect * float(begun.std())
    low, high = sorted((0.0, float(np.sign(effect)) * 3.0))
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (middle, high) if total(middle).mean() - begun.mean() < wanted else (low, middle)
    return (low + high) / 2


def draw_journal_marks(ability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw marks of the class journal, 2 to 5: they follow ability, and other things too."""
    luck = np.sqrt(1 - _JOURNAL_LOADING**2) * rng.standard_normal(len(ability))
    marks: np.ndarray = np.searchsorted(_JOURNAL_STEPS, _JOURNAL_LOADING * ability + luck) + 2
    return marks
