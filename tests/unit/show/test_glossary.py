"""The first use of a term in prose leads to its meaning at the foot of the page, in every form of the word."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from oko.language import used
from oko.runs.glossary import read_terms
from oko.show.glossary import Term, with_glossary

ROOT = Path(__file__).parents[3]
TERMS = (
    Term("facility", "решаемость", r"решаемост[ьию]\w*", "Доля <баллов>."),
    Term("interval", "доверительный интервал", r"доверительн\w+ интервал\w*|интервал\w*", "Границы."),
    Term("error", "стандартная ошибка", r"стандартн\w+ ошибк\w+", "Разброс."),
    Term("vpr", "ВПР", "ВПР", "Работы."),
)


def linked(body: str) -> list[tuple[str, str]]:
    return re.findall(r'<a class="term" href="#term-(\w+)">([^<]*)</a>', with_glossary(body, TERMS))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Решаемостью двух заданий", [("facility", "Решаемостью")]),
        ("о решаемости и о решаемости", [("facility", "решаемости")]),
        ("за доверительным\u00a0интервалом и вне интервала", [("interval", "доверительным\u00a0интервалом")]),
        ("вне интервала и доверительного интервала", [("interval", "интервала")]),
        ("стандартную\nошибку", [("error", "стандартную\nошибку")]),
        ("впр и полуинтервал, ВПР-2", []),
    ],
)
def test_the_first_use_in_any_form_is_linked(said: str, found: list[tuple[str, str]]) -> None:
    with used("ru"):
        assert linked(f"<p>{said}</p>") == found


@pytest.mark.parametrize(
    "body",
    [
        "<h2>ВПР?</h2>", "<table><tr><td><p>ВПР</p></td></tr></table>", '<p><a href="#x">ВПР</a></p>', "<div>ВПР</div>",
        '<p><img alt="ВПР" src="data:,"></p>', "<style>ВПР</style>", "<figure><figcaption>ВПР</figcaption></figure>",
        "<p>&lt;&ВПР;</p>",
    ],
)  # fmt: skip
def test_headings_tables_captions_and_links_stay_as_they_are(body: str) -> None:
    assert with_glossary(body, TERMS) == body


def test_only_used_terms_are_explained_in_the_order_of_letters_and_their_text_is_escaped() -> None:
    with used("ru"):
        page = with_glossary("<p>Решаемость в <b>ВПР</b>.</p><ul><li>ВПР</li></ul>", TERMS)
    assert re.findall(r'<dt id="term-(\w+)">', page) == ["vpr", "facility"]
    assert "<h2>Словарь</h2>" in page
    assert "Доля &lt;баллов&gt;." in page
    assert page.count('href="#term-vpr"') == 1


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_term_of_the_field_finds_its_own_name(language: str) -> None:
    with used(language):
        terms = read_terms(ROOT)
        assert len({term.code for term in terms}) == len(terms) >= 35
        missed = [
            term.term for term in terms if f"#term-{term.code}" not in with_glossary(f"<p>{_name(term)}</p>", terms)
        ]
    assert not missed
    assert all(term.definition.endswith(".") for term in terms)


def _name(term: Term) -> str:
    return term.term.split(" (")[0]


def test_every_term_has_its_source() -> None:
    with (ROOT / "data" / "external" / "glossary.csv").open(encoding="utf-8", newline="") as source:
        assert all(row["source"] and row["status"] for row in csv.DictReader(source))


def test_a_project_without_a_glossary_explains_nothing(tmp_path: Path) -> None:
    assert read_terms(tmp_path) == ()
