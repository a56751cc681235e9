"""The cluster's model of using results, ``data/clusters/<code>/model.toml``: who does what because of which result."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from oko.language import N_
from oko.records.cluster import Cluster, Code, Settings, Words
from oko.records.form_lists import read_lists
from oko.records.own_files import MODEL, check_listed, read_own, where_of

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Trigger = Literal["task", "fail", "journal", "zone", "shared", "work"]
Measure = Literal["targets", "not_passed", "confirmed", "actions_done"]
_UNITS = {"task": ("class", "school"), "shared": ("cluster",)}


class Rule(Settings):
    """One line of the model: a result that starts it, who decides what, by when, and the indicator that it serves."""

    code: Code
    trigger: Trigger
    unit: Literal["class", "school", "cluster"]
    limit: Share | None = None
    role: Code
    action: Code
    days: Annotated[int, Field(ge=1, le=366)]
    indicator: Code
    result: Words
    decision: Words

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        if self.trigger in ("fail", "journal") and self.limit is None:
            raise ValueError(N_("a rule on fail or journal needs limit, a share from 0 to 1"))
        if self.unit not in _UNITS.get(self.trigger, ("school",)):
            raise ValueError(N_("task goes by class or school, shared by cluster, other triggers by school"))
        return self


class Indicator(Settings):
    """By what the model is judged: how it is computed, its target, and its code in the cluster's register."""

    code: Code
    measure: Measure
    reported: Code | None = None
    target: Share
    better: Literal["higher", "lower"]
    title: Words


class Criterion(Settings):
    """A line of the sheet of criteria, and from which value on it counts as met."""

    code: Literal["use", "quality", "change", "journal"]
    least: Share | None = None
    title: Words


class Instead(Settings):
    """What stands in for a procedure that is cancelled."""

    procedure: Code
    instead: tuple[Code, ...]
    text: Words


class Model(Settings):
    """The model: its rules, indicators, criteria and what to do without a procedure."""

    date: datetime.date
    version: Annotated[str, Field(min_length=1, max_length=20)]
    draft: bool = False
    title: Words
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]
    criteria: tuple[Criterion, ...] = ()
    plan_b: tuple[Instead, ...] = ()

    @field_validator("rules", "indicators", "criteria")
    @classmethod
    def _once(cls, lines: tuple[Rule | Indicator | Criterion, ...]) -> tuple[Rule | Indicator | Criterion, ...]:
        if len({line.code for line in lines}) < len(lines):
            raise ValueError(N_("each code must stand once"))
        return lines

    def rule(self, trigger: str, unit: str = "school") -> Rule | None:
        """Return the first rule that a result of this kind starts; None where the model has none."""
        return next((rule for rule in self.rules if (rule.trigger, rule.unit) == (trigger, unit)), None)


def read_model(root: Path, cluster: Cluster) -> Model | None:
    """Read a cluster's model; None where there is none.

    Parameters
    ----------
    root : Path
        The project's folder.
    cluster : Cluster

    Raises
    ------
    SettingError
        The file is not valid, names a role or an action that the forms do not have, or an indicator that is not
        described: the message names the key and what there is.
    """
    model = read_own(root, cluster.code, MODEL, Model)
    if model is None:
        return None
    where, lists = where_of(cluster.code, MODEL), read_lists(root)
    for place, rule in enumerate(model.rules):
        check_listed(where, f"rules.{place}.role", rule.role, lists.codes("role"))
        check_listed(where, f"rules.{place}.action", rule.action, lists.codes("action_kind"))
        check_listed(where, f"rules.{place}.indicator", rule.indicator, [entry.code for entry in model.indicators])
    return model
