"""The protocol on page one: fixed or not, by which hash, what it says, and how it was departed from."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Protocol

from oko.language import date, gettext, ngettext, number
from oko.show.html import Html, element, join, paragraph, prose
from oko.show.protocol_words import Content, Names, fixed, key_words, words


class Change(Protocol):
    """A key of the protocol that was departed from."""

    @property
    def key(self) -> str: ...
    @property
    def before(self) -> Any: ...
    @property
    def after(self) -> Any: ...


class State(Protocol):
    """Where a protocol stands (see :class:`oko.records.protocol_state.ProtocolState`)."""

    @property
    def protocol(self) -> Any: ...
    @property
    def content(self) -> Content: ...
    @property
    def hash(self) -> str: ...
    @property
    def locked(self) -> bool: ...
    @property
    def locked_on(self) -> datetime.date | None: ...
    @property
    def lock_hash(self) -> str: ...
    @property
    def versions(self) -> int: ...
    @property
    def outcomes_stored(self) -> bool: ...
    @property
    def first_read(self) -> datetime.date | None: ...
    @property
    def locked_before_reading(self) -> bool: ...
    @property
    def changed_after_reading(self) -> bool: ...
    @property
    def tried(self) -> int: ...
    @property
    def deviations(self) -> Sequence[Change]: ...
    @property
    def confirmatory(self) -> bool: ...


def section(state: State, names: Names, *, named: bool = False, read: bool = True) -> Html:
    """Return what page one says of the protocol.

    Parameters
    ----------
    state : State
        From ``oko.runs.open_outcomes``.
    names : Names
        ``workspace.names``.
    named : bool, default False
        Whether the page may name schools; otherwise they are counted.
    read : bool, default True
        Whether the page reads outcomes; one that does not says nothing of when they were read.

    Returns
    -------
    Html
        Sentences with the hash; the deviations, if any; then all that the protocol fixes, which a reader can fold.
    """
    if state.protocol is None:
        return join([paragraph(text, "empty") for text in sentences(state)])
    said, changed = (sentences(state), deviations(state, named=named)) if read else (_fixing(state), ())
    rows = [element("<li>{what}: {value}</li>", what=w, value=v) for w, v in fixed(state.content, names, named=named)]
    whole = element(
        '<details class="protocol" open><summary>{title}</summary><ul>{rows}</ul></details>',
        title=gettext("What the protocol fixes"),
        rows=join(rows),
    )
    return join([prose(said), _listed(changed), whole])


def _listed(changes: Sequence[str]) -> Html:
    if not changes:
        return Html("")
    rows = join([element("<li>{text}</li>", text=text) for text in changes])
    return join([paragraph(gettext("Deviations:")), element("<ul>{rows}</ul>", rows=rows)])


def sentences(state: State) -> tuple[str, ...]:
    """Say where the protocol stands."""
    if state.protocol is None:
        return (
            gettext("The cluster has no protocol, so the effect is not estimated."),
            gettext(
                "What is needed: a file protocol.toml with the question, the outcome, the waves, the groups and the "
                "model, fixed by “oko protocol lock” before outcomes are read."
            ),
        )
    said = [*_fixing(state), *_reading(state)]
    if _same_wave(state.content):
        said.append(
            gettext(
                "The target tasks were chosen on the wave that is the baseline too: tasks chosen for low results rise "
                "next time by themselves, so this gain says less."
            )
        )
    return tuple(said)


def _fixing(state: State) -> list[str]:
    on = "" if state.locked_on is None else date(state.locked_on)
    if state.locked:
        text = gettext("The protocol is fixed: {date}, SHA-256 {hash}.")
        said = [text.format(date=on, hash=state.hash)]
        if state.versions > 1:
            text = ngettext("It was fixed {n} time.", "It was fixed {n} times.", state.versions)
            said.append(text.format(n=number(state.versions)))
        return said
    if state.lock_hash:
        text = gettext(
            "The protocol differs from the version that was fixed ({date}, SHA-256 {locked}); what it says now "
            "(SHA-256 {hash}) is not fixed, so results are exploratory."
        )
        return [text.format(date=on, locked=state.lock_hash, hash=state.hash)]
    if state.protocol.draft:
        return [gettext("The protocol is a draft and is not fixed: results are exploratory.")]
    text = gettext(
        "The protocol is not fixed (SHA-256 {hash}): question, outcome and model could still be chosen by the results, "
        "so these are exploratory."
    )
    return [text.format(hash=state.hash)]


def _reading(state: State) -> list[str]:
    said = []
    if state.outcomes_stored:
        said.append(
            gettext(
                "When the protocol was first fixed, results of the wave after were in the store already, "
                "and other pages could show them."
            )
        )
    if state.first_read is None:
        return [*said, gettext("Outcomes have not been read yet.")]
    said.append(gettext("Outcomes were first read: {date}.").format(date=date(state.first_read)))
    if not state.locked_before_reading:
        said.append(
            gettext("The protocol was not in force as fixed when outcomes were first read: results are exploratory.")
        )
    if state.changed_after_reading:
        said.append(gettext("After that the protocol was changed: results are exploratory, deviations are listed."))
    elif state.confirmatory:
        said.append(gettext("The protocol has not been changed since."))
    if state.tried > 1:
        text = ngettext(
            "Outcomes were read under {n} version of the protocol.",
            "Outcomes were read under {n} different versions of the protocol.",
            state.tried,
        )
        said.append(text.format(n=number(state.tried)))
    return said


def _same_wave(content: Content) -> bool:
    return all(content[f"waves.selection.{key}"] == content[f"waves.before.{key}"] for key in ("year", "season"))


def deviations(state: State, *, named: bool = False) -> tuple[str, ...]:
    """List in words each key of the protocol that was departed from.

    Parameters
    ----------
    state : State
    named : bool, default False
        Whether schools may be named; otherwise it is said that their list was changed, once for each list.
    """
    template = gettext("{what} ({key}): was “{before}”, is “{after}”")
    unnamed = gettext("{what} ({key}): changed; the schools are not named here")
    said = dict[str, None]()
    for change in state.deviations:
        what = key_words(change.key)
        if named or not change.key.startswith("groups."):
            text = template.format(what=what, key=change.key, before=words(change.before), after=words(change.after))
        else:
            text = unnamed.format(what=what, key=".".join(change.key.split(".")[:2]))
        said[text] = None
    return tuple(said)
