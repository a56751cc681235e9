"""What a model of schools found, and what it can be asked afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from oko.measures.schools.fit import Fit
from oko.measures.schools.new_school import predicted_school
from oko.measures.schools.ranks import rank_bounds
from oko.measures.schools.variances import variance_bounds
from oko.measures.statement import Statement

FEW_SCHOOLS = 20


@dataclass(frozen=True)
class ValueAdded:
    """A fitted model of pupils within schools.

    Attributes
    ----------
    fixed : DataFrame, index ``Intercept`` and covariates
        ``estimate``, ``se``, ``t``.
    variance : Series
        ``school``, ``pupil`` (of a row within its lowest group); with levels above or below their columns' names;
        with random slopes ``school:<slope>`` and covariances ``school:Intercept~<slope>``, below likewise.
    schools : DataFrame, index ``school``
        ``n``; ``residual``, shrunken; ``se``, conditional; ``lower``, ``upper`` (95 %); ``gh_lower``, ``gh_upper``
        (Goldstein–Healy bars); with random slopes ``<slope>`` and ``<slope>_se``. With a level above, ``residual`` is
        the school's own, against its group, and ``whole``, ``whole_se`` are school and group together. With fewer than
        5 degrees of freedom of schools, schools less the covariates that do not vary within them less 1 (with a level
        above, less its groups), the bounds are NaN; in ``within`` and ``below`` likewise.
    minus2loglik : float
        Minus twice the log-likelihood; the REML criterion if ``method`` is "reml".
    icc : float
        ``school`` / sum of all levels' variances; with random slopes where the slope's covariate is 0.
    gh_factor : float
        Standard errors that a Goldstein–Healy bar reaches: for one average pair, not for all pairs at once.
    n, n_dropped : float
        Pupils in the model; pupils left out because a value was missing.
    n_schools : int
    method : str
    converged : bool
        The maximum was found and checked (gradient, curvature, boundary).
    gradient_norm : float
        Largest derivative of the deviance at the end of the search.
    statements : tuple of Statement
        ``few_schools``, ``schools_few_df``, ``boundary``, ``dropped_rows``, ``not_converged``, ``schools_few_groups``,
        ``schools_boundary``, ``schools_pupils_in_two``.
    within : DataFrame, index the column above, or None
        ``n``, ``n_schools``, ``residual``, ``se``, ``lower``, ``upper``.
    below : DataFrame, index school and the column below, or None
        ``n``, ``residual``, ``se``, ``lower``, ``upper``; with slopes ``<slope>`` and ``<slope>_se``.
    fit : Fit
        The model in the units that it was searched in.
    """

    fixed: pd.DataFrame
    variance: pd.Series
    schools: pd.DataFrame
    minus2loglik: float
    icc: float
    gh_factor: float
    n: float
    n_dropped: float
    n_schools: int
    method: str
    converged: bool
    gradient_norm: float
    statements: tuple[Statement, ...]
    fit: Fit = field(repr=False)
    within: pd.DataFrame | None = None
    below: pd.DataFrame | None = None

    def variance_intervals(self, level: float = 0.95) -> pd.DataFrame:
        r"""Return standard errors and profile-likelihood intervals of the variances.

        Parameters
        ----------
        level : float, default 0.95

        Returns
        -------
        DataFrame, index the variances (no covariances)
            ``estimate``; ``se``, NaN for a level on the boundary; ``lower``, ``upper``, the lower one 0 where the data
            cannot exclude it. Statement ``schools_variance_from_zero`` names these. A level with fewer than 5 degrees
            of freedom has an estimate alone, and statement ``schools_few_df``.

        Raises
        ------
        MeasureError
            The level is not between 0 and 1.

        Notes
        -----
        The interval holds the variances at which the deviance, all else at its best, is less than the quantile of
        :math:`χ²_1` above its minimum (as lme4's ``confint(method = "profile")``; with REML the restricted deviance).
        ``se`` comes from the observed information. An estimate ± 1.96 ``se`` is no interval: a variance of few schools
        is far from normal.

        Examples
        --------
        >>> from oko.measures.schools import value_added
        >>> rows = [(s, (s % 4) + ((7 * s + 5 * x) % 4) / 2) for s in range(6) for x in range(8)]
        >>> model = value_added(pd.DataFrame(rows, columns=["school", "score"]), "score")
        >>> model.variance_intervals().loc["school"].round(2).tolist()
        [1.32, 0.86, 0.44, 6.44]
        """
        return variance_bounds(self.fit, level)

    def predict_school(
        self, covariates: Mapping[str, float] | None = None, level: float = 0.95, group: object = None
    ) -> pd.Series:
        r"""Say what to expect of a school without data, whose pupils have these covariates.

        Parameters
        ----------
        covariates : mapping of str to float
            A value for every covariate of the model.
        level : float, default 0.95
        group : label, optional
            Its group in the level above; by default a group without data too.

        Returns
        -------
        Series
            ``estimate``; ``se`` of the estimate; ``sd``, with which the school's expected mean may differ from it
            (error and differences between schools); ``df``; ``lower``, ``upper``. Statement
            ``schools_new_without_variance`` where the differences are estimated as zero; with ``df`` below 5 no
            bounds, and ``schools_few_df``.

        Raises
        ------
        MeasureError
            A covariate is missing, unknown or not a finite number; or the group has no data.

        Notes
        -----
        ``sd``² = x'var(β)x + z'Σz, the bounds by Student's t with the degrees of freedom of the levels in Σ, the fewest
        where there are two: normal quantiles would hide how roughly few schools give Σ. The interval is
        for what the school's pupils would average if they were many, not for the mean of one year's pupils.

        Examples
        --------
        >>> from oko.measures.schools import value_added
        >>> rows = [(s, (s % 4) + ((7 * s + 5 * x) % 4) / 2) for s in range(6) for x in range(8)]
        >>> model = value_added(pd.DataFrame(rows, columns=["school", "score"]), "score")
        >>> model.predict_school().round(2).tolist()
        [1.92, 0.48, 1.24, 5.0, -1.28, 5.12]
        """
        groups = None if self.within is None else self.within.index
        return predicted_school(self.fit, {} if covariates is None else covariates, level, groups, group)

    def rank_intervals(self, level: float = 0.95, draws: int = 4000, seed: int = 0) -> pd.DataFrame:
        r"""Return between which places a school may stand: for experts, to show how little a ranking would say.

        Parameters
        ----------
        level : float, default 0.95
        draws : int, default 4000
        seed : int, default 0

        Returns
        -------
        DataFrame, index of ``schools`` in its order, never sorted by place
            ``lower``, ``upper``: places, 1 for the highest. Statement ``schools_places`` says how wide they are. NaN
            with statement ``schools_few_df`` where schools, or groups above, have fewer than 5 degrees of freedom.

        Raises
        ------
        MeasureError
            The level is not between 0 and 1, or there are fewer than 100 draws.

        Notes
        -----
        The schools' effects (with a level above, school and group together; with random slopes, where the covariate is
        0) are drawn from their joint distribution given the data, the error of the fixed part included and the
        variances taken as known; the places in each draw give the quantiles (Goldstein & Spiegelhalter 1996,
        JRSS A 159, 385–443). Not to be printed as a ranking.

        Examples
        --------
        >>> from oko.measures.schools import value_added
        >>> rows = [(s, (s % 4) + ((7 * s + 5 * x) % 4) / 2) for s in range(6) for x in range(8)]
        >>> model = value_added(pd.DataFrame(rows, columns=["school", "score"]), "score")
        >>> model.rank_intervals()["lower"].tolist()
        [5, 3, 2, 1, 5, 3]
        """
        return rank_bounds(self.fit, self.schools.index, level, draws, seed)
