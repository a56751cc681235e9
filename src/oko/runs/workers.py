"""Make many runs at a time, each in a process of its own: one that dies takes no other with it."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from oko.folders import restore_folder
from oko.language import gettext
from oko.runs.alone import alone
from oko.runs.execute import MAKING, Outcome, execute
from oko.runs.kernels import SAME_EVERYWHERE
from oko.runs.plan import Run
from oko.runs.record import write_failure
from oko.runs.standby import REHEARSAL, stand_by

GRACE = 180.0
_LOADED = [
    "oko.runs.execute", "oko.measures", "oko.show", "oko.show.page", "oko.show.documents_pdf", "nbconvert",
    "ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell", REHEARSAL,
]  # fmt: skip
_METHOD = "forkserver" if sys.platform.startswith("linux") else "spawn"


@dataclass
class _Worker:
    run: Run
    process: Any
    answer: Connection
    deadline: float


def make_runs(runs: Sequence[Run], jobs: int | None, report: Callable[[Run, Outcome], None]) -> None:
    """Make runs and report each as it ends.

    Parameters
    ----------
    runs : sequence of Run
    jobs : int, optional
        How many at a time; by default as many as the machine has cores.
    report : callable
        Called with each run and its outcome, in the order in which they end.
    """
    if not runs:
        return
    with alone(runs[0].folder.parents[1]):
        _make(runs, jobs, report)


def _make(runs: Sequence[Run], jobs: int | None, report: Callable[[Run, Outcome], None]) -> None:
    context = multiprocessing.get_context(_METHOD)
    if _METHOD == "forkserver":
        _warm_server(context)
    sweep(runs)
    waiting, busy = list(runs), list[_Worker]()
    try:
        while waiting or busy:
            while waiting and len(busy) < (jobs or os.cpu_count() or 1):
                busy.append(_start(context, waiting.pop(0)))
            ready = set(wait([worker.answer for worker in busy], timeout=1.0))
            for worker in [w for w in busy if w.answer in ready or time.monotonic() > w.deadline]:
                busy.remove(worker)
                report(worker.run, _finish(worker))
    finally:
        for worker in busy:
            worker.process.terminate()
        sweep(runs)


def _warm_server(context: Any) -> None:
    """Start the server from which workers are forked, with what every study needs loaded, as a kernel would have it."""
    from multiprocessing.forkserver import ensure_running

    context.set_forkserver_preload(_LOADED)
    before = dict(os.environ)
    os.environ.update(SAME_EVERYWHERE)
    try:
        ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def sweep(runs: Sequence[Run]) -> None:
    """Delete temporary folders that a killed run left behind."""
    for run in runs:
        restore_folder(run.folder)
    for parent in {run.folder.parent for run in runs}:
        for leftover in parent.glob(f"{MAKING}*"):
            shutil.rmtree(leftover, ignore_errors=True)


def _start(context: Any, run: Run) -> _Worker:
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(run, dict(os.environ), sending), daemon=False)
    process.start()
    sending.close()
    return _Worker(run, process, receiving, time.monotonic() + run.study.timeout + GRACE)


def _work(run: Run, environment: dict[str, str], answer: Connection) -> None:
    os.environ.clear()  # the fork server has the environment of its own start
    os.environ.update(environment)
    stand_by()
    try:
        answer.send(execute(run))
    except BaseException as error:  # the parent must hear of it, whatever it is
        answer.send(Outcome("failed", f"{type(error).__name__}: {error}", 0.0))
        raise


def _finish(worker: _Worker) -> Outcome:
    try:
        outcome: Outcome | None = worker.answer.recv() if worker.answer.poll() else None
    except EOFError:
        outcome = None
    if outcome is None and worker.process.is_alive() and time.monotonic() > worker.deadline:
        worker.process.terminate()
        return _record_failure(worker, gettext("The run took too long and was stopped."))
    worker.process.join(timeout=30)
    if outcome is None:
        message = gettext("The run's process was killed (exit code {code}).").format(code=worker.process.exitcode)
        return _record_failure(worker, message)
    return outcome if outcome.seconds else _record_failure(worker, outcome.message or "")


def _record_failure(worker: _Worker, message: str) -> Outcome:
    outcome = Outcome("failed", message, 0.0)
    write_failure(worker.run, message)
    return outcome
