"""Invented answers: a normal-ogive graded response model that meets the task shares of a real region."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

_DISCRIMINATION = {"mathematics": 0.62, "physics": 0.49}
_JOURNAL_LOADING = 0.85
_JOURNAL_STEPS = (-2.4, 0.1, 1.35)
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


def draw_answers(ability: np.ndarray, reference: pd.DataFrame, subject: str, rng: np.random.Generator) -> Answers:
    r"""Draw answers of pupils to the tasks of a work.

    Parameters
    ----------
    ability : array, shape (pupils,)
        About standard normal over the cluster.
    reference : DataFrame, index item
        max_score, facility, share_zero, share_full, share_not_attempted of a population with standard normal ability.
    subject : str
        Its tasks tell abilities apart more or less well.
    rng : Generator

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
    slope = _DISCRIMINATION[subject]
    latent = slope * ability[:, None] + rng.standard_normal((len(ability), len(reference)))
    points = np.zeros(latent.shape, dtype=np.int64)
    for place, task in enumerate(reference.itertuples(index=False)):
        steps = [-_quantile(share) * np.sqrt(1 + slope**2) for share in step_shares(task)]
        points[:, place] = np.searchsorted(steps, latent[:, place])
    chance = (reference["share_not_attempted"] / reference["share_zero"]).clip(upper=0.95).to_numpy()
    bounds = np.array([_quantile(max(share, 1e-6)) for share in chance])
    skipped = (points == 0) & (rng.standard_normal(points.shape) < bounds)
    return Answers([str(item) for item in reference.index], points, skipped)


def step_shares(task: object) -> list[float]:
    """Return the shares of pupils with at least 1, 2, … points, from the facility and the ends.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> step_shares(SimpleNamespace(max_score=2, facility=0.4, share_zero=0.5, share_full=0.3))
    [0.5, 0.3]
    """
    some, full = 1 - task.share_zero, task.share_full  # type: ignore[attr-defined]
    most, facility = int(task.max_score), task.facility  # type: ignore[attr-defined]
    between = most * facility - some - full if most > 2 else 0.0
    inner = [between / (most - 2)] * (most - 2) if most > 2 else []
    return [some, *inner, full][:most] if most > 1 else [some]


def draw_journal_marks(ability: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw marks of the class journal, 2 to 5: they follow ability, and other things too."""
    luck = np.sqrt(1 - _JOURNAL_LOADING**2) * rng.standard_normal(len(ability))
    marks: np.ndarray = np.searchsorted(_JOURNAL_STEPS, _JOURNAL_LOADING * ability + luck) + 2
    return marks
