"""Groups that are too small in each school and large enough together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers
from oko.measures.zones.works import need

ENOUGH_ALONE = 30
ENOUGH_TOGETHER = 100


def small_groups(
    counts: pd.DataFrame,
    by: Sequence[str] = ("subject", "grade"),
    *,
    alone: float = ENOUGH_ALONE,
    together: float = ENOUGH_TOGETHER,
) -> pd.DataFrame:
    """Return for each subject and grade whether schools have pupils enough alone, or only together.

    Parameters
    ----------
    counts : DataFrame
        The ``by`` columns, ``school`` and ``n`` pupils (0 or more), one row a group of pupils; rows of one school and
        group add up.
    by : sequence of str, default ("subject", "grade")
    alone : float, default 30
        Fewest pupils for a school to judge its group by itself.
    together : float, default 100
        Fewest pupils for the schools to judge their groups together.

    Returns
    -------
    DataFrame
        The ``by`` columns; ``n_schools`` with pupils; ``n_small``, those below ``alone``; ``n`` pupils of all;
        ``n_in_small``, of the small; ``smallest``, ``largest`` school's n; ``kind``: "alone" (no school is too small),
        "together" (some are, and all schools' pupils are enough), "too_few". ``attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, a count is negative or missing, or a threshold is wrong.

    Notes
    -----
    Defaults are those of the cluster's plan: below 30 a school's shares are too wide to act on, from 100 pupils
    of the cluster's they are not.

    Examples
    --------
    >>> counts = pd.DataFrame({"subject": "chemistry", "grade": 11, "school": list("1234567"), "n": [16] * 7})
    >>> small_groups(counts)[["n_small", "n", "kind"]].values.tolist()
    [[7, 112, 'together']]
    """
    need(counts, (*by, "school", "n"), "counts")
    if not 0 < alone <= together:
        raise MeasureError("The thresholds {alone} and {together} are wrong: give 0 < alone ≤ together.",
                           alone=alone, together=together)  # fmt: skip
    n = as_numbers(counts["n"], "n") if len(counts) else np.zeros(0)
    if not ((n >= 0) & np.isfinite(n)).all():
        raise MeasureError("A number of pupils is negative or missing: give 0 or more in column n.")
    keys = list(by)
    schools = counts.assign(n=n).groupby([*keys, "school"], sort=True, observed=True)["n"].sum().reset_index()
    schools = schools[schools["n"] > 0]
    schools = schools.assign(small=schools["n"] < alone, of_small=schools["n"].where(schools["n"] < alone, 0.0))
    result = schools.groupby(keys, sort=True, observed=True).agg(
        n_schools=("n", "size"), n_small=("small", "sum"), n=("n", "sum"), n_in_small=("of_small", "sum"),
        smallest=("n", "min"), largest=("n", "max"),
    ).reset_index()  # fmt: skip
    needs = (result["n_small"] > 0).to_numpy()
    enough = (result["n"] >= together).to_numpy() & (result["n_schools"] > 1).to_numpy()
    result["kind"] = np.where(~needs, "alone", np.where(enough, "together", "too_few"))
    numbers = ["n", "n_in_small", "smallest", "largest"]
    if len(result) and np.array_equal(result[numbers], result[numbers].round()):
        result = result.astype(dict.fromkeys(numbers, "int64"))
    values = {"n": int((result["kind"] == "together").sum()), "of": len(result), "alone": alone, "together": together}
    said = Statement("zones_small_groups", values) if len(result) else Statement("zones_nothing")
    result.attrs["statements"] = (said,)
    return result
