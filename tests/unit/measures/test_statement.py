from __future__ import annotations

import pickle

import pytest

from oko.measures.statement import Statement


def test_a_statement_does_not_follow_its_source() -> None:
    values: dict[str, object] = {"n_schools": 7}
    statement = Statement("few_schools", values)
    values["n_schools"] = 8
    assert statement.values["n_schools"] == 7
    with pytest.raises(TypeError):
        statement.values["n_schools"] = 9  # type: ignore[index]


def test_a_statement_survives_a_worker_process_and_a_set() -> None:
    statement = Statement("boundary", {"component": "school"})
    assert pickle.loads(pickle.dumps(statement)) == statement  # noqa: S301
    assert len({statement, Statement("boundary", {"component": "school"}), Statement("boundary")}) == 2
