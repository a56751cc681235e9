"""Protected tables of an instrument's page: nothing in them rests on fewer pupils than the threshold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.measures import Statement
from oko.measures.instruments import Examined, at_levels
from oko.measures.raters import ExpertAgreement
from oko.measures.skills import SkillResults

PASSPORT = ("subject", "grade", "skill", "level", "max_score", "minutes", "answer_type", "status")
STATISTICS = ("facility", "facility_lower", "facility_upper", "item_rest", "not_attempted")
GROUPED = ("effect", "effect_lower", "effect_upper", "p_adjusted", "ets_class", "harder_for", "found")
NO_ANSWER = "–"
"""What stands in the place of a letter for those who gave no answer."""
FEWEST_CHOSE = 5
"""Pupils who chose an option before it is said whom it attracts: below, one pupil turns the sentence."""
_OF_FEW = ("distractor_positive", "distractor_above_key")
_PUPILS = ("n", "pupils", "reference", "focal", "used", "cells")


@dataclass(frozen=True)
class Own:
    """A table that its owner alone reads: nothing is hidden in it, and no page keeps it as a public one."""

    frame: pd.DataFrame
    threshold: int = 1


Shown: TypeAlias = Protected | Own


@dataclass(frozen=True)
class Guard:
    """What every table of the page is protected by.

    Attributes
    ----------
    threshold : int
    contributors : DataFrame or None
        ``contributor`` and ``n``: which school gives how many pupils; None where the agreement names schools.
    """

    threshold: int
    contributors: pd.DataFrame | None = None

    def of(self, frame: pd.DataFrame, *keys: str, **rules: object) -> Shown:
        """Protect a table whose rows stand alone."""
        own = {"keys": keys, "threshold": self.threshold, "contributors": self.contributors}
        return protect(frame, **(own | rules))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Unguarded(Guard):
    """What stands in the place of a guard for a teacher's own table of a class."""

    threshold: int = 1

    def of(self, frame: pd.DataFrame, *_: str, **__: object) -> Own:
        """Return the table as it is."""
        return Own(frame.reset_index(drop=True), self.threshold)


def guard(results: pd.DataFrame, threshold: int, named: bool) -> Guard:
    """Return what protects the tables of an instrument.

    Parameters
    ----------
    results : DataFrame
        school, status of those who were to take it.
    threshold : int
    named : bool
        Whether the agreement names schools; otherwise numbers that one or two schools make up stay hidden.
    """
    if named:
        return Guard(threshold)
    took = results[results["status"] == "took"]
    n = took.groupby("school").size().rename("n").rename_axis("contributor").reset_index()
    return Guard(threshold, n)


def items(examined: Examined, by: Guard) -> Shown:
    """Return the statistics of single tasks, in the order of the work."""
    frame = examined.items.reset_index()
    columns = [
        "item",
        "n",
        "max_score",
        *STATISTICS,
        "upper_lower",
        "alpha_if_deleted",
        "infit",
        "outfit",
        "p_adjusted",
    ]
    return by.of(
        frame[columns], "item", "max_score", means={"facility": Mean(0, 1)}, shares=["not_attempted"]
    )  # fmt: skip


def summary(examined: Examined, by: Guard) -> Shown:
    """Return what is said of the sum of points: reliability with its interval, error of measurement."""
    return by.of(examined.summary.reset_index().assign(n=examined.n), "statistic")


def eigenvalues(examined: Examined, by: Guard) -> Shown:
    """Return the eigenvalues beside those of chance."""
    frame = examined.eigenvalues.reset_index()
    return by.of(frame.assign(position=frame["position"].astype("int64"), n=examined.n), "position")


def scale(examined: Examined, by: Guard) -> Shown:
    """Return where on the scale the points of tasks begin to be more likely than fewer; one row a step of a task."""
    columns = ["model", "item", "points", "threshold", "discrimination", "n"]
    if examined.model is None:
        empty = {name: pd.Series(dtype="object" if name in ("model", "item") else "float64") for name in columns}
        return by.of(pd.DataFrame(empty), "item", "points", model=["model"])
    steps = examined.model.wright_map().items
    slopes, n = examined.model.items["discrimination"], examined.items["n"]
    frame = steps.assign(
        model=examined.model.model, discrimination=steps["item"].map(slopes), n=steps["item"].map(n).astype("int64")
    )
    return by.of(frame[columns], "item", "points", model=["model"])


