"""Directions for the next year, in the order of how certain they are and how large: what data give, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oko.disclosure import Protected, protect
from oko.disclosure.rules import LEAST_CONTRIBUTORS
from oko.language import gettext, ngettext, number, percent
from oko.measures import zones
from oko.measures.intervals import wilson
from oko.measures.zones.points import shared_in_points
from oko.show import cells
from oko.show.final_work import ALL, Lists
from oko.show.html import Html, join, paragraph, prose
from oko.show.tables import between, table

Words = Mapping[str, str]
COLUMNS = ("direction", "subject", "code", "size", "lower", "upper", "schools", "certainty", "n")
UNFINISHED, ABSENT = 0.2, 0.1
"""Shares above which unfinished decisions and absent pupils are a direction: our own limits."""
_PROFILE = ("school", "unit", "target", "residual", "facility", "expected")
_SHARED = ("unit", "target", "n_schools", "n", "residual", "lower", "upper", "p_adjusted", "at_least", "kind")
CERTAIN, LIKELY = "certain", "likely"


def common_profile(
    points: Mapping[str, pd.DataFrame],
    items: pd.DataFrame,
    norm: pd.DataFrame | None,
    skills: pd.DataFrame,
    units: Mapping[str, str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the schools' profiles by skills and what they share; without rows where works, norm or skills lack.

    Parameters
    ----------
    points, items, norm, skills, units
        As `zones.profiles` takes them.
    """
    known = {name: frame for name, frame in points.items() if len(frame) and name in set(skills["assessment"])}
    if norm is None or not known:
        return pd.DataFrame(columns=list(_PROFILE)), pd.DataFrame(columns=list(_SHARED))
    profile = zones.profiles(known, items, norm, skills[skills["assessment"].isin(list(known))], units=units)
    return profile, zones.shared(profile)


