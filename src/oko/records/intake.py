"""Files received become the cluster's tables, or everything that is wrong with them is named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records import received as rows_received
from oko.records.checks import agreement
from oko.records.cluster import Cluster
from oko.records.keys import pseudonyms_for
from oko.records.linking import known_pupils, pupils_named
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable
from oko.records.readers.context import Told
from oko.records.reading import Reader, read_files
from oko.records.received import Received
from oko.records.schema import Tables
from oko.records.scoring import scored
from oko.records.shaping import tables_of
from oko.records.taken import SHOWN, FileRead, FirstFindings, Intake

_ROUNDS = 20
_ECHOES = frozenset({"points_sum", "result_known", "mark_by_scale"})
_RESTS = N_("The file rests on others that are refused ({files}), so it cannot be taken alone.")
_NO_FILES = N_("There are no files here: put them in, or name another folder.")
_NO_RESULTS = N_("No results are among the files, neither of pupils nor of groups: add a file with them.")
_NOT_DECLARED = N_(
    "No table of assessments is among these files, so assessments, maxima and sums were not checked: "
    "add it to the call, or check the whole folder."
)


def check(
    cluster: Cluster, root: Path, paths: Sequence[Path], *, told: Told | None = None, whole: bool = False
) -> Intake:
    """Name everything that is wrong with files, and change nothing.

    Parameters
    ----------
    cluster : Cluster
        Its schools and years are what the files are checked against.
    root : Path
        The project's folder.
    paths : sequence of Path
        Files, or folders at any depth.
    told : Told, optional
        What the words of the call say of the files; it goes before ``received.toml``.
    whole : bool, default False
        The files are all that there is: what they refer to must be among them.

    Returns
    -------
    Intake
        Where no file says which assessments there are, what they declare is not checked, and a warning says so.
    """
    files = [named for path in paths for named in files_of(path)]
    read = list(read_files(Reader(cluster, root, told or Told()), files))
    states = [one.state for one in read]
    readings = [one.reading for one in read if one.reading is not None]
    findings = [finding for one in read for finding in one.findings]
    if not files:
        findings.append(Finding(", ".join(map(str, paths)), None, None, _NO_FILES, check="opened"))
    tables = [table for reading in readings for table in reading.tables]
    pseudonyms = pseudonyms_for(root, cluster)
    named, unnamed = pupils_named(list(rows_received.joined(tables)), pseudonyms, cluster.code)
    received, faults, changes = rows_received.stack(cluster, root, [t for t in named if t.kind != "links"], whole=whole)
    received, mismatched = known_pupils(received, [table for table in named if table.kind == "links"])
    received = scored(received)
    findings += [*(f for reading in readings for f in reading.findings), *(f for t in tables for f in t.findings)]
    findings += [*unnamed, *faults, *mismatched]
    given = [change for reading in readings for change in reading.changes]
    settled, findings, states = _settle(received, findings, states, whole=whole and bool(tables))
    order = {state.name: place for place, state in enumerate(states)}
    told_once = _told_once(findings, _headings(tables))
    placed = sorted(told_once, key=lambda finding: (order.get(finding.file, -1), finding.row or 0))
    return Intake(tuple(placed), (*given, *changes), tuple(states), settled, _rows_found(tables, placed))


def _headings(tables: Sequence[RawTable]) -> dict[tuple[str, str], str]:
    """Return how columns are headed in each file: findings of agreement name them as their readers see them."""
    found: dict[tuple[str, str], str] = {}
    for table in tables:
        for column, heading in table.headings.items():
            found.setdefault((table.file, "pupil" if column == "code" else column), heading)
    return found


def _told_once(findings: Sequence[Finding], headings: Mapping[tuple[str, str], str]) -> list[Finding]:
    """Name columns by their headings, and leave out what repeats or only follows from another fault of the row."""
    headed = [replace(one, column=headings.get((one.file, one.column or ""), one.column)) for one in findings]
    faults = [one for one in headed if one.severity == "fault" and one.check not in {*_ECHOES, "empty"}]
    rows = {(one.file, one.sheet, one.row) for one in faults}
    cells = {(one.file, one.sheet, one.row, one.column) for one in faults}
    kept: dict[object, Finding] = {}
    for one in headed:
        row = (one.file, one.sheet, one.row)
        follows = row in rows if one.check in _ECHOES else one.check == "empty" and (*row, one.column) in cells
        if not follows:
            kept.setdefault((*row, one.column, one.message, str(one.values)), one)
    return list(kept.values())


def _rows_found(tables: Sequence[RawTable], findings: Sequence[Finding]) -> tuple[pd.DataFrame, ...]:
    places: dict[str, set[int]] = {}
    for finding in findings:
        if finding.row is not None:
            places.setdefault(finding.file, set()).add(finding.row)
    found = []
    for table in tables:
        if table.file in places and table.kind != "links" and not table.implied:
            rows = table.frame[table.frame[ROW].isin(places[table.file])]
            found.append(rows.rename(columns=dict(table.headings)))
    return tuple(frame for frame in found if len(frame))


def read_tables(cluster: Cluster, root: Path, folder: Path) -> tuple[Tables, Intake]:
    """Read the files received into the tables of the store.

    Parameters
    ----------
    cluster : Cluster
        Settings of the cluster; its section ``intake`` says what becomes of faulty files and rows.
    root : Path
        The project's folder.
    folder : Path
        The folder of files as received, read at any depth; nothing in it is changed.

    Returns
    -------
    tables : Tables
        A missing primary score is the sum of the pupil's points.
    intake : Intake

    Raises
    ------
    DataError
        Anything is wrong and the settings do not say to leave it: the message names the first findings and how many
        more there are.
    """
    made = check(cluster, root, [folder], whole=True)
    stopping = made.faults if cluster.intake.refused == "stop" else ()
    stopping = tuple(fault for fault in stopping if _stops(fault, made))
    if len(stopping) > SHOWN:
        raise DataError(
            "The files received are wrong, and nothing was stored:\n{first}\n… and {more} more; "
            "“oko check --cluster {cluster}” names all of them.",
            first=FirstFindings(stopping),
            more=len(stopping) - SHOWN,
            cluster=cluster.code,
        )
    if stopping or (made.faults and made.received.empty):
        raise DataError(
            "The files received are wrong, and nothing was stored:\n{first}",
            first=FirstFindings(stopping or made.faults),
        )
    return tables_of(made.received, made.files), made


def _stops(fault: Finding, made: Intake) -> bool:
    """Whether a fault stops all: one of a row does not where rows may be left."""
    refused = {state.name for state in made.refused}
    return fault.file in refused or all(state.name != fault.file for state in made.files)


def files_of(path: Path) -> list[tuple[Path, str]]:
    """Return files with the names that findings call them; hidden files and those of open editors are left."""
    if not path.is_dir():
        return [(path, _called(path.name))]
    found = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "~")))
    named = ((file, file.relative_to(path).parts) for file in found if file.name != "received.toml")
    return [(file, "/".join(_called(part) for part in parts)) for file, parts in named]


def _called(name: str) -> str:
    """Return the name of a file as text: one that is no UTF-8 came from Windows, which writes Russian in cp1251."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp1251", errors="replace")
    return name


