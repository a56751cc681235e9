"""Studies run cell by cell in this process, on the example or on the smallest data: no kernel, no page, no gate."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from oko import language
from oko.records import schema, store
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX, Tables
from oko.records.stored import FURTHER
from oko.runs.page import RUN_FOLDER
from oko.runs.prose import translate_cells
from oko.runs.registry import find_study, read_registry
from oko.workspace import Workspace

YEAR = "2020-2021"
SCHOOL = "344"


@dataclass(frozen=True)
class Shown:
    """What a study left and showed: its folder, and the markup of its prose and of its cells' last values, in order."""

    folder: Path
    markup: str

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "tables" / f"{name}.parquet")

    def figures(self) -> set[str]:
        return {path.name.partition(".")[0] for path in self.folder.glob("figures/*.png")}


def run_cells(workspace: Workspace, study: str, folder: Path, language_: str = "ru", **parameters: str) -> Shown:
    """Run a study's cells; check that it left the tables that the registry declares, with their columns."""
    entry = find_study(read_registry(workspace.root), study)
    notebook = nbformat.read(workspace.root / "templates" / entry.template, as_version=4)
    space: dict[str, Any] = {}
    shown = []
    with _environment(workspace, folder), language.used(language_):
        for cell in translate_cells(notebook, workspace.root, language_).cells:
            if cell.cell_type == "markdown":
                shown.append(cell.source)
            elif cell.cell_type == "code":
                value = _run(cell.source, space, f"{study}.ipynb")
                if "parameters" in cell.metadata.get("tags", []):
                    space.update({"cluster": workspace.cluster.code, "language": language_, **parameters})
                elif value is not None and hasattr(value, "_repr_html_"):
                    shown.append(value._repr_html_() or "")
    for table in entry.tables:
        columns = pd.read_parquet(folder / "tables" / f"{table.name}.parquet").columns
        assert set(table.columns) <= set(columns), (study, table.name, set(table.columns) - set(columns))
    return Shown(folder, "\n".join(shown))


