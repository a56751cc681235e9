"""The report on the cluster's work, continued: what schools handed in, and the indicators of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import N_, gettext, ngettext, number
from oko.show.final_work import Lists, Words
from oko.show.html import Html, join, paragraph, prose
from oko.show.tables import table

LEVELS: Mapping[str, str] = {"was": "baseline", "became": "value", "goal": "target"}
_SEASONS = {"autumn": "1", "winter": "2", "spring": "3"}
KINDS: Mapping[str, str] = {
    "results": N_("results of works"),
    "roster": N_("lists of pupils’ codes"),
    "register-survey": N_("self-study questionnaires"),
    "register-actions": N_("journals of actions"),
    "register-feedback": N_("sheets of feedback"),
    "register-participation": N_("lists of participation"),
    "register-passport": N_("passports of tasks"),
    "register-skill-matrix": N_("experts’ judgements of tasks"),
    "register-indicators": N_("indicators of the model"),
    "mapped-comparison-groups": N_("reports on comparison schools"),
}


class Calendar(Lists, Protocol):
    """The register of names, which knows what a season of a school year is called."""

    def when(self, season: str, year: str) -> str: ...


def protected_exchange(files: pd.DataFrame, results: pd.DataFrame, threshold: int) -> Protected:
    """Count what the schools handed in, by kind and time; n counts the pupils behind the rows.

    Parameters
    ----------
    files : DataFrame
        Of the store: source, layout, schools.
    results : DataFrame
        Of the cluster: source, year, season, school, assessment, pupil.
    threshold : int

    Returns
    -------
    Protected
        what, year, season, schools, works, files, n.
    """
    own = results[["source", "year", "season", "school", "assessment", "pupil"]]
    given = own.groupby(["year", "season"], as_index=False).agg(
        schools=("school", "nunique"), works=("assessment", "nunique"), files=("source", "nunique"),
        n=("pupil", "nunique"),
    ).assign(what="results")  # fmt: skip
    given = given.sort_values(["year", "season"], key=lambda part: part.replace(_SEASONS), kind="stable")
    kinds = [kind for kind in KINDS if kind != "results"]
    rest = files[files["layout"].isin(kinds)]
    schools = rest["schools"].fillna("").astype("str").str.split()
    others = [
        {"what": kind, "year": "", "season": "", "files": int(part.sum()), "works": 0, "n": 0,
         "schools": len({code for codes in schools[part] for code in codes})}
        for kind in kinds
        for part in [rest["layout"] == kind]
        if part.any()
    ]  # fmt: skip
    columns = ["what", "year", "season", "schools", "works", "files", "n"]
    frame = pd.concat([given[columns], pd.DataFrame(others, columns=columns)], ignore_index=True)
    frame = frame.astype(dict.fromkeys(["schools", "works", "files", "n"], "int64"))
    return protect(frame, keys=["what", "year", "season", "schools", "works", "files"], threshold=threshold)


def exchange(protected: Protected, names: Calendar) -> Html:
    """Show what the schools handed in."""
    frame = protected.frame
    if frame.empty:
        return paragraph(gettext("The schools have handed in nothing: the store is empty."), "empty")
    held = (frame["what"] == "results").to_numpy()
    shown = frame.assign(
        gave=[gettext(KINDS[str(kind)]) for kind in frame["what"]],
        when=[names.when(str(row.season), str(row.year)) if row.year else "" for row in frame.itertuples()],
        taking_part=frame["schools"].where(frame["schools"] > 0),
        works=frame["works"].where(held),
        n=frame["n"].where(held),
    )
    note = gettext(
        "Where a file does not say of which school it is, schools are not counted. When a file arrived is not kept: "
        "the time is that of the works in it."
    )
    columns = ["gave", "when", "taking_part", "works", "files", "n"]
    return table(shown, columns, note=note, threshold=protected.threshold)


def indicator_titles(indicators: pd.DataFrame) -> dict[str, str]:
    """Return what indicators are called, each with its unit."""
    rows = indicators.drop_duplicates("indicator")
    return {str(row["indicator"]): f"{row['title']}, {row['unit']}" for row in rows.to_dict("records")}


def protected_indicators(indicators: pd.DataFrame, results: pd.DataFrame, threshold: int) -> Protected:
    """Put baseline, value and target of each indicator side by side; n counts the year's pupils of its schools.

    Parameters
    ----------
    indicators : DataFrame
        The register of a year: indicator, title, school (missing: the whole cluster), baseline, target, value, unit.
    results : DataFrame
        The year's results of the cluster: school, pupil.
    threshold : int

    Returns
    -------
    Protected
        indicator, was, became, goal (of the cluster, or the median of its schools), schools, reached
        (schools whose value is no less than the target), n.
    """
    rows = []
    for code, own in indicators.groupby("indicator", sort=True):
        parts = own[own["school"].notna() & own["value"].notna()]
        whole = own[own["school"].isna()]
        told = whole.iloc[0] if len(whole) else parts[list(LEVELS.values())].median()
        there = results["school"].isin(parts["school"]) if len(parts) else results["school"].notna()
        rows.append(
            {
                "indicator": str(code),
                **{name: float(told[was]) if pd.notna(told[was]) else None for name, was in LEVELS.items()},
                "schools": len(parts), "reached": int((parts["value"] >= parts["target"]).sum()),
                "n": int(results.loc[there, "pupil"].nunique()),
            }
        )  # fmt: skip
    columns = ["indicator", *LEVELS, "schools", "reached", "n"]
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(LEVELS, "float64"))
    return protect(frame, keys=["indicator", "schools"], threshold=threshold)


def indicators(protected: Protected, titles: Words) -> Html:
    """Say how many indicators have reached their targets, and show them."""
    frame = protected.frame
    known = frame[frame["became"].notna() & frame["goal"].notna()]
    if known.empty:
        text = gettext(
            "The indicators of the model are not filled in: baseline, value and target of each are needed (the form of "
            "indicators)."
        )
        return paragraph(text, "empty")
    met = int((known["became"] >= known["goal"]).sum())
    text = ngettext(
        "Of {n} indicator of the model {met} has reached its target.",
        "Of {n} indicators of the model {met} have reached their targets.",
        len(known),
    )
    told = (frame["schools"] > 0).to_numpy()
    shown = frame.assign(taking_part=frame["schools"].where(told), reached=frame["reached"].where(told))
    note = gettext("As the schools and the cluster have written them down themselves; nothing here is a test.")
    columns = ["indicator", "was", "became", "goal", "taking_part", "reached"]
    written = table(shown, columns, names={"indicator": titles}, note=note, threshold=protected.threshold)
    return join([prose([text.format(n=number(len(known)), met=number(met))]), written])
