"""Files become sheets of text cells, in every encoding and with every separator that people save."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path

import pytest
import xlsxwriter

from oko import language
from oko.errors import DataError
from oko.records.readers import delimited
from oko.records.readers.sheets import Sheet, open_sheets
from workbooks import MAIN, error, label, number, package, with_rows, xls, xlsx

WORDS = "школа;отметка за год\n344;Выставлена по журналу\n"


def opened(folder: Path, content: bytes, name: str = "file") -> tuple[Sheet, ...]:
    path = folder / name
    path.write_bytes(content)
    return open_sheets(path)


def rows(folder: Path, content: bytes | str) -> list[list[str]]:
    (sheet,) = opened(folder, content.encode() if isinstance(content, str) else content)
    return sheet.frame.to_numpy().tolist()


def refusal(folder: Path, content: bytes, name: str = "file") -> str:
    with language.used("en"), pytest.raises(DataError) as caught:
        opened(folder, content, name)
    with language.used("en"):
        return str(caught.value)


def test_cells_of_a_workbook_are_text_as_they_stand(tmp_path: Path) -> None:
    cells = ["6б", 1.0, 44.33, 0.1 + 0.2, -3, 1e20, 780344, True, " x\u00a0", "Х"]
    (sheet,) = opened(tmp_path, xlsx({"a": [cells]}))
    assert sheet.frame.loc[0].tolist() == [
        "6б", "1", "44.33", "0.3", "-3", "1e+20", "780344", "TRUE", " x\u00a0", "Х",
    ]  # fmt: skip
    assert set(map(str, sheet.frame.dtypes)) == {"str"}


def test_dates_of_a_workbook(tmp_path: Path) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.write_datetime(0, 0, datetime.datetime(2021, 4, 15), book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_datetime(
            0, 1, datetime.datetime(2021, 4, 15, 10, 30), book.add_format({"num_format": "d.m.yy h:mm"})
        )
        sheet.write_datetime(0, 2, datetime.time(9, 5), book.add_format({"num_format": "hh:mm"}))
    assert rows(tmp_path, target.getvalue()) == [["2021-04-15", "2021-04-15 10:30:00", "09:05:00"]]


def test_rows_and_columns_keep_their_places(tmp_path: Path) -> None:
    (sheet,) = opened(tmp_path, xlsx({"a": [[], [], [None, None, "x"], [], [None, "y"]]}))
    assert sheet.frame.loc[2, 2] == "x"
    assert sheet.frame.loc[4, 1] == "y"
    assert sheet.frame.shape == (5, 3)


def test_error_values_stay_text_and_formulas_without_a_value_are_empty(tmp_path: Path) -> None:
    row = '<row r="1"><c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B1"><f>A2</f></c><c r="C1"><v>5</v></c></row>'
    far = '<row r="3"><c r="E3" t="e"><v>#N/A</v></c></row>'
    (sheet,) = opened(tmp_path, with_rows(row + far))
    assert sheet.frame.loc[0].tolist() == ["#DIV/0!", "", "5", "", ""]
    assert sheet.frame.loc[2, 4] == "#N/A"


def test_error_values_stand_in_their_own_sheet(tmp_path: Path) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, value in (("one", "#N/A"), ("two", "#REF!")):
            book.add_worksheet(name).write_formula(1, 1, "=A1", None, value)
    assert [sheet.frame.loc[1, 1] for sheet in opened(tmp_path, target.getvalue())] == ["#N/A", "#REF!"]


def test_hidden_and_empty_sheets_are_there(tmp_path: Path) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("first").write(0, 0, "x")
        hidden = book.add_worksheet("hidden")
        hidden.write(0, 0, "y")
        hidden.hide()
        book.add_worksheet("empty")
    sheets = opened(tmp_path, target.getvalue())
    assert [(sheet.name, len(sheet.frame)) for sheet in sheets] == [("first", 1), ("hidden", 1), ("empty", 0)]


def test_merged_cells_stay_in_the_first_of_them(tmp_path: Path) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 1, 1, "7А")
        sheet.write(1, 2, "z")
    assert rows(tmp_path, target.getvalue()) == [["7А", "", ""], ["", "", "z"]]


def test_cells_without_references_are_counted(tmp_path: Path) -> None:
    assert rows(tmp_path, with_rows("<row><c/><c><v>1</v></c></row><row><c><v>2</v></c></row>")) == [
        ["", "1"],
        ["2", ""],
    ]


def test_an_old_workbook(tmp_path: Path) -> None:
    (sheet,) = opened(tmp_path, xls(number(1, 1, 1.0) + number(1, 2, 44.33) + label(2, 1, "Школа") + error(3, 3, 42)))
    assert sheet.name == "a"
    assert sheet.frame.loc[1].tolist() == ["", "1", "44.33", ""]
    assert (sheet.frame.loc[2, 1], sheet.frame.loc[3, 3]) == ("Школа", "#N/A")


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    assert opened(tmp_path, b"a;b\n1;2\n", "table.xlsx")[0].frame.shape == (2, 2)
    assert opened(tmp_path, xlsx({"a": [["x"]]}), "table.csv")[0].name == "a"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("cp1251", "Windows-1251"),
        ("koi8-r", "KOI8-R"), ("cp866", "CP866"),
    ],
)  # fmt: skip
def test_encodings_are_told_and_kept(tmp_path: Path, code: str, name: str) -> None:
    (sheet,) = opened(tmp_path, WORDS.encode(code))
    assert sheet.encoding == name
    assert sheet.frame.to_numpy().tolist() == [["школа", "отметка за год"], ["344", "Выставлена по журналу"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ФАМИЛИЯ;ШКОЛА", "cp1251"), ("ОТЧЁТ ЗА ГОД", "koi8-r"), ("ОТЧЁТ ЗА ГОД", "cp866"), ("class;7Б;7Г", "cp1251"),
        ("class;7Б;7Г", "cp866"), ("№ п/п;«Отметка» — итог", "cp1251"), ("Ёлка;съезд", "cp866"), ("Щука;ёж", "koi8-r"),
    ],
)  # fmt: skip
def test_capitals_and_lone_letters_are_told_too(tmp_path: Path, text: str, code: str) -> None:
    (sheet,) = opened(tmp_path, (text.replace("—", "-") if code == "cp866" else text).encode(code))
    assert ";".join(sheet.frame.loc[0]) == text


@pytest.mark.parametrize(
    ("first", "second"),
    [("utf-8", "cp1251"), ("cp1251", "utf-8"), ("cp1251", "cp866"), ("koi8-r", "cp866"), ("cp866", "cp1251")],
)
def test_two_encodings_in_one_file_are_named_with_the_first_line_that_differs(
    tmp_path: Path, first: str, second: str
) -> None:
    content = (WORDS * 40).encode(first) + "498;Задание по геометрии\n".encode(second)
    assert refusal(tmp_path, content).startswith("Line 81 is not in the encoding")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", ["1", "2"]),
        ("a;b\n1;2\n", ["1", "2"]),
        ("a\tb\n1\t2\n", ["1", "2"]),
        ("Отчёт, школа 344, 7 класс\na;b\n1,5;2,5\n0,5;3,5\n", ["1,5", "2,5"]),
        ('"x;y;z",b\n"1;2;3",2\n', ["1;2;3", "2"]),
        ("a;b;c\n1,0;2,0;3,0\n", ["1,0", "2,0", "3,0"]),
    ],
)
def test_the_separator_is_judged_from_several_lines(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert expected in rows(tmp_path, text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_and_line_ends_in_quotes_keep_the_numbers_of_rows(tmp_path: Path, end: str) -> None:
    text = end.join(["a,b", "", '"two', 'lines",1', "", "x,y", "", ""])
    (sheet,) = opened(tmp_path, text.encode())
    assert sheet.frame[0].tolist() == ["a", "", f"two{end}lines", "", "x"]


def test_ragged_rows_are_padded_and_their_widths_are_kept(tmp_path: Path) -> None:
    (sheet,) = opened(tmp_path, b"a,b,c\n1\n1,2,3,4\n")
    assert sheet.frame.to_numpy().tolist() == [["a", "b", "c", ""], ["1", "", "", ""], ["1", "2", "3", "4"]]
    assert sheet.widths is not None
    assert sheet.widths.tolist() == [3, 1, 4]
    (even,) = opened(tmp_path, b"a,b\n1,2\n")
    assert even.widths is None


def test_words_that_mean_nothing_to_us_mean_something_to_others(tmp_path: Path) -> None:
    words = ["NA", "null", "nan", "", "0012", "1.0", "true", "1e5", " x "]
    assert rows(tmp_path, "a;" * 8 + "b\n" + ";".join(words)) == [["a"] * 8 + ["b"], words]


@pytest.fixture
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LARGE", 0)


AWKWARD = [
    "a;b\nNA;null\n;0012\n1.0; x \n",
    'a;b\n"x;y";"say ""no"""\n"two\nlines";3\n',
    "a;b\n1;2\n\n3;4\n",
    "a;b\n1\n1;2;3\n",
    "Title\na;b\n1;2\n",
    "a\nb\n\nc\n",
    'a;b\n"1";2\n""";""";3\n',
    "a;b\r1;2\r3;4",
    "a;b\r\n1;2\r\n\r\n3;4",
]


