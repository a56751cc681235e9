"""Conditional gain: the present score less what earlier scores lead to expect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.growth.norms import design_of
from oko.measures.growth.pupils import Scores, collapse, read_pupils, usable
from oko.measures.growth.splines import Knots, read_splines, settle
from oko.measures.intervals import Floats
from oko.measures.statement import Statement, whole
from oko.measures.weights import Weights

PER_COLUMN = 10
_COLUMNS = ["expected", "gain", "gain_sd", "index", "se"]


def conditional_gain(
    prior: Scores,
    current: pd.Series,
    knots: Knots = None,
    boundaries: Knots = None,
    weights: Weights = None,
) -> pd.DataFrame:
    r"""Return how far pupils are from the mean of those with the same earlier scores.

    Parameters
    ----------
    prior, current, knots, boundaries, weights
        As in `growth_percentiles`.

    Returns
    -------
    DataFrame on the index of ``current``
        expected: mean present score by earlier scores; gain: current − expected, points; gain_sd: gain in standard
        deviations of the present score; index: gain in standard deviations of pupils with the same earlier scores;
        se: standard error of ``gain_sd`` from the estimate of ``expected``. NaN where a score is missing or
        outside the boundaries. ``.attrs["residual_sd"]``, ``.attrs["sd"]``, ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        As in `growth_percentiles`.

    Notes
    -----
    Weighted least squares on the spline columns of `growth_percentiles`; residual variance on n less columns degrees of
    freedom, taken as the same for all earlier scores. Fewer than 10 pupils for each column are refused (a rule of
    thumb, from memory). The scores' own errors of measurement are in the gain and not in ``se``: for one pupil they are
    by far the greater part.

    Examples
    --------
    >>> before = pd.Series(np.arange(400) % 40, dtype=float)
    >>> found = conditional_gain(before, 2 * before + np.where(np.arange(400) % 80 < 40, 1, -1))
    >>> found["gain"].round(6).iloc[[0, 40]].tolist(), round(found.attrs["residual_sd"], 4)
    ([1.0, -1.0], 1.0102)
    """
    pupils = read_pupils(prior, current, weights)
    present = pupils.complete & (pupils.weights > 0)
    splines = read_splines(pupils.prior[present], pupils.names, knots, boundaries, pupils.weights[present])
    inside, said = usable(pupils, splines)
    used = inside & (pupils.weights > 0)
    cells = collapse(pupils, used)
    splines, simplified = settle(splines, cells.prior) if used.any() else (splines, ())
    n, size = float(cells.weights.sum()), 1 + sum(spline.size for spline in splines)
    frame = pd.DataFrame(np.nan, current.index, _COLUMNS)
    needed = PER_COLUMN * size
    if n < needed:
        frame.attrs |= {"residual_sd": np.nan, "sd": np.nan}
        few = Statement("growth_too_few_for_expected", {"n": whole(n), "needed": needed})
        frame.attrs["statements"] = (*said, few)
        return frame
    design = design_of(splines, cells.prior)[cells.row]
    frame.attrs |= _fill(frame, design, cells.current, cells.weights, cells.cell, used)
    frame.attrs["statements"] = (*said, *simplified)
    return frame


def _fill(
    frame: pd.DataFrame, design: Floats, current: Floats, weights: Floats, cell: np.ndarray, used: np.ndarray
) -> dict[str, float]:
    """Fill in the rows of the pupils used; return the standard deviations."""
    n, size = float(weights.sum()), design.shape[1]
    origin = float(np.average(current, weights=weights))
    y, root = current - origin, np.sqrt(weights)
    orthogonal, upper = np.linalg.qr(design * root[:, None])
    beta = np.linalg.solve(upper, orthogonal.T @ (y * root))
    expected = design @ beta
    gain = y - expected
    residual_sd = float(np.sqrt(weights @ gain**2 / (n - size)))
    sd = float(np.sqrt(weights @ y**2 / (n - 1)))
    # what is left of rounding where the earlier scores give the present one exactly
    residual_sd = 0.0 if residual_sd <= 1e-9 * sd else residual_sd
    leverage = np.sum(orthogonal**2, axis=1) / weights
    known = pd.DataFrame(
        {
            "expected": origin + expected,
            "gain": gain,
            "gain_sd": _over(gain, sd),
            "index": _over(gain, residual_sd),
            "se": _over(residual_sd * np.sqrt(leverage), sd),
        }
    )
    frame.loc[used] = known.to_numpy()[cell]
    return {"residual_sd": residual_sd, "sd": sd}


def _over(values: Floats, sd: float) -> Floats:
    return values / sd if sd > 0 else np.full(len(values), np.nan)
