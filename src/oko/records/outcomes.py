"""Results on the target tasks of a protocol: what each school's pupils have for them together, wave by wave."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pandas as pd

from oko.measures.evidence import school_scores

COLUMNS = ("school", "stratum", "subject", "grade", "period", "assessment", "n", "mean", "sd")
KINDS = ("target", "other")
_ROUNDED = 5e-4  # facilities are reported to four decimals


def stratum(subject: str, grade: int) -> str:
    """Return what is compared with itself: a subject and a grade, as in ``physics-7``."""
    return f"{subject}-{grade}"


def target_scores(
    targets: pd.DataFrame, responses: Callable[[str], pd.DataFrame], schools: Collection[str]
) -> pd.DataFrame:
    """Return n, mean and standard deviation of the points for the target tasks, from pupils' own points.

    Parameters
    ----------
    targets : DataFrame
        From ``Protocol.targets``: wave, subject, grade, assessment, item; rows without an assessment do not count.
    responses : callable
        Gives points by school, pupil and task for an assessment: ``Workspace.responses``.
    schools : collection of str
        The schools of the cluster that take part.

    Returns
    -------
    DataFrame
        school, stratum, subject, grade, period (the wave), assessment, n, mean, sd; one row a school, stratum and wave
        in which it has pupils. A work that lacks one of its target tasks has no row: the rest would be another outcome.
    """
    rows = []
    for keys, assessment, items in _works(targets):
        points = responses(assessment)
        if not set(items) <= set(points.columns):
            continue
        scores = school_scores(points, items).drop(columns="n_dropped")
        rows.append(scores[scores["n"] > 0].reset_index().assign(**keys, assessment=assessment))
    frame = pd.concat(rows) if rows else pd.DataFrame(columns=list(COLUMNS))
    return frame.loc[frame["school"].isin(list(schools)), list(COLUMNS)].reset_index(drop=True)


def pupil_points(
    targets: pd.DataFrame,
    items: pd.DataFrame,
    responses: Callable[[str], pd.DataFrame],
    schools: Collection[str],
) -> pd.DataFrame:
    """Return each pupil's points for the target tasks of a work together, and how many there could be.

    Parameters
    ----------
    targets, items : DataFrame
        As for :func:`reported_scores`.
    responses : callable
    schools : collection of str

    Returns
    -------
    DataFrame
        school, stratum, period, points, max_score; pupils without points for one of the tasks are left out.
    """
    rows = []
    for keys, assessment, labels in _works(targets):
        points, most = responses(assessment), _greatest(items, assessment)
        if not set(labels) <= set(points.columns) & set(most.index):
            continue
        total = points[labels].sum(axis=1, skipna=False).dropna().rename("points").reset_index("school")
        rows.append(total.assign(stratum=keys["stratum"], period=keys["period"], max_score=float(most[labels].sum())))
    columns = ["school", "stratum", "period", "points", "max_score"]
    joined = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    return joined.loc[joined["school"].isin(list(schools)), columns].astype(
        {"points": "float64", "max_score": "float64"}
    )


def reported_scores(
    targets: pd.DataFrame, items: pd.DataFrame, groups: pd.DataFrame, schools: Collection[str], key: str = "target"
) -> pd.DataFrame:
    """Return the same of schools of which only reports on groups are known.

    Parameters
    ----------
    targets : DataFrame
        From ``Protocol.targets``.
    items : DataFrame
        Schema ``ITEMS``: greatest points of the tasks.
    groups : DataFrame
        Schema ``GROUPS``: facility by task, and mean and sd with the key ``target``, or of the whole work without one.
    schools : collection of str
    key : str, default "target"
        Key of the mean and sd that belong to these tasks: empty for whole works.

    Returns
    -------
    DataFrame
        As from :func:`target_scores`. The mean is the sum of facility × greatest points over the protocol's targets.
        The reported standard deviation counts where the reported mean is that of the same tasks; otherwise other tasks
        were called targets there, and it is missing.
    """
    held = groups["assessment"].isin(targets["assessment"].dropna().unique())
    own = groups[held & (groups["level"] == "school") & groups["school"].isin(list(schools))]
    unit = ["assessment", "school"]
    facilities = own[own["measure"] == "facility"].pivot(index=unit, columns="key", values="value")
    told = own[(own["key"] == key) & own["measure"].isin(["mean", "sd"])]
    told = told.pivot(index=unit, columns="measure", values="value")
    # where a report gives several numbers of pupils the least counts
    counts = own.groupby(unit)[["n"]].min()
    rows = []
    for keys, assessment, labels in _works(targets):
        facility, most = _of(facilities, assessment).dropna(axis=1, how="all"), _greatest(items, assessment)
        if not set(labels) <= set(facility.columns) & set(most.index):
            continue
        frame = pd.DataFrame({"mean": facility[labels] @ most[labels], "n": _of(counts, assessment)["n"]})
        reported = _of(told, assessment).reindex(index=frame.index, columns=["mean", "sd"])
        same = (frame["mean"] - reported["mean"]).abs() <= _ROUNDED * float(most[labels].sum())
        frame["sd"] = reported["sd"].where(same)
        rows.append(frame.reset_index(names="school").assign(**keys, assessment=assessment))
    joined = pd.concat(rows) if rows else pd.DataFrame(columns=list(COLUMNS))
    return joined.loc[joined["mean"].notna() & (joined["n"] > 0), list(COLUMNS)].reset_index(drop=True)


def task_shares(
    targets: pd.DataFrame,
    items: pd.DataFrame,
    responses: Callable[[str], pd.DataFrame],
    groups: pd.DataFrame,
    schools: pd.DataFrame,
) -> pd.DataFrame:
    """Return each school's share of the greatest points by task, for target tasks and for the others of the same works.

    Parameters
    ----------
    targets, items, groups : DataFrame
        As for :func:`reported_scores`.
    responses : callable
    schools : DataFrame
        school, treated (0 or 1).

    Returns
    -------
    DataFrame
        school, treated, stratum, period, assessment, item, kind (``target`` or ``other``), n, share.
    """
    flags = schools.set_index("school")["treated"]
    facilities = groups[(groups["level"] == "school") & (groups["measure"] == "facility")]
    reports = dict(tuple(facilities.groupby("assessment")))
    rows = []
    for keys, assessment, labels in _works(targets):
        most = _greatest(items, assessment)
        points = responses(assessment)
        common = [item for item in most.index if item in points]
        by_school = (points[common] / most[common]).groupby(level="school")
        own = pd.concat({"share": by_school.mean().stack(), "n": by_school.count().stack()}, axis=1)
        there = reports.get(assessment, facilities.iloc[:0]).set_index(["school", "key"])[["value", "n"]]
        both = pd.concat([own.rename_axis(["school", "item"]), there.set_axis(["share", "n"], axis=1)])
        frame = both.rename_axis(["school", "item"]).reset_index()
        frame = frame[frame["school"].isin(flags.index)].drop_duplicates(["school", "item"])
        kind = np.where(frame["item"].isin(labels), *KINDS)
        rows.append(frame.assign(**keys, assessment=assessment, kind=kind))
    columns = ["school", "treated", "stratum", "period", "assessment", "item", "kind", "n", "share"]
    if not rows:
        return pd.DataFrame(columns=columns)
    joined = pd.concat(rows, ignore_index=True)
    return joined.assign(treated=joined["school"].map(flags).astype("int64"))[columns]


def _works(targets: pd.DataFrame) -> list[tuple[dict[str, str | int], str, list[str]]]:
    """List the works of a protocol in all waves with the labels of their target tasks."""
    held = targets[targets["assessment"].notna()]
    works = held.groupby(["wave", "subject", "grade", "assessment"], sort=False)["item"].agg(list)
    found = []
    for row in works.reset_index().to_dict("records"):
        subject, grade = str(row["subject"]), int(row["grade"])
        keys: dict[str, str | int] = {
            "stratum": stratum(subject, grade),
            "subject": subject,
            "grade": grade,
            "period": str(row["wave"]),
        }
        found.append((keys, str(row["assessment"]), [str(item) for item in row["item"]]))
    return found


def _greatest(items: pd.DataFrame, assessment: str) -> pd.Series:
    return items[items["assessment"] == assessment].set_index("item")["max_score"].astype(float)


def _of(rows: pd.DataFrame, assessment: str) -> pd.DataFrame:
    """Return the rows of an assessment by school; none where it is not there."""
    there = rows.index.get_level_values("assessment") == assessment
    return rows[there].droplevel("assessment")