def deficits(shared: pd.DataFrame, profile: pd.DataFrame) -> pd.DataFrame:
    """Return the skills on which the cluster's schools together show less than the norm leads to expect.

    Parameters
    ----------
    shared, profile : DataFrame
        Of `zones.shared` and `zones.profiles` on the works of the wave after.

    Returns
    -------
    DataFrame
        As ``COLUMNS``: the size is the mean over schools of expected less found facility. The interval of the mean
        residual (logits) is carried over by `zones.points.in_points`. Certain: told from zero after correction for the
        number of skills, and surely so in half of the schools or more; likely: told from zero by its own interval.
    """
    if shared.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    told = (shared["residual"] < 0) & (shared["upper"] < 0) & (shared["n_schools"] >= LEAST_CONTRIBUTORS)
    rows = []
    for row in shared_in_points(shared[told], profile).to_dict("records"):
        sure = row["kind"] == "deficit" and 2 * row["at_least"] >= row["n_schools"]
        rows.append(
            {
                "direction": "deficit", "subject": str(row["unit"]).rpartition("-")[2], "code": str(row["target"]),
                "size": -row["apart"], "lower": -row["apart_upper"], "upper": -row["apart_lower"],
                "schools": int(row["n_schools"]),
                "certainty": CERTAIN if sure else LIKELY, "n": int(row["n"]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def unfinished(actions: Protected) -> pd.DataFrame:
    """Return the subjects in which more than a fifth of what was decided is still open or cancelled.

    Parameters
    ----------
    actions : Protected
        Of `protected_actions`: numbers of hidden rows are not used.
    """
    shown = actions.frame
    shown = shown[(shown["subject"] != ALL) & ~shown["hidden"]]
    parts = shown.groupby("subject", as_index=False).agg(
        decided=("decided", "sum"), done=("carried_out", "sum"), n=("n", "sum")
    )
    parts = parts.astype(dict.fromkeys(["decided", "done", "n"], "float64"))
    return _shares(parts.assign(direction="actions", code="", schools=0), 1 - parts["done"] /
                   parts["decided"], parts["decided"], UNFINISHED)  # fmt: skip


def gaps(results: pd.DataFrame) -> pd.DataFrame:
    """Return the works of the year which more than a tenth of the cluster's listed pupils did not write.

    Parameters
    ----------
    results : DataFrame
        Of the cluster in the year: assessment, school, status.
    """
    wrote = results.assign(took=(results["status"] == "took").astype("int64"))
    listed = wrote.groupby("assessment", as_index=False).agg(
        schools=("school", "nunique"), n=("took", "sum"), of=("status", "size")
    )
    listed = listed[listed["schools"] >= LEAST_CONTRIBUTORS]
    absent = listed.assign(direction="coverage", subject="", code=listed["assessment"])
    return _shares(absent, 1 - absent["n"] / absent["of"], absent["of"], ABSENT)


def _shares(rows: pd.DataFrame, share: pd.Series, of: pd.Series, limit: float) -> pd.DataFrame:
    lower, upper = wilson(share, of) if len(rows) else (np.array([]), np.array([]))
    found = rows.assign(size=share, lower=lower, upper=upper)
    found = found.assign(certainty=np.where(found["lower"] > limit, CERTAIN, LIKELY))
    return found.loc[found["size"] > limit, list(COLUMNS)].reset_index(drop=True)


def protected_directions(parts: list[pd.DataFrame], threshold: int) -> Protected:
    """Guard the directions, certain ones first, within them by size."""
    kept = [part for part in parts if len(part)]
    rows = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(COLUMNS))
    order = rows.assign(_place=rows["certainty"].map({CERTAIN: 0, LIKELY: 1})).sort_values(
        ["_place", "size"], ascending=[True, False], kind="stable"
    )
    flat = order[list(COLUMNS)].astype({"size": "float64", "lower": "float64", "upper": "float64", "n": "int64"})
    return protect(flat, keys=["direction", "subject", "code", "schools", "certainty"], threshold=threshold)


def directions(protected: Protected, lists: Lists, names: Lists, works: Words) -> Html:
    """Show where to go next, and by which rule something is called certain."""
    frame = protected.frame
    if frame.empty:
        text = gettext(
            "The data name no direction: no skill is below the norm in the cluster as a whole, decisions are carried "
            "out, and nearly all listed pupils wrote the works — or these data are not there."
        )
        return paragraph(text, "empty")
    shown = frame.assign(
        direction=[_called(row, lists, names, works) for row in frame.to_dict("records")],
        taking_part=frame["schools"].where(frame["schools"] > 0),
        direction_size=pd.Series(map(_size, frame.to_dict("records")), frame.index, dtype="object"),
    )
    n = int((frame["certainty"] == CERTAIN).sum())
    said = gettext("None of these directions is certain.")
    if n:
        said = ngettext("{n} direction is certain.", "{n} directions are certain.", n).format(n=number(n))
    columns = ["direction", "direction_size", "certainty", "taking_part", "n"]
    return join([prose([said]), table(shown, columns, note=_rule(), threshold=protected.threshold)])


def _called(row: Mapping[Any, Any], lists: Lists, names: Lists, works: Words) -> str:
    subject, code = (str(row[name]) for name in ("subject", "code"))
    if row["direction"] == "deficit":
        text = gettext("{subject}, skill “{skill}”: done less well than the schools’ level leads to expect")
        return text.format(subject=names.text("subject", subject), skill=lists.text("skill", code))
    if row["direction"] == "actions":
        return gettext("{subject}: decisions that are not carried out").format(subject=names.text("subject", subject))
    return gettext("{work}: pupils who did not write it").format(work=works.get(code, code))


def _size(row: Mapping[Any, Any]) -> str | None:
    """Write the size with its interval: of a skill in percentage points, of anything else in per cent."""
    if cells.is_missing(row["size"]):
        return None
    points = gettext("{n} percentage points").format(n=number(100 * row["size"]))
    size = points if row["direction"] == "deficit" else percent(row["size"])
    return f"{size} ({between(100 * row['lower'], 100 * row['upper'])})"


def _rule() -> str:
    text = gettext(
        "Size: for a skill, by how much its tasks are done less well than expected; else a share of "
        "decisions or of listed pupils. Certain: a skill is below the norm after correction for the number of "
        "skills, and surely so in half of the schools or more; for shares the whole 95% interval lies above the limit "
        "({unfinished} of decisions, {absent} of pupils; limits of our own). Otherwise: likely. Certain ones stand "
        "first, the larger above the smaller. Which task asks for which skill is an initial list: not confirmed."
    )
    return text.format(unfinished=percent(UNFINISHED), absent=percent(ABSENT))
