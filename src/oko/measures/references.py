"""Marks of one school beside those of its cluster, its district, its region and a region elsewhere."""

from __future__ import annotations

import pandas as pd

PLACES = ("school", "cluster", "municipality", "region", "elsewhere")
COLUMNS = ("assessment", "place", "name", "n", "pass_rate", "quality", "source")
_ELSEWHERE = ("year", "season", "subject", "grade")


def beside(
    own: pd.DataFrame, cluster: pd.DataFrame, groups: pd.DataFrame, works: pd.DataFrame, assessments: pd.DataFrame
) -> pd.DataFrame:
    """Put the marks of a school's works beside every reference there is.

    Parameters
    ----------
    own, cluster : DataFrame
        From ``marks.summary`` by assessment.
    groups : DataFrame
        The register ``groups``: assessment, level, group, n, measure, key, value; shares of marks of a district or a
        region as an official system reports them.
    works : DataFrame
        Whole works elsewhere, of ВПР: region, year, season, subject, grade (of the material), n, share_2 … share_5,
        source.
    assessments : DataFrame
        assessment, procedure, year, season, subject, material_grade.

    Returns
    -------
    DataFrame
        One row a work and a place, in the order of ``PLACES``: assessment, place, name (of a group), n, pass_rate,
        quality (0 to 1), source (empty: the cluster's own store). Only works of the school with marks, and only those
        with a reference from outside the cluster.

    Examples
    --------
    >>> row = {"assessment": "w", "n": 20, "pass_rate": 0.9, "quality": 0.5}
    >>> about = {"assessment": "w", "procedure": "vpr", "year": "y", "season": "spring", "subject": "physics"}
    >>> there = {"region": "R", "year": "y", "season": "spring", "subject": "physics", "grade": 7, "n": 900}
    >>> shares = {"share_2": 0.1, "share_3": 0.5, "share_4": 0.3, "share_5": 0.1, "source": "s"}
    >>> groups = pd.DataFrame(columns=["assessment", "level", "group", "n", "measure", "key", "value"])
    >>> found = beside(pd.DataFrame([row]), pd.DataFrame([row]), groups, pd.DataFrame([there | shares]),
    ...                pd.DataFrame([about | {"material_grade": 7}]))
    >>> found[["place", "quality"]].round(2).values.tolist()
    [['school', 0.5], ['cluster', 0.5], ['elsewhere', 0.4]]
    """
    outside = pd.concat([_reported(groups), _elsewhere(works, assessments)], ignore_index=True)
    marked = own.loc[own["quality"].notna(), "assessment"]
    outside = outside[outside["assessment"].isin(marked)]
    with_reference = outside["assessment"].unique()
    inside = [
        frame[frame["assessment"].isin(with_reference)].assign(place=place, name="", source="")
        for place, frame in (("school", own), ("cluster", cluster))
    ]
    rows = pd.concat([*(frame[list(COLUMNS)] for frame in inside), outside], ignore_index=True)
    order = rows["place"].map({place: at for at, place in enumerate(PLACES)})
    found: pd.DataFrame = rows.assign(_at=order).sort_values(["assessment", "_at"], kind="stable")[list(COLUMNS)]
    return found.reset_index(drop=True)


def _reported(groups: pd.DataFrame) -> pd.DataFrame:
    rows = groups[(groups["measure"] == "mark") & groups["level"].isin(["municipality", "region"])]
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    keys = ["assessment", "level", "group"]
    wide = rows.assign(value=rows["value"].astype("float64")).pivot_table(index=keys, columns="key", values="value")
    wide = wide.reindex(columns=["3", "4", "5"], fill_value=0.0)
    n = rows.groupby(keys)["n"].max().astype("int64")
    found = pd.DataFrame({"n": n, "pass_rate": wide.sum(axis=1), "quality": wide[["4", "5"]].sum(axis=1)}).reset_index()
    return found.rename(columns={"level": "place", "group": "name"}).assign(source="groups")[list(COLUMNS)]


def _elsewhere(works: pd.DataFrame, assessments: pd.DataFrame) -> pd.DataFrame:
    vpr = assessments[(assessments["procedure"] == "vpr") & assessments["material_grade"].notna()]
    keyed = vpr.assign(grade=vpr["material_grade"].astype("int64"))[["assessment", *_ELSEWHERE]]
    rows = keyed.merge(works, on=list(_ELSEWHERE))
    quality = rows["share_4"] + rows["share_5"]
    found = rows.assign(place="elsewhere", name=rows["region"], quality=quality, pass_rate=quality + rows["share_3"])
    return found[list(COLUMNS)]
