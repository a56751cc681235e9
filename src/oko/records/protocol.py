"""The protocol of the effect study: ``data/clusters/<code>/protocol.toml`` fixes what is asked before results."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field, StringConstraints, field_validator, model_validator

from oko.errors import SettingError
from oko.language import N_
from oko.records.cluster import Cluster, Code, Settings, Words, Year
from oko.records.own_files import PROTOCOL, check_in_settings, read_own, where_of
from oko.records.protocol_content import content_hash, flatten
from oko.records.schema import SEASONS

WAVES = ("selection", "before", "after")
_ROUNDING = 1e-9  # 1 - 0.95 is not 0.05 in binary

Item = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Items = Annotated[tuple[Item, ...], Field(min_length=1)]
Deviation = Annotated[float, Field(ge=0.001, le=10)]
Season = Literal["autumn", "winter", "spring", "year"]
Outcomes = Literal["targets_by_subject", "targets_by_work", "non_targets", "whole_work", "mean_score"]
Beside = Literal["ancova", "pupils", "wild_bootstrap", "synthetic_control", "without_marked"]


def _different(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise ValueError(N_("each must stand once"))
    return values


class Wave(Settings):
    """When a procedure was held: a school year and a season of it."""

    year: Year
    season: Season

    @property
    def order(self) -> tuple[str, int]:
        """What waves are sorted by: earlier ones are smaller."""
        return self.year, SEASONS.index(self.season)


class Waves(Settings):
    """The wave on which targets were chosen, the baseline and the wave of the outcome."""

    selection: Wave
    before: Wave
    after: Wave

    @model_validator(mode="after")
    def _in_time(self) -> Waves:
        if self.before.order >= self.after.order:
            raise ValueError(N_("the wave before must be earlier than the wave after"))
        if self.selection.order >= self.after.order:
            raise ValueError(N_("targets cannot be chosen on the wave after, nor later: it is the outcome"))
        return self


class Work(Settings):
    """One work of the outcome: a subject, a grade and its target tasks.

    ``grade`` is the grade of the material in the wave after. ``targets_before`` and ``targets_selection`` are given
    where the tasks have other labels, or are other tasks, in that wave.
    """

    subject: Code
    grade: Annotated[int, Field(ge=1, le=11)]
    targets: Items
    targets_before: Items | None = None
    targets_selection: Items | None = None

    _once = field_validator("targets", "targets_before", "targets_selection")(
        lambda values: values and _different(values)
    )

    def items(self, wave: str) -> tuple[str, ...]:
        """Return the labels of the target tasks in a wave: "selection", "before" or "after"."""
        return getattr(self, f"targets_{wave}", None) or self.targets


class Outcome(Settings):
    """The primary outcome: which tasks of which works, in which unit, and who stands beside whom."""

    procedure: Code
    kind: Literal["targets"]
    unit: Literal["sd"]
    line: Literal["material", "cohort"]
    how_chosen: Words
    works: Annotated[tuple[Work, ...], Field(min_length=1)]

    @field_validator("works")
    @classmethod
    def _works_differ(cls, works: tuple[Work, ...]) -> tuple[Work, ...]:
        _different(tuple((work.subject, work.grade) for work in works))
        return works

    @model_validator(mode="after")
    def _tasks_of_cohorts(self) -> Outcome:
        if self.line == "cohort" and any(work.targets_before is None for work in self.works):
            raise ValueError(N_("with line cohort each work needs targets_before: the earlier work has other tasks"))
        return self


class Excluded(Settings):
    """A school that is left out, and why."""

    school: Code
    reason: Words


class Groups(Settings):
    """Whose results are compared; an empty ``comparison`` means every school of comparison that has both waves."""

    treated: Annotated[tuple[Code, ...], Field(min_length=2)]
    comparison: tuple[Code, ...]
    excluded: tuple[Excluded, ...] = ()

    _once = field_validator("treated", "comparison")(_different)

    @model_validator(mode="after")
    def _apart(self) -> Groups:
        if set(self.treated) & set(self.comparison):
            raise ValueError(N_("a school cannot be in both groups"))
        if set(self.treated) <= {entry.school for entry in self.excluded}:
            raise ValueError(N_("not all schools of the cluster can be excluded"))
        return self

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset(entry.school for entry in self.excluded)

    @property
    def named(self) -> frozenset[str]:
        """Every school that the protocol names."""
        return self.left_out.union(self.treated, self.comparison)


class Model(Settings):
    """How the effect is estimated, by which rule it is judged, and what stands beside it for comparison.

    The rule is that of :func:`oko.measures.impact.conclusion`: an effect is claimed only where p by CR2 and p of the
    randomisation test are both below ``alpha``, degrees of freedom are at least ``least_df`` and each group has at
    least ``least_schools`` schools.
    """

    design: Literal["difference_in_differences"]
    rule: Literal["CR2_and_randomisation"]
    alpha: Annotated[float, Field(ge=0.001, le=0.2)]
    level: Annotated[float, Field(ge=0.8, le=0.999)]
    least_df: Literal[5]
    least_schools: Annotated[int, Field(ge=5, le=1000)]
    beside: tuple[Beside, ...]

    _once = field_validator("beside")(_different)

    @model_validator(mode="after")
    def _one_level(self) -> Model:
        if abs(self.alpha + self.level - 1) > _ROUNDING:
            raise ValueError(N_("alpha and level must add up to 1"))
        return self


class Family(Settings):
    """A family of further outcomes and how its p values are adjusted; with benjamini_hochberg it is exploratory."""

    name: Words
    correction: Literal["holm", "benjamini_hochberg"]
    outcomes: Annotated[tuple[Outcomes, ...], Field(min_length=1)]

    _once = field_validator("outcomes")(_different)


class Detectable(Settings):
    """What the minimum detectable effect is computed from before any outcome is read; deviations in pupils' SD."""

    school_year_sd: Deviation
    pupil_sd: Deviation
    pupils_per_school: Annotated[int, Field(ge=1, le=10_000)]
    comparison_schools: Annotated[int, Field(ge=1, le=100_000)]
    power: Annotated[float, Field(ge=0.5, le=0.99)]