def levels(examined: Examined, by: Guard) -> Shown:
    """Return how many pupils stand where on the scale."""
    rows = at_levels(examined, by.threshold)
    return by.of(rows.assign(band=[str(place) for place in range(1, len(rows) + 1)]), "start", "end", part="band",
                 contributors=None)  # fmt: skip


def fairness(found: Mapping[str, pd.DataFrame], by: Guard) -> Shown:
    """Return the comparisons of groups, task by task.

    Parameters
    ----------
    found : Mapping of str to DataFrame
        By comparison ("sex", "school_kind"): from `fairness.compare`.
    by : Guard
    """
    parts = [frame.reset_index().assign(comparison=name) for name, frame in found.items()]
    if not parts:
        return by.of(pd.DataFrame(columns=["comparison", "item", "n", *GROUPED]).astype({"n": "int64"}), "comparison")
    frame = pd.concat(parts)[["comparison", "item", "n", *GROUPED]]
    return by.of(frame, "comparison", "item")


def options(found: pd.DataFrame | None, kept: Shown, by: Guard) -> Shown:
    """Return who chose which option of tasks with options.

    Parameters
    ----------
    found : DataFrame or None
        From ``items.distractors``.
    kept : Shown
        From :func:`items`: a task whose facility it hides is left out, for the options would tell; so is one in which
        fewer pupils than the threshold chose a wrong option.
    by : Guard

    Notes
    -----
    The wrong options of a task are one list with a known sum, since facility tells how many chose the key; who gave no
    answer is one of the list unless their share is shown.
    """
    columns = ["item", "choice", "option", "n", "option_share", "point_biserial_rest"]
    if found is None:
        words = dict.fromkeys(columns[:3], "object")
        return by.of(pd.DataFrame({name: [] for name in columns}).astype({**words, "n": "int64"}), *columns[:3])
    rows = found.reset_index().rename(columns={"share": "option_share"})
    mistaken = rows["n"].where(~rows["is_key"] & rows["option"].notna(), 0).groupby(rows["item"]).transform("sum")
    rows = rows[rows["item"].isin(_plain(kept, "facility")) & ((mistaken == 0) | (mistaken >= by.threshold))]
    omitted, told = rows["option"].isna(), rows["item"].isin(_plain(kept, "not_attempted"))
    choice = pd.Series("wrong", rows.index).mask(rows["is_key"], "key").mask(omitted & told, "omitted")
    rows = rows.assign(choice=choice, option=rows["option"].fillna(NO_ANSWER))
    return by.of(rows[columns], by=("item", "choice"), part="option", contributors=None)


def _plain(kept: Shown, column: str) -> list[str]:
    """Return the tasks of which a number is shown as it is."""
    rows = kept.frame
    plain = rows[column].notna()
    for mark in ("hidden_cells", "bounded"):
        if mark in rows:
            plain &= pd.Series([column not in str(text).split() for text in rows[mark]], rows.index, dtype="bool")
    return list(rows.loc[plain, "item"])


def of_options(found: pd.DataFrame | None, kept: Shown) -> tuple[Statement, ...]:
    """Return the remarks on options of which the table shows the number.

    Parameters
    ----------
    found : DataFrame or None
        From ``items.distractors``.
    kept : Shown
        From :func:`options`.
    """
    if found is None:
        return ()
    rows = kept.frame[kept.frame["n"].notna()]
    shown, tasks = set(zip(rows["item"], rows["option"], strict=True)), set(kept.frame["item"])
    return tuple(
        one for one in found.attrs["statements"]
        if ("item" not in one.values or one.values["item"] in tasks)
        and ("option" not in one.values or (one.values["item"], one.values["option"]) in shown)
        and (one.code not in _OF_FEW or one.values["n"] >= FEWEST_CHOSE)
    )  # fmt: skip


def skills(found: SkillResults | None, by: Guard) -> Shown:
    """Return results by skill with the number of tasks behind each."""
    columns = ["skill", "n_items", "n", "facility", "facility_lower", "facility_upper"]
    if found is None:
        frame = pd.DataFrame({name: pd.Series(dtype="object" if name == "skill" else "float64") for name in columns})
    else:
        frame = found.skills.rename(columns={"lower": "facility_lower", "upper": "facility_upper"}).reset_index()
        frame = frame[frame["n_items"] > 0]
    return by.of(frame[columns], "skill", "n_items", means={"facility": Mean(0, 1)})


