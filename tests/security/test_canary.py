"""Nobody is found afterwards: files with an invented person are received, and every byte that is left is looked through.

``raw`` and ``replaced`` hold the files as received, by design; the folder of keys holds the key. All else is scanned:
the store (text of every column too), results, history, what was printed, temporary files, the process's environment.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from oko.cli import main
from oko.records import intake
from oko.records.cluster import read_cluster
from oko.records.keys import key_path, make_key, pseudonyms_for
from oko.runs.intake_report import write_report
from oko.workspace import open as open_workspace
from places import LEFT_OUT, Place, place, verb
from received_files import CANARY, CODE, FILES, WITH_NAMES, make_root, write
from traces import DOCUMENT, SERIES, found, traces
from workbooks import package, part_of


def with_documents(path: Path) -> None:
    """Give the first participant of a protocol a document that stands nowhere else."""
    content = path.read_bytes()
    changes = ((b"900001", DOCUMENT.encode()), (b">4000<", f">{SERIES}<".encode()), (b";4000;", f";{SERIES};".encode()))
    part = "xl/sharedStrings.xml"
    text = content if path.suffix == ".csv" else part_of(content, part)
    for old, new in changes:
        text = text.replace(old, new)
    path.write_bytes(text if path.suffix == ".csv" else package(content, {part: text}))


def _changed(path: Path, changes: dict[bytes, str]) -> None:
    content, part = path.read_bytes(), "xl/sharedStrings.xml"
    text = content if path.suffix == ".csv" else part_of(content, part)
    for old, new in changes.items():
        assert old in text, (path, old)
        text = text.replace(old, new.encode(), 1)
    path.write_bytes(text if path.suffix == ".csv" else package(content, {part: text}))


SURNAME = CANARY.surname
HIDDEN: dict[str, tuple[str, str, str]] = {
    "a name in a comment": ("register-actions", "Стало лучше", CANARY.full),
    "a name in a remark": ("register-feedback", "Больше физики", f"Хвалю: {SURNAME} В. Т."),
    "a name among the answers": ("oge-csv", "+", SURNAME),
    "a name for a class in a protocol": ("oge-csv", ";9А;", f";{SURNAME};"),
    "a name for a code": ("mapped-electronic-journal", "80001", SURNAME),
    "names under another heading": ("oge-csv", "SurnameCell", "Comment"),
    "names in a column of no heading": ("mapped-cluster-work", "Отметка за четверть", SURNAME),
    "a birth date that is none": ("roster-csv", CANARY.day, f"{CANARY.day}х"),
    "a roster's code that is a name": ("roster-csv", "70001", SURNAME),
}
QUOTED: dict[str, tuple[str, str, str]] = {
    "a class of an action": ("register-actions", "<t>7А<", f"<t>{SURNAME}<"),
    "an instrument": ("register-passport", "graphs-7-2020", SURNAME),
    "a class in Ф1": ("fisoko-individual", "<t>А<", f"<t>{SURNAME}<"),
    "a school in Ф1": ("fisoko-individual", "<t>edu990001<", f"<t>{CANARY.full}<"),
    "a class in a form": ("form-two-part", "<t>б<", f"<t>{SURNAME}<"),
    "a variant in a form": ("form-2026", "<t>Отсутствовал<", f"<t>{SURNAME}<"),
    "a school in a collection": ("dump-2021", "sch990001", SURNAME),
    "a class in a collection": ("dump-2021", ";б;", f";{SURNAME};"),
    "a pupil": ("tidy", "p1", CANARY.full),
    "a sex": ("tidy", ";F;", f";{SURNAME};"),
    "an assessment": ("tidy", "c7", SURNAME),
    "a subject": ("mapped-cluster-work", "Математика", SURNAME),
    "a sex in another table": ("mapped-own-system", ";ж;", f";{SURNAME};"),
}


def write_wrong(folder: Path, case: tuple[str, str, str]) -> None:
    layout, old, new = case
    for path in write(folder, (layout,)).values():
        _changed(path, {old.encode(): new})


FEW = (
    "oge-protocol", "oge-csv", "ege-protocol", "roster", "mapped-cluster-work", "mapped-own-system", "fisoko-individual",
    "form-two-part", "register-feedback",
)  # fmt: skip


def import_all(folder: Path, layouts: tuple[str, ...]) -> Place:
    """Import files in Russian and one of them corrected in English; check others with a name in a wrong place."""
    made = place(folder)
    files = write(made.inbox, layouts)
    for layout, path in files.items():
        if layout.startswith(("oge", "ege")):
            with_documents(path)
    later = folder / "later" / "inbox"
    for number, case in enumerate(HIDDEN.values()):
        write_wrong(later / f"case{number}", case)
    corrected = FILES["oge-protocol"][1](later / "oge исправлено.xlsx", CANARY)
    made.oko(verb("import", "ru", made.inbox), verb("import", "en", corrected), verb("check", "en", later))
    return made


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return import_all(tmp_path_factory.mktemp("canary"), FEW)


def test_the_person_was_read_and_is_a_pseudonym(received: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKO_KEYS", str(received.folder / "keys"))
    cluster = read_cluster(received.root, CODE)
    assert key_path(CODE).is_file()
    names = pseudonyms_for(received.root, cluster)
    assert names is not None
    pupil = names.of_pupil(CANARY.surname, CANARY.name, CANARY.patronymic, CANARY.birth_date, "1")
    rows = pd.read_parquet(received.work / "store" / "results.parquet")
    works = set(rows.loc[rows["pupil"] == pupil, "assessment"].str[:3])
    assert works == {"vpr", "oge", "ege", "con"}, "roster, protocols and mapped files are of one pupil"


def test_nothing_of_the_person_or_of_the_key_is_left(received: Place) -> None:
    assert received.traces == []


def test_what_was_to_be_scanned_was_there(received: Place) -> None:
    names = {path.name for path in received.folder.rglob("*")}
    assert {"results.parquet", "history.jsonl", "index.html", "printed.txt", "environment.txt"} <= names
    assert (received.folder / "environment.txt").read_text(encoding="utf-8").count("OKO_KEYS=") == 1
    assert "В хранилище" in (said := (received.folder / "printed.txt").read_text(encoding="utf-8"))
    assert "Stored" in said


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(kind: bytes, body: bytes) -> bytes:
    """A PNG of one black point with a chunk beside it."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(kind, body), chunk(b"IDAT", zlib.compress(b"\0\0")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet().write_comment(0, 0, CANARY.full)
    return target.getvalue()


