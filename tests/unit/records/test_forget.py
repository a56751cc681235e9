"""What is forgotten goes from every table and every version, stays away, and is noted without names."""

from __future__ import annotations

import datetime
import io
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from oko.errors import DataError, SettingError, StoreError
from oko.records import forget, store
from oko.records.deletion import delete, drop_earlier, without
from oko.records.pseudonyms import Pseudonyms
from oko.records.schema import Tables, conform

WHEN = datetime.datetime(2021, 6, 1, 12, tzinfo=datetime.UTC)
MADE = Pseudonyms("x", bytes(range(32)))


@pytest.fixture
def stored(tmp_path: Path, tables: Tables) -> Path:
    """Two versions of a store in a work folder."""
    folder = tmp_path / "work" / "store"
    store.write(folder, tables, "first")
    store.write(folder, tables, "second")
    return folder


def opened(folder: Path) -> store.Store:
    return store.open_store(folder, "x")


def everything(work: Path) -> str:
    frames = [pd.read_parquet(path) for path in work.rglob("*.parquet")]
    return "\n".join(frame.to_csv() for frame in frames)


def rows_deleted(folder: Path, *asked: tuple[str, str]) -> dict[str, int]:
    return dict(delete(folder, [forget.entry(what, value, "admin", WHEN) for what, value in asked]))  # type: ignore[arg-type]


def test_a_pupil_goes_from_every_table_and_version(stored: Path) -> None:
    assert "344-7" in everything(stored.parent)
    assert rows_deleted(stored, ("pupil", "344-7")) == {"results": 2, "responses/vpr-mathematics-7": 1}
    assert "344-7" not in everything(stored.parent)
    assert opened(stored).query("select count(*) as n from results")["n"].iloc[0] == 46
    assert opened(stored).made_from == "second"


@pytest.mark.parametrize(
    ("what", "value", "n"), [("pupil", "344-7", 1), ("school", "498", 2), ("term", "2020-2021", 4)]
)
def test_options_go_with_the_pupil_the_school_and_the_term(
    tmp_path: Path, tables: Tables, what: str, value: str, n: int
) -> None:
    rows = [("344", "344-7"), ("344", "344-8"), ("498", "498-1"), ("498", "498-2")]
    chosen = pd.DataFrame(rows, columns=["school", "pupil"]).assign(
        assessment="vpr-mathematics-7", item="1", option="Б", example=True
    )
    folder = tmp_path / "work" / "store"
    store.write(folder, replace(tables, registers={"options": conform(chosen, "options")}), "first")
    assert rows_deleted(folder, (what, value))["options"] == n
    assert len(opened(folder).query("select * from options")) == 4 - n


def test_several_pseudonyms_of_a_pupil_go_at_once(stored: Path) -> None:
    assert rows_deleted(stored, ("pupil", "344-7"), ("pupil", "344-8"))["results"] == 4


def test_a_school_goes_and_its_place_in_the_register_stays(stored: Path) -> None:
    assert rows_deleted(stored, ("school", "498")) == {"results": 24, "responses/vpr-mathematics-7": 12}
    assert opened(stored).query("select distinct school from results")["school"].tolist() == ["344"]
    assert len(opened(stored).query("select * from schools")) == 2


def test_a_term_goes_with_its_assessments(stored: Path) -> None:
    rows_deleted(stored, ("term", "2019-2020"))
    left = opened(stored).query("select assessment, prior from assessments")
    assert left["assessment"].tolist() == ["vpr-mathematics-7"]
    assert left["prior"].isna().all()
    assert opened(stored).query("select distinct year from results")["year"].tolist() == ["2020-2021"]


def test_a_season_goes_alone(stored: Path) -> None:
    assert rows_deleted(stored, ("term", "2020-2021 autumn")) == {}
    assert rows_deleted(stored, ("term", "2020-2021 spring"))["items"] == 2
    assert opened(stored).responses == ()


def test_a_term_goes_from_reports_on_groups_and_from_registers(tables: Tables) -> None:
    groups = pd.DataFrame({"assessment": ["vpr-mathematics-7", "vpr-mathematics-6"], "school": ["344", "344"]})
    survey = pd.DataFrame({"year": ["2019-2020", "2020-2021"], "school": ["344", "498"]})
    both = replace(tables, registers={"groups": groups, "survey": survey})
    told = tables.assessments.set_index("assessment")["year"]
    assert told["vpr-mathematics-7"] == "2020-2021"
    left = without(both, forget.Forgotten((forget.entry("term", "2020-2021 spring", ""),))).registers
    assert left["groups"]["assessment"].tolist() == ["vpr-mathematics-6"]
    assert left["survey"]["year"].tolist() == ["2019-2020", "2020-2021"]
    left = without(both, forget.Forgotten((forget.entry("term", "2020-2021", ""),))).registers
    assert left["survey"]["year"].tolist() == ["2019-2020"]


def test_the_log_tells_time_what_and_how_many(tmp_path: Path) -> None:
    forget.log(tmp_path, [forget.entry("pupil", "344-7", "admin\nx", WHEN)], 2)
    forget.log(tmp_path, [forget.entry("school", "498", "admin", WHEN)], 24)
    lines = (tmp_path / "forgotten.log").read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["2021-06-01T12:00:00+00:00", "pupil", "344-7", "rows 2", "admin x"]
    assert lines[1].split("\t")[1:4] == ["school", "498", "rows 24"]


