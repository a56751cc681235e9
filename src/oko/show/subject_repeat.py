"""What a subject of a school should repeat, in words: skills and tasks, each with its reason and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number, percent
from oko.show import sentences
from oko.show.html import Html, join, paragraph
from oko.show.item_names import listed
from oko.show.sections import Titles, bullets

Words = Mapping[str, str]


def repeat(rows: pd.DataFrame, titles: Titles, units: Words, skills: Words, tasks: pd.DataFrame) -> Html:
    """Say what to repeat: skills first, then tasks by work, each with its reason and how sure it is.

    Parameters
    ----------
    rows : DataFrame
        From ``zones.to_repeat``.
    titles, units, skills : Mapping
        Names of the works whose tasks are named here, of units of profiles, of skills.
    tasks : DataFrame
        assessment, item, label: what tasks are about.
    """
    if rows.empty:
        return paragraph(_nothing_to_repeat(known=len(tasks) > 0), "empty")
    labels = dict(zip(tasks["assessment"] + " " + tasks["item"], tasks["label"], strict=True))
    skill = rows[rows["scope"] == "skill"]
    said = [_skill(row, units, skills) for row in skill.to_dict("records")]
    parts: list[object] = [bullets(said)] if said else [paragraph(_no_skill())]
    certain = rows[(rows["scope"] == "task") & (rows["certainty"] == "certain")]
    works = [_work(titles[name], certain[certain["unit"] == name], labels) for name in titles]
    works = [text for text in works if text]
    parts += (
        [
            paragraph(gettext("Single tasks of the season with most works that are below what is expected for sure:")),
            bullets(works),
        ]
        if works
        else []
    )
    return join(parts)


def _nothing_to_repeat(*, known: bool) -> str:
    if not known:
        return gettext("There are no scores by task, so what to repeat cannot be named: scores by task are needed.")
    return gettext(
        "No skill and no task is below what is expected: nothing to repeat can be named from these results. Where few "
        "pupils wrote the work, this may be because the error is large."
    )


def _no_skill() -> str:
    return gettext("No skill is below what schools of the same level show, as far as these results can tell.")


def _skill(row: Mapping[Any, Any], units: Words, skills: Words) -> str:
    text = gettext(
        "{skill} ({unit}): facility {facility}, at schools of the same level {expected}; {tasks}, {pupils}. {certainty}"
    )
    n_items = int(row["n_items"])
    return text.format(
        skill=skills.get(str(row["target"]), str(row["target"])),
        unit=units.get(str(row["unit"]), str(row["unit"])),
        facility=percent(row["facility"], 1), expected=percent(row["expected"], 1),
        tasks=ngettext("{n} task", "{n} tasks", n_items).format(n=number(n_items)),
        pupils=sentences.pupils(int(row["n"])), certainty=_certainty(str(row["certainty"])),
    )  # fmt: skip


def _certainty(code: str) -> str:
    if code == "certain":
        return gettext("This is certain: it is told from chance with the number of checks taken into account.")
    return gettext("This is possible: with the number of checks taken into account it may be chance.")


def _work(title: str, rows: pd.DataFrame, labels: Words) -> str:
    if rows.empty:
        return ""
    tasks = listed([_task(row, labels) for row in rows.to_dict("records")])
    return f"{title}: {tasks}."


def _task(row: Mapping[Any, Any], labels: Words) -> str:
    label = labels.get(f"{row['unit']} {row['target']}", "")
    name = f"{row['target']} ({label})" if label else str(row["target"])
    if row["reason"] == "below_expected":
        text = gettext("task {item}: {value} instead of {expected} at schools of the same level")
        return text.format(item=name, value=percent(row["facility"]), expected=percent(row["expected"]))
    text = gettext("task {item}: {value}, at most {upper}, with a threshold of {limit}")
    return text.format(
        item=name, value=percent(row["facility"]), upper=percent(row["upper"]), limit=percent(row["limit"], 1)
    )
