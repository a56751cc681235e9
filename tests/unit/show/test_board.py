"""The board shows released results only, offers only what they hold, and says in words when there is nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import fake_release
import protected_rows
from oko.disclosure import journal
from oko.disclosure.release import Release, read_all
from oko.show import board, conference
from oko.show.conference import Choice

PAYLOAD = "<img src=x onerror='window.PWN=1'>"
MATHEMATICS, PHYSICS = "vpr-mathematics-7", "vpr-physics-7"


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return fake_release.write(tmp_path)


def parts(made: Any) -> tuple[list[Any], Any]:
    _, controls, view = made.children
    return list(controls.children), view


def test_choices_are_those_that_the_release_holds(tmp_path: Path) -> None:
    fake_release.write(tmp_path, "2019-2020")
    fake_release.write(tmp_path, "2020-2021")
    (year, subject, work, school, _), view = parts(board.open_conference(tmp_path))
    assert [code for _, code in year.options] == ["2020-2021", "2019-2020"]
    assert [code for _, code in subject.options] == ["mathematics", "physics"]
    assert [code for _, code in work.options] == [MATHEMATICS]
    assert [code for _, code in school.options] == ["", *fake_release.CODES]
    assert "математика" in view.value


def test_a_choice_changes_the_view(tmp_path: Path, release: Release) -> None:
    (_, subject, work, school, _), view = parts(board.open_conference(tmp_path))
    school.value = "344"
    assert "Школа № 344: отклонение от ожидаемого" in view.value
    subject.value = "physics"
    assert work.value == PHYSICS
    assert school.value == "344"
    assert "ВПР, физика, 7 класс. Школа № 344" in view.value
    assert "нет прежнего результата тех же учеников" in view.value


def test_a_hidden_school_says_n_and_the_rule(release: Release) -> None:
    view = str(conference.view(release, Choice(MATHEMATICS, "512")))
    assert "Результаты скрыты: учеников меньше 10" in view
    assert "Школа № 512: числа нет" in view


def test_schools_that_may_not_be_named_are_no_choice(tmp_path: Path) -> None:
    fake_release.write(tmp_path, named=False)
    (_, _, _, school, why), view = parts(board.open_conference(tmp_path))
    assert school.layout.display == "none"
    assert "соглашение кластера" in why.value
    assert "соглашение кластера не разрешает называть школы" in view.value


def test_every_view_says_data_rule_method_and_mark(release: Release) -> None:
    for work in (MATHEMATICS, PHYSICS):
        view = str(conference.view(release, Choice(work)))
        for words in (
            "учебные данные",
            "меньше 10",
            "Данные 2020-2021 учебного года; выпущено 23.11.2026",
            "ВПР не предназначены",
        ):
            assert words in view.replace("\u00a0", " ")
    assert "REML" in str(conference.view(release, Choice(MATHEMATICS)))


def test_real_data_are_not_marked_as_example(tmp_path: Path) -> None:
    view = conference.view(fake_release.write(tmp_path, example=False), Choice(MATHEMATICS))
    assert "учебные данные" not in str(view)


def test_every_text_of_a_release_is_escaped(tmp_path: Path) -> None:
    release = fake_release.write(tmp_path, payload=PAYLOAD)
    for work in (MATHEMATICS, PHYSICS):
        for school in ("", "344", "512"):
            view = str(conference.view(release, Choice(work, school)))
            assert "<img src=x" not in view
            assert "&lt;img src=x" in view


def test_nothing_released_is_a_sentence(tmp_path: Path) -> None:
    _, view = parts(board.open_conference(tmp_path))
    assert "Показывать пока нечего" in view.value
    assert "make yearly" in view.value


@pytest.mark.parametrize("harm", ["change", "delete", "add", "json"])
def test_a_damaged_release_is_a_sentence_and_shows_nothing(tmp_path: Path, release: Release, harm: str) -> None:
    table = release.folder / "tables" / "marks.parquet"
    if harm == "change":
        table.write_bytes(table.read_bytes() + b" ")
    elif harm == "delete":
        table.unlink()
    elif harm == "add":
        (release.folder / "tables" / "more.parquet").write_bytes(b"")
    else:
        (release.folder / "release.json").write_text("{", encoding="utf-8")
    choices, view = parts(board.open_conference(tmp_path))
    assert choices == []
    assert "Выпуск повреждён" in view.value
    assert str(tmp_path) not in view.value


def test_a_withdrawn_release_leaves_an_open_board(tmp_path: Path) -> None:
    fake_release.write(tmp_path, "2019-2020")
    withdrawn = fake_release.write(tmp_path, "2020-2021")
    (year, subject, work, school, why), view = parts(board.open_conference(tmp_path))
    shutil.rmtree(withdrawn.folder)
    school.value = "344"
    assert "Этот выпуск отозван и больше не показывается." in view.value
    assert "<img" not in view.value
    assert [list(choice.options) for choice in (subject, work, school)] == [[], [], []]
    assert {choice.layout.display for choice in (subject, work, school)} == {"none"}
    assert why.value == ""
    year.value = "2019-2020"
    assert "математика" in view.value
    assert [code for _, code in school.options] == ["", *fake_release.CODES]
    assert {choice.layout.display for choice in (subject, work, school)} == {None}
    year.value = "2020-2021"
    assert "отозван" in view.value
    assert list(subject.options) == []


def test_a_copy_of_a_withdrawn_release_is_not_shown(tmp_path: Path, release: Release) -> None:
    (_, subject, _, _, _), view = parts(board.open_conference(tmp_path))
    journal.append(tmp_path, "withdrawn", study=board.STUDY, unit="cluster", year="2020-2021", digest=release.digest)
    subject.value = "physics"
    assert "Этот выпуск отозван" in view.value
    for _ in ("the copy is there", "it is gone"):
        choices, view = parts(board.open_conference(tmp_path))
        assert choices == []
        assert "Этот выпуск отозван" in view.value
        shutil.rmtree(release.folder, ignore_errors=True)


def test_a_release_made_anew_is_not_mixed_with_the_one_that_was_opened(tmp_path: Path) -> None:
    fake_release.write(tmp_path)
    (_, subject, _, _, _), view = parts(board.open_conference(tmp_path))
    fake_release.write(tmp_path, payload=" новый")
    subject.value = "physics"
    assert "выпустили заново" in view.value
    assert "физика" not in view.value


def test_a_release_damaged_while_the_board_is_open_is_not_shown(tmp_path: Path, release: Release) -> None:
    (_, subject, _, _, _), view = parts(board.open_conference(tmp_path))
    table = release.folder / "tables" / "marks.parquet"
    table.write_bytes(table.read_bytes() + b" ")
    subject.value = "physics"
    assert "Выпуск повреждён" in view.value
    assert "физика" not in view.value


def test_a_release_that_goes_while_it_is_read_is_not_shown(
    tmp_path: Path, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    (_, subject, _, _, _), view = parts(board.open_conference(tmp_path, "ru"))
    monkeypatch.setattr(Release, "table", lambda self, name: (self.folder / "gone" / name).read_bytes())
    subject.value = "physics"
    assert "Выпуск повреждён" in view.value
    assert "<img" not in view.value


def test_the_board_shows_bounds_and_hidden_numbers(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = protected_rows.marks().assign(
        assessment=MATHEMATICS, procedure="vpr", subject="mathematics", season="spring"
    )
    inner = Release.table

    def table(self: Release, name: str) -> pd.DataFrame:
        return rows if name == "marks" else inner(self, name)

    monkeypatch.setattr(Release, "table", table)
    views = {code: str(conference.view(release, Choice(MATHEMATICS, code))) for code in ("498", "639")}
    plain = {code: text.replace("\u00a0", " ") for code, text in views.items()}
    assert "Качество (доля отметок «4» и «5») — не меньше 95 %" in plain["498"]
    assert "Число писавших скрыто." in plain["639"]
    for text in plain.values():
        assert "отметки «4» и «5» — не меньше 95 %" in text
        assert "точная доля не показывается" in text
        assert "нет отметок" not in text


def test_the_board_speaks_the_language_it_is_told(
    tmp_path: Path, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKO_LANGUAGE", "en")
    (year, _, _, school, _), view = parts(board.open_conference(tmp_path))
    school.value = "344"
    assert year.description == "School year:"
    assert "difference from what pupils" in view.value
    (year, _, _, _, _), _ = parts(board.conference(read_all(tmp_path, board.STUDY), "ru"))
    assert year.description == "Учебный год:"