def test_a_damaged_store_is_said(stored: Path) -> None:
    (stored / "results.parquet").write_bytes(b"")
    with pytest.raises(StoreError):
        rows_deleted(stored, ("pupil", "344-7"))


@pytest.mark.parametrize(
    ("what", "value"),
    [("pupil", "Орлова Алёна"), ("pupil", "a b"), ("school", "../x"), ("term", "2020"*2), ("term", "2020-2021 may"),
     ("term", "2020-2021x"), ("name", "x"), ("pupil", "abc\n")],
)  # fmt: skip
def test_what_has_not_its_form_is_refused_and_not_repeated(what: str, value: str) -> None:
    with pytest.raises(SettingError) as error:
        forget.entry(what, value, "admin")
    assert value not in str(error.value)


def test_earlier_versions_go_and_the_present_one_stays(stored: Path) -> None:
    (stored.parent / ".old-store").mkdir()
    assert drop_earlier(stored) == 2
    assert len(opened(stored).query("select * from results")) == 48


def test_the_list_is_kept_in_order_each_once(tmp_path: Path) -> None:
    for value in ("b", "a", "b"):
        forget.record(tmp_path, forget.entry("pupil", value, "admin", WHEN))
    raw = json.loads((tmp_path / "forgotten.json").read_text(encoding="utf-8"))
    assert [row["value"] for row in raw] == ["b", "a"]
    assert raw[0] == {"what": "pupil", "value": "b", "when": "2021-06-01T12:00:00+00:00", "who": "admin"}
    assert forget.read(tmp_path).entries[1] == forget.entry("pupil", "a", "admin", WHEN)


def test_without_a_list_nothing_is_forgotten(tmp_path: Path, tables: Tables) -> None:
    assert forget.read(tmp_path).keeps(tables.results).all()


@pytest.mark.parametrize(
    "content",
    ["", "{", "{}x", '[{"what": "pupil"}]', '{"a": 1}', "[1]", '[{"what":"x","value":"a","when":"","who":""}]'],
)
def test_a_damaged_list_stops_everything(content: str, tmp_path: Path) -> None:
    (tmp_path / "forgotten.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=r"forgotten\.json"):
        forget.read(tmp_path)


ROWS = pd.DataFrame(
    {
        "school": ["344", "498", "344", "344", "344"],
        "pupil": ["a", "a", "b", "c", None],
        "year": ["2019-2020", "2019-2020", "2020-2021", "2020-2021", None],
        "season": ["spring", "spring", "autumn", "spring", None],
    },
    index=[3, 1, 4, 5, 9],
).astype("str")


@pytest.mark.parametrize(
    ("what", "value", "kept"),
    [
        ("pupil", "a", [4, 5, 9]), ("school", "498", [3, 4, 5, 9]), ("term", "2020-2021", [3, 1, 9]),
        ("term", "2020-2021 autumn", [3, 1, 5, 9]), ("pupil", "z", [3, 1, 4, 5, 9]),
    ],
)  # fmt: skip
def test_rows_that_stay(what: str, value: str, kept: list[int]) -> None:
    keeps = forget.Forgotten((forget.entry(what, value, ""),)).keeps(ROWS)
    assert keeps.dtype == bool
    assert ROWS.index[keeps].tolist() == kept


def test_tables_without_pupils_or_terms_keep_what_is_not_told() -> None:
    gone = forget.Forgotten(tuple(forget.entry(*one, "") for one in (("pupil", "a"), ("term", "2019-2020"))))
    assert gone.keeps(ROWS[["school"]]).all()
    assert gone.keeps(ROWS[["year"]]).tolist() == [False, False, True, True, True]


def test_a_pupil_is_told_line_by_line() -> None:
    pupil, alias, undated = forget.pupil_from_input(io.StringIO("Орлова\nАлёна\nИгоревна\n5.3.2008\n"), MADE, "344")
    assert pupil == MADE.of_pupil("Орлова", "Алёна", "Игоревна", "2008-03-05", "344")
    assert alias == MADE.of_name("344", "Орлова", "Алёна", "Игоревна")
    assert undated == MADE.of_pupil("Орлова", "Алёна", "Игоревна", "", "344")


def test_patronymic_and_date_of_birth_may_be_empty_or_lacking() -> None:
    short = forget.pupil_from_input(io.StringIO("Орлова\nАлёна"), MADE, "344")
    assert short == forget.pupil_from_input(io.StringIO("Орлова\nАлёна\n\n\n"), MADE, "344")
    assert len(short) == 2


@pytest.mark.parametrize("text", ["", "Орлова\n\n", "\nАлёна\n"])
def test_surname_and_name_are_needed(text: str) -> None:
    with pytest.raises(SettingError):
        forget.pupil_from_input(io.StringIO(text), MADE, "344")


def test_at_a_keyboard_each_line_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    forget.pupil_from_input(Keyboard("Орлова\nАлёна\n\n\n"), MADE, "344")
    asked = capsys.readouterr()
    assert asked.out == ""
    assert "Фамилия: " in asked.err
    assert "Орлова" not in asked.err
