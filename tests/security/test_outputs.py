"""T12: what is shown, signed, linked or printed holds no pupil's name, no key, no pseudonym; a log stays where it is.

A person is invented, sent in a file, imported, counted by studies and released. One study fails with a traceback that
holds the pupils' rows and the file as it was sent; another shows a pseudonym in its page. Then every byte that leaves
the runs' own folders is looked through, and the logs are shown to be where such a row is.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from papermill.exceptions import PapermillExecutionError

from oko.disclosure import release
from oko.records.cluster import read_cluster
from oko.records.keys import pseudonyms_for
from oko.runs import present
from oko.runs.execute import explain
from oko.workspace import open as open_workspace
from places import Place, place, verb
from project import BEGIN
from received_files import CANARY, CODE, FILES, ROOT, write
from traces import DOCUMENT, SERIES, found, needles, parts, spellings

YEAR = "2020-2021"
NAMES = tuple(text for text in spellings() if text not in (DOCUMENT, SERIES))  # these files have no documents
REVIEWER = "Проверяльщикова П. П."
NAMED = "\n[agreement]\nnames_schools = true\n"
STUDY = """
[studies.{name}]
template = "cluster/{name}.ipynb"
unit = "cluster"
edition = "public"
title = {{ ru = "Проба", en = "Trial" }}
question = {{ ru = "Вопрос?", en = "Question?" }}
[[studies.{name}.tables]]
name = "counts"
sensitivity = "public"
columns = ["school", "n"]
about = {{ ru = "Сколько учеников писали работу, по школам.", en = "How many pupils took the work, by school." }}
"""
PARAMETERS = f'cluster = "{CODE}"\nyear = "{YEAR}"\nlanguage = "ru"'
ROWS = 'rows = page.workspace.results(year=year).dropna(subset=["school"])'
COUNTS = (
    'counts = rows.groupby("school").size().rename("n").reset_index()\n'
    'kept = page.keep("counts", oko.disclosure.protect(counts, by=["school"]))'
)
AS_SENT = 'text = "\\n".join(p.read_text(encoding="utf-8-sig") for p in page.workspace.raw_folder.rglob("*.csv"))'
BROKEN = (ROWS, COUNTS, AS_SENT, "raise ValueError(text + rows.to_string())")
STUDIES = {"shown": (ROWS, COUNTS), "broken": BROKEN}
MORE = {
    "odd": (ROWS, COUNTS, AS_SENT, 'raise KeyError(text.splitlines()[1].split(";")[2])'),
    "leaky": (ROWS, COUNTS, 'print(rows["pupil"].to_string())'),
}


def notebook(name: str, cells: tuple[str, ...]) -> nbformat.NotebookNode:
    first = nbformat.v4.new_code_cell(PARAMETERS)
    first.metadata["tags"] = ["parameters"]
    begin = BEGIN.format(name=name).replace("school=school, ", "")
    made = [nbformat.v4.new_code_cell(source) for source in (begin, *cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=[first, *made], metadata={"kernelspec": kernel})


def with_studies(root: Path, studies: dict[str, tuple[str, ...]]) -> None:
    """Put studies of the test's own in the place of the real ones; pages are rendered with the real templates."""
    templates = root / "templates"
    templates.unlink()
    (templates / "cluster").mkdir(parents=True)
    for shared in ("report", "locale", "voila"):
        (templates / shared).symlink_to(ROOT / "templates" / shared)
    (templates / "studies.toml").write_text("".join(STUDY.format(name=name) for name in studies), encoding="utf-8")
    for name, cells in studies.items():
        nbformat.write(notebook(name, cells), templates / "cluster" / f"{name}.ipynb")
    shutil.copy(ROOT / "requirements.lock", root)


def as_sent(path: Path) -> Path:
    """A work of two schools, 24 pupils each, with names and birth dates; the first is the one who is looked for."""
    FILES["mapped-cluster-work"][1](path, CANARY)
    with path.open(encoding="utf-8-sig", newline="") as source:
        head, first, *_ = csv.reader(source, delimiter=";")
    rows = [first]
    for number in range(1, 48):
        other = [
            str(1 + number // 24),
            "7а",
            f"Придумов Пётр {'Ильич' if number % 2 else 'Львович'}",
            f"{1 + number % 28:02d}.{1 + number // 28:02d}.2008",
        ]
        rows.append([*other, *first[4:13], "3", "1", "2"])
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target, delimiter=";").writerows([head, *rows])
    return path


