"""Many files are read by several processes, with the same result as one by one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from oko import language
from oko.records import reading
from oko.records.intake import files_of
from oko.records.readers.context import Told
from oko.records.reading import Reader, read_files
from oko.workspace import open as open_workspace
from received_files import CODE, make_root

HEADING = "assessment,pupil,school,status,class,primary_score\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    raw = tmp_path / "raw"
    raw.mkdir()
    for number in range(reading._MANY):
        (raw / f"{number:03d}.csv").write_text(f"{HEADING}a7,p{number},1,took,7А,{number}\n", encoding="utf-8")
    (raw / "empty.csv").write_text("", encoding="utf-8")
    (raw / "torn.xlsx").write_bytes(b"PK\x03\x04 torn")
    return raw


def test_processes_say_what_one_would(folder: Path, tmp_path: Path) -> None:
    workspace = open_workspace(make_root(tmp_path / "root"), cluster=CODE)
    reader = Reader(workspace.cluster, workspace.root, Told())
    files = files_of(folder)
    with language.used("en"):
        together = list(read_files(reader, files))
        alone = [reader.read(*named) for named in files]
    assert [one.state for one in together] == [one.state for one in alone]
    assert [list(map(str, one.findings)) for one in together] == [list(map(str, one.findings)) for one in alone]
    assert sum(one.reading is None for one in together) == 2
    for first, second in zip(together, alone, strict=True):
        if first.reading is not None and second.reading is not None:
            assert first.reading.tables[0].frame.equals(second.reading.tables[0].frame)


def test_a_script_without_a_guard_runs_once(folder: Path, tmp_path: Path) -> None:
    root = make_root(tmp_path / "root")
    script = tmp_path / "script.py"
    script.write_text(
        "import pathlib, oko\n"
        "from oko.records import intake\n"
        "print('begin')\n"
        f"ws = oko.open({str(root)!r}, cluster={CODE!r})\n"
        f"print(len(intake.check(ws.cluster, ws.root, [pathlib.Path({str(folder)!r})]).files))\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout.split() == ["begin", str(reading._MANY + 2)]
    assert done.stderr == ""
