"""All that the files received say, stacked by kind, with what several files say of one work made one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from oko.errors import OkoError
from oko.records import cells, instruments
from oko.records.cluster import Cluster
from oko.records.kinds import FURTHER, KINDS
from oko.records.readers import FILE, ROW, SHEET, Change, Finding, RawTable
from oko.records.readers.context import Work
from oko.records.readers.headings import stored_label
from oko.records.schema import SEASONS, TEXT

IMPLIED, _UNKNOWN = "#implied", "#unknown"
ALIAS, PERSON = "alias", "pupil"


@dataclass(frozen=True)
class Received:
    """Values of all files received.

    Attributes
    ----------
    cluster : Cluster
    root : Path
        The project's folder.
    assessments, items, results, schools : DataFrame
        Columns of the raw form, ``#file``, ``#sheet`` and ``#row``; ``#implied`` where a file of another kind said it.
    responses : tuple of DataFrame
        One frame a table: keys, tasks and masks.
    registers : Mapping of str to DataFrame
        Tables of the further kinds.
    whole : bool
        The files are all that there is: what they refer to is among them or nowhere.
    links : Series
        Pseudonym of a pupil by the pseudonyms of codes and names, from the schools' rosters.
    """

    cluster: Cluster
    root: Path
    assessments: pd.DataFrame
    items: pd.DataFrame
    results: pd.DataFrame
    schools: pd.DataFrame
    responses: tuple[pd.DataFrame, ...]
    registers: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    whole: bool = False

    @property
    def empty(self) -> bool:
        """Whether nobody's results are there, neither pupils' nor groups'."""
        return self.results.empty and self.registers.get("groups", self.results).empty

    @property
    def of_pupils(self) -> tuple[pd.DataFrame, ...]:
        return (self.results, *self.responses)

    @property
    def frames(self) -> tuple[pd.DataFrame, ...]:
        return (self.schools, self.assessments, self.items, *self.of_pupils, *self.registers.values())

    @cached_property
    def known_assessments(self) -> pd.DataFrame:
        """One row an assessment: what a table of assessments says goes before what is implied."""
        there = self.assessments.dropna(subset="assessment")
        return there.sort_values(IMPLIED, kind="stable").drop_duplicates("assessment")

    @cached_property
    def known_items(self) -> pd.DataFrame:
        """One row a task: what a table of tasks says goes before what is implied."""
        there = self.items.dropna(subset=["assessment", "item"])
        unknown = there["max_score"].isna()
        first = there.assign(**{_UNKNOWN: unknown}).sort_values([IMPLIED, _UNKNOWN], kind="stable")
        known = first.drop_duplicates(["assessment", "item"]).drop(columns=_UNKNOWN)
        for assessment in known.loc[known["max_score"].isna(), "assessment"].unique():
            printed = self.printed(str(assessment))
            if printed is not None:
                rows = known["assessment"] == assessment
                maxima = known.loc[rows, "item"].map(printed.set_index("item")["max_score"]).astype("float64")
                known.loc[rows, "max_score"] = known.loc[rows, "max_score"].fillna(maxima)
        return known

    def maxima_of(self, assessment: str) -> pd.Series:
        """Return the greatest points of each task of an assessment, on the tasks' labels."""
        return self._maxima.get(assessment, pd.Series(dtype="float64"))

    @cached_property
    def _maxima(self) -> dict[str, pd.Series]:
        by_assessment = self.known_items.set_index("item").groupby("assessment", sort=False)["max_score"]
        return {str(assessment): maxima for assessment, maxima in by_assessment}

    def printed(self, assessment: str) -> pd.DataFrame | None:
        """Return the printed specification of an assessment, or None where there is none."""
        rows = self.known_assessments
        own = rows[rows["assessment"] == assessment]
        if own.empty or own.iloc[0][["procedure", "subject", "year", "season"]].isna().any():
            return None
        work = own.iloc[0]
        grades = [None if pd.isna(work[name]) else int(work[name]) for name in ("material_grade", "pupil_grade")]
        try:
            described = Work(work["procedure"], work["subject"], work["year"], work["season"], *grades)
            return instruments.specification(self.root, described)
        except OkoError:
            return None

    @cached_property
    def max_scores(self) -> pd.Series:
        """Greatest score of each assessment: declared, or the sum of its tasks' maxima."""
        declared = self.known_assessments.set_index("assessment")["max_score"]
        return declared.fillna(self.task_maxima.reindex(declared.index))

    @cached_property
    def task_maxima(self) -> pd.Series:
        """Sum of the tasks' maxima of each assessment that has tasks."""
        return self.known_items.groupby("assessment")["max_score"].sum()

    @cached_property
    def answered(self) -> pd.DataFrame:
        """Keys of all responses, one under another."""
        columns = [FILE, SHEET, ROW, "assessment", "pupil", "school"]
        frames = [frame[columns] for frame in self.responses]
        empty = pd.DataFrame({name: pd.Series(dtype="int64" if name == ROW else TEXT) for name in columns})
        return pd.concat(frames, ignore_index=True) if frames else empty

    @cached_property
    def results_beside(self) -> pd.DataFrame:
        """File, school, class, status and score of the result beside each row of ``answered``; empty without one."""
        keys = ["assessment", "pupil"]
        told = self.results.dropna(subset=keys).drop_duplicates(keys)
        held = told[[*keys, FILE, "school", "class", "status", "primary_score"]]
        return self.answered[keys].merge(held, on=keys, how="left", validate="many_to_one")

    @cached_property
    def known_schools(self) -> set[str]:
        """Codes of the cluster's schools and of those it is compared with."""
        return {*self.cluster.school_codes, *self.schools["school"].dropna()}

    def without(self, files: set[str], rows: set[tuple[str, str, int]]) -> Received:
        """Return what is left when whole files, and single rows of others, are left out.

        Parameters
        ----------
        files : set of str
        rows : set of (file, sheet, row)
        """

        def left(frame: pd.DataFrame) -> pd.DataFrame:
            out = frame[FILE].isin(files)
            if rows:
                places = pd.MultiIndex.from_frame(frame[[FILE, SHEET, ROW]])
                out |= places.isin(list(rows))
            return frame[~out].reset_index(drop=True)

        return replace(
            self,
            assessments=left(self.assessments),
            items=left(self.items),
            results=left(self.results),
            schools=left(self.schools),
            responses=tuple(frame for frame in map(left, self.responses) if len(frame)),
            registers={kind: left(frame) for kind, frame in self.registers.items()},
        )


