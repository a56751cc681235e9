"""Tasks that the cluster does weakly: by published thresholds, and by what its schools' level leads to expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures.zones import shared
from oko.show import figures, zone_figures
from oko.show.cluster_sections import unnamed
from oko.show.html import Html, join, paragraph, prose
from oko.show.picture import Picture
from oko.show.problem_sections import PLACE, deficits, labelled, verdicts
from oko.show.sections import bullets
from oko.show.tables import table
from oko.show.teacher_learning_sections import zones

Words = Mapping[str, str]
COLUMNS = [
    "assessment", "item", "level", "n", "facility", "verdict", "logits", "logits_lower", "logits_upper", "n_schools",
    "n_same_side", "kind",
]  # fmt: skip
_CHANCE = 0.025


def tasks(facilities: pd.DataFrame, profile: pd.DataFrame, thresholds: pd.DataFrame, least: int) -> Protected:
    """Return each task of the year with its facility, what the thresholds say and how far it is from the expected.

    Parameters
    ----------
    facilities : DataFrame
        Of `yearly.facilities` for the whole cluster.
    profile : DataFrame
        Of `zones.year_profiles` by task.
    thresholds : DataFrame, index level
        insufficient_below, sufficient_from.
    least : int
        Fewest pupils.
    """
    called = {
        "unit": "assessment",
        "target": "item",
        "residual": "logits",
        "lower": "logits_lower",
        "upper": "logits_upper",
    }
    found = shared(profile).rename(columns=called).drop(columns=["n"])
    plain = facilities[["assessment", "item", "level", "n", "facility"]]
    keyed = plain.astype({"assessment": "str", "item": "str"})
    both = keyed.merge(found.astype({"assessment": "str", "item": "str"}), on=["assessment", "item"], how="left")
    judged = both.assign(
        verdict=verdicts(both["facility"], both["level"], thresholds), kind=both["kind"].fillna("none")
    )
    numbers = dict.fromkeys(
        ["facility", "logits", "logits_lower", "logits_upper", "n_schools", "n_same_side"], "float64"
    )
    rows = judged.reindex(columns=COLUMNS).astype({"n": "int64", **numbers})
    return protect(rows, keys=["assessment", "item", "level"], means={"facility": Mean(0, 1)}, threshold=least)


def weak(protected: Protected, thresholds: pd.DataFrame, titles: Words, labels: Words) -> Html:
    """Say how many tasks of each level are below the published threshold, and name those below the expected.

    Parameters
    ----------
    protected : Protected
        Of `tasks`.
    thresholds : DataFrame, index level
        insufficient_below, sufficient_from, source, status.
    titles : Mapping
        Of works.
    labels : Mapping
        What a task is about, by "work/task".
    """
    frame = protected.frame
    if frame.empty:
        return paragraph(gettext("There are no scores of single tasks for this year."), "empty")
    frame = frame[~frame["hidden"]]
    if frame.empty:
        return paragraph(gettext("No task was taken by enough pupils for its facility to be shown."), "empty")
    words = {"basic": gettext("basic"), "raised": gettext("raised"), "high": gettext("high")}
    text = gettext("Tasks of the {level} level: {low} of {of} are below {threshold} and so insufficient")
    near = gettext("{unsure} are too near to tell")
    said = []
    for level in (one for one in words if one in thresholds.index):
        rows = frame[frame["level"] == level]
        if len(rows):
            count = {name: int((rows["verdict"] == name).sum()) for name in ("insufficient", "uncertain")}
            below = percent(float(thresholds["insufficient_below"][level]), 1)
            values = {"low": number(count["insufficient"]), "of": number(len(rows))}
            also = near.format(unsure=number(count["uncertain"])) if count["uncertain"] else ""
            first = text.format(level=words[level], threshold=below, **values)
            said.append("; ".join(filter(None, (first, also))) + ".")
    known = " ".join(dict.fromkeys(str(source).partition(", as quoted")[0] for source in thresholds["source"]))
    source = gettext(
        "Thresholds: {source}; known at second hand and later than these data: a landmark and no rule. A school may "
        "set "
        "its own."
    ).format(source=known)
    return join([bullets(said), prose([source]), _below_expected(protected, titles, labels)])


def below(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks that most schools do worse than their level leads to expect, beyond the interval of the mean."""
    most = frame["n_same_side"] > frame["n_schools"] / 2
    return frame[most & (frame["logits_upper"] < 0) & ~frame["hidden"]]


