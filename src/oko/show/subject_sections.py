"""Sections of a page on one subject of a school: what to repeat, and a chapter for each work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number, percent
from oko.measures.chapters import FEWEST_CALIBRATED, Chapter
from oko.show import sentences
from oko.show.html import Html, heading, join, paragraph, prose
from oko.show.item_names import listed
from oko.show.picture import Picture
from oko.show.sections import bullets
from oko.show.subject_figures import group_name, scores_and_scale, tasks_and_groups
from oko.show.tables import table
from oko.show.task_sections import tasks_said

DRAWN = 3
_LATEST = {"year": 3, "spring": 2, "winter": 1, "autumn": 0}
Words = Mapping[str, str]


def in_chapters(assessments: pd.DataFrame, chapters: Mapping[str, Chapter]) -> list[str]:
    """Return the works in the order of their chapters: the latest season first, then by grade.

    Parameters
    ----------
    assessments : DataFrame
        assessment, season, material_grade.
    chapters : Mapping
        Works that have one.
    """
    rows = assessments[assessments["assessment"].isin(list(chapters))]
    rows = rows.assign(_season=-rows["season"].map(_LATEST).fillna(0).astype("int64"))
    return rows.sort_values(["_season", "material_grade", "assessment"], kind="stable")["assessment"].to_list()


def tables(chapters: Mapping[str, Chapter], part: str) -> pd.DataFrame:
    """Put one table of all chapters together, the work in front."""
    frames = [getattr(chapter, part) for chapter in chapters.values()]
    named = [
        frame.drop(columns="assessment", errors="ignore").assign(assessment=name)
        for name, frame in zip(chapters, frames, strict=True)
    ]
    filled = [frame for frame in named if len(frame)] or named[:1]
    if not filled:
        return pd.DataFrame(columns=["assessment", *COLUMNS[part]])
    frame: pd.DataFrame = pd.concat(filled, ignore_index=True)
    return frame[["assessment", *(column for column in frame if column != "assessment")]]


COLUMNS: Mapping[str, Sequence[str]] = {
    "groups": ("item", "group", "n", "facility", "lower", "upper"),
    "anomalies": ("item", "weaker", "stronger", "difference", "lower", "upper"),
    "classes": ("class", "n", "mean_score", "mean_score_lower", "mean_score_upper"),
    "scores": ("score", "n", "border"),
    "scale": ("item", "points", "threshold", "whole", "reached_by"),
    "levels": ("group", "n", "ability"),
}


def tasks_of(facility: pd.DataFrame, profile: pd.DataFrame, thresholds: pd.DataFrame, labels: Words) -> pd.DataFrame:
    """Put beside each task what is expected of it: at the school's level, and by the threshold of its level.

    Parameters
    ----------
    facility : DataFrame
        From ``yearly.facilities``.
    profile : DataFrame
        Rows of the school from ``zones.profiles`` by task; works without rows get no expectation.
    thresholds : DataFrame, index level
    labels : Mapping
        Labels of tasks in the language of the page.
    """
    expected = profile.rename(columns={"unit": "assessment", "target": "item"})[["assessment", "item", "expected"]]
    rows = facility.merge(expected.astype({"expected": "float64"}), on=["assessment", "item"], how="left")
    for column in ("insufficient_below", "sufficient_from"):
        rows[column] = rows["level"].map(thresholds[column]).astype("float64")
    return rows.assign(label=rows["label"].fillna("").astype("str").map(lambda text: labels.get(text, text)))


def nothing() -> Html:
    """Say that no work of the subject was written, and what is needed."""
    text = gettext(
        "This school has no results in the subject this year, so there are no chapters: results of at least one work "
        "are needed."
    )
    return paragraph(text, "empty")


def pictures(
    chapters: Mapping[str, Chapter], order: Sequence[str], tasks: pd.DataFrame, limits: tuple[int, int], mark: str
) -> dict[str, dict[str, Picture]]:
    """Draw the first works in the order of their chapters: figures "tasks" and "scores" by work.

    Parameters
    ----------
    chapters : Mapping
    order : sequence of str
        Works; those behind the first three have tables and words.
    tasks : DataFrame
        From :func:`tasks_of`.
    limits : tuple of int
        Of a histogram: see ``subject_figures.scores_and_scale``.
    mark : str
    """
    drawn: dict[str, dict[str, Picture]] = {"tasks": {}, "scores": {}}
    for name in [name for name in order if chapters[name].n >= sentences.ENOUGH][:DRAWN]:
        chapter = chapters[name]
        own = tasks[tasks["assessment"] == name]
        if len(own):
            drawn["tasks"][name] = tasks_and_groups(own, chapter.groups, mark=mark)
        if chapter.scores["n"].sum() >= limits[0] or len(chapter.persons):
            drawn["scores"][name] = scores_and_scale(
                chapter.scores, chapter.persons, chapter.scale, chapter.levels, limits=limits, mark=mark
            )
    return drawn


def chapter(
    found: Chapter, title: str, tasks: pd.DataFrame, rows: pd.DataFrame, pictures: Mapping[str, Picture | None]
) -> Html:
    """Show one work: tasks, level groups, scores, what pupils of each level can do, classes.

    Parameters
    ----------
    found : Chapter
    title : str
    tasks : DataFrame
        Rows of the work from :func:`tasks_of`.
    rows : DataFrame
        Rows of the work from ``zones.to_repeat``.
    pictures : Mapping
        "tasks" and "scores", where drawn.
    """
    parts: list[object] = [heading(title, 3)]
    if tasks.empty:
        parts.append(paragraph(_no_tasks(), "empty"))
    else:
        parts.append(prose(tasks_said(tasks)))
        parts.append(pictures.get("tasks") or _task_table(tasks))
        parts.append(prose([*_thresholds(rows), *_anomalies(found)]))
    parts.append(pictures.get("scores") or "")
    parts += [_levels(found), _classes(found)]
    return join(parts)


def _no_tasks() -> str:
    return gettext("Points of single tasks are not known, so there is no profile of tasks: points by task are needed.")


def _task_table(tasks: pd.DataFrame) -> Html:
    if tasks["n"].max() < sentences.ENOUGH:
        return Html("")
    rows = tasks.assign(item=tasks["item"] + " " + tasks["label"])
    level = ["level"] if rows["level"].notna().any() else []
    return table(rows, ["item", *level, "n", "facility", "cluster_facility"])


def _thresholds(rows: pd.DataFrame) -> list[str]:
    """Name the tasks below the threshold of their level: for sure, and those of which the interval reaches above."""
    low = rows[rows["reason"] == "below_threshold"]
    texts = {
        "certain": gettext("Below the threshold of the level with the whole interval: {tasks}."),
        "possible": gettext("Below the threshold of the level, though the interval reaches above it: {tasks}."),
    }
    named = {
        code: [f"{row['target']} ({percent(row['facility'])})" for row in part.to_dict("records")]
        for code, part in low.groupby("certainty")
    }
    return [text.format(tasks=listed(named[code])) for code, text in texts.items() if code in named]


def _anomalies(found: Chapter) -> list[str]:
    """Say on which tasks a weaker group did better than a stronger one."""
    counts = found.groups.groupby("group", sort=False)["n"].max() if len(found.groups) else pd.Series(dtype="int64")
    if int((counts >= sentences.ENOUGH).sum()) < 2:
        return [gettext("Level groups are not compared: at least two of ten pupils or more are needed.")]
    rows = found.anomalies
    certain = rows[rows["lower"] > 0] if len(rows) else rows
    if rows.empty:
        return [gettext("On every task stronger groups did better than weaker ones, as they should.")]
    if certain.empty:
        text = ngettext(
            "On {n} task a weaker group did better than a stronger one ({tasks}), within the error: no anomaly.",
            "On {n} tasks a weaker group did better than a stronger one ({tasks}), within the error: no anomaly.",
            len(rows),
        )
        return [text.format(n=number(len(rows)), tasks=listed(list(rows["item"])))]
    text = gettext(
        "An anomaly: a weaker group did better beyond the error — {tasks}. Look at how these tasks were written, "
        "marked and taught."
    )
    return [text.format(tasks="; ".join(_anomaly(row) for row in certain.to_dict("records")))]


def _anomaly(row: Mapping[Any, Any]) -> str:
    text = gettext("task {item}: {weaker} above {stronger} by {points} points (95% interval {lower} to {upper})")
    return text.format(
        item=row["item"], weaker=group_name(row["weaker"]), stronger=group_name(row["stronger"]),
        points=number(100 * row["difference"]), lower=number(100 * row["lower"]), upper=number(100 * row["upper"]),
    )  # fmt: skip


def _levels(found: Chapter) -> Html:
    """Say what pupils of each level are more likely to do than not, by the cluster's scale."""
    if found.scale.empty:
        if found.n_cluster == 0 or found.n_cluster >= FEWEST_CALIBRATED:
            return Html("")
        text = gettext(
            "Tasks and pupils are not put on one scale: {n} pupils of the cluster wrote the work, {needed} are needed "
            "(our own threshold)."
        )
        return paragraph(text.format(n=number(found.n_cluster), needed=number(FEWEST_CALIBRATED)), "empty")
    whole = found.scale[found.scale["whole"].astype(bool)]
    said = []
    for row in found.levels.to_dict("records"):
        new = list(whole.loc[whole["reached_by"] == row["group"], "item"])
        tasks = _tasks(new) if new else gettext("nothing new for sure")
        text = gettext("{group} ({pupils} here): {tasks}")
        said.append(
            text.format(group=group_name(str(row["group"])), pupils=sentences.pupils(int(row["n"])), tasks=tasks)
        )
    beyond = list(whole.loc[whole["reached_by"] == "", "item"])
    if beyond:
        said.append(gettext("only the strongest: {tasks}").format(tasks=_tasks(beyond)))
    lead = gettext(
        "What the middle pupil of each level in the cluster is more likely to do in full than not; each level is "
        "listed with what it adds to the one below:"
    )
    return join([paragraph(lead), bullets(said)])


