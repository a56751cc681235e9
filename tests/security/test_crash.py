"""T13: nothing half-finished, changed or stale passes for a result, wherever a run or a release is killed.

A child process ends itself with SIGKILL right before its n-th change of the results folder: before each file that is
opened to be written, each rename, each deletion. So every point between two changes is tried, and not some of them.
The same with a disk that has no room from there on.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from oko.cli import main
from oko.disclosure import journal, protect, release
from oko.errors import ReleaseError, RunError, SettingError
from oko.folders import sha256
from oko.records import store
from oko.records.schema import Tables
from oko.runs import execute as making
from oko.runs import release_archive
from oko.runs.cache import read_record, reason_to_run
from oko.runs.execute import execute
from oko.runs.page import write_table
from oko.runs.plan import Run, _template_digest, plan
from oko.runs.releases import release_runs, withdraw
from oko.runs.workers import sweep
from project import COUNT, Project

MOST, NO_ROOM = 200, 28
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate"}


def stopped_before(folder: Path, n: int, act: Callable[[], object], full: bool = False) -> bool:
    """Do something in a child that is killed right before its n-th change under a folder; tell whether it was.

    With ``full`` the disk has no room from there on instead: what is deleted is deleted, what is written fails.
    """
    child = os.fork()
    if child == 0:
        seen, failed = 0, False

        def hook(event: str, given: tuple[object, ...]) -> None:
            nonlocal seen, failed
            writes = event == "os.mkdir" or (event == "open" and isinstance(given[2], int) and given[2] & _WRITES)
            if (writes or event in _CHANGES) and str(given[0]).startswith(str(folder)):
                seen += 1
                if full and writes and seen >= n:
                    failed = True
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(given[0]))
                if not full and seen == n:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        status = 1
        try:
            act()
            status = NO_ROOM if failed else 0
        except OSError as error:
            status = NO_ROOM if error.errno == errno.ENOSPC else 1
        finally:
            os._exit(status)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in ((0, NO_ROOM) if full else (0, -signal.SIGKILL)), ended
    return ended != 0


def every_point(
    folder: Path, act: Callable[[], object], begin: Callable[[], object], step: int = 1, full: bool = False
) -> Iterator[int]:
    """Go through all points of an act: each time from the same beginning, stopped one change later, until it is whole."""
    for n in range(1, MOST, step):
        begin()
        if not stopped_before(folder, n, act, full):
            return
        yield n
    raise AssertionError("it never came to its end")


def notebook(run: Run, made: Path) -> nbformat.NotebookNode:
    """What a kernel would leave, without one: both tables and an executed notebook, about the run's own threshold."""
    for name in ("counts", "sums"):
        source = TABLES / f"{name}-{run.inputs['settings'][:8]}.parquet"
        (made / "tables").mkdir(exist_ok=True)
        (made / "tables" / f"{name}.parquet").write_bytes(source.read_bytes())
    cell = nbformat.v4.new_code_cell("1", execution_count=1)
    return nbformat.v4.new_notebook(cells=[cell], metadata={})


TABLES = Path()


def no_documents(_: Run) -> tuple[str, ...]:
    """Return that a run has no documents: Typst runs threads, and these tests fork the process that it would run in."""
    return ()


@pytest.fixture
def two(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Run, Run]:
    """One run before and after a change of the settings: its folder is the same, its tables differ."""
    project.study("good", COUNT)
    registry = project.root / "templates" / "studies.toml"
    more = '[[studies.good.tables]]\nname = "sums"\nsensitivity = "internal"\ncolumns = ["school", "n"]\n'
    registry.write_text(registry.read_text(encoding="utf-8") + more, encoding="utf-8")
    (before,) = plan(project.workspace, "2020-2021", school="344")
    settings = project.root / "data" / "clusters" / "tiny" / "cluster.toml"
    settings.write_text(settings.read_text().replace("[name]", "threshold = 12\n[name]"), encoding="utf-8")
    (after,) = plan(project.workspace, "2020-2021", school="344")
    monkeypatch.setattr(sys.modules[__name__], "TABLES", tmp_path / "made")
    for n, run in enumerate((before, after)):
        for name in ("counts", "sums"):
            frame = pd.DataFrame({"school": ["344"], "n": [n]})
            write_table(TABLES / f"{name}-{run.inputs['settings'][:8]}.parquet", frame)
    monkeypatch.setattr(making, "_run_notebook", notebook)
    monkeypatch.setattr("oko.runs.headers.page_header", lambda run: run.parameters.language)
    monkeypatch.setattr("oko.show.page.render", lambda _, header: f"<html><body>{header}</body></html>")
    monkeypatch.setattr("oko.runs.documents.names", no_documents)
    return before, after


