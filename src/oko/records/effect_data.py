"""What an effect study reads: the results that the protocol names, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol as Shape

import numpy as np
import pandas as pd

from oko.measures.bias import flagged, pile_ups
from oko.measures.evidence import average_over_strata, school_wave_means
from oko.measures.impact import Differences, adjusted_families
from oko.measures.impact.conclusion import FEWEST_IN_GROUP
from oko.records import outcomes
from oko.records.calendar import calendar, days_of, window_of
from oko.records.cluster import Cluster
from oko.records.protocol import WAVES, Protocol, Wave

BEFORE, AFTER = "before", "after"
FURTHER = ("non_targets", "whole_work")
_NO_POINTS = pd.DataFrame(index=pd.MultiIndex.from_arrays([[], [], []], names=["school", "class", "pupil"]))


class Stored(Shape):
    """The store, as far as it says which works have points for tasks."""

    @property
    def responses(self) -> tuple[str, ...]: ...


class Source(Shape):
    """The workspace, as far as results are read from it."""

    @property
    def root(self) -> Path: ...
    @property
    def store(self) -> Stored: ...
    @property
    def cluster(self) -> Cluster: ...
    def responses(self, assessment: str) -> pd.DataFrame: ...
    def register(self, name: str) -> pd.DataFrame: ...
    def results(self, *, role: str | None = None) -> pd.DataFrame: ...
    def schools(self) -> pd.DataFrame: ...
    def items(self) -> pd.DataFrame: ...
    def assessments(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class EffectData:
    """The protocol of a cluster and the results that it asks for.

    Attributes
    ----------
    source : Source
        The workspace.
    protocol : Protocol or None
        None where the cluster has none.
    asked : bool
        The page is of the year of the outcome. Where it is not, nothing is read and all frames are empty.
    read : tuple of str
        The waves that are read: without "after" no outcome is.
    as_of : str, default ""
        A day (ISO): works whose window begins after it are left out. Empty: all that is stored counts.
    """

    source: Source
    protocol: Protocol | None
    asked: bool
    read: tuple[str, ...] = WAVES
    as_of: str = ""

    @cached_property
    def schools(self) -> pd.DataFrame:
        """school, treated (1: cluster): those that the protocol compares."""
        known = self.source.schools()
        if self.protocol is None:
            return pd.DataFrame({"school": known["school"][:0], "treated": pd.Series(dtype="int64")})
        groups = self.protocol.groups
        others = groups.comparison or tuple(known.loc[known["role"] == "comparison", "school"])
        kept = known[known["school"].isin([*groups.treated, *others]) & ~known["school"].isin(groups.left_out)]
        treated = kept["school"].isin(groups.treated).astype("int64")
        return kept[["school"]].assign(treated=treated).reset_index(drop=True)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """wave, subject, grade, assessment, item of the outcome; without rows where nothing is asked."""
        columns = ["wave", "subject", "grade", "assessment", "item"]
        if self.protocol is None or not self.asked:
            return pd.DataFrame(columns=columns)
        found = self.protocol.targets(self.source.assessments())[columns]
        found = found[found["wave"].isin(self.read)].reset_index(drop=True)
        return found.assign(assessment=found["assessment"].mask(self._later(found))) if self.as_of else found

    @cached_property
    def means(self) -> pd.DataFrame:
        """Means of the target tasks by school, stratum and wave in units of the comparison pupils' spread."""
        ours = outcomes.target_scores(self.targets, self.responses, self.codes(1))
        reports = self.source.register("groups")
        others = outcomes.reported_scores(self.targets, self.source.items(), reports, self.codes(0))
        return school_wave_means(ours, others)

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Each school's share of the greatest points by task and wave (0, 1, 2: choice, before, after)."""
        source = self.source
        rows = outcomes.task_shares(
            self.targets, source.items(), self.responses, source.register("groups"), self.schools
        )
        return rows.assign(period=rows["period"].map({wave: place for place, wave in enumerate(WAVES)}))

    @property
    def other_year(self) -> str:
        """The school year on whose page the effect stands, where it is not this one; otherwise empty."""
        return "" if self.protocol is None or self.asked else self.protocol.year

    @property
    def alpha(self) -> float:
        """Level of significance that the protocol fixes; 5 % without one."""
        return self.protocol.model.alpha if self.protocol else 0.05

    @property
    def level(self) -> float:
        return self.protocol.model.level if self.protocol else 0.95

    @property
    def needed(self) -> int:
        """Schools that the protocol's rule asks of each group."""
        return self.protocol.model.least_schools if self.protocol else FEWEST_IN_GROUP

    @property
    def detectable(self) -> dict[str, float]:
        """What the minimum detectable effect is computed from, as `minimum_detectable_effect` takes it."""
        flags = self.schools["treated"]
        schools: dict[str, float] = {"n_treated": int(flags.sum()), "n_comparison": int((1 - flags).sum())}
        if self.protocol is None:
            return schools
        fixed = self.protocol.detectable
        spreads = {"school_year_sd": fixed.school_year_sd, "pupil_sd": fixed.pupil_sd, "power": fixed.power}
        return {**schools, **spreads, "pupils": fixed.pupils_per_school, "alpha": self.alpha}

    @cached_property
    def marked(self) -> list[str]:
        """Schools of the cluster whose results pile up at borders of marks in the waves before and after."""
        works = self.targets.loc[self.targets["wave"].isin([BEFORE, AFTER]), "assessment"].dropna().unique()
        results = self._results
        results = results[results["assessment"].isin(works) & results["school"].isin(self.codes(1))]
        found = flagged(piles=pile_ups(results))
        return [str(code) for code in found.loc[found["left_out"].astype(bool), "school"]]

    @property
    def between(self) -> dict[str, str]:
        """First and last day between the two waves as `dose_from_actions` takes them, by the calendar of procedures."""
        if self.protocol is None:
            return {"until": "2000-01-01"}
        waves, procedure = self.protocol.waves, self.protocol.outcome.procedure
        rows = self._calendar
        since = days_of(rows, procedure, waves.before.year, waves.before.season)[0]
        return {"since": since, "until": days_of(rows, procedure, waves.after.year, waves.after.season)[0]}

    @cached_property
    def wide(self) -> pd.DataFrame:
        """Schools × waves: means over the works that a school has in every wave, in the order of time."""
        waves = [wave for wave in WAVES if wave in set(self.means["period"])]
        rows = average_over_strata(self.means)
        return rows.pivot(index="school", columns="period", values="outcome").reindex(columns=waves)

    @property
    def own(self) -> list[str]:
        """Schools of the cluster that ``wide`` holds."""
        return [code for code in self.wide.index if code in self.codes(1)]

    @property
    def later(self) -> list[str]:
        """The waves in which the model was at work, of those that ``wide`` holds."""
        return [wave for wave in self.wide.columns if wave == AFTER]

    @cached_property
    def works(self) -> pd.DataFrame:
        """The assessments that the outcome is made of (schema ``ASSESSMENTS``)."""
        known = self.source.assessments()
        return known[known["assessment"].isin(self.targets["assessment"])]

    @property
    def strata(self) -> list[str]:
        """Codes of the works that the outcome is made of."""
        works = () if self.protocol is None else self.protocol.outcome.works
        return [outcomes.stratum(work.subject, work.grade) for work in works]

    @property
    def waves(self) -> dict[str, tuple[str, str]]:
        """Season and school year of each wave."""
        if self.protocol is None:
            return {}
        return {name: (wave.season, wave.year) for name in WAVES for wave in [getattr(self.protocol.waves, name)]}

    def places(self, titles: Mapping[str, str]) -> dict[object, str]:
        """Return what the waves 0, 1 and 2 of ``shares`` are called."""
        return {place: titles.get(wave, "") for place, wave in enumerate(WAVES)}

    def spell(self, titles: Mapping[str, str]) -> tuple[str, str]:
        """Return what the waves before and after are called."""
        return titles.get(BEFORE, ""), titles.get(AFTER, "")

    def scaled(self, earlier: Differences) -> tuple[float, ...]:
        """Return the earlier differential trend over the outcome's time; nothing where there was no earlier wave."""
        known = np.isfinite(earlier.estimate) and self.earlier_years > 0
        return (earlier.estimate * self.years / self.earlier_years,) if known else ()

    def adjusted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Adjust p of subjects and works as the protocol's families say; what is in no family of Holm's is exploratory.

        Parameters
        ----------
        rows : DataFrame, index outcome
            From `by_outcome`: subjects by their code, works by that of the stratum.
        """
        families = () if self.protocol is None else self.protocol.families
        held = {kind for family in families if family.correction == "holm" for kind in family.outcomes}
        kinds = [
            name if name in FURTHER else "targets_by_work" if name in self.strata else "targets_by_subject"
            for name in rows.index
        ]
        family = np.array([kind if kind in held else None for kind in kinds], dtype=object)
        found = adjusted_families(rows["p"], family if len(rows) else None)
        return rows.join(found[["p_adjusted", "adjust"]]).reset_index()

    @cached_property
    def points(self) -> pd.DataFrame:
        """Points of the cluster's pupils for the target tasks of a work, in the waves before and after."""
        targets = self.targets[self.targets["wave"].isin([BEFORE, AFTER])]
        return outcomes.pupil_points(targets, self.source.items(), self.responses, self.codes(1))

    def pupils(self, *waves: str, absent: bool = False) -> pd.DataFrame:
        """Return the cluster's pupils who wrote a work of these waves, once each: school, pupil, treated.

        Parameters
        ----------
        *waves : str
        absent : bool, default False
            With those who should have written and were absent.
        """
        works = self.targets.loc[self.targets["wave"].isin(waves), "assessment"].dropna()
        rows = self._results
        there = (
            rows["assessment"].isin(works) & rows["school"].isin(self.codes(1)) & (absent | (rows["status"] == "took"))
        )
        return rows.loc[there, ["school", "pupil"]].drop_duplicates("pupil").assign(treated=1).reset_index(drop=True)

    @property
    def lacking(self) -> tuple[str, ...]:
        """Works and waves before and after, as ``physics-7, after``, of which a target task is not in the store."""
        held = set(self.source.items()[["assessment", "item"]].itertuples(index=False, name=None))
        asked = self.targets[self.targets["wave"].isin([BEFORE, AFTER])]
        lacks = [row for row in asked.to_dict("records") if (row["assessment"], row["item"]) not in held]
        units = [f"{outcomes.stratum(str(row['subject']), int(row['grade']))}, {row['wave']}" for row in lacks]
        return tuple(dict.fromkeys(units))

    @cached_property
    def compared(self) -> bool:
        """Whether two schools or more of either group have both waves, and the cluster pupils enough to be shown."""
        pair = self.pair()
        schools = pair.groupby(["treated", "school"])["period"].nunique().eq(2).groupby("treated").sum()
        pupils = pair[pair["treated"] == 1].groupby("period")["n"].sum()
        return len(schools) == 2 and bool(schools.min() >= 2 and pupils.min() >= self.source.cluster.threshold)

    @property
    def years(self) -> float:
        """Time from the wave before to the wave after, in school years."""
        return self._years(BEFORE, AFTER)

    @property
    def earlier_years(self) -> float:
        """Time from the wave of the choice to the wave before, in school years."""
        return self._years("selection", BEFORE)

    def pair(self, first: str = BEFORE, second: str = AFTER) -> pd.DataFrame:
        """Return the rows of two waves of ``means`` with ``period`` 0 and 1, ``subject`` and ``outcome_sd``."""
        return self.paired(self.means, first, second)

    @staticmethod
    def paired(means: pd.DataFrame, first: str = BEFORE, second: str = AFTER) -> pd.DataFrame:
        """Return the rows of two waves of such means, as `pair` does."""
        codes = means["period"].map({first: 0, second: 1})
        rows = means[codes.notna()].assign(period=codes.dropna().astype("int64"))
        subject = rows["stratum"].astype(str).str.replace(r"-[^-]*$", "", regex=True)
        return rows.assign(subject=subject, outcome_sd=rows["outcome_se"] * np.sqrt(rows["n"])).reset_index(drop=True)

    @cached_property
    def responses(self) -> Callable[[str], pd.DataFrame]:
        """Points of an assessment, read once; without tasks where the store has none of them."""
        held = self.source.store.responses
        return cache(lambda name: self.source.responses(name) if name in held else _NO_POINTS)

    @cached_property
    def _results(self) -> pd.DataFrame:
        """Results of the cluster's pupils, read once."""
        return self.source.results(role="cluster")

    def codes(self, treated: int) -> set[str]:
        return set(self.schools.loc[self.schools["treated"] == treated, "school"])

    def window(self, wave: str, subject: str, grade: int) -> tuple[str, str, bool]:
        """Return the first and last day of a work in a wave, and whether all pupils sit it."""
        if self.protocol is None:
            return "", "", False
        when: Wave = getattr(self.protocol.waves, wave)
        return window_of(self._calendar, self.protocol.outcome.procedure, when.year, when.season, subject, grade)

    @cached_property
    def _calendar(self) -> pd.DataFrame:
        return calendar(self.source.root)

    def _later(self, targets: pd.DataFrame) -> pd.Series:
        """Say of which rows the work's window begins after the day."""
        works = targets[["wave", "subject", "grade"]].itertuples(index=False, name=None)
        later = [self.window(str(wave), str(subject), int(grade))[0] > self.as_of for wave, subject, grade in works]
        return pd.Series(later, index=targets.index, dtype="bool")

    def _years(self, first: str, second: str) -> float:
        if self.protocol is None:
            return 1.0
        waves = [getattr(self.protocol.waves, name) for name in (first, second)]
        begun = [int(wave.year[:4]) + {"autumn": 0.0, "winter": 0.3}.get(wave.season, 0.6) for wave in waves]
        return begun[1] - begun[0]
