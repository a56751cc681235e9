"""Skills and tasks on which several schools show less than schools of their level do: tables and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures.zones import shared
from oko.show import statements
from oko.show.html import Html, join, paragraph, prose
from oko.show.item_names import listed
from oko.show.sections import bullets
from oko.show.tables import table

Words = Mapping[str, str]
PLACE = ["season", "subject", "skill"]
SHARED = [
    *PLACE, "n", "n_items", "facility", "expected", "logits", "logits_lower", "logits_upper", "n_schools",
    "n_same_side", "at_least", "kind",
]  # fmt: skip
BY_SCHOOL = [
    *PLACE, "school", "n", "n_classes", "facility", "expected", "logits", "logits_lower", "logits_upper", "shrunken",
    "kind",
]  # fmt: skip
_FACILITY = {"facility": Mean(0, 1)}
_KINDS = ("deficit", "strength")
_NAMES = ("season", "subject", "procedure")
_LISTS = ("skill", "role", "survey", "survey_block")


def shared_skills(profile: pd.DataFrame, threshold: int) -> Protected:
    """Return on which skills the schools show less, or more, than schools of their level, behind the threshold.

    Parameters
    ----------
    profile : DataFrame
        Of `zones.year_profiles` with skills.
    threshold : int
    """
    found = shared(profile)
    known = profile[profile["residual"].notna()]
    weighed = known.assign(f=known["facility"] * known["n"], e=known["expected"] * known["n"])
    sums = weighed.groupby(["unit", "target"], sort=False)[["f", "e", "n"]].sum()
    means = pd.DataFrame({"facility": sums["f"] / sums["n"], "expected": sums["e"] / sums["n"]})
    items = known.groupby(["unit", "target"], sort=False)["n_items"].max().rename("n_items")
    rows = found.merge(means, on=["unit", "target"], how="left").merge(items, on=["unit", "target"], how="left")
    rows = _named(rows).reindex(columns=SHARED)
    return protect(_typed(rows), keys=[*PLACE, "n_items"], means=_FACILITY, threshold=threshold)


def school_skills(profile: pd.DataFrame, order: list[str], named: bool, threshold: int) -> Protected:
    """Return the profiles of the schools that the agreement names, in their fixed order, behind the threshold.

    Parameters
    ----------
    profile : DataFrame
        Of `zones.year_profiles` with skills, of schools with several classes: of one class its teacher could be told.
    order : list of str
        Codes of the cluster's schools.
    named : bool
    threshold : int
    """
    rows = _named(profile[profile["school"].isin(order) & profile["residual"].notna()] if named else profile.head(0))
    place = rows["school"].map({code: at for at, code in enumerate(order)})
    rows = rows.assign(_place=place).sort_values([*PLACE, "_place"], kind="stable").reindex(columns=BY_SCHOOL)
    return protect(_typed(rows), by=PLACE, part="school", means=_FACILITY, threshold=threshold)


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    """Give columns their types, in a table without rows as well."""
    kinds = {name: "float64" for name in rows if name not in {*PLACE, "school", "kind"}}
    return rows.astype(kinds | {name: "str" for name in rows if name in {*PLACE, "school", "kind"}} | {"n": "int64"})


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Take a unit apart into season and subject, and call residuals what they are measured in."""
    parts = rows["unit"].astype("str").str.partition("-").reindex(columns=range(3))
    called = {"residual": "logits", "lower": "logits_lower", "upper": "logits_upper", "target": "skill"}
    return rows.rename(columns=called).assign(season=parts[0].to_numpy(), subject=parts[2].to_numpy())


def deficits(protected: Protected) -> pd.DataFrame:
    """Return the rows of shared deficits that may be shown."""
    frame = protected.frame
    return frame[(frame["kind"] == "deficit") & ~frame["hidden"]]


def without_norm(profile: pd.DataFrame) -> list[str]:
    """Say why no problem can be called shared; nothing where one can."""
    return [statements.words(one) for one in shared(profile).attrs["statements"] if one.code != "zones_shared"]


def common(protected: Protected, profile: pd.DataFrame, words: Mapping[str, Words]) -> Html:
    """Name the shared deficits with their numbers.

    Parameters
    ----------
    protected : Protected
        Of `shared_skills`.
    profile : DataFrame
        What it was made of.
    words : Mapping
        Names of codes by column: season, subject, skill.
    """
    frame = protected.frame
    if frame.empty:
        return join([paragraph(text, "empty") for text in without_norm(profile)])
    found = deficits(protected)
    parts: list[object] = [bullets([_deficit(row, words) for row in found.to_dict("records")])]
    if found.empty:
        text = gettext("No skill on which several schools are below what their level leads to expect was found.")
        parts = [paragraph(text, "finding")]
    note = gettext(
        "Expected: what schools outside the cluster with the same general level show on the same tasks. Beyond "
        "chance, at least: how many of the schools on that side are there beyond chance, as far as it can be known. "
        "There is no official map of tasks and skills: the one used is the experts’ where they judged the work, "
        "elsewhere our own and not confirmed."
    )
    season = ["season"] if frame["season"].nunique() > 1 else []
    columns = ["skill", "subject", *season, "facility", "expected", "kind", "n_same_side", "at_least"]
    told = frame[(frame["kind"] != "none") & ~frame["hidden"]]
    shown = table(told, columns, names=words, note=note, threshold=protected.threshold) if len(told) else ""
    return join([*parts, shown, _others(frame[frame["kind"] == "none"], words)])


