"""The board and the pages as a person sees them: Russian, alive, closed to the outside, and deaf to scripts in data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

import fake_release
import oko
from oko.runs import present
from oko.show import figures, index, tables
from oko.show.html import prose
from oko.show.page import PageHeader, render

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
PAYLOADS = (
    "<img src=x onerror='window.PWN=1'>",
    "<script>window.PWN=1</script>",
    "</style></textarea>\"'><svg onload=window.PWN=1>",
)
HEADLINE = ".oko-view h1"
YEAR, SUBJECT, WORK, SCHOOL = range(4)


@contextmanager
def opened(work: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKO_WORK", str(work))
        with present.opened(oko.open(ROOT, cluster="example")) as board:
            yield board.address


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    work = tmp_path_factory.mktemp("work")
    results = work / "example" / "results"
    fake_release.write(results, "2018-2019", payload="".join(PAYLOADS))
    fake_release.write(results, "2019-2020")
    fake_release.write(results, "2020-2021")
    with opened(work) as address:
        yield address


def go(visit: Any, address: str) -> Any:
    visit.page.goto(address)
    visit.page.wait_for_selector(".oko-view", timeout=90_000)
    return visit.page


def choose(page: Any, place: int, label: str, headline: str) -> None:
    page.locator("select").nth(place).select_option(label=label)
    page.wait_for_selector(f'{HEADLINE}:has-text("{headline}")', timeout=30_000)


def test_the_board_speaks_russian_and_its_choices_change_it(visit: Any, board: str) -> None:
    page = go(visit, board)
    assert page.evaluate("document.documentElement.lang") == "ru"
    assert "математика" in page.inner_text(HEADLINE)
    assert "с вероятностью 95" in page.inner_text(".headline >> nth=0")
    choose(page, SCHOOL, "Школа № 344", "Школа № 344")
    assert "отклонение от ожидаемого" in page.inner_text(".oko-view")
    choose(page, SUBJECT, "Физика", "физика")
    assert "нет прежнего результата" in page.inner_text(".oko-view")
    choose(page, SUBJECT, "Математика", "математика")
    choose(page, SCHOOL, "Школа № 512", "512")
    assert "Результаты скрыты" in page.inner_text(".headline >> nth=0")
    english = set(re.findall("[A-Za-z]{3,}", page.inner_text("body"))) - {"REML"}
    assert english == set()
    assert (visit.outside, visit.errors) == ([], [])


def test_the_board_can_be_read_from_the_back_row(visit: Any, board: str) -> None:
    page = go(visit, board)
    sizes = page.evaluate(
        "[...document.querySelectorAll('.oko-view *, .oko-board select, .oko-board label')].filter(e => e.innerText && !e.children.length)"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 20
    widths = page.evaluate("[...document.images].map(i => [i.clientWidth, i.naturalWidth, i.alt.length])")
    assert len(widths) == 2
    assert all(shown >= 1150 and natural >= shown and alt > 20 for shown, natural, alt in widths)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("document.documentElement.scrollHeight > window.innerHeight")


def test_scripts_in_every_text_of_a_release_never_run(visit: Any, board: str) -> None:
    page = go(visit, board)
    page.locator("select").nth(YEAR).select_option(label="2018-2019")
    page.wait_for_function("document.querySelector('.oko-view h1').innerText.includes('onerror')", timeout=30_000)
    for place in (SUBJECT, SCHOOL):
        page.locator("select").nth(place).select_option(index=1)
        page.wait_for_timeout(2_000)
    assert page.evaluate("window.PWN") is None
    assert (
        page.evaluate("document.querySelectorAll('.oko-view script, .oko-view svg, .oko-view [onerror]').length") == 0
    )
    assert (visit.outside, visit.errors) == ([], [])


@pytest.mark.parametrize("harm", ["nothing", "damaged"])
def test_without_a_good_release_the_board_says_what_to_do(visit: Any, tmp_path: Path, harm: str) -> None:
    (tmp_path / "example" / "results").mkdir(parents=True)
    if harm == "damaged":
        release = fake_release.write(tmp_path / "example" / "results")
        (release.folder / "tables" / "marks.parquet").write_bytes(b"broken")
    with opened(tmp_path) as address:
        page = go(visit, address)
        said = page.inner_text("body")
    assert "make yearly" in said
    assert ("Выпуск повреждён" if harm == "damaged" else "Показывать пока нечего") in said
    assert not re.search(r"Traceback|Error|\.py\b", said)
    assert str(tmp_path) not in said
    assert visit.outside == []


def test_scripts_in_a_static_page_never_run(visit: Any, tmp_path: Path) -> None:
    payload = "".join(PAYLOADS)
    marks = fake_release.marks().assign(label=payload)
    residuals = fake_release.models()["school_residuals"]
    shown = [
        figures.marks(marks, caption=payload), tables.table(marks.assign(school=payload), ["school", "n"], title=payload, note=payload),
        figures.caterpillar(residuals, dict.fromkeys(fake_release.CODES, payload), ["344"]), prose([payload]),
    ]  # fmt: skip
    cells = [
        nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", {"text/html": made._repr_html_()})])
        for made in shown
    ]
    header = PageHeader(*["x"] * len(fields(PageHeader)))  # type: ignore[arg-type]
    texts = {f.name: payload for f in fields(PageHeader) if f.name not in ("language", "edition", "example")}
    notebook = nbformat.v4.new_notebook(cells=cells)
    page_file, index_file = tmp_path / "page.html", tmp_path / "index.html"
    page_file.write_text(render(notebook, replace(header, language="ru", edition="public", **texts)), encoding="utf-8")
    run = {"edition": "public", "status": "failed", "fresh": True, "seconds": 1.0, "page": None, "log": None}
    texts = dict.fromkeys(("study", "study_title", "unit", "unit_title", "message"), payload)
    manifest = {
        "language": "ru",
        "made": "2026-11-23T12:00:00",
        "example": True,
        "release": None,
        "runs": [run | texts],
    }
    whole = manifest | dict.fromkeys(("cluster", "cluster_name", "year", "source"), payload)
    index_file.write_text(index.render(whole), encoding="utf-8")
    for file in (page_file, index_file):
        visit.page.goto(file.as_uri())
        visit.page.wait_for_timeout(500)
        assert visit.page.evaluate("window.PWN") is None
        assert visit.page.evaluate("document.querySelectorAll('script, svg, [onerror], [onload]').length") == 0
        assert "onerror" in visit.page.inner_text("body")
    assert (visit.outside, visit.errors) == ([], [])
