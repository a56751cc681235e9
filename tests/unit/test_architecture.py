"""Who may import whom, and what no file may hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "oko"
GROUND = {"errors", "folders", "language"}
MAY_IMPORT = {
    "errors": {"language"},
    "folders": set(),
    "language": {"errors"},
    "measures": set(),
    "records": {"measures", "spreadsheets"},
    "disclosure": {"measures", "spreadsheets"},
    "show": {"measures", "disclosure"},
    "spreadsheets": set(),
    "terminal": set(),
    "workspace": {"records"},
    "runs": {"records", "disclosure", "show", "spreadsheets", "workspace"},
    "verbs": {"records", "disclosure", "show", "workspace", "runs", "measures", "intake_verbs", "terminal"},
    "intake_verbs": {"records", "runs", "workspace", "terminal"},
    "protocol_verbs": {"records", "runs", "show", "workspace", "terminal"},
    "release_verbs": {"records", "disclosure", "runs", "workspace", "terminal"},
    "cli": {
        "records",
        "disclosure",
        "show",
        "workspace",
        "runs",
        "measures",
        "verbs",
        "intake_verbs",
        "protocol_verbs",
        "release_verbs",
    },
}
TEMPLATES = sorted((ROOT / "templates").rglob("*.ipynb")) + sorted((ROOT / "notebooks").rglob("*.ipynb"))


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("oko"):
            parts = node.module.split(".")
            rooms |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            rooms |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("oko.")}
    return rooms


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_import_one_way(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    assert imported_rooms(path) - {room} - GROUND - {"__version__"} <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_stay_small_and_safe(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 330
    assert not re.search(r"\bpickle\b|\beval\(|\bexec\(|yaml\.load", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_notebooks_hold_no_functions_classes_try_or_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
            assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.Lambda}


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_templates_have_one_cell_of_plain_parameters(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    for statement in ast.parse(tagged[0].source).body:
        assert isinstance(statement, ast.Assign)
        assert isinstance(ast.literal_eval(statement.value), str)
