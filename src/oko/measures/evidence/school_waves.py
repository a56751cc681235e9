"""From points of pupils and from published rows to one frame: a row a school and a wave, in units of one spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.evidence.columns import check_columns, check_named, check_once, group_codes, read_numbers
from oko.measures.responses import read_responses
from oko.measures.statement import Statement, whole
from oko.measures.weights import Weights, as_codes, sum_by

FEWEST_REFERENCE_SCHOOLS = 10
_KEYS = ("school", "stratum", "period")
_NO_SPREAD = 1e-12


def school_scores(
    responses: pd.DataFrame, items: Sequence[object], school: str = "school", weights: Weights = None
) -> pd.DataFrame:
    """Return n, mean and standard deviation of the points that pupils of each school have for some tasks together.

    Parameters
    ----------
    responses : DataFrame, pupils × items
        Points; the school is a level of the index or a column. Other columns than ``items`` do not count.
    items : sequence
        Tasks whose points are added up: the target tasks, say.
    school : str, default "school"
    weights : str, Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    DataFrame, index ``school``
        ``n`` pupils with points for every one of the tasks, ``mean``, ``sd`` (divisor n − 1; NaN below two pupils),
        ``n_dropped`` pupils who lack a task. Statements: ``evidence_pupils_without_task``.

    Raises
    ------
    MeasureError
        There is no task, a task is named twice or missing, the school is missing, or points or weights are wrong.

    Examples
    --------
    >>> points = pd.DataFrame({"school": ["a", "a", "b"], "1": [1, 0, 1], "2": [2, 1, 2]})
    >>> school_scores(points, ["1", "2"])[["n", "mean"]].to_dict("list")
    {'n': [2, 1], 'mean': [2.0, 3.0]}
    """
    check_columns(responses)
    chosen = _tasks(responses, items)
    schools = _schools(responses, school)
    read = read_responses(responses[[*chosen, *([weights] if isinstance(weights, str) else [])]], weights)
    codes, labels = as_codes(schools)
    total = read.points.sum(axis=1)
    known = np.isfinite(total) & (codes >= 0)
    pupils = np.where(known, read.weights, 0.0)
    at = np.where(codes < 0, 0, codes)
    n = sum_by(at, pupils, len(labels))
    lost = sum_by(at, np.where(known | (codes < 0), 0.0, read.weights), len(labels))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sum_by(at, pupils * np.where(known, total, 0.0), len(labels)) / n
        squares = sum_by(at, pupils * np.square(np.where(known, total - mean[at], 0.0)), len(labels))
        sd = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    frame = pd.DataFrame({"n": n, "mean": mean, "sd": sd, "n_dropped": lost}, index=labels.rename("school"))
    counts = [name for name in ("n", "n_dropped") if np.array_equal(frame[name], frame[name].round())]
    frame = frame.astype(dict.fromkeys(counts, "int64"))
    dropped = float(lost.sum())
    said = [Statement("evidence_pupils_without_task", {"n_dropped": whole(dropped)})] if dropped else []
    frame.attrs["statements"] = tuple(said)
    return frame


def _tasks(responses: pd.DataFrame, items: Sequence[object]) -> list[object]:
    chosen: list[object] = [items] if isinstance(items, str) else list(items)
    if not chosen:
        raise MeasureError("No task is named: name the tasks whose points are to be added up.")
    for item in chosen:
        if chosen.count(item) > 1 or item not in responses.columns:
            raise MeasureError("Task {item} must be named once, and be in the table of points.", item=repr(item))
    return chosen


def _schools(responses: pd.DataFrame, school: str) -> pd.Series:
    if school in responses.columns:
        return responses[school]
    if school in responses.index.names:
        return pd.Series(responses.index.get_level_values(school), index=responses.index)
    raise MeasureError(
        "Column {column} is missing from the data: there are {columns}.",
        column=repr(school),
        columns=", ".join(map(str, [*responses.index.names, *responses.columns])),
    )


def school_wave_means(cluster: pd.DataFrame, comparison: pd.DataFrame, reference: str = "comparison") -> pd.DataFrame:
    r"""Put the schools of the cluster and the comparison schools into one frame, in units of one spread.

    Parameters
    ----------
    cluster, comparison : DataFrame, one row a school, stratum and period
        Columns ``school``, ``stratum`` (what is compared with itself: a subject and the grade of its material),
        ``period`` (the wave), ``n`` pupils (0 or more), ``mean`` and ``sd`` of their points (sd: divisor n − 1).
    reference : {"comparison", "all"}
        Whose pupils make the unit of a stratum and period.

    Returns
    -------
    DataFrame
        ``school``, ``stratum``, ``period``, ``treated`` (1: cluster), ``n``, ``mean``, ``sd``; ``outcome``: the mean in
        standard deviations of the reference pupils from their mean; ``outcome_se``: what the pupils of that school
        alone make uncertain, sd / √n in the same unit (`reference_pupils`). Rows without n or mean are left out.
        Statements: ``evidence_rows_without_mean``, ``evidence_no_reference`` (outcome NaN),
        ``evidence_few_reference_schools``.

    Raises
    ------
    MeasureError
        A column is missing or not numeric, n or sd is negative, a school stands twice in a stratum and period or in
        both frames, or ``reference`` is unknown.

    Notes
    -----
    The reference variance is that of all its pupils, within schools and between them:
    :math:`s^2 = [\sum_s (n_s - 1) s_s^2 + \sum_s n_s (\bar y_s - \bar y)^2] / (\sum_s n_s - 1)`. Forms differ between
    waves and are not equated, so each wave is measured by its own reference. That a school gains against the reference
    then means against the comparison schools, whatever the form.

    Examples
    --------
    >>> columns = ["school", "stratum", "period", "n", "mean", "sd"]
    >>> others = pd.DataFrame([("x", "m", 0, 3, 1.0, 1.0), ("y", "m", 0, 3, 3.0, 1.0)], columns=columns)
    >>> ours = pd.DataFrame([("a", "m", 0, 4, 4.0, 1.0)], columns=columns)
    >>> school_wave_means(ours, others)["outcome"].round(3).tolist()
    [-0.707, 0.707, 1.414]
    """
    rows = pd.concat([_read(comparison).assign(treated=0), _read(cluster).assign(treated=1)], ignore_index=True)
    _check_apart(rows)
    check_once(rows, *_KEYS)
    known = ((rows["n"] > 0) & rows["mean"].notna()).to_numpy()
    said = []
    if (~known).any():
        said.append(Statement("evidence_rows_without_mean", {"n": int((~known).sum())}))
    rows = rows[known].reset_index(drop=True)
    codes, _ = group_codes(rows, ["stratum", "period"])
    units = reference_pupils(rows, reference).reset_index()
    mean, sd = units["mean"].to_numpy(), units["sd"].to_numpy()
    rows["outcome"] = (rows["mean"] - mean[codes]) / sd[codes]
    rows["outcome_se"] = rows["sd"] / np.sqrt(rows["n"]) / sd[codes]
    rows = rows[[*_KEYS, "treated", "n", "mean", "sd", "outcome", "outcome_se"]]
    rows.attrs["statements"] = (*said, *_remarks(units))
    return rows


def _read(data: pd.DataFrame) -> pd.DataFrame:
    check_named(data, *_KEYS)
    numbers = {name: read_numbers(data, name, None if name == "mean" else 0) for name in ("n", "mean", "sd")}
    keys = {key: data[key].astype(object).to_numpy() for key in _KEYS}
    frame = pd.DataFrame({**keys, **numbers}).infer_objects()
    return frame.astype({"n": "int64"}) if np.array_equal(frame["n"], frame["n"].round()) else frame


def _check_apart(rows: pd.DataFrame) -> None:
    groups = rows.groupby("school", observed=True)["treated"].nunique()
    if (groups > 1).any():
        raise MeasureError(
            "School {school} stands in the cluster and among the comparison schools: it can be in one of them only.",
            school=str(groups.index[groups > 1][0]),
        )


def reference_pupils(means: pd.DataFrame, reference: str = "comparison") -> pd.DataFrame:
    """Return the unit that each stratum and period is measured in: mean and standard deviation of reference pupils.

    Parameters
    ----------
    means : DataFrame
        From `school_wave_means`: ``stratum``, ``period``, ``treated``, ``n``, ``mean``, ``sd``.
    reference : {"comparison", "all"}

    Returns
    -------
    DataFrame, index ``stratum``, ``period``
        ``schools``, ``n`` pupils, ``mean``, ``sd``: total, within schools and between them; NaN where there is none.

    Raises
    ------
    MeasureError
        ``reference`` is unknown.

    Examples
    --------
    >>> rows = pd.DataFrame({"stratum": "m", "period": 0, "treated": 0, "n": 3, "mean": [1.0, 3.0], "sd": 1.0})
    >>> reference_pupils(rows).round(3).to_dict("list")
    {'schools': [2], 'n': [6.0], 'mean': [2.0], 'sd': [1.414]}
    """
    if reference not in ("comparison", "all"):
        raise MeasureError("Reference {name} is unknown: choose 'comparison' or 'all'.", name=repr(reference))
    codes, keys = group_codes(means, ["stratum", "period"])
    n, mean, sd = (means[name].to_numpy(dtype=float) for name in ("n", "mean", "sd"))
    usable = (np.isfinite(sd) | (n == 1)) & ((means["treated"].to_numpy() == 0) | (reference == "all"))
    pupils = np.where(usable, n, 0.0)
    size = len(keys)
    total = sum_by(codes, pupils, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = sum_by(codes, pupils * mean, size) / total
        within = sum_by(codes, np.where(usable & (n > 1), (n - 1) * np.square(np.nan_to_num(sd)), 0.0), size)
        between = sum_by(codes, pupils * np.square(np.where(usable, mean - shift[codes], 0.0)), size)
        spread = np.sqrt((within + between) / np.where(total > 1, total - 1, np.nan))
    spread = np.where(spread > _NO_SPREAD * np.maximum(np.abs(shift), 1), spread, np.nan)
    schools = sum_by(codes, usable.astype(float), size).astype(np.int64)
    columns = {"schools": schools, "n": total, "mean": np.where(total > 0, shift, np.nan), "sd": spread}
    return keys.assign(**columns).set_index(["stratum", "period"])


def _remarks(units: pd.DataFrame) -> list[Statement]:
    said = []
    named = [f"{stratum}, {period}" for stratum, period in zip(units["stratum"], units["period"], strict=True)]
    without = tuple(name for name, sd in zip(named, units["sd"], strict=True) if np.isnan(sd))
    if without:
        said.append(Statement("evidence_no_reference", {"units": without}))
    few = (units["schools"] < FEWEST_REFERENCE_SCHOOLS) & units["sd"].notna()
    if few.any():
        least = int(units.loc[few, "schools"].min())
        names = tuple(name for name, is_few in zip(named, few, strict=True) if is_few)
        said.append(
            Statement(
                "evidence_few_reference_schools", {"units": names, "least": least, "needed": FEWEST_REFERENCE_SCHOOLS}
            )
        )
    return said
