"""T3: text that begins with = + - @ stays text in every csv and xlsx that oko writes, whoever opens it."""

from __future__ import annotations

import ast
import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import workbooks
from oko import language
from oko.disclosure.files import csv_bytes, guarded, xlsx_bytes
from oko.records.cluster import Cluster, School, Words
from oko.records.readers import FILE, ROW, SHEET, Finding
from oko.records.received import stack
from oko.records.register_forms import FORMS, LISTS
from oko.records.taken import FileRead, Intake
from oko.records.writers import registers, write_workbook
from oko.runs.intake_report import write_report
from oko.runs.packages import write_package
from oko.runs.receive import receive
from oko.workspace import open as open_workspace
from received_files import CODE, make_root

ROOT = Path(__file__).parents[2]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PAYLOADS = (
    "=1+1", "+7 (900) 123-45-67", "-5", "@x", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "＝1+1", "+1+1", "-1-1",
    '=HYPERLINK("http://example.org";"Открыть")', "=cmd|'/C calc'!A0", "а;=1+1;б", "а\n=1+1\nб", '";=1+1;"', "'=1+1",
    "{=1+1}", "http://example.org", "5",
)  # fmt: skip
SENT = ("=1+1", "'=1+1", "''-", "+7 (900)", "-5", "@x", "-", "+", "=cmd|'/C calc'!A0", "а;=1+1;б", "'кавычки'")
WORK = (
    "assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score\n"
    "a7,control,mathematics,2020-2021,spring,7,7,{most}\n"
)
OPENS = re.compile('[\\s"\\0]*[=+\\-@＝＋－＠]|[\\s"]*[\\t\\r\\n]')
NUMBER = re.compile(r"-?\d+(\.\d+)?")
TABLE = pd.DataFrame({"school": PAYLOADS, "change": -5, "share": -0.25, "=1+1": "a"})
REGISTER = pd.DataFrame(dict.fromkeys(("indicator", "title", "school", "evidence"), PAYLOADS)).assign(
    target=-5, unit="%", year="2020-2021"
)

# Who may make a workbook: the door alone. Who may write CSV without the door, and why.
DOOR = "src/oko/spreadsheets.py"
WITHOUT_APOSTROPHES = {
    "src/oko/records/writers/dumps.py": "imitates a region's collection for the example: oko.records.writers says why",
    "src/oko/records/writers/exams.py": "imitates a protocol of exams for the example",
    "src/oko/records/writers/roster.py": "imitates a school's roster for the example",
    "src/oko/records/example/school_files.py": "imitates exports of journals for the example",
    "src/oko/show/tables.py": "hashes the text; no file is written",
    "scripts/bench_intake.py": "writes invented results into a temporary folder to time their reading",
}
WORKBOOKS = {"Workbook", "ExcelWriter", "to_excel", "load_workbook"}
FORMULAS = {"write_formula", "write_array_formula", "write_dynamic_array_formula", "conditional_format", "define_name"}
TABLES = {"to_csv", "writer", "DictWriter", "CSVWriter"}
LIBRARIES = ("xlsxwriter", "openpyxl", "odf", "xlwt", "pyexcel")
SPOKEN_OF = re.compile("|".join([*WORKBOOKS, *FORMULAS, *TABLES, *LIBRARIES, "write_csv"]))


@cache
def sources() -> tuple[tuple[str, ast.Module], ...]:
    """Files whose text has a word of those that are looked for, parsed."""
    paths = [path for folder in ("src", "scripts") for path in sorted((ROOT / folder).rglob("*.py"))]
    found = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    return tuple((name, ast.parse(text)) for name, text in found.items() if SPOKEN_OF.search(text))


def called(tree: ast.AST) -> set[str]:
    names = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {getattr(name, "attr", getattr(name, "id", "")) for name in names}


