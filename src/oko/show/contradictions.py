"""Where two ways of reading the same results lead to different conclusions: looked for in tables as released."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import pandas as pd

from oko.disclosure import Protected
from oko.language import gettext, ngettext, number, percent
from oko.show.html import Html, paragraph
from oko.show.sections import bullets

Words = Mapping[str, str]
_QUALITY = ["quality", "quality_lower", "quality_upper"]


def found(said: list[str]) -> Html:
    """Show the contradictions, or say that there are none."""
    if said:
        return bullets(said)
    text = gettext("These data do not show two ways that contradict each other beyond their intervals.")
    return paragraph(text, "empty")


def sou_against_quality(marks: Protected, titles: Words) -> list[str]:
    """Find two works of which one has the greater quality and the other the greater СОУ, beyond chance in neither.

    The pair furthest apart in both is named.
    """
    frame = marks.frame
    rows = _shown(frame[frame["scope"] == "cluster"], "quality", "sou")
    pairs = []
    for one, other in combinations(rows.to_dict("records"), 2):
        first, second = (one, other) if one["quality"] > other["quality"] else (other, one)
        if first["sou"] < second["sou"]:
            pairs.append(
                (min(100 * (first["quality"] - second["quality"]), second["sou"] - first["sou"]), first, second)
            )
    if not pairs:
        return []
    _, first, second = max(pairs, key=lambda pair: pair[0])
    text = gettext(
        "Quality against СОУ. By quality “{one}” is done better than “{other}” ({q1} and {q2}), by СОУ the other way "
        "round ({s1} and {s2}): СОУ counts marks 2 and 3, quality does not. The differences are small and may be "
        "chance: what turns the order round is the formula."
    )
    return [
        text.format(
            one=titles[first["assessment"]], other=titles[second["assessment"]], q1=percent(first["quality"], 1),
            q2=percent(second["quality"], 1), s1=number(first["sou"], 1), s2=number(second["sou"], 1),
        )
    ]  # fmt: skip


def alike_by_marks(marks: Protected, pairs: Protected, works: pd.DataFrame, names: Words, words: Words) -> list[str]:
    """Find two schools that quality does not tell apart in most common works of a subject, and a skill does.

    Parameters
    ----------
    marks : Protected
        Of `cluster_sections.protected_marks`.
    pairs : Protected
        Of `teacher_learning_sections.guarded_pairs`.
    works : DataFrame
        assessment, season, subject.
    names, words : Mapping
        Of schools; of units and skills.
    """
    frame = marks.frame
    rows = _shown(frame[frame["scope"] == "school"], "quality")[["assessment", "school", *_QUALITY]]
    unit = works.assign(unit=works["season"] + "-" + works["subject"])[["assessment", "unit"]]
    rows = rows.merge(unit, on="assessment")
    found = []
    shown = pairs.frame[~pairs.frame["hidden"]].sort_values("difference", ascending=False, kind="stable")
    for pair in shown.to_dict("records"):
        both = _common(rows[rows["unit"] == pair["unit"]], pair["giver"], pair["receiver"])
        meets = (both["quality_lower_1"] <= both["quality_upper_2"]) & (
            both["quality_lower_2"] <= both["quality_upper_1"]
        )
        if len(both) > 1 and meets.sum() > len(both) / 2:
            found.append((float(meets.mean()), _alike(pair, int(meets.sum()), len(both), names, words)))
    return [text for _, text in sorted(found, key=lambda one: -one[0])[:1]]


def _common(rows: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    first, second = rows[rows["school"] == one], rows[rows["school"] == other]
    return first.merge(second, on="assessment", suffixes=("_1", "_2"))


def _alike(pair: Mapping[object, object], meets: int, of: int, names: Words, words: Words) -> str:
    text = ngettext(
        "Marks against profile. Quality does not tell {one} from {other} in {n} of {of} common works ({unit}): the "
        "intervals meet. The skill “{skill}” does: beyond their levels they differ by {difference} logits (95% "
        "interval {lower} to {upper}).",
        "Marks against profile. Quality does not tell {one} from {other} in {n} of {of} common works ({unit}): the "
        "intervals meet. The skill “{skill}” does: beyond their levels they differ by {difference} logits (95% "
        "interval {lower} to {upper}).",
        of,
    )
    ends = {name: number(float(str(pair[name])), 2) for name in ("difference", "lower", "upper")}
    return text.format(
        one=names[str(pair["giver"])], other=names[str(pair["receiver"])], n=number(meets), of=number(of),
        unit=words.get(str(pair["unit"]), str(pair["unit"])), skill=words.get(str(pair["skill"]), str(pair["skill"])),
        **ends,
    )  # fmt: skip


def alike_by_quality(marks: Protected, journal: Protected, titles: Words, names: Words) -> list[str]:
    """Find two schools with the same quality in a work, whose marks agree with the journal differently."""
    frame = marks.frame
    quality = _shown(frame[frame["scope"] == "school"], "quality")
    lowered = _shown(journal.frame[journal.frame["scope"] == "school"], "lowered")
    columns = ["lowered", "lowered_lower", "lowered_upper"]
    rows = quality[["assessment", "school", "quality", "quality_lower", "quality_upper"]].merge(
        lowered[["assessment", "school", *columns]], on=["assessment", "school"]
    )
    pairs = []
    for name, own in rows.groupby("assessment", sort=True):
        for one, other in combinations(own.to_dict("records"), 2):
            first, second = (one, other) if one["lowered"] > other["lowered"] else (other, one)
            meets = one["quality_lower"] <= other["quality_upper"] and other["quality_lower"] <= one["quality_upper"]
            if meets and first["lowered_lower"] > second["lowered_upper"]:
                pairs.append((first["lowered_lower"] - second["lowered_upper"], str(name), first, second))
    if not pairs:
        return []
    _, name, first, second = max(pairs, key=lambda pair: pair[0])
    text = gettext(
        "Quality against the journal. {work}: {one} and {other} have about the same quality ({q1} and {q2}, the "
        "intervals "
        "meet), but of the marks of the journal the work lowered {l1} and {l2}; these intervals do not meet. This is a "
        "reason for both schools to look at themselves, not a finding on either."
    )
    return [
        text.format(
            work=titles[name], one=names[first["school"]], other=names[second["school"]], q1=percent(first["quality"]),
            q2=percent(second["quality"]), l1=percent(first["lowered"]), l2=percent(second["lowered"]),
        )
    ]  # fmt: skip


def threshold_against_profile(
    tasks: Protected, shared: Protected, skills: pd.DataFrame, works: pd.DataFrame, words: Mapping[str, Words]
) -> list[str]:
    """Find shared deficits whose tasks mostly reach the published threshold, and the reverse."""
    place = works[["assessment", "season", "subject"]]
    own = tasks.frame.merge(skills[["assessment", "item", "skill"]].drop_duplicates(), on=["assessment", "item"])
    judged = own[own["verdict"].isin(["sufficient", "insufficient", "uncertain"])].merge(place, on="assessment")
    by_skill = judged.groupby(["season", "subject", "skill"])["verdict"]
    counts = by_skill.agg(
        of="size", good=lambda v: (v == "sufficient").sum(), bad=lambda v: (v == "insufficient").sum()
    )
    frame = shared.frame[~shared.frame["hidden"]]
    rows = frame.merge(counts.reset_index(), on=["season", "subject", "skill"])
    texts = {
        "deficit": gettext(
            "Threshold against profile. {skill} ({subject}, {season}): {good} of {of} tasks reach the published "
            "threshold, “sufficient” — and yet most schools are below what schools of their level show (facility "
            "{facility}, expected {expected})."
        ),
        "none": gettext(
            "Threshold against profile. {skill} ({subject}, {season}): {bad} of {of} tasks are “insufficient” by the "
            "published threshold — and yet nothing tells them from the expected beyond chance (facility {facility}, "
            "expected {expected}): such tasks are hard for everybody."
        ),
    }
    said = []
    for kind, column in (("deficit", "good"), ("none", "bad")):
        most = rows[(rows["kind"] == kind) & (rows[column] > rows["of"] / 2)].sort_values(
            "of", ascending=False, kind="stable"
        )
        for row in most.head(1).to_dict("records"):
            named = {name: words[name].get(str(row[name]), str(row[name])) for name in ("season", "subject", "skill")}
            named |= {name: named[name].lower() for name in ("season", "subject")}
            numbers = {name: number(row[name]) for name in ("good", "bad", "of")}
            shares = {name: percent(row[name]) for name in ("facility", "expected")}
            said.append(texts[kind].format(**named, **numbers, **shares))
    return said


def _shown(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows in which these columns are exact numbers."""
    keep = ~frame["hidden"].astype("bool")
    for column in columns:
        keep &= frame[column].notna() & ~frame["bounded"].astype("str").str.contains(rf"\b{column}\b")
    return frame[keep]
