"""Time the measures against what else could do the work, in one run; the table goes to docs/benchmarks.md.

A new row is one more Case in `cases()`. Times are medians after one warm-up call; each side is repeated until SECONDS
have passed, at most MOST times. Memory is what a call adds to the peak of a process of its own that holds the data.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from oko.measures import marks  # noqa: E402
from oko.measures.schools import ValueAdded, value_added  # noqa: E402

TABLE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
SECONDS, MOST = 2.0, 25
LIBRARIES = ("numpy", "scipy", "pandas", "statsmodels")


@dataclass(frozen=True)
class Case:
    """One measure on one data set, and the yardstick it is held against.

    Attributes
    ----------
    measure, data, yardstick : str
        What stands in the table.
    prepare : callable
        Makes the data; not timed.
    ours, other : callable
        Take the data.
    agreement : callable
        Takes both results; says in a few words how far they agree.
    """

    measure: str
    data: str
    yardstick: str
    prepare: Callable[[], pd.DataFrame]
    ours: Callable[[pd.DataFrame], object]
    other: Callable[[pd.DataFrame], object]
    agreement: Callable[[object, object], str]


def cases() -> list[Case]:
    """Return the rows of the table."""
    return [
        *(_value_added(pupils, schools, slopes) for slopes in ((), ("x",)) for pupils, schools in SIZES),
        Case(
            "marks.summary, by school and subject", "100,000 results, 60 schools", "lower bound: pandas groupby mean",
            simulate_marks, lambda data: marks.summary(data, ["school", "subject"]),
            lambda data: data.groupby(["school", "subject"])["mark"].mean(), _same_groups,
        ),
    ]  # fmt: skip


SIZES = ((4_059, 65), (30_000, 2_280))


def _value_added(pupils: int, schools: int, slopes: tuple[str, ...]) -> Case:
    return Case(
        f"schools.value_added, random {'slope' if slopes else 'intercept'}, REML",
        f"{pupils:,} pupils, {schools:,} schools",
        'statsmodels MixedLM(method="powell")',
        lambda: simulate_pupils(pupils, schools),
        lambda data: value_added(data, "y", ["x"], slopes=slopes),
        lambda data: mixed_lm(data, slopes),
        _same_variance,
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


def mixed_lm(data: pd.DataFrame, slopes: Sequence[str]) -> object:
    """Fit the same model by statsmodels."""
    import statsmodels.api as sm

    fixed = np.column_stack([np.ones(len(data)), data["x"]])
    random = np.column_stack([np.ones(len(data)), data[list(slopes)]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sm.MixedLM(data["y"].to_numpy(), fixed, data["school"].to_numpy(), random).fit(method="powell")


def _same_variance(ours: object, other: object) -> str:
    if not isinstance(ours, ValueAdded):
        raise TypeError(type(ours))
    theirs = float(np.asarray(other.cov_re)[0, 0])
    return f"school variance {abs(ours.variance['school'] / theirs - 1):.0e}"


def _same_groups(ours: object, other: object) -> str:
    if not (isinstance(ours, pd.DataFrame) and isinstance(other, pd.Series)):
        raise TypeError((type(ours), type(other)))
    return f"{len(ours)} and {len(other)} groups; 9 measures with intervals against 1 without"


def timed(call: Callable[[], object]) -> tuple[list[float], object]:
    """Call again and again after a warm-up; a call slower than SECONDS is timed once, without one."""
    started = time.perf_counter()
    result = call()
    first = time.perf_counter() - started
    seconds: list[float] = []
    while first < SECONDS and sum(seconds) < SECONDS and len(seconds) < MOST:
        started = time.perf_counter()
        result = call()
        seconds.append(time.perf_counter() - started)
    return seconds or [first], result


def peak_megabytes(number: int, side: str) -> float:
    """Run one side of a case in a process of its own and return what it added to the peak of memory."""
    command = [sys.executable, __file__, "--memory", str(number), side]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def added_megabytes(case: Case, side: str) -> float:
    """Return by how much a call raises the peak of this process."""
    data = case.prepare()
    call = case.ours if side == "ours" else case.other
    call(data.head(2_000))
    before = _peak_kilobytes()
    call(data)
    return (_peak_kilobytes() - before) / 1024


def _peak_kilobytes() -> float:
    """Return the peak of this process alone: ru_maxrss on Linux starts from that of the process which started it."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    except (OSError, StopIteration):
        unit = 1024 if sys.platform == "darwin" else 1
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def row(number: int, case: Case) -> str:
    """Measure a case and write its row."""
    data = case.prepare()
    ours, our_result = timed(lambda: case.ours(data))
    other, other_result = timed(lambda: case.other(data))
    ratio = statistics.median(other) / statistics.median(ours)
    memory = [peak_megabytes(number, side) for side in ("ours", "other")]
    cells = [
        case.measure, case.data, _time(ours), case.yardstick, _time(other),
        f"{ratio:.0f} ×" if ratio >= 10 else f"{ratio:.2g} ×",
        f"{memory[0]:.0f} / {memory[1]:.0f} MB", case.agreement(our_result, other_result),
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
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return (
        f"{datetime.date.today().isoformat()}; {model}, {os.cpu_count()} cores, one thread for linear algebra; "
        f"Python {platform.python_version()}, {versions}."
    )


def write(rows: Sequence[str]) -> None:
    """Write the page."""
    heading = "| measure | data | time | yardstick | its time | ratio | memory added, ours / its | agreement |"
    page = [
        "# Benchmarks", "",
        "Made by `make bench` (`scripts/bench.py`): data simulated from a seed, median of n calls after a warm-up,",
        "both sides in one run; memory is what one call adds to the peak of a process that already holds the data.", "",
        machine(), "", heading, "|" + " --- |" * 8, *rows, "",
    ]  # fmt: skip
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(page), encoding="utf-8")


def main() -> int:
    """Measure all cases, or the memory of one side of one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--memory", nargs=2, metavar=("CASE", "SIDE"), help=argparse.SUPPRESS)
    memory = parser.parse_args().memory
    if memory:
        print(added_megabytes(cases()[int(memory[0])], memory[1]))
        return 0
    rows = []
    for number, case in enumerate(cases()):
        rows.append(row(number, case))
        print(rows[-1], flush=True)
    write(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
