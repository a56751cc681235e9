"""Passports of tasks travel between schools as a form: what one writes another takes in, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from oko.cli import main
from oko.errors import DataError
from oko.records.registers import REGISTERS
from oko.records.writers import registers
from oko.runs import receive
from oko.runs.bank import write_bank
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from received_files import CODE, make_root

ITEMS = [
    {"instrument": "graphs-7-2020", "item": item, "subject": "mathematics", "grade": 7, "skill": skill,
     "content": "График движения", "level": "basic", "max_score": 2.0, "minutes": minutes, "answer_type": "short",
     "status": status, "school": school}
    for item, skill, minutes, status, school in (
        ("2", "charts", 3.5, "tried", "1"), ("11.1", None, None, "bank", "2"), ("12", "proof", 5.0, "draft", "1"),
    )
]  # fmt: skip
OWN = [name for name in REGISTERS["passports"].columns if name != "source"]


RESULTS = {
    "works.csv": "assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score,prior\n"
    "a6,control,mathematics,2019-2020,spring,6,6,2,\n",
    "items.csv": "assessment,item,position,max_score\na6,1,1,2\n",
    "a6.csv": "assessment,pupil,school,status,class,primary_score\n"
    + "".join(f"a6,p{k},2,took,7А,1\n" for k in range(12)),
}


def cluster(folder: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool) -> Workspace:
    monkeypatch.setenv("OKO_WORK", str(folder / "work"))
    root = make_root(folder / "root")
    settings = root / "data" / "clusters" / CODE / "cluster.toml"
    agreed = f"\n[agreement]\nnames_schools = {str(named).lower()}\n"
    settings.write_text(settings.read_text(encoding="utf-8") + agreed, encoding="utf-8")
    (folder / "inbox").mkdir()
    for name, text in RESULTS.items():
        (folder / "inbox" / name).write_text(text, encoding="utf-8")
    return open_workspace(root, cluster=CODE)


def stored(workspace: Workspace) -> pd.DataFrame:
    workspace.__dict__.pop("store", None)
    return workspace.register("passports").sort_values("item", ignore_index=True)[OWN]


def test_what_one_school_writes_another_takes_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = cluster(tmp_path / "first", monkeypatch, named=False)
    form = registers.fill(tmp_path / "own.xlsx", "passport", pd.DataFrame(ITEMS), first.root)
    receive.receive(first, [tmp_path / "first" / "inbox", form])
    sent = stored(first)
    assert len(sent) == 3
    path = write_bank(first, tmp_path / "sent")
    assert path.read_bytes() == write_bank(first, tmp_path / "again").read_bytes()
    monkeypatch.chdir(first.root)
    assert main(["export", "--passports", "--school", "2", "--cluster", CODE, "--to", str(tmp_path / "sent")]) == 0
    assert "oko-trial-2-passports.xlsx" in "".join(capsys.readouterr().out.split())
    other = cluster(tmp_path / "other", monkeypatch, named=False)
    receive.receive(other, [tmp_path / "other" / "inbox", path])
    expected = sent[sent["status"] != "draft"].reset_index(drop=True)
    expected = expected.assign(school=pd.Series([None] * 2, dtype=sent["school"].dtype))
    pd.testing.assert_frame_equal(stored(other), expected)


def test_without_passports_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = cluster(tmp_path / "place", monkeypatch, named=True)
    receive.receive(place, [tmp_path / "place" / "inbox"])
    with pytest.raises(DataError):
        write_bank(place, tmp_path / "sent")
    assert not (tmp_path / "sent").exists()
