"""What ``oko protocol`` does: fix the protocol of the effect study, show it, check it; an exit status comes back."""

from __future__ import annotations

from argparse import Namespace

from oko.errors import StoreError
from oko.language import date, gettext
from oko.records.protocol_state import ProtocolState
from oko.runs.protocol_state import lock_protocol, missing_tasks, protocol_state
from oko.show import protocol as said
from oko.show.protocol_words import fixed
from oko.terminal import Terminal
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

console = Terminal()


def protocol(options: Namespace) -> int:
    """Fix the protocol of the effect study, show it, or check it."""
    workspace = open_workspace(cluster=options.cluster)
    return {"lock": _lock, "show": _show, "check": _check}[options.action](workspace)


def _lock(workspace: Workspace) -> int:
    made = lock_protocol(workspace)
    state = protocol_state(workspace)
    if made is None:
        console.print(gettext("Nothing has changed since the protocol was fixed: no version is added."))
    else:
        text = gettext("Fixed: version {n}, {date}, hash {hash}. Commit protocol.lock together with protocol.toml.")
        console.print(text.format(n=state.versions, date=date(made.locked_on), hash=made.hash))
    _say(state)
    return 0


def _show(workspace: Workspace) -> int:
    state = protocol_state(workspace)
    for what, value in fixed(state.content, workspace.names, named=True):
        console.print(f"{what}: {value}")
    _say(state)
    return 0


def _check(workspace: Workspace) -> int:
    """Say where the protocol stands, which schools and tasks the store lacks; 1 where results would be exploratory."""
    state = protocol_state(workspace)
    _say(state)
    if state.protocol is None:
        return 1
    try:
        strangers = sorted(set(state.protocol.groups.named) - set(workspace.schools()["school"]))
    except StoreError as error:
        console.print(str(error))
        return 1
    for code in strangers:
        console.print(gettext("The store has no school {school}.").format(school=code))
    lacking = missing_tasks(workspace, state.protocol)
    for wave, work, item in lacking:
        text = (
            gettext("Wave {wave}, {work}: the store has no task {item}.")
            if item
            else gettext("Wave {wave}, {work}: the store has no such work.")
        )
        console.print(text.format(wave=wave, work=work, item=item))
    return 0 if state.confirmatory and not lacking and not strangers else 1


def _say(state: ProtocolState) -> None:
    for sentence in said.sentences(state):
        console.print(sentence)
    for change in said.deviations(state, named=True):
        console.print("  " + change)