def imported(tree: ast.AST) -> set[str]:
    """Modules, and names as module.name, that a file imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_strange(tree: ast.AST) -> bool:
    """Whether a file makes workbooks otherwise than by the door."""
    there = imported(tree)
    foreign = {name for name in there if name.startswith(LIBRARIES)}
    foreign -= {"xlsxwriter.utility.xl_col_to_name"}
    made = called(tree) & WORKBOOKS
    return (
        bool(foreign) or bool(made - {"Workbook"}) or ("Workbook" in made and "oko.spreadsheets.Workbook" not in there)
    )


def writes_table(tree: ast.AST) -> bool:
    """Whether a file writes tables of text otherwise than by the door."""
    arrow = any(name.startswith("pyarrow") for name in imported(tree))
    return bool(called(tree) & TABLES) or (arrow and "write_csv" in called(tree))


def test_every_workbook_is_written_through_one_door() -> None:
    assert [name for name, tree in sources() if is_strange(tree)] == [DOOR]
    assert {"src/oko/disclosure/files.py", "src/oko/records/writers/__init__.py"} <= {
        name for name, tree in sources() if "oko.spreadsheets.Workbook" in imported(tree)
    }


@pytest.mark.parametrize(
    "code",
    [
        "import xlsxwriter\nxlsxwriter.Workbook(path)", "from xlsxwriter import Workbook as W\nW(path)",
        "frame.to_excel(path)", "import pandas as pd\npd.ExcelWriter(path)", "import openpyxl",
    ],
)  # fmt: skip
def test_another_door_would_be_found(code: str) -> None:
    assert is_strange(ast.parse(code))


def test_oko_writes_no_formulas_of_its_own() -> None:
    """The forms have none: counts are worked out when they are read."""
    assert not [name for name, tree in sources() if called(tree) & FORMULAS]


def test_every_table_of_text_is_written_through_one_door() -> None:
    there = {name for name, tree in sources() if writes_table(tree)}
    assert there == set(WITHOUT_APOSTROPHES)


# What is written is opened again: by another program's reader, and as the XML that it is.


def sheets(content: bytes) -> Iterator[tuple[str, ElementTree.Element]]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/sheet"):
                yield name, ElementTree.fromstring(book.read(name))  # noqa: S314  # our own file


def texts(content: bytes) -> list[str]:
    """All texts that a workbook holds as texts; it fails where anything is a formula."""
    found: list[str] = []
    for _, root in sheets(content):
        assert not list(root.iter(f"{MAIN}f"))
        assert {cell.get("t", "n") for cell in root.iter(f"{MAIN}c")} <= {"s", "inlineStr", "n", "b"}
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        found += [cell for row in book.get_sheet_by_name(name).to_python() for cell in row if isinstance(cell, str)]
    return found


def check_csv(content: bytes) -> list[list[str]]:
    """Rows of a table none of whose cells opens a formula, whichever sign is taken for the separator."""
    text = content.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    cells = [cell for row in rows for cell in row] + re.split("[;\\t\\r\\n]", text)
    assert not [cell for cell in cells if OPENS.match(cell) and not NUMBER.fullmatch(cell) and cell.strip('" ')]
    return rows


def test_a_released_table_as_csv_holds_no_formula_and_its_numbers_are_numbers() -> None:
    rows = check_csv(csv_bytes(TABLE))
    assert rows[0] == ["school", "change", "share", "'=1+1"]
    assert {(row[1], row[2]) for row in rows[1:]} == {("-5", "-0.25")}
    assert [row[0] for row in rows[1:4]] == ["'=1+1", "'+7 (900) 123-45-67", "'-5"]
    with pytest.raises(AssertionError):
        check_csv(TABLE.to_csv(index=False).encode())


def test_released_tables_as_a_workbook_hold_no_formula_and_their_numbers_are_numbers() -> None:
    content = xlsx_bytes(dict.fromkeys(PAYLOADS, TABLE), [(text, text) for text in PAYLOADS], PAYLOADS)
    assert all(texts(content).count(text) >= 3 + len(PAYLOADS) for text in PAYLOADS)
    last = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(2).to_python()
    assert {tuple(row[1:3]) for row in last[3:]} == {(-5.0, -0.25)}


def test_works_and_registers_keep_what_schools_wrote_as_text(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"Лист": [[text, -5] for text in PAYLOADS]})
    assert texts(path.read_bytes()) == list(PAYLOADS)
    written = registers.fill(tmp_path / "b.xlsx", "indicators", REGISTER, ROOT)
    there = texts(written.read_bytes())
    assert all(there.count(text) >= 4 for text in PAYLOADS)


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_blank_forms_hold_no_formula_and_lists_that_name_our_own_sheet(kind: str) -> None:
    content = (ROOT / "templates" / "forms" / f"{kind}.xlsx").read_bytes()
    assert texts(content)
    for _, root in sheets(content):
        for rule in (*root.iter(f"{MAIN}formula1"), *root.iter(f"{MAIN}formula2")):
            assert re.fullmatch(rf"'{LISTS}'!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+|-?\d+", str(rule.text))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a cluster whose schools' names are formulas."""
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    root = make_root(tmp_path / "root")
    settings = root / "data" / "clusters" / CODE / "cluster.toml"
    settings.write_text(settings.read_text("utf-8").replace("Школа № 1", "=1+1").replace("Школа № 2", "@x"), "utf-8")
    return root