def made_year(folder: Path, studies: dict[str, tuple[str, ...]]) -> Place:
    """Import a file, run studies, check what they leave and let a second person sign it."""
    made = place(folder)
    settings = made.root / "data" / "clusters" / CODE / "cluster.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + NAMED, encoding="utf-8")
    with_studies(made.root, studies)
    as_sent(made.inbox / "работа.csv")
    year = ["--cluster", CODE, "--year", YEAR]
    send = ["export", *year, "--school", "1", "--to", str(folder / "sent")]
    run, sign = ["run", *year, "--jobs", "2"], ["release", *year, "--reviewer", REVIEWER]
    made.oko(verb("import", "ru", made.inbox), run, sign, send)
    return made


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return made_year(tmp_path_factory.mktemp("outputs"), STUDIES)


def results(made: Place) -> Path:
    return made.work / "results"


def pseudonym(made: Place) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OKO_KEYS", str(made.folder / "keys"))
        names = pseudonyms_for(made.root, read_cluster(made.root, CODE))
    assert names is not None
    return names.of_pupil(CANARY.surname, CANARY.name, CANARY.patronymic, CANARY.birth_date, "1")


def leaving(made: Place) -> Iterator[Path]:
    """Give all that goes further than a run's own folder, and of the runs that stand what is told of them."""
    whole = results(made)
    for name in ("release", "checked", "index.html", "manifest.json"):
        yield whole / YEAR / name
    yield from (
        whole / "archive",
        whole / "releases.jsonl",
        made.folder / "printed.txt",
        made.folder / "environment.txt",
    )
    yield from sorted((whole / YEAR / "runs").glob("*/*/run.json"))
    yield from (whole / YEAR / "runs" / "shown", made.folder / "sent")


def test_what_leaves_holds_no_name_no_key_and_no_pseudonym(year: Place) -> None:
    for path in leaving(year):
        assert path.exists(), path
        assert found(path, of=[*NAMES, year.key, pseudonym(year)]) == []


def test_the_key_is_nowhere_in_a_failed_run_neither(year: Place) -> None:
    assert found(year.folder, of=[year.key], left_out=("keys",)) == []


def test_the_person_was_counted(year: Place) -> None:
    """The scan would be of no use on a year without the person."""
    stored = results(year).parent / "store"
    assert found(stored, of=[pseudonym(year)], links=True)
    table = release.read(results(year) / YEAR / "release" / "shown" / "cluster").table("counts")
    assert dict(zip(table["school"], table["n"], strict=True)) == {"1": 24, "2": 24}


def test_a_traceback_with_rows_of_pupils_stays_in_its_log(year: Place) -> None:
    folder = results(year) / YEAR / "runs" / "broken" / "cluster"
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "failed"
    assert "log.txt" in record["message"]
    assert found(folder / "log.txt", of=NAMES), (
        "the log holds the row: it is the place where the scan of all else would fail"
    )
    assert not [
        output
        for output in record["outputs"]
        if output["path"] == "notebook.ipynb" and output["sensitivity"] == "public"
    ]
    assert not (results(year) / YEAR / "release" / "broken").exists()
    assert not (results(year) / YEAR / "checked" / "broken").exists()


