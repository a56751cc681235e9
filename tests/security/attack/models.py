"""What a published model tells of schools whose rows are hidden: their numbers of pupils and their residuals."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtri

from security.attack.releases import ends, slack

Z = float(ndtri(0.975))
MOST_HIDDEN = 3


@dataclass(frozen=True)
class Published:
    """One model with random intercepts as released.

    Attributes
    ----------
    rows : DataFrame
        school, n, residual, se, gh_lower, gh_upper, hidden: every school of the model.
    between, within : float
        Variances of schools and pupils.
    n : int
        Pupils of the model.
    """

    rows: pd.DataFrame
    between: float
    within: float
    n: int

    @property
    def work(self) -> str:
        return str(self.rows["assessment"].iloc[0])

    @property
    def hidden(self) -> list[str]:
        return sorted(self.rows.loc[self.rows["hidden"].astype(bool), "school"])

    @property
    def shown(self) -> pd.DataFrame:
        return self.rows[~self.rows["hidden"].astype(bool)]

    @property
    def rest(self) -> int:
        """Pupils of the hidden schools together."""
        return self.n - int(self.shown["n"].sum())

    def error(self, n: np.ndarray) -> np.ndarray:
        """Return the standard error of a school's residual from its number of pupils."""
        return np.sqrt(self.between * self.within / (self.within + n * self.between))


def sizes(model: Published, known: dict[str, int] | None = None) -> np.ndarray:
    """Return every set of numbers of pupils that the hidden schools can have, one row a set, in order of the schools.

    Notes
    -----
    The Goldstein–Healy bar is the same number of standard errors in every row, and that number is a mean over all
    pairs of schools, hidden ones too.
    """
    hidden, shown = model.hidden, model.shown
    low, high = _factor(shown)
    free = [school for school in hidden if school not in (known or {})]
    total = model.rest - sum((known or {}).values())
    if not free or len(free) > MOST_HIDDEN:
        return np.empty((0, len(hidden)))
    first = [range(1, total)] * (len(free) - 1)
    tried = np.array([(*numbers, total - sum(numbers)) for numbers in product(*first)])
    tried = tried[tried[:, -1] >= 1]
    whole = np.empty((len(tried), len(hidden)))
    for place, school in enumerate(hidden):
        whole[:, place] = tried[:, free.index(school)] if school in free else (known or {})[school]
    fits = np.array([low <= _overlap(model.error(np.append(shown["n"], numbers))) <= high for numbers in whole])
    return whole[fits]


def _factor(shown: pd.DataFrame) -> tuple[float, float]:
    """Return between which ends the bar's length in standard errors lies, rounding considered."""
    error = {name: slack(shown[name]) for name in ("gh_lower", "gh_upper", "se")}
    least, most = 0.0, np.inf
    for row in shown.to_dict("records"):
        lower, upper, se = (ends(row[name], error[name]) for name in ("gh_lower", "gh_upper", "se"))
        least = max(least, (upper[0] - lower[1]) / 2 / se[1])
        most = min(most, (upper[1] - lower[0]) / 2 / se[0])
    return least - 1e-9, most + 1e-9


def _overlap(se: np.ndarray) -> float:
    ratio = np.hypot(se[:, None], se[None, :]) / (se[:, None] + se[None, :])
    size = len(se)
    return Z * float(ratio.sum() - np.trace(ratio)) / (size * (size - 1))


def residuals(model: Published, numbers: np.ndarray, known: dict[str, float] | None = None) -> tuple[float, float]:
    """Return the least and the greatest residual that a hidden school can have.

    Parameters
    ----------
    model : Published
    numbers : array
        Pupils of the hidden schools: a guess does, the answer hardly depends on it.
    known : dict, optional
        Residuals of hidden schools that the attacker knows: his own.

    Notes
    -----
    Residuals of all schools add up to 0; their squares to J·between less the sum of the variances of prediction, which
    is the equation that restricted maximum likelihood solves. Sum and sum of squares leave the hidden ones on a circle.
    """
    sizes_of_all = np.append(model.shown["n"], numbers)
    schools = len(sizes_of_all)
    shrunk = sizes_of_all * model.between / (model.within + sizes_of_all * model.between)
    variances = model.between * (1 - shrunk) + shrunk**2 * (model.between / schools + model.within / model.n)
    own = np.array(list((known or {}).values()))
    total = -float(model.shown["residual"].sum()) - float(own.sum())
    squares = schools * model.between - float(variances.sum())
    squares -= float((model.shown["residual"] ** 2).sum()) + float((own**2).sum())
    free = len(numbers) - len(own)
    if free == 1:
        return total, total
    reach = np.sqrt(max(0.0, (free - 1) / free * (squares - total**2 / free)))
    return total / free - reach, total / free + reach
