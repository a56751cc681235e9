"""Documents of a run: made beside the page, named in its record, released only as the page and the tables make them."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pypdf
import pytest
from python_calamine import CalamineWorkbook

from oko.disclosure import protect
from oko.folders import sha256
from oko.runs import documents
from oko.runs.execute import _render
from oko.runs.gate import check_runs
from oko.runs.page import write_table
from oko.runs.plan import Run, plan
from oko.runs.record import write_record
from oko.runs.releases import release_runs
from project import COUNT, Project

_MADE: dict[str, Path] = {}


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("OKO_WORK", raising=False)
    if not _MADE:
        folder = request.getfixturevalue("tmp_path_factory").mktemp("documents")
        first = Project(folder, request.getfixturevalue("tables"))
        first.study("open", COUNT, edition="public")
        _MADE["root"] = first.root
    made = Project.__new__(Project)
    made.root = tmp_path / "project"
    shutil.copytree(_MADE["root"], made.root)
    studies = made.root / "templates" / "studies.toml"
    studies.write_text(studies.read_text("utf-8").replace("timeout =", "word = true\ntimeout =", 1), encoding="utf-8")
    return made


def finished(project: Project) -> Run:
    """Put a run in place whose page was rendered as after its notebook."""
    (run,) = plan(project.workspace, "2020-2021", study="open", school="344")
    shown = protect(pd.DataFrame({"school": ["344", "498"], "n": [7, 40]}))
    write_table(run.folder / "tables" / "counts.parquet", shown.frame)
    (run.folder / "protection").mkdir()
    (run.folder / "protection" / "counts.json").write_text(json.dumps(shown.memory()), encoding="utf-8")
    _render(run, run.folder, nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## Вопрос?\n\nСлова.")]))
    write_record(run, run.folder, "done", None, 1.0)
    return run


def record(run: Run) -> dict[str, object]:
    return dict(json.loads((run.folder / "run.json").read_text(encoding="utf-8")))


def refused(project: Project, run: Run) -> dict[str, str]:
    (one,) = check_runs(project.workspace, [run])
    return {v.output: f.code for v in one.refused for f in v.findings if f.refuses}


def test_documents_lie_beside_the_page_and_in_the_record(project: Project) -> None:
    run = finished(project)
    outputs = {o["path"]: o["sensitivity"] for o in record(run)["outputs"]}  # type: ignore[attr-defined]
    assert outputs.items() >= dict.fromkeys(["page.ru.pdf", "page.ru.docx", "tables.ru.xlsx"], "public").items()
    assert record(run)["not_made"] == {}
    assert "Вопрос?" in pypdf.PdfReader(run.folder / "page.ru.pdf").pages[0].extract_text()


def test_a_study_of_one_sheet_has_a_pdf_that_is_set_so_and_the_gate_makes_it_so_again(project: Project) -> None:
    first = finished(project)
    whole = (first.folder / "page.ru.pdf").read_bytes()
    shutil.rmtree(first.folder)
    studies = project.root / "templates" / "studies.toml"
    studies.write_text(studies.read_text("utf-8").replace("word = true", "one_page = true"), encoding="utf-8")
    run = finished(project)
    assert run.study.one_page
    assert (run.folder / "page.ru.pdf").read_bytes() != whole
    assert documents.is_of_run(run, run.folder, "page.ru.pdf")
    (run.folder / "page.ru.pdf").write_bytes(whole)
    assert not documents.is_of_run(run, run.folder, "page.ru.pdf")


def test_the_workbook_has_names_symbols_and_numbers(project: Project) -> None:
    book = CalamineWorkbook.from_path(finished(project).folder / "tables.ru.xlsx")
    cover, notes, counts = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    assert cover[0] == ["Важно", "учебные данные: результаты вымышлены"]
    assert ["О ком", "Лицей № 344"] in cover
    assert any(row[0].startswith("c — скрыто: за числом стоит меньше 10 учеников") for row in notes)
    assert counts[2:] == [["Школа", "Учеников, n"], ["c", "c"], ["Гимназия № 498", 40.0]]


def test_what_the_page_makes_is_released_with_it(project: Project) -> None:
    (made,) = release_runs(project.workspace, [finished(project)], None)
    assert {"page.ru.pdf", "page.ru.docx", "tables.ru.xlsx"} <= set(made.files)
    package = json.loads((made.folder / "datapackage.json").read_text(encoding="utf-8"))
    told = {entry["path"]: entry for entry in package["resources"]}
    assert told["page.ru.pdf"]["mediatype"] == "application/pdf"
    assert (
        told["tables.ru.xlsx"]["description"]
        == "Все таблицы исследования одной книгой, с примечаниями и обозначениями."
    )


@pytest.mark.parametrize("name", ["page.ru.pdf", "page.ru.docx", "tables.ru.xlsx"])
def test_a_document_of_another_page_is_refused_even_where_the_record_knows_it(project: Project, name: str) -> None:
    run = finished(project)
    path = run.folder / name
    if name.endswith("pdf"):
        writer = pypdf.PdfWriter(clone_from=path)
        writer.add_metadata({"/Subject": "Иванов Иван"})
        writer.write(path)
    else:
        with zipfile.ZipFile(path, "a") as package:
            package.writestr("docProps/custom.xml", "<a>Иванов Иван</a>")
    known = record(run)
    known["outputs"] = [{**o, "sha256": sha256(run.folder / o["path"])} for o in known["outputs"]]  # type: ignore[attr-defined]
    (run.folder / "run.json").write_text(json.dumps(known), encoding="utf-8")
    assert refused(project, run) == {name: "not_of_page"}


def test_without_typst_the_page_stands_and_the_record_says_why(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    run = finished(project)
    assert [*record(run)["not_made"]] == ["page.ru.pdf"]  # type: ignore[misc]
    assert "Typst" in str(record(run)["not_made"])
    assert not (run.folder / "page.ru.pdf").exists()
    assert (run.folder / "page.ru.docx").exists()
    assert refused(project, run) == {}


def test_the_same_run_gives_the_same_documents(project: Project) -> None:
    run = finished(project)
    for name in documents.names(run):
        assert documents.is_of_run(run, run.folder, name)
        assert documents.expected(run, run.folder, name) == (run.folder / name).read_bytes()
