"""Prepare the project's virtual environment: once, from the locks, by uv or else by venv and pip.

The Makefile calls it before every task. It keeps to the standard library of Python 3.6, so that a wrong Python
gets a sentence and not a traceback, and it imports little, because mostly it has nothing to do.
"""

import argparse
import hashlib
import os
import sys
from typing import Any, Dict, List, Optional, Sequence, Tuple

from sentences import Refusal, tell

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CACHE = os.path.join(ROOT, ".cache")
SUPPORTED = ((3, 13), (3, 12), (3, 11))
EXTRAS = ("london",)
UNFINISHED = "oko-unfinished"
PRINT_VERSION = "import sys; print(*sys.version_info[:2])"
PRINT_BASE = "import sys; print(sys._base_executable)"


def main(words: Optional[Sequence[str]] = None) -> int:
    """Prepare what is not ready; return 0, 1 where packages could not be installed, 2 where the machine lacks something."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--venv", default=".venv")
    parser.add_argument("--extra", action="append", default=[], choices=EXTRAS)
    options = parser.parse_args(words)
    venv = os.path.abspath(options.venv)
    try:
        if missing(venv, options.extra):
            with alone():
                prepare(venv, missing(venv, options.extra))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.status
    except OSError as error:
        tell("file", path=error.filename, detail=error.strerror)
        return 1
    except KeyboardInterrupt:
        tell("stopped")
        return 130
    return 0


# What is ready


def lock_of(part: str) -> str:
    return os.path.join(ROOT, "requirements-{}.lock".format(part) if part else "requirements.lock")


def stamp_file(venv: str, part: str) -> str:
    return os.path.join(venv, "oko-{}.stamp".format(part) if part else "oko.stamp")


def stamp(venv: str, part: str) -> str:
    """Return what the environment's part depends on: its place, the project's, its Python, the lock, the metadata."""
    digest = hashlib.sha256()
    with open(lock_of(part), "rb") as lock:
        digest.update(lock.read())
    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as settings:
        digest.update(settings.read().split(b"\n[tool.")[0])
    return "\n".join([venv, ROOT, os.path.realpath(python_of(venv)), digest.hexdigest(), ""])


def missing(venv: str, extras: Sequence[str]) -> List[str]:
    """Return the parts ("" is the environment itself) that are not as the locks say."""
    if not os.path.exists(python_of(venv)) or os.path.exists(os.path.join(venv, UNFINISHED)):
        return ["", *extras]
    return [part for part in ("", *extras) if read(stamp_file(venv, part)) != stamp(venv, part)]


def read(path: str) -> str:
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def python_of(venv: str) -> str:
    return os.path.join(venv, "bin", "python")


def is_sound(venv: str) -> bool:
    """Tell whether packages can go into what is there: its Python runs, it was finished, nobody moved it."""
    version = version_of(python_of(venv))
    if version is None or os.path.exists(os.path.join(venv, UNFINISHED)):
        return False
    if version not in SUPPORTED:
        raise Refusal("wrong", venv=venv, found="{}.{}".format(*version))
    made_at = read(stamp_file(venv, "")).split("\n")
    return made_at == [""] or (made_at[0] == venv and made_at[2:3] == [os.path.realpath(python_of(venv))])


# Which Python


def version_of(python: str) -> Optional[Tuple[int, int]]:
    words = answer([python, "-I", "-c", PRINT_VERSION]).split()
    return (int(words[0]), int(words[1])) if len(words) == 2 else None


def find_python(version: Sequence[Any] = sys.version_info) -> str:
    """Return the Python that was started, if it will do, else one from PATH that really runs."""
    if tuple(version[:2]) in SUPPORTED:
        return answer([sys.executable, "-I", "-c", PRINT_BASE]) or sys.executable
    for wanted in SUPPORTED:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            candidate = os.path.join(folder, "python{}.{}".format(*wanted))
            if os.access(candidate, os.X_OK) and version_of(candidate) == wanted:
                return answer([candidate, "-I", "-c", PRINT_BASE]) or candidate
    raise Refusal("python", found=".".join(str(number) for number in version[:3]))


# How it is made


def prepare(venv: str, parts: Sequence[str]) -> None:
    """Make the environment if there is none that will do, and install what these parts' locks name."""
    from time import monotonic

    if not parts:
        return
    begin = monotonic()
    base = None if is_sound(venv) else find_python()
    if "" in parts:
        tell("begin", venv=os.path.relpath(venv))
    python = python_of(venv)
    uv = find_uv(base or python)
    if base:
        create(venv, base, uv)
        uv = uv or find_uv(python)  # a Python without pip: the new environment has one
    with marked(venv, "" in parts, keep=base is not None):
        by = install(python, uv, parts)
        for part in parts:
            write(stamp_file(venv, part), stamp(venv, part))
    tell("end", seconds=round(monotonic() - begin), by=by)