def _below_expected(protected: Protected, titles: Words, labels: Words) -> Html:
    frame = protected.frame
    compared = frame[frame["logits"].notna()]
    if compared.empty:
        text = gettext(
            "With what is expected no task is compared: it takes results of schools outside the cluster, and of two "
            "schools of the cluster or more."
        )
        return paragraph(text, "empty")
    found = below(compared)
    count = ngettext(
        "{n} of {of} tasks is done worse than expected by most schools, beyond the interval; by chance alone there "
        "would be about {chance}. A single task measures roughly: look for a skill behind several tasks.",
        "{n} of {of} tasks are done worse than expected by most schools, beyond the interval; by chance alone there "
        "would be about {chance}. A single task measures roughly: look for a skill behind several tasks.",
        len(found),
    ).format(n=number(len(found)), of=number(len(compared)), chance=number(max(1, round(_CHANCE * len(compared)))))
    keys = found["assessment"] + "/" + found["item"]
    place = {name: at for at, name in enumerate(titles)}
    rows = found.assign(label=[labels.get(key, "") for key in keys], _place=found["assessment"].map(place))
    columns = ["assessment", "item", "label", "level", "facility", "verdict"]
    shown = table(
        rows.sort_values("_place", kind="stable"), columns, names={"assessment": titles}, threshold=protected.threshold
    )
    return join([prose([count]), shown if len(rows) else ""])


def by_skill(protected: Protected) -> list[tuple[str, pd.DataFrame]]:
    """Return the skills that are a shared deficit somewhere, each with its rows of all subjects.

    Parameters
    ----------
    protected : Protected
        Of `problem_sections.shared_skills`.
    """
    frame = protected.frame
    skills = list(dict.fromkeys(deficits(protected)["skill"]))
    return [(skill, frame[frame["skill"] == skill]) for skill in skills]


