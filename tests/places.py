"""A project in a folder of its own, with a key, an inbox and all folders that oko could write into."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from oko.records.keys import make_key
from received_files import CODE, make_root
from traces import found

RUN = """
import json, os, sys
from oko.cli import main
statuses = [main(words) for words in json.loads(sys.argv[2])]
with open(sys.argv[1], "a", encoding="utf-8") as kept:
    kept.writelines(f"{name}={value}\\n" for name, value in os.environ.items())
sys.exit(max(statuses))
"""


LEFT_OUT = ("raw", "replaced", "inbox", "keys")


@dataclass(frozen=True)
class Place:
    """A project of its own, with a key, an inbox and all folders that oko could write into."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def work(self) -> Path:
        return self.root / "data" / "work" / CODE

    @property
    def environment(self) -> dict[str, str]:
        own = {name: str(self.folder / name) for name in ("home", "temporary", "keys")}
        for name in own.values():
            Path(name).mkdir(exist_ok=True, mode=0o700)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("OKO_", "XDG_"))}
        return {**plain, "HOME": own["home"], "TMPDIR": own["temporary"], "OKO_KEYS": own["keys"]}

    def oko(self, *calls: Sequence[str]) -> str:
        """Run verbs; what they print and their environment at the end are kept beside the project, to be scanned."""
        call = [sys.executable, "-c", RUN, str(self.folder / "environment.txt"), json.dumps(calls)]
        done = subprocess.run(
            call, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=1500
        )
        said = done.stdout + done.stderr
        with (self.folder / "printed.txt").open("a", encoding="utf-8") as printed:
            printed.write(f"{said}\n")
        assert done.returncode in (0, 1), said
        return said

    @property
    def key(self) -> str:
        return (self.folder / "keys" / f"{CODE}.key").read_text(encoding="utf-8").split()[-1]

    @property
    def traces(self) -> list[str]:
        return found(self.folder, self.key, left_out=LEFT_OUT)


def place(folder: Path) -> Place:
    made = Place(folder)
    make_root(made.root)
    made.inbox.mkdir()
    (folder / "keys").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OKO_KEYS", str(folder / "keys"))
        make_key(made.root, CODE)
    return made


def verb(name: str, language: str, *paths: Path) -> list[str]:
    return [name, "--cluster", CODE, "--language", language, *map(str, paths)]
