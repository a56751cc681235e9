"""Between which places schools may stand, by draws from what is known of them all together."""

from __future__ import annotations

from numbers import Integral

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.intervals import check_level
from oko.measures.mixed_effects import drawn_coefficients
from oko.measures.schools.fit import Fit
from oko.measures.statement import Statement

LEAST_DRAWS = 100
_NUMBERS_AT_ONCE = 2_000_000


def rank_bounds(fit: Fit, schools: pd.Index, level: float, draws: int, seed: int) -> pd.DataFrame:
    """Return the frame of `ValueAdded.rank_intervals`."""
    check_level(level)
    if not isinstance(draws, Integral) or draws < LEAST_DRAWS:
        raise MeasureError("{draws} draws are too few: give {needed} or more.", draws=draws, needed=LEAST_DRAWS)
    if not isinstance(seed, Integral) or seed < 0:
        raise MeasureError("Seed {seed} is no whole number from 0: give one.", seed=repr(seed))
    few = fit.too_few(range(fit.school, len(fit.names)))
    if few:
        empty = pd.DataFrame({"lower": np.nan, "upper": np.nan}, index=schools)
        empty.attrs["statements"] = few
        return empty
    n = len(schools)
    if any(np.diag(psi).max() > 0 for psi in fit.relative[fit.school :]):
        places = _places(fit, n, draws, seed)
        tail = (1 - level) / 2
        lower = np.quantile(places, tail, axis=0, method="inverted_cdf")
        upper = np.quantile(places, 1 - tail, axis=0, method="inverted_cdf")
    else:
        lower, upper = np.ones(n), np.full(n, n)
    frame = pd.DataFrame({"lower": lower.astype(np.int64), "upper": upper.astype(np.int64)}, index=schools)
    width = float((frame["upper"] - frame["lower"] + 1).median())
    values = {"n_schools": n, "places": width, "level": float(level), "draws": draws}
    frame.attrs["statements"] = (Statement("schools_places", values),)
    return frame


def _places(fit: Fit, n: int, draws: int, seed: int) -> NDArray[np.int32]:
    """Return each school's place in each draw, 1 for the highest."""
    at, random = fit.at(), np.random.default_rng(seed)
    chunk = max(1, _NUMBERS_AT_ONCE // (n * len(fit.terms)))
    places = np.empty((draws, n), dtype=np.int32)
    for start in range(0, draws, chunk):
        stop = min(draws, start + chunk)
        deviation = drawn_coefficients(fit.products, at, fit.school, stop - start, random)
        effect = np.tensordot(fit.back[0], deviation, axes=(0, 0))
        order = np.argsort(-effect, axis=0)
        rank = np.empty_like(order, dtype=np.int32)
        np.put_along_axis(rank, order, np.arange(1, n + 1, dtype=np.int32)[:, None], axis=0)
        places[start:stop] = rank.T
    return places
