"""Time the intake: files as received into the store, and a school's slice out of it, each in a process of its own.

The data are made outside the measured time: the raw files of the example cluster, and collections of a region in the
layout of 2021 as text (`sch…` logins, 20 tasks of mathematics 8), with the spellings of real files in them. What is
measured is what the product does: `oko.runs.sources` reads, checks, makes pseudonyms and writes the store.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from bench_process import watched
from pyarrow import csv as arrow_csv
from pyarrow import parquet as pq

if TYPE_CHECKING:
    from oko.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
PUPILS, A_SCHOOL, FILES = 1_500_000, 37, 10
MAXIMA = (1, 1, 1, 1, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 2, 2)
ASSESSMENT = "vpr-mathematics-8-spring-2021"
OWN = ("100010", "140000")
CODE = "bench"
SETTINGS = f"""code = "{CODE}"
years = ["2020-2021"]
name = {{ ru = "Замер", en = "Measurement" }}
[[schools]]
code = "10"
name = {{ ru = "Школа № 10", en = "School 10" }}
logins = ["{OWN[0]}"]
[[schools]]
code = "20"
name = {{ ru = "Школа № 20", en = "School 20" }}
logins = ["{OWN[1]}"]
"""
TOLD = 'others = "comparison"\nprocedure = "vpr"\nsubject = "mathematics"\nyear = "2020-2021"\nseason = "spring"\n'
HEADING = (
    "логин школы", "регион", "номер обучающегося", "код обучающегося", "отметка за предыдущую четверть/триместр",
    "пол", "класс", "вариант", "всего баллов", *(f"балл за {place}" for place in range(1, len(MAXIMA) + 1)),
    "Учебник", "Др.уч. автор", "Др.уч. название",
)  # fmt: skip
CALLS = 15
HEADINGS = (
    "step", "data", "time", "CPU", "bar", "memory at the peak", "lower bound", "its time", "ratio",
)  # fmt: skip
LOWER_IMPORT = "pyarrow reads the text, sorts it by school and writes Parquet: no checks, no pseudonyms"
LOWER_SLICE = "pyarrow reads the row groups that can hold the school, to a frame"
ABOUT = (
    "## The intake",
    "",
    "Each step in a process of its own. Memory is the peak of the whole process with Python and libraries in it; where",
    "several processes read, their peaks added up. An import is done once, by `oko.runs.sources`: checks, pseudonyms,",
    "and store included; its data are made before. The collections are about 40,000 schools, all but two of them of",
    'comparison (`others = "comparison"`). A slice: “from disk”, a new process and the store\'s files not in the',
    "system's memory; “in a new process”, they are; both open the store, which checks the checksums of all its files;",
    "“again”, in the same workspace, median of the later calls. The bar of a slice is meant for the latter two.",
)


def make_country(folder: Path, pupils: int = PUPILS, files: int = FILES) -> Path:
    """Make a project with one cluster, its key beside it, and collections of a whole country in ``raw``."""
    project = folder / "project"
    settings = project / "data" / "clusters" / CODE
    settings.mkdir(parents=True)
    (settings / "cluster.toml").write_text(SETTINGS, encoding="utf-8")
    shutil.copytree(ROOT / "data" / "external", project / "data" / "external")
    (project / "templates").mkdir()
    (project / "templates" / "studies.toml").touch()
    raw = project / "data" / "work" / CODE / "raw"
    raw.mkdir(parents=True)
    (raw / "received.toml").write_text(TOLD, encoding="utf-8")
    bounds = [pupils * place // files for place in range(files + 1)]
    for place, (first, last) in enumerate(pairwise(bounds)):
        write_dump(raw / f"ВПР 2021 Математика 8 класс, часть {place + 1}.csv", first, last)
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    (keys / f"{CODE}.key").touch(mode=0o600)
    (keys / f"{CODE}.key").write_text(f"oko-key-1 {secrets.token_hex(32)}\n", encoding="utf-8")
    return project


def write_dump(path: Path, first: int, last: int) -> None:
    """Write rows of a collection of 2021 with pyarrow: UTF-8 with a byte-order mark, semicolons."""
    rng = np.random.default_rng([20261123, first])
    n = last - first
    place = np.arange(first, last)
    absent = rng.random(n) < 0.1
    columns = {
        "логин школы": _texts("sch", 100_000 + place // A_SCHOOL),
        "регион": _chosen(("22",), np.zeros(n, int)),
        "номер обучающегося": _texts("", place - first + 1),
        "код обучающегося": _texts("8", place % A_SCHOOL + 1, width=4),
        "отметка за предыдущую четверть/триместр": _chosen(("3", "4", "5", "нет отметки"), rng.integers(0, 4, n)),
        "пол": _chosen(("м", "ж"), rng.integers(0, 2, n)),
        "класс": _chosen(("А", "Б", "8в", "нет"), place % A_SCHOOL // 10),
        "вариант": _chosen(("1", "2", "отсутствовал"), np.where(absent, 2, rng.integers(0, 2, n))),
    }
    points = [_points(rng, most, absent) for most in MAXIMA]
    total = sum(scores for scores, _ in points)
    columns["всего баллов"] = _chosen((*map(str, range(sum(MAXIMA) + 1)), ""), np.where(absent, sum(MAXIMA) + 1, total))
    columns |= {f"балл за {number}": texts for number, (_, texts) in enumerate(points, start=1)}
    columns |= {"Учебник": _chosen(("Сборник А", "Сборник Б"), place // A_SCHOOL % 2)}
    columns |= {name: _chosen(("",), np.zeros(n, int)) for name in HEADING[-2:]}
    with path.open("wb") as target:
        target.write(b"\xef\xbb\xbf" + ";".join(HEADING).encode() + b"\n")
        options = arrow_csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
        arrow_csv.write_csv(pa.table([columns[name] for name in HEADING], names=list(HEADING)), target, options)


def _points(rng: np.random.Generator, most: int, absent: np.ndarray) -> tuple[np.ndarray, pa.Array]:
    """Return points and their cells: X in each of its spellings, a stray no-break space, nothing for the absent."""
    texts = ("0", "1", "2", "X", "Х", "x", "х", "1\u00a0", "не пройд.", "")
    kind = rng.choice(len(texts) - 1, len(absent), p=(0.38, 0.42, 0.1, 0.04, 0.03, 0.01, 0.005, 0.005, 0.01))
    kind = np.where((kind == 2) & (most == 1), 1, kind)
    kind = np.where(absent, len(texts) - 1, kind)
    return np.array([0, 1, 2, 0, 0, 0, 0, 1, 0, 0])[kind], _chosen(texts, kind)


def _chosen(texts: tuple[str, ...], places: np.ndarray) -> pa.Array:
    return pa.array(texts).take(pa.array(places))


def _texts(before: str, numbers: np.ndarray, width: int = 0) -> pa.Array:
    known, places = np.unique(numbers, return_inverse=True)
    return _chosen(tuple(f"{before}{number:0{width}d}" for number in known), places)


def import_store(project: Path) -> int:
    """Read, check and store everything in ``raw``, as `oko import` does; return the rows of results."""
    from oko.runs import sources
    from oko.workspace import open as open_workspace

    workspace = open_workspace(project, CODE)
    sources.import_source(workspace)
    return int(pq.read_metadata(workspace.store_folder / "results.parquet").num_rows)


def import_example(project: Path) -> int:
    """Read, check and store the raw files of the example; return how many files there are."""
    from oko.runs import sources
    from oko.workspace import open as open_workspace

    return len(sources.import_source(open_workspace(project, "example")).files)


def make_example(folder: Path) -> Path:
    """Write the example's raw files."""
    from oko.runs import sources
    from oko.workspace import open as open_workspace

    project = folder / "project"
    shutil.copytree(ROOT / "data", project / "data", ignore=shutil.ignore_patterns("work"))
    (project / "templates").mkdir()
    shutil.copy(ROOT / "templates" / "studies.toml", project / "templates")
    sources.write_example(open_workspace(project, "example"))
    return project


