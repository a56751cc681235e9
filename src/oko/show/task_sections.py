"""What is said of the tasks of one work in a school: their facility beside the cluster's, and what has no points."""

from __future__ import annotations

import pandas as pd

from oko.language import gettext, ngettext, percent
from oko.show import sentences

MANY, MOST_NAMED = 0.2, 3


def tasks_said(tasks: pd.DataFrame) -> list[str]:
    """Say which tasks of one work were hardest and easiest, which differ from the cluster, and which were skipped."""
    if tasks["n"].max() < sentences.ENOUGH:
        n = sentences.pupils(int(tasks["n"].max()))
        return [gettext("{pupils}, too few for a conclusion.").format(pupils=n)]
    return [*sentences.facility(tasks)[1:], *_differences(tasks), *_without_points(tasks)]


def _without_points(tasks: pd.DataFrame) -> list[str]:
    """Name the tasks that many did not start, and those whose topic many had not had yet: these are two things."""
    said = []
    skipped = tasks[tasks["share_not_attempted"] >= MANY].sort_values("share_not_attempted", ascending=False)
    if len(skipped):
        text = gettext("Often not attempted, which counts as no points: {tasks}.")
        said.append(text.format(tasks=_with_shares(skipped.head(MOST_NAMED), "share_not_attempted")))
    untaught = tasks[tasks["share_not_covered"] >= MANY].sort_values("share_not_covered", ascending=False)
    if len(untaught):
        text = gettext("The topic had not been taught yet; these pupils do not count in the facility: {tasks}.")
        said.append(text.format(tasks=_with_shares(untaught.head(MOST_NAMED), "share_not_covered")))
    return said


def _with_shares(tasks: pd.DataFrame, column: str) -> str:
    rows = zip(tasks["item"], tasks[column], strict=True)
    return ", ".join(gettext("task {item} ({share})").format(item=item, share=percent(share)) for item, share in rows)


def _apart(tasks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tasks below and those above the cluster, which lies outside the school's interval."""
    counted = tasks[tasks["n"] >= sentences.ENOUGH]
    below = counted[counted["upper"] < counted["cluster_facility"]]
    return below, counted[counted["lower"] > counted["cluster_facility"]]


def _differences(tasks: pd.DataFrame) -> list[str]:
    below, above = _apart(tasks)
    said = []
    if len(below):
        text = ngettext(
            "Below the cluster, which is outside the school’s interval: task {tasks}.",
            "Below the cluster, which is outside the school’s interval: tasks {tasks}.",
            len(below),
        )
        said.append(text.format(tasks=_labels(below)))
    if len(above):
        text = ngettext(
            "Above the cluster, which is outside the school’s interval: task {tasks}.",
            "Above the cluster, which is outside the school’s interval: tasks {tasks}.",
            len(above),
        )
        said.append(text.format(tasks=_labels(above)))
    if not said and (tasks["n"] >= sentences.ENOUGH).any():
        said.append(gettext("In no task does the school differ from the cluster beyond the interval."))
    return said


def _labels(tasks: pd.DataFrame) -> str:
    return ", ".join(str(item) for item in tasks["item"])