def _settle(
    received: Received, findings: list[Finding], states: list[FileRead], *, whole: bool
) -> tuple[Received, list[Finding], list[FileRead]]:
    """Leave out faulty files and rows until what remains agrees."""
    refused: set[str] = set()
    left: set[tuple[str, str, int]] = set()
    tolerant = {state.name for state in states if state.accept_rows}
    rest, found = received, [*findings, *_agreement(received, whole=whole)]
    faults = [finding for finding in found if finding.severity == "fault"]
    for _ in range(_ROUNDS):
        if not faults:
            break
        of_data = _data_rows(rest, {fault.file for fault in faults} & tolerant)
        places = {(fault.file, fault.sheet, fault.row or 0) for fault in faults}
        left |= places & of_data
        out = {file for file, sheet, row in places if (file, sheet, row) not in of_data} - refused
        found += [_resting(file, refused) for file in sorted(out) if refused and file not in known_faults(found)]
        refused |= out
        rest = received.without(refused, left)
        faults = [finding for finding in _agreement(rest, whole=whole) if finding.severity == "fault"]
    counts, schools, works = _rows_by_file(rest), about(rest, "school"), about(rest, "assessment")
    lost = pd.Series([file for file, _, _ in left], dtype="str").value_counts()
    return (
        rest,
        found,
        [
            replace(
                state,
                refused=state.name in refused,
                rows=0 if state.name in refused else int(counts.get(state.name, 0)),
                rows_left=0 if state.name in refused else int(lost.get(state.name, 0)),
                schools=schools.get(state.name, ""),
                assessments=works.get(state.name, ""),
            )
            for state in states
        ],
    )


def known_faults(findings: Sequence[Finding]) -> set[str]:
    """Return the files that have a fault of their own."""
    return {finding.file for finding in findings if finding.severity == "fault"}


def _resting(file: str, refused: set[str]) -> Finding:
    values = {"files": ", ".join(sorted(refused)[:3])}
    return Finding(file, None, None, _RESTS, values, "warning", check="result_known")


def about(received: Received, column: str) -> dict[str, str]:
    """Return by file the schools or assessments that it is about, up to a hundred, with blanks between."""
    frames = [*received.of_pupils, *received.registers.values()]
    pairs = [frame[[FILE, column]].dropna().drop_duplicates() for frame in frames if column in frame]
    joined = pd.concat(pairs).drop_duplicates().sort_values([FILE, column])
    return {str(file): " ".join(rows[column].head(100)) for file, rows in joined.groupby(FILE)}


def _data_rows(received: Received, files: set[str]) -> set[tuple[str, str, int]]:
    frames = [frame[frame[FILE].isin(files)] for frame in (*received.of_pupils, *received.registers.values())]
    return {place for frame in frames for place in frame[[FILE, SHEET, ROW]].itertuples(index=False, name=None)}


def _rows_by_file(received: Received) -> pd.Series:
    of_pupils = pd.concat([frame[[FILE, SHEET, ROW]] for frame in received.of_pupils]).drop_duplicates()
    others = [received.schools, received.assessments, received.items, *received.registers.values()]
    rest = pd.concat([frame.loc[~frame["#implied"].astype(bool), [FILE, SHEET, ROW]] for frame in others])
    return pd.concat([of_pupils, rest])[FILE].value_counts()


def _agreement(received: Received, *, whole: bool) -> Iterator[Finding]:
    declared = whole or len(received.assessments) > 0
    yield from agreement(received, alone=not declared)
    if not declared and (len(received.results) or received.responses):
        yield Finding("–", None, None, _NOT_DECLARED, severity="warning", check="assessment_declared")
    if whole and received.empty:
        yield Finding("–", None, None, _NO_RESULTS, check="result_known")


def nothing_read(cluster: Cluster, root: Path) -> Intake:
    """Return what there is to say where no files are received."""
    return Intake((), (), (), rows_received.stack(cluster, root, [])[0])
