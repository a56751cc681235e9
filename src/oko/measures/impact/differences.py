"""Difference in differences: how much more the schools with the model changed than the others did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.impact.assignments import Randomisation, randomisation_test
from oko.measures.impact.cells import Cells, Pairs, read_cells, read_pairs
from oko.measures.impact.clusters import cluster_robust
from oko.measures.impact.groups import effect_sizes, group_means, school_changes
from oko.measures.impact.wild import WildBootstrap, wild_bootstrap
from oko.measures.intervals import check_level
from oko.measures.statement import Statement
from oko.measures.weights import Weights

TREATED = "treated"
STRATUM = "stratum "
COLUMNS = ["estimate", "se", "df", "p", "lower", "upper"]
FEWEST_SCHOOLS = 2


@dataclass(frozen=True)
class Differences:
    """A difference in differences with what its inference rests on.

    Attributes
    ----------
    estimate, se, df, p, lower, upper : float
        On means of schools, each school counting one; CR2 with Satterthwaite's degrees of freedom.
    pupils : DataFrame, index ``schools`` and ``pupils``
        ``estimate``, ``se``, ``df``, ``p``, ``lower``, ``upper``: the same, and with each pupil counting one.
    effect_size : DataFrame, index ``within`` and ``total``
        ``estimate``, ``se``, ``lower``, ``upper``: ``estimate`` in standard deviations of pupils.
    changes : DataFrame, index ``school``
        ``treated``, ``n_before``, ``n_after``, ``before``, ``after``, ``change``, ``n_strata``.
    means : DataFrame, index ``treated`` and ``period``
        ``n_schools``, ``n``, ``mean``, ``se``, ``lower``, ``upper`` over schools; ``counterfactual``: what the treated
        would have, had they changed as the others.
    n_treated, n_comparison : int
        Schools with both waves.
    level : float
    statements : tuple of Statement
    """

    estimate: float
    se: float
    df: float
    p: float
    lower: float
    upper: float
    pupils: pd.DataFrame
    effect_size: pd.DataFrame
    changes: pd.DataFrame
    means: pd.DataFrame
    n_treated: int
    n_comparison: int
    level: float
    statements: tuple[Statement, ...]
    _pairs: Pairs = field(repr=False)

    def randomisation(
        self, studentised: bool = True, alternative: str = "two-sided", draws: int = 99_999, seed: int = 20_201
    ) -> Randomisation:
        """Test by all ways to choose as many schools; see `randomisation_test`.

        Without strata the values are the schools' changes. With strata or covariates they are what the common change
        of each stratum and the covariates leave of them, averaged in each school: under the hypothesis that no school
        was changed these do not depend on who was treated.
        """
        values = left_by_null(self._pairs)
        treated = self.changes["treated"].to_numpy()
        return randomisation_test(values.to_numpy(), treated, studentised, alternative, draws, seed)

    def wild_bootstrap(
        self, kind: str = "CR1", weights_type: str = "auto", draws: int = 9_999, seed: int = 20_202
    ) -> WildBootstrap:
        """Test by the restricted wild cluster bootstrap on means of schools; see `wild_bootstrap`."""
        design, frame = _design(self._pairs, with_treated=True), self._pairs.frame
        if self.n_treated < FEWEST_SCHOOLS or self.n_comparison < FEWEST_SCHOOLS:
            nothing = np.empty(0)
            said = few_schools(self.n_treated, self.n_comparison)
            return WildBootstrap(np.nan, np.nan, nothing, kind, "rademacher", False, len(self.changes), said)
        return wild_bootstrap(
            design, frame["change"], frame["school"], TREATED, kind, weights_type, frame["share"], draws, seed
        )


def difference_in_differences(
    data: pd.DataFrame,
    outcome: str,
    school: str = "school",
    period: str = "period",
    treated: str = "treated",
    weights: Weights = None,
    covariates: Sequence[str] = (),
    stratum: str | Sequence[str] | None = None,
    level: float = 0.95,
    sd: str | None = None,
) -> Differences:
    r"""Compare the change of the schools with the model with the change of the others.

    Parameters
    ----------
    data : DataFrame
        A row a pupil; or a row a school and wave with the mean in ``outcome``.
    outcome, school : str
        Columns.
    period, treated : str
        Columns of 0 and 1: before and after; ``treated`` the same in all rows of a school.
    weights : str, Series, array or None
        How many pupils a row stands for. Without it each row of means counts as one pupil.
    covariates : sequence of str
        Numeric columns; what counts is how their mean changed between the waves.
    stratum : str or sequence of str, optional
        Columns of subject and grade, where several works are put together: each school then has its own level in each,
        and each has its own common change.
    level : float, default 0.95
    sd : str, optional
        Column of the standard deviation of pupils behind a row of means. Without it the spread of pupils is not known
        where rows stand for several pupils, and there is no effect in standard deviations.

    Returns
    -------
    Differences
        NaN, and statements why, where one wave or one group is missing. Statements: ``impact_one_wave``,
        ``impact_few_schools``, ``impact_no_common_stratum``, ``impact_few_df``, ``impact_no_spread``,
        ``impact_schools_left_out``, ``impact_pairs_left_out``, ``impact_covariate_constant``,
        ``impact_columns_left_out``, ``impact_rows_dropped``, ``impact_no_pupil_variance``.

    Raises
    ------
    MeasureError
        A column is missing or holds something else than it should, or a school is in both groups.

    Notes
    -----
    :math:`y_{skt} = α_{sk} + γ_{kt} + β'x_{skt} + δ D_{st}` for school s, stratum k and wave t, in differences:
    :math:`Δy_{sk} = γ_k + β'Δx_{sk} + δ T_s` (Donald & Lang 2007; Bertrand, Duflo & Mullainathan 2004), a row
    weighing 1 / strata of the school, so that each school counts one. On pupils the model is fitted to means weighted
    by pupils, which is what the pupils' rows would give. Schools are the clusters of both.

    Examples
    --------
    >>> rows = [(s, t, s < 3, 0.2 * s + 0.1 * t * (s % 4) + 0.5 * t * (s < 3)) for s in range(9) for t in (0, 1)]
    >>> data = pd.DataFrame(rows, columns=["school", "period", "treated", "score"])
    >>> found = difference_in_differences(data, "score")
    >>> round(found.estimate, 4), found.n_treated, found.n_comparison
    (0.45, 3, 6)
    """
    check_level(level)
    cells = read_cells(data, outcome, school, period, treated, weights, covariates, stratum, sd)
    pairs = read_pairs(cells)
    changes = school_changes(pairs, cells.centre)
    n_treated = int(changes["treated"].sum())
    n_comparison = len(changes) - n_treated
    said = list(pairs.statements)
    both = _both_estimates(pairs, cells, n_treated, n_comparison, level, said)
    sizes = effect_sizes(cells, pairs, row_numbers(both, "schools")[:3], level, said)
    return Differences(
        *row_numbers(both, "schools"),
        both,
        sizes,
        changes,
        group_means(changes, level),
        n_treated,
        n_comparison,
        level,
        tuple(said),
        pairs,
    )


def row_numbers(found: pd.DataFrame, row: str) -> tuple[float, float, float, float, float, float]:
    """Return estimate, se, df, p, lower and upper of a row as numbers."""
    estimate, se, df, p, lower, upper = (float(found[name][row]) for name in COLUMNS)
    return estimate, se, df, p, lower, upper


def few_schools(n_treated: int, n_comparison: int) -> tuple[Statement, ...]:
    """Say that one of the groups has fewer schools than a comparison needs."""
    values = {"n_treated": n_treated, "n_comparison": n_comparison, "needed": FEWEST_SCHOOLS}
    return (Statement("impact_few_schools", values),)


def _both_estimates(
    pairs: Pairs, cells: Cells, n_treated: int, n_comparison: int, level: float, said: list[Statement]
) -> pd.DataFrame:
    columns = COLUMNS
    found = pd.DataFrame(np.nan, index=pd.Index(["schools", "pupils"], name="each"), columns=columns)
    if min(n_treated, n_comparison) == 0:
        said.extend(few_schools(n_treated, n_comparison))
        return found
    frame = pairs.frame
    design = _design(pairs, with_treated=True)
    main = cluster_robust(design, frame["change"], frame["school"], weights=frame["share"], level=level)
    found.loc["schools"] = main.loc[TREATED, columns].to_numpy()
    said.extend(about_treated(main))
    x, y, school, unit, pupils = _levels(pairs, cells)
    on_pupils = cluster_robust(x, y, school, weights=pupils, level=level, absorb=unit)
    found.loc["pupils"] = on_pupils.loc[TREATED, columns].to_numpy()
    if np.isnan(found["estimate"]["schools"]):
        said.append(Statement("impact_no_common_stratum", {"n_treated": n_treated, "n_comparison": n_comparison}))
    elif min(n_treated, n_comparison) < FEWEST_SCHOOLS:
        found.loc[:, columns[1:]] = np.nan
        said[:] = [
            one for one in said if one.code not in ("impact_few_df", "impact_one_cluster_decides", "impact_no_spread")
        ]
        said.extend(few_schools(n_treated, n_comparison))
    return found


def about_treated(found: pd.DataFrame) -> list[Statement]:
    """Keep what concerns the effect or a covariate; the columns of strata are there for the model only."""
    kept = []
    for one in found.attrs["statements"]:
        columns = one.values.get("columns")
        if not isinstance(columns, tuple):
            kept.append(one)
            continue
        about = tuple(name for name in columns if not name.startswith(STRATUM))
        if TREATED in about or (about and one.code == "impact_columns_left_out"):
            own = {"df": float(found["df"][TREATED])} if "df" in one.values else {}
            kept.append(replace(one, values={**one.values, "columns": about, **own}))
    return kept


def _design(pairs: Pairs, *, with_treated: bool) -> pd.DataFrame:
    frame = pairs.frame
    columns = {f"{STRATUM}{name}": (frame["stratum"] == name) * 1.0 for name in sorted(frame["stratum"].unique())}
    if with_treated:
        columns[TREATED] = frame["treated"]
    for name in pairs.covariates:
        if name == TREATED or name.startswith(STRATUM):
            raise MeasureError("Covariate {column} bears the name of another column: rename it.", column=repr(name))
        columns[name] = frame[f"covariate {name}"]
    return pd.DataFrame(columns, index=frame.index)


def _levels(pairs: Pairs, cells: Cells) -> tuple[pd.DataFrame, pd.Series, pd.Series, pd.Series, pd.Series]:
    """Return the design in levels of both waves, with outcome, school, fixed effect and pupils."""
    unit = pairs.frame["school"] + "; " + pairs.frame["stratum"]
    frame = cells.frame.assign(unit=cells.frame["school"] + "; " + cells.frame["stratum"])
    frame = frame[frame["unit"].isin(unit)].reset_index(drop=True)
    after = frame["period"] == 1
    columns = {
        f"{STRATUM}{name}": (after & (frame["stratum"] == name)) * 1.0 for name in sorted(frame["stratum"].unique())
    }
    columns[TREATED] = after * frame["treated"]
    for name in pairs.covariates:
        columns[name] = frame[f"covariate {name}"]
    return pd.DataFrame(columns), frame["mean"], frame["school"], frame["unit"], frame["n"]


def left_by_null(pairs: Pairs) -> pd.Series:
    """Return what common changes and covariates leave of each school's change; index ``school``, sorted."""
    frame = pairs.frame
    design = _design(pairs, with_treated=False)
    root = np.sqrt(frame["share"].to_numpy())
    x, y = design.to_numpy() * root[:, None], frame["change"].to_numpy() * root
    rest = frame["change"].to_numpy() - design.to_numpy() @ np.linalg.lstsq(x, y, rcond=1e-9)[0] if len(frame) else y
    return pd.Series(rest * frame["share"].to_numpy()).groupby(frame["school"].to_numpy()).sum()
