"""What the profiles of a school year are made of: the norm of the schools outside, and works put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from oko.measures.statement import Statement
from oko.measures.zones.norm import COLUMNS
from oko.measures.zones.profile import COLUMNS as PROFILE
from oko.measures.zones.profile import profiles


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


def of_several_classes(
    points: Mapping[str, pd.DataFrame], schools: Sequence[str], fewest: int = 2
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Keep the schools from which several classes took a work: where one did, its teacher could be told.

    Parameters
    ----------
    points : mapping of assessment to DataFrame
        Index school, class, pupil.
    schools : sequence of str
        Schools of the cluster; others are left out.
    fewest : int, default 2
        Fewest classes; pupils without a class count as one class together.

    Returns
    -------
    dict of assessment to DataFrame
        Works that somebody is left in.
    DataFrame
        assessment, school, classes: what was left out.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("1", "7А", "a"), ("1", "7Б", "b"), ("2", "7А", "c")],
    ...                                   names=["school", "class", "pupil"])
    >>> kept, left = of_several_classes({"w": pd.DataFrame({"1": [1, 0, 1]}, index)}, ["1", "2"])
    >>> len(kept["w"]), left.values.tolist()
    (2, [['w', '2', 1]])
    """
    kept, left = {}, [pd.DataFrame(columns=["assessment", "school", "classes"])]
    for name, table in points.items():
        own = table[table.index.get_level_values("school").isin(schools)]
        labels = own.index.to_frame(index=False)
        classes = labels["class"].astype("str").groupby(labels["school"].astype("str")).nunique()
        alone = classes[classes < fewest]
        few = own.index.get_level_values("school").isin(alone.index)
        left.append(pd.DataFrame({"assessment": name, "school": alone.index, "classes": alone.to_numpy()}))
        if not few.all():
            kept[name] = own[~few]
    return kept, pd.concat(left, ignore_index=True)


def year_profiles(
    points: Mapping[str, pd.DataFrame],
    works: pd.DataFrame,
    items: pd.DataFrame,
    groups: pd.DataFrame,
    skills: pd.DataFrame | None = None,
    threshold: float = 10,
) -> pd.DataFrame:
    """Return the profiles of a year's works, by skill within season and subject, or by task.

    Parameters
    ----------
    points, items, threshold
        As of `profiles`.
    works : DataFrame
        assessment, season, subject.
    groups : DataFrame
        The register ``groups``; where it has no schools for these works, schools are compared with each other.
    skills : DataFrame, optional
        As of `profiles`.

    Returns
    -------
    DataFrame
        As of `profiles`; without rows where there are no points.
    """
    if not points:
        nothing = pd.DataFrame({column: pd.Series(dtype="object") for column in PROFILE})
        nothing.attrs["statements"] = (Statement("zones_nothing"),)
        return nothing
    units = None if skills is None else units_of_subjects(works)
    norm = norm_of_groups(groups, pd.Series(list(points)))
    return profiles(points, items, norm, skills, units=units, threshold=threshold)
