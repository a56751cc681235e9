"""Files received become the cluster's tables, or everything that is wrong with them is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records import cells, relations
from oko.records.cluster import Cluster
from oko.records.raw_form import EXAMPLE, RAW_FORMS
from oko.records.readers import FILE, ROW, Finding, RawTable, tidy
from oko.records.relations import Received, tasks_of
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, RESPONSE_KEYS, Tables, conform

SHOWN = 5


@dataclass(frozen=True)
class FirstFindings:
    """The first findings as lines of text, in the language in which they are shown."""

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings[:SHOWN])


def check(cluster: Cluster, paths: Sequence[Path]) -> tuple[Finding, ...]:
    """Name everything that is wrong with files, and change nothing.

    Parameters
    ----------
    cluster : Cluster
        Its schools and years are what the files are checked against.
    paths : sequence of Path
        Files, or folders at any depth.

    Returns
    -------
    tuple of Finding
        Faults and warnings, in the order of files and rows; empty when all is well. Where no table of assessments is
        among the files, what it declares is not checked, and a warning says so.
    """
    return _read(cluster, paths)[1]


def read_tables(cluster: Cluster, folder: Path) -> Tables:
    """Read the files received into the tables of the store.

    Parameters
    ----------
    cluster : Cluster
        Settings of the cluster.
    folder : Path
        The folder of files as received, read at any depth; nothing in it is changed.

    Returns
    -------
    Tables
        A missing primary score is the sum of the pupil's points.

    Raises
    ------
    DataError
        Anything is wrong: the message names the first findings and how many more there are.
    """
    received, findings = _read(cluster, [folder], whole=True)
    faults = tuple(finding for finding in findings if finding.severity == "fault")
    if len(faults) > SHOWN:
        raise DataError(
            "The files received are wrong, and nothing was stored:\n{first}\n… and {more} more; "
            "“oko check --cluster {cluster}” names all of them.",
            first=FirstFindings(faults),
            more=len(faults) - SHOWN,
            cluster=cluster.code,
        )
    if faults:
        raise DataError("The files received are wrong, and nothing was stored:\n{first}", first=FirstFindings(faults))
    return _tables(received, cluster)


def _read(cluster: Cluster, paths: Sequence[Path], *, whole: bool = False) -> tuple[Received, tuple[Finding, ...]]:
    findings: list[Finding] = []
    tables: list[RawTable] = []
    files = [named for path in paths for named in _files(path)]
    if not files:
        folders = ", ".join(str(path) for path in paths)
        findings.append(Finding(folders, None, None, N_("There are no files here.")))
    for path, name in files:
        try:
            table = tidy.read(path, name)
        except DataError as error:
            findings.append(Finding(name, None, None, error.message, error.values))
        else:
            tables.append(table)
            findings += table.findings
    received, faults = _received(tables)
    findings += faults
    findings += _relations(received, cluster, whole=whole and bool(tables))
    order = {name: place for place, (_, name) in enumerate(files)}
    return received, tuple(sorted(findings, key=lambda finding: (order.get(finding.file, -1), finding.row or 0)))


def _files(path: Path) -> list[tuple[Path, str]]:
    """Return files with the names that findings call them; hidden files and those of open editors are left."""
    if not path.is_dir():
        return [(path, path.name)]
    found = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "~")))
    return [(file, file.relative_to(path).as_posix()) for file in found]


def _received(tables: list[RawTable]) -> tuple[Received, list[Finding]]:
    frames: dict[str, list[pd.DataFrame]] = {kind: [] for kind in RAW_FORMS}
    findings: list[Finding] = []
    for table in tables:
        frame, faults = cells.values(table)
        frames[table.kind].append(frame)
        findings += faults
    stacks = {kind: _stack(kind, frames[kind]) for kind in RAW_FORMS if kind != "responses"}
    return Received(responses=tuple(frames["responses"]), **stacks), findings


def _stack(kind: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    nothing = RawTable(kind, "", pd.DataFrame({FILE: pd.Series(dtype="str"), ROW: pd.Series(dtype="int64")}))
    return cells.values(nothing)[0]


def _relations(received: Received, cluster: Cluster, *, whole: bool) -> Iterator[Finding]:
    yield from relations.schools(received, cluster)
    yield from relations.keys(received)
    yield from relations.marks_of_example(received, cluster)
    yield from relations.scores(received)
    if whole or len(received.assessments):
        yield from relations.assessments(received, cluster)
        yield from relations.unscored(received)
        yield from relations.points(received)
    elif len(received.results) or received.responses:
        yield Finding("–", None, None, _NOT_DECLARED, severity="warning")
    if whole and received.results.empty:
        yield Finding("–", None, None, N_("No table of results is among the files: add one."))


_NOT_DECLARED = N_(
    "No table of assessments is among these files, so assessments, maxima and sums were not checked: "
    "add it to the call, or check the whole folder."
)


def _tables(received: Received, cluster: Cluster) -> Tables:
    mark = {EXAMPLE: cluster.example}
    maxima = received.max_scores
    assessments = received.assessments.drop(columns=[FILE, ROW]).assign(**mark)
    assessments = assessments.assign(max_score=assessments["assessment"].map(maxima))
    items = conform(received.items.drop(columns=[FILE, ROW]).assign(**mark), "items")
    responses = _responses(received, items)
    results = _results(received, responses).assign(**mark)
    described = assessments.drop(columns=["prior", EXAMPLE])
    return Tables(
        schools=conform(_schools(received, cluster).assign(**mark), "schools"),
        assessments=conform(assessments, "assessments"),
        items=items,
        results=conform(results.merge(described, on="assessment"), "results"),
        responses=responses,
    )


def _schools(received: Received, cluster: Cluster) -> pd.DataFrame:
    own = pd.DataFrame([{"school": school.code, "role": "cluster", "kind": school.kind} for school in cluster.schools])
    return pd.concat([own, received.schools[["school", "role", "kind"]]], ignore_index=True)


def _results(received: Received, responses: dict[str, pd.DataFrame]) -> pd.DataFrame:
    results = received.results.drop(columns=[FILE, ROW, EXAMPLE])
    sums = [
        frame[["assessment", "pupil"]].assign(sum=frame[tasks_of(frame)].sum(axis=1, min_count=1))
        for frame in responses.values()
    ]
    if not sums:
        return results
    joined = results.merge(pd.concat(sums), on=["assessment", "pupil"], how="left")
    return joined.assign(primary_score=joined["primary_score"].fillna(joined["sum"])).drop(columns="sum")


def _responses(received: Received, items: pd.DataFrame) -> dict[str, pd.DataFrame]:
    parts: dict[str, list[pd.DataFrame]] = {}
    for frame in received.responses:
        for assessment, rows in frame.groupby("assessment", sort=True):
            parts.setdefault(str(assessment), []).append(rows)
    return {
        name: _wide(pd.concat(frames), items[items["assessment"] == name], received)
        for name, frames in sorted(parts.items())
    }


def _wide(rows: pd.DataFrame, items: pd.DataFrame, received: Received) -> pd.DataFrame:
    """Give points the shape of the store: keys, then each task with its mask, in the order of the work."""
    classes = received.results.set_index(["assessment", "pupil"])["class"]
    own = classes.reindex(pd.MultiIndex.from_frame(rows[["assessment", "pupil"]])).set_axis(rows.index)
    wide = rows.assign(**{"class": rows["class"].fillna(own)})
    ordered = items.sort_values("position")["item"]
    masks = [task + NOT_ATTEMPTED_SUFFIX for task in ordered]
    tasks = [column for pair in zip(ordered, masks, strict=True) for column in pair]
    known = wide.astype(dict.fromkeys(masks, "boolean")).fillna(dict.fromkeys(masks, False))
    return known.astype(dict.fromkeys(masks, "bool"))[[*RESPONSE_KEYS, *tasks]].reset_index(drop=True)
