"""A year of the example cluster, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from oko.runs import sources
from oko.runs.year import YearMade, make_year
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return the example cluster in a work folder of the tests' own, its store made."""
    patch = pytest.MonkeyPatch()
    patch.setenv("OKO_WORK", str(tmp_path_factory.mktemp("work")))
    workspace = open_workspace(ROOT, "example")
    sources.ensure_store(workspace)
    yield workspace
    patch.undo()


@pytest.fixture(scope="session")
def example_year(example: Workspace) -> YearMade:
    return make_year(example, example.cluster.latest_year)
