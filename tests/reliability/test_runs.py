"""A run is done only when it is whole; whatever goes wrong has a name, and takes no other run with it."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import nbformat
import pyarrow.parquet as pq
import pytest

from oko.folders import sha256
from oko.runs.cache import read_record, reason_to_run
from oko.runs.execute import Outcome, execute
from oko.runs.plan import Run, plan
from oko.runs.workers import make_runs
from project import COUNT, Project

FAULTS = {
    "raises": (['raise ValueError("нет такого столбца")', COUNT], "ValueError: нет такого столбца"),
    "exits_midway": (["import sys", "sys.exit(0)", COUNT], "sys.exit"),
    "exits_last": ([COUNT, "import sys; sys.exit(0)"], "sys.exit"),
    "dies": (["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", COUNT], "Ядро"),
    "hangs": (["import time; time.sleep(60)", COUNT], "дольше"),
    "keeps_nothing": (["1 + 1"], "counts"),
    "keeps_another": (['page.keep("sums", page.workspace.results())'], "sums"),
    "keeps_wrong_columns": (['page.keep("counts", page.workspace.schools())'], "n"),
    "misspells": (['page.workspace.results(school="999")', COUNT], "999"),
}


def one(project: Project, name: str) -> Run:
    (run,) = plan(project.workspace, "2020-2021", study=name, school="344")
    return run


def test_a_whole_run_is_done_and_recorded(project: Project) -> None:
    project.study(
        "good", COUNT, "import pathlib, os; pathlib.Path(os.environ['OKO_RUN_FOLDER'], 'stray.txt').write_text('x')"
    )
    run = one(project, "good")
    assert reason_to_run(run) == "ещё не делалось"
    outcome = execute(run, render=False)
    assert outcome.status == "done", outcome.message
    record = json.loads((run.folder / "run.json").read_text())
    assert {"study", "unit", "year", "language", "edition", "status", "message", "key", "inputs", "versions", "seconds",
            "cpu_seconds", "peak_memory_mb", "outputs"} <= set(record)  # fmt: skip
    assert record["peak_memory_mb"] > 50
    assert {output["path"] for output in record["outputs"]} == {"notebook.ipynb", "tables/counts.parquet"}
    for output in record["outputs"]:
        assert sha256(run.folder / output["path"]) == output["sha256"]
    assert pq.read_table(run.folder / "tables" / "counts.parquet").to_pylist() == [{"school": "344", "n": 12}]
    assert not (run.folder / "stray.txt").exists()
    text = (run.folder / "notebook.ipynb").read_text()
    assert str(project.root) not in json.dumps(nbformat.reads(text, 4).metadata)


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_failure_has_a_name(project: Project, name: str) -> None:
    cells, words = FAULTS[name]
    project.study(name, *cells, timeout=3 if name == "hangs" else 60)
    run = one(project, name)
    outcome = execute(run, render=False)
    assert outcome.status == "failed"
    assert words in (outcome.message or ""), outcome.message
    record = read_record(run.folder)
    assert record is not None
    assert (record["status"], record["message"]) == ("failed", outcome.message)
    assert reason_to_run(run) == "последний запуск не удался"
    assert (run.folder / "log.txt").read_text(encoding="utf-8")
    assert not list(run.folder.parent.glob(".making-*"))


def test_a_public_table_must_be_protected(project: Project) -> None:
    project.study("open", COUNT, edition="public")
    outcome = execute(one(project, "open"), render=False)
    assert outcome.status == "failed"
    assert "protect" in (outcome.message or "")


def test_a_failed_run_stops_no_other_and_a_killed_one_is_named(project: Project) -> None:
    project.study("good", COUNT)
    project.study("raises", "raise ValueError('x')")
    project.study(
        "parent_killed", "import os, signal; os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(30)"
    )
    runs = plan(project.workspace, "2020-2021")
    assert len(runs) == 6
    outcomes: dict[str, Outcome] = {}
    make_runs(runs, 3, lambda run, outcome: outcomes.update({f"{run.name}/{run.unit}": outcome}))
    states = {name: outcome.status for name, outcome in outcomes.items()}
    assert states == {
        "good/school-344": "done", "good/school-498": "done", "raises/school-344": "failed", "raises/school-498": "failed",
        "parent_killed/school-344": "failed", "parent_killed/school-498": "failed",
    }  # fmt: skip
    assert "-9" in str(outcomes["parent_killed/school-344"].message)
    record = read_record(next(run.folder for run in runs if run.name == "parent_killed"))
    assert record is not None
    assert record["status"] == "failed"


def test_what_is_up_to_date_is_not_made_again_and_a_change_says_why(project: Project) -> None:
    project.study("good", COUNT)
    execute(one(project, "good"), render=False)
    run = one(project, "good")
    (run.folder / "page.ru.html").write_text("page")
    record = json.loads((run.folder / "run.json").read_text())
    page = {"path": "page.ru.html", "sensitivity": "internal", "sha256": sha256(run.folder / "page.ru.html")}
    (run.folder / "run.json").write_text(json.dumps({**record, "outputs": [*record["outputs"], page]}))
    assert reason_to_run(run) is None
    (english,) = plan(project.workspace, "2020-2021", study="good", school="344", language="en")
    assert english.key == run.key
    assert reason_to_run(english) == "на этом языке ещё не делалось"
    settings = project.root / "data" / "clusters" / "tiny" / "cluster.toml"
    settings.write_text(settings.read_text().replace("[name]", "threshold = 12\n[name]"))
    assert reason_to_run(one(project, "good")) == "изменились настройки кластера"
    table = run.folder / "tables" / "counts.parquet"
    table.write_bytes(table.read_bytes() + b" ")
    assert "tables/counts.parquet" in str(reason_to_run(run))


def test_tables_are_equal_byte_for_byte_with_any_number_of_workers(project: Project) -> None:
    project.study("good", COUNT)
    runs = plan(project.workspace, "2020-2021")
    content = []
    for jobs in (1, 2):
        make_runs(runs, jobs, lambda run, outcome: None)
        content.append([(run.folder / "tables" / "counts.parquet").read_bytes() for run in runs])
    assert content[0] == content[1]


def test_a_run_killed_at_any_moment_leaves_nothing_that_passes_for_done(project: Project) -> None:
    project.study("good", COUNT, "import time; time.sleep(0.5)")
    run = one(project, "good")
    for pause in (0.2, 1.0, 2.2):
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            execute(run, render=False)
            os._exit(0)
        threading.Event().wait(pause)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        record = read_record(run.folder)
        assert record is None or (record["status"] == "done" and pause > 1.5)
    make_runs([run], 1, lambda run, outcome: None)
    record = read_record(run.folder)
    assert record is not None
    assert record["status"] == "done"
    assert not list(run.folder.parent.glob(".making-*"))
    assert time.time() - Path(run.folder / "run.json").stat().st_mtime < 60


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere workers are not forked")
def test_a_worker_forks_its_kernel_and_an_ordinary_one_leaves_the_same(project: Project) -> None:
    project.study("good", COUNT, "import sys", 'forked = "oko.show.warm" in sys.modules')
    project.study("forked", COUNT, "import sys", 'assert "oko.show.warm" in sys.modules')
    outcomes: dict[str, str] = {}
    runs = plan(project.workspace, "2020-2021", school="344")
    make_runs(runs, 2, lambda run, outcome: outcomes.update({run.name: outcome.status}))
    assert outcomes == {"good": "done", "forked": "done"}
    run = one(project, "good")
    digest = sha256(run.folder / "tables" / "counts.parquet")
    assert execute(run, render=False).status == "done"
    assert sha256(run.folder / "tables" / "counts.parquet") == digest
    assert execute(one(project, "forked"), render=False).status == "failed"
