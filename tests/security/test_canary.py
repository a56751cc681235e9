"""Nobody is found afterwards: files with an invented person are received, and every byte that is left is looked through.

``raw`` and ``replaced`` hold the files as received, by design; the folder of keys holds the key. All else is scanned:
the store (text of every column too), results, history, what was printed, temporary files, the process's environment.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from oko.cli import main
from oko.records import intake
from oko.records.cluster import read_cluster
from oko.records.keys import key_path, make_key, pseudonyms_for
from oko.runs.intake_report import write_report
from oko.workspace import open as open_workspace
from received_files import CANARY, CODE, FILES, WITH_NAMES, Person, make_root, write
from workbooks import package, part_of

DOCUMENT, SERIES = "90471538260", "40718"
STEM = "канарейк"
RUN = """
import json, os, sys
from oko.cli import main
statuses = [main(words) for words in json.loads(sys.argv[2])]
with open(sys.argv[1], "a", encoding="utf-8") as kept:
    kept.writelines(f"{name}={value}\\n" for name, value in os.environ.items())
sys.exit(max(statuses))
"""
ENCODINGS = ("utf-8", "utf-16-le", "cp1251", "koi8-r", "cp866")
LEFT_OUT = {"raw", "replaced", "inbox", "keys"}


def spellings(person: Person = CANARY) -> list[str]:
    """Return what must not be found, small letters: the surname in any case, the birth date, the documents."""
    return [STEM, person.name.casefold(), person.birth_date, person.day, person.day[:6] + "08", DOCUMENT, SERIES]


@cache
def needles(*more: str) -> tuple[bytes, ...]:
    texts = [*spellings(), *more]
    written = [form for text in texts for form in (text, text.upper(), text.capitalize())]
    escaped = [json.dumps(text)[1:-1] for text in written]
    return tuple({text.encode(code) for text in written for code in ENCODINGS} | {text.encode() for text in escaped})


def traces(content: bytes, *more: str) -> list[bytes]:
    return [needle for needle in needles(*more) if needle in content]


def decoded(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give a file as it is, what is in it if it is an archive, and every text of a table in Parquet."""
    content = path.read_bytes()
    yield str(path), content
    if content.startswith(b"PAR1"):
        frame = pq.read_table(path).to_pandas()
        for name in frame.select_dtypes(exclude=["number", "bool"]):
            yield f"{path}: {name}", "\n".join(map(str, frame[name].dropna().unique())).encode()
        yield f"{path}: columns", "\n".join(map(str, frame.columns)).encode()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{path}: {name}", archive.read(name)


def found(folder: Path, *more: str) -> list[str]:
    """Name the places under a folder, names of files too, where something is left of the person or the key."""
    places = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if LEFT_OUT & set(inside.parts) or any(part.is_symlink() for part in (path, *path.parents) if part != folder):
            continue
        if traces(str(inside).casefold().encode(), *more):
            places.append(f"name of {path}")
        if path.is_file():
            places += [place for place, content in decoded(path) if traces(content, *more)]
    return places


@dataclass(frozen=True)
class Place:
    """A project of its own, with a key, an inbox and all folders that oko could write into."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def work(self) -> Path:
        return self.root / "data" / "work" / CODE

    @property
    def environment(self) -> dict[str, str]:
        own = {name: str(self.folder / name) for name in ("home", "temporary", "keys")}
        for name in own.values():
            Path(name).mkdir(exist_ok=True, mode=0o700)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("OKO_", "XDG_"))}
        return {**plain, "HOME": own["home"], "TMPDIR": own["temporary"], "OKO_KEYS": own["keys"]}

    def oko(self, *calls: Sequence[str]) -> str:
        """Run verbs; what they print and their environment at the end are kept beside the project, to be scanned."""
        call = [sys.executable, "-c", RUN, str(self.folder / "environment.txt"), json.dumps(calls)]
        done = subprocess.run(
            call, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        said = done.stdout + done.stderr
        with (self.folder / "printed.txt").open("a", encoding="utf-8") as printed:
            printed.write(f"{said}\n")
        assert done.returncode in (0, 1), said
        return said

    @property
    def key(self) -> str:
        return (self.folder / "keys" / f"{CODE}.key").read_text(encoding="utf-8").split()[-1]

    @property
    def traces(self) -> list[str]:
        return found(self.folder, self.key)


def place(folder: Path) -> Place:
    made = Place(folder)
    make_root(made.root)
    made.inbox.mkdir()
    (folder / "keys").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OKO_KEYS", str(folder / "keys"))
        make_key(made.root, CODE)
    return made


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


def verb(name: str, language: str, *paths: Path) -> list[str]:
    return [name, "--cluster", CODE, "--language", language, *map(str, paths)]


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


@pytest.mark.parametrize(
    "kind", ["text", "parquet", "column", "xlsx", "escaped", "cp1251", "name", "key", "birth", "document"]
)
def test_the_scan_finds_what_is_there(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    if kind in {"parquet", "column"}:
        cell = {"x": [f"Ученица {CANARY.surname}"] * 3} if kind == "parquet" else {CANARY.surname: ["x"]}
        pd.DataFrame(cell).to_parquet(path)
    elif kind == "xlsx":
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as book:
            book.add_worksheet().write_comment(0, 0, CANARY.full)
        path.write_bytes(target.getvalue())
    elif kind == "name":
        (tmp_path / CANARY.full).mkdir()
    else:
        texts = {"key": "0f" * 32, "birth": CANARY.day, "document": DOCUMENT}
        said = texts.get(kind, CANARY.full)
        path.write_bytes(
            json.dumps(said).encode() if kind == "escaped" else said.encode(kind if kind == "cp1251" else "utf-8")
        )
    assert found(tmp_path, "0f" * 32)


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
    assert found(tmp_path) == []


@pytest.mark.slow
def test_nothing_is_left_of_files_of_every_layout(tmp_path: Path) -> None:
    made = import_all(tmp_path, tuple(FILES))
    made.oko(verb("check", "en", made.inbox), verb("import", "en"))
    assert made.traces == []
