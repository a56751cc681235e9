"""The plan of a cluster: events in their order, with the studies that serve them."""

from __future__ import annotations

from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.records.cluster import read_cluster
from oko.records.events import event_of, read_events
from oko.runs.plan import plan
from oko.runs.registry import read_registry
from oko.workspace import find_root
from project import Project

ROOT = find_root(Path(__file__))
EVENT = """
[[events]]
number = 3
month = "2020-02"
host = "498"
year = "2019-2020"
studies = ["good"]
as_of = 2020-02-14
title = { ru = "Семинар", en = "Seminar" }
aim = { ru = "Цель", en = "Aim" }
"""


@pytest.mark.parametrize("code", ["nevsky", "example"])
def test_the_plan_has_the_eight_events_of_the_cluster_with_known_studies(code: str) -> None:
    events = read_events(ROOT, read_cluster(ROOT, code))
    assert [event.number for event in events] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert [event.host for event in events] == ["344", "344", "498", "344", "344", "344", "498", "344"]
    assert [event.month for event in events][:2] == ["2019-10", "2019-12"]
    assert events[0].year == "2018-2019"
    assert {name for event in events for name in event.studies} <= set(read_registry(ROOT))


def test_a_study_that_the_plan_misspells_is_named_with_the_plan(project: Project) -> None:
    project.study("good", "1")
    (project.root / "data/clusters/tiny/plan.toml").write_text(EVENT.replace("good", "goood"), encoding="utf-8")
    with pytest.raises(SettingError, match=r"plan\.toml, ключ events\.0\.studies: 'goood' — такого нет; есть: .*good"):
        plan(project.workspace, "2019-2020")


def test_a_cluster_without_a_plan_has_no_events(project: Project) -> None:
    assert project.workspace.events == ()


def test_a_plan_is_read_and_an_event_found(project: Project) -> None:
    (project.root / "data/clusters/tiny/plan.toml").write_text(EVENT, encoding="utf-8")
    (event,) = project.workspace.events
    assert event.title.text() == "Семинар"
    assert event_of(project.workspace.events, 3, "tiny") == event
    with pytest.raises(SettingError, match=r"data/clusters/tiny/plan.toml нет мероприятия 5; есть: 3"):
        event_of(project.workspace.events, 5, "tiny")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('host = "498"', 'host = "999"'), "999"),
        (('year = "2019-2020"', 'year = "2001-2002"'), "2001-2002"),
        (('month = "2020-02"', 'month = "2020-13"'), "events.0.month"),
        (("number = 3", "number = 0"), "events.0.number"),
        (('studies = ["good"]', 'studis = ["good"]'), "studies"),
        (("as_of = 2020-02-14", 'as_of = "февраль"'), "events.0.as_of"),
        ((EVENT, EVENT + EVENT), "по порядку номеров"),
    ],
)
def test_a_wrong_plan_is_named(project: Project, change: tuple[str, str], words: str) -> None:
    (project.root / "data/clusters/tiny/plan.toml").write_text(EVENT.replace(*change), encoding="utf-8")
    with pytest.raises(SettingError) as caught:
        read_events(project.root, project.workspace.cluster)
    assert words in str(caught.value)
