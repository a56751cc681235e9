"""The set-up with programs that only pretend: what it calls, what it says, what it never deletes."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]

PYTHON = """#!/bin/sh
echo "python $*" >> "$FAKE_LOG"
case "$*" in
  *version_info*) echo "{version}" ;;
  *_base_executable*) echo "{base}" ;;
  *"-m pip --version") [ -z "$FAKE_NO_PIP" ] && echo "pip 23" ;;
  *"-m pip config list") echo "global.index-url='mirror'" ;;
  *"-m pip install"*) [ -z "$FAKE_PIP_FAILS" ] ;;
  *"-m ensurepip") unset FAKE_NO_PIP ;;
  *"-m venv "*)
    [ -z "$FAKE_NO_VENV" ] || exit 1
    for venv; do :; done
    mkdir -p "$venv/bin" && cp "$0" "$venv/bin/python" && touch "$venv/pyvenv.cfg" ;;
  *) exit 1 ;;
esac
"""
UV = """#!/bin/sh
echo "uv $* index=$UV_DEFAULT_INDEX" >> "$FAKE_LOG"
case "$1" in
  --version) echo "uv 0" ;;
  venv) "$4" -I -m venv "$5" ;;
  pip) [ -z "$FAKE_UV_FAILS" ] ;;
esac
"""


class Machine:
    """A machine with a Python and, if wanted, uv; it writes down what is called."""

    def __init__(self, folder: Path, environment: ModuleType) -> None:
        self.folder, self.environment = folder, environment
        self.venv = folder / "проект с пробелом" / ".venv"
        self.log = folder / "log"
        self.python = self.program("python3", "3 12")

    def program(self, name: str, version: str) -> Path:
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(UV if name == "uv" else PYTHON.format(version=version, base=path), encoding="utf-8")
        path.chmod(0o755)
        return path

    def prepare(self, *extras: str) -> int:
        self.log.write_text("", encoding="utf-8")
        words = [f"--extra={extra}" for extra in extras]
        return int(self.environment.main([f"--venv={self.venv}", *words]))

    @property
    def calls(self) -> str:
        return self.log.read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import environment

    project = tmp_path / "проект с пробелом"
    project.mkdir()
    for name in ("requirements.lock", "requirements-london.lock", "requirements-uv.lock", "pyproject.toml"):
        (project / name).write_text(f"{name}\n[tool.x]\n", encoding="utf-8")
    made = Machine(tmp_path, environment)
    monkeypatch.setattr(environment, "ROOT", str(project))
    monkeypatch.setattr(environment, "CACHE", str(project / ".cache"))
    monkeypatch.setattr(sys, "executable", str(made.python))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("FAKE_LOG", str(made.log))
    for name in ("OKO_LANGUAGE", "UV_DEFAULT_INDEX", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.delenv(name, raising=False)
    return made


@pytest.fixture
def with_uv(machine: Machine) -> Machine:
    machine.program("uv", "")
    return machine


def test_second_call_does_nothing_and_is_silent(with_uv: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert with_uv.prepare() == 0
    assert "--require-hashes" in with_uv.calls
    assert "--no-build-isolation" in with_uv.calls
    assert "(uv)" in capsys.readouterr().err
    assert with_uv.prepare() == 0
    assert with_uv.calls == ""
    assert capsys.readouterr() == ("", "")


def test_changed_lock_is_installed_over_what_is_there(with_uv: Machine) -> None:
    with_uv.prepare()
    (with_uv.venv / "mine").touch()
    (with_uv.venv.parent / "requirements.lock").write_text("other\n", encoding="utf-8")
    assert with_uv.prepare() == 0
    assert "requirements.lock" in with_uv.calls
    assert (with_uv.venv / "mine").exists()


def test_settings_of_tools_do_not_count(with_uv: Machine) -> None:
    with_uv.prepare()
    with (with_uv.venv.parent / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("line-length = 100\n")
    with_uv.prepare()
    assert with_uv.calls == ""


def test_extra_is_added_alone(with_uv: Machine) -> None:
    with_uv.prepare()
    assert with_uv.prepare("london") == 0
    assert "requirements-london.lock" in with_uv.calls
    assert "requirements.lock" not in with_uv.calls
    with_uv.prepare("london")
    assert with_uv.calls == ""


@pytest.mark.parametrize("damage", ["killed", "moved", "python gone"])
def test_environment_that_will_not_do_is_made_anew(with_uv: Machine, damage: str) -> None:
    with_uv.prepare("london")
    if damage == "killed":
        (with_uv.venv / "oko-unfinished").touch()
    elif damage == "python gone":
        (with_uv.venv / "bin" / "python").unlink()
    else:
        with_uv.venv = with_uv.venv.rename(with_uv.venv.with_name("moved"))
    (with_uv.venv / "left over").touch()
    assert with_uv.prepare("london") == 0
    assert not (with_uv.venv / "left over").exists()
    assert not (with_uv.venv / "oko-unfinished").exists()
    assert {path.name for path in with_uv.venv.glob("*.stamp")} == {"oko.stamp", "oko-london.stamp"}


def test_uv_that_fails_is_replaced_by_pip(
    with_uv: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAKE_UV_FAILS", "1")
    assert with_uv.prepare() == 0
    assert "python -I -m pip install" in with_uv.calls
    assert "uv не справился" in capsys.readouterr().err


def test_uv_is_told_of_the_index_that_pip_uses(with_uv: Machine) -> None:
    with_uv.prepare()
    assert "index=mirror" in with_uv.calls


def test_bytecode_is_made_where_python_may_not_write_it(with_uv: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    with_uv.prepare()
    assert "--compile-bytecode" not in with_uv.calls
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with_uv.prepare("london")
    assert "--compile-bytecode" in with_uv.calls


def test_without_network_the_reason_is_said_and_the_old_environment_stays(
    with_uv: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_uv.prepare()
    (with_uv.venv / "mine").touch()
    (with_uv.venv.parent / "requirements.lock").write_text("other\n", encoding="utf-8")
    monkeypatch.setenv("FAKE_UV_FAILS", "1")
    monkeypatch.setenv("FAKE_PIP_FAILS", "1")
    assert with_uv.prepare() == 1
    assert "проверьте сеть" in capsys.readouterr().err
    monkeypatch.delenv("FAKE_UV_FAILS")
    assert with_uv.prepare() == 0
    assert (with_uv.venv / "mine").exists()


def test_debian_without_venv_gets_one_sentence(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAKE_NO_PIP", "1")
    monkeypatch.setenv("FAKE_NO_VENV", "1")
    assert machine.prepare() == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "sudo apt install python3.12-venv" in said
    assert not machine.venv.exists()


def test_another_python_gets_one_sentence(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine.folder / "bin"))
    for version in ((3, 6, 15), (3, 10, 2), (3, 14, 0)):
        found = ".".join(map(str, version))
        with pytest.raises(machine.environment.SetupError, match=f"а здесь {found}") as refusal:
            machine.environment.find_python(version)
        assert refusal.value.status == 2
    monkeypatch.setenv("OKO_LANGUAGE", "en")
    with pytest.raises(machine.environment.SetupError, match=r"3\.13 is needed, here is 3\.14\.0"):
        machine.environment.find_python((3, 14, 0))


def test_another_python_finds_one_that_really_runs(machine: Machine) -> None:
    shim = machine.program("python3.13", "")
    shim.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    wanted = machine.program("python3.12", "3 12")
    assert machine.environment.find_python((3, 14, 0)) == str(wanted)


def test_environment_of_another_python_is_refused(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    (machine.venv / "bin").mkdir(parents=True)
    machine.program("old", "3 10").rename(machine.venv / "bin" / "python")
    assert machine.prepare() == 2
    assert "Python 3.10" in capsys.readouterr().err


def test_folder_of_something_else_is_never_deleted(with_uv: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    with_uv.venv.mkdir()
    (with_uv.venv / "data").touch()
    assert with_uv.prepare() == 2
    assert "не является окружением" in capsys.readouterr().err
    assert (with_uv.venv / "data").exists()


def test_conda_environment_is_used_and_not_marked(with_uv: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (with_uv.venv / "bin").mkdir(parents=True)
    with_uv.program("conda", "3 12").rename(with_uv.venv / "bin" / "python")
    monkeypatch.setattr(with_uv.environment, "install", lambda *_: None)
    assert with_uv.prepare() == 1
    assert sorted(path.name for path in with_uv.venv.iterdir()) == ["bin"]


@pytest.mark.parametrize("name", ["environment.py", "sentences.py"])
def test_old_pythons_can_read_it(name: str) -> None:
    ast.parse((ROOT / "scripts" / name).read_text(encoding="utf-8"), feature_version=(3, 7))


def test_start_imports_little() -> None:
    """A call that has nothing to do must cost next to nothing."""
    code = "import sys, environment; print({'subprocess', 'shutil', 'tempfile', 'json'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-E", "-S", "-c", code], cwd=ROOT / "scripts", capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert run.stdout == "set()\n"
