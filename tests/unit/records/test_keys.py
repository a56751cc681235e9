"""Keys: they lie outside the project, for their owner alone, and what is in them is never told."""

from __future__ import annotations

import re
import stat
import traceback
from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.records import keys
from oko.records.cluster import Cluster, School, Words

HEX = "0123456789abcdef" * 4
PROJECT = Path(__file__).parents[3]


def cluster(code: str = "real", *, example: bool = False) -> Cluster:
    return Cluster(
        code=code,
        name=Words(ru="Кластер", en="Cluster"),
        years=("2020-2021",),
        example=example,
        schools=tuple(School(code=code, name=Words(ru=code, en=code)) for code in ("344", "498")),
    )


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKO_KEYS", str(tmp_path / "keys"))
    (tmp_path / "project" / "data" / "clusters").mkdir(parents=True)
    return tmp_path / "project"


def put(path: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def test_the_folder_of_keys_is_that_of_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OKO_KEYS", str(tmp_path))
    assert keys.key_path("nevsky") == tmp_path / "nevsky.key"
    monkeypatch.delenv("OKO_KEYS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert keys.key_path("nevsky") == tmp_path / "xdg" / "oko" / "keys" / "nevsky.key"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert keys.key_path("nevsky") == tmp_path / "home" / ".config" / "oko" / "keys" / "nevsky.key"


@pytest.mark.parametrize("value", [HEX, f"oko-key-1 {HEX}", "keys/here"])
def test_the_variable_is_a_path_and_never_a_key(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKO_KEYS", value)
    with pytest.raises(SettingError, match="OKO_KEYS") as error:
        keys.key_path("nevsky")
    assert value not in str(error.value)


def test_a_key_is_made_for_its_owner_alone(root: Path) -> None:
    path = keys.make_key(root, "real")
    assert re.fullmatch("oko-key-1 [0-9a-f]{64}\n", path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_keys_differ(root: Path) -> None:
    assert keys.make_key(root, "one").read_bytes() != keys.make_key(root, "two").read_bytes()


def test_a_key_that_is_there_is_never_replaced(root: Path) -> None:
    path = keys.make_key(root, "real")
    before = path.read_bytes()
    with pytest.raises(SettingError, match="уже"):
        keys.make_key(root, "real")
    assert path.read_bytes() == before


def test_a_link_in_the_place_of_a_key_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "real.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SettingError):
        keys.make_key(root, "real")
    assert not (tmp_path / "elsewhere").exists()


def test_what_was_made_is_read(root: Path) -> None:
    made = keys.make_key(root, "real").read_text()
    assert keys.read_key(root, cluster()).hex() in made


def test_a_key_in_another_editor_is_read(root: Path) -> None:
    put(keys.key_path("real"), f"\ufeff# ключ\r\noko-key-1 {HEX}\r\n\r\n")
    assert keys.read_key(root, cluster()) == bytes.fromhex(HEX)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o660])
def test_a_key_that_others_may_read_is_refused(mode: int, root: Path) -> None:
    put(keys.key_path("real"), f"oko-key-1 {HEX}", mode)
    with pytest.raises(SettingError, match="chmod 600"):
        keys.read_key(root, cluster())


BROKEN = ["", HEX, f"oko-key-2 {HEX}", f"oko-key-1 {HEX[:-1]}", f"oko-key-1 {HEX}00", f"oko-key-1 {HEX.upper()}",
          f"oko-key-1 {HEX}\noko-key-1 {HEX}", "oko-key-1 " + "z" * 64, b"\xff\xfe\x00" * 30]  # fmt: skip


@pytest.mark.parametrize("content", BROKEN)
def test_what_is_no_key_is_refused_and_not_repeated(content: str | bytes, root: Path) -> None:
    put(keys.key_path("real"), content)
    with pytest.raises(SettingError, match=r"real\.key") as error:
        keys.read_key(root, cluster())
    told = "".join(traceback.format_exception(error.value))
    assert HEX[:16] not in told
    assert "zzz" not in told


def test_a_key_in_the_project_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKO_KEYS", str(root / "data"))
    with pytest.raises(SettingError, match="OKO_KEYS"):
        keys.make_key(root, "real")
    put(root / "data" / "real.key", f"oko-key-1 {HEX}")
    with pytest.raises(SettingError, match="OKO_KEYS"):
        keys.read_key(root, cluster())


def test_a_link_into_the_project_is_refused(root: Path) -> None:
    inside = put(root / "data" / "hidden", f"oko-key-1 {HEX}")
    keys.key_path("real").parent.mkdir()
    keys.key_path("real").symlink_to(inside)
    with pytest.raises(SettingError, match="OKO_KEYS"):
        keys.read_key(root, cluster())


def test_without_a_key_there_are_no_pseudonyms(root: Path) -> None:
    assert keys.pseudonyms_for(root, cluster()) is None
    with pytest.raises(SettingError, match="oko init"):
        keys.read_key(root, cluster())


def test_with_a_key_there_are_pseudonyms(root: Path) -> None:
    keys.make_key(root, "real")
    made = keys.pseudonyms_for(root, cluster())
    assert made is not None
    assert made.cluster == "real"
    assert len(made.of("name", "a")) == 32


def test_a_bad_key_is_not_the_same_as_none(root: Path) -> None:
    put(keys.key_path("real"), f"oko-key-1 {HEX}", 0o644)
    with pytest.raises(SettingError):
        keys.pseudonyms_for(root, cluster())


def test_an_example_cluster_uses_the_published_key_alone(root: Path) -> None:
    keys.make_key(root, "play")
    assert keys.pseudonyms_for(root, cluster("play", example=True)) is None
    published = keys.make_published_key(root, "play")
    assert keys.read_key(root, cluster("play", example=True)).hex() in published.read_text(encoding="utf-8")
    assert keys.pseudonyms_for(root, cluster("play", example=True)) is not None


def test_a_published_key_may_be_read_by_all(root: Path) -> None:
    keys.make_published_key(root, "play").chmod(0o644)
    assert len(keys.read_key(root, cluster("play", example=True))) == 32


def test_a_published_key_is_refused_for_a_real_cluster(root: Path) -> None:
    published = keys.make_published_key(root, "play").read_bytes()
    put(keys.key_path("real"), published)
    with pytest.raises(SettingError, match="oko init") as error:
        keys.read_key(root, cluster())
    assert published.split()[-1].decode() not in "".join(traceback.format_exception(error.value))


def test_the_published_key_of_the_project_says_what_it_is_in_both_languages() -> None:
    first, second = (PROJECT / "data/clusters/example/published.key").read_text(encoding="utf-8").splitlines()
    assert first == keys.PUBLISHED_COMMENT
    assert "придуманных" in first
    assert "invented" in first
    assert second.startswith("oko-key-1 ")


def test_the_example_cluster_has_its_key() -> None:
    assert keys.pseudonyms_for(PROJECT, cluster("example", example=True)) is not None


HOSTILE = ["../x", "..\\x", "/abs", "C:x", "con", "nul", "com1", "%2e%2e", "a\x00b", "{0.__class__}", "\u202ex", "ｘ",
           "a" * 300, "", ".", "..", "x.", "x\n", "X"]  # fmt: skip


@pytest.mark.parametrize("code", HOSTILE)
def test_a_code_never_leads_out_of_the_folder_of_keys(code: str, root: Path) -> None:
    with pytest.raises(SettingError):
        keys.key_path(code)
    with pytest.raises(SettingError):
        keys.make_key(root, code)


def test_a_folder_that_cannot_be_written_is_named(root: Path, tmp_path: Path) -> None:
    put(tmp_path / "keys", "a file in the way")
    with pytest.raises(SettingError, match="keys"):
        keys.make_key(root, "real")