def test_the_report_on_files_received_holds_no_formula(place: Path) -> None:
    table = pd.DataFrame({FILE: "=1+1", SHEET: "=1+1", ROW: range(len(PAYLOADS)), "=1+1": PAYLOADS, "б": PAYLOADS})
    wrong = [Finding("=1+1", row, "б", "{given} is no code.", {"given": text}, sheet="=1+1", check="points")
             for row, text in enumerate(PAYLOADS)]  # fmt: skip
    named = Words(ru="=1+1", en="=1+1")
    schools = tuple(School(code=code, name=named) for code in ("1", "2"))
    cluster = Cluster(code="x", name=named, years=("2020-2021",), schools=schools)
    given = Intake(wrong, (), (FileRead("=1+1", "=1+1"),), stack(cluster, ROOT, [])[0], (table,))
    with language.used("en"):
        page = write_report(open_workspace(place, cluster=CODE), given)
    content = (page.parent / "cells.xlsx").read_bytes()
    there = texts(content)
    assert {"=1+1", "@x", "=cmd|'/C calc'!A0", "-5", "http://example.org"} <= set(there)
    links = [link.attrib for _, root in sheets(content) for link in root.iter(f"{MAIN}hyperlink")]
    assert links
    assert all(re.fullmatch(r"'\d+ [^']+'!A1", link["location"]) for link in links)
    assert not any(key.endswith("}id") for link in links for key in link)


def test_a_package_holds_no_formula_and_comes_back_letter_for_letter(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.csv").write_text(WORK.format(most=len(SENT)), "utf-8")
    items = "".join(f'a7,{k},{k},1,"{text}"\n' for k, text in enumerate(SENT, start=1))
    (inbox / "i.csv").write_text("assessment,item,position,max_score,label\n" + items, "utf-8")
    rows = "".join(f"a7,p{k},1,took,7А,{k % 3}\n" for k in range(30))
    (inbox / "r.csv").write_text("assessment,pupil,school,status,class,primary_score\n" + rows, "utf-8")
    receive(open_workspace(place, cluster=CODE), [inbox])
    package = write_package(open_workspace(place, cluster=CODE), "1", tmp_path / "out")
    tables = tables_of(package)
    heading, *sent = check_csv(tables["data/items.csv"])
    assert [row[heading.index("label")] for row in sent] == [guarded(text) for text in SENT]
    assert all(check_csv(table) for table in tables.values())
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "other"))
    receive(open_workspace(place, cluster=CODE), [package])
    other = open_workspace(place, cluster=CODE)
    assert other.items()["label"].tolist() == list(SENT)


def tables_of(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".csv")}


LIBREOFFICE = shutil.which("soffice") or ""
without_libreoffice = pytest.mark.skipif(not LIBREOFFICE, reason="LibreOffice is not here")


def opened(folder: Path, *reading: str) -> dict[str, str]:
    """What LibreOffice makes of the files of a folder, in the text of its own format."""
    paths = sorted(folder.iterdir())
    call = [LIBREOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *reading]
    call += ["--convert-to", "fods", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(call, check=True, capture_output=True, timeout=180)
    return {path.stem: path.with_suffix(".fods").read_text("utf-8") for path in paths}


@pytest.mark.slow
@without_libreoffice
@pytest.mark.parametrize("separators", ["44,34,76", "59/9/44,34,76", "59/9,,76"], ids=["commas", "all", "not ours"])
def test_libreoffice_works_nothing_out_in_text(separators: str, tmp_path: Path) -> None:
    """By commas, by any separator, and by semicolons and tabs as if there were no quotation marks."""
    (tmp_path / "safe.csv").write_bytes(csv_bytes(TABLE))
    (tmp_path / "bare.csv").write_bytes(TABLE.to_csv(index=False).encode())
    shown = opened(tmp_path, f"--infilter=CSV:{separators}")
    assert [sign in shown["bare"] for sign in ("table:formula", "<text:p>2</text:p>")] == [True, True]
    assert [sign in shown["safe"] for sign in ("table:formula", "<text:p>2</text:p>")] == [False, False]


@pytest.mark.slow
@without_libreoffice
def test_libreoffice_finds_no_formula_in_workbooks(tmp_path: Path) -> None:
    (tmp_path / "bare.xlsx").write_bytes(workbooks.xlsx({"а": [["=1+1"]]}))
    (tmp_path / "released.xlsx").write_bytes(xlsx_bytes({"=1+1": TABLE}, [("=1+1", "=1+1")], PAYLOADS))
    write_workbook(tmp_path / "work.xlsx", {"Лист": [[text, -5] for text in PAYLOADS]})
    registers.fill(tmp_path / "form.xlsx", "indicators", REGISTER, ROOT)
    shown = opened(tmp_path)
    assert [name for name, text in shown.items() if "table:formula" in text] == ["bare"]
    assert all("<text:p>=1+1</text:p>" in text for name, text in shown.items() if name != "bare")
