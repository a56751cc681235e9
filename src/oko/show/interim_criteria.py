"""The sheet of criteria of the half-way check: each computed, or said to lack its data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import gettext
from oko.measures.retest import TARGETS
from oko.show.html import Html, join, paragraph
from oko.show.sections import Titles
from oko.show.tables import table


def guarded_criteria(data: Any, rows: pd.DataFrame, changes: pd.DataFrame, threshold: int, named: bool) -> Protected:
    """Compute the sheet of criteria for the cluster and, where the agreement names them, its schools.

    Returns
    -------
    Protected
        criterion, school ("" is the cluster), n, decided, value, lower, upper, least, met ("met", "not", "unknown").
    """
    columns = ["criterion", "school", "n", "decided", "value", "lower", "upper", "least", "met"]
    kept = rows[rows["state"] != "cancelled"]
    places = ["", *(sorted(kept["school"].unique()) if named else [])]
    lines = []
    for one in () if data.model is None else data.model.criteria:
        for school in places if one.code in ("use", "quality") else [""]:
            own = kept[kept["school"] == school] if school else kept
            lines.append({"criterion": one.code, "school": school, **_criterion(one, data, own, changes)})
    types = {"n": "int64", "decided": "int64", **dict.fromkeys(("value", "lower", "upper", "least"), "float64")}
    return protect(
        pd.DataFrame(lines, columns=columns).astype(types),
        keys=["criterion", "school", "met"], threshold=threshold, round_to=threshold,
    )  # fmt: skip


def _criterion(one: Any, data: Any, own: pd.DataFrame, changes: pd.DataFrame) -> dict[str, object]:
    people = int(data.concerned(own, [])["n"].iloc[0]) if len(own) else 0
    line = {"n": people, "decided": len(own), "value": np.nan, "lower": np.nan, "upper": np.nan, "least": one.least}
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


def criteria(protected: Protected, model: Any, names: Titles) -> Html:
    """Show the sheet of criteria: met, not met, or which data are lacking."""
    frame = protected.frame
    if model is None or not model.criteria:
        text = gettext("The model names no criteria: the sheet is needed in model.toml before it can be filled in.")
        return paragraph(text, "empty")
    titles = {one.code: one.title.text() for one in model.criteria}
    called = {"criterion": titles, "school": {"": gettext("whole cluster"), **names}}
    shown = frame.rename(columns={"value": "criterion_value"})
    columns = ["criterion", "school", "decided", "criterion_value", "least_share", "met"]
    lacking = gettext(
        "Agreement with the journal can be told again only after a work with marks: the works of the winter have none."
    )
    whole = table(shown.rename(columns={"least": "least_share"}), columns, names=called, threshold=protected.threshold)
    return join([whole, paragraph(lacking)])
