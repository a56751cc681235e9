"""Each check of the gate sees what it is for, and passes what is right."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oko.disclosure import checks, checks_files, checks_tables, checks_texts, protect
from oko.disclosure.checks import Finding, Terms, Verdict
from oko.disclosure.checks_protection import broken, untold_total
from oko.records.personal import personal_text
from oko.runs.page import write_table

PUPIL = "01a37d0b978ca155d5b7ad4d518eeabc"
TERMS = Terms(
    threshold=10,
    columns=frozenset({"school", "assessment", "n", "n_scores", "n_schools", "quality", "code", "values", "hidden", "hidden_cells", "bounded"}),
    known_text=lambda text: text == "{found} schools have complete rows: value added needs 2 or more.",
    personal=personal_text,
    identifiers=frozenset({"pupil-0007", PUPIL}),
    stored_texts=("Повторить чтение графиков с отстающими",),
    unnamed={"329": ("Лицей № 329", "Lyceum 329"), "c07": ()},
)  # fmt: skip


def table(**columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"school": ["344", "498"], "assessment": "vpr-physics-7", "n": [25.0, 31.0], "quality": [0.5124, 0.25]}
    )
    return frame.assign(hidden=False, hidden_cells="", bounded="").assign(**columns)  # type: ignore[arg-type]


def found(frame: pd.DataFrame, terms: Terms = TERMS) -> dict[str, str]:
    return {code: where for code, check in checks_tables.CHECKS.items() if (where := check(frame, terms))}


def test_a_protected_table_passes() -> None:
    said = '{"df": 6, "n_schools": 7, "found": 1, "message": "{found} schools have complete rows: value added needs 2 or more."}'
    assert found(table(code="not_estimated", values=said)) == {}


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"n": [25.0, 9.0]}, "small_counts"),
        ({"n_scores": [25, 1]}, "small_counts"),
        ({"n": [25.5, 31.0]}, "unrounded_counts"),
        ({"quality": [0.51235, 0.25]}, "too_many_digits"),
        ({"values": '{"estimate": 0.123456}'}, "too_many_digits"),
        ({"values": '{"n_pupils": 7}'}, "small_counts_in_text"),
        ({"values": '{"by": [{"n": 3}]}'}, "small_counts_in_text"),
        ({"code": "писали 7 учеников"}, "small_counts_in_text"),
        ({"code": "Ива\u00adнов И.И."}, "personal"),
        ({"code": [["Иванов И.И."], []]}, "personal"),
        ({"zone": "low"}, "unknown_column"),
        ({"class": "7А"}, "forbidden_column"),
        ({"pupil": "1"}, "forbidden_column"),
        ({"score_max": 3.0}, "forbidden_column"),
        ({"code": PUPIL}, "pseudonym"),
        ({"code": "see pupil-0007"}, "pseudonym"),
        ({"values": f'{{"who": "{PUPIL}"}}'}, "pseudonym"),
        ({"code": "Иванов И.И."}, "personal"),
        ({"code": "ivanov@school.ru"}, "personal"),
        ({"Иванов И.И.": 1}, "personal"),
        ({"code": "Найдите площадь трапеции, если её высота 5."}, "long_text"),
        ({"values": '{"message": "Найдите площадь трапеции, если её высота 5."}'}, "long_text"),
        ({"code": "Иванов"}, "long_text"),
        ({"code": "Вычислите сумму"}, "long_text"),
        ({"code": "«Повторить чтение графиков с отстающими»"}, "stored_text"),
        ({"school": ["344", "329"]}, "unnamed_school"),
        ({"code": "Лицей № 329"}, "unnamed_school"),
        ({"code": "c07"}, "unnamed_school"),
    ],
)  # fmt: skip
def test_what_may_not_stand_in_a_table_is_seen(columns: dict[str, object], code: str) -> None:
    assert code in found(table(**columns))


@pytest.mark.parametrize(
    ("column", "code"), [("n", "no_count"), ("hidden", "unprotected"), ("hidden_cells", "unprotected"), ("bounded", "unprotected")]
)  # fmt: skip
def test_a_missing_column_is_seen(column: str, code: str) -> None:
    assert code in found(table().drop(columns=column))


def test_counts_must_be_rounded_where_the_cluster_says_so() -> None:
    rounded = Terms(threshold=10, round_counts=5, columns=TERMS.columns)
    assert "unrounded_counts" in found(table(), rounded)
    assert found(table(n=[25.0, 30.0]), rounded) == {}


def test_a_table_of_too_many_rows_is_seen() -> None:
    assert checks_tables.many_rows(pd.concat([table()] * 2501, ignore_index=True), TERMS) == "5002"
    assert checks_tables.many_rows(pd.concat([table()] * 2500, ignore_index=True), TERMS) == ""


def test_the_place_says_column_and_rows_but_no_number_of_pupils() -> None:
    assert found(table(n=[7.0, 9.0]))["small_counts"] == "n (2)"


PAGE = "<!DOCTYPE html><html><head><style>a{{color:red}}</style></head><body><p>Год: 25 учеников</p>{}</body></html>"


def page_found(body: str) -> set[str]:
    return {code for code, check in checks_texts.CHECKS.items() if check(PAGE.format(body), TERMS)}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<p>Работу писали 7 учеников</p>", "small_counts"),
        ('<p title="3\u00a0ученика">x</p>', "small_counts"),
        ("<p>(n = 4)</p>", "small_counts"),
        ("<table><tr><th>Работа</th><th>Учеников, n</th></tr><tr><td>1</td><td>9</td></tr></table>", "small_counts"),
        ("<table><caption>Писали, n</caption><tr><th></th><th>344</th></tr><tr><td>x</td><td>2</td></tr></table>", "small_counts"),
        ("<p>Писали <b>7</b> учеников</p>", "small_counts"),
        ("<p>7 слабых девятиклассников</p>", "small_counts"),
        ("<p>обучающихся стало всего 7</p>", "small_counts"),
        ("<p>Семеро детей не сдали</p>", "small_counts"),
        ("<table><tr><th>Учеников</th><td>7</td><td>40</td></tr></table>", "small_counts"),
        ("<table><tr><th></th><th>Писали</th></tr><tr><td>344</td><td>7 (50 %)</td></tr></table>", "small_counts"),
        (
            "<table><tr><th rowspan=2>Школа</th><th colspan=2>Год</th></tr><tr><th>Учеников</th><th>%</th></tr>"
            "<tr><td>344</td><td>7</td><td>5</td></tr></table>",
            "small_counts",
        ),
        ('<table class="a dataframe"><tr></tr></table>', "raw_output"),
        ("<pre>7А  3</pre>", "raw_output"),
        ("<script>1</script>", "active_content"),
        ('<img src=x onerror="1">', "active_content"),
        ('<svg><circle r="1"/></svg>', "active_content"),
        ('<a href="javascript:1">x</a>', "active_content"),
        ('<img src="https://example.org/x.png">', "remote_address"),
        ("<style>@import 'x.css'</style>", "remote_address"),
        ('<p style="background:url(//example.org/x)">x</p>', "remote_address"),
        (f"<p>{PUPIL}</p>", "pseudonym"),
        ('<td data-id="pupil-0007">x</td>', "pseudonym"),
        ("<td>Иванов</td><td>И.И.</td>", "personal"),
        ("<!-- Иванов И.И. -->", "personal"),
        ("<p>Ива\u200bнов И.И.</p>", "personal"),
        ('<img alt="Мария Ивановна">', "personal"),
        ("<p>Повторить чтение графиков с отстающими</p>", "stored_text"),
        ("<p>Лицей №\u00a0329</p>", "unnamed_school"),
        ("<p>в школе c07</p>", "unnamed_school"),
        ("<p>в школе 329 и не только</p>", "unnamed_school"),
        ("<p>329-й лицей</p>", "unnamed_school"),
    ],
)  # fmt: skip
def test_what_may_not_stand_in_a_page_is_seen(body: str, code: str) -> None:
    assert code in page_found(body)


def test_a_designed_page_passes() -> None:
    body = '<a href="https://doi.org/10.1">источник</a><p>меньше 10 учеников, 329 учеников, n = 4\u00a0455, 3\u00a0005 учеников</p>'
    body += "".join(f"<td>{number}</td>" for number in (8, 101, 252, 33, 45))
    body += "<table><tr><th>Работа</th><th>Учеников</th><th>Классов</th></tr><tr><td>7</td><td>10</td><td>1</td></tr></table>"
    body += "<table><tr><th>Доля учеников, %</th></tr><tr><td>7</td></tr></table><p>от двух до четырёх классов</p>"
    body += "<table><tr><td>ВПР, писали в 7 классе (1)</td><td>7</td></tr></table>"
    assert page_found(body + '<img alt="отметки" src="data:image/png;base64,aaaa">') == set()


def test_pictures_of_a_page_are_told_by_their_bytes() -> None:
    body = '<img src="data:image/png;base64,iVBORw0K"><img src="data:image/svg+xml;base64,PHN2Zz4=">'
    digests = checks_texts.pictures(PAGE.format(body))
    assert "image/svg+xml" in digests
    assert len(digests) == 2
    assert checks_texts.pictures("<img src='data:image/svg+xml;utf8,%3Csvg%3E'>") == {"data:image/svg+xml;"}
    assert checks_texts.pictures('<img src="data&#58;image/png;base64,iVBORw0K">') == {"data:image/png;"}
    assert len(checks_texts.pictures('<img src="data:image/png;base64,A">')) == 1


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def picture(*extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.svg", b"<svg/>", "file_type"),
        ("a.pkl", b"x", "file_type"),
        ("a.ipynb", b"{}", "file_type"),
        ("a.png", b"<svg/>", "wrong_bytes"),
        ("a.png", picture() + b"Ivanov", "wrong_bytes"),
        ("a.png", picture(chunk(b"tEXt", b"Author\0Ivanov")), "png_text"),
        ("a.png", picture(chunk(b"eXIf", b"x")), "png_text"),
        ("a.html", b"<p>x</p>", "wrong_bytes"),
        ("a.json", b"{", "wrong_bytes"),
        ("a.csv", b"\xff\x00", "wrong_bytes"),
        ("a.parquet", b"PAR1", "wrong_bytes"),
        ("a.pdf", b"PK", "wrong_bytes"),
        ("a.xlsx", b"PK\x03\x04", "wrong_bytes"),
        ("a.csv", b"a" * (16 * 1024**2 + 1), "too_large"),
    ],
)  # fmt: skip
def test_a_file_that_may_not_leave_is_seen(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert [key for key, check in checks_files.CHECKS.items() if check(path)] == [code]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", picture()), ("a.csv", "школа,n\n".encode()), ("a.json", b"{}"), ("a.html", b"<!DOCTYPE html>"), ("a.pdf", b"%PDF-1.7\n%%EOF\n")],
)  # fmt: skip
def test_a_file_of_an_allowed_type_passes(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert [key for key, check in checks_files.CHECKS.items() if check(path)] == []


def test_a_table_with_remarks_inside_is_seen(tmp_path: Path) -> None:
    frame = table()
    write_table(tmp_path / "a.parquet", frame)
    assert checks_files.wrong_bytes(tmp_path / "a.parquet") == ""
    frame.attrs = {"author": "Иванов И.И."}
    frame.to_parquet(tmp_path / "b.parquet")
    assert checks_files.wrong_bytes(tmp_path / "b.parquet") == "b.parquet"
    remarked = pa.Table.from_pandas(table()).replace_schema_metadata({"author": "Иванов И.И."})
    pq.write_table(remarked, tmp_path / "c.parquet")
    assert checks_files.wrong_bytes(tmp_path / "c.parquet") == "c.parquet"


def test_a_workbook_with_macros_is_seen(tmp_path: Path) -> None:
    for extra, wrong in ((), ""), (("xl/vbaProject.bin",), "a.xlsx"):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
            for name in ("[Content_Types].xml", *extra):
                book.writestr(name, "x")
        assert checks_files.wrong_bytes(tmp_path / "a.xlsx") == wrong


def test_a_table_put_together_by_hand_is_seen() -> None:
    counted = pd.DataFrame({"school": ["344", "498", "512"], "n": [12, 7, 40], "quality": [1.0, 0.4, 0.5]})
    honest = protect(counted, part="school", shares=["quality"])
    assert (broken(honest, 10), untold_total(honest)) == ("", "")
    assert broken(protect(counted, part="school"), 10) == "quality (3)"
    shown = counted.assign(n=[12, None, 40], hidden=False, hidden_cells="", bounded="")
    assert broken(replace(honest, table=shown), 10) == "quality (2)"
    assert broken(protect(counted, part="school", shares=["quality"], threshold=5), 10) == "n (1)"


def test_a_total_that_protection_was_not_told_of_is_seen() -> None:
    works = pd.DataFrame({"work": ["a"] * 4 + ["b"] * 4, "school": ["344", "498", "512", "all"] * 2})
    counted = works.assign(n=[7, 40, 30, 77, 20, 30, 40, 90])
    assert untold_total(protect(counted, by="work", part="school")) == "n (1)"
    assert untold_total(protect(counted, by="work", part="school", total="all")) == ""


def test_the_sheet_says_places_inside_and_none_outside() -> None:
    verdicts = [
        Verdict("tables/a.parquet", "public", "1", (Finding("corrected", "quality (3)", False),)),
        Verdict("notebook.ipynb", "internal", "2", (Finding("internal", "", False),)),
        Verdict("tables/b.parquet", "public", "3", (Finding("small_counts", "n (1)"),)),
        Verdict("tables/c.parquet", "public", "4"),
    ]
    inside = checks.sheet(verdicts, inside=True).decode()
    outside = checks.sheet(verdicts, inside=False).decode()
    assert "quality (3)" in inside
    assert "n (1)" in inside
    assert "(3)" not in outside
    assert "notebook" not in outside
    assert [line.split(",")[2] for line in inside.splitlines()[1:]] == ["noted", "noted", "refused", "passed"]
    assert all("порога" in line for line in inside.splitlines() if "small_counts" in line)
