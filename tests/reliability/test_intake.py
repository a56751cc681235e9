"""An import that is killed, interrupted or finds no room leaves the store as it was; who reads goes on, who writes waits."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oko.cli import main
from oko.folders import sha256
from oko.records import store
from oko.runs import receive
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from received_files import CODE, make_root

ASSESSMENTS = (
    "assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score\n"
    "a7,control,mathematics,2020-2021,spring,7,7,2\n"
)
IMPORT = ["import", "--cluster", CODE]
BEFORE, AFTER = {"1 7А": 12}, {"1 7Б": 12, "2 7А": 12}
POINTS = {
    "copying": "amid shutil copyfile",
    "reading": "before oko.runs.sources _read",
    "writing": "amid oko.records.store _write_file",
    "pointing": "before oko.records.store _point",
    "pointed": "after oko.records.store _point",
    "noting": "before oko.runs.receive _note",
}
ENDER = """
import importlib, json, os, signal, sys
import duckdb, oko.cli, oko.intake_verbs, oko.runs.receive, oko.records.public
def end(when, module, name, number):
    there = importlib.import_module(module)
    plain = getattr(there, name)
    def ending(*given, **named):
        if when == "after":
            plain(*given, **named)
        if when == "amid" and name == "copyfile":
            lines = open(given[0], "rb").readlines()
            open(given[1], "wb").writelines(lines[:5])
        elif when == "amid":
            plain(*given, **named)
            os.truncate(given[0], os.path.getsize(given[0]) // 2)
        os.kill(os.getpid(), number)
        return plain(*given, **named)
    setattr(there, name, ending)
for line in sys.stdin:
    work, number, point, words = json.loads(line)
    child = os.fork()
    if not child:
        status = 99
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
            os.environ["OKO_WORK"] = work
            os.dup2(2, 1)
            end(*point.split(), number)
            status = oko.cli.main(words)
        finally:
            os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def results(school: str, letter: str = "А", n: int = 12) -> str:
    rows = [f"a7,p{school}-{i},{school},took,7{letter},{i % 3}" for i in range(n)]
    return "assessment,pupil,school,status,class,primary_score\n" + "\n".join(rows) + "\n"


def classes(workspace: Workspace) -> dict[str, int]:
    """Return the rows of results by school and class: what the store holds, in short."""
    rows = workspace.results()
    return (rows["school"] + " " + rows["class"]).value_counts().to_dict()


def held(work: Path) -> dict[str, str]:
    """Return the files received with their checksums."""
    raw = work / CODE / "raw"
    return {path.relative_to(raw).as_posix(): sha256(path) for path in sorted(raw.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose store holds school 1, with an inbox: its corrected file, and that of school 2."""
    folder = tmp_path_factory.mktemp("intake")
    make_root(folder / "root")
    for name, text in {"first/a.csv": ASSESSMENTS, "first/r1.csv": results("1")}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "r1 исправлено.csv").write_text(results("1", "Б"), encoding="utf-8")
    (folder / "inbox" / "r2.csv").write_text(results("2"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder / "root")
        patched.setenv("OKO_WORK", str(folder / "work"))
        patched.setenv("OKO_KEYS", str(folder / "keys"))
        assert main([*IMPORT, str(folder / "first")]) == 0
    return folder


@pytest.fixture
def work(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder of the test's own, as the first import left it."""
    monkeypatch.chdir(base / "root")
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    monkeypatch.setenv("OKO_KEYS", str(base / "keys"))
    return shutil.copytree(base / "work", tmp_path / "work", symlinks=True)


def opened(base: Path) -> Workspace:
    return open_workspace(base / "root", CODE)


SLOW = pytest.mark.slow
EARLY = [
    ("copying", "SIGKILL"), ("copying", "SIGINT"), ("writing", "SIGKILL"),
    pytest.param("writing", "SIGINT", marks=SLOW), pytest.param("reading", "SIGKILL", marks=SLOW), pytest.param("reading", "SIGINT", marks=SLOW),
    pytest.param("pointing", "SIGKILL", marks=SLOW), pytest.param("pointing", "SIGINT", marks=SLOW),
]  # fmt: skip
KILLED = [*EARLY, ("pointed", "SIGKILL"), pytest.param("noting", "SIGKILL", marks=SLOW)]
Ended = Callable[[str, str], tuple[Path, int]]


@pytest.fixture(scope="module")
def ended(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """Give for a point and a signal the work folder and the exit code of an import that was ended there."""
    folder, known = tmp_path_factory.mktemp("ended"), {}
    environment = {**os.environ, "OKO_KEYS": str(base / "keys")}
    call = [sys.executable, "-c", ENDER]
    with (folder / "said.txt").open("w") as said, subprocess.Popen(
        call, cwd=base / "root", env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True
    ) as ender:  # fmt: skip
        assert ender.stdin
        assert ender.stdout

        def end(point: str, name: str) -> tuple[Path, int]:
            if (point, name) not in known:
                work = shutil.copytree(base / "work", folder / f"{point}-{name}", symlinks=True)
                told = [str(work), signal.Signals[name].value, POINTS[point], [*IMPORT, str(base / "inbox")]]
                print(json.dumps(told), file=ender.stdin, flush=True)
                known[point, name] = work, int(ender.stdout.readline())
            return known[point, name]

        yield end
        ender.stdin.close()


@pytest.mark.parametrize(("point", "name"), KILLED)
def test_the_import_was_ended_there(ended: Ended, point: str, name: str) -> None:
    assert ended(point, name)[1] == (-9 if name == "SIGKILL" else 130)


@pytest.mark.parametrize(("point", "name"), EARLY)
def test_an_ended_import_leaves_the_store_as_it_was(
    ended: Ended, base: Path, monkeypatch: pytest.MonkeyPatch, point: str, name: str
) -> None:
    work = ended(point, name)[0]
    assert (work / CODE / "store" / "store.json").read_bytes() == (
        base / "work" / CODE / "store" / "store.json"
    ).read_bytes()
    monkeypatch.setenv("OKO_WORK", str(work))
    assert classes(opened(base)) == BEFORE


@pytest.mark.parametrize("point", ["copying", pytest.param("writing", marks=SLOW)])
def test_an_interrupted_import_leaves_the_files_as_they_were(ended: Ended, base: Path, point: str) -> None:
    assert held(ended(point, "SIGINT")[0]) == held(base / "work")


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("point", "name"),
    [("copying", "SIGKILL"), ("pointed", "SIGKILL"), pytest.param("writing", "SIGKILL", marks=SLOW),
     pytest.param("reading", "SIGKILL", marks=SLOW), pytest.param("pointing", "SIGKILL", marks=SLOW),
     pytest.param("copying", "SIGINT", marks=SLOW), pytest.param("noting", "SIGKILL", marks=SLOW)],
)  # fmt: skip
def test_the_next_import_goes_as_if_nothing_had_been(
    ended: Ended, base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, point: str, name: str
) -> None:
    work = shutil.copytree(ended(point, name)[0], tmp_path / "work", symlinks=True)
    monkeypatch.chdir(base / "root")
    monkeypatch.setenv("OKO_WORK", str(work))
    assert main([*IMPORT, str(base / "inbox")]) == 0
    assert classes(opened(base)) == AFTER
    assert len([*(work / CODE).glob(".store-*")]) <= 2, "what the killed import had written is swept away"


@pytest.mark.parametrize(
    "point",
    ["copying", pytest.param("reading", marks=SLOW), pytest.param("pointing", marks=SLOW)],
)
def test_files_left_by_a_kill_are_never_taken_in_part(
    ended: Ended, base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, point: str
) -> None:
    work = shutil.copytree(ended(point, "SIGKILL")[0], tmp_path / "work", symlinks=True)
    monkeypatch.chdir(base / "root")
    monkeypatch.setenv("OKO_WORK", str(work))
    assert main(IMPORT) == 0
    assert classes(opened(base)) in (BEFORE, AFTER)


class Paused:
    """Writing the store stops at its first file until it is told to go on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there, self.on = threading.Event(), threading.Event()
        plain = store._write_file

        def waiting(*given: Any) -> None:
            self.there.set()
            assert self.on.wait(30)
            plain(*given)

        monkeypatch.setattr(store, "_write_file", waiting)


def test_readers_go_on_while_an_import_runs_and_a_second_writer_is_told_to_wait(
    base: Path, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paused = Paused(monkeypatch)
    earlier = opened(base)
    assert classes(earlier) == BEFORE
    importing = threading.Thread(target=receive.receive, args=(opened(base), [base / "inbox"]))
    importing.start()
    try:
        assert paused.there.wait(30)
        assert classes(opened(base)) == BEFORE
        assert classes(earlier) == BEFORE
        assert main([*IMPORT, str(base / "inbox")]) == 1
        assert "дождитесь" in capsys.readouterr().err
    finally:
        paused.on.set()
        importing.join(30)
    assert classes(opened(base)) == AFTER
    assert classes(earlier) == BEFORE, "who had opened the store reads on what was there"


def test_a_corrected_file_replaces_the_earlier_which_can_be_had_again(base: Path, work: Path) -> None:
    first = sha256(base / "first" / "r1.csv")
    assert main([*IMPORT, str(base / "inbox")]) == 0
    workspace = opened(base)
    history = [json.loads(line) for line in (work / CODE / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    (replaced,) = [row for row in history if row["did"] == "replaced"]
    assert (replaced["sha256"], replaced["file"]) == (first, "raw/r1.csv")
    aside = work / CODE / "replaced" / replaced["now"]
    assert aside.read_bytes() == (base / "first" / "r1.csv").read_bytes()
    sources = workspace.query("select distinct r.school, f.file, r.source from results r join files f using (source)")
    known = {school: (file, source) for school, file, source in sources.itertuples(index=False)}
    assert known == {
        "1": ("r1 исправлено.csv", sha256(base / "inbox" / "r1 исправлено.csv")[:16]),
        "2": ("r2.csv", sha256(base / "inbox" / "r2.csv")[:16]),
    }
    assert main([*IMPORT, str(aside)]) == 0
    assert classes(opened(base)) == {"1 7А": 12, "2 7А": 12}, "the earlier version is put back by importing it"


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def half_copied(source: Path, target: Path) -> None:
    Path(target).write_bytes(Path(source).read_bytes()[:100])
    full()


@pytest.mark.parametrize(
    ("module", "name", "fails"),
    [
        (shutil, "copyfile", half_copied),
        (store.pq, "write_table", full),
        pytest.param(store, "_checksums", full, marks=SLOW),
        pytest.param(store, "_point", full, marks=SLOW),
    ],
)
def test_a_full_disk_leaves_everything_as_it_was(
    base: Path, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    module: Any, name: str, fails: Any,
) -> None:  # fmt: skip
    before = held(work)
    with monkeypatch.context() as patched:
        patched.setattr(module, name, fails)
        assert main([*IMPORT, str(base / "inbox")]) == 1
    assert os.strerror(errno.ENOSPC) in capsys.readouterr().err
    assert held(work) == before
    assert classes(opened(base)) == BEFORE
    assert main([*IMPORT, str(base / "inbox")]) == 0
    assert classes(opened(base)) == AFTER


@pytest.fixture
def small_disk(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The work folder on a disk of its own of 1 MB; skipped where none can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "none", disk], check=False, capture_output=True
    )
    if not made or made.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        monkeypatch.chdir(base / "root")
        monkeypatch.setenv("OKO_WORK", str(disk / "work"))
        monkeypatch.setenv("OKO_KEYS", str(base / "keys"))
        yield shutil.copytree(base / "work", disk / "work", symlinks=True)
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", disk], check=False)


@pytest.mark.parametrize("kilobytes", [0, pytest.param(12, marks=SLOW), pytest.param(32, marks=SLOW)])
def test_a_disk_that_is_really_full_leaves_everything_as_it_was(
    base: Path, small_disk: Path, capsys: pytest.CaptureFixture[str], kilobytes: int
) -> None:
    before, filler = held(small_disk), small_disk.parent / "filler"
    room = os.statvfs(small_disk)
    filler.write_bytes(bytes(room.f_bavail * room.f_frsize - kilobytes * 1024))
    assert main([*IMPORT, str(base / "inbox")]) == 1
    assert capsys.readouterr().err.startswith("oko: ")
    assert held(small_disk) == before
    assert classes(opened(base)) == BEFORE
    filler.unlink()
    assert main([*IMPORT, str(base / "inbox")]) == 0
    assert classes(opened(base)) == AFTER


def of_session(leader: int) -> list[int]:
    """Return the processes that a process of its own session and those under it left running."""
    there = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = place.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                there.append(int(place.parent.name))
    return there


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="processes are listed in /proc alone")
def test_a_killed_import_leaves_no_process_behind(base: Path, work: Path) -> None:
    many = work / CODE / "raw"
    for number in range(60):
        (many / f"many{number}.csv").write_text(results(str(number), n=4000), encoding="utf-8")
    call = [sys.executable, "-m", "oko.cli", *IMPORT]
    with subprocess.Popen(
        call, cwd=base / "root", start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as importing:
        until = time.monotonic() + 30
        while len(of_session(importing.pid)) < 5 and time.monotonic() < until:
            time.sleep(0.05)
        readers = set(of_session(importing.pid)) - {importing.pid}
        importing.kill()
    try:
        assert readers, "several processes read"
        until = time.monotonic() + 10
        while of_session(importing.pid) and time.monotonic() < until:
            time.sleep(0.1)
        assert of_session(importing.pid) == []
    finally:
        for pid in of_session(importing.pid):
            os.kill(pid, signal.SIGKILL)
