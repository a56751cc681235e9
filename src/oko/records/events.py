"""The cluster's plan: its events in their order, from ``data/clusters/<code>/plan.toml``."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from oko.errors import SettingError
from oko.language import N_
from oko.records.cluster import Cluster, Code, Settings, Words, Year
from oko.records.own_files import MODEL, PLAN, check_in_settings, read_own, where_of
from oko.records.settings_files import MONTH_PATTERN

NOT_OF_DATA = (MODEL,)  # files of a cluster that say nothing of how its data are read
Month = Annotated[str, StringConstraints(pattern=MONTH_PATTERN)]


class Event(Settings):
    """One event of the plan.

    ``number`` is the plan's own; ``month`` is when it takes place, ``year`` the school year whose data it looks at;
    ``studies`` are the ids of the studies that serve it, ``as_of`` the day as of which they are made, and ``short``
    what tables call the event.
    """

    number: Annotated[int, Field(ge=1, le=99)]
    title: Words
    aim: Words
    short: Words | None = None
    month: Month
    host: Code
    year: Year
    studies: tuple[Code, ...] = ()
    as_of: datetime.date | None = None

    @property
    def called(self) -> Words:
        """What tables call the event: its short title, or the plan's."""
        return self.short or self.title

    @property
    def first_day(self) -> datetime.date:
        """The first day of the event's month."""
        return datetime.date.fromisoformat(f"{self.month}-01")


class _Plan(Settings):
    events: Annotated[tuple[Event, ...], Field(min_length=1)]

    @field_validator("events")
    @classmethod
    def _in_order(cls, events: tuple[Event, ...]) -> tuple[Event, ...]:
        numbers = [event.number for event in events]
        if numbers != sorted(set(numbers)):
            raise ValueError(N_("events must stand in the order of their numbers, each number once"))
        return events


def read_events(root: Path, cluster: Cluster) -> tuple[Event, ...]:
    """Read the events of a cluster's plan.

    Parameters
    ----------
    root : Path
        The project's folder.
    cluster : Cluster

    Returns
    -------
    tuple of Event
        Empty where the cluster has no ``plan.toml``.

    Raises
    ------
    SettingError
        The file, a key or a value is wrong, or the cluster has no such school or year.
    """
    plan = read_own(root, cluster.code, PLAN, _Plan)
    events = plan.events if plan else ()
    where = where_of(cluster.code, PLAN)
    for place, event in enumerate(events):
        check_in_settings(where, f"events.{place}.host", [event.host], cluster.school_codes)
        check_in_settings(where, f"events.{place}.year", [event.year], cluster.years)
    return events


def event_of(events: tuple[Event, ...], number: int, cluster: str) -> Event:
    """Return the event with a number; raise SettingError where the plan has none.

    Examples
    --------
    >>> event_of((), 5, "example")
    Traceback (most recent call last):
    oko.errors.SettingError: В data/clusters/example/plan.toml нет мероприятия 5; есть: –.
    """
    for event in events:
        if event.number == number:
            return event
    raise SettingError(
        "{where} has no event {number}; it has: {known}.",
        where=where_of(cluster, PLAN),
        number=number,
        known=", ".join(str(event.number) for event in events) or "–",
    )
