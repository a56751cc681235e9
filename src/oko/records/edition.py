"""Of which day an edition of the final study is: which works were over by then, and which schools have results."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

import pandas as pd

from oko.records import outcomes
from oko.records.calendar import calendar, days_of
from oko.records.effect_data import AFTER, BEFORE, EffectData

STATES = ("complete", "open", "later", "partial", "missing")
COLUMNS = ("stratum", "begins", "ends", "everybody", "schools_before", "schools", "n", "state")


@dataclass(frozen=True)
class Edition:
    """One edition of the final study.

    Attributes
    ----------
    as_of : date or None
        The day as of which it is made; None where all that is stored counts.
    works : DataFrame
        A row for each work of the outcome: stratum; begins, ends (days of its window, ISO); everybody (whether all
        pupils sit it); schools_before and schools (of the cluster, with results of the wave before, and after); n, the
        cluster's pupils who wrote it in the wave after; state, one of ``STATES``.

    Notes
    -----
    A work is ``later`` if its window begins after the day, ``open`` if it ends after it. Otherwise it is ``missing``
    if no school of the cluster has it though all pupils sit it, ``partial`` if all pupils sit it and a school that
    wrote it before has no result after, else ``complete``.
    """

    as_of: datetime.date | None = None
    works: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))

    @property
    def preliminary(self) -> bool:
        """Whether a later edition can say something else: a work was not over on the day, or results are lacking."""
        return bool((self.works["state"] != "complete").any())

    def states(self, *wanted: str) -> list[str]:
        """Return the works in one of these states."""
        return [str(name) for name in self.works.loc[self.works["state"].isin(wanted), "stratum"]]


def edition(data: EffectData) -> Edition:
    """Say which works of the outcome are there as of the day of the data.

    Parameters
    ----------
    data : EffectData
        Its ``as_of`` is the day; where it asks for nothing there are no works.
    """
    day = datetime.date.fromisoformat(data.as_of) if data.as_of else None
    if data.protocol is None or not data.asked:
        return Edition(day)
    counts = _counts(data)
    rows = []
    for work in data.protocol.outcome.works:
        stratum = outcomes.stratum(work.subject, work.grade)
        begins, ends, everybody = data.window(AFTER, work.subject, work.grade)
        before, after = (counts[(counts["stratum"] == stratum) & (counts["wave"] == wave)] for wave in (BEFORE, AFTER))
        lacking = set(before["school"]) - set(after["school"])
        state = _state(data.as_of, begins, ends, everybody=everybody, held=len(after) > 0, lacking=bool(lacking))
        numbers = (before["school"].nunique(), after["school"].nunique(), int(after["n"].sum()))
        rows.append((stratum, begins, ends, everybody, *numbers, state))
    return Edition(day, pd.DataFrame(rows, columns=list(COLUMNS)))


def works_after(data: EffectData) -> pd.DataFrame:
    """Return the works of the procedure in the wave after (schema ``ASSESSMENTS``) that had begun on the day."""
    known = data.source.assessments()
    if data.protocol is None or not data.asked:
        return known.iloc[:0]
    wave, procedure = data.protocol.waves.after, data.protocol.outcome.procedure
    there = (known["procedure"] == procedure) & (known["year"] == wave.year) & (known["season"] == wave.season)
    own = known[there & known["material_grade"].notna()]
    keys = own[["subject", "material_grade"]].itertuples(index=False, name=None)
    begun = [not data.as_of or data.window(AFTER, str(subject), int(grade))[0] <= data.as_of for subject, grade in keys]
    return own[pd.Series(begun, index=own.index, dtype="bool")].reset_index(drop=True)


def begun(data: EffectData, results: pd.DataFrame) -> pd.DataFrame:
    """Return the results of works that had begun on the day of the data.

    Parameters
    ----------
    data : EffectData
    results : DataFrame
        procedure, year, season; on the page of another year than the outcome's none is kept.
    """
    if data.other_year:
        return results.iloc[:0]
    if not data.as_of:
        return results
    rows = calendar(data.source.root)
    keys = results[["procedure", "year", "season"]].drop_duplicates()
    held = [days_of(rows, *(str(part) for part in key))[0] for key in keys.itertuples(index=False, name=None)]
    kept = keys[[day <= data.as_of for day in held]]
    return results.merge(kept, on=["procedure", "year", "season"])


def _state(day: str, begins: str, ends: str, *, everybody: bool, held: bool, lacking: bool) -> str:
    if day and begins > day:
        return "later"
    if day and ends > day:
        return "open"
    if not everybody:
        return "complete"
    if not held:
        return "missing"
    return "partial" if lacking else "complete"


def _counts(data: EffectData) -> pd.DataFrame:
    """Count the cluster's pupils who wrote a work of the waves before and after: wave, stratum, school, n."""
    works = data.targets[["wave", "subject", "grade", "assessment"]].drop_duplicates().dropna(subset="assessment")
    results = data.source.results(role="cluster")
    took = results.loc[results["status"] == "took", ["assessment", "school"]]
    counted = took.groupby(["assessment", "school"]).size().rename("n").reset_index()
    rows = works.merge(counted, on="assessment")
    names = [outcomes.stratum(str(row["subject"]), int(row["grade"])) for row in rows.to_dict("records")]
    return rows.assign(stratum=pd.Series(names, index=rows.index, dtype="str"))[["wave", "stratum", "school", "n"]]
