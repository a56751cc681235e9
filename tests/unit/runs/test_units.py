"""What a year's studies are about: schools, their subjects, instruments; and the sheets that a run leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from oko.errors import RunError, SettingError
from oko.records import store
from oko.records.schema import Tables
from oko.runs.parameters import check_parameters
from oko.runs.sheets import dress_sheets, slug, write_sheet
from oko.runs.units import Chosen, units
from oko.show.page import PageHeader
from project import Project

YEAR = "2020-2021"
HEADER = PageHeader(
    title="Класс", unit="Лицей № 344", cluster="Кластер", year=YEAR, language="ru", edition="internal", example=True,
    source="", study="briefs", key="0123456789ab", made="23.11.2026", version="0.1.0",
)  # fmt: skip


@pytest.fixture
def with_control(project: Project, tables: Tables) -> Project:
    """A year with a mathematics ВПР in two schools and a physics control work in one."""
    control = {"assessment": "control-physics-7", "procedure": "control", "subject": "physics"}
    work = tables.assessments[tables.assessments["year"] == YEAR].assign(**control, prior=None)
    rows = tables.results[(tables.results["year"] == YEAR) & (tables.results["school"] == "498")].assign(**control)
    more = replace(
        tables,
        assessments=pd.concat([tables.assessments, work], ignore_index=True).astype(tables.assessments.dtypes),
        results=pd.concat([tables.results, rows], ignore_index=True),
    )
    store.write(project.workspace.store_folder, more)
    return project


def test_subjects_are_those_in_which_the_school_took_a_work(with_control: Project) -> None:
    ws = with_control.workspace
    assert units(ws, YEAR, "cluster", Chosen()) == [{}]
    assert units(ws, YEAR, "school", Chosen()) == [{"school": "344"}, {"school": "498"}]
    maths = [{"school": code, "subject": "mathematics"} for code in ("344", "498")]
    physics = {"school": "498", "subject": "physics"}
    assert units(ws, YEAR, "school_subject", Chosen()) == [*maths, physics]
    assert units(ws, YEAR, "school_subject", Chosen(school="498")) == [maths[1], physics]
    assert units(ws, YEAR, "school_subject", Chosen(subject="physics")) == [physics]
    for kind in ("cluster", "school", "instrument"):
        assert units(ws, YEAR, kind, Chosen(subject="physics")) == []


def test_instruments_are_the_home_made_ones_or_the_one_named(with_control: Project) -> None:
    ws = with_control.workspace
    assert units(ws, YEAR, "instrument", Chosen()) == [{"instrument": "control-physics-7"}]
    named = Chosen(instrument="vpr-mathematics-7")
    assert units(ws, YEAR, "instrument", named) == [{"instrument": "vpr-mathematics-7"}]
    assert units(ws, YEAR, "school", named) == units(ws, YEAR, "cluster", named) == []


@pytest.mark.parametrize(
    ("kind", "chosen", "words"),
    [
        ("school_subject", Chosen(subject="alchemy"), "alchemy"),
        ("school", Chosen(school="999"), "999"),
        ("instrument", Chosen(instrument="vpr-mathematics-6"), "vpr-mathematics-6"),  # of another year
    ],
)
def test_an_unknown_unit_is_named(with_control: Project, kind: str, chosen: Chosen, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        units(with_control.workspace, YEAR, kind, chosen)


def test_slugs_and_bad_parameters(project: Project) -> None:
    cluster = project.workspace.cluster
    given = {"cluster": "tiny", "year": YEAR}
    subject = {**given, "school": "344", "subject": "physics"}
    assert check_parameters("school_subject", subject, cluster).unit == "school-344-physics"
    assert check_parameters("instrument", {**given, "instrument": "vpr-x"}, cluster).unit == "instrument-vpr-x"
    assert check_parameters("dated", {**given, "as_of": "2021-04-23"}, cluster).unit == "cluster"
    for kind, values in (
        ("school_subject", {**subject, "subject": "../physics"}),
        ("instrument", {**given, "instrument": "a'b"}),
        ("dated", {**given, "as_of": "2021-4-23"}),
        ("dated", {**given, "as_of": "20210423"}),
    ):
        with pytest.raises(SettingError):
            check_parameters(kind, values, cluster)


def test_a_sheet_becomes_a_page_of_its_own(tmp_path: Path) -> None:
    section = write_sheet(tmp_path, "7А", "Класс 7А", "ru", ["Текст < знак"])
    assert 'class="sheet"' in section.markup
    assert 'href="sheets/7a.ru.html"' in section.markup
    dress_sheets(tmp_path, HEADER)
    assert [path.name for path in (tmp_path / "sheets").iterdir()] == ["7a.ru.html"]
    page = (tmp_path / "sheets" / "7a.ru.html").read_text(encoding="utf-8")
    assert "Текст &lt; знак" in page
    assert "Класс. Класс 7А" in page
    assert "учебные данные" in page


def test_two_sheets_never_share_a_file(tmp_path: Path) -> None:
    write_sheet(tmp_path, "7А", "Кириллицей", "ru", ["1"])
    write_sheet(tmp_path, "7А", "Кириллицей", "ru", ["2"])
    with pytest.raises(RunError, match="7a"):
        write_sheet(tmp_path, "7A", "Латиницей", "ru", ["3"])
    assert json.loads((tmp_path / "sheets" / "7a.ru.json").read_text(encoding="utf-8"))["markup"] == "2"
    assert slug("../Ю") == "___yu"
