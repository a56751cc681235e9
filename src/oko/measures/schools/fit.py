"""A fitted model in the units that it was searched in: what later questions to it need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from oko.measures.mixed import Floats
from oko.measures.mixed_nested import NestedEvaluation, NestedProducts, evaluate_nested
from oko.measures.mixed_profile import Variances
from oko.measures.statement import Statement

FEWEST_DF = 5


@dataclass(frozen=True)
class Fit:
    """A model of a scaled design.

    Attributes
    ----------
    products : NestedProducts
    relative : tuple of ndarray of shape (q, q)
        Relative covariances of the effects, lowest level first.
    names : tuple of str
        Variance of each level, lowest first.
    school : int
        Place of the schools among the levels.
    terms : tuple of str
        Intercept and covariates.
    back : ndarray of shape (p, p)
        Turns coefficients of the scaled design into those of the data.
    least_squares : ndarray of shape (p,)
        Coefficients taken out of the outcome beforehand.
    spread : float
        What a unit of the scaled outcome is in the data.
    restricted : bool
    df : tuple of int
        Degrees of freedom between the groups of each level, lowest first.
    """

    products: NestedProducts
    relative: tuple[Floats, ...]
    names: tuple[str, ...]
    school: int
    terms: tuple[str, ...]
    back: Floats
    least_squares: Floats
    spread: float
    restricted: bool
    df: tuple[int, ...]

    def at(self) -> NestedEvaluation:
        """Evaluate the likelihood at the estimates."""
        return evaluate_nested(self.products, self.relative, restricted=self.restricted)

    def variances(self) -> Variances:
        """Return the covariances in units of the scaled outcome."""
        pupil = self.at().pupil_variance
        return Variances(self.products, tuple(pupil * psi for psi in self.relative), pupil, self.restricted)

    def too_few(self, places: Iterable[int]) -> tuple[Statement, ...]:
        """Say which of these levels have too few degrees of freedom for any interval."""
        return tuple(
            Statement(
                "schools_few_df",
                {"level": self.names[p], "df": self.df[p], "needed": FEWEST_DF, "more": FEWEST_DF - self.df[p]},
            )
            for p in places
            if self.df[p] < FEWEST_DF
        )

    def random_back(self, place: int) -> Floats:
        """Return the part of ``back`` that belongs to the effects of a level."""
        random = list(self.products.levels[place].random)
        return self.back[np.ix_(random, random)]