def bound_country(project: Path) -> int:
    """Read the same text with pyarrow and write it sorted by school: nothing checked, no pseudonyms, no tables."""
    raw = sorted((project / "data" / "work" / CODE / "raw").glob("*.csv"))
    parse = arrow_csv.ParseOptions(delimiter=";")
    convert = arrow_csv.ConvertOptions(column_types=dict.fromkeys(HEADING, pa.string()))
    table = pa.concat_tables([arrow_csv.read_csv(path, parse_options=parse, convert_options=convert) for path in raw])
    pq.write_table(table.sort_by(HEADING[0]), project / "bound.parquet", compression="zstd", row_group_size=50_000)
    return int(table.num_rows)


def slice_points(project: Path) -> Callable[[], int]:
    """Open the store, and return what takes one school's points out of it."""
    workspace = _workspace(project)
    return lambda: len(workspace.responses(ASSESSMENT, school="20"))


def slice_results(project: Path) -> Callable[[], int]:
    """Open the store, and return what takes one school's results out of it."""
    workspace = _workspace(project)
    return lambda: len(workspace.results(school="20", year="2020-2021"))


def slice_bound(project: Path, name: str) -> Callable[[], int]:
    """Return what reads the same rows with pyarrow alone: the row groups that can hold the school."""
    path = project / "data" / "work" / CODE / "store" / name
    return lambda: len(pq.read_table(path, filters=[("school", "=", "20")]).to_pandas())


def _workspace(project: Path) -> Workspace:
    from oko.workspace import open as open_workspace

    return open_workspace(project, CODE)


