"""Gaps between groups of pupils in a work: girls and boys of the same classes, schools of different kinds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.impact import cluster_robust

COLUMNS = ("assessment", "estimate", "se", "df", "lower", "upper", "n_first", "n_second", "schools_first",
           "schools_second")  # fmt: skip


def gaps(results: pd.DataFrame, group: str, first: object, second: object, *, within_classes: bool) -> pd.DataFrame:
    r"""Return by how many standard deviations the first group stands above the second, work by work.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        assessment, school, class, primary_score, and the column of the group; rows without a score do not count.
    group : str
        Column.
    first, second : object
        Its two values; others are left out.
    within_classes : bool
        Whether pupils are compared with those of their own class (girls and boys), or schools with one another.

    Returns
    -------
    DataFrame
        As ``COLUMNS``: the difference in standard deviations of all the pupils compared, with its interval. Missing
        where a group is empty or all scores are equal; the interval is missing below 5 degrees of freedom.

    Raises
    ------
    MeasureError
        A column is missing.

    Notes
    -----
    Least squares on a dummy of the group, with errors CR2 and degrees of freedom after Satterthwaite
    (`impact.cluster_robust`): clusters are classes where these are taken out (their effects are absorbed), and schools
    otherwise: then it is the difference of means over the standard deviation.

    Examples
    --------
    >>> rows = pd.DataFrame({"assessment": "w", "school": ["a", "a", "b", "b"] * 5, "class": "7А",
    ...                      "sex": ["F", "M"] * 10, "primary_score": [3.0, 1.0] * 10})
    >>> gaps(rows, "sex", "F", "M", within_classes=True)["estimate"].round(2).tolist()
    [1.95]
    """
    for column in ("assessment", "school", "class", "primary_score", group):
        if column not in results:
            raise MeasureError("Column {column} is missing from the data.", column=repr(column))
    rows = results[results["primary_score"].notna() & results[group].isin([first, second])]
    found = [
        {"assessment": name, **_gap(part, part[group] == first, within_classes=within_classes)}
        for name, part in rows.groupby("assessment", sort=True)
    ]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _gap(rows: pd.DataFrame, first: pd.Series, *, within_classes: bool) -> dict[str, float]:
    score = rows["primary_score"].to_numpy(dtype=float)
    counts = {
        "n_first": int(first.sum()), "n_second": int((~first).sum()),
        "schools_first": int(rows.loc[first, "school"].nunique()),
        "schools_second": int(rows.loc[~first, "school"].nunique()),
    }  # fmt: skip
    spread = float(np.std(score, ddof=1)) if len(score) > 1 else 0.0
    numbers = dict.fromkeys(("estimate", "se", "df", "lower", "upper"), np.nan)
    if min(counts["n_first"], counts["n_second"]) == 0 or spread <= 0:
        return {**numbers, **counts}
    design = pd.DataFrame({"gap": first.to_numpy(dtype=float)})
    if within_classes:
        classes = (rows["school"] + " " + rows["class"].fillna("")).to_numpy(dtype=object)
        made = cluster_robust(design, score / spread, classes, absorb=classes)
    else:
        made = cluster_robust(design.assign(Intercept=1.0), score / spread, rows["school"].to_numpy(dtype=object))
    return {**{name: float(made[name]["gap"]) for name in numbers}, **counts}
