"""What was planted in the example is found by the self-study and the study of ways, and named in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from cells import Shown, run_cells
from oko.workspace import Workspace

YEAR = "2018-2019"
NAMES = {
    "charts": "Чтение таблиц, диаграмм, графиков",
    "modelling": "Моделирование",
    "proof": "Доказательство и обоснование",
}


def text(shown: Shown) -> str:
    return re.sub(r"\s+", " ", shown.markup.replace("\u00a0", " "))


@pytest.fixture(scope="module")
def study(example: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return run_cells(example, "self_study", tmp_path_factory.mktemp("self_study"), year=YEAR)


@pytest.fixture(scope="module")
def ways(example: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return run_cells(example, "models_and_zones", tmp_path_factory.mktemp("models_and_zones"), year=YEAR)


def planted(example: Workspace) -> dict[str, object]:
    return dict(json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8")))


def test_the_three_planted_deficits_are_shared_and_nothing_else_is(study: Shown, example: Workspace) -> None:
    found = study.table("shared")
    deficits = found[found["kind"] == "deficit"]
    assert set(deficits["skill"]) == {deficit["skill"] for deficit in planted(example)["deficits"]}  # type: ignore[index, attr-defined]
    assert set(deficits["subject"]) == {"mathematics"}  # physics has too few tasks of each skill
    assert (deficits["facility"] < deficits["expected"]).all()
    for name in NAMES.values():
        assert f"{name} (математика, весна): решаемость" in text(study)


def test_the_school_without_deficits_is_named_as_such(study: Shown, example: Workspace) -> None:
    (code,) = planted(example)["without_deficits"]  # type: ignore[misc]
    profiles = study.table("profiles")
    deficits = profiles[(profiles["kind"] == "deficit") & profiles["skill"].isin(NAMES)]
    assert len(deficits)
    assert code not in set(deficits["school"])
    said = re.search(r"Ни один из общих дефицитов не виден сверх погрешности в школ\w+: ([^<]*)<", text(study))
    assert said is not None
    assert f"№ {code}" in said[1]


def test_the_same_deficit_is_looked_for_in_physics(study: Shown) -> None:
    assert "skill" in study.figures()
    assert "физика — заданий слишком мало, чтобы судить об умении отдельно" in text(study)
    tasks = study.table("tasks").set_index(["assessment", "item"])
    assert (tasks.loc[[("vpr-physics-7-spring-2019", item) for item in ("4", "6")], "logits_upper"] < 0).all()


def test_people_and_tasks_stand_side_by_side_and_the_draft_has_its_blanks(study: Shown, example: Workspace) -> None:
    beside = study.table("beside")
    assert set(beside["skill"]) == set(NAMES)
    assert set(beside["finding"]) <= {"both", "results", "unclear"}
    assert "________" in text(study)
    assert f"меньше {example.cluster.threshold} учеников" in text(study)


def test_no_number_rests_on_too_few(study: Shown, ways: Shown, example: Workspace) -> None:
    for shown in (study, ways):
        for path in (shown.folder / "tables").glob("*.parquet"):
            frame = pd.read_parquet(path)
            known = frame.loc[~frame["hidden"], "n"]
            assert (known >= example.cluster.threshold).all(), path.stem


def test_ways_contradict_each_other_where_the_data_say_so(ways: Shown) -> None:
    marks = ways.table("marks").query("scope == 'cluster'").set_index("assessment")
    said = re.search(r"По качеству работа «([^»]*)» выполнена лучше, чем «([^»]*)»", text(ways))
    assert said is not None
    assert said[1] != said[2]
    assert marks["quality"].notna().sum() > 1
    assert "Порог против профиля. Чтение таблиц, диаграмм, графиков" in text(ways)


def test_rare_subjects_need_the_network_and_pairs_meet_a_deficit(ways: Shown, example: Workspace) -> None:
    zones = ways.table("zones").set_index(["subject", "pupil_grade"])
    exam = zones.loc[("physics", 11)]
    assert exam["zone"] == "together"
    assert exam["n_small"] == exam["n_schools"]
    assert "Физика, 11 класс" in text(ways)
    pairs = ways.table("pairs")
    (code,) = planted(example)["without_deficits"]  # type: ignore[misc]
    assert set(pairs["skill"]) <= set(NAMES)
    assert code in set(pairs["giver"])
    assert code not in set(pairs["receiver"])


@pytest.mark.parametrize("study_id", ["self_study", "models_and_zones"])
def test_a_year_without_tasks_outside_says_what_is_lacking(study_id: str, example: Workspace, tmp_path: Path) -> None:
    shown = run_cells(example, study_id, tmp_path, year="2019-2020")
    assert shown.table("shared").empty
    assert "нужны результаты школ вне кластера" in text(shown)