def tasks_of(frame: pd.DataFrame) -> list[str]:
    """Return the columns of a frame of points that are tasks."""
    return [str(name) for name in frame if stored_label(str(name))]


def stack(
    cluster: Cluster, root: Path, tables: Sequence[RawTable], *, whole: bool = False
) -> tuple[Received, list[Finding], list[Change]]:
    """Read the cells of all tables and stack the tables by kind."""
    frames: dict[str, list[pd.DataFrame]] = {kind: [] for kind in KINDS}
    findings: list[Finding] = []
    changes: list[Change] = []
    for table in tables:
        read = cells.values(table)
        frames[table.kind].append(read.frame.assign(**{IMPLIED: table.implied}))
        findings += read.findings
        changes += read.changes
    stacks = {kind: _stack(kind, frames[kind]) for kind in KINDS if kind != "responses"}
    registers = {kind: stacks.pop(kind) for kind in FURTHER}
    return (
        Received(cluster, root, responses=tuple(frames["responses"]), registers=registers, whole=whole, **stacks),
        findings,
        changes,
    )


def joined(tables: Sequence[RawTable]) -> Iterator[RawTable]:
    """Join tables of one kind that have the same columns: seven schools' files of one work are looked at together."""
    alike: dict[object, list[RawTable]] = {}
    for table in tables:
        written = tuple(sorted(table.headings.items()))
        key = (table.kind, table.implied, table.grade, tuple(table.frame.columns), written)
        alike.setdefault(key, []).append(table)
    for group in alike.values():
        frames = [table.frame for table in group]
        yield group[0] if len(group) == 1 else replace(group[0], frame=pd.concat(frames, ignore_index=True))


def _stack(kind: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    nothing = {FILE: pd.Series(dtype=TEXT), SHEET: pd.Series(dtype=TEXT), ROW: pd.Series(dtype="int64")}
    return cells.values(RawTable(kind, "", pd.DataFrame(nothing))).frame.assign(**{IMPLIED: False})


def with_priors(assessments: pd.DataFrame) -> pd.DataFrame:
    """Name, where nobody did, the latest earlier assessment of the same cohort in the same subject.

    Parameters
    ----------
    assessments : DataFrame
        Columns assessment, subject, year, season, pupil_grade, prior.

    Notes
    -----
    A cohort is the year in which its pupils were in grade 0: grade 6 in 2018-2019 and grade 8 in 2020-2021 are one.
    Rows that a table of assessments brought are left as they are: an empty cell there means that there is none.
    """
    order = assessments["year"].str[:4].astype("float64") + assessments["season"].map(
        {name: place / 10 for place, name in enumerate(SEASONS)}
    )
    born = assessments["year"].str[:4].astype("float64") - assessments["pupil_grade"]
    known = assessments.assign(order=order, cohort=born)
    priors = dict(zip(known["assessment"], known["prior"], strict=True))
    for _, row in known[known[IMPLIED] & known["prior"].isna()].iterrows():
        same = known[(known["subject"] == row["subject"]) & (known["cohort"] == row["cohort"])]
        earlier = same[same["order"] < row["order"]].sort_values(["order", "assessment"])
        if len(earlier):
            priors[row["assessment"]] = earlier["assessment"].iloc[-1]
    return assessments.assign(prior=assessments["assessment"].map(priors).astype(TEXT))
