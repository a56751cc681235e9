"""T1, T5, T12: no key in the project, no names behind pseudonyms, no plain hashes, no names in what goes on."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from traces import found

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "data/clusters", "data/external", "templates", "notebooks", "docs", "tests", "binder", "scripts")
PUBLISHED = sorted(ROOT.glob("data/clusters/*/published.key"))
KEY = re.compile(rb"oko-key-1 [0-9a-f]{64}")


def files() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    found += list(ROOT.glob("*"))
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def test_no_file_of_the_project_holds_a_key_but_the_published_ones() -> None:
    assert PUBLISHED
    assert [path for path in files() if path not in PUBLISHED and KEY.search(path.read_bytes())] == []


def test_the_published_key_stands_nowhere_else() -> None:
    """Neither its digits nor its bytes nor these in base64, packed or not: the scan is the one that canaries are looked for with."""
    for published in PUBLISHED:
        secret = published.read_bytes().split()[-1].decode()
        others = [path for path in files() if path not in PUBLISHED]
        assert [place for path in others for place in found(path, of=[secret])] == []


def test_a_key_is_in_no_commit() -> None:
    """What was committed once is in the history for ever: every text that any commit added is looked through."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("there is no history here")
    call = [git, "-C", str(ROOT), "log", "--all", "--format=", "-G", "oko-key-1 [0-9a-f]{64}", "--name-only"]
    done = subprocess.run(call, capture_output=True, text=True, check=True, timeout=300)
    published = {path.relative_to(ROOT).as_posix() for path in PUBLISHED}
    assert set(filter(None, done.stdout.splitlines())) == published, (
        "the published keys are found, and none beside them"
    )


def test_a_key_is_in_a_folder_of_settings_of_an_example_cluster_alone() -> None:
    assert [path for path in files() if path.suffix == ".key" and path not in PUBLISHED] == []
    for published in PUBLISHED:
        assert "example = true" in (published.parent / "cluster.toml").read_text(encoding="utf-8")


def names_called(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


def test_pseudonyms_are_made_with_a_key_and_keys_with_the_system_s_randomness() -> None:
    records = ROOT / "src" / "oko" / "records"
    assert "hmac.new" in names_called(records / "pseudonyms.py")
    assert not {name for name in names_called(records / "pseudonyms.py") if name.startswith(("hashlib.", "hash"))}
    assert "secrets.token_bytes" in names_called(records / "keys.py")
    assert not {name for name in names_called(records / "keys.py") if name.startswith(("random", "np.random"))}


@pytest.mark.parametrize("name", ["OKO_KEY", "OKO_SECRET", "OKO_SALT"])
def test_a_key_is_never_taken_from_the_environment(name: str) -> None:
    pattern = re.compile(rf"\b{name}\b")
    assert [path for path in (ROOT / "src").rglob("*.py") if pattern.search(path.read_text(encoding="utf-8"))] == []