def _run(source: str, space: dict[str, Any], name: str) -> object:
    """Run a cell; return the value of its last line where that is an expression, as a notebook shows it."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)  # noqa: S102  # templates are our own code
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), space)  # noqa: S307


@contextmanager
def _environment(workspace: Workspace, folder: Path) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ("OKO_WORK", RUN_FOLDER)}
    os.environ["OKO_WORK"], os.environ[RUN_FOLDER] = str(workspace.work.parent), str(folder)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def whole_store(workspace: Workspace) -> Tables:
    """Read everything that a store holds."""
    held = workspace.store
    return Tables(
        schools=workspace.schools(),
        assessments=workspace.assessments(),
        items=workspace.items(),
        results=workspace.results(),
        responses={name: held.query(f'select * from "responses/{name}"') for name in held.responses},
        registers={name: workspace.register(name) for name in FURTHER if name in held.registers},
    )


def _kept(tables: Tables, results: pd.DataFrame) -> Tables:
    """Keep these results, and what belongs to their pupils and works."""
    works = set(results["assessment"])
    rows = {name: set(group) for name, group in results.groupby("assessment")["pupil"]}
    return replace(
        tables,
        assessments=tables.assessments[tables.assessments["assessment"].isin(works)],
        items=tables.items[tables.items["assessment"].isin(works)],
        results=results,
        responses={
            name: frame[frame["pupil"].isin(rows[name])] for name, frame in tables.responses.items() if name in works
        },
        registers={
            name: frame[frame["assessment"].isin(works)] if "assessment" in frame else frame
            for name, frame in tables.registers.items()
        },
    )


def _first(tables: Tables, n: int) -> Tables:
    """Keep the first n pupils of school 344 in each work."""
    own = tables.results[tables.results["school"] == SCHOOL].sort_values(["assessment", "status", "pupil"])
    took = own[own["status"] == "took"]
    return _kept(tables, took.groupby("assessment").head(n))


def nobody(tables: Tables) -> Tables:
    """No results, no works, no registers: a cluster before its first file."""
    kept = _kept(tables, tables.results.head(0))
    return replace(kept, registers={})


def one_pupil(tables: Tables) -> Tables:
    return _first(tables, 1)


def nine_pupils(tables: Tables) -> Tables:
    return _first(tables, 9)


def ten_pupils(tables: Tables) -> Tables:
    return _first(tables, 10)


def one_class(tables: Tables) -> Tables:
    """One class of school 344 in each work."""
    own = tables.results[tables.results["school"] == SCHOOL]
    first = own.groupby("assessment")["class"].transform("min")
    return _kept(tables, own[own["class"].eq(first) | own["class"].isna()])


def equal_scores(tables: Tables) -> Tables:
    """Everybody has one point in each task, one mark, one score."""
    results = tables.results.copy()
    took = results["status"] == "took"
    results.loc[took & results["primary_score"].notna(), "primary_score"] = 5.0
    results.loc[took & results["mark"].notna(), "mark"] = 4
    results.loc[took & results["journal_mark"].notna(), "journal_mark"] = 4
    results.loc[took & results["test_score"].notna(), "test_score"] = 50.0
    responses = {}
    for name, frame in tables.responses.items():
        frame = frame.copy()
        for item in tables.items.loc[tables.items["assessment"] == name, "item"]:
            if item in frame:
                frame[item] = 1.0
                for suffix in (NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX):
                    if f"{item}{suffix}" in frame:
                        frame[f"{item}{suffix}"] = False
        responses[name] = frame
    return replace(tables, results=results, responses=responses)


def not_held(tables: Tables) -> Tables:
    """No ВПР was held in any year."""
    return _kept(tables, tables.results[tables.results["procedure"] != "vpr"])


def one_school(tables: Tables) -> Tables:
    """Only school 344 has sent anything, and nothing is known of schools for comparison."""
    kept = _kept(tables, tables.results[tables.results["school"] == SCHOOL])
    registers = {
        name: frame[frame["school"] == SCHOOL] if "school" in frame else frame
        for name, frame in kept.registers.items()
        if name != "groups"
    }
    return replace(kept, schools=tables.schools[tables.schools["role"] == "cluster"], registers=registers)


def no_comparison(tables: Tables) -> Tables:
    """No school of comparison, no group, no earlier result."""
    own = set(tables.schools.loc[tables.schools["role"] == "cluster", "school"])
    kept = _kept(tables, tables.results[tables.results["school"].isin(own) & (tables.results["year"] == YEAR)])
    registers = {name: frame for name, frame in kept.registers.items() if name != "groups"}
    schools = tables.schools[tables.schools["school"].isin(own)]
    return replace(kept, schools=schools, assessments=kept.assessments.assign(prior=None), registers=registers)


def no_tasks(tables: Tables) -> Tables:
    """Scores alone: no tasks, no marks, no journal, no registers, as in London's data."""
    results = tables.results.assign(mark=pd.NA, journal_mark=pd.NA).astype(tables.results.dtypes)
    return replace(tables, results=results, items=tables.items.head(0), responses={}, registers={})


_CASES = (nobody, one_pupil, nine_pupils, ten_pupils, one_class, equal_scores, not_held)
_CASES_OF_SCHOOLS = (one_school, no_comparison, no_tasks)
SMALLEST: Mapping[str, Callable[[Tables], Tables]] = {case.__name__: case for case in (*_CASES, *_CASES_OF_SCHOOLS)}


def small_store(tables: Tables, case: str, workspace: Workspace, work: Path) -> Workspace:
    """Write a small store of the example into a work folder of its own; return the workspace that reads it."""
    made = SMALLEST[case](tables)
    frames = {
        name: schema.conform(getattr(made, name), name) for name in ("schools", "assessments", "items", "results")
    }
    folder = work / workspace.cluster.code / "store"
    store.write(folder, replace(made, **frames, files=schema.empty("files")), "made by a test")
    return _Elsewhere(workspace.root, workspace.cluster, work)


@dataclass(frozen=True)
class _Elsewhere(Workspace):
    """The same cluster with another work folder."""

    place: Path = Path()

    @property
    def work(self) -> Path:
        return self.place / self.cluster.code
