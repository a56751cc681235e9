"""Every study on the smallest data: it ends, leaves its declared tables, and says in words what is lacking."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cells import SCHOOL, SMALLEST, YEAR, Shown, run_cells, small_store, whole_store
from oko.records.schema import Tables
from oko.runs.registry import Study, read_registry
from oko.show.html import END
from oko.workspace import Workspace, find_root

STUDIES = read_registry(find_root(Path(__file__)))
SHORT = {"cluster_year", "instrument_quality", "interim", "launch", "metasubject", "pupil_events", "teacher_learning"}
INSTRUMENT = "control-general-7-winter-2021"
PARAMETERS = {
    "cluster": {"year": YEAR},
    "school": {"year": YEAR, "school": SCHOOL},
    "school_subject": {"year": YEAR, "school": SCHOOL, "subject": "mathematics"},
    "instrument": {"year": YEAR, "instrument": INSTRUMENT},
}


@pytest.fixture(scope="module")
def everything(example: Workspace) -> Tables:
    return whole_store(example)


def shown(study: Study, name: str, workspace: Workspace, folder: Path, language: str = "ru") -> Shown:
    return run_cells(workspace, name, folder, language, **PARAMETERS[study.unit])


def readable(markup: str) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]*>", " ", markup, flags=re.S))


def check(found: Shown) -> None:
    text = readable(found.markup)
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|<NA>|Traceback|DataFrame|Statement\(", text), text
    assert len(text) > 300
    for section in found.markup.split("## ")[1:]:
        heading, _, said = section.partition("\n")
        assert readable(said).strip(), heading
    assert not re.search(r'alt="(?:[^"]* )?\."', found.markup)  # a picture of nothing


@pytest.mark.parametrize("name", list(STUDIES))
def test_before_the_first_file_a_study_says_what_is_lacking(
    name: str, everything: Tables, example: Workspace, tmp_path: Path
) -> None:
    empty = small_store(everything, "nobody", example, tmp_path / "work")
    found = shown(STUDIES[name], name, empty, tmp_path / "run")
    check(found)
    assert (END in found.markup) == (name in SHORT)


def test_of_one_pupil_no_effect_is_shown(everything: Tables, example: Workspace, tmp_path: Path) -> None:
    alone = small_store(everything, "one_pupil", example, tmp_path / "work")
    found = shown(STUDIES["final"], "final", alone, tmp_path / "run")
    assert found.figures() <= {"feedback"}
    assert "Крафту" not in found.markup
    assert "набраны в" not in found.markup


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in SMALLEST if case != "nobody"])
@pytest.mark.parametrize("name", list(STUDIES))
def test_the_smallest_data_give_a_readable_page(
    name: str, case: str, everything: Tables, example: Workspace, tmp_path: Path
) -> None:
    small = small_store(everything, case, example, tmp_path / "work")
    check(shown(STUDIES[name], name, small, tmp_path / "run"))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(STUDIES))
def test_every_year_and_both_languages_give_a_readable_page_of_the_same_tables(
    name: str, example: Workspace, tmp_path: Path
) -> None:
    unit = PARAMETERS[STUDIES[name].unit]
    for year in example.cluster.years:
        for language in ("ru", "en"):
            values = {**unit, "year": year}
            if "instrument" in unit and year != YEAR:
                continue
            found = run_cells(example, name, tmp_path / f"{year}-{language}", language, **values)
            check(found)
            if language == "en":
                english = re.sub("«[^»]*»", "", readable(found.markup))  # documents keep their Russian titles
                assert not re.search("[А-Яа-яё]{4,} [а-яё]{3,} [а-яё]{3,}", english), year
                for path in (tmp_path / f"{year}-ru" / "tables").glob("*.parquet"):
                    assert path.read_bytes() == (found.folder / "tables" / path.name).read_bytes(), (year, path.name)