class Protocol(Settings):
    """All that is fixed before outcomes are read."""

    date: datetime.date
    draft: bool = False
    title: Words
    question: Words
    waves: Waves
    outcome: Outcome
    groups: Groups
    model: Model
    families: tuple[Family, ...] = ()
    detectable: Detectable

    @property
    def year(self) -> str:
        """The school year of the wave after: that of the study's page."""
        return self.waves.after.year

    @property
    def content(self) -> dict[str, Any]:
        """What the file says, key by key: comments, spaces and the order of keys do not count."""
        return flatten(self.model_dump(mode="json", exclude_unset=True, exclude={"draft"}))

    @property
    def hash(self) -> str:
        """SHA-256 of the content."""
        return content_hash(self.content)

    def targets(self, assessments: pd.DataFrame) -> pd.DataFrame:
        """Return the target tasks of each work in each wave.

        Parameters
        ----------
        assessments : DataFrame
            Those of the store: assessment, procedure, subject, year, season, material_grade, pupil_grade.

        Returns
        -------
        DataFrame
            wave, subject, grade, assessment (missing where the wave has no such work), item. On the line of the
            material the grade of the material is the same in all waves; on the line of the cohort pupils are a grade
            lower for each school year between the waves.

        Raises
        ------
        SettingError
            Several works fit.
        """
        rows = [
            {"wave": wave, "subject": work.subject, "grade": work.grade, "assessment": name, "item": item}
            for wave in WAVES
            for work in self.outcome.works
            for name in [self._assessment(assessments, work, wave)]
            for item in work.items(wave)
        ]
        return pd.DataFrame(rows)

    def _assessment(self, assessments: pd.DataFrame, work: Work, wave: str) -> str | None:
        when: Wave = getattr(self.waves, wave)
        column, grade = "material_grade", work.grade
        if self.outcome.line == "cohort" and wave == "before":
            column, grade = "pupil_grade", work.grade - int(self.year[:4]) + int(when.year[:4])
        there = assessments[
            (assessments["procedure"] == self.outcome.procedure)
            & (assessments["subject"] == work.subject)
            & (assessments["year"] == when.year)
            & (assessments["season"] == when.season)
            & (assessments[column] == grade)
        ]
        if len(there) > 1:
            raise SettingError(
                "Key outcome.works, {subject}, grade {grade}: several works of the wave {wave} fit: {works}. "
                "A protocol needs one: another procedure or line.",
                subject=work.subject,
                grade=work.grade,
                wave=wave,
                works=", ".join(sorted(there["assessment"])),
            )
        return str(there["assessment"].iloc[0]) if len(there) else None


def read_protocol(root: Path, cluster: Cluster) -> Protocol | None:
    """Read a cluster's protocol; None where there is none.

    Parameters
    ----------
    root : Path
        The project's folder.
    cluster : Cluster

    Raises
    ------
    SettingError
        The file is not valid, or names schools or years that the cluster does not have: the message names the key.
    """
    protocol = read_own(root, cluster.code, PROTOCOL, Protocol)
    if protocol is None:
        return None
    where = where_of(cluster.code, PROTOCOL)
    for wave in WAVES:
        check_in_settings(where, f"waves.{wave}.year", [getattr(protocol.waves, wave).year], cluster.years)
    check_in_settings(where, "groups.treated", protocol.groups.treated, cluster.school_codes)
    own = set(protocol.groups.comparison) & set(cluster.school_codes)
    if own:
        raise SettingError(
            "File {where}, key groups.comparison: {schools} are schools of the cluster, not schools to compare with.",
            where=where,
            schools=", ".join(sorted(own)),
        )
    return protocol