TEXTS = [
    (CANARY.full, False), (CANARY.surname, False), (repr(CANARY.surname), False), ("a\n1 2", False), ("70001", False),
    ("0f" * 16, False), ("нет ключа 0f0f0f0f0f0f0f0f", False), ("8 (900) 123-45-67", False), ("a@b.ru", False),
    ("нет такого столбца", True), ("'journal_mark'", True), ("division by zero", True), ("Length mismatch: 3 and 2", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_an_error_is_quoted_only_where_no_row_can_be_in_it(text: str, shown: bool) -> None:
    ours = PapermillExecutionError(0, 3, "", "SettingError", text, [])
    theirs = PapermillExecutionError(0, 3, "", "ValueError", text, [])
    assert text in explain(ours, 60), "what oko says itself was thought over"
    for said in (explain(theirs, 60), explain(ValueError(text), 60)):
        assert "ValueError" in said
        assert (text in said) == shown
        assert shown or "log.txt" in said


def test_nothing_released_leads_to_a_log_or_to_a_run(year: Place) -> None:
    for path in (results(year) / YEAR / "release").rglob("*"):
        if path.is_file():
            for place_, content in parts(str(path), path.read_bytes()):
                assert not [
                    word
                    for word in (b"log.txt", b"kernel.log", b"runs/", b"notebook.ipynb", b"protection/")
                    if word in content
                ], place_


def test_no_path_of_this_machine_and_no_user_is_in_what_leaves(year: Place) -> None:
    for name in ("release", "manifest.json", "index.html"):
        path = results(year) / YEAR / name
        assert found(path, of=[str(year.folder), str(ROOT)]) == []
    metadata = json.dumps(
        json.loads((results(year) / YEAR / "runs/shown/cluster/notebook.ipynb").read_text(encoding="utf-8"))["metadata"]
    )
    assert str(year.folder) not in metadata
    assert set(json.loads(metadata)["papermill"]["parameters"]) == {"cluster", "year", "language"}


# ---- what no study may do, and the real studies


@pytest.mark.slow
def test_a_page_that_shows_a_pseudonym_is_kept_inside_and_says_why(tmp_path: Path) -> None:
    year = made_year(tmp_path, MORE)
    run = results(year) / YEAR / "runs" / "leaky" / "cluster"
    assert found(run / "page.ru.html", of=[pseudonym(year)])
    assert not (results(year) / YEAR / "release").exists()
    told = json.loads((results(year) / YEAR / "checked/leaky/cluster/checked.json").read_text(encoding="utf-8"))
    codes = {finding["code"] for verdict in told["verdicts"] for finding in verdict["findings"]}
    assert {"pseudonym", "raw_output"} <= codes
    for path in (
        results(year) / YEAR / "checked",
        results(year) / YEAR / "index.html",
        results(year) / YEAR / "manifest.json",
        tmp_path / "printed.txt",
    ):
        assert found(path, of=[*NAMES, year.key, pseudonym(year)]) == []


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = place(tmp_path_factory.mktemp("real"))
    settings = made.root / "data" / "clusters" / CODE / "cluster.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + NAMED, encoding="utf-8")
    for name in ("notebooks", "requirements.lock"):
        (made.root / name).symlink_to(ROOT / name)
    write(made.inbox)
    as_sent(made.inbox / "работа.csv")
    year = ["--cluster", CODE, "--year", YEAR]
    run, sign = ["run", *year, "--jobs", "2"], ["release", *year, "--reviewer", REVIEWER]
    made.oko(verb("import", "ru", made.inbox), run, [*run, "--language", "en"], sign)
    return made


@pytest.mark.slow
def test_the_real_studies_leave_nothing_of_the_person_or_the_key(real: Place) -> None:
    whole = results(real)
    runs = sorted((whole / YEAR / "runs").glob("*/*/run.json"))
    done = [path.parent for path in runs if json.loads(path.read_text(encoding="utf-8"))["status"] == "done"]
    assert len(done) >= 4
    assert found(whole, of=[*NAMES, real.key]) == [], "names and keys are nowhere, in internal runs neither"
    kinds = {path.suffix for folder in done for path in folder.rglob("*")}
    assert {".png", ".html", ".parquet", ".ipynb"} <= kinds
    public = [
        folder
        for folder in done
        if json.loads((folder / "run.json").read_text(encoding="utf-8"))["edition"] == "public"
    ]
    assert public
    for path in (
        *public,
        *(whole / YEAR / name for name in ("release", "checked", "index.html", "manifest.json")),
        whole / "releases.jsonl",
    ):
        assert found(path, of=[pseudonym(real)]) == []


@pytest.mark.slow
def test_the_board_s_answers_hold_nothing_of_them(real: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    import http.client
    from urllib.parse import urlsplit

    for name, value in real.environment.items():
        if name in {"HOME", "TMPDIR", "OKO_KEYS"}:
            monkeypatch.setenv(name, value)
    monkeypatch.delenv("OKO_WORK", raising=False)
    with present.opened(open_workspace(real.root, CODE)) as board:
        for path in ("/", "/?template=lab", "/voila/static/x", "/api/contents"):
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(board.address).port or 0, timeout=120)
            connection.request("GET", path)
            answer = connection.getresponse().read()
            connection.close()
            for _, content in parts(path, answer):
                assert not [n for n in needles(*NAMES, real.key, pseudonym(real)) if n in content]
        said = board.log.read_bytes()
    assert not [n for n in needles(*NAMES, real.key, pseudonym(real)) if n in said]
    assert os.environ["OKO_KEYS"]