@contextmanager
def marked(venv: str, changes: bool, keep: bool) -> Iterator[None]:
    """Mark an environment as unfinished meanwhile, so that a killed call is noticed; a conda environment is never marked."""
    marker = os.path.join(venv, UNFINISHED)
    changes = changes and os.path.exists(os.path.join(venv, "pyvenv.cfg"))
    if changes:
        write(marker, "")
    try:
        yield
    except Refusal:
        keep_marker = keep
        raise


def create(venv: str, base: str, uv: Optional[str]) -> None:
    discard(venv)
    if uv and runs([uv, "venv", "--quiet", "--python", base, venv]):
        return
    if runs([base, "-m", "venv", venv], quiet=True):
        return
    discard(venv)
    default = os.path.realpath("/usr/bin/python3")
    version = version_of(base) or SUPPORTED[0]
    package = "python3-venv" if os.path.realpath(base) == default else "python{}.{}-venv".format(*version)
    raise Refusal("venv", package=package)


def discard(venv: str) -> None:
    """Delete an environment that will not do; nothing else is ever deleted."""
    import shutil

    if os.path.islink(venv):
        os.unlink(venv)
    if not os.path.exists(venv):
        return
    if not os.path.isdir(venv) or (os.listdir(venv) and not os.path.exists(os.path.join(venv, "pyvenv.cfg"))):
        raise Refusal("foreign", venv=venv)
    old = venv + ".old"  # renamed first: a deletion that is interrupted would leave a folder that nobody recognises
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
    if not answer([python, "-m", "pip", "--version"]):
        return None
    partial = tempfile.mkdtemp(prefix="uv-", dir=CACHE)
    if runs([*pip(python), "--no-deps", "--target", partial, "-r", lock_of("uv")], quiet=True):
        shutil.rmtree(own, ignore_errors=True)
        os.rename(partial, own)
    shutil.rmtree(partial, ignore_errors=True)
    return program if answer([program, "--version"]) else None


def install(python: str, uv: Optional[str], parts: Sequence[str]) -> str:
    """Install the parts by uv, else by pip; return the name of what did it."""
    if uv:
        # where Python may not write bytecode, nothing else would ever make it, and each start would take 10 s longer
        bytecode = ["--compile-bytecode"] if os.environ.get("PYTHONDONTWRITEBYTECODE") else []
        uv_install = [uv, "pip", "install", "--quiet", "--python", python]
        if all(runs(command) for command in commands([*uv_install, "--no-build", *bytecode], uv_install, parts)):
            return "uv"
        tell("again")
    if not answer([python, "-m", "pip", "--version"]):
        runs([python, "-m", "ensurepip"], quiet=True)
    if all(runs(command) for command in commands(pip(python), pip(python)[:-2], parts)):
        return "pip"
    raise Refusal("packages", status=1)


def pip(python: str) -> List[str]:
    options = ["--quiet", "--no-input", "--disable-pip-version-check"]
    return [python, "-m", "pip", "install", *options, "--only-binary", ":all:"]


def commands(locked: List[str], editable: List[str], parts: Sequence[str]) -> List[List[str]]:
    made = []
    for part in parts:
        made.append([*locked, "--no-deps", "--require-hashes", "-r", lock_of(part)])
        if not part:
            made.append([*editable, "--no-deps", "--no-build-isolation", "--editable", ROOT])
    return made


# Other programs


def surroundings() -> Dict[str, str]:
    """Return the variables for uv and pip: uv is told of pip's index and certificate, which it does not look up."""
    found = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_USER="0")
    for ours, theirs in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_CERT", "SSL_CERT_FILE")):
        if ours in found:
            found.setdefault(theirs, found[ours])
    return found


def runs(command: Sequence[str], quiet: bool = False) -> bool:
    """Run a command; tell whether it succeeded."""
    import subprocess

    silence = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.call(command, cwd=ROOT, env=surroundings(), stdout=silence, stderr=silence) == 0
    except OSError:
        return False


def answer(command: Sequence[str]) -> str:
    """Return what a command printed, or nothing where it failed."""
    import subprocess

    try:
        output = subprocess.check_output(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return output.decode("utf-8", "replace").strip()


def alone() -> Any:
    """Return a context in which no other call prepares the environment of this project."""
    import fcntl

    os.makedirs(CACHE, exist_ok=True)
    held = open(os.path.join(CACHE, "environment.lock"), "w")  # noqa: SIM115  (closing it is the context's end)
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


if __name__ == "__main__":
    sys.exit(main())
