"""A year of the example cluster, made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from oko.runs import sources
from oko.runs.year import YearMade, make_year
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return the example cluster, its store made: where ``make test`` has made its year already, or in a new folder."""
    patch = pytest.MonkeyPatch()
    if not os.environ.get("OKO_WORK"):
        patch.setenv("OKO_WORK", str(tmp_path_factory.mktemp("work")))
    workspace = open_workspace(ROOT, "example")
    sources.ensure_store(workspace)
    yield workspace
    patch.undo()


@pytest.fixture(scope="session")
def example_year(example: Workspace) -> YearMade:
    return make_year(example, example.cluster.latest_year)
