"""Models of item response theory, fitted by marginal maximum likelihood to patterns of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.irt import dependence, information, item_fit, remarks, wright
from oko.measures.irt.abilities import check_method, empirical_reliability, pattern_abilities
from oko.measures.irt.calibration import Calibration, is_positive
from oko.measures.irt.estimate import Estimate, Model, estimate
from oko.measures.irt.limited import LimitedFit, limited_fit
from oko.measures.irt.newton import Chart
from oko.measures.irt.patterns import Patterns, collapse, levels_of
from oko.measures.responses import Floats, Responses, read_responses
from oko.measures.statement import Statement
from oko.measures.weights import Weights


@dataclass(frozen=True)
class IRT:
    """A fitted model, and what follows from it.

    Attributes
    ----------
    items : DataFrame, index ``item``
        ``discrimination`` (logistic metric, no 1.7); ``difficulty``, the mean of the steps; ``step_1``, ``step_2`` …,
        abilities at which adjacent score categories cross. NaN for an item without variance, and behind the last step.
    se : DataFrame of the same shape
        Standard errors from the observed information; 0 for what the model fixes.
    bank : DataFrame, index ``item``
        ``items`` with ``n`` pupils who were given the task and ``points`` of its categories ("0 2"): what scoring of
        other pupils and linking of years need.
    variance, variance_se : float
        Of ability, whose mean is 0.
    loglik : float
        Marginal log likelihood.
    n_parameters : int
    n : float
        Pupils with at least one task.
    n_patterns : int
        Distinct patterns among them.
    model : str
    converged : bool
        One more step of the search would add less than 1e-13 to the log likelihood, and the curvature is a maximum's.
    gradient_norm : float
        Largest derivative of the log likelihood by a parameter, at the end.
    statements : tuple of Statement
    calibration : Calibration
        The same parameters as numbers, of the items that have any.
    patterns : Patterns
        Of those items.
    pupils : Index
    chart : Chart
        Which parameters are free.
    """

    items: pd.DataFrame
    se: pd.DataFrame
    bank: pd.DataFrame
    variance: float
    variance_se: float
    loglik: float
    n_parameters: int
    n: float
    n_patterns: int
    model: str
    converged: bool
    gradient_norm: float
    statements: tuple[Statement, ...]
    calibration: Calibration
    patterns: Patterns
    pupils: pd.Index
    chart: Chart

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2 * self.n_parameters - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return self.n_parameters * float(np.log(self.n)) - 2 * self.loglik if self.n else np.nan

    @property
    def reliability(self) -> float:
        """Marginal reliability (`information.marginal_reliability`); NaN without a fit."""
        return information.marginal_reliability(self.calibration) if len(self.calibration.items) else np.nan

    @property
    def empirical_reliability(self) -> float:
        """Share of variance between pupils in what is known of their abilities (`empirical_reliability`)."""
        return empirical_reliability(self.calibration, self.patterns) if len(self.calibration.items) else np.nan

    def abilities(self, method: str = "eap") -> pd.DataFrame:
        """Return each pupil's ability and its standard error (`pattern_abilities`).

        Parameters
        ----------
        method : {"eap", "wle"}

        Returns
        -------
        DataFrame, index of the scores
            ``ability``, ``se``; NaN for a pupil without any task of the model or with weight 0, and where
            `pattern_abilities` has none.
        """
        check_method(method)
        columns = {name: np.full(len(self.pupils), np.nan) for name in ("ability", "se")}
        there = self.patterns.of_pupil >= 0
        if len(self.calibration.items):
            ability, se = pattern_abilities(self.calibration, self.patterns, method)
            columns["ability"][there] = ability[self.patterns.of_pupil[there]]
            columns["se"][there] = se[self.patterns.of_pupil[there]]
        return pd.DataFrame(columns, index=self.pupils)

    def item_fit(self) -> pd.DataFrame:
        """Return S-X² and mean squares of each item (`item_fit.item_fit`); remarks in ``.attrs["statements"]``."""
        table, said = item_fit.item_fit(self.calibration, self.patterns, self._parameters_of_item())
        table.attrs["statements"] = said
        return table

    def _parameters_of_item(self) -> Floats:
        steps = np.array([len(levels) - 1.0 for levels in self.calibration.levels])
        return steps + (1.0 if self.model in ("2pl", "gpcm") else 0.0)

    def limited_fit(self) -> LimitedFit:
        """Return M2 with RMSEA and SRMSR: how well tasks and pairs of tasks are foretold (`limited.limited_fit`)."""
        return limited_fit(self.calibration, self.patterns, self.chart.directions, self.converged)

    def information(self, theta: Floats | list[float] | None = None) -> pd.DataFrame:
        """Return information of items and test at these abilities, by default 61 from −4 to 4 standard deviations."""
        spread = float(np.sqrt(self.variance)) if np.isfinite(self.variance) else 1.0
        return information.information(self.calibration, np.linspace(-4, 4, 61) * spread if theta is None else theta)

    def q3(self) -> pd.DataFrame:
        """Return Yen's Q3 of each pair of items (`dependence.q3`)."""
        return dependence.q3(self.calibration, self.patterns)

    def dependent_pairs(self, threshold: float = 0.2) -> dependence.Dependence:
        """Return pairs of items that have more in common than ability (`dependence.dependent_pairs`)."""
        return dependence.dependent_pairs(self.calibration, self.patterns, threshold)

    def wright_map(self) -> wright.WrightMap:
        """Return pupils and tasks on one scale, as data for a figure (`wright.wright_map`)."""
        if not len(self.calibration.items):
            return wright.wright_map(self.calibration, np.empty(0))
        ability, _ = pattern_abilities(self.calibration, self.patterns, "wle")
        return wright.wright_map(self.calibration, ability, self.patterns.weights)


