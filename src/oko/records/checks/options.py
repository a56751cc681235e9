"""Checks of the options that pupils chose: against the key in the tasks' passports, and against their points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pandas as pd

from oko.language import N_
from oko.records.checks import check
from oko.records.checks.specification import differ
from oko.records.readers import Finding, at_rows
from oko.records.received import IMPLIED, Received
from oko.records.schema import TEXT
from oko.records.scoring import keys

_NO_KEY = N_(
    "The letter {given} stands in the place of points, and no passport of {assessment} gives the right option of task "
    "{item}: fill in the column «Верный вариант» of the form of passports, or write points here."
)
_OTHER_POINTS = N_(
    "The pupil chose {given}, the right option by the passport is {key}, and the points say otherwise: {points}. "
    "Correct one of them."
)
_NO_POINTS = N_("The option chosen is given, and no points of the pupil on task {item}: add them or delete the row.")


@check(N_("letters in the place of points have a key"), alone=True)
def option_key_known(received: Received) -> Iterator[Finding]:
    """Check that the passports give a key to each letter; files that come without passports are only warned of."""
    rows = _with_keys(received)
    wrong = rows[IMPLIED].astype(bool) & rows["key"].isna()
    severity: Literal["fault", "warning"] = "fault" if received.whole else "warning"
    told = rows[wrong]
    for item, own in told.groupby("item", sort=False):
        everywhere = pd.Series(True, own.index)
        yield from at_rows(
            own, everywhere, str(item), _NO_KEY, severity=severity, given=own["option"], item=own["item"],
            assessment=own["assessment"],
        )  # fmt: skip


@check(N_("points are those of the option chosen"))
def option_points(received: Received) -> Iterator[Finding]:
    """Check that a table of options agrees with the points and the key."""
    rows = _with_keys(received)
    stated = rows[~rows[IMPLIED].astype(bool)].dropna(subset=["assessment", "pupil", "item", "option"])
    if stated.empty:
        return
    points = _points(received, stated)
    yield from at_rows(stated, points.isna(), "option", _NO_POINTS, item=stated["item"])
    most = received.known_items.set_index(["assessment", "item"])["max_score"]
    due = most.reindex(pd.MultiIndex.from_frame(stated[["assessment", "item"]])).set_axis(stated.index)
    due = due.where(stated["option"] == stated["key"], 0.0).where(stated["key"].notna())
    wrong = differ(points, due)
    yield from at_rows(stated, wrong, "option", _OTHER_POINTS, given=stated["option"], key=stated["key"], points=points)


def _with_keys(received: Received) -> pd.DataFrame:
    rows = received.registers["options"]
    known = keys(received).reindex(pd.MultiIndex.from_frame(rows[["assessment", "item"]]))
    return rows.assign(key=known.to_numpy()).astype({"key": TEXT})


def _points(received: Received, rows: pd.DataFrame) -> pd.Series:
    """Return the points that stand elsewhere for the pupils and tasks of rows."""
    found = pd.Series(float("nan"), rows.index)
    for frame in received.responses:
        own = frame.drop_duplicates(["assessment", "pupil"]).set_index(["assessment", "pupil"])
        for item, part in rows.groupby("item", sort=False):
            if item in own:
                known = own[item].reindex(pd.MultiIndex.from_frame(part[["assessment", "pupil"]]))
                found = found.fillna(known.set_axis(part.index).astype("float64"))
    return found
