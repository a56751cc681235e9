"""The list of studies in docs is what the registry and the plan say now."""

from __future__ import annotations

from pathlib import Path

import pytest

from oko.runs.registry import read_registry
from oko.runs.studies_document import markdown
from oko.workspace import find_root

ROOT = find_root(Path(__file__))


@pytest.mark.parametrize("code", ["ru", "en"])
def test_the_list_of_studies_is_up_to_date(code: str) -> None:
    text = (ROOT / "docs" / f"studies.{code}.md").read_text(encoding="utf-8")
    assert text == markdown(ROOT, code), "run “oko docs”"
    for name in read_registry(ROOT):
        assert text.count(f"`{name}`") == 1
