"""A new cluster: settings that can be read at once, a key outside the project, and nothing overwritten."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.records import keys
from oko.records.cluster import read_cluster
from oko.records.new_cluster import make_cluster
from oko.records.readers.context import Told
from oko.records.settings_files import read_toml, validate

TODAY = datetime.date(2021, 4, 15)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKO_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("OKO_WORK", raising=False)
    (tmp_path / "project" / "data" / "clusters").mkdir(parents=True)
    return tmp_path / "project"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_unknown_code_becomes_a_cluster(root: Path, tmp_path: Path) -> None:
    made = make_cluster(root, "river", title_ru="Речной кластер", title_en="River cluster", today=TODAY)
    assert made == [
        root / "data/clusters/river/cluster.toml",
        tmp_path / "keys/river.key",
        root / "data/work/river/raw/received.toml",
    ]
    cluster = read_cluster(root, "river")
    assert (cluster.name.ru, cluster.name.en) == ("Речной кластер", "River cluster")
    assert cluster.years == ("2018-2019", "2019-2020", "2020-2021")
    assert not cluster.agreement.names_schools
    assert "придуман" in cluster.schools[0].name.ru
    assert keys.pseudonyms_for(root, cluster) is not None


@pytest.mark.parametrize("title", ['Кластер "Нева"', "C:\\new", "a\nb = 1", "{bare}", "\u202e\x7f\t#"])
def test_any_title_is_only_a_title(title: str, root: Path) -> None:
    make_cluster(root, "river", title_ru=title, title_en=title)
    assert read_cluster(root, "river").name.ru == " ".join(title.split())


def test_without_titles_the_code_stands_in_them(root: Path) -> None:
    make_cluster(root, "river")
    assert read_cluster(root, "river").name.ru == "Кластер river"


def test_the_file_about_files_received_says_nothing_until_it_is_edited(root: Path) -> None:
    make_cluster(root, "river")
    path = root / "data/work/river/raw/received.toml"
    assert validate(Told, read_toml(path, "received.toml"), "received.toml") == Told()


def test_each_line_of_the_file_about_files_received_is_right_when_it_is_edited(root: Path) -> None:
    make_cluster(root, "river")
    path = root / "data/work/river/raw/received.toml"
    lines = [line.removeprefix("# ") for line in path.read_text(encoding="utf-8").splitlines() if " = " in line]
    path.write_text("\n".join(lines), encoding="utf-8")
    told = validate(Told, read_toml(path, "received.toml"), "received.toml")
    assert (told.school, told.procedure, told.season, told.pupil_grade) == ("1001", "vpr", "autumn", 7)


def test_a_second_time_nothing_is_made_and_nothing_changes(root: Path, tmp_path: Path) -> None:
    make_cluster(root, "river")
    before = contents(tmp_path)
    assert make_cluster(root, "river", title_ru="Другой") == []
    assert contents(tmp_path) == before


def test_a_known_code_without_a_key_gets_what_is_missing(root: Path) -> None:
    make_cluster(root, "river")
    settings = root / "data/clusters/river/cluster.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("1001", "77"), encoding="utf-8")
    keys.key_path("river").unlink()
    assert make_cluster(root, "river") == [keys.key_path("river")]
    assert read_cluster(root, "river").schools[0].code == "77"


def test_the_work_folder_is_where_the_settings_say(root: Path, tmp_path: Path) -> None:
    make_cluster(root, "river")
    settings = root / "data/clusters/river/cluster.toml"
    elsewhere = f'work = "{tmp_path / "elsewhere"}"\n'
    settings.write_text(elsewhere + settings.read_text(encoding="utf-8"), encoding="utf-8")
    assert make_cluster(root, "river") == [tmp_path / "elsewhere/raw/received.toml"]


def test_the_work_folder_may_be_that_of_the_variable(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "everywhere"))
    assert make_cluster(root, "river")[-1] == tmp_path / "everywhere/river/raw/received.toml"


def test_an_example_cluster_gets_a_published_key_and_no_file_among_those_that_are_made(root: Path) -> None:
    make_cluster(root, "river")
    settings = root / "data/clusters/play/cluster.toml"
    settings.parent.mkdir()
    text = (root / "data/clusters/river/cluster.toml").read_text(encoding="utf-8").replace('"river"', '"play"')
    settings.write_text(text.replace('source = "raw"', 'source = "example"\nexample = true'), encoding="utf-8")
    assert make_cluster(root, "play") == [settings.parent / "published.key"]


@pytest.mark.parametrize("code", ["../x", "/abs", "con", "Река", "a" * 33, "", "x.", "x\n", "{0.__class__}"])
def test_a_code_that_is_none_makes_nothing(code: str, root: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError):
        make_cluster(root, code)
    assert contents(tmp_path) == {}
