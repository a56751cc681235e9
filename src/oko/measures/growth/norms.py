"""Growth norms: what pupils with the same earlier scores reach, as quantiles that can be stored and used on others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.growth.pupils import Cells, Pupils, Scores, collapse, read_pupils, usable
from oko.measures.growth.quantiles import QuantileFit, fit_quantiles, not_optimal
from oko.measures.growth.splines import Knots, Spline, read_splines, settle
from oko.measures.intervals import Floats
from oko.measures.statement import Statement, whole
from oko.measures.weights import Weights

NORM_GROUP = 1000
INTERCEPT = "Intercept"
QUANTILES = (np.arange(1, 101) - 0.5) / 100
_TIE = 0.5e-5
_BLOCK = 100_000
_COARSE = 100
_CEILING = 0.15
_COLUMNS = ["part", "score", "place", "quantile", "value"]


@dataclass(frozen=True)
class Norms:
    """Quantiles of the present score by earlier scores, estimated on a norm group.

    Attributes
    ----------
    splines : tuple of Spline
        One for each earlier score.
    coefficients : DataFrame, index ``Intercept`` and the columns of the splines, columns the 100 quantiles
        NaN where the norm group was too small.
    n : float
        Pupils of the norm group.
    statements : tuple of Statement
    """

    splines: tuple[Spline, ...]
    coefficients: pd.DataFrame
    n: float
    statements: tuple[Statement, ...] = ()

    def percentiles(self, prior: Scores, current: pd.Series, weights: Weights = None) -> pd.Series:
        """Return where pupils stand among those of the norm group with the same earlier scores.

        Parameters
        ----------
        prior : DataFrame or Series, pupils × earlier scores, columns as in the norm group
        current : Series
        weights : str, Series, array or None
            Only for what is said about how many pupils have no percentile.

        Returns
        -------
        Series of 1 to 99 on the index of ``current``
            NaN where a score is missing or outside the boundaries; ``.attrs["statements"]``.

        Raises
        ------
        MeasureError
            The earlier scores are not those of the norm group, or are not numeric.
        """
        pupils = read_pupils(prior, current, weights)
        pupils = self._in_order(pupils, named=isinstance(prior, pd.DataFrame))
        if not self.coefficients.notna().to_numpy().all():
            return _series(pupils, np.full(len(current), np.nan), self.statements)
        used, said = usable(pupils, self.splines)
        cells = collapse(pupils, used)
        values = np.full(len(current), np.nan)
        values[used] = self._count(cells)[cells.cell]
        return _series(pupils, values, (*self.statements, *said))

    def _in_order(self, pupils: Pupils, *, named: bool) -> Pupils:
        names = tuple(spline.name for spline in self.splines)
        if not named and len(names) == 1:
            return pupils
        missing = sorted(set(names) - set(pupils.names))
        if missing or len(names) != len(pupils.names):
            raise MeasureError(
                "The norm group had the earlier scores {wanted}, the pupils have {found}: give the same.",
                wanted=", ".join(names), found=", ".join(pupils.names),
            )  # fmt: skip
        order = [pupils.names.index(name) for name in names]
        return Pupils(pupils.index, names, pupils.prior[:, order], pupils.current, pupils.weights)

    def _count(self, cells: Cells) -> Floats:
        """Count for each cell the quantiles strictly below the score."""
        counts = np.zeros(len(cells.current), dtype=np.int64)
        for first, expected in self._expected(cells.prior):
            here = (cells.row >= first) & (cells.row < first + len(expected))
            counts[here] = _strictly_below(expected, cells.row[here] - first, cells.current[here])
        return np.clip(counts, 1, 99).astype(np.float64)

    def _expected(self, prior: Floats) -> Iterator[tuple[int, Floats]]:
        """Yield blocks of rows of the expected quantiles, sorted, with the number of their first row."""
        values = self.coefficients.to_numpy()
        for first in range(0, len(prior), _BLOCK):
            block = design_of(self.splines, prior[first : first + _BLOCK])
            yield first, np.sort(block @ values, axis=1)

    def frame(self) -> pd.DataFrame:
        """Return the norms as one table of rows part, score, place, quantile, value, which `norms_from` reads."""
        rows: list[tuple[str, str, int, float, float]] = [("n", "", 0, np.nan, self.n)]
        for spline in self.splines:
            rows.append(("degree", spline.name, 0, np.nan, spline.degree))
            rows += [("knot", spline.name, at, np.nan, knot) for at, knot in enumerate(spline.knots)]
            rows += [("boundary", spline.name, at, np.nan, end) for at, end in enumerate(spline.boundaries)]
        rows += [
            ("coefficient", "", at, float(quantile), float(value))
            for quantile in self.coefficients.columns
            for at, value in enumerate(self.coefficients[quantile])
        ]
        return pd.DataFrame(rows, columns=_COLUMNS).astype({"place": np.int64, "value": np.float64})


def norms(
    prior: Scores,
    current: pd.Series,
    knots: Knots = None,
    boundaries: Knots = None,
    weights: Weights = None,
    min_norm_group: int = NORM_GROUP,
) -> Norms:
    """Estimate growth norms on a norm group: a district, a region, a country.

    Parameters
    ----------
    prior, current, knots, boundaries, weights, min_norm_group
        As in `growth_percentiles`.

    Returns
    -------
    Norms

    Raises
    ------
    MeasureError
        As in `growth_percentiles`.

    Examples
    --------
    >>> before = pd.Series(np.arange(2000) % 40, dtype=float)
    >>> found = norms(before, before + np.arange(2000) // 40)
    >>> found.percentiles(pd.Series([20.0, 20.0]), pd.Series([32.0, 57.5])).tolist()
    [24.0, 76.0]
    """
    if not isinstance(min_norm_group, (int, np.integer)) or min_norm_group < 1:
        raise MeasureError("The least norm group {n} is no number of pupils.", n=repr(min_norm_group))
    pupils = read_pupils(prior, current, weights)
    present = pupils.complete & (pupils.weights > 0)
    splines = read_splines(pupils.prior[present], pupils.names, knots, boundaries, pupils.weights[present])
    used, said = usable(pupils, splines)
    used = used & (pupils.weights > 0)
    n = float(pupils.weights[used].sum())
    if n < min_norm_group:
        return _refused(splines, n, min_norm_group, said)
    cells = collapse(pupils, used)
    splines, simplified = settle(splines, cells.prior)
    coefficients, fit = _fit(splines, cells)
    return Norms(splines, coefficients, whole(n), (*simplified, *_remarks(cells), *not_optimal(fit)))


def _refused(splines: tuple[Spline, ...], n: float, needed: int, said: tuple[Statement, ...]) -> Norms:
    empty = pd.DataFrame(np.nan, _terms(splines), pd.Index(QUANTILES, name="quantile"))
    small = Statement("growth_norm_group_small", {"n": whole(n), "needed": needed})
    return Norms(splines, empty, whole(n), (small, *said))


def _fit(splines: tuple[Spline, ...], cells: Cells) -> tuple[pd.DataFrame, QuantileFit]:
    design = design_of(splines, cells.prior)[cells.row]
    origin = float(np.average(cells.current, weights=cells.weights))
    fit = fit_quantiles(design, cells.current - origin, cells.weights, QUANTILES)
    values = np.where(fit.optimal[:, None], fit.coefficients, np.nan)
    values[:, 0] += origin
    return pd.DataFrame(values.T, _terms(splines), pd.Index(QUANTILES, name="quantile")), fit


def _remarks(cells: Cells) -> list[Statement]:
    """Say where the scale is too coarse or too short for percentiles."""
    said = []
    distinct = len(np.unique(cells.current))
    if distinct < _COARSE:
        said.append(Statement("growth_coarse_scale", {"distinct": distinct}))
    top = float(cells.weights[cells.current == cells.current.max()].sum() / cells.weights.sum())
    if top >= _CEILING:
        said.append(Statement("growth_ceiling", {"share": top}))
    return said


def _terms(splines: tuple[Spline, ...]) -> pd.Index:
    names = [f"{spline.name}[{at + 1}]" for spline in splines for at in range(spline.size)]
    return pd.Index([INTERCEPT, *names], name="term")


def design_of(splines: tuple[Spline, ...], prior: Floats) -> Floats:
    """Return the columns of the regression: ones and the splines of each earlier score."""
    parts = [spline.columns(prior[:, at]) for at, spline in enumerate(splines)]
    return np.column_stack([np.ones(len(prior)), *parts])


def _strictly_below(expected: Floats, row: np.ndarray, current: Floats) -> np.ndarray:
    # for scores with up to 5 decimals this is SGP's rounding of the expected to 5; it holds for finer scores too
    counts = np.empty(len(row), dtype=np.int64)
    for first in range(0, len(row), _BLOCK):
        part = slice(first, first + _BLOCK)
        counts[part] = (expected[row[part]] < current[part, None] - _TIE).sum(axis=1)
    return counts


def _series(pupils: Pupils, values: Floats, said: tuple[Statement, ...]) -> pd.Series:
    series = pd.Series(values, pupils.index, name="percentile")
    series.attrs["statements"] = said
    return series


def norms_from(frame: pd.DataFrame) -> Norms:
    """Return norms from the table that `Norms.frame` made, e.g. an external table of a region.

    Parameters
    ----------
    frame : DataFrame
        Columns part, score, place, quantile, value.

    Returns
    -------
    Norms

    Raises
    ------
    MeasureError
        A column or a part of the table is missing.
    """
    missing = [name for name in _COLUMNS if name not in frame]
    if missing:
        raise MeasureError("Column {column} is missing from the table of norms.", column=repr(missing[0]))
    ordered = frame.sort_values(["quantile", "place"], kind="stable")
    parts = {str(name): rows for name, rows in ordered.groupby("part", sort=False)}
    if not {"n", "degree", "boundary", "coefficient"} <= set(parts):
        raise MeasureError("The table of norms is not whole: it needs n, degree, boundary and coefficient.")
    scores = [str(name) for name in frame.loc[frame["part"] == "degree", "score"]]
    splines = tuple(_spline_from(name, parts) for name in scores)
    wide = parts["coefficient"].pivot(index="place", columns="quantile", values="value")
    terms = _terms(splines)
    whole_table = len(parts["coefficient"]) == len(terms) * len(QUANTILES)
    if not whole_table or wide.shape != (len(terms), len(QUANTILES)) or not np.allclose(wide.columns, QUANTILES):
        raise MeasureError("The table of norms is not whole: its coefficients do not fit its knots.")
    coefficients = pd.DataFrame(wide.to_numpy(), terms, pd.Index(QUANTILES, name="quantile"))
    n = float(parts["n"]["value"].iloc[0])
    said = () if wide.notna().to_numpy().all() else (Statement("growth_norms_empty", {"n": whole(n)}),)
    return Norms(splines, coefficients, whole(n), said)


def _spline_from(name: str, parts: dict[str, pd.DataFrame]) -> Spline:
    def values(part: str) -> tuple[float, ...]:
        rows = parts.get(part, pd.DataFrame(columns=_COLUMNS))
        return tuple(float(value) for value in rows.loc[rows["score"] == name, "value"])

    boundary, degree = values("boundary"), values("degree")
    if len(boundary) != 2 or len(degree) != 1:
        raise MeasureError("The table of norms is not whole: it needs n, degree, boundary and coefficient.")
    return Spline(name, values("knot"), (boundary[0], boundary[1]), int(degree[0]))
