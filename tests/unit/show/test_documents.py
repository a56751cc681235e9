"""A page as PDF and as Word says what the page says, letter by letter; the same page gives the same bytes."""

from __future__ import annotations

import io
import sys
import zipfile
from xml.etree import ElementTree

import matplotlib.image
import nbformat
import numpy as np
import pandas as pd
import pypdf
import pytest

from oko.language import used
from oko.show.document_blocks import (
    Break,
    Cell,
    Document,
    Figure,
    Heading,
    Item,
    Paragraph,
    Piece,
    Table,
    words,
)
from oko.show.documents import read_document
from oko.show.documents_pdf import DocumentError, column_widths, pdf_bytes, typst_source
from oko.show.documents_word import docx_bytes
from oko.show.glossary import Term
from oko.show.html import Html, element, grid, join, paragraph
from oko.show.page import PageHeader, notice, render
from oko.show.picture import Picture
from oko.show.sections import bullets
from oko.show.sheets import sheet

HOSTILE = '#read("/etc/passwd") \\ " $x$ *b* _i_ @a <l> [y] // /* #{ `c` \\u{41} = h\n</w:t><w:br/>&amp; {{7*7}}'
MARK = "учебные данные: результаты вымышлены"
HEADER = PageHeader(
    "Год кластера", "Лицей № 344", "Малый кластер", "2020-2021", "ru", "public", True, "", "cluster_year", "0123456789ab",
    "23.11.2026", "0.1.0", "2026-11-23", (Term("sou", "СОУ", "СОУ", "Среднее с весами."),),
)  # fmt: skip
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def png() -> bytes:
    target = io.BytesIO()
    matplotlib.image.imsave(target, np.zeros((8, 12, 4)), format="png", metadata={"Software": None})
    return target.getvalue()


def document(*pieces: object, header: PageHeader = HEADER) -> Document:
    with used(header.language):
        output = nbformat.v4.new_output("display_data", {"text/html": str(join(pieces))})
        cells = [nbformat.v4.new_markdown_cell("## Вопрос?\n\nСлова."), nbformat.v4.new_code_cell("", outputs=[output])]
        return read_document(render(nbformat.v4.new_notebook(cells=cells), header))


def hidden_cells(rows: int = 2) -> Html:
    cells = pd.DataFrame({"school": ["Лицей № 344", HOSTILE] * rows, "n": ["128", "c"] * rows})
    labels = {"school": "Школа", "n": "Учеников, n"}
    return grid(cells, labels, "t", right=["n"], title="Отметки", notes=["c — скрыто", "– — нет данных"])


def pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def flat(text: str) -> str:
    """Return text as it is compared: lines may be broken, and words with them."""
    return "".join(letter for letter in text if letter.isprintable() and letter not in " \u00a0\u2010-\ufffd")


def told(content: bytes) -> str:
    body = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml"))  # noqa: S314
    return "\n".join("".join(node.text or "" for node in p.iter(f"{W}t")) for p in body.iter(f"{W}p"))


def test_a_page_is_read_back_as_blocks() -> None:
    picture = Picture(png(), "что видно", "Подпись.", 300, "Источник: ВПР.")
    made = document(
        paragraph(element("СОУ и <b>{x}</b>", x="важное")), bullets(["Один.", "Два."]), hidden_cells(), picture,
        sheet("7А", paragraph("Лист."), link="sheets/7a.ru.html"),
    )  # fmt: skip
    assert (made.title, made.unit, made.year, made.day) == (HEADER.title, HEADER.unit, HEADER.year, HEADER.day)
    with used("ru"):
        assert made.notice == notice()
    assert made.mark == MARK
    assert MARK not in made.foot
    kinds = [type(block) for block in made.blocks]
    assert kinds == [
        Heading, Paragraph, Paragraph, Item, Item, Table, Figure, Break, Heading, Paragraph, Break, Heading, Paragraph,
        Paragraph,
    ]  # fmt: skip
    assert [piece.text for piece in made.blocks[2].line] == ["СОУ", " и ", "важное"]  # type: ignore[union-attr]
    figure = next(block for block in made.blocks if isinstance(block, Figure))
    assert (figure.png, figure.alt, figure.width) == (png(), "что видно", 300)
    assert (words(figure.caption), words(figure.note)) == ("Подпись.", "Источник: ВПР.")
    assert made.anchors == {"term-sou"}


def test_a_table_keeps_its_symbols_notes_and_sides() -> None:
    (table,) = (block for block in document(hidden_cells()).blocks if isinstance(block, Table))
    assert words(table.title) == "Отметки"
    assert [[words(cell.line) for cell in row] for row in table.head] == [["Школа", "Учеников, n"]]
    assert [words(row[1].line) for row in table.rows] == ["128", "c", "128", "c"]
    assert [cell.right for cell in table.rows[0]] == [False, True]
    assert [words(note) for note in table.notes] == ["c — скрыто", "– — нет данных"]


def test_a_pdf_can_be_searched_and_bears_head_mark_and_headings_on_every_page() -> None:
    content = pdf_bytes(document(paragraph("СОУ школы."), hidden_cells(60), Picture(png(), "а", "б", 300, "в")))
    found = pages(content)
    assert len(found) > 2
    for text in found:
        assert "Год кластера · Лицей № 344 · 2020-2021" in text
        assert MARK in text
    assert all("Учеников, n" in text for text in found[: len(found) - 1])
    with used("ru"):
        assert flat(notice()) in flat(found[0])
    assert "Среднее с весами." in found[-1]
    told_of = pypdf.PdfReader(io.BytesIO(content)).metadata
    assert told_of is not None
    assert told_of.title == "Год кластера"
    assert str(told_of.creation_date) == "2026-11-23 00:00:00+00:00"