def state(run: Run) -> str | None:
    """Return the key of a whole finished run that stands in a folder; None where none does."""
    record = read_record(run.folder)
    if record is None:
        return None
    assert record["status"] == "done"
    held = replace(run, inputs=record["inputs"])
    assert held.key == record["key"]
    reason = reason_to_run(held)
    assert reason is None or "язык" in reason, reason  # no page is made here
    numbers = {path.read_bytes() for path in sorted(run.folder.glob("tables/*.parquet"))}
    made = {(TABLES / f"{name}-{record['inputs']['settings'][:8]}.parquet").read_bytes() for name in ("counts", "sums")}
    assert numbers == made, "tables of two runs stand together"
    return str(record["key"])


@pytest.mark.parametrize(
    "earlier", [pytest.param(False, marks=pytest.mark.slow, id="first"), pytest.param(True, id="again")]
)
def test_a_run_killed_before_any_change_is_the_old_one_the_new_one_or_none(two: tuple[Run, Run], earlier: bool) -> None:
    before, after = two
    results = after.folder.parents[2]

    def begin() -> None:
        shutil.rmtree(results, ignore_errors=True)
        if earlier:
            assert execute(before, render=False).status == "done"

    met = set()
    for _ in every_point(results, lambda: execute(after, render=False), begin):
        met.add(state(after))
        sweep([after])  # what every later command does first
        stands = state(after)
        met.add(stands)
        assert stands is not None or not earlier, "the old run is lost"
        assert not list(after.folder.parent.glob(".making-*"))
        assert execute(after, render=False).status == "done"
        assert state(after) == after.key
    assert met == ({None, before.key, after.key} if earlier else {None})
    assert state(after) == after.key, "the last one came to its end"


@pytest.mark.slow
def test_a_run_that_finds_no_room_leaves_the_old_one_and_nothing_of_its_own(two: tuple[Run, Run]) -> None:
    before, after = two
    results = after.folder.parents[2]

    def begin() -> None:
        shutil.rmtree(results, ignore_errors=True)
        assert execute(before, render=False).status == "done"

    for _ in every_point(results, lambda: execute(after, render=False), begin, full=True):
        assert state(after) == before.key
        assert not list(after.folder.parent.glob(".making-*"))
    assert state(after) == after.key


