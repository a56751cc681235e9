"""Where the cluster's protocol stands: the door through which an effect study comes to its outcomes."""

from __future__ import annotations

import datetime

from oko.errors import OkoError, SettingError, StoreError
from oko.records.outcome_log import Reading, note, read_log
from oko.records.own_files import PROTOCOL, where_of
from oko.records.protocol import Protocol, read_protocol
from oko.records.protocol_content import content_hash
from oko.records.protocol_lock import LOCK, Locked, lock, read_lock
from oko.records.protocol_state import ProtocolState, state
from oko.runs.alone import alone
from oko.workspace import Workspace


def protocol_state(workspace: Workspace) -> ProtocolState:
    """Say where the protocol stands, and note nothing.

    Raises
    ------
    SettingError
        The protocol or its lock is wrong.
    DataError
        The log of outcomes read is damaged.
    """
    protocol = read_protocol(workspace.root, workspace.cluster)
    return state(protocol, _versions(workspace), read_log(workspace.work))


def open_outcomes(workspace: Workspace, study: str) -> ProtocolState:
    """Note that a study is about to read outcomes, and say where the protocol stands.

    An effect study calls this before it reads results of the wave after. Nothing is noted while the store holds none,
    and nothing when the same study has read the same data under the same protocol before.

    Parameters
    ----------
    workspace : Workspace
    study : str
        Id of the study.

    Returns
    -------
    ProtocolState
        ``protocol`` is None where the cluster has none: then there is nothing that an effect study could ask.

    Raises
    ------
    SettingError
        The protocol or its lock is wrong.
    DataError
        The log of outcomes read is damaged, or there is no store.
    """
    protocol = read_protocol(workspace.root, workspace.cluster)
    if protocol is None or not outcomes_stored(workspace, protocol):
        return protocol_state(workspace)
    versions = _versions(workspace)
    data = workspace.store.year_digest(protocol.year)
    return state(protocol, versions, note(workspace.work, _reading(protocol, versions, study, data)))


def state_digest(workspace: Workspace) -> str:
    """Digest what the page of an effect study says of the protocol; it does not change by making that page.

    The first reading is taken as if it took place now, so that the key of a run is the same before the run, which notes
    it, and after. Files that are wrong have a digest too: the study then fails by itself and says what is wrong, and
    other studies are made.
    """
    try:
        protocol = read_protocol(workspace.root, workspace.cluster)
        versions, readings = _versions(workspace), read_log(workspace.work)
        if protocol is None:
            return ""
        after = state(protocol, versions, (*readings, _reading(protocol, versions, "", "")))
    except OkoError as error:
        return content_hash({"error": error.message, "values": str(sorted(error.values.items(), key=str))})
    return after.digest


def lock_protocol(workspace: Workspace, today: datetime.date | None = None) -> Locked | None:
    """Fix the protocol as it is; None where the version in force says the same.

    Raises
    ------
    SettingError
        There is no protocol, it is a draft, it or its lock is wrong, or it is dated later than today.
    RunError
        Another process is fixing it.
    """
    protocol = read_protocol(workspace.root, workspace.cluster)
    where, beside = (where_of(workspace.cluster.code, name) for name in (PROTOCOL, LOCK))
    if protocol is None:
        raise SettingError(
            "Cluster {cluster} has no protocol: write {where} (see docs/protocol.en.md; "
            "data/clusters/example/protocol.toml can be copied).",
            cluster=workspace.cluster.code,
            where=where,
        )
    day = today or datetime.date.today()
    if protocol.date > day:
        raise SettingError(
            "File {where}, key date: {date} is later than today.", where=where, date=protocol.date.isoformat()
        )
    with alone(workspace.work / "protocol"):
        told = (version.outcomes_read for version in _versions(workspace))
        read = [*filter(None, told), *read_log(workspace.work)]
        return lock(
            workspace.root / beside,
            beside,
            protocol,
            today=day,
            outcomes_stored=_any_stored(workspace, protocol),
            outcomes_read=read[0] if read else None,
        )


def outcomes_stored(workspace: Workspace, protocol: Protocol) -> bool:
    """Tell whether the store holds a work of the wave after that the outcome is made of."""
    targets = protocol.targets(workspace.assessments())
    return bool(targets.loc[targets["wave"] == "after", "assessment"].notna().any())


def in_year(workspace: Workspace, year: str) -> bool:
    """Tell whether the effect study belongs to a year: that of the protocol's outcome, the latest without a protocol.

    A protocol that is wrong belongs to the latest year, where the study fails and says what is wrong.
    """
    try:
        protocol = read_protocol(workspace.root, workspace.cluster)
    except SettingError:
        protocol = None
    return year == (protocol.year if protocol else workspace.cluster.latest_year)


def missing_tasks(workspace: Workspace, protocol: Protocol) -> tuple[tuple[str, str, str], ...]:
    """List what the protocol asks for in the waves before and after and the store does not have.

    Returns
    -------
    tuple of (str, str, str)
        Wave, work and task; an empty task where the whole work is missing. Nothing while there is no store.
    """
    try:
        asked = protocol.targets(workspace.assessments())
    except StoreError:
        return ()
    known = {(str(row.assessment), str(row.item)) for row in workspace.items().itertuples()}
    lacking = dict[tuple[str, str, str], None]()
    for row in asked[asked["wave"] != "selection"].to_dict("records"):
        work, there = f"{row['subject']}-{row['grade']}", isinstance(row["assessment"], str)
        if not there or (row["assessment"], row["item"]) not in known:
            lacking[str(row["wave"]), work, str(row["item"]) if there else ""] = None
    return tuple(lacking)


def _any_stored(workspace: Workspace, protocol: Protocol) -> bool:
    try:
        return outcomes_stored(workspace, protocol)
    except StoreError:
        return False


def _versions(workspace: Workspace) -> tuple[Locked, ...]:
    where = where_of(workspace.cluster.code, LOCK)
    return read_lock(workspace.root / where, where)


def _reading(protocol: Protocol, versions: tuple[Locked, ...], study: str, data: str) -> Reading:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    fixed = versions[-1].hash if versions and not protocol.draft else None
    return Reading(now, study, protocol.hash, fixed, data, protocol.content)
