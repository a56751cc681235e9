"""A wrong settings file is named with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.records.cluster import read_cluster
from oko.workspace import find_root

GOOD = """
code = "x"
years = ["2020-2021"]
[name]
ru = "Кластер"
en = "Cluster"
[[schools]]
code = "1"
name = { ru = "Первая", en = "First" }
[[schools]]
code = "2"
name = { ru = "Вторая", en = "Second" }
"""


def read(tmp_path: Path, text: str | bytes, code: str = "x") -> object:
    folder = tmp_path / "data" / "clusters" / "x"
    folder.mkdir(parents=True)
    content = text.encode() if isinstance(text, str) else text
    (folder / "cluster.toml").write_bytes(content)
    return read_cluster(tmp_path, code)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    cluster = read(tmp_path, GOOD)
    assert (cluster.latest_year, cluster.school_codes, cluster.threshold) == ("2020-2021", ("1", "2"), 10)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[[schools]]", "[[school]]"), ["school", "schools"]),
        (('code = "2"', 'cod = "2"'), ["schools.1.cod ", "может быть, code?"]),
        (('years = ["2020-2021"]', 'years = ["2020/2021"]'), ["years", "2020/2021"]),
        (('years = ["2020-2021"]', "years = []"), ["years"]),
        (('years = ["2020-2021"]', ""), ["years"]),
        (('code = "2"', 'code = "1"'), ["schools"]),
        (('code = "2"', 'code = "../2"'), ["code", "../2"]),
        (('code = "x"', 'code = "y"'), ["code", "'y'"]),
        (('code = "x"', 'code = "x"\nthreshold = 4'), ["threshold", "4", "5"]),
        (('code = "x"', 'code = "x"\nthreshold = "ten"'), ["threshold", "ten"]),
        (('code = "x"', 'code = "x"\nlanguage = "de"'), ["language", "de"]),
        (('en = "Cluster"', ""), ["name.en"]),
        (('code = "x"', 'code = "x'), ["непонятен со строки", "кавычку"]),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_file(tmp_path: Path, change: tuple[str, str], words: list[str]) -> None:
    assert change[0] in GOOD
    with pytest.raises(SettingError) as caught:
        read(tmp_path, GOOD.replace(change[0], change[1]))
    message = str(caught.value)
    for word in ["data/clusters/x/cluster.toml", *words]:
        assert word in message
    assert caught.value.exit_status == 2


def test_one_school_is_no_cluster(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="schools"):
        read(tmp_path, GOOD[: GOOD.rindex("[[schools]]")])


@pytest.mark.parametrize("code", ["y", "../x", "x/../x", "X", "", "x" * 40, "con\x00"])
def test_an_unknown_cluster_is_named_with_the_known_ones(tmp_path: Path, code: str) -> None:
    with pytest.raises(SettingError, match="x"):
        read(tmp_path, GOOD, code)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"cluster\.toml записан не в UTF-8"):
        read(tmp_path, b"\xff\xfe\x00")


def test_editors_of_windows_may_save_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("\n", "\r\n").encode()
    assert read(tmp_path, b"\xef\xbb\xbf" + text).school_codes == ("1", "2")


@pytest.mark.parametrize("code", ["nevsky", "example", "london"])
def test_the_shipped_clusters_are_valid(code: str) -> None:
    cluster = read_cluster(find_root(Path(__file__)), code)
    assert len(cluster.schools) == 7
