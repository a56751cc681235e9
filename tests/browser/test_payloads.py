"""Every page of a project whose texts are all markup: nothing of them runs, and each stands there letter by letter."""

from __future__ import annotations

import getpass
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hostile
from oko.language import visible
from oko.records.intake import check
from oko.records.readers import Change, Finding
from oko.records.stored import STORED
from oko.records.taken import FileRead, Intake
from oko.runs import intake_report
from oko.show import index
from oko.workspace import Workspace

pytestmark = pytest.mark.timeout(300)
PAGES = ("school_year", "cluster_year", "final", "index", "failed", "intake")
SEEN = """() => ({
  ran: window.PWN !== undefined,
  foreign: [...document.querySelectorAll(
    'script, svg, math, textarea, iframe, object, embed, form, input, base, link, sup, sub, i, b, code, meta[http-equiv=refresh]'
  )].map(e => e.outerHTML.slice(0, 90)),
  handlers: [...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on/i.test(a.name)).length,
  images: [...document.images].filter(i => !i.src.startsWith('data:image/png;base64,') || !i.naturalWidth).length,
  links: [...document.links].map(a => a.getAttribute('href')),
  text: [document.title, document.body.textContent, ...[...document.images].map(i => i.alt)].join('\\n'),
})"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OKO_WORK", raising=False)
        yield hostile.project(tmp_path_factory.mktemp("canary") / "project")


@pytest.fixture(scope="module")
def pages(workspace: Workspace) -> dict[str, Path]:
    made = {run.name: run.folder / run.page for run in hostile.pages(workspace)}
    folder = workspace.results_folder
    made["index"] = folder / hostile.YEAR / "index.html"
    made["failed"] = folder / "failed.html"
    made["failed"].write_text(index.render(failures()), encoding="utf-8")
    made["intake"] = intake_report.write_report(workspace, received(workspace))
    return made


def failures() -> dict[str, Any]:
    run = {"edition": "public", "status": "failed", "fresh": True, "seconds": 1.0, "page": None, "log": None}
    texts = {"study": "x", "study_title": hostile.MARKUP, "unit": "x", "unit_title": hostile.WORDS, "documents": []}
    of_school = {"kind": "school", "school": "x", "school_title": hostile.MARKUP, "subject_title": None}
    event = dict.fromkeys(("number", "title", "aim", "when", "host"), hostile.MARKUP)
    told = {"cluster": "tiny", "cluster_name": hostile.WORDS, "year": hostile.MARKUP, "source": hostile.MARKUP}
    released = {"state": "signed", "reviewer": hostile.MARKUP, "files": 2}
    kinds = [of_school, {**of_school, "kind": "cluster"}]
    runs = [{**run, **texts, **kind, "message": payload} for payload in hostile.PAYLOADS for kind in kinds]
    events = [{**event, "studies": ["x"]}]
    return {
        "language": "ru",
        "events": events,
        "made": "2026-11-23T12:00:00",
        "example": True,
        "release": released,
        "runs": runs,
        **told,
    }


def received(workspace: Workspace) -> Intake:
    """Check files with hostile names and cells, and add a finding and a spelling that say nothing else."""
    raw = workspace.raw_folder
    raw.mkdir(parents=True)
    rows = f'Школа;Класс;{hostile.SHORT}\n344;7А;"{hostile.WORDS}"\n'
    (raw / "<img src=x onerror='window.PWN=1'>.csv").write_text(rows, encoding="utf-8")
    (raw / f"{hostile.SHORT} \u202e{{{{7}}}}.xlsx").write_bytes(b"PK")
    intake = check(workspace.cluster, workspace.root, [raw])
    assert len(intake.files) == 2
    wrong = [
        Finding(payload, 1, payload, "{given} is not a number.", {"given": payload}, kind, payload, check=payload)
        for kind in ("fault", "warning")
        for payload in hostile.PAYLOADS
    ]
    changes = tuple(Change(payload, payload, payload, payload, 1) for payload in hostile.PAYLOADS)
    files = tuple(FileRead(payload, "0" * 16, payload) for payload in hostile.PAYLOADS)
    return replace(intake, findings=(*intake.findings, *wrong), changes=changes, files=(*intake.files, *files))


@pytest.mark.parametrize("table", STORED)
def test_every_text_column_keeps_a_payload_letter_by_letter_or_refuses_it(table: str) -> None:
    found = hostile.taken(table)
    assert set(found) == set(hostile.text_columns(table))
    closed = {column for column, kept in found.items() if not kept}
    assert closed
    for column in closed:
        assert any(one.name != "str_length" for one in STORED[table].columns[column].checks), column


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_no_payload_runs_in_a_page_and_each_is_read_letter_by_letter(
    visit: Any, pages: dict[str, Path], name: str
) -> None:
    visit.page.goto(pages[name].as_uri())
    visit.page.wait_for_timeout(200)
    seen = visit.page.evaluate(SEEN)
    assert not seen["ran"]
    assert (seen["foreign"], seen["handlers"], seen["images"]) == ([], 0, 0)
    assert all(re.fullmatch(r"#[\w-]+|[\w./-]+", link) for link in seen["links"])
    for payload in (hostile.MARKUP, hostile.WORDS):
        assert visible(payload) in seen["text"]
    assert not re.search("[\u202a-\u202e]", seen["text"])
    assert (visit.outside, visit.errors) == ([], [])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_nothing_of_this_machine(pages: dict[str, Path], workspace: Workspace, name: str) -> None:
    text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", pages[name].read_text(encoding="utf-8"))
    here = {
        str(workspace.root),
        str(hostile.ROOT),
        str(Path.home()),
        f"/{getpass.getuser()}",
        sys.prefix,
        tempfile.gettempdir(),
        "canary",
    }
    assert [place for place in here | {platform.node()} if len(place) > 2 and place in text] == []


def test_a_figure_holds_nothing_but_its_picture(pages: dict[str, Path], workspace: Workspace) -> None:
    figures = sorted(workspace.results_folder.rglob("*.png"))
    assert len(figures) >= 11
    for path in figures:
        assert set(chunks(path.read_bytes())) == {"IHDR", "pHYs", "IDAT", "IEND"}, path


def chunks(png: bytes) -> list[str]:
    found, place = [], 8
    while place < len(png):
        found.append(png[place + 4 : place + 8].decode("ascii"))
        place += 12 + int.from_bytes(png[place : place + 4], "big")
    return found
