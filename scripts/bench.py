"""Time the measures against what else could do the work, the intake and the runs; the page is docs/benchmarks.md.

A new row is one more Case in `cases()`. Each side runs in a process of its own that makes the data, calls once on a
small part of them (imports, caches), then on all of them until SECONDS have passed, at most MOST times; the median
counts. Memory is what the first whole call adds to the resident memory of that process at its peak.
The intake's table is made by bench_intake.py, that of the runs by bench_runs.py.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import bench_intake  # noqa: E402
import bench_runs  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from bench_case import Case  # noqa: E402
from bench_dif import dif_cases  # noqa: E402
from bench_disclosure import disclosure_cases  # noqa: E402
from bench_growth import growth_cases  # noqa: E402
from bench_impact import impact_cases  # noqa: E402
from bench_irt import irt_cases  # noqa: E402
from bench_items import item_cases  # noqa: E402
from bench_process import forget_peak, peak_kilobytes  # noqa: E402
from bench_schools import schools_cases  # noqa: E402

from oko.measures import marks  # noqa: E402
from oko.measures.schools import value_added  # noqa: E402

TABLE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
SECONDS, MOST = 2.0, 25
HEADINGS = (
    "measure", "data", "time", "yardstick", "its time", "ratio", "memory added, ours / its", "difference",
)  # fmt: skip
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels", "pyarrow", "duckdb", "python-calamine")
PEERS = ("mirt", "girth")


def cases() -> list[Case]:
    """Return the rows of the table."""
    return [
        *(_value_added(pupils, schools, slopes) for slopes in ((), ("x",)) for pupils, schools in SIZES),
        Case(
            "marks.summary by school and subject: 8 measures with intervals",
            "100,000 results, 60 schools",
            "lower bound: one mean by pandas groupby",
            "groups",
            simulate_marks,
            lambda data: len(marks.summary(data, ["school", "subject"])),
            lambda data: len(data.groupby(["school", "subject"])["mark"].mean()),
        ),
        *item_cases(),
        *irt_cases(),
        *dif_cases(),
        *schools_cases(),
        *growth_cases(),
        *impact_cases(),
        *disclosure_cases(),
    ]


SIZES = ((4_059, 65), (30_000, 2_280))


def _value_added(pupils: int, schools: int, slopes: tuple[str, ...]) -> Case:
    return Case(
        f"schools.value_added, random {'slope' if slopes else 'intercept'}, REML",
        f"{pupils:,} pupils, {schools:,} schools",
        'statsmodels MixedLM(method="powell")',
        "school variance",
        lambda: simulate_pupils(pupils, schools),
        lambda data: float(value_added(data, "y", ["x"], slopes=slopes).variance["school"]),
        lambda data: mixed_lm(data, slopes),
    )


def simulate_pupils(pupils: int, schools: int) -> pd.DataFrame:
    """Return pupils of the shape and variances of the Exam data (random intercept and slope)."""
    rng = np.random.default_rng(20261123)
    school = np.sort(np.concatenate([np.arange(schools), rng.integers(0, schools, pupils - schools)]))
    x = rng.normal(size=pupils)
    intercept, slope = rng.normal(0, 0.3, schools), rng.normal(0, 0.12, schools)
    y = 0.56 * x + intercept[school] + slope[school] * x + rng.normal(0, 0.75, pupils)
    return pd.DataFrame({"school": school, "x": x, "y": y})


def simulate_marks() -> pd.DataFrame:
    """Return 100,000 marks of 60 schools in 3 subjects."""
    rng, n = np.random.default_rng(20261123), 100_000
    subjects = ["mathematics", "physics", "chemistry"]
    return pd.DataFrame(
        {
            "school": rng.integers(300, 360, n).astype(str), "class": rng.choice(["7А", "7Б", "7В", "8А"], n),
            "subject": rng.choice(subjects, n), "mark": pd.array(rng.integers(2, 6, n), dtype="Int64"),
            "primary_score": rng.integers(0, 30, n).astype(float),
        }
    )  # fmt: skip


def mixed_lm(data: pd.DataFrame, slopes: Sequence[str]) -> float:
    """Fit the same model by statsmodels and return its school variance."""
    import statsmodels.api as sm

    fixed = np.column_stack([np.ones(len(data)), data["x"]])
    random = np.column_stack([np.ones(len(data)), data[list(slopes)]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.MixedLM(data["y"].to_numpy(), fixed, data["school"].to_numpy(), random).fit(method="powell")
    return float(np.asarray(model.cov_re)[0, 0])


@dataclass(frozen=True)
class Measured:
    """What one side of a case cost: seconds of each call, megabytes, and the checked number."""

    seconds: list[float]
    megabytes: float
    value: float


def measured(case: Case, side: str) -> Measured:
    """Measure one side of a case in this process."""
    data = case.prepare()
    call = case.ours if side == "ours" else case.other
    call(data.head(2_000))
    before = forget_peak()
    seconds, megabytes, result = [], 0.0, None
    while not seconds or (sum(seconds) < SECONDS and len(seconds) < MOST):
        started = time.perf_counter()
        result = call(data)
        seconds.append(time.perf_counter() - started)
        megabytes = megabytes if len(seconds) > 1 else (peak_kilobytes() - before) / 1024
    return Measured(seconds, megabytes, case.value(result, data))


def measured_apart(number: int, side: str) -> Measured:
    """Measure one side of a case in a process of its own."""
    command = [sys.executable, __file__, "--side", str(number), side]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Measured(**json.loads(output))


def row(number: int, case: Case) -> str:
    """Measure a case and write its row."""
    ours, other = (measured_apart(number, side) for side in ("ours", "other"))
    ratio = statistics.median(other.seconds) / statistics.median(ours.seconds)
    cells = [
        case.measure, case.data, _time(ours.seconds), case.yardstick, _time(other.seconds),
        f"{ratio:.0f} ×" if ratio >= 10 else f"{ratio:.2g} ×",
        f"{ours.megabytes:.1f} / {other.megabytes:.1f} MB",
        f"{case.checked}: {case.compared(ours.value, other.value)}",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _time(seconds: list[float]) -> str:
    middle = statistics.median(seconds)
    text = f"{middle:.2f} s" if middle >= 1 else f"{1000 * middle:.3g} ms"
    return f"{text} (n = {len(seconds)})"


def machine() -> str:
    """Describe where the table was made."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    libraries = [*LIBRARIES, *(name for name in PEERS if importlib.util.find_spec(name))]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries)
    return (
        f"{datetime.date.today().isoformat()}; {model}, {os.cpu_count()} cores, one thread for linear algebra; "
        f"Python {platform.python_version()}, {versions}."
    )


