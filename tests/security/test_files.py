"""Files that are made to harm, damaged or of another kind are refused in their own words, and soon."""

from __future__ import annotations

import hashlib
import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oko import language
from oko.errors import DataError
from oko.records import intake
from oko.records.cluster import read_cluster
from oko.records.readers import extent, first_bytes, guards
from oko.records.readers.sheets import open_sheets
from received_files import CANARY, CODE, FILES, make_root
from workbooks import MAIN, XML, compound, label, number, package, part_of, record, sheet_xml, with_rows, xls, xlsx

SOON = 2.0
GOOD = xlsx({"a": [["школа", "балл"], [344, 1.5]], "b": [["=A1", True]]})
GOOD_OLD = xls(number(0, 0, 1.5) + label(1, 1, "Школа"))
TEXT = "школа;балл\n344;1,5\n\n498;2\n"
SHEET = "xl/worksheets/sheet1.xml"


@cache
def bomb() -> bytes:
    """194 KB that unpack to 200 MB: one cell of blanks."""
    xml = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>' + " " * 199_900_000 + "</t></is></c></row>")
    return package(GOOD, {SHEET: xml})


def lying_bomb() -> bytes:
    """The same, and the archive says that the part has a few bytes."""
    content = bytearray(package(GOOD, {SHEET: sheet_xml(" " * 20_000_000)}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo(SHEET).file_size
    place = content.find(struct.pack("<I", size))
    while place >= 0:
        content[place : place + 4] = struct.pack("<I", 90_000)
        place = content.find(struct.pack("<I", size), place)
    return bytes(content)


def many_parts() -> bytes:
    return package(GOOD, {f"xl/media/{number}.xml": b"<a/>" for number in range(1000)})


def large_parts() -> bytes:
    """Parts that grow some 60 times each and to 240 MB together."""
    noise = hashlib.shake_128(b"noise").digest(200_000)
    part = b"".join(noise[place : place + 200] + b" " * 19_800 for place in range(0, len(noise), 200))
    return package(GOOD, {f"xl/media/{number}.txt": part for number in range(12)})


def relations(target: str, kind: str, mode: str = ' TargetMode="External"') -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"{mode}/>'
    return XML + f'<Relationships xmlns="{space}">{relation}</Relationships>'.encode()


def million_rows() -> bytes:
    return with_rows("".join(f'<row r="{n}" ht="15"/>' for n in range(1, 1_048_577)))


def laughs() -> bytes:
    entities = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    declared = b'<!DOCTYPE x [<!ENTITY l0 "ha">' + entities + b"]>"
    return package(GOOD, {SHEET: sheet_xml('<row r="1"><c r="A1" t="str"><v>&l9;</v></c></row>', declared)})


def shared_text(times: int) -> bytes:
    texts = XML + f'<sst xmlns="{MAIN}"><si><t>{"ab" * 16_000}</t></si></sst>'.encode()
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, times + 1))
    return package(GOOD, {"xl/sharedStrings.xml": texts, SHEET: sheet_xml(cells)}, zipfile.ZIP_STORED)


