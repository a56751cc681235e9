"""What one school sends to another: numbers of groups, none of which stands for too few pupils."""

from __future__ import annotations

import pandas as pd

from oko.disclosure.protect import protect
from oko.workspace import Workspace

EXTREMES_FROM = 30
COLUMNS = ["assessment", "level", "group", "school", "n", "measure", "key", "value", "count"]


def of_school(workspace: Workspace, school: str, assessments: list[str]) -> pd.DataFrame:
    """Return a school's aggregates as rows of the table of groups.

    Parameters
    ----------
    workspace : Workspace
    school : str
    assessments : list of str

    Returns
    -------
    DataFrame
        Number, mean and standard deviation of primary scores; shares of marks, those that stand for fewer pupils than
        the cluster's threshold left out and one more with them; facility of tasks, without 0 and 1 where fewer than 30
        pupils met the task. An assessment that fewer pupils than the threshold took is left out.
    """
    results = workspace.results(school=school)
    took = results[(results["status"] == "took") & results["assessment"].isin(assessments)]
    least = workspace.cluster.threshold
    parts = []
    for assessment, rows in took.groupby("assessment", sort=True):
        if len(rows) >= least:
            parts += [_scores(rows, least), _marks(rows, least), _tasks(workspace, str(assessment), school, least)]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame(columns=COLUMNS)
    whole = pd.concat(filled, ignore_index=True)
    return whole.assign(level="school", group=school, school=school).reindex(columns=COLUMNS)


def _scores(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    scores = rows["primary_score"].dropna()
    if len(scores) < least:
        return pd.DataFrame(columns=COLUMNS)
    values = {"mean": float(scores.mean()), "sd": float(scores.std(ddof=1))}
    made = pd.DataFrame({"measure": list(values), "value": list(values.values())})
    return made.assign(assessment=rows["assessment"].iloc[0], n=len(scores), key="")


def _marks(rows: pd.DataFrame, least: int) -> pd.DataFrame:
    marks = rows["mark"].dropna()
    if len(marks) < least:
        return pd.DataFrame(columns=COLUMNS)
    counts = marks.value_counts().reindex([2, 3, 4, 5], fill_value=0)
    table = pd.DataFrame(
        {"assessment": rows["assessment"].iloc[0], "key": counts.index.astype(str), "count": counts.to_numpy()}
    )
    shown = protect(table, n="count", by=["assessment"], part="key", threshold=least).frame
    kept = shown[~shown["hidden"]]
    return kept[["assessment", "key", "count"]].assign(
        measure="mark", n=len(marks), value=kept["count"].astype("float64") / len(marks)
    )


def _tasks(workspace: Workspace, assessment: str, school: str, least: int) -> pd.DataFrame:
    if assessment not in workspace.store.responses:
        return pd.DataFrame(columns=COLUMNS)
    scores = workspace.responses(assessment, school=school)
    maxima = workspace.items(assessment).set_index("item")["max_score"]
    n = scores.notna().sum()
    shares = scores.sum() / (n * maxima.reindex(scores.columns))
    found = pd.DataFrame({"n": n, "facility": shares}).rename_axis("item").reset_index()
    extreme = found["facility"].isin([0.0, 1.0]) & (found["n"] < EXTREMES_FROM)
    kept = found[(found["n"] >= least) & ~extreme]
    made = kept[["item", "n", "facility"]].rename(columns={"item": "key", "facility": "value"})
    return made.assign(assessment=assessment, measure="facility")
