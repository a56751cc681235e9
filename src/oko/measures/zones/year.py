"""What the profiles of a school year are made of: the norm of the schools outside, and works put together."""

from __future__ import annotations

import pandas as pd

from oko.measures.zones.norm import COLUMNS


def norm_of_groups(groups: pd.DataFrame, assessments: pd.Series) -> pd.DataFrame | None:
    """Return the facilities of schools outside the cluster as a norm for `profiles`; None where there are none.

    Parameters
    ----------
    groups : DataFrame
        The register ``groups``: assessment, level, school, measure, key, n, value.
    assessments : Series of str
        Works of which profiles are wanted.

    Examples
    --------
    >>> row = {"assessment": "w", "level": "school", "school": "c01", "measure": "facility", "key": "1", "n": 40}
    >>> norm_of_groups(pd.DataFrame([row | {"value": 0.5}]), pd.Series(["w"]))["item"].tolist()
    ['1']
    """
    wanted = (groups["level"] == "school") & (groups["measure"] == "facility")
    rows = groups[wanted & groups["assessment"].isin(assessments)]
    rows = rows.rename(columns={"key": "item", "value": "facility"})[list(COLUMNS)].dropna()
    return rows.astype({"n": "float64", "facility": "float64"}) if len(rows) else None


def units_of_subjects(assessments: pd.DataFrame) -> dict[str, str]:
    """Return what works are put together by season and subject: one skill needs the tasks of several grades.

    Parameters
    ----------
    assessments : DataFrame
        assessment, season, subject.

    Examples
    --------
    >>> units_of_subjects(pd.DataFrame({"assessment": ["w"], "season": ["spring"], "subject": ["physics"]}))
    {'w': 'spring-physics'}
    """
    return dict(zip(assessments["assessment"], assessments["season"] + "-" + assessments["subject"], strict=True))
