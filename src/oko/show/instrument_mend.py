"""What to mend in which task: rules with their sources, and the findings that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from oko.language import current, gettext, ngettext, number, percent
from oko.measures.raters import ExpertAgreement
from oko.show.html import Html, grid, join, paragraph
from oko.show.instrument_fairness import whom
from oko.show.instrument_tables import Guard, Shown

EXPECTED = {"basic": (0.6, 0.9), "raised": (0.4, 0.6), "high": (0.0, 0.4)}
"""Facility that authors of ЕГЭ expect at each level; the source stands in ``data/external/item_rules.csv``."""
ENOUGH = 30
"""Pupils for a finding from statistics: with fewer, correlations are noise (`items.remarks`)."""
_SHARES = frozenset(
    {"too_hard", "too_easy", "harder_than_level", "easier_than_level", "often_skipped", "experts_disagree"}
)
Row = Mapping[Any, Any]


def findings(
    tasks: Shown,
    compared: Shown,
    passports: Shown | None,
    experts: ExpertAgreement | None,
    rules: pd.DataFrame,
    by: Guard,
    least: int = ENOUGH,
) -> Shown:
    """Hold every task against the rules.

    Parameters
    ----------
    tasks, compared : Shown
        From ``instrument_tables.items`` and ``fairness``: only what may be shown is judged.
    passports : Shown or None
        From ``instrument_tables.bank``; None for a table without passports, of which nothing is asked then.
    experts : ExpertAgreement or None
        Of this instrument.
    rules : DataFrame
        rule, limit: ``data/external/item_rules.csv``.
    by : Guard
    least : int
        Pupils from which rules about points are applied; fewer give hints alone.

    Returns
    -------
    Shown
        item, item_rule, value, n; a task without findings has no row.
    """
    limits = rules.set_index("rule")["limit"]
    described = {} if passports is None else {str(row["item"]): row for row in passports.frame.to_dict("records")}
    if not any(pd.notna(own["level"]) for own in described.values()):
        described = {}  # no task has a passport: the page says it once, not task by task
    rows: list[tuple[str, str, float, int]] = []
    for task in tasks.frame.to_dict("records"):
        item = str(task["item"])
        n = 0 if pd.isna(task["n"]) else int(task["n"])
        if n >= least:
            rows += [(item, rule, value, n) for rule, value in _of_points(task, described.get(item, {}), limits)]
    for row in compared.frame.to_dict("records"):
        if row["found"] == "large":
            rows.append((str(row["item"]), f"differs_by_{row['comparison']}", row["effect"], int(row["n"])))
    rows += [(item, rule, value, 0) for item, rule, value in _of_experts(experts, described, limits)]
    rows += [(item, rule, float("nan"), 0) for item, own in described.items() for rule in _of_passport(own)]
    frame = pd.DataFrame(rows, columns=["item", "item_rule", "value", "n"])
    order = {name: place for place, name in enumerate(dict.fromkeys([*tasks.frame["item"], *described]))}
    places = {rule: place for place, rule in enumerate(rules["rule"])}
    keyed = frame.assign(_item=frame["item"].map(order), _rule=frame["item_rule"].map(places))
    sorted_ = keyed.sort_values(["_item", "_rule"], ignore_index=True)[["item", "item_rule", "value", "n"]]
    return by.of(sorted_.astype({"n": "int64", "value": "float64"}), "item", "item_rule")


def _of_points(task: Row, passport: Row, limits: pd.Series) -> Iterator[tuple[str, float]]:
    facility, lower, upper = task["facility"], task["facility_lower"], task["facility_upper"]
    if task["item_rest"] < limits["negative_discrimination"]:
        yield "negative_discrimination", task["item_rest"]
    elif task["item_rest"] < limits["weak_discrimination"]:
        yield "weak_discrimination", task["item_rest"]
    if facility < limits["too_hard"]:
        yield "too_hard", facility
    if facility > limits["too_easy"]:
        yield "too_easy", facility
    low, high = EXPECTED.get(str(passport.get("level")), (0.0, 1.0))
    if upper < low:
        yield "harder_than_level", facility
    if lower > high:
        yield "easier_than_level", facility
    if task["not_attempted"] > limits["often_skipped"] and "not_attempted" not in str(task.get("bounded", "")).split():
        yield "often_skipped", task["not_attempted"]
    squares = [task[name] for name in ("infit", "outfit") if abs(task[name] - 1) > limits["misfit"]]
    if squares and task["p_adjusted"] < 0.05:
        yield "misfit", squares[0]


def _of_experts(
    experts: ExpertAgreement | None, described: Mapping[str, Row], limits: pd.Series
) -> Iterator[tuple[str, str, float]]:
    if experts is None or experts.experts < 2:
        return
    for item, row in zip(experts.items.index.astype("str"), experts.items.to_dict("records"), strict=True):
        if row["undecided"] > 0 or row["agreement"] < limits["experts_disagree"] - 1e-9:
            yield item, "experts_disagree", row["agreement"]
        skill = described.get(item, {}).get("skill")
        needed = experts.matrix.loc[item]
        if isinstance(skill, str) and skill and needed.get(skill) != 1:
            yield item, "other_skill", float("nan")


def _of_passport(passport: Row) -> Iterator[str]:
    if pd.isna(passport.get("level")):
        yield "no_passport"
    elif pd.isna(passport.get("skill")) or pd.isna(passport.get("minutes")):
        yield "passport_gaps"


def shown(
    found: Shown,
    bank: Shown,
    rules: pd.DataFrame,
    statistics: Shown,
    home_made: bool = True,
    least: int = ENOUGH,
) -> Html:
    """Show the table "task, finding, what to do", and the rules behind it.

    Parameters
    ----------
    found : Shown
        From :func:`findings`.
    bank : Shown
        From ``instrument_tables.bank``: the tasks that were held against the rules.
    rules : DataFrame
    statistics : Shown
        From ``instrument_tables.items``: whether the pilot has pupils enough for rules about points.
    home_made : bool, default True
        Whether schools made the work, so that they can mend it.
    least : int
        As in :func:`findings`.
    """
    words, tasks = rules.set_index("rule"), len(bank.frame)
    if not tasks:
        return paragraph(gettext("No tasks of this work are known: there is nothing to mend yet."), "empty")
    enough = bool((statistics.frame["n"] >= least).any())
    said = [] if enough else [
        gettext(
            "The pilot has fewer than {n} pupils: rules about points are not applied, only those about passports and "
            "experts."
        ).format(n=number(least))
    ]  # fmt: skip
    if not home_made:
        said.append(
            gettext(
                "Schools did not make this work and cannot change its tasks: the findings help to read its results."
            )
        )
    if found.frame.empty:
        text = ngettext(
            "{n} task was held against the rules below: nothing to mend was found.",
            "{n} tasks were held against the rules below: nothing to mend was found.",
            tasks,
        )
        said.append(text.format(n=number(tasks)))
        return join([*map(paragraph, said), _rules(rules)])
    frame = found.frame
    text = ngettext(
        "Of {tasks} tasks {n} has something to mend; where several rules meet, begin with the first.",
        "Of {tasks} tasks {n} have something to mend; where several rules meet, begin with the first.",
        frame["item"].nunique(),
    )
    said.append(text.format(tasks=number(tasks), n=number(frame["item"].nunique())))
    cells = pd.DataFrame(
        {
            "item": frame["item"].astype("str"),
            "finding": [_finding(row, words) for row in frame.to_dict("records")],
            "action": [str(words.loc[rule, f"action_{current()}"]) for rule in frame["item_rule"]],
        },
        dtype="str",
    )
    headings = {"item": gettext("Task"), "finding": gettext("Finding"), "action": gettext("What to do")}
    note = gettext("A rule raises a question; the answer is in the task and in the pupils’ answers.")
    return join([*map(paragraph, said), grid(cells, headings, "mend", notes=[note]), _rules(rules)])


def _finding(row: Row, words: pd.DataFrame) -> str:
    text = str(words.loc[row["item_rule"], f"finding_{current()}"])
    if row["item_rule"].startswith("differs_by"):
        return f"{text} ({_said_of_groups(row)})"
    if pd.isna(row["value"]):
        return text
    value = percent(row["value"]) if row["item_rule"] in _SHARES else number(row["value"], 2)
    return f"{text} ({value})"


def _said_of_groups(row: Row) -> str:
    text = gettext("{whom}, by {size} of a standard deviation")
    own = whom(float(row["value"]), str(row["item_rule"]).removeprefix("differs_by_"))
    return text.format(whom=own, size=number(abs(row["value"]), 2))


def _rules(rules: pd.DataFrame) -> Html:
    limits = [
        "" if pd.isna(row["limit"]) else percent(row["limit"]) if row["rule"] in _SHARES else number(row["limit"], 1)
        for row in rules.to_dict("records")
    ]
    cells = pd.DataFrame(
        {
            "finding": rules[f"finding_{current()}"],
            "limit": limits,
            "source": [_source(row) for row in rules.to_dict("records")],
        },
        dtype="str",
    )
    headings = {"finding": gettext("Rule"), "limit": gettext("Limit"), "source": gettext("Source")}
    return grid(cells, headings, "rules", title=gettext("Rules, and where they come from"))


def _source(row: Row) -> str:
    if row["status"] == "own choice":
        return gettext("our own choice")
    return f"{row['source']}; " + gettext("not confirmed")
