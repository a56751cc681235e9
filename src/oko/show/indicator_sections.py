"""Sections on the indicators of the model: their values by year, the targets, and targets that are met already."""

from __future__ import annotations

from typing import Any

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, percent
from oko.show.html import Html, join, paragraph, prose
from oko.show.model_sections import givers, target
from oko.show.tables import table


def guarded(data: Any, targets: pd.DataFrame, reported: pd.DataFrame, threshold: int, named: bool) -> Protected:
    """Keep the indicators by year with their error, the smallest change to be told, and what the register says."""
    rows = data.indicators(targets)
    whole = reported[reported["school"].isna() & reported["baseline"].notna()]
    values = {
        (one.code, str(row["year"])): float(row["baseline"]) / (100 if row["unit"] == "%" else 1)
        for one in (() if data.model is None else data.model.indicators)
        for row in whole[whole["indicator"] == one.reported].to_dict("records")
    }
    goals = {} if data.model is None else {one.code: one.target for one in data.model.indicators}
    keys = list(zip(rows["indicator"], rows["year"], strict=True))
    rows = rows.assign(
        reported=pd.Series([values.get(key) for key in keys], rows.index, dtype="float64"),
        aim=rows["indicator"].map(goals).astype("float64"),
    ).astype({"n": "int64"})
    return protect(
        rows, by=["year"], keys=["indicator"], threshold=threshold, round_to=threshold, means={"value": Mean(0, 1)},
        contributors=None if named else givers(data, ["year"]),
    )  # fmt: skip


def shown(protected: Protected, model: Any, picture: object = "") -> Html:
    """Show where the indicators start, and what change would be seen at all."""
    frame = protected.frame
    if model is None:
        return Html("")
    if frame.empty or frame["hidden"].all():
        text = gettext("No indicator can be computed yet: results of the target tasks, marks or a log are needed.")
        return paragraph(text, "empty")
    note = gettext(
        "Change to be seen, in percentage points: the smallest true difference between two measurements of this "
        "precision that would be found in 8 cases of 10. Values of different years rest on other works and are no "
        "growth."
    )
    acted = gettext("Of the share of what was done, n is everybody who wrote works of the year.")
    notes = [note, acted] if any(one.measure == "actions_done" for one in model.indicators) else [note]
    names = {"indicator": {one.code: one.title.text() for one in model.indicators}}
    aims = frame["indicator"].map({one.code: target(one) for one in model.indicators})
    columns = ["indicator", "year", "n", "indicator_value", "detectable_share", "target"]
    rows = frame.rename(columns={"value": "indicator_value", "detectable": "detectable_share"}).assign(target=aims)
    found = table(rows, columns, names=names, note=" ".join(notes), threshold=protected.threshold)
    return join([found, prose(met(frame, model)), picture])


def met(frame: pd.DataFrame, model: Any) -> list[str]:
    """Say which targets the values shown reach already: such a target would show nothing of the model."""
    known = frame[~frame["hidden"] & frame["value"].notna()]
    text = gettext("{indicator}: {values}, the target is {target}")
    said = []
    for one in model.indicators:
        own = known[known["indicator"] == one.code]
        reached = own["value"] >= own["aim"] if one.better == "higher" else own["value"] <= own["aim"]
        values = [f"{percent(value)} ({year})" for year, value in own.loc[reached, ["year", "value"]].to_numpy()]
        if values:
            said.append(text.format(indicator=one.title.text(), values=", ".join(values), target=target(one)))
    if not said:
        return []
    head = gettext("Some values reach the target already. {which}.").format(which="; ".join(said))
    rule = gettext(
        "A target that was reached before the work began says nothing of the model: it has to be set higher, or "
        "written as “no worse than before”."
    )
    return [head, rule]
