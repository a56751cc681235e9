"""A page holds words and outputs, no code, no scripts, nothing fetched; the year's index is loud about failures."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import nbformat
import pytest

from oko.show import index
from oko.show.html import join, paragraph, the_end
from oko.show.page import PageHeader, render

PAYLOAD = "<img src=x onerror='window.PWN=1'>"
HEADER = PageHeader(
    "Год кластера", "Лицей № 344", "Малый кластер", "2020-2021", "ru", "public", True, "", "cluster_year", "0123456789ab",
    "23.11.2026", "0.1.0",
)  # fmt: skip


def notebook(*outputs: Any) -> Any:
    cells = [
        nbformat.v4.new_markdown_cell("## Вопрос?\n\nСлова."),
        nbformat.v4.new_code_cell("secret_code()", outputs=list(outputs)),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def shown(html: str = "", text: str = "x") -> Any:
    data = {"text/plain": text, **({"text/html": html} if html else {})}
    return nbformat.v4.new_output("execute_result", data=data, execution_count=1)


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.found += [(name, value or "") for name, value in attrs if name in ("src", "href") or name.startswith("on")]


def test_a_page_is_self_contained_and_runs_nothing() -> None:
    page = Links(render(notebook(shown(str(paragraph("Вывод.")))), HEADER))
    assert not {"script", "link", "iframe", "object"} & set(page.tags)
    assert not [value for name, value in page.found if name.startswith("on") or not value.startswith("data:")]


def test_code_warnings_and_errors_are_not_shown() -> None:
    warning = nbformat.v4.new_output("stream", name="stderr", text="Warning: /home/someone")
    error = nbformat.v4.new_output("error", ename="E", evalue="secret value", traceback=["secret trace"])
    page = render(notebook(warning, error, shown(text="plain <b>")), HEADER)
    assert not re.search("secret|someone", page)
    assert "plain &lt;b&gt;" in page
    assert "<h2" in page


@pytest.mark.parametrize("field", ["title", "unit", "cluster", "year", "source", "study", "key", "made", "version"])
def test_every_text_of_the_header_is_escaped(field: str) -> None:
    page = render(notebook(), replace(HEADER, **{field: PAYLOAD}))
    assert "<img" not in page
    assert "&lt;img" in page


def test_the_header_says_what_the_page_is() -> None:
    page = render(notebook(), HEADER)
    assert '<html lang="ru">' in page
    assert page.count("учебные данные: результаты вымышлены") == 3
    assert "для публикации" in page
    assert "cluster_year, запуск 0123456789ab; сделано 23.11.2026; ОКО, версия 0.1.0" in page


def test_real_and_public_data_are_not_marked_as_example() -> None:
    page = render(notebook(), replace(HEADER, example=False, source="Источник <данных>", edition="internal"))
    assert "учебные данные" not in page
    assert "внутренний документ школы" in page
    assert page.count("Источник &lt;данных&gt;") == 2


def test_a_page_in_english_has_no_russian_of_ours() -> None:
    english = replace(HEADER, language="en", title="Year", unit="Lyceum", cluster="Cluster")
    text = re.sub(r"<style>.*?</style>", "", render(nbformat.v4.new_notebook(), english), flags=re.S)
    assert set(re.findall("[А-Яа-яё]+", text)) == {"ОКО", "ВПР"}


def run(**values: Any) -> dict[str, Any]:
    return {
        "study": "school_year", "study_title": "Итоги школы", "unit": "school-344", "unit_title": "Лицей № 344",
        "kind": "school", "school": "344", "school_title": "Лицей № 344", "subject_title": None, "documents": [],
        "edition": "internal", "status": "done", "fresh": True, "message": None, "seconds": 3.21,
        "page": "runs/school_year/school-344/page.ru.html", "log": "runs/school_year/school-344/log.txt", **values,
    }  # fmt: skip


def manifest(*runs: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {
        "cluster": "tiny", "cluster_name": "Малый кластер", "year": "2020-2021", "language": "ru", "example": True,
        "source": "", "made": "2026-11-23T21:00:00+03:00", "release": None, "events": [], "runs": list(runs), **values,
    }  # fmt: skip


def test_the_index_counts_and_links_the_runs() -> None:
    page = index.render(manifest(run(), run(kind="cluster", study="cluster_year", fresh=False)))
    assert "2 запуска: 2 готовы." in page
    assert ("href", "runs/school_year/school-344/page.ru.html") in Links(page).found
    assert "готово раньше" in page
    assert 'class="failed"' not in page
    assert "script" not in Links(page).tags


EVENT = {
    "number": 6,
    "title": "Внедрение",
    "aim": "Цель.",
    "when": "октябрь 2020",
    "host": "Лицей",
    "studies": ["launch"],
}


def test_the_index_stands_by_events_then_by_schools() -> None:
    launch = run(kind="cluster", study="launch", study_title="Запуск модели", school=None)
    year = run(kind="cluster", study="cluster_year", study_title="Год кластера", school=None)
    pdf = {"label": "PDF", "path": "runs/school_subject/school-344-physics/page.ru.pdf"}
    physics = run(kind="school_subject", study="school_subject", subject_title="Физика", documents=[pdf])
    page = index.render(manifest(launch, year, run(), physics, events=[EVENT]))
    places = [page.index(text) for text in ("6. Внедрение", "Запуск модели", "Год кластера", "<h2>Школы", "Физика")]
    assert places == sorted(places)
    assert "октябрь 2020, Лицей. Цель." in page
    assert ("href", pdf["path"]) in Links(page).found
    assert "Физика" not in index.render(manifest(launch, year, run(), events=[EVENT]))


def test_a_failure_comes_first_with_its_message_and_log() -> None:
    failed = run(status="failed", message=f"Ячейка 3: {PAYLOAD}", page=None, unit_title="Школа № 329")
    page = index.render(manifest(run(), failed))
    assert "2 запуска: 1 готов, 1 не удался." in page
    assert page.index("Ячейка 3: &lt;img") < page.index("<table")
    assert ("href", failed["log"]) in Links(page).found


def test_a_run_not_made_yet_has_no_link() -> None:
    page = index.render(manifest(run(status="missing", page=None, log=None, seconds=0.0)))
    assert "не делалось" in page
    assert "1 запуск: 1 ещё не делался." in page


@pytest.mark.parametrize("field", ["cluster_name", "year", "source"])
def test_texts_of_the_index_are_escaped(field: str) -> None:
    assert "<img" not in index.render(manifest(run(unit_title=PAYLOAD, study_title=PAYLOAD), **{field: PAYLOAD}))


@pytest.mark.parametrize(
    ("release", "words"),
    [
        (None, "Ничего ещё не выпущено"),
        (
            {"state": "signed", "reviewer": "example", "files": 1},
            "Выпущена 1 страница, без подписи второго человека.",
        ),
        ({"state": "signed", "reviewer": "Иванова", "files": 2}, "Выпущены 2 страницы, подписал(а) Иванова."),
    ],
)
def test_the_index_says_what_is_released(release: dict[str, Any] | None, words: str) -> None:
    assert words in index.render(manifest(run(), release=release))


def test_a_page_shows_nothing_behind_its_end() -> None:
    ended = notebook(shown(str(join([paragraph("Об этом — на другой странице."), the_end()]))))
    more = [
        nbformat.v4.new_markdown_cell("## Дальше?"),
        nbformat.v4.new_code_cell("x", outputs=[shown("<p>далее</p>")]),
    ]
    ended.cells += more
    page = render(ended, HEADER)
    assert "Об этом — на другой странице." in page
    assert "Дальше?" not in page
    assert "далее" not in page
    assert "Учебный год" in page
    assert len(ended.cells) == 4