def encrypted_archive() -> bytes:
    content = bytearray(GOOD)
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def part_in_utf_16() -> bytes:
    text = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><worksheet xmlns="{MAIN}"/>'
    return package(GOOD, {SHEET: text.encode("utf-16")})


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (bomb, "unpacks to far more than it holds"),
    "lying bomb": (lying_bomb, "unpacks to far more than it holds"),
    "large parts": (large_parts, "unpacks to 241 MB"),
    "many parts": (many_parts, "consists of 10"),
    "billion laughs": (laughs, "declares a document type or entities"),
    "declaration in UTF-16": (part_in_utf_16, "declares a document type or entities"),
    "macros": (lambda: package(GOOD, {"xl/vbaProject.bin": b"x"}), "without macros"),
    "macros elsewhere": (lambda: package(GOOD, {"xl/other/VBAPROJECT.bin": b"x"}), "without macros"),
    "macros of a sheet": (lambda: package(GOOD, {"xl/macrosheets/sheet1.xml": b"<a/>"}), "without macros"),
    "old macros": (lambda: xls(number(0, 0, 1), others={"_VBA_PROJECT_CUR": b"x"}), "without macros"),
    "external link": (lambda: package(GOOD, {"xl/externalLinks/externalLink1.xml": b"<a/>"}), "links to other files"),
    "external relation": (
        lambda: package(GOOD, {"xl/worksheets/_rels/sheet1.xml.rels": relations("file:///c/x", "oleObject")}),
        "links to other files",
    ),
    "old external link": (
        lambda: xls(number(0, 0, 1), record(0x1AE, struct.pack("<HHB", 1, 5, 0) + b"b.xls")),
        "links to other files",
    ),
    "truncated": (lambda: GOOD[: len(GOOD) // 2], "damaged or was cut short"),
    "truncated at the end": (lambda: GOOD[:-10], "damaged or was cut short"),
    "begun": (lambda: b"PK\x03\x04" + bytes(100), "damaged or was cut short"),
    "old and truncated": (lambda: GOOD_OLD[: len(GOOD_OLD) // 2], "damaged or was cut short"),
    "other bytes in a part": (lambda: with_rows("<row><c></row>"), f"Part {SHEET} of the workbook is damaged"),
    "million empty rows": (million_rows, "says that it has 300001 rows and more"),
    "rows without numbers": (lambda: with_rows("".join(f'<row ht="{n * n}"/>' for n in range(400_000))), "says that it has 300001 rows"),
    "a cell far below": (lambda: with_rows('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "1048576 rows"),
    "a cell far to the right": (lambda: with_rows('<row r="1"><c r="XFD1"><v>1</v></c></row>'), "500 are read at most"),
    "two cells far apart": (
        lambda: with_rows('<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="SF299999"><v>1</v></c></row>'),
        "span 150 million cells",
    ),
    "old cells far apart": (lambda: xls(number(0, 0, 1) + number(65535, 65535, 1)), "65536 columns"),
    "one text in many cells": (lambda: shared_text(20_000), "more than 500 million characters"),
    "shared texts elsewhere": (
        lambda: package(GOOD, {"xl/zz.xml": f'<sst xmlns="{MAIN}"><si><t>x</t></si></sst>'.encode()}),
        "Part xl/zz.xml of the workbook is damaged",
    ),
    "wide text": (lambda: b"a;b\n" + b";" * 20_000 + b"x\n", "500 are read at most"),
    "encrypted": (
        lambda: compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), "locked with a password",
    ),
    "encrypted archive": (encrypted_archive, "locked with a password"),
    "old encrypted": (lambda: xls(number(0, 0, 1), record(0x2F, bytes(54))), "locked with a password"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "This is a PDF document"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "This is a picture, not a table of text"),
    "photograph": (lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(50), "This is a picture"),
    "word": (lambda: package(b"PK\x05\x06" + bytes(18), {"word/document.xml": b"<a/>"}), "This is a Word document"),
    "old word": (lambda: compound({"WordDocument": b"x"}), "This is a Word document"),
    "archive": (lambda: package(b"PK\x05\x06" + bytes(18), {"a.csv": b"a;b"}), "This is an archive"),
    "binary workbook": (lambda: package(b"PK\x05\x06" + bytes(18), {"xl/workbook.bin": b""}), ".xlsb"),
    "page": (lambda: b"<html><head><meta charset=utf-8></head><table><tr><td>1", "This is a web page"),
    "page of a table": (lambda: b"\xef\xbb\xbf\n<table border=1><tr><td>1</td></tr></table>", "This is a web page"),
    "other old file": (lambda: compound({"Contents": b"x"}), "a file of an old office program"),
    "database": (lambda: b"SQLite format 3\x00" + bytes(90), "a database file"),
    "noise": (lambda: bytes(range(256)), "not a table of text"),
    "nothing": (lambda: b"", "The file is empty"),
}  # fmt: skip


def refused(path: Path, content: bytes) -> tuple[str, float]:
    path.write_bytes(content)
    begun = time.process_time()
    with language.used("en"), pytest.raises(DataError) as caught:
        open_sheets(path)
    taken = time.process_time() - begun
    with language.used("en"):
        return str(caught.value), taken


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_in_its_own_words_and_soon(tmp_path: Path, name: str) -> None:
    make, words = BAD[name]
    said, taken = refused(tmp_path / "table.xlsx", make())
    assert words in said
    assert taken < SOON
    assert "table.xlsx" not in said


@pytest.mark.slow
def test_every_bad_file_is_refused_and_named_at_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them in one folder beside a good table, as a school might send them: each is a fault, and none stops the rest."""
    monkeypatch.setenv("OKO_KEYS", str(tmp_path / "keys"))
    root = make_root(tmp_path / "root")
    folder = tmp_path / "sent"
    folder.mkdir()
    for place, (make, _) in enumerate(BAD.values()):
        (folder / f"{place:02d}.{('xlsx', 'xlsm', 'xls', 'csv', 'txt')[place % 5]}").write_bytes(make())
    FILES["tidy"][1](folder / "good.csv", CANARY)
    begun = time.process_time()
    with language.used("en"):
        read = intake.check(read_cluster(root, CODE), root, [folder])
        said = {fault.file: str(fault) for fault in read.faults if fault.check == "opened"}
    assert time.process_time() - begun < SOON * len(BAD)
    for place, (name, (_, words)) in enumerate(BAD.items()):
        (told,) = [text for file, text in said.items() if file.startswith(f"{place:02d}.")]
        assert words in told, name
    assert "good.csv" not in said


def test_the_bomb_is_one() -> None:
    content = bomb()
    assert len(content) < 210_000
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.getinfo(SHEET).file_size > 199_000_000


def test_a_workbook_that_is_too_large_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_bytes, "LARGEST_WORKBOOK", 1000)
    said, _ = refused(tmp_path / "a.xlsx", GOOD)
    assert "The file has 1 MB" in said


def test_messages_are_translated(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(DataError, match="Это документ PDF, а не CSV и не книга Excel"):
        open_sheets(path)


def test_an_address_to_click_on_is_no_link_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        package(GOOD, {"xl/worksheets/_rels/sheet1.xml.rels": relations("https://example.org", "hyperlink")})
    )
    assert len(open_sheets(path)) == 2


def test_pictures_are_left_out_of_what_is_parsed(tmp_path: Path) -> None:
    made = package(GOOD, {"xl/media/image1.png": b"\x89PNG" + bytes(200), "xl/printerSettings1.bin": b"x"})
    with zipfile.ZipFile(io.BytesIO(guards.checked_package(made).content)) as archive:
        assert not [name for name in archive.namelist() if not name.endswith((".xml", ".rels"))]


def test_limits_are_those_that_were_agreed() -> None:
    assert (first_bytes.LARGEST_WORKBOOK, first_bytes.LARGEST_TEXT) == (20_000_000, 2_000_000_000)
    assert (guards.LARGEST_UNPACKED, guards.MOST_PARTS, guards.GREATEST_RATIO) == (200_000_000, 1000, 100)
    assert (extent.MOST_ROWS, extent.MOST_COLUMNS) == (300_000, 500)


def opened_or_refused(folder: Path, content: bytes) -> None:
    path = folder / "any"
    path.write_bytes(content)
    try:
        frames = [sheet.frame for sheet in open_sheets(path)]
    except DataError as error:
        said = str(error)
    else:
        said = "opened"
        assert not any(frame.isna().to_numpy().any() for frame in frames)
    assert said


@cache
def sheet_of_good() -> bytes:
    return part_of(GOOD, SHEET)


def changed(content: bytes, place: int, piece: bytes) -> bytes:
    place %= len(content)
    return content[:place] + piece + content[place + len(piece) :]


PIECE = st.binary(min_size=1, max_size=6)
PLACE = st.integers(0, 1 << 20)
ANY = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xef\xbb\xbf"]).flatmap(
        lambda head: st.binary(max_size=300).map(lambda rest: head + rest)
    ),
    st.text(max_size=100).map(str.encode),
    st.text(alphabet=';,\t"\n\rабвА1', max_size=60).map(lambda text: text.encode("cp1251")),
    st.builds(changed, st.just(GOOD), PLACE, PIECE),
    st.builds(changed, st.just(GOOD_OLD), st.integers(0, 2600), PIECE),
    st.builds(changed, st.just(GOOD_OLD), st.integers(1024, 1300), PIECE),
    st.builds(lambda *given: package(GOOD, {SHEET: changed(sheet_of_good(), *given)}), PLACE, PIECE),
    st.builds(changed, st.just(TEXT.encode()), PLACE, PIECE),
    st.builds(changed, st.just(TEXT.encode("cp1251")), PLACE, PIECE),
    st.builds(changed, st.just(TEXT.encode("utf-16")), PLACE, PIECE),
)
LENIENT = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


def test_one_text_in_some_cells_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(shared_text(50))
    assert {len(cell) for cell in open_sheets(path)[0].frame[0]} == {32_000}


@settings(max_examples=200, **LENIENT)
@given(content=ANY)
def test_any_bytes_are_opened_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    opened_or_refused(tmp_path, content)


@pytest.mark.slow
@settings(max_examples=10_000, **LENIENT)
@given(content=ANY)
def test_very_many_bytes_are_opened_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    opened_or_refused(tmp_path, content)


def test_the_checksum_of_a_part_is_looked_at(tmp_path: Path) -> None:
    content = bytearray(package(GOOD, {}, zipfile.ZIP_STORED))
    crc = struct.pack("<I", zlib.crc32(sheet_of_good()))
    place = content.rfind(crc)
    content[place] ^= 1
    assert "damaged" in refused(tmp_path / "a.xlsx", bytes(content))[0]