def _others(frame: pd.DataFrame, words: Mapping[str, Words]) -> Html:
    """Name the skills that were looked at and are not told from the expected."""
    if frame.empty:
        return Html("")
    text = gettext("Looked at, and not told from the expected:")
    place = ["subject", "season"] if frame["season"].nunique() > 1 else ["subject"]
    said = []
    for keys, rows in frame.groupby(place, sort=False):
        where = ", ".join(words[name].get(str(key), str(key)) for name, key in zip(place, keys, strict=True))
        skills = (words["skill"].get(code, code) for code in dict.fromkeys(rows["skill"]))
        said.append(f"{where} — {'; '.join(skills).lower()}.")
    return join([prose([text]), bullets(said)])


def _deficit(row: Mapping[object, object], words: Mapping[str, Words]) -> str:
    text = gettext(
        "{skill} ({subject}, {season}): facility {facility} where {expected} is expected; below the expected are "
        "{below} of {schools} schools, beyond chance at least {least} of them ({tasks}, {pupils})."
    )
    n_items, n = int(float(str(row["n_items"]))), int(float(str(row["n"])))
    return text.format(
        **place_words(row, words),
        facility=percent(_float(row["facility"])), expected=percent(_float(row["expected"])),
        below=number(_float(row["n_same_side"])), schools=number(_float(row["n_schools"])),
        least=number(_float(row["at_least"])),
        tasks=ngettext("{n} task", "{n} tasks", n_items).format(n=number(n_items)),
        pupils=ngettext("{n} pupil", "{n} pupils", n).format(n=number(n)),
    )  # fmt: skip


def _float(value: object) -> float:
    return float(str(value))


def place_words(row: Mapping[object, object], words: Mapping[str, Words]) -> dict[str, str]:
    """Return the names of season, subject and skill of a row, as they stand within a sentence."""
    named = {name: words[name].get(str(row[name]), str(row[name])) for name in PLACE}
    return {**named, "subject": named["subject"].lower(), "season": named["season"].lower()}


def without_deficits(protected: Protected, common_skills: pd.DataFrame, names: Words) -> Html:
    """Name the schools in which none of the shared deficits is to be seen, and those that show each.

    Parameters
    ----------
    protected : Protected
        Of `school_skills`.
    common_skills : DataFrame
        Of `deficits`.
    names : Mapping
        Of schools, in their fixed order.
    """
    rows = protected.frame.merge(common_skills[PLACE], on=PLACE)
    known = rows[~rows["hidden"] & rows["logits"].notna()]
    if known.empty:
        return Html("")
    below = known.loc[known["logits_upper"] < 0, "school"]
    free = [names[code] for code in names if code in set(known["school"]) - set(below)]
    if not free:
        return Html("")
    text = ngettext(
        "In this school none of the shared deficits goes beyond the school’s own interval: {schools}.",
        "In these schools none of the shared deficits goes beyond the school’s own interval: {schools}.",
        len(free),
    )
    return prose([text.format(schools=listed(free))])


def labelled(frame: pd.DataFrame, words: Mapping[str, Words]) -> pd.Series:
    """Return a label of season, subject and skill for each row."""
    several = frame["season"].nunique() > 1
    texts = [
        "{skill}: {subject}".format(**place_words(row, words))
        + (f", {place_words(row, words)['season']}" if several else "")
        for row in frame.to_dict("records")
    ]
    return pd.Series(texts, index=frame.index, dtype="object")


def verdicts(facility: pd.Series, levels: pd.Series, thresholds: pd.DataFrame) -> np.ndarray:
    """Judge facilities by the published thresholds of their level: sufficient, uncertain, insufficient; else unknown.

    Parameters
    ----------
    facility, levels : Series
    thresholds : DataFrame, index level
        insufficient_below, sufficient_from.
    """
    low = levels.map(thresholds["insufficient_below"]).astype("float64").to_numpy()
    high = levels.map(thresholds["sufficient_from"]).astype("float64").to_numpy()
    value = facility.to_numpy(dtype="float64")
    unknown = np.isnan(low) | np.isnan(value)
    return np.select([unknown, value < low, value >= high], ["unknown", "insufficient", "sufficient"], "uncertain")


def of_works(protected: Protected, works: pd.DataFrame, words: Mapping[str, Words]) -> dict[str, str]:
    """Say for each work what the profile of its subject shows.

    Parameters
    ----------
    protected : Protected
        Of `shared_skills`.
    works : DataFrame
        assessment, season, subject.
    words : Mapping
        Names of codes by column.
    """
    frame = protected.frame[~protected.frame["hidden"]]
    said = {}
    for row in works.to_dict("records"):
        own = frame[(frame["season"] == row["season"]) & (frame["subject"] == row["subject"])]
        kinds = {kind: [words["skill"].get(s, s) for s in own.loc[own["kind"] == kind, "skill"]] for kind in _KINDS}
        texts = {
            "deficit": gettext("several schools are below the expected: {skills}"),
            "strength": gettext("several schools are above the expected: {skills}"),
        }
        found = [texts[kind].format(skills="; ".join(kinds[kind]).lower()) for kind in _KINDS if kinds[kind]]
        if len(own):
            said[str(row["assessment"])] = "; ".join(found) or gettext("no skill is apart from the expected")
    return said


def code_words(names: Any, lists: Any) -> dict[str, dict[str, str]]:
    """Return the words for the codes of seasons, subjects, procedures, skills and the questionnaire, by kind.

    Parameters
    ----------
    names : Names
    lists : Lists
    """
    known = {kind: {code: names.text(kind, code) for code in names.places(kind)} for kind in _NAMES}
    return known | {kind: {code: lists.text(kind, code) for code in lists.codes(kind)} for kind in _LISTS}


def task_labels(items: pd.DataFrame, names: Any) -> dict[str, str]:
    """Return what each task is about, by "work/task"."""
    rows = items.dropna(subset="label")
    return {f"{row.assessment}/{row.item}": names.text("label", row.label) for row in rows.itertuples(index=False)}