@pytest.mark.usefixtures("_everything_is_large")
@pytest.mark.parametrize("text", AWKWARD)
def test_large_files_read_as_small_ones_do(tmp_path: Path, text: str) -> None:
    given = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    width = max(map(len, given))
    assert rows(tmp_path, text) == [row + [""] * (width - len(row)) for row in given]


def test_a_large_even_table_is_read_at_once_and_an_uneven_one_row_by_row() -> None:
    frame = delimited.by_arrow(b"a;b\n1;2", ";")
    assert frame is not None
    assert frame.to_numpy().tolist() == [["a", "b"], ["1", "2"]]
    assert delimited.by_arrow(b"a;b\n1;2\n3", ";") is None


@pytest.mark.usefixtures("_everything_is_large")
def test_a_quote_that_is_not_closed_is_named_in_a_large_file_too(tmp_path: Path) -> None:
    assert refusal(tmp_path, b'a;b\n1;2\n"3;4\n').startswith("After row 2 the text is no CSV any more")


def test_row_by_row_is_done_in_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(delimited, "_ROWS", 2)
    assert rows(tmp_path, "a;b\n1\n2;3;4\n5;6\n7") == [
        ["a", "b", ""], ["1", "", ""], ["2", "3", "4"], ["5", "6", ""], ["7", "", ""],
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\r\n \r\n", b",,,\r\n,,\r\n", "\u0085".encode(), b'""\n""'])
def test_a_file_without_anything_in_it(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content) == "The file is empty."


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with language.used("en"), pytest.raises(DataError, match="The file cannot be read"):
        open_sheets(tmp_path / "none")


def test_a_sheet_with_namespaces_written_out(tmp_path: Path) -> None:
    xml = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="2"><x:c r="B2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    made = package(xlsx({"a": [["x"]]}), {"xl/worksheets/sheet1.xml": xml.encode()})
    assert rows(tmp_path, made) == [["", ""], ["", "7"]]
