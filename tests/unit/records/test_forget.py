"""What is forgotten goes from every table and every version, stays away, and is noted without names."""

from __future__ import annotations

import datetime
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from oko import language
from oko.errors import DataError, SettingError
from oko.records import forget, store
from oko.records.deletion import drop_earlier
from oko.records.deletion import forget as delete
from oko.records.pseudonyms import Pseudonyms
from oko.records.schema import Tables

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


def test_a_pupil_goes_from_every_table_and_version(stored: Path) -> None:
    assert "344-7" in everything(stored.parent)
    done = delete(stored, pupil="344-7", who="admin", when=WHEN)
    assert "344-7" not in everything(stored.parent)
    assert done.rows == {"results": 2, "responses/vpr-mathematics-7": 1}
    assert opened(stored).query("select count(*) as n from results")["n"].iloc[0] == 46
    assert opened(stored).made_from == "second"


def test_several_pseudonyms_of_a_pupil_go_at_once(stored: Path) -> None:
    assert delete(stored, pupil=["344-7", "344-8"]).rows["results"] == 4


def test_a_school_goes_and_its_place_in_the_register_stays(stored: Path) -> None:
    assert delete(stored, school="498", when=WHEN).rows == {"results": 24, "responses/vpr-mathematics-7": 12}
    assert opened(stored).query("select distinct school from results")["school"].tolist() == ["344"]
    assert len(opened(stored).query("select * from schools")) == 2


def test_a_term_goes_with_its_assessments(stored: Path) -> None:
    delete(stored, term="2019-2020")
    left = opened(stored).query("select assessment, prior from assessments")
    assert left["assessment"].tolist() == ["vpr-mathematics-7"]
    assert left["prior"].isna().all()
    assert opened(stored).query("select distinct year from results")["year"].tolist() == ["2020-2021"]


def test_a_season_goes_alone(stored: Path) -> None:
    assert delete(stored, term="2020-2021 autumn").rows == {}
    done = delete(stored, term="2020-2021 spring")
    assert done.rows["items"] == 2
    assert opened(stored).responses == ()


def test_files_that_hold_it_still_are_named(tmp_path: Path, tables: Tables) -> None:
    results = tables.results.assign(source=["0" * 16, "1" * 16] * 24)
    files = pd.DataFrame(
        {"source": ["0" * 16, "1" * 16], "file": ["b.csv", "a.csv"], "layout": "tidy", "schools": "344",
         "assessments": "x", "rows": 24, "rows_left": 0}
    )  # fmt: skip
    told = Tables(tables.schools, tables.assessments, tables.items, results, tables.responses, files)
    store.write(tmp_path / "store", told)
    place = results.index[results["source"] == "0" * 16][0]
    done = delete(tmp_path / "store", pupil=results["pupil"][place])
    with language.used("en"):
        assert "b.csv" in done.what_follows()[0]
    assert set(done.files) <= {"a.csv", "b.csv"}


def test_the_log_tells_time_what_and_how_many(stored: Path) -> None:
    delete(stored, pupil="344-7", who="admin\nx", when=WHEN)
    delete(stored, school="498", who="admin", when=WHEN)
    lines = (stored.parent / "forgotten.log").read_text(encoding="utf-8").splitlines()
    assert lines[0].split("\t") == ["2021-06-01T12:00:00+00:00", "pupil", "344-7", "rows 2", "admin x"]
    assert lines[1].split("\t")[1:4] == ["school", "498", "rows 24"]


def test_the_list_is_noted_before_there_is_a_store(tmp_path: Path) -> None:
    done = delete(tmp_path / "work" / "store", pupil="abc", when=WHEN)
    assert done.rows == {}
    assert [entry.value for entry in forget.read(tmp_path / "work").entries] == ["abc"]


def test_a_damaged_store_does_not_lose_the_note(stored: Path) -> None:
    (stored / "results.parquet").write_bytes(b"")
    with pytest.raises(DataError):
        delete(stored, pupil="344-7")
    assert forget.read(stored.parent).entries[0].value == "344-7"


@pytest.mark.parametrize("asked", [{}, {"pupil": "a", "school": "344"}, {"school": "344", "term": "2020-2021"}])
def test_one_thing_at_a_time(asked: dict[str, str], stored: Path) -> None:
    with pytest.raises(SettingError, match="что-то одно"):
        delete(stored, **asked)
    assert not (stored.parent / "forgotten.json").exists()


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


def test_aliases_of_a_pupil_are_found() -> None:
    links = pd.DataFrame({"alias": ["2", "1", "3"], "pupil": ["p", "p", "q"]})
    assert forget.aliases_of(["p"], links) == ("1", "2")


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
