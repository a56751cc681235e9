"""Prepare the project's virtual environment: once, from the locks, by uv or else by venv and pip.

The Makefile calls it before every task. It keeps to the standard library of Python 3.6, so that a wrong Python
gets a sentence and not a traceback, and it imports little, because mostly it has nothing to do.
"""

import argparse
import hashlib
import os
import sys
from typing import Any, Dict, List, Optional, Sequence, Tuple

from sentences import SetupError, tell

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(ROOT, ".cache")
SUPPORTED = ((3, 13), (3, 12), (3, 11))
EXTRAS = ("london", "peers")
UNFINISHED = "oko-unfinished"
PRINT_VERSION = "import sys; print(*sys.version_info[:2])"
PRINT_BASE = "import sys; print(sys._base_executable)"


def main(words: Optional[Sequence[str]] = None) -> int:
    """Prepare what is not ready; return 0, 1 where it could not be installed, 2 where the machine lacks something."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--venv", default=".venv")
    parser.add_argument("--extra", action="append", default=[], choices=EXTRAS)
    options = parser.parse_args(words)
    venv = os.path.abspath(options.venv)
    try:
        if missing(venv, options.extra):
            with alone():
                prepare(venv, missing(venv, options.extra))
    except SetupError as error:
        print(error, file=sys.stderr)
        return error.status
    except OSError as error:
        tell("file", path=error.filename, detail=error.strerror)
        return 1
    except KeyboardInterrupt:
        tell("stopped")
        return 130
    return 0


# What is ready


def missing(venv: str, extras: Sequence[str]) -> List[str]:
    """Return the parts ("" is the environment itself, then the extras) that are not as their locks say."""
    if not os.path.exists(python_of(venv)) or os.path.exists(os.path.join(venv, UNFINISHED)):
        return ["", *extras]
    return [part for part in ("", *extras) if read(stamp_file(venv, part)) != stamp(venv, part)]


def stamp(venv: str, part: str) -> str:
    """Return what a part depends on: the places of environment and project, the Python, the lock, the metadata."""
    digest = hashlib.sha256()
    with open(lock_of(part), "rb") as lock:
        digest.update(lock.read())
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as settings:
        digest.update(settings.read().split(b"\n[tool.")[0])
    return "\n".join([venv, os.path.realpath(python_of(venv)), ROOT, digest.hexdigest(), ""])


def is_sound(venv: str) -> bool:
    """Tell whether packages can go into what is there: its Python runs, it was finished, nobody moved it."""
    version = version_of(python_of(venv))
    if version is None or os.path.exists(os.path.join(venv, UNFINISHED)):
        return False
    if version not in SUPPORTED:
        raise SetupError("wrong", venv=venv, found="{}.{}".format(*version))
    made = read(stamp_file(venv, ""))
    return not made or made.split("\n")[:2] == [venv, os.path.realpath(python_of(venv))]


def is_virtual(venv: str) -> bool:
    return os.path.exists(os.path.join(venv, "pyvenv.cfg"))


def lock_of(part: str) -> str:
    return os.path.join(ROOT, "requirements-{}.lock".format(part) if part else "requirements.lock")


def stamp_file(venv: str, part: str) -> str:
    return os.path.join(venv, "oko-{}.stamp".format(part) if part else "oko.stamp")


def python_of(venv: str) -> str:
    return os.path.join(venv, "bin", "python")


def read(path: str) -> str:
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


# Which Python


def find_python(version: Sequence[Any] = sys.version_info) -> str:
    """Return the Python that was started, if it will do, else one from PATH that really runs."""
    if tuple(version[:2]) in SUPPORTED:
        return base_of(sys.executable)
    for wanted in SUPPORTED:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            candidate = os.path.join(folder, "python{}.{}".format(*wanted))
            if os.access(candidate, os.X_OK) and version_of(candidate) == wanted:
                return base_of(candidate)
    raise SetupError("python", found=".".join(str(number) for number in version[:3]))


def version_of(python: str) -> Optional[Tuple[int, int]]:
    words = answer([python, "-I", "-c", PRINT_VERSION]).split()
    return (int(words[0]), int(words[1])) if len(words) == 2 else None


def base_of(python: str) -> str:
    """Return the Python behind a virtual environment's, which may be about to be deleted."""
    return answer([python, "-I", "-c", PRINT_BASE]) or python


# How it is made


def prepare(venv: str, parts: Sequence[str]) -> None:
    """Make the environment if there is none that will do, and install what these parts' locks name."""
    from time import monotonic

    if not parts:
        return
    begin = monotonic()
    base = None if is_sound(venv) else find_python()
    uv = find_uv(base or python_of(venv))
    if base:
        create(venv, base, uv)
        uv = uv or find_uv(python_of(venv))  # a Python without pip: the new environment has one
    marker = os.path.join(venv, UNFINISHED)
    if "" in parts:
        tell("begin", venv=os.path.relpath(venv))
        if is_virtual(venv):  # a call that is killed leaves the mark; a conda environment is never remade
            write(marker, "")
    by = install(python_of(venv), uv, parts)
    if os.path.exists(marker) and (by or not base):
        os.remove(marker)
    if not by:
        raise SetupError("packages", status=1)
    for part in parts:
        write(stamp_file(venv, part), stamp(venv, part))
    tell("end", seconds=round(monotonic() - begin), by=by)