IMPORTS: dict[str, Callable[[Path], int]] = {
    "example": import_example, "country": import_store, "country-bound": bound_country,
}  # fmt: skip
SLICES: dict[str, Callable[[Path], Callable[[], int]]] = {
    "points": slice_points,
    "points-bound": partial(slice_bound, name=f"responses/{ASSESSMENT}.parquet"),
    "results": slice_results,
    "results-bound": partial(slice_bound, name="results.parquet"),
}


def measured(name: str, project: Path, *, from_disk: bool = False) -> tuple[list[float], int]:
    """Measure a step in this process: an import once; a slice CALLS times, of which the first opens the store."""
    if name in IMPORTS:
        import oko.runs.sources

        begun = time.perf_counter()
        n = IMPORTS[name](project)
        return [time.perf_counter() - begun], n
    import oko.workspace  # noqa: F401

    if from_disk:
        _forget(project / "data" / "work" / CODE / "store")
    seconds: list[float] = []
    n, call = 0, None
    while len(seconds) < CALLS:
        begun = time.perf_counter()
        call = call or SLICES[name](project)
        n = call()
        seconds.append(time.perf_counter() - begun)
    return seconds, n


def _forget(folder: Path) -> None:
    """Let the system forget the contents of files that it holds in memory, where it can be asked to."""
    for path in folder.rglob("*.parquet") if hasattr(os, "posix_fadvise") else ():
        with path.open("rb") as source:
            os.fsync(source.fileno())
            os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@dataclass(frozen=True)
class Cost:
    """What a step cost in a process of its own: seconds of each call, of all cores, megabytes; and what came out."""

    seconds: list[float]
    cpu: float
    megabytes: float
    n: int


def cost(name: str, project: Path, *words: str) -> Cost:
    """Measure a step in a process of its own."""
    environment = {**os.environ, "OKO_KEYS": str(project.parent / "keys")}
    environment.pop("OKO_WORK", None)
    output, megabytes, cpu = watched([sys.executable, __file__, name, str(project), *words], environment)
    seconds, n = json.loads(output.splitlines()[-1])
    return Cost(seconds, cpu, megabytes, n)


def rows(pupils: int = PUPILS) -> Iterator[str]:
    """Make the data, measure every step and write the rows of the table."""
    with TemporaryDirectory(prefix="oko-bench-") as folder:
        project = make_example(Path(folder) / "example")
        example = cost("example", project)
        yield _row("the example's raw files into the store", f"{example.n} files", example, 30)
        project = make_country(Path(folder) / "country", pupils)
        imported, bound = cost("country", project), cost("country-bound", project)
        data = f"{imported.n:,} pupils × {len(MAXIMA)} tasks, {FILES} files of csv"
        yield _row("collections of 2021 into the store, one run", data, imported, 180, LOWER_IMPORT, bound)
        for name in ("points", "results"):
            yield from _slices(name, project, imported.n)


def _slices(name: str, project: Path, n: int) -> Iterator[str]:
    """Write the rows of a slice: the store's files read from disk, held by the system, the store open already."""
    first, later = slice(0, 1), slice(1, None)
    calls = {"from disk": (["--from-disk"], first), "in a new process": ([], first), "again": ([], later)}
    for when, (words, chosen) in calls.items():
        both = [cost(step, project, *words) for step in (name, f"{name}-bound")]
        ours, other = (replace(one, seconds=one.seconds[chosen]) for one in both)
        yield _row(f"a school's {name}, {when}", f"{ours.n} of {n:,} pupils", ours, 0.2, LOWER_SLICE, other)


def _row(what: str, data: str, ours: Cost, bar: float, lower: str = "–", other: Cost | None = None) -> str:
    ratio = f"{statistics.median(ours.seconds) / statistics.median(other.seconds):.1f} ×" if other else "–"
    cpu = f"{ours.cpu:.0f} s" if bar > 1 else "–"
    cells = [
        what, data, seconds_of(ours.seconds), cpu, seconds_of([bar]), f"{ours.megabytes:,.0f} MB",
        lower, seconds_of(other.seconds) if other else "–", ratio,
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def seconds_of(seconds: list[float]) -> str:
    """Write the median of times, and of how many where there are several."""
    middle = statistics.median(seconds)
    text = f"{middle:.1f} s" if middle >= 1 else f"{1000 * middle:.3g} ms"
    return f"{text} (n = {len(seconds)})" if len(seconds) > 1 else text


def main() -> int:
    """Measure one step of a project that was made before."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=[*IMPORTS, *SLICES])
    parser.add_argument("project", type=Path)
    parser.add_argument("--from-disk", action="store_true")
    options = parser.parse_args()
    print(json.dumps(measured(options.step, options.project, from_disk=options.from_disk)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