def parquet(kind: str) -> bytes:
    cells = {CANARY.surname: ["x"]} if kind == "column" else {"x": [f"Ученица {CANARY.surname}"] * 3}
    table = pa.table({"x": ["y"]}, metadata={"source": CANARY.full}) if kind == "metadata" else pa.table(cells)
    target = pa.BufferOutputStream()
    pq.write_table(table, target, compression="zstd")
    return target.getvalue().to_pybytes()


SECRET = "0f" * 31 + "a7"
FULL = CANARY.full.encode()
WRITTEN = {
    "text": FULL,
    "cp1251": CANARY.full.encode("cp1251"),
    "escaped": json.dumps(CANARY.full).encode(),
    "entities": "".join(f"&#{ord(sign)};" for sign in CANARY.full).encode(),
    "address": quote(CANARY.full).encode(),
    "birth": CANARY.day.encode(),
    "document": DOCUMENT.encode(),
    "key": SECRET.encode(),
    "key in capitals": SECRET.upper().encode(),
    "bytes of a key": bytes.fromhex(SECRET),
    "key in base64": base64.b64encode(bytes.fromhex(SECRET)),
    "parquet": parquet("cells"),
    "column": parquet("column"),
    "metadata of parquet": parquet("metadata"),
    "workbook": workbook(),
    "tEXt": picture(b"tEXt", b"Title\0" + CANARY.surname.encode("cp1251")),
    "zTXt": picture(b"zTXt", b"Title\0\0" + zlib.compress(FULL)),
    "iTXt": picture(b"iTXt", b"Title\0\0\0ru\0\0" + FULL),
    "packed iTXt": picture(b"iTXt", b"Title\0\1\0ru\0\0" + zlib.compress(FULL)),
    "eXIf": picture(b"eXIf", b"MM\0*" + FULL),
    "stream of a PDF": b"%PDF-1.7\n1 0 obj <</Filter/FlateDecode>>\nstream\n" + zlib.compress(FULL) + b"\nendstream",
    "title of a PDF": b"%PDF-1.7\n1 0 obj <</Title("
    + "\ufeff".encode("utf-16-be")
    + CANARY.full.encode("utf-16-be")
    + b")>>",
    "picture in a page": b'<img src="data:image/png;base64,'
    + base64.b64encode(picture(b"zTXt", b"a\0\0" + zlib.compress(FULL)))
    + b'">',
    "picture in a notebook": json.dumps(
        {"image/png": base64.encodebytes(picture(b"zTXt", b"a\0\0" + zlib.compress(FULL * 3))).decode()}
    ).encode(),
}


@pytest.mark.parametrize("kind", [*WRITTEN, "name of a file"])
def test_the_scan_finds_what_is_there(tmp_path: Path, kind: str) -> None:
    assert found(tmp_path, SECRET) == []
    if kind == "name of a file":
        (tmp_path / CANARY.full).mkdir()
    else:
        (tmp_path / "a").write_bytes(WRITTEN[kind])
    assert found(tmp_path, SECRET)


def test_files_with_a_name_in_a_wrong_place_were_looked_at(received: Place) -> None:
    page = (received.work / "results" / "intake" / "index.html").read_text(encoding="utf-8")
    assert [number for number in range(len(HIDDEN)) if f"case{number}/" not in page] == []


def test_a_name_in_place_of_a_code_is_not_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKO_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("OKO_WORK", raising=False)
    workspace = open_workspace(make_root(tmp_path / "root"), CODE)
    make_key(workspace.root, CODE)
    quoting = []
    for case, wrong in QUOTED.items():
        write_wrong(tmp_path / case, wrong)
        read = intake.check(workspace.cluster, workspace.root, [tmp_path / case])
        write_report(workspace, read)
        said = "\n".join([*map(str, read.findings), *map(str, read.changes)])
        if not read.faults or traces(said.encode()) or found(workspace.work):
            quoting.append(case)
    assert quoting == []


def test_names_without_a_key_are_refused_and_repeated_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Place(tmp_path)
    monkeypatch.chdir(make_root(made.root))
    monkeypatch.setenv("OKO_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("OKO_WORK", raising=False)
    write(made.inbox, WITH_NAMES)
    assert main(["import", "--cluster", CODE, "--language", "en", str(made.inbox)]) == 1
    said = capsys.readouterr()
    assert "oko init" in said.err
    assert traces((said.out + said.err).encode()) == []
    assert not (made.work / "store").exists()
    assert found(tmp_path, left_out=LEFT_OUT) == []


@pytest.mark.slow
def test_nothing_is_left_of_files_of_every_layout(tmp_path: Path) -> None:
    made = import_all(tmp_path, tuple(FILES))
    made.oko(verb("check", "en", made.inbox), verb("import", "en"))
    assert made.traces == []