def asking(points: Mapping[str, pd.DataFrame], skills: pd.DataFrame, found: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Keep the works that have a task on one of the shared deficits: only their tasks are looked at one by one.

    Parameters
    ----------
    points : mapping of assessment to DataFrame
    skills : DataFrame
        assessment, item, skill.
    found : DataFrame
        Of `problem_sections.deficits`.
    """
    asked = skills[skills["skill"].isin(found["skill"])]
    return {name: table for name, table in points.items() if name in set(asked["assessment"])}


def seen_elsewhere(shown: list[object], why_not: list[str]) -> Html:
    """Put the sections of skills together, or say that there is no shared deficit to look for."""
    if shown:
        return join(shown)
    text = gettext("The results show no shared deficit, so there is nothing to look for in other subjects.")
    return join([paragraph(one, "empty") for one in dict.fromkeys([*why_not, text])])


def of_skill(frame: pd.DataFrame, skills: pd.DataFrame, skill: str, works: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks of one skill with their subject and grade, by subject.

    Parameters
    ----------
    frame : DataFrame
        Of `tasks`, as released.
    skills : DataFrame
        assessment, item, skill.
    skill : str
    works : DataFrame
        assessment, subject, season, material_grade.
    """
    own = skills.loc[skills["skill"] == skill, ["assessment", "item"]].drop_duplicates().astype("str")
    place = works[["assessment", "subject", "season", "material_grade"]]
    rows = frame.merge(own, on=["assessment", "item"]).merge(place, on="assessment")
    rows = rows[rows["logits"].notna() & ~rows["hidden"]]
    return rows.sort_values(["season", "subject", "material_grade"], kind="stable").reset_index(drop=True)


def elsewhere(rows: pd.DataFrame, judged: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks to draw: of subjects where the deficit is shared, or that have too few tasks to judge it.

    Parameters
    ----------
    rows : DataFrame
        Of `of_skill`.
    judged : DataFrame
        Rows of `problem_sections.shared_skills` of this skill.
    """
    without = set(judged.loc[judged["kind"] != "deficit", ["season", "subject"]].itertuples(index=False, name=None))
    pairs = list(zip(rows["season"], rows["subject"], strict=True))
    return rows[[pair not in without for pair in pairs]]


def same_elsewhere(rows: pd.DataFrame, judged: pd.DataFrame, words: Mapping[str, Words]) -> Html:
    """Say whether a deficit of one subject is to be seen in the tasks of another.

    Parameters
    ----------
    rows : DataFrame
        Of `of_skill`.
    judged : DataFrame
        Rows of `problem_sections.shared_skills` of this skill.
    words : Mapping
        Names of seasons, subjects, skills.
    """
    said = []
    kinds = judged.set_index(["season", "subject"])["kind"].to_dict()
    for (season, subject), own in rows.groupby(["season", "subject"], sort=True):
        kind = kinds.get((season, subject))
        values = {"subject": words["subject"].get(str(subject), str(subject)).lower(), **_numbers(own)}
        if rows["season"].nunique() > 1:
            values["subject"] += ", " + words["season"].get(str(season), str(season)).lower()
        if kind == "deficit":
            text = gettext("{subject} — a shared deficit: most schools are below the expected on {below} of {of} tasks")
        elif kind is None and not _below_on(own):
            text = gettext(
                "{subject} — too few tasks to judge the skill by itself ({of}); on none of them are most schools below "
                "the expected"
            )
        elif kind is None:
            text = gettext(
                "{subject} — too few tasks to judge the skill by itself; most schools are below the expected on "
                "{below} of {of} tasks, beyond the interval on {sure}"
            )
        else:
            text = gettext("{subject} — the skill as a whole is not below the expected beyond chance ({of} tasks)")
        said.append(text.format(**values))
    return bullets([f"{text}." for text in said])


def _below_on(own: pd.DataFrame) -> int:
    return int(((own["logits"] < 0) & (own["n_same_side"] > own["n_schools"] / 2)).sum())


def _numbers(own: pd.DataFrame) -> dict[str, str]:
    counts = {"below": _below_on(own), "of": len(own), "sure": len(below(own))}
    return {name: number(value) for name, value in counts.items()}


def skill_figure(
    rows: pd.DataFrame, title: str, words: Mapping[str, Words], labels: Words, threshold: int, mark: str = ""
) -> Picture:
    """Draw how far the cluster's schools are from the expected on each task of a skill, subject by subject."""
    text = gettext("{subject} {grade}, task {item}. {label}")
    if rows["season"].nunique() > 1:
        text = gettext("{subject} {grade}, {season}, task {item}. {label}")
    texts = [
        text.format(
            subject=words["subject"].get(row["subject"], row["subject"]),
            season=words["season"].get(row["season"], row["season"]).lower(),
            grade=number(row["material_grade"]), item=row["item"],
            label=labels.get(f"{row['assessment']}/{row['item']}", ""),
        ).strip()
        for row in rows.to_dict("records")
    ]  # fmt: skip
    caption = gettext(
        "{skill}. Zero is what schools of the same level outside the cluster show; left of it is less. Logits: −0.4 is "
        "about ten percentage points on a task that half solve. One row is one task and may be chance: look at them "
        "all."
    ).format(skill=title)
    return figures.intervals(
        rows.assign(_label=texts), "logits", "logits_lower", "logits_upper", "_label", 0.0, share=False,
        title=gettext("Difference from the expected, logits (mean over schools)"), caption=caption, threshold=threshold,
        mark=mark,
    )  # fmt: skip


def profile_map(
    protected: Protected, found: pd.DataFrame, names: Words, words: Mapping[str, Words], mark: str = ""
) -> Picture | None:
    """Draw the named schools' profiles over the skills that are shared deficits; None where there is nothing to draw.

    Parameters
    ----------
    protected : Protected
        Of `problem_sections.school_skills`.
    found : DataFrame
        Of `problem_sections.deficits`.
    names : Mapping
        Of schools, in their fixed order.
    words : Mapping
        Names of seasons, subjects, skills.
    """
    rows = protected.frame.merge(found[PLACE], on=PLACE)
    if rows.empty:
        return None
    drawn = rows.rename(columns={"logits": "residual"}).assign(target=labelled(rows, words))
    schools = [code for code in names if code in set(drawn["school"])]
    called = {code: names[code] for code in schools}
    return zone_figures.profile_map(drawn, called, schools, threshold=protected.threshold, mark=mark)


def profiles(protected: Protected, found: pd.DataFrame, named: bool, pictures: Sequence[Picture]) -> Html:
    """Show the profiles of the schools, or say why not."""
    if not named:
        return unnamed()
    if found.empty or protected.frame.empty:
        text = gettext(
            "The results show no shared deficit, so there are no profiles of schools to set beside each other."
        )
        return paragraph(text, "empty")
    return zones(pictures, named)
