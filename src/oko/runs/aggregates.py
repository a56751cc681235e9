"""What one school sends to another: numbers of groups, none of which stands for too few pupils."""

from __future__ import annotations

import pandas as pd

from oko.disclosure import protect
from oko.disclosure.rules import zone
from oko.workspace import Workspace

MARKS = (2, 3, 4, 5)
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
        Number, mean and standard deviation of primary scores; shares of marks and facility of tasks without those so
        near to 0 or 1 that they tell of almost every pupil, and without what these could be worked out from. An
        assessment that fewer pupils than the cluster's threshold took is left out.
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
    """Return the shares of marks that may leave: what rests on almost nobody or almost all is left out."""
    marks = rows["mark"].dropna()
    counts = marks.value_counts().reindex(list(MARKS), fill_value=0)
    shares = {f"share_{mark}": [counts[mark] / max(len(marks), 1)] for mark in MARKS}
    table = pd.DataFrame({**shares, "n": [len(marks)]})
    shown = protect(table, distribution=list(shares), threshold=least).frame.iloc[0]
    left = [] if shown["hidden"] else [mark for mark in MARKS if _whole(shown, f"share_{mark}")]
    made = pd.DataFrame({"key": [str(mark) for mark in left], "count": [float(counts[mark]) for mark in left]})
    described = {"assessment": rows["assessment"].iloc[0], "measure": "mark", "n": len(marks)}
    return made.assign(value=made["count"] / max(len(marks), 1), **described)


def _whole(shown: pd.Series, column: str) -> bool:
    """Say whether a share is shown as it is: neither hidden nor a bound."""
    return column not in f"{shown['hidden_cells']} {shown['bounded']}".split()


def _tasks(workspace: Workspace, assessment: str, school: str, least: int) -> pd.DataFrame:
    if assessment not in workspace.store.responses:
        return pd.DataFrame(columns=COLUMNS)
    scores = workspace.responses(assessment, school=school)
    maxima = workspace.items(assessment).set_index("item")["max_score"]
    n = scores.notna().sum()
    shares = scores.sum() / (n * maxima.reindex(scores.columns))
    found = pd.DataFrame({"n": n, "facility": shares}).rename_axis("item").reset_index()
    enough = found[(found["n"] >= least) & found["facility"].notna()]
    made = enough[~_telling(enough)][["item", "n", "facility"]]
    made = made.rename(columns={"item": "key", "facility": "value"})
    return made.assign(assessment=assessment, measure="facility")


def _telling(tasks: pd.DataFrame) -> pd.Series:
    """Mark tasks that almost all or almost nobody solved; where it is one alone, the nearest other with it.

    The mean score is the sum over the tasks: of one task left out it would give back the facility.
    """
    ends = tasks["facility"].clip(upper=1 - tasks["facility"])
    near = ends <= tasks["n"].map(zone)
    if near.sum() == 1 and len(tasks) > 1:
        near |= ends.index == ends[~near].idxmin()
    return near