def test_hostile_text_stays_text() -> None:
    made = document(paragraph(HOSTILE), hidden_cells(), Picture(png(), HOSTILE, HOSTILE, 300, HOSTILE))
    assert flat("".join(pages(pdf_bytes(made)))).count(flat(HOSTILE)) == 5
    text = told(docx_bytes(made))
    assert flat(text).count(flat(HOSTILE)) == 5
    assert "root:" not in text


@pytest.mark.parametrize("field", ["title", "unit", "year", "cluster", "source", "study", "made"])
def test_hostile_text_of_the_head_stays_text(field: str) -> None:
    made = document(header=HEADER.__class__(**{**HEADER.__dict__, field: HOSTILE}))
    assert flat(HOSTILE)[:40] in flat("".join(pages(pdf_bytes(made))))
    zipfile.ZipFile(io.BytesIO(docx_bytes(made)))


def test_the_same_page_gives_the_same_bytes() -> None:
    made = document(hidden_cells(), Picture(png(), "а", "б", 300))
    assert pdf_bytes(made) == pdf_bytes(made)
    assert docx_bytes(made) == docx_bytes(made)


def test_a_word_document_is_whole_and_bears_mark_and_notice() -> None:
    with used("ru"):
        said = notice()
    package = zipfile.ZipFile(
        io.BytesIO(docx_bytes(document(paragraph("СОУ."), hidden_cells(), Picture(png(), "а", "б", 9))))
    )
    for name in package.namelist():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(package.read(name))  # noqa: S314
    assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert package.read("word/media/picture0.png") == png()
    assert MARK in package.read("word/header1.xml").decode()
    body = package.read("word/document.xml").decode()
    assert said in body
    assert body.count("<w:tblHeader/>") == 1
    assert 'w:anchor="term_sou"' in body
    assert 'w:name="term_sou"' in body


def largest(content: bytes) -> float:
    """Return the size of the letters of paragraphs: every one of ours says «Строка»."""
    sizes: list[float] = []
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        page.extract_text(
            visitor_text=lambda text, _cm, tm, _font, size: sizes.append(size * tm[0]) if "Строка" in text else None
        )
    return max(sizes)


@pytest.mark.parametrize(("lines", "sheets", "size"), [(4, 1, 10.0), (54, 1, 8.75), (90, 2, 7.5)])
def test_what_has_to_fit_one_sheet_is_set_smaller_until_it_does_without_glossary(
    lines: int, sheets: int, size: float
) -> None:
    made = document(paragraph("СОУ."), *[paragraph(f"Строка {line}.") for line in range(lines)])
    fitted = pdf_bytes(made, one_page=True)
    found = pages(fitted)
    assert len(found) == sheets
    assert largest(fitted) == pytest.approx(size)
    assert "СОУ." in found[0]
    assert "Среднее с весами." not in "".join(found)
    assert "Среднее с весами." in "".join(pages(pdf_bytes(made)))
    assert pdf_bytes(made, one_page=True) == fitted


def test_a_sheet_with_headings_of_its_own_is_one_place_that_links_lead_to() -> None:
    link = element('<p><a href="#sheet-7a">7А</a></p>')
    parts = element("<h3>Где?</h3><p>а</p><h3>Что?</h3><p>б</p>")
    made = document(link, sheet("7А", parts, anchor="sheet-7a"))
    headings = [block for block in made.blocks if isinstance(block, Heading)]
    assert [block.anchor for block in headings] == ["", "sheet-7a", "", ""]
    assert len(pages(pdf_bytes(made))) == 2


def test_columns_of_long_texts_share_the_room() -> None:
    lines = [tuple(Cell((Piece("слово " * n),)) for n in (3, 40, 30, 50))]
    widths, _ = column_widths(Table((), tuple(lines)), 90)
    assert max(widths[1:]) - min(widths[1:]) <= 2
    assert sum(widths) <= 90


def test_a_joiner_takes_no_room_of_a_column() -> None:
    plain, joined = (
        column_widths(Table((), ((Cell((Piece(text),)), Cell((Piece("слово " * 40),))),)), 90)
        for text in ("65–93", "65\u2060–\u206093")
    )
    assert plain == joined


def test_the_glossary_stands_on_no_sheet_of_a_class() -> None:
    made = document(sheet("7А", paragraph("СОУ."), anchor="sheet-7a"), sheet("7Б", paragraph("б"), anchor="sheet-7b"))
    *_, first, second, last = pages(pdf_bytes(made))
    assert "7А" in first
    assert "7Б" in second
    assert "Среднее с весами." in last
    assert "Среднее с весами." not in second


def test_cells_that_span_rows_keep_the_columns_of_word() -> None:
    table = Html(
        '<table><thead><tr><th rowspan="2">а</th><th colspan="2">б</th></tr><tr><th>в</th><th>г</th></tr></thead>'
        "<tbody><tr><td>1</td><td>2</td><td>3</td></tr></tbody></table>"
    )
    made = document(table)
    body = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(docx_bytes(made))).read("word/document.xml"))  # noqa: S314
    assert [len(row.findall(f"{W}tc")) for row in body.iter(f"{W}tr")] == [2, 3, 3]
    assert "3" in pages(pdf_bytes(made))[0]


def test_without_typst_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(DocumentError, match="Typst"):
        pdf_bytes(document())


def test_typst_gets_texts_as_strings_only() -> None:
    source, _ = typst_source(document(paragraph('"#panic()')))
    assert '"\\"#panic()"' in source
    assert source.count("#panic") == 1
