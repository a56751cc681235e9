"""No bytes and no cells make a reader of any layout raise anything but its own errors, and no message repeats a name.

How files are opened is tried in tests/security/test_files.py, and the raw form in test_intake.py; here a file of each
other layout is damaged and goes through opening, recognition, reading and cells, and some through every check.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oko import language
from oko.errors import OkoError
from oko.records import cells, intake
from oko.records.cluster import Cluster, read_cluster
from oko.records.keys import make_key
from oko.records.readers.context import Told
from oko.records.readers.sheets import open_sheets
from oko.records.reading import Reader, ReadFile
from oko.records.shaping import tables_of
from received_files import CANARY, CODE, FILES, WITH_NAMES, make_root, write
from workbooks import package, part_of

Rows = list[list[str]]
SHARED = Path("/work/shared/reference/domain/raw_tokens.csv")
FEW = (
    "X", "х", "не пройд.", "Н", "отсутствовал", "нет отметки", "1\u00a0", "-1", "?", "1,5", "1e400", "9" * 400, "nan", "inf",
    "#N/A", "=1+1", "{0}", "{given}", "%s", "\x00", "\u202e", "🙂", "7А", "70001", "344", "2021-04-15", "0", "", " ", "100%",
    "ВПР 2021 Математика 7 класс", "1(1)2(3)", "+-2", "Код", "Фамилия", "№", "sch990001", "edu990009", "Ω", "½", "٣",
)  # fmt: skip
SECRETS = (CANARY.surname, CANARY.name, CANARY.patronymic, CANARY.birth_date, CANARY.day, "900001")


def tokens() -> tuple[str, ...]:
    """Return tokens of cells, with those counted in real files where the list of them is at hand."""
    if not SHARED.is_file():
        return FEW
    with SHARED.open(encoding="utf-8", newline="") as source:
        return (*FEW, *(row["raw"] for row in csv.DictReader(source)))


@dataclass(frozen=True, repr=False)
class Good:
    """A cluster with a key, and good files of all layouts: their bytes, and the cells of the sheet with the table."""

    cluster: Cluster
    root: Path
    folder: Path
    contents: dict[str, bytes]
    rows: dict[str, Rows]

    def __repr__(self) -> str:
        return "good"

    def put(self, layout: str, content: bytes) -> Path:
        path = self.folder / "tried" / FILES[layout][0]
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent != self.folder / "tried":
            (path.parent / "received.toml").write_text('school = "1"\n', encoding="utf-8")
        path.write_bytes(content)
        return path


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("bytes")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OKO_KEYS", str(folder / "keys"))
        root = make_root(folder / "root")
        make_key(root, CODE)
        made = write(folder / "good")
        rows = {}
        for layout, path in made.items():
            sheets = open_sheets(path)
            own = [sheet for sheet in sheets if sheet.name == "Протокол"]
            rows[layout] = [*own, *sheets][0].frame.to_numpy().tolist()
        contents = {layout: path.read_bytes() for layout, path in made.items()}
        yield Good(read_cluster(root, CODE), root, folder, contents, rows)


def looked_at(good: Good, layout: str, content: bytes) -> tuple[ReadFile, str]:
    """Open, recognise and read bytes, make values of the cells; return what was read and all that was said."""
    path = good.put(layout, content)
    told = Told(others="comparison") if len(content) % 2 else Told()
    reader = Reader(good.cluster, good.root, told)
    read = reader.read(path, path.relative_to(good.folder / "tried").as_posix())
    tables = read.reading.tables if read.reading else ()
    values = [cells.values(table) for table in tables if table.kind != "links"]
    findings = [*read.findings, *(read.reading.findings if read.reading else ())]
    findings += [finding for table in tables for finding in table.findings]
    findings += [finding for one in values for finding in one.findings]
    changes = [*(read.reading.changes if read.reading else ()), *(change for one in values for change in one.changes)]
    said = list(map(str, changes))
    for code in ("ru", "en"):
        with language.used(code):
            said += map(str, findings)
    return read, "\n".join(said)


def checked(good: Good, layout: str, content: bytes) -> None:
    """Check a file alone as `oko check` does, and make tables of it as `oko import` does where nothing is wrong."""
    path = good.put(layout, content)
    made = intake.check(good.cluster, good.root, [path])
    assert all(str(finding) for finding in made.findings)
    if not made.faults and len(made.received.results) and len(made.received.assessments):
        with contextlib.suppress(OkoError):
            tables_of(made.received, made.files)


def changed(content: bytes, place: int, length: int, piece: bytes) -> bytes:
    """Overwrite, cut or insert bytes."""
    place %= max(1, len(content))
    return content[:place] + piece + content[place + length :]


def in_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    return package(content, {name: change(part_of(content, name))})


Change = tuple[str, int, int, str]


def mixed(rows: Rows, changes: list[Change]) -> Rows:
    """Change cells, rows and columns: each change is what, two numbers that choose where, and a text."""
    for what, first, second, text in changes:
        rows = [list(row) for row in rows]
        height, width = len(rows), max(map(len, rows), default=0)
        if not height or not width:
            return rows
        row, column, other = first % height, second % width, (first + second) % width
        if what == "cell":
            rows[row][column] = text
        elif what == "column":
            rows = [[*line[:column], text, *line[column + 1 :]] for line in rows]
        elif what == "swap columns":
            for line in rows:
                line[column], line[other] = line[other], line[column]
        elif what == "swap below":
            for line in rows[row:]:
                line[column], line[other] = line[other], line[column]
        elif what == "drop column":
            rows = [[*line[:column], *line[column + 1 :]] for line in rows]
        elif what == "double column":
            rows = [[*line, line[column]] for line in rows]
        elif what == "drop row":
            del rows[row]
        elif what == "double row":
            rows.insert(second % height, list(rows[row]))
        elif what == "swap cells":
            across = rows[second % height]
            rows[row][column], across[other] = across[other], rows[row][column]
        elif what == "cut":
            rows = rows[: row + 1]
        elif what == "twice":
            rows = [*rows, *map(list, rows)]
    return rows


CHANGES = (
    "cell", "cell", "cell", "column", "swap columns", "swap below", "swap below", "drop column", "double column", "drop row", "double row", "swap cells",
    "cut", "twice",
)  # fmt: skip
PLACE = st.integers(0, 1 << 16)
TEXT = st.one_of(st.sampled_from(tokens()), st.text(max_size=12))
CELLS = st.lists(st.tuples(st.sampled_from(CHANGES), st.one_of(st.integers(0, 12), PLACE), PLACE, TEXT), max_size=4)
MOVES = st.tuples(
    st.sampled_from([what for what in CHANGES if what not in {"cell", "column"}]),
    st.integers(0, 12),
    PLACE,
    st.just(""),
)
LAYOUT = st.sampled_from(list(FILES))
ONES = st.lists(st.tuples(PLACE, st.integers(0, 8), st.binary(max_size=6)), min_size=1, max_size=3)
LENIENT: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
}
QUICK: dict[str, Any] = {**LENIENT, "derandomize": True}


def as_text(rows: Rows) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=";", lineterminator="\n").writerows(rows)
    return target.getvalue().encode("utf-8", errors="replace")


def damaged(content: bytes, ones: list[tuple[int, int, bytes]]) -> bytes:
    """Damage the bytes of a text file, or of the sheet or the texts of a workbook."""
    for place, length, piece in ones:
        if not content.startswith(b"PK"):
            content = changed(content, place, length, piece)
        elif place % 5 == 0:
            return changed(content, place, length, piece)
        else:
            name = "xl/sharedStrings.xml" if place % 2 else "xl/worksheets/sheet1.xml"
            content = in_part(content, name, lambda part: changed(part, place, length, piece))  # noqa: B023
    return content


@pytest.mark.parametrize("layout", FILES)
def test_a_good_file_of_each_layout_is_read_without_faults(good: Good, layout: str) -> None:
    read, _ = looked_at(good, layout, good.contents[layout])
    assert read.reading is not None
    assert read.state.layout
    same, said = looked_at(good, layout, as_text(good.rows[layout]))
    assert same.state.layout == read.state.layout, "damaged cells start from a file that is still recognised"
    assert not any(secret in said for secret in SECRETS)


def _headings_twice(rows: Rows) -> Rows:
    return [rows[0], *rows]


def _no_year(rows: Rows) -> Rows:
    place = rows[0].index("Учебный год")
    return [rows[0], *([*row[:place], "-1", *row[place + 1 :]] for row in rows[1:])]


def _vast_number(rows: Rows) -> Rows:
    return [*rows[:-1], [rows[-1][0], "9" * 400, *rows[-1][2:]]]


@pytest.mark.parametrize(
    ("layout", "change"),
    [
        ("mapped-own-system", _headings_twice),
        ("mapped-electronic-journal", _no_year),
        ("fisoko-journal", _vast_number),
    ],
)
def test_what_broke_a_reader_once(good: Good, layout: str, change: Callable[[Rows], Rows]) -> None:
    checked(good, layout, as_text(change(good.rows[layout])))


@settings(max_examples=40, **QUICK)
@given(layout=LAYOUT, ones=ONES)
def test_damaged_bytes_are_read_or_refused(good: Good, layout: str, ones: list[tuple[int, int, bytes]]) -> None:
    looked_at(good, layout, damaged(good.contents[layout], ones))


@settings(max_examples=40, **QUICK)
@given(layout=LAYOUT, changes=CELLS)
def test_changed_cells_are_read_or_named(good: Good, layout: str, changes: list[Change]) -> None:
    looked_at(good, layout, as_text(mixed(good.rows[layout], changes)))


@settings(max_examples=25, **QUICK)
@given(layout=st.sampled_from(WITH_NAMES), changes=st.lists(MOVES, min_size=1, max_size=3))
def test_names_that_moved_are_never_repeated(good: Good, layout: str, changes: list[Change]) -> None:
    _, said = looked_at(good, layout, as_text(mixed(good.rows[layout], changes)))
    assert [secret for secret in SECRETS if secret in said] == []


@settings(max_examples=5, **QUICK)
@given(layout=LAYOUT, changes=CELLS)
def test_changed_cells_pass_every_check(good: Good, layout: str, changes: list[Change]) -> None:
    checked(good, layout, as_text(mixed(good.rows[layout], changes)))


@settings(max_examples=40, **QUICK)
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_of_a_layout_or_refused(good: Good, content: bytes) -> None:
    assert looked_at(good, "oge-csv", content)[0].findings


@pytest.mark.slow
@settings(max_examples=3_000, **LENIENT)
@given(layout=LAYOUT, ones=ONES)
def test_many_damaged_bytes(good: Good, layout: str, ones: list[tuple[int, int, bytes]]) -> None:
    looked_at(good, layout, damaged(good.contents[layout], ones))


@pytest.mark.slow
@settings(max_examples=8_000, **LENIENT)
@given(layout=LAYOUT, changes=CELLS)
def test_many_changed_cells(good: Good, layout: str, changes: list[Change]) -> None:
    looked_at(good, layout, as_text(mixed(good.rows[layout], changes)))


@pytest.mark.slow
@settings(max_examples=1_000, **LENIENT)
@given(layout=LAYOUT, changes=CELLS)
def test_many_changed_cells_pass_every_check(good: Good, layout: str, changes: list[Change]) -> None:
    checked(good, layout, as_text(mixed(good.rows[layout], changes)))
