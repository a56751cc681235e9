"""The sheet of criteria of the half-way check: each computed, or said to lack its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import NOT_AVAILABLE, gettext, number, percent, with_sign
from oko.measures.retest import TARGETS
from oko.show.cluster_sections import unnamed
from oko.show.html import Html, grid, join, paragraph
from oko.show.sections import Titles
from oko.show.tables import table


def guarded_criteria(data: Any, rows: pd.DataFrame, changes: pd.DataFrame, threshold: int, named: bool) -> Protected:
    """Compute the sheet of criteria for the cluster and, where the agreement names them, its schools.

    Returns
    -------
    Protected
        criterion, school ("" is the cluster), n, decided, value, lower, upper, least_share, met ("met", "not",
        "unknown").
    """
    columns = ["criterion", "school", "n", "decided", "value", "lower", "upper", "least_share", "met"]
    kept = rows[rows["state"] != "cancelled"]
    order = [code for code in data.source.cluster.school_codes if code in set(kept["school"])]
    places = ["", *(order if named else [])]
    lines = []
    for one in () if data.model is None else data.model.criteria:
        for school in places if one.code in ("use", "quality") else [""]:
            own = kept[kept["school"] == school] if school else kept
            lines.append({"criterion": one.code, "school": school, **_criterion(one, data, own, changes)})
    types = {"n": "int64", "decided": "int64", **dict.fromkeys(("value", "lower", "upper", "least_share"), "float64")}
    return protect(
        pd.DataFrame(lines, columns=columns).astype(types),
        keys=["criterion", "school", "met"], threshold=threshold, round_to=threshold,
    )  # fmt: skip


def _criterion(one: Any, data: Any, own: pd.DataFrame, changes: pd.DataFrame) -> dict[str, object]:
    people = int(data.concerned(own, [])["n"].iloc[0]) if len(own) else 0
    line = dict.fromkeys(("value", "lower", "upper"), np.nan)
    line |= {"n": people, "decided": len(own), "least_share": one.least}
    if one.code == "change":
        row = changes[changes["skill"] == TARGETS]
        if row.empty:
            return {**line, "met": "unknown"}
        told = {
            name: float(row[at].iloc[0]) for name, at in (("value", "change"), ("lower", "lower"), ("upper", "upper"))
        }
        beyond = float(row["p_adjusted"].iloc[0]) < 0.05 and told["value"] > 0
        return {**line, "n": int(row["n"].iloc[0]), **told, "met": "met" if beyond else "not"}
    if one.code == "journal" or own.empty:
        return {**line, "met": "unknown"}
    named = own["assessment"].notna() | own["prompt"].notna()
    whole = own["skill"].notna() & own["item"].notna() & (own["role"] != "other").fillna(False)
    value = float((named if one.code == "use" else whole).mean())
    return {**line, "value": value, "met": "met" if one.least is None or value >= one.least else "not"}


def criteria(protected: Protected, model: Any, names: Titles, named: bool) -> Html:
    """Show the sheet of criteria: met, not met, or which data are lacking; then the schools, in their fixed order."""
    frame = protected.frame
    if model is None or not model.criteria:
        text = gettext("The model names no criteria: the sheet is needed in model.toml before it can be filled in.")
        return paragraph(text, "empty")
    titles = {one.code: one.title.text() for one in model.criteria}
    shown = frame.assign(criterion_value=[_value(row) for row in frame.to_dict("records")])
    columns = ["criterion", "criterion_value", "least_share", "met"]
    whole = table(shown[shown["school"] == ""], columns, names={"criterion": titles}, threshold=protected.threshold)
    lacking = gettext(
        "Agreement with the journal is told by a work with marks after the autumn: those of the spring are the "
        "outcome’s wave, and this page does not read them."
    )
    return join([whole, paragraph(lacking), _schools(frame, titles, names) if named else unnamed()])


def _value(row: Mapping[Any, Any]) -> str:
    """Write a share in per cent and a change in percentage points, with its interval."""
    if row["hidden"] or pd.isna(row["value"]):
        return NOT_AVAILABLE
    if row["criterion"] != "change":
        return percent(row["value"])
    text = gettext("{change} percentage points (from {lower} to {upper})")
    names = {"change": "value", "lower": "lower", "upper": "upper"}
    return text.format(**{name: with_sign(100 * row[column], 1) for name, column in names.items()})


def _schools(frame: pd.DataFrame, titles: Titles, names: Titles) -> Html:
    rows = frame[(frame["school"] != "") & ~frame["hidden"]]
    if rows.empty:
        return Html("")
    words = {"met": gettext("yes"), "not": gettext("no"), "unknown": gettext("no data")}
    text = gettext("{share} of {n} — {met}")
    cells = {
        (row["school"], row["criterion"]): text.format(
            share=percent(row["value"]), n=number(row["decided"]), met=words[row["met"]]
        )
        for row in rows.to_dict("records")
    }
    codes = [code for code in titles if code in set(rows["criterion"])]
    lines = [
        {"school": names[school], **{code: cells.get((school, code), NOT_AVAILABLE) for code in codes}}
        for school in names
        if school in set(rows["school"])
    ]
    heads = {"school": gettext("School"), **{code: titles[code] for code in codes}}
    note = gettext("Share of the school’s decisions, number of decisions, and whether the criterion is met.")
    return grid(pd.DataFrame(lines), heads, "interimcriteria", right=codes, notes=[note])
