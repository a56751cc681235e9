"""Make the locks anew: pinned, hashed, good for Python 3.11 to 3.13, naming no index.

``make lock`` keeps the pins that still hold; ``make lock UPGRADE=1`` takes the newest releases.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from environment import EXTRAS, ROOT, alone, find_uv, lock_of

OPTIONS = ("--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-config", "--quiet")
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==\S+", re.MULTILINE)


def main(words: list[str]) -> int:
    """Write requirements.lock, a lock for each extra (what the main one lacks) and that of uv."""
    with alone():
        uv = find_uv(sys.executable)
    if uv is None:
        print("make lock needs uv, and it cannot be installed here.", file=sys.stderr)
        return 1
    upgrade = ["--upgrade"] if "--upgrade" in words else []
    main_lock = Path(lock_of(""))
    resolve(uv, "pyproject.toml", main_lock, "--group=dev", *upgrade)
    for extra in EXTRAS:
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder, "whole.lock")
            pins = ("--constraint=requirements.lock", f"--extra={extra}", "--no-annotate")
            resolve(uv, "pyproject.toml", whole, *pins)
            rest = difference(whole.read_text(encoding="utf-8"), main_lock.read_text(encoding="utf-8"))
        Path(lock_of(extra)).write_text(rest, encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "uv.in")
        wanted.write_text("uv\n", encoding="utf-8")
        resolve(uv, str(wanted), Path(lock_of("uv")), "--no-annotate", *upgrade)
    return 0


def resolve(uv: str, wanted: str, lock: Path, *options: str) -> None:
    subprocess.run([uv, "pip", "compile", wanted, "--output-file", str(lock), *OPTIONS, *options], cwd=ROOT, check=True)


def difference(whole: str, rest: str) -> str:
    r"""Return the entries of a lock whose distributions another lock does not name.

    Examples
    --------
    >>> difference("a==1 --hash=x\nb==2 --hash=y\n", "a==1 --hash=x\n")
    'b==2 --hash=y\n'
    """
    known = set(PIN.findall(rest))
    starts = [match.start() for match in PIN.finditer(whole)]
    entries = [whole[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    return "".join(entry for entry in entries if PIN.match(entry)["name"] not in known)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