def _tasks(items: Sequence[str]) -> str:
    return ngettext("task {tasks}", "tasks {tasks}", min(len(items), 2)).format(tasks=listed(list(items)))


def _classes(found: Chapter) -> Html:
    classes = found.classes
    if len(classes) < 2:
        return paragraph(gettext("There is one class or none here: classes are not compared."), "note")
    known = classes[_enough(classes)].to_dict("records")
    told = [f"{row['class']}: {_mean(row)}, {sentences.pupils(int(row['n']))}" for row in known]
    text = gettext("Mean primary score of the classes, in brackets its 95% interval: {classes}.")
    return prose([_apart(classes), text.format(classes="; ".join(told)) if told else ""])


def _mean(row: Mapping[Any, Any]) -> str:
    lower, upper = (number(row[f"mean_score_{end}"], 1) for end in ("lower", "upper"))
    return f"{number(row['mean_score'], 1)} ({lower}–{upper})"


def _enough(classes: pd.DataFrame) -> pd.Series:
    return (classes["n"] >= sentences.ENOUGH) & classes["mean_score_lower"].notna()


def _apart(classes: pd.DataFrame) -> str:
    """Say whether the classes furthest apart differ beyond their intervals."""
    known = classes[_enough(classes)]
    if len(known) < 2:
        return gettext("Too few pupils in the classes to tell them apart.")
    ordered = known.sort_values("mean_score", kind="stable").to_dict("records")
    low, high = ordered[0], ordered[-1]
    if low["mean_score_upper"] >= high["mean_score_lower"]:
        return gettext("The intervals of all classes overlap: a difference between them may be chance.")
    text = gettext("Apart beyond the error: class {low} ({low_mean}) and class {high} ({high_mean}).")
    return text.format(
        low=low["class"],
        high=high["class"],
        low_mean=number(low["mean_score"], 1),
        high_mean=number(high["mean_score"], 1),
    )


def drawn_said(order: Sequence[str], drawn: Mapping[str, object]) -> Html:
    """Say that only the first works are drawn, where there are more."""
    if not drawn or len(order) <= len(drawn):
        return Html("")
    text = gettext("The latest works have figures; the others, {n}, have tables and words.")
    return paragraph(text.format(n=number(len(order) - len(drawn))), "note")


def limits(assessments: pd.DataFrame, thresholds: pd.DataFrame) -> Html:
    """Say where the results of a subject stop, and where the thresholds are from."""
    said = [text for row in assessments.to_dict("records") for text in sentences.caveats(row)]
    source = " / ".join(dict.fromkeys(thresholds["source"]))
    said += [
        gettext("Thresholds of levels: {source}. They are later than these works and known at second hand.").format(
            source=source
        ),
        gettext("One task is one question on one day: what it shows of a skill it shows with a large error."),
        gettext("The scale rests on the answers of the cluster alone: it is no scale of the city or the country."),
        gettext("Classes differ in whom they took in: their means say nothing about a teacher."),
        gettext("A group of fewer than {n} pupils gives no conclusion.").format(n=number(sentences.ENOUGH)),
    ]
    return bullets(dict.fromkeys(said))
