"""T6: nothing that a caller writes as a parameter can become code, and paths stay inside the results folder."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from papermill.parameterize import parameterize_notebook

import oko
from oko.errors import SettingError
from oko.runs.parameters import MODELS, check_parameters
from oko.workspace import open as open_workspace

CLUSTER = open_workspace(__file__, "example").cluster
GOOD = {"cluster": "example", "year": "2020-2021", "school": "344", "language": "ru"}
HOSTILE = [
    "x = 1\nimport os; os.system('id') #",
    '"); import os; ("',
    "{0.__class__}",
    "../../etc",
    "344\n",
    "344 ",
    "３４４",
    "con",
    "\u202e344",
    "a" * 300,
    "\\",
    "'" * 3,
]


def injected(parameters: dict[str, Any]) -> str:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("cluster = year = school = language = None")])
    notebook.cells[0].metadata["tags"] = ["parameters"]
    notebook.metadata["papermill"] = {}
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = parameterize_notebook(notebook, parameters, kernel_name="python3", language="python")
    return next(cell.source for cell in made.cells if "injected-parameters" in cell.metadata.get("tags", []))


def evaluate(source: str) -> dict[str, Any]:
    """Evaluate a cell that may hold nothing but assignments of literals to names."""
    values = {}
    for statement in ast.parse(source).body:
        assert isinstance(statement, ast.Assign)
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        values[target.id] = ast.literal_eval(statement.value)
    return values


def check_or_refuse(values: dict[Any, Any]) -> None:
    try:
        parameters = check_parameters("school", values, CLUSTER)
    except SettingError:
        return
    cell = evaluate(injected(parameters.literals()))
    assert cell == parameters.literals()
    assert set(cell) <= set(MODELS["school"].model_fields)
    assert parameters.unit == f"school-{cell['school']}"
    assert cell["school"] in CLUSTER.school_codes


anything = st.one_of(
    st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.tuples(st.text()), st.lists(st.text()),
    st.sampled_from(HOSTILE), st.dictionaries(st.text(), st.text()),
)  # fmt: skip


@given(st.dictionaries(st.text() | st.sampled_from(sorted(GOOD)), anything, max_size=6))
@example({**GOOD, "x = 1\nimport os #": 1})
def test_hostile_names_and_values_are_refused_or_harmless(values: dict[str, Any]) -> None:
    check_or_refuse({**GOOD, **values})


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_in_a_known_name_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingError):
        check_parameters("school", {**GOOD, name: value}, CLUSTER)


def test_every_right_call_gives_a_cell_of_literals_that_says_the_same() -> None:
    """Each name of the model once, a plain string for each, evaluated to what was given: for all registers of a cluster."""
    for year in CLUSTER.years:
        for code in ("ru", "en"):
            values = {"cluster": "example", "year": year, "language": code}
            for unit, told in (
                ("cluster", values),
                *(("school", {**values, "school": s}) for s in CLUSTER.school_codes),
            ):
                parameters = check_parameters(unit, told, CLUSTER)
                cell = injected(parameters.literals())
                assert evaluate(cell) == told == parameters.literals()
                assert set(told) == set(MODELS[unit].model_fields)
                assert {type(value) for value in parameters.literals().values()} == {str}


@given(st.text(max_size=40))
def test_no_text_is_taken_for_a_name_or_a_value_but_those_of_the_registers(text: str) -> None:
    for name in GOOD:
        known = {
            "cluster": {"example"},
            "year": set(CLUSTER.years),
            "school": set(CLUSTER.school_codes),
            "language": {"ru", "en"},
        }
        if text not in known[name]:
            with pytest.raises(SettingError):
                check_parameters("school", {**GOOD, name: text}, CLUSTER)
    if text not in GOOD:
        with pytest.raises(SettingError):
            check_parameters("school", {**GOOD, text: "344"}, CLUSTER)


def test_papermill_is_called_in_one_place_with_checked_parameters() -> None:
    """Whatever else would reach a notebook as code would have to be written into the package first."""
    package = Path(oko.__file__).parent
    calls = []
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "papermill" in text else ():
            if isinstance(node, ast.Call) and "papermill" in (name := ast.unparse(node.func)) and "execute" in name:
                calls += [ast.unparse(word.value) for word in node.keywords if word.arg == "parameters"]
    assert calls == ["run.parameters.literals()"]


def test_what_is_right_passes() -> None:
    assert check_parameters("school", GOOD, CLUSTER).literals() == GOOD


def test_a_parameter_of_another_study_is_refused() -> None:
    with pytest.raises(SettingError, match="school"):
        check_parameters("cluster", GOOD, CLUSTER)
