"""Where a protocol stands: fixed or not, and whether it was changed once outcomes had been read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oko.records.outcome_log import Reading
from oko.records.protocol import Protocol
from oko.records.protocol_content import Changed, changes, content_hash
from oko.records.protocol_lock import Locked


@dataclass(frozen=True)
class ProtocolState:
    """Where a protocol stands at the time of a run.

    Attributes
    ----------
    protocol : Protocol or None
        None where the cluster has none.
    hash : str
        Of what ``protocol.toml`` says now; empty without one.
    locked : bool
        Whether that is the version in force of ``protocol.lock``.
    locked_on : date or None
        When the version in force was fixed; None where none was.
    lock_hash : str
        Hash of the version in force; empty where none was fixed.
    versions : int
        Number of versions that were fixed.
    outcomes_stored : bool
        Whether results of the wave after lay in the store when the first version was fixed.
    first_read : date or None
        When an effect study first read outcomes. It differs between work folders, so it stands on pages, never in
        tables.
    locked_before_reading : bool
        Whether the protocol was fixed, and in force, when outcomes were first read; where none were read yet, whether
        it is now.
    changed_after_reading : bool
        Whether it says something else now than what was in force when outcomes were first read.
    tried : int
        Number of different protocols under which outcomes were read.
    deviations : tuple of Changed
        Keys in which it differs from what was in force when outcomes were first read; where none were read yet, or
        nothing was fixed then, from the version in force.
    """

    protocol: Protocol | None = None
    hash: str = ""
    locked: bool = False
    locked_on: datetime.date | None = None
    lock_hash: str = ""
    versions: int = 0
    outcomes_stored: bool = False
    first_read: datetime.date | None = None
    locked_before_reading: bool = False
    changed_after_reading: bool = False
    tried: int = 0
    deviations: tuple[Changed, ...] = field(default=())

    @property
    def confirmatory(self) -> bool:
        """Whether results may be called other than exploratory."""
        return self.locked and self.locked_before_reading and not self.changed_after_reading

    @property
    def content(self) -> Mapping[str, Any]:
        """What the protocol says, key by key."""
        return self.protocol.content if self.protocol else {}

    @property
    def digest(self) -> str:
        """What a page made from this state depends on: all but the date of the first reading."""
        told = {name: str(getattr(self, name)) for name in self.__dataclass_fields__ if name not in _NOT_IN_DIGEST}
        return content_hash(told)


_NOT_IN_DIGEST = ("protocol", "first_read")


def state(protocol: Protocol | None, versions: Sequence[Locked], readings: Sequence[Reading]) -> ProtocolState:
    """Work out where a protocol stands.

    Parameters
    ----------
    protocol : Protocol or None
    versions : sequence of Locked
        Those of the lock, the first first.
    readings : sequence of Reading
        Those of the log, the first first.
    """
    if protocol is None:
        return ProtocolState()
    force = versions[-1] if versions else None
    fixed = force is not None and force.hash == protocol.hash and not protocol.draft
    told = (version.outcomes_read for version in versions)
    read = [*filter(None, told), *readings]  # the lock remembers the first reading, whatever becomes of the log
    base = _in_force_at(read[0], versions) if read else (force.content if force else protocol.content)
    return ProtocolState(
        protocol=protocol,
        hash=protocol.hash,
        locked=fixed,
        locked_on=force.locked_on if force else None,
        lock_hash=force.hash if force else "",
        versions=len(versions),
        outcomes_stored=versions[0].outcomes_stored if versions else False,
        first_read=read[0].date if read else None,
        locked_before_reading=read[0].locked if read else fixed,
        changed_after_reading=bool(read) and content_hash(base) != protocol.hash,
        tried=len({reading.hash for reading in read}),
        deviations=changes(base, protocol.content),
    )


def _in_force_at(reading: Reading, versions: Sequence[Locked]) -> Mapping[str, Any]:
    """Return the version that was fixed when outcomes were read; where none was, what the protocol said then."""
    return next((version.content for version in versions if version.hash == reading.lock), reading.content)