def table(headings: Sequence[str], rows: Sequence[str]) -> list[str]:
    """Write a table."""
    return ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings), *rows, ""]


def write(rows: Sequence[str], of_intake: Sequence[str], of_runs: Sequence[str]) -> None:
    """Write the page."""
    page = [
        "# Benchmarks",
        "",
        "Made by `make bench` (`scripts/bench.py`): data simulated from a seed; median of n calls after a warm-up on",
        "part of the data; both sides in one run, each in a process of its own; memory is what the first whole call",
        "adds to a process that already holds the data. One call (n = 1) gives an order, not a figure.",
        "",
        machine(),
        "",
        *table(HEADINGS, rows),
        *bench_intake.ABOUT,
        "",
        *table(bench_intake.HEADINGS, of_intake),
        *bench_runs.ABOUT,
        "",
        *table(bench_runs.HEADINGS, of_runs),
    ]
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(page), encoding="utf-8")


def _printed(rows: Iterable[str]) -> list[str]:
    """Return rows, each printed as it is measured."""
    found = []
    for line in rows:
        print(line, flush=True)
        found.append(line)
    return found


def main() -> int:
    """Measure all cases, or one side of one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--side", nargs=2, metavar=("CASE", "SIDE"), help=argparse.SUPPRESS)
    side = parser.parse_args().side
    if side:
        print(json.dumps(asdict(measured(cases()[int(side[0])], side[1]))))
        return 0
    measures = _printed(row(number, case) for number, case in enumerate(cases()))
    write(measures, _printed(bench_intake.rows()), _printed(bench_runs.rows()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