@pytest.mark.slow
def test_a_failure_killed_while_it_is_written_down_is_no_result(
    two: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = two
    results = after.folder.parents[2]

    def fails(run: Run, made: Path) -> None:
        (made / "tables").mkdir()
        (made / "tables" / "counts.parquet").write_bytes(b"half")
        raise ValueError

    def begin() -> None:
        shutil.rmtree(results, ignore_errors=True)
        with monkeypatch.context() as patched:
            patched.setattr(making, "_run_notebook", notebook)
            assert execute(before, render=False).status == "done"

    monkeypatch.setattr(making, "_run_notebook", fails)
    for _ in every_point(results, lambda: execute(after, render=False), begin):
        sweep([after])
        record = read_record(after.folder)
        assert record is not None
        assert record["key"] == (before.key if record["status"] == "done" else after.key)
        assert reason_to_run(after) is not None


def test_every_byte_of_a_run_is_watched(two: tuple[Run, Run]) -> None:
    """A changed, shortened, emptied or missing output is seen, and the run is made again; half a record is none."""
    _, run = two
    assert execute(run).status == "done"
    assert reason_to_run(run) is None
    record = read_record(run.folder)
    assert record is not None
    outputs = [run.folder / output["path"] for output in record["outputs"]]
    assert {path.name for path in outputs} == {"counts.parquet", "sums.parquet", "notebook.ipynb", "page.ru.html"}
    for path in outputs:
        whole = path.read_bytes()
        for wrong in (whole[:-1], whole + b" ", whole[:9] + bytes([whole[9] ^ 1]) + whole[10:], b""):
            path.write_bytes(wrong)
            assert path.name in str(reason_to_run(run))
        path.unlink()
        assert path.name in str(reason_to_run(run))
        path.write_bytes(whole)
    written = (run.folder / "run.json").read_bytes()
    for place in range(0, len(written), 7):
        (run.folder / "run.json").write_bytes(written[:place])
        assert reason_to_run(run) == "ещё не делалось"


def test_a_changed_page_of_the_other_language_is_not_taken_over(two: tuple[Run, Run]) -> None:
    """The run in one language keeps the pages of the other: as they were made, or not at all."""
    _, russian = two
    english = replace(russian, parameters=russian.parameters.model_copy(update={"language": "en"}))
    assert english.key == russian.key
    assert execute(english).status == execute(russian).status == "done"
    page = russian.folder / "page.en.html"
    whole = page.read_bytes()
    assert reason_to_run(english) is None
    page.write_bytes(whole.replace(b"</body>", b"<p>99 %</p></body>"))
    assert "page.en.html" in str(reason_to_run(russian))
    assert execute(russian).status == "done"
    assert not page.exists()
    assert reason_to_run(english) is not None


# ---- releases


def shown_notebook(run: Run, made: Path) -> nbformat.NotebookNode:
    """What a public study leaves: a protected table and its memory; how many pupils, the title of the study says."""
    n = 40 if run.study.title.en == "Trial" else 80
    kept = protect(pd.DataFrame({"school": ["344", "498"], "n": [n, n]}), by=["school"])
    write_table(made / "tables" / "counts.parquet", kept.frame)
    (made / "protection").mkdir()
    (made / "protection" / "counts.json").write_text(json.dumps(kept.memory()), encoding="utf-8")
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", execution_count=1)], metadata={})


@dataclass(frozen=True)
class Open:
    """A project with one public study; what stands of it, run by run and release by release."""

    project: Project

    @property
    def results(self) -> Path:
        return self.project.workspace.results_folder

    @property
    def release(self) -> Path:
        return self.results / "2020-2021" / "release" / "open" / "school-344"

    def runs(self) -> tuple[Run, ...]:
        return plan(self.project.workspace, "2020-2021", study="open", school="344")

    def make(self) -> Run:
        (run,) = self.runs()
        outcome = execute(run)
        assert outcome.status == "done", outcome.message
        return run

    def sign(self) -> list[release.Release]:
        return release_runs(self.project.workspace, self.runs(), None)

    def change(self) -> None:
        """Let the study say something else: its run is another, and its table too."""
        registry = self.project.root / "templates" / "studies.toml"
        text = registry.read_text(encoding="utf-8")
        assert text.count('en = "Trial"') == 1
        registry.write_text(text.replace('en = "Trial"', 'en = "Another"'), encoding="utf-8")

    @property
    def stands(self) -> tuple[int, str] | None:
        """Number of pupils and digest of the release that stands; None where there is none that can be read."""
        try:
            there = release.read(self.release)
        except ReleaseError:
            return None
        (n,) = set(there.table("counts")["n"])
        assert there.about["title"]["en"] == ("Trial" if n == 40 else "Another"), "tables and words of two runs"
        told = [line["digest"] for line in journal.read(self.results) if line["action"] == "released"]
        assert there.digest in told, "nobody could withdraw it"
        assert any(one.about["digest"] == there.digest for one in release_archive.read(self.results)), (
            "nobody could audit it"
        )
        return int(n), there.digest


@pytest.fixture
def public(project: Project, monkeypatch: pytest.MonkeyPatch) -> Open:
    project.study("open", COUNT, edition="public")
    monkeypatch.setattr(making, "_run_notebook", shown_notebook)
    monkeypatch.setattr("oko.runs.headers.page_header", lambda run: run.parameters.language)
    monkeypatch.setattr("oko.runs.documents.names", no_documents)
    monkeypatch.setattr(
        "oko.show.page.render", lambda _, header: f'<!doctype html>\n<html lang="{header}"><body></body></html>'
    )
    return Open(project)


def put_back(kept: Path, results: Path) -> Callable[[], object]:
    """Keep a results folder aside, and return what brings it back."""
    shutil.copytree(results, kept)

    def begin() -> None:
        shutil.rmtree(results)
        shutil.copytree(kept, results)

    return begin


STEPS = [17, pytest.param(1, marks=pytest.mark.slow)]


@pytest.mark.parametrize("full", [False, True], ids=["killed", "no room"])
@pytest.mark.parametrize("step", STEPS)
def test_a_release_stopped_before_any_change_is_the_old_one_or_the_new_one_or_none(
    public: Open, tmp_path: Path, step: int, full: bool
) -> None:
    public.make()
    public.sign()
    old = public.stands
    assert old is not None
    assert old[0] == 40
    public.change()
    public.make()
    assert public.stands == old, "a run alone changes nothing that is released"
    met = set()
    for _ in every_point(public.results, public.sign, put_back(tmp_path / "kept", public.results), step, full):
        met.add(stands := public.stands)
        assert stands is None or stands[0] == 80 or stands == old
        (made,) = public.sign()
        assert public.stands == (80, made.digest)
        left = [path for name in ("2020-2021/release", "archive") for path in (public.results / name).rglob(".*")]
        assert left == [], "an earlier release lies there still"
    assert old in met
    assert public.stands is not None
    assert public.stands[0] == 80


def test_a_withdrawal_killed_anywhere_is_done_or_not_begun(public: Open, tmp_path: Path) -> None:
    public.make()
    public.sign()
    old = public.stands
    workspace = public.project.workspace

    def act() -> None:
        withdraw(public.project.workspace, "2020-2021", "open", "Ошибка в данных")

    for _ in every_point(public.results, act, put_back(tmp_path / "kept", public.results)):
        lines = [line for line in journal.read(public.results) if line["action"] == "withdrawn"]
        assert public.stands == (None if lines else old)
        with contextlib.suppress(SettingError):  # nothing is left that could be withdrawn
            withdraw(workspace, "2020-2021", "open", "Ошибка в данных")
        assert not public.release.exists()
    assert public.stands is None


def test_a_half_run_is_not_released(public: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(public.project.root)
    run = public.make()
    whole = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    record = json.loads(whole[run.folder / "run.json"])
    for output in record["outputs"]:
        path = run.folder / output["path"]
        if output["sensitivity"] == "public":
            for wrong in (whole[path][:-1] + bytes([whole[path][-1] ^ 1]), whole[path][:50], None):
                path.unlink()
                if wrong is not None:
                    path.write_bytes(wrong)
                assert public.sign() == []
                assert not public.release.exists()
                assert main(["release", "--cluster", "tiny", "--year", "2020-2021"]) == 1
                path.write_bytes(whole[path])
    for status in ("failed", "begun", None):
        (run.folder / "run.json").write_text(json.dumps({**record, "status": status}), encoding="utf-8")
        assert public.sign() == []
    (run.folder / "run.json").write_bytes(whole[run.folder / "run.json"][:200])
    assert public.sign() == []
    (run.folder / "run.json").write_bytes(whole[run.folder / "run.json"])
    assert len(public.sign()) == 1


def test_a_record_changed_by_hand_brings_nothing_out(public: Open) -> None:
    """What the registry does not declare public stays, whatever a run says of itself."""
    run = public.make()
    secret = run.folder.parents[4] / "secret.csv"
    secret.write_text("a,b\n1,2\n", encoding="utf-8")
    (run.folder / "tables" / "others.parquet").write_bytes((run.folder / "tables" / "counts.parquet").read_bytes())
    text = (run.folder / "run.json").read_text(encoding="utf-8")
    for path in ("protection/counts.json", "notebook.ipynb", "log.txt", "tables/others.parquet", "../../../../../secret.csv",
                 str(secret), "tables/../tables/counts.parquet"):  # fmt: skip
        record = json.loads(text)
        rest = [output for output in record["outputs"] if output["path"] != path]
        said = {"path": path, "sensitivity": "public", "sha256": sha256(run.folder / path)}
        (run.folder / "run.json").write_text(json.dumps({**record, "outputs": [*rest, said]}), encoding="utf-8")
        with contextlib.suppress(ReleaseError, RunError):
            public.sign()
        assert not public.release.exists() or path not in release.read(public.release).files, path
        shutil.rmtree(public.release, ignore_errors=True)
    assert {path.name for path in run.folder.parents[4].rglob("secret.csv")} == {"secret.csv"}
    assert len(list(public.project.root.rglob("secret.csv"))) == 1


@pytest.mark.parametrize("thing", ["template", "data", "settings"])
def test_what_is_out_of_date_is_not_released(public: Open, tables: Tables, thing: str) -> None:
    public.make()
    if thing == "template":
        path = public.project.root / "templates" / "school" / "open.ipynb"
        path.write_text(path.read_text(encoding="utf-8").replace("groupby", "copy().groupby"), encoding="utf-8")
        _template_digest.cache_clear()
    elif thing == "data":
        store.write(public.project.workspace.store_folder, replace(tables, results=tables.results.iloc[1:]))
    else:
        settings = public.project.root / "data" / "clusters" / "tiny" / "cluster.toml"
        settings.write_text(
            settings.read_text(encoding="utf-8").replace("[name]", "threshold = 12\n[name]"), encoding="utf-8"
        )
    assert public.sign() == []
    assert public.stands is None
    public.make()
    assert len(public.sign()) == 1


# ---- no room, no right to write


@pytest.fixture
def small_disk(two: tuple[Run, Run]) -> Iterator[Path]:
    """The year's results on a disk of their own of 1 MB; skipped where none can be mounted."""
    disk = two[1].folder.parents[2]
    disk.mkdir(parents=True)
    mount, leave = shutil.which("mount"), shutil.which("umount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "none", disk], check=False, capture_output=True
    )
    if not made or made.returncode or not leave:
        pytest.skip("no small disk can be mounted here")
    yield disk
    subprocess.run([leave, "-l", disk], check=True)


def test_a_full_disk_is_said_and_nothing_on_it_is_half(two: tuple[Run, Run], small_disk: Path) -> None:
    before, after = two
    filler = small_disk / "filler"
    outcomes = set()
    for kilobytes in range(0, 40, 4):
        assert execute(before, render=False).status == "done"
        room = os.statvfs(small_disk)
        filler.write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - kilobytes * 1024)))
        try:
            outcome = execute(after, render=False)
        except OSError as error:
            outcomes.add("raised")
            told = str(error)
            assert state(after) == before.key
        else:
            outcomes.add(outcome.status)
            told = outcome.message or "No space"
            record = read_record(after.folder)
            assert record is not None
            assert record["status"] == outcome.status
            assert outcome.status == "failed" or state(after) == after.key
        assert "No space" in told
        assert not list(after.folder.parent.glob(".making-*"))
        filler.unlink()
        assert execute(after, render=False).status == "done"
        assert state(after) == after.key
    assert outcomes >= {"raised", "done"}