def agreement(found: ExpertAgreement | None, by: Guard) -> Shown:
    """Return how far experts agree, skill by skill and ("") on the whole; no pupil stands behind it."""
    columns = ["skill", "n_items", "agreement", "kappa", "kappa_lower", "kappa_upper", "undecided"]
    if found is None:
        return by.of(pd.DataFrame({name: [] for name in [*columns, "n"]}).astype({"skill": "object"}), "skill")
    ends = {"items": "n_items", "lower": "kappa_lower", "upper": "kappa_upper"}
    rows = found.skills[found.skills["share"] > 0].rename(columns=ends).reset_index()[columns]
    whole = {"skill": "", "n_items": found.n_items, "agreement": found.agreement, "kappa": found.kappa,
             "kappa_lower": found.lower, "kappa_upper": found.upper,
             "undecided": int(found.skills["undecided"].sum())}  # fmt: skip
    frame = pd.concat([pd.DataFrame([whole]), rows], ignore_index=True).assign(n=0)
    return by.of(frame, "skill")


def judged(found: ExpertAgreement | None, tasks: pd.DataFrame, by: Guard) -> Shown:
    """Return which skills experts hold needed for which task: the share of the experts; no pupil stands behind it."""
    if found is None:
        frame = pd.DataFrame({name: [] for name in ("item", "skill", "experts_share", "n")}).astype({"item": "object"})
    else:
        frame = (
            found.cells.reset_index()[["item", "skill", "share"]].assign(n=0).rename(columns={"share": "experts_share"})
        )
        frame = frame[frame.groupby("skill")["experts_share"].transform("max") > 0]
    place = {item: number for number, item in enumerate(tasks["item"])}
    ordered = frame.assign(_place=frame["item"].map(place)).sort_values("_place", kind="stable", ignore_index=True)
    return by.of(ordered.drop(columns="_place"), "item", "skill")


def bank(passports: pd.DataFrame, tasks: pd.DataFrame, kept: Shown, by: Guard) -> Shown:
    """Return the passports of the tasks with what the pilot says of them.

    Parameters
    ----------
    passports : DataFrame
        Rows of the register of this instrument.
    tasks : DataFrame
        item, max_score: the tasks of the work; those without a passport are there too.
    kept : Protected
        From :func:`items`.
    by : Guard
    """
    pilot = kept.frame.set_index("item")
    known = passports.set_index("item")[[name for name in PASSPORT if name != "max_score"]]
    order = [*tasks["item"], *(item for item in known.index if item not in set(tasks["item"]))]
    frame = known.reindex(order).rename_axis("item").reset_index()
    most = {**passports.set_index("item")["max_score"], **tasks.set_index("item")["max_score"]}
    frame = frame.assign(max_score=frame["item"].map(most))
    frame = frame.assign(n=frame["item"].map(pilot["n"]).fillna(0).astype("int64"))
    for name in STATISTICS[:4]:
        frame[name] = frame["item"].map(pilot[name])
    return by.of(frame, "item", *PASSPORT, means={"facility": Mean(0, 1)})


def stated(said: Mapping[str, Sequence[Statement]], n: int, by: Guard) -> Shown:
    """Return the coded remarks of the measures; those that count fewer pupils than the threshold are left out.

    Parameters
    ----------
    said : Mapping of str to sequence of Statement
        By part of the page; those of "experts" rest on no pupil.
    n : int
        Pupils behind the others.
    by : Guard
    """
    rows = [
        (
            part,
            statement.code,
            json.dumps(_rounded(statement.values), ensure_ascii=False),
            0 if part == "experts" else n,
        )
        for part, one in said.items()
        for statement in one
        if not any(0 < value < by.threshold for value in _counts(statement.values))
    ]
    return by.of(pd.DataFrame(rows, columns=["part", "code", "values", "n"]).astype({"n": "int64"}), "part")


def _counts(values: Mapping[str, Any]) -> Iterator[float]:
    """Yield what may count pupils in a remark."""
    return (float(values[key]) for key in _PUPILS if isinstance(values.get(key), (int, float)))


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: float(f"{value:.4g}") if isinstance(value, float) else list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
    }