def fit(
    scores: pd.DataFrame,
    model: Model = "2pl",
    weights: Weights = None,
    variance: float | None = None,
    max_scores: pd.Series | None = None,
) -> IRT:
    r"""Fit a model of item response theory by marginal maximum likelihood.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points; NaN where the item was not administered: it is left out of that pupil's likelihood, never a zero.
    model : {"rasch", "1pl", "2pl", "pcm", "gpcm"}
        "rasch", "pcm": slope 1; "1pl": one common slope; "2pl", "gpcm": a slope for each item. "pcm" and "gpcm" take
        items with several score categories, also mixed with right/wrong ones.
    weights : str, Series, array or None
        How many pupils a row stands for.
    variance : float, optional
        Of ability. By default free in "rasch" and "pcm" and 1 in the others.
    max_scores : Series, optional
        Greatest points of each item, to check against.

    Returns
    -------
    IRT

    Raises
    ------
    MeasureError
        The model is unknown, it is one of right/wrong items and an item has more score categories, the variance is
        not positive, or points or weights are wrong (`responses.read_responses`).

    Notes
    -----
    Ability is normal with mean 0. The log likelihood is integrated over equally spaced nodes, as fine as its sharpest
    posterior needs, and maximised by Newton's method on its exact second derivatives (`likelihood`, `newton`); equal
    answers are one pattern, so that time grows with the patterns. Standard errors come from the same second
    derivatives. A score category that nobody reached is dropped, and a statement says so (Bock & Aitkin 1981,
    Psychometrika 46, 443–459; Muraki 1992, Applied Psychological Measurement 16, 159–176).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> ability = rng.normal(size=500)
    >>> right = {str(b): (rng.random(500) < 1 / (1 + np.exp(b - ability))) * 1.0 for b in (-1, 0, 1, 2)}
    >>> rasch = fit(pd.DataFrame(right), "rasch")
    >>> rasch.items["difficulty"].round(1).tolist(), rasch.converged
    ([-0.8, 0.1, 0.9, 1.8], True)
    """
    if model not in get_args(Model):
        raise MeasureError(
            "There is no model {model}: choose one of {models}.", model=repr(model), models=", ".join(get_args(Model))
        )
    if variance is not None and not is_positive(variance):
        raise MeasureError("The variance of ability is {variance}: give a number above 0.", variance=variance)
    responses = read_responses(scores, weights, max_scores)
    levels = levels_of(responses)
    _check_binary(responses, levels, model)
    usable = np.flatnonzero([len(reached) > 1 for reached in levels])
    kept = tuple(levels[place] for place in usable)
    part = Responses(responses.points[:, usable], responses.items[usable], responses.pupils, responses.weights)
    patterns = collapse(part if len(usable) else responses, kept if len(usable) else levels)
    said = tuple(remarks.of_data(responses, levels, patterns, model))
    fewest = 1 if model in ("rasch", "pcm") and variance is not None else remarks.FEWEST_ITEMS[model]
    if len(usable) < fewest:
        few = Statement("irt_few_items", {"n": len(usable), "needed": fewest})
        return _unfitted(responses, patterns, model, (*said, few))
    found = estimate(patterns, np.array([len(reached) - 1 for reached in kept]), model, variance)
    said += tuple(remarks.of_estimate(part.items, found, model, variance is not None))
    return _result(responses, part, kept, patterns, model, found, said)


