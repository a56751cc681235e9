"""What the studies of the model read: works that are no outcome, and what in them would start the model's rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol as Shape

import numpy as np
import pandas as pd

from oko.measures import bias, marks, retest, triggers
from oko.measures.decisions import standing
from oko.measures.indicators import share_by
from oko.measures.skills import assigned
from oko.measures.zones import shared, year_profiles
from oko.records.calendar import calendar, days_of
from oko.records.cluster import Cluster
from oko.records.model_passport import Model, Rule
from oko.records.protocol import Protocol
from oko.records.store import Store
from oko.records.task_skills import initial_skills
from oko.records.thresholds import facility_thresholds

EXAMS = ("oge", "ege")
FEWEST_ITEMS = 3


class Source(Shape):
    """The workspace, as far as results are read from it."""

    @property
    def root(self) -> Path: ...
    @property
    def cluster(self) -> Cluster: ...
    @property
    def store(self) -> Store: ...
    def responses(self, assessment: str) -> pd.DataFrame: ...
    def register(self, name: str) -> pd.DataFrame: ...
    def results(self, *, role: str | None = None) -> pd.DataFrame: ...
    def items(self) -> pd.DataFrame: ...
    def assessments(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class ModelData:
    """The model of a cluster and the results up to a school year, without those of the wave of the outcome.

    Attributes
    ----------
    source : Source
        The workspace.
    model : Model or None
        None where the cluster has none.
    protocol : Protocol or None
        Its wave of the outcome is not read here.
    year : str
    """

    source: Source
    model: Model | None
    protocol: Protocol | None
    year: str

    @cached_property
    def works(self) -> pd.DataFrame:
        """Assessments up to the year that are no outcome (schema ``ASSESSMENTS``)."""
        known = self.source.assessments()
        known = known[known["year"] <= self.year]
        if self.protocol is None:
            return known.reset_index(drop=True)
        after, procedure = self.protocol.waves.after, self.protocol.outcome.procedure
        outcome = (known["year"] == after.year) & (known["season"] == after.season)
        return known[~(outcome & (known["procedure"] == procedure))].reset_index(drop=True)

    @cached_property
    def entry(self) -> pd.DataFrame:
        """Works of the year's autumn on the material of the grade before."""
        works = self.works[(self.works["year"] == self.year) & (self.works["season"] == "autumn")]
        earlier = works["material_grade"].astype("float64") < works["pupil_grade"].astype("float64")
        return works[earlier & ~works["procedure"].isin(["diagnostic10"])].reset_index(drop=True)

    @cached_property
    def results(self) -> pd.DataFrame:
        """Results of the cluster's pupils in these works (schema ``RESULTS``)."""
        rows = self.source.results(role="cluster")
        return rows[rows["assessment"].isin(self.works["assessment"])].reset_index(drop=True)

    @cached_property
    def points(self) -> dict[str, pd.DataFrame]:
        """Points of pupils by task, works that have them; exams are left out: those who sat them were chosen."""
        works = self.works[~self.works["procedure"].isin(EXAMS)]
        names = [name for name in works["assessment"] if name in self.source.store.responses]
        own = list(self.source.cluster.school_codes)
        read = {name: self.source.responses(name) for name in names}
        return {name: wide[wide.index.get_level_values("school").isin(own)] for name, wide in read.items()}

    @cached_property
    def items(self) -> pd.DataFrame:
        return self.source.items()

    @cached_property
    def skills(self) -> pd.DataFrame:
        """assessment, item, skill, origin of the tasks of these works."""
        initial = initial_skills(self.source.root, self.works, self.items)
        return assigned(initial, self.source.register("passports"), self.source.register("skills"))

    @property
    def limits(self) -> dict[str, float]:
        """Facility below which a task of a level is insufficient, as recommended."""
        return {str(k): float(v) for k, v in facility_thresholds(self.source.root)["insufficient_below"].items()}

    @property
    def threshold(self) -> int:
        return self.source.cluster.threshold

    @cached_property
    def fullest(self) -> str:
        """The school year, not later than the page's, with most works that have points by task."""
        counts = self.works[self.works["assessment"].isin(list(self.points))]["year"].value_counts()
        return max(counts.index, key=lambda year: (counts[year], year)) if len(counts) else self.year

    @cached_property
    def profiles(self) -> dict[str, pd.DataFrame]:
        """What ``profile`` returns for each school year."""
        return {str(year): self.profile(works) for year, works in self.works.groupby("year")}

    def profile(self, works: pd.DataFrame) -> pd.DataFrame:
        """Return deficits and strengths of schools on skills, by season and subject (see ``zones.profiles``)."""
        held = works[works["assessment"].isin(list(self.points)) & (works["subject"] != "general")]
        chosen = {name: self.points[name] for name in held["assessment"] if len(self.points[name])}
        asked = self.skills[self.skills["assessment"].isin(list(chosen))]
        chosen = {name: wide for name, wide in chosen.items() if name in set(asked["assessment"])}
        groups = self.source.register("groups")
        return year_profiles(chosen, held, self.items, groups, asked[["assessment", "item", "skill"]], self.threshold)

    @cached_property
    def found(self) -> pd.DataFrame:
        """What was looked at by each rule: rule, year, subject and the columns of ``triggers.tasks_below``."""
        columns = ["rule", "year", "subject", *triggers.COLUMNS]
        rules = () if self.model is None else self.model.rules
        frames = [self._found(rule).assign(rule=rule.code) for rule in rules]
        frames = [frame for frame in frames if len(frame)]
        return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)

    def _found(self, rule: Rule) -> pd.DataFrame:
        if rule.trigger in ("zone", "shared"):
            return self._zones(rule.trigger)
        limit = rule.limit or 0.0
        if rule.trigger == "task":
            by = ("school", "class") if rule.unit == "class" else ("school",)
            rows = triggers.tasks_below(self.points, self.items, self.limits, by, fewest=self.threshold)
        elif rule.trigger == "fail":
            summary = marks.summary(self._marked, by=["assessment", "school"])
            rows = triggers.shares_above(summary, "share_2", limit, fewest=self.threshold)
        elif rule.trigger == "journal":
            compared = bias.against_journal(self._marked, ["school", "assessment"])
            rows = triggers.shares_above(compared, "apart", limit, fewest=self.threshold)
        else:
            rows = triggers.all_works(self.results, fewest=self.threshold)
        return rows.merge(self.works[["assessment", "year", "subject"]], on="assessment")

    @property
    def _marked(self) -> pd.DataFrame:
        rows = self.results
        return rows[(rows["status"] == "took") & ~rows["procedure"].isin(EXAMS) & rows["mark"].notna()]

    def _zones(self, trigger: str) -> pd.DataFrame:
        frames = []
        for year, profile in self.profiles.items():
            rows = shared(profile) if trigger == "shared" else profile
            rows = triggers.zones_found(rows)
            frames.append(rows.assign(year=year, subject=rows["assessment"].str.replace("^[^-]*-", "", regex=True)))
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(triggers.COLUMNS))

    def pupils(self, by: list[str]) -> pd.DataFrame:
        """Count the pupils who wrote these works, each once: the by-columns and ``n``."""
        took = self.results[self.results["status"] == "took"]
        return took.groupby(by, observed=True)["pupil"].nunique().rename("n").reset_index()

    def indicators(self, targets: pd.DataFrame) -> pd.DataFrame:
        """Return the model's indicators by year, with their error.

        Parameters
        ----------
        targets : DataFrame
            assessment, item of the protocol's target tasks in the waves that may be read.

        Returns
        -------
        DataFrame
            indicator, year, n, value, lower, upper, detectable.
        """
        marked = self._marked
        same = (marked["mark"] == marked["journal_mark"]).astype("float64").where(marked["journal_mark"].notna())
        rows = {
            "targets": self._on_targets(targets),
            "not_passed": marked.assign(value=(marked["mark"] == 2).astype("float64")),
            "confirmed": marked.assign(value=np.asarray(same, dtype=float)),
        }
        known = () if self.model is None else self.model.indicators
        frames = [
            share_by(rows[one.measure], ["year"]).assign(indicator=one.code) for one in known if one.measure in rows
        ]
        frames += [self._done().assign(indicator=one.code) for one in known if one.measure == "actions_done"]
        columns = ["indicator", "year", "n", "value", "lower", "upper", "detectable"]
        frames = [frame for frame in frames if len(frame)]
        return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)

    def _on_targets(self, targets: pd.DataFrame) -> pd.DataFrame:
        most = self.items.set_index(["assessment", "item"])["max_score"].astype(float)
        frames = []
        for name, labels in targets.dropna(subset="assessment").groupby("assessment")["item"]:
            wide = self.points.get(str(name))
            if wide is None or not set(labels) <= set(wide.columns):
                continue
            could = float(most.loc[[(name, item) for item in labels]].sum())
            share = (wide[list(labels)].sum(axis=1, skipna=False) / could).rename("value")
            frames.append(share.reset_index().assign(assessment=name))
        if not frames:
            return pd.DataFrame(columns=["year", "school", "class", "pupil", "value"])
        return pd.concat(frames, ignore_index=True).merge(self.works[["assessment", "year"]], on="assessment")

    def _done(self) -> pd.DataFrame:
        """Share of what was planned that was done, by school year; cancelled decisions do not count."""
        rows = self.source.register("actions")
        asked = rows[rows["status"] != "cancelled"]
        begun = pd.to_datetime(asked["date"])
        start = begun.dt.year - (begun.dt.month < 9)
        year = start.astype("str") + "-" + (start + 1).astype("str")
        share = (asked["status"] == "done").groupby(year.to_numpy()).mean().rename("value").rename_axis("year")
        found = share.reset_index().merge(self.pupils(["year"]), on="year")
        return found.assign(lower=np.nan, upper=np.nan, detectable=np.nan)

    def target_skills(self, targets: pd.DataFrame) -> tuple[str, ...]:
        """Return the skills that at least three of the protocol's target tasks ask for.

        Parameters
        ----------
        targets : DataFrame
            assessment, item of the waves that may be read.
        """
        asked = targets.dropna(subset="assessment").merge(self.skills, on=["assessment", "item"])
        counts = asked["skill"].value_counts()
        return tuple(sorted(str(skill) for skill in counts.index[counts >= FEWEST_ITEMS]))

    def written(self, as_of: str = "") -> pd.DataFrame:
        """Return the works whose season had begun by a day (see ``calendar.days_of``); all without one."""
        if not as_of:
            return self.works
        known = calendar(self.source.root)
        keys = ["procedure", "year", "season"]
        begun = [days_of(known, *row)[0] <= as_of for row in self.works[keys].itertuples(index=False, name=None)]
        return self.works[begun]

    def retests(self, targets: pd.DataFrame, as_of: str = "") -> pd.DataFrame:
        """Return the changes on skills between works of the same tasks, the later in the page's year.

        Parameters
        ----------
        targets : DataFrame
            As for ``target_skills``.
        as_of : str, default ""
            ISO date: works of seasons that begin later are not read.

        Returns
        -------
        DataFrame
            earlier, assessment (the later work) and the columns of ``retest.skill_changes``.
        """
        aims = self.target_skills(targets)
        frames = [pd.DataFrame(columns=["earlier", "assessment", *retest.COLUMNS])]
        for earlier, later in retest.same_tasks(self.written(as_of), self.items, self.year):
            first, second = self.points.get(earlier), self.points.get(later)
            if first is None or second is None:
                continue
            asked = self.skills[(self.skills["assessment"] == later) & self.skills["item"].isin(first.columns)]
            groups = {str(skill): list(rows["item"]) for skill, rows in asked.groupby("skill")}
            most = self.items[self.items["assessment"] == later].set_index("item")["max_score"].astype(float)
            found = retest.skill_changes(first, second, most, groups, aims, fewest=self.threshold)
            frames.append(found.assign(earlier=earlier, assessment=later))
        return pd.concat([frame for frame in frames[1:] if len(frame)] or frames[:1], ignore_index=True)

    @property
    def terms(self) -> dict[str, int]:
        """Days that the model gives for each kind of action: the longest of its rules."""
        rules = () if self.model is None else self.model.rules
        days: dict[str, int] = {}
        for rule in rules:
            days[rule.action] = max(rule.days, days.get(rule.action, 0))
        return days

    def decisions(self, as_of: str = "") -> pd.DataFrame:
        """Return the decisions of the page's school year as they stood on a day (see ``decisions.standing``)."""
        rows = self.source.register("actions")
        start = f"{self.year[:4]}-09-01", f"{self.year[5:]}-09-01"
        own = rows[(rows["date"] >= start[0]) & (rows["date"] < start[1])]
        own = own[own["school"].isin(list(self.source.cluster.school_codes))]
        return standing(own, self.terms, as_of)

    def concerned(self, rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
        """Count the pupils whom decisions are about: of the school, and of the grade and subject that they name.

        Parameters
        ----------
        rows : DataFrame
            Of ``decisions``.
        by : list of str
            Columns of it; without them everybody once.

        Returns
        -------
        DataFrame
            The by-columns and ``n``.
        """
        took = self.results[(self.results["status"] == "took") & (self.results["year"] == self.year)]
        took = took[["school", "subject", "pupil_grade", "pupil"]].drop_duplicates()
        named = rows[list(dict.fromkeys(["school", "subject", "grade", *by]))].drop_duplicates()
        both = took.merge(named, on="school", suffixes=("", "_named"))
        alike = both["subject_named"].isna() | (both["subject_named"] == both["subject"]).fillna(False)
        alike &= both["grade"].isna() | (both["grade"] == both["pupil_grade"]).fillna(False)
        kept = both[alike.astype("bool")].drop(columns="subject").rename(columns={"subject_named": "subject"})
        if not by:
            return pd.DataFrame({"n": [kept["pupil"].nunique()]})
        return kept.groupby(by, observed=True)["pupil"].nunique().rename("n").reset_index()