def create(venv: str, base: str, uv: Optional[str]) -> None:
    """Make an empty environment in place of one that will not do."""
    discard(venv)
    if uv and runs([uv, "venv", "--quiet", "--python", base, venv], quiet=True):
        return
    if runs([base, "-I", "-m", "venv", venv], quiet=True):
        return
    discard(venv)
    version = version_of(base) or SUPPORTED[0]
    is_default = os.path.realpath(base) == os.path.realpath("/usr/bin/python3")
    raise SetupError("venv", package="python3-venv" if is_default else "python{}.{}-venv".format(*version))


def discard(venv: str) -> None:
    """Delete a virtual environment; nothing else is ever deleted."""
    import shutil

    if os.path.islink(venv):
        os.unlink(venv)
    if not os.path.exists(venv):
        return
    if not is_virtual(venv) and not (os.path.isdir(venv) and not os.listdir(venv)):
        raise SetupError("foreign", venv=venv)
    old = venv + ".old"  # renamed first: after a deletion that is interrupted nobody would recognise what is left
    shutil.rmtree(old, ignore_errors=True)
    os.rename(venv, old)
    shutil.rmtree(old)


def find_uv(python: str) -> Optional[str]:
    """Return a uv that runs: the machine's, or the project's own, installed by this Python's pip; None without one."""
    import shutil
    import tempfile

    own = os.path.join(CACHE, "uv")
    program = os.path.join(own, "bin", "uv")
    for candidate in (shutil.which("uv"), program):
        if candidate and answer([candidate, "--version"]):
            return candidate
    if not has_pip(python):
        return None
    tell("uv")
    partial = tempfile.mkdtemp(prefix="uv-", dir=CACHE)
    if runs([*pip(python), "--only-binary", ":all:", "--target", partial, *locked("uv")], quiet=True):
        shutil.rmtree(own, ignore_errors=True)
        os.rename(partial, own)
    shutil.rmtree(partial, ignore_errors=True)
    return program if answer([program, "--version"]) else None


def install(python: str, uv: Optional[str], parts: Sequence[str]) -> Optional[str]:
    """Install the parts by uv, else by pip; return the name of what did it, None where neither could."""
    if uv:
        # where Python may not write bytecode nothing else would ever make it, and each kernel would start 10 s later
        bytecode = ["--compile-bytecode"] if os.environ.get("PYTHONDONTWRITEBYTECODE") else []
        command = [uv, "pip", "install", "--quiet", "--python", python, *bytecode]
        if install_with(command, "--no-build", parts, pip_settings(python)):
            return "uv"
        tell("again")
    if not has_pip(python):
        runs([python, "-I", "-m", "ensurepip"], quiet=True)
    return "pip" if install_with(pip(python), "--only-binary=:all:", parts, {}) else None


def install_with(command: List[str], wheels: str, parts: Sequence[str], settings: Dict[str, str]) -> bool:
    calls = [[*command, wheels, *locked(part)] for part in parts]
    if "" in parts:
        calls.append([*command, "--no-deps", "--no-build-isolation", "--editable", ROOT])
    return all(runs(call, settings) for call in calls)


def locked(part: str) -> List[str]:
    return ["--no-deps", "--require-hashes", "--requirement", lock_of(part)]


def pip(python: str) -> List[str]:
    return [python, "-I", "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]


def has_pip(python: str) -> bool:
    return bool(answer([python, "-I", "-m", "pip", "--version"]))


def pip_settings(python: str) -> Dict[str, str]:
    """Return for uv, which does not look there, the index and the certificate that pip is set to use."""
    found = {}
    lists = (answer([place, "-I", "-m", "pip", "config", "list"]) for place in (sys.executable, python))
    for line in next(filter(None, lists), "").splitlines():
        name, _, value = line.partition("=")
        for option, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
            if name.split(".")[-1] == option and variable not in os.environ:
                found[variable] = value.strip("'\"")
    return found


# Other programs


def runs(command: Sequence[str], settings: Optional[Dict[str, str]] = None, quiet: bool = False) -> bool:
    """Run a command; tell whether it succeeded."""
    import subprocess

    variables = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_USER="0", **(settings or {}))
    silence = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.call(command, cwd=ROOT, env=variables, stdout=silence, stderr=silence) == 0
    except OSError:
        return False


def answer(command: Sequence[str]) -> str:
    """Return what a command printed, nothing where it failed."""
    import subprocess

    try:
        output = subprocess.check_output(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return output.decode("utf-8", "replace").strip()


def alone() -> Any:
    """Return a context in which no other call prepares an environment in this project."""
    import fcntl

    os.makedirs(CACHE, exist_ok=True)
    held = open(os.path.join(CACHE, "environment.lock"), "w")  # noqa: SIM115  (the context closes it)
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


if __name__ == "__main__":
    sys.exit(main())