def _check_binary(responses: Responses, levels: tuple[Floats, ...], model: Model) -> None:
    if model in ("pcm", "gpcm"):
        return
    for item, reached in zip(responses.items, levels, strict=True):
        if len(reached) > 2:
            raise MeasureError(
                "Item {item} has {n} score categories, and model {model} is for right/wrong items: take {other}.",
                item=repr(item),
                n=len(reached),
                model=repr(model),
                other="'gpcm'" if model == "2pl" else "'pcm'",
            )


def _result(
    responses: Responses,
    part: Responses,
    levels: tuple[Floats, ...],
    patterns: Patterns,
    model: Model,
    found: Estimate,
    said: tuple[Statement, ...],
) -> IRT:
    calibration = Calibration(
        part.items, found.discrimination, found.layout.padded(found.steps), levels, found.variance
    )
    if np.isnan(found.steps).any():
        calibration = calibration.take([])
    items, se = _frames(responses.items, part.items, found)
    bank = items.assign(n=_administered(responses), points=_points(responses.items, part.items, levels))
    return IRT(
        items=items, se=se, bank=bank, variance=found.variance, variance_se=found.variance_se,
        loglik=found.maximum.loglik, n_parameters=len(found.maximum.free), n=float(patterns.weights.sum()),
        n_patterns=len(patterns.weights), model=model, converged=found.maximum.converged,
        gradient_norm=found.maximum.gradient_norm,
        statements=said, calibration=calibration, patterns=patterns, pupils=responses.pupils, chart=found.chart,
    )  # fmt: skip


def _unfitted(responses: Responses, patterns: Patterns, model: Model, said: tuple[Statement, ...]) -> IRT:
    empty = pd.DataFrame(np.nan, index=responses.items, columns=["discrimination", "difficulty", "step_1"])
    none = np.empty(0)
    return IRT(
        items=empty, se=empty.copy(), bank=empty.assign(n=_administered(responses), points=""), variance=np.nan,
        variance_se=np.nan, loglik=np.nan, n_parameters=0, n=float(patterns.weights.sum()),
        n_patterns=len(patterns.weights), model=model, converged=False, gradient_norm=np.nan, statements=said,
        calibration=Calibration(responses.items[:0], none, none.reshape(0, 1), (), 1.0), patterns=patterns,
        pupils=responses.pupils, chart=Chart(none, none.reshape(0, 0)),
    )  # fmt: skip


def _administered(responses: Responses) -> Floats:
    n: Floats = responses.weights @ ~np.isnan(responses.points)
    return n


def _points(items: pd.Index, fitted: pd.Index, levels: tuple[Floats, ...]) -> pd.Series:
    said = [" ".join(np.format_float_positional(points, trim="-") for points in reached) for reached in levels]
    return pd.Series(said, index=fitted, dtype=object).reindex(items, fill_value="")


def _frames(items: pd.Index, fitted: pd.Index, found: Estimate) -> tuple[pd.DataFrame, pd.DataFrame]:
    layout = found.layout
    n = layout.n_items
    member = (layout.item == np.arange(n)[:, None]) / layout.steps[:, None]
    errors = np.sqrt(np.diag(found.covariance))
    difficulty_se = np.sqrt(np.einsum("js,st,jt->j", member, found.covariance[n:, n:], member))
    return (
        _frame(items, fitted, found.discrimination, member @ found.steps, layout.padded(found.steps)),
        _frame(items, fitted, errors[:n], difficulty_se, layout.padded(errors[n:])),
    )


def _frame(items: pd.Index, fitted: pd.Index, slopes: Floats, difficulty: Floats, steps: Floats) -> pd.DataFrame:
    columns = {"discrimination": slopes, "difficulty": difficulty}
    columns |= {f"step_{k}": column for k, column in enumerate(steps.T, start=1)}
    return pd.DataFrame(columns, index=fitted).reindex(items)
