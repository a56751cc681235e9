"""Names in both languages, and titles of assessments."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from oko import language
from oko.errors import SettingError
from oko.records.cluster import School, read_cluster
from oko.records.example.waves import WAVES
from oko.records.example.works import instrument_of
from oko.records.names import Names, read_names

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def names() -> Names:
    return read_names(ROOT)


def work(procedure: str, subject: str, season: str, year: str, material: object, pupils: object) -> SimpleNamespace:
    return SimpleNamespace(
        procedure=procedure, subject=subject, season=season, year=year, material_grade=material, pupil_grade=pupils
    )


@pytest.mark.parametrize(
    ("row", "ru", "en"),
    [
        (
            work("vpr", "mathematics", "spring", "2020-2021", 7, 7),
            "ВПР, математика, 7 класс, весна 2021",
            "ВПР, mathematics, grade 7, spring 2021",
        ),
        (
            work("vpr", "physics", "autumn", "2020-2021", 7, 8),
            "ВПР, физика, по материалу 7 класса, писали в 8 классе, осень 2020",
            "ВПР, physics, material of grade 7, written in grade 8, autumn 2020",
        ),
        (
            work("exam16", "general", "year", "1990", float("nan"), None),
            "Экзамен в 16 лет, все предметы, 1990",
            "Exam at 16, all subjects, 1990",
        ),
    ],
)
def test_titles(names: Names, row: SimpleNamespace, ru: str, en: str) -> None:
    assert names.assessment_title(row) == ru
    with language.used("en"):
        assert names.assessment_title(row) == en


def test_an_unknown_code_is_its_own_name(names: Names) -> None:
    assert names.text("subject", "<b>alchemy</b>") == "<b>alchemy</b>"


def test_every_code_of_the_example_and_of_london_has_a_name(names: Names) -> None:
    for wave in WAVES:
        assert names.text("procedure", wave.procedure) != wave.procedure
        assert names.text("subject", wave.subject) != wave.subject
    for code in ("nevsky", "example", "london"):
        for school in read_cluster(ROOT, code).schools:
            assert names.text("kind", school.kind) != school.kind
    assert set(School.model_fields["kind"].annotation.__args__) == {
        code for kind, code in names.words if kind == "kind"
    }


def test_every_task_label_has_its_english(names: Names) -> None:
    works = [work for wave in WAVES if (work := instrument_of(ROOT, wave)) is not None]
    labels = {str(label) for work in works for label in work.items["label"].dropna()} - {""}
    assert len(labels) > 250
    for label in labels:
        assert names.text("label", label) == label
        with language.used("en"):
            assert names.text("label", label).isascii(), label


def test_a_file_without_a_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data" / "external" / "names.csv"
    path.parent.mkdir(parents=True)
    path.write_text("kind,code,ru\nsubject,physics,Физика\n", encoding="utf-8")
    with pytest.raises(SettingError, match="en"):
        read_names(tmp_path)
    path.unlink()
    with pytest.raises(SettingError, match=r"names\.csv"):
        read_names(tmp_path)
