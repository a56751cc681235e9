"""Section of a school's page on its tasks: their facility beside the cluster's, and what stands where points should."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from oko.language import gettext, ngettext, percent
from oko.show import figures, sentences
from oko.show.html import Html, join, paragraph
from oko.show.picture import Picture
from oko.show.sections import Titles, work

MANY, MOST_NAMED = 0.2, 3


def facility(tasks: pd.DataFrame, titles: Titles, pictures: Mapping[str, Picture]) -> Html:
    """Name the hardest and easiest tasks, and those in which the school differs from the cluster.

    Parameters
    ----------
    tasks : DataFrame
        From ``yearly.facilities``.
    titles, pictures : Mapping
        Titles and figures of works, by assessment.
    """
    if tasks.empty:
        return paragraph(gettext("There are no scores of single tasks for this year."), "empty")
    by_work = {str(name): rows for name, rows in tasks.groupby("assessment")}
    parts = [
        join([work(titles[name], tasks_said(by_work[name])), pictures.get(name, "")])
        for name in titles
        if name in by_work
    ]
    return join(parts)


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


def drawn(tasks: pd.DataFrame) -> pd.DataFrame:
    """Return all tasks of the works in which any of them differs from the cluster: these are drawn."""
    apart = pd.concat(_apart(tasks))
    return tasks[tasks["assessment"].isin(apart["assessment"])]


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


def facility_figure(tasks: pd.DataFrame, title: str, mark: str = "") -> Picture:
    """Draw the facility of one work's tasks beside the cluster's."""
    return figures.facility(
        tasks, "cluster_facility", own=gettext("school"), other=gettext("cluster"), caption=f"{title}.", mark=mark
    )
