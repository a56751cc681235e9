"""The model of using results is read with its mistakes named."""

from __future__ import annotations

from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.records.cluster import read_cluster
from oko.records.model_passport import Model, read_model

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "data" / "clusters" / "example"


def read(tmp_path: Path, change: tuple[str, str]) -> Model | None:
    """Read the example's model with one change, in a project of its own."""
    folder = tmp_path / "data" / "clusters" / "example"
    folder.mkdir(parents=True)
    text = (EXAMPLE / "model.toml").read_text(encoding="utf-8")
    assert change[0] in text
    (folder / "model.toml").write_text(text.replace(*change, 1), encoding="utf-8")
    (tmp_path / "data" / "external").symlink_to(ROOT / "data" / "external")
    return read_model(tmp_path, read_cluster(ROOT, "example"))


def test_the_examples_and_the_clusters_model_are_whole() -> None:
    for code in ("example", "nevsky"):
        model = read_model(ROOT, read_cluster(ROOT, code))
        assert model is not None
        assert {rule.trigger for rule in model.rules} == {"task", "fail", "journal", "zone", "shared", "work"}
        assert model.rule("task", "class") is not None
        assert model.rule("zone", "class") is None
    assert read_model(ROOT, read_cluster(ROOT, "london")) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('role = "teacher"', 'role = "janitor"'), "rules.0.role"),
        (('action = "lesson"', 'action = "sleep"'), "rules.0.action"),
        (('indicator = "targets"', 'indicator = "luck"'), "rules.0.indicator"),
        (('unit = "class"', 'unit = "cluster"'), "rules.0"),
        (("limit = 0.15\n", ""), "rules.2"),
        (('code = "task_grade"', 'code = "task_class"'), "rules"),
        (("days = 30", "days = 0"), "rules.0.days"),
        (('version = "0"', 'versoin = "0"'), "version"),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(SettingError) as caught:
        read(tmp_path, change)
    assert "data/clusters/example/model.toml" in str(caught.value)
    assert said in str(caught.value)
