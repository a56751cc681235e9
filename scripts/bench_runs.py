"""Time the run of studies: a year of the example, the same year again, and one run of each study against papermill.

The store is made outside the measured time. Papermill's side executes the same notebooks, each in a new kernel and as
many at a time, and nothing else: no page, no documents, no record, no check of what a run left.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from bench_process import watched

if TYPE_CHECKING:
    from oko.runs.plan import Run
    from oko.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
HEADINGS = (
    "what", "runs", "time", "CPU", "memory at the peak", "yardstick", "its time", "its CPU", "its memory", "ratio",
)  # fmt: skip
PAPERMILL = "papermill, its own engine: the same notebooks in new kernels, as many at a time; cells alone"
ABOUT = (
    "## The run of studies",
    "",
    "The example's latest year, each line in a process of its own and once (n = 1); as many runs at a time as there",
    "are cores. Memory is the most that all processes held at one time, what they share counted once (PSS). A run has",
    "its page, its documents (PDF, Word, Excel), its tables and its record; a year also the checks and the release.",
)


def _workspace() -> Workspace:
    from oko.workspace import open as open_workspace

    return open_workspace(ROOT, "example")


def _one_of_each() -> list[Run]:
    from oko.runs.plan import plan

    workspace = _workspace()
    first = {run.name: run for run in reversed(plan(workspace, workspace.cluster.latest_year))}
    return list(first.values())


def prepare() -> int:
    """Make the example's raw files and its store."""
    from oko.runs import sources

    sources.ensure_store(_workspace())
    return 0


def year() -> int:
    """Make what of the year is not up to date; return how many runs that were."""
    from oko.runs.year import make_year

    workspace = _workspace()
    made = make_year(workspace, workspace.cluster.latest_year)
    if made.failed or made.kept:
        raise SystemExit(f"failed: {made.failed}; kept: {made.kept}")
    return len(made.made)


def each() -> int:
    """Make one run of each study."""
    from oko.runs.workers import make_runs

    runs = _one_of_each()
    failed: list[str] = []
    make_runs(runs, None, lambda run, outcome: failed.extend([run.name] * (outcome.status != "done")))
    if failed:
        raise SystemExit(f"failed: {failed}")
    return len(runs)


def each_by_papermill() -> int:
    """Execute the same notebooks by papermill."""
    runs = _one_of_each()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        list(pool.map(_executed, [(str(run.template), run.parameters.literals()) for run in runs]))
    return len(runs)


def _executed(asked: tuple[str, dict[str, object]]) -> None:
    import papermill

    from oko.runs.kernels import SAME_EVERYWHERE
    from oko.runs.page import RUN_FOLDER

    template, parameters = asked
    with tempfile.TemporaryDirectory(prefix="oko-bench-") as folder:
        os.environ.update({**SAME_EVERYWHERE, RUN_FOLDER: folder})
        papermill.execute_notebook(
            template, f"{folder}/notebook.ipynb", parameters, kernel_name="python3", cwd=str(ROOT), progress_bar=False
        )


STEPS: dict[str, Callable[[], int]] = {
    "prepare": prepare, "year": year, "each": each, "papermill": each_by_papermill,
}  # fmt: skip


def measured(name: str) -> tuple[float, int]:
    """Measure a step in this process: seconds, and how many runs it made."""
    begun = time.perf_counter()
    n = STEPS[name]()
    return time.perf_counter() - begun, n


def rows() -> Iterator[str]:
    """Measure every step and write the rows of the table."""
    with tempfile.TemporaryDirectory(prefix="oko-bench-") as folder:
        environment = {**os.environ, "OKO_WORK": folder}

        def cost(name: str) -> tuple[int, list[str], float]:
            command = [sys.executable, __file__, name]
            output, megabytes, cpu = watched(command, environment, together=True)
            seconds, n = json.loads(output.splitlines()[-1])
            return n, [f"{seconds:.1f} s", f"{cpu:.0f} s", f"{megabytes:,.0f} MB"], seconds

        cost("prepare")
        other = cost("papermill")
        ours = cost("each")
        ratio = f"{other[2] / ours[2]:.1f} ×"
        yield _row("one run of each study", ours[0], ours[1], PAPERMILL, *other[1], ratio)
        for what in ("a whole year to its release, one run of each study there already", "the same year, up to date"):
            n, cells, _ = cost("year")
            yield _row(what, n, cells)


def _row(what: str, n: int, ours: list[str], *yardstick: str) -> str:
    return "| " + " | ".join([what, str(n), *ours, *(yardstick or ["–"] * 5)]) + " |"


def main() -> int:
    """Measure one step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=STEPS)
    print(json.dumps(measured(parser.parse_args().step)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
