"""Standard errors and profile intervals of the variances of a fitted model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.intervals import check_level
from oko.measures.mixed import Floats
from oko.measures.mixed_profile import profile_bounds, variance_errors
from oko.measures.schools.fit import FEWEST_DF, Fit
from oko.measures.statement import Statement


def variance_bounds(fit: Fit, level: float) -> pd.DataFrame:
    """Return the frame of `ValueAdded.variance_intervals`."""
    check_level(level)
    of = fit.variances()
    directions: list[list[Floats]] = [list(fit.random_back(place)) for place in range(len(fit.names))]
    errors, pupil_error = variance_errors(of, directions)
    rows: dict[str, tuple[float, float, float, float]] = {}
    for place in _order(fit):
        for i, direction in enumerate(directions[place]):
            estimate = float(direction @ of.covariances[place] @ direction)
            known = fit.df[place] >= FEWEST_DF
            bounds = profile_bounds(of, place, direction, level) if known else (float("nan"), float("nan"))
            rows[_name(fit, place, i)] = (estimate, errors[place][i] if known else float("nan"), *bounds)
    rows["pupil"] = (of.pupil, pupil_error, *profile_bounds(of, None, np.ones(1), level))
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "se", "lower", "upper"]) * fit.spread**2
    from_zero = tuple(frame.index[frame["lower"] == 0])
    said = Statement("schools_variance_from_zero", {"variances": from_zero, "level": float(level)})
    frame.attrs["statements"] = (*fit.too_few(range(len(fit.df))), *((said,) if from_zero else ()))
    return frame


def _order(fit: Fit) -> list[int]:
    """Return the levels with the schools first, as in the variances of the result."""
    return [fit.school, *(place for place in reversed(range(len(fit.names))) if place != fit.school)]


def _name(fit: Fit, place: int, i: int) -> str:
    random = fit.products.levels[place].random
    return fit.names[place] if not i else f"{fit.names[place]}:{fit.terms[random[i]]}"
