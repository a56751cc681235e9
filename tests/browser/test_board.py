"""The board and the pages as a person sees them: Russian, alive, closed to the outside, and deaf to scripts in data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fake_release
import hostile
import oko
from oko.language import visible
from oko.runs import present

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
HEADLINE = ".oko-view h1"
HOSTILE, DAMAGED = "2018-2019", "2019-2020"
YEAR, SUBJECT, WORK, SCHOOL = range(4)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work") / "example" / "results"
    fake_release.write(folder, HOSTILE, payload=hostile.MARKUP + hostile.WORDS)
    for year in (DAMAGED, "2020-2021"):
        fake_release.write(folder, year)
    return folder


@pytest.fixture(scope="module")
def board(results: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKO_WORK", str(results.parents[1]))
        with present.opened(oko.open(ROOT, cluster="example")) as made:
            yield made.address


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
    page.locator("select").nth(YEAR).select_option(label=HOSTILE)
    page.wait_for_function(f"document.querySelector('{HEADLINE}').innerText.includes('onerror')", timeout=30_000)
    for place in (SUBJECT, SCHOOL):
        before = page.inner_text(HEADLINE)
        page.locator("select").nth(place).select_option(index=1)
        page.wait_for_function(
            "old => document.querySelector('.oko-view h1').innerText != old", arg=before, timeout=30_000
        )
    assert page.evaluate("window.PWN") is None
    foreign = "script, svg, sup, sub, math, iframe, textarea, b, code, a, [onerror], [onload]"
    assert page.evaluate(f"document.querySelectorAll('.oko-board :is({foreign})').length") == 0
    payload = visible(hostile.MARKUP + hostile.WORDS)
    choices = page.locator("select").evaluate_all("all => all.map(e => [...e.options].map(o => o.text).join())")
    assert all(payload in text.replace("\xa0", " ") for text in choices[SUBJECT:])
    assert (
        page.evaluate("[...document.querySelectorAll('.oko-view')].map(e => e.textContent).join()").count(payload) >= 3
    )
    assert not re.search("[\u202a-\u202e]", "".join(choices) + page.inner_text("body"))
    assert (visit.outside, visit.errors) == ([], [])


def test_a_release_damaged_while_the_board_is_open_is_not_shown(visit: Any, board: str, results: Path) -> None:
    table = next(results.glob(f"{DAMAGED}/release/*/*/tables/marks.parquet"))
    good = table.read_bytes()
    page = go(visit, board)
    try:
        table.write_bytes(b"broken")
        page.locator("select").nth(YEAR).select_option(label=DAMAGED)
        page.wait_for_selector('.oko-view:has-text("Выпуск повреждён")', timeout=30_000)
    finally:
        table.write_bytes(good)
    said = page.inner_text("body")
    assert "make yearly" in said
    assert "%" not in said
    assert not re.search(r"Traceback|Error|\.py\b", said)
    assert str(results.parents[1]) not in said
    assert visit.outside == []