def test_a_folder_that_cannot_be_written_is_named(
    two: tuple[Run, Run], small_disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = two
    assert execute(before, render=False).status == "done"
    monkeypatch.chdir(after.root)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert main(["run", "--cluster", "tiny", "--year", "2020-2021"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("oko: ")
    assert str(small_disk) in said
    assert state(after) == before.key


# ---- killed for real


KILL = """
import sys
from oko.cli import main
sys.exit(main(["run", "--cluster", "tiny", "--year", "2020-2021", "--jobs", "2"]))
"""


def kernels(root: Path) -> list[str]:
    """Return the command lines of kernels that still work in a project's folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"ipykernel" in (said := (place / "cmdline").read_bytes()) and (place / "cwd").resolve() == root:
                found.append(said.decode(errors="replace"))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="processes are listed in /proc alone")
def test_a_year_killed_at_random_is_made_whole_by_the_next_call(project: Project) -> None:
    """The command dies as on a power cut, with all its processes or alone; its kernels end by themselves."""
    for name in ("good", "other", "third"):
        project.study(name, COUNT, "import time; time.sleep(0.3)")
    call, rng = [sys.executable, "-c", KILL], np.random.default_rng(9)
    runs = plan(project.workspace, "2020-2021")
    for place, pause in enumerate(rng.uniform(0.5, 7.0, 5)):
        with subprocess.Popen(
            call, cwd=project.root, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as made:
            with contextlib.suppress(subprocess.TimeoutExpired):
                made.wait(pause)
            if place % 2:
                made.kill()
            else:
                os.killpg(made.pid, signal.SIGKILL)
        for run in runs:
            record = read_record(run.folder)
            assert (
                record is None
                or record["status"] == "failed"
                or all(sha256(run.folder / output["path"]) == output["sha256"] for output in record["outputs"])
            )
    until = time.monotonic() + 30
    while kernels(project.root) and time.monotonic() < until:
        time.sleep(0.2)
    assert kernels(project.root) == []
    last = subprocess.run(call, cwd=project.root, capture_output=True, text=True, check=False, timeout=120)
    assert last.returncode == 0, last.stdout + last.stderr
    assert [reason_to_run(run) for run in runs] == [None] * len(runs)
    assert not [path for path in runs[0].folder.parents[1].rglob(".*") if path.name != ".lock"]
