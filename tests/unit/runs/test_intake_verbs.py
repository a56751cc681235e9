"""Files go in, out and away: what the verbs of the command line do with them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from oko.cli import main
from oko.errors import DataError
from oko.runs import packages, receive, sources, unpacking
from oko.workspace import open as open_workspace

ROOT = Path(__file__).parents[3]
ASSESSMENTS = (
    "assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score\n"
    "a7,control,mathematics,2020-2021,spring,7,7,2\n"
)
ITEMS = "assessment,item,position,max_score\na7,1,1,1\na7,2,2,1\n"


def results(school: str, n: int = 24) -> str:
    rows = [f"a7,p{school}-{i},{school},took,7А,{i % 3}" for i in range(n)]
    return "assessment,pupil,school,status,class,primary_score\n" + "\n".join(rows) + "\n"


def responses(school: str, n: int = 24) -> str:
    rows = [f"a7,p{school}-{i},{school},7А,{min(i % 3, 1)},{int(i % 3 == 2) or 'Х'}" for i in range(n)]
    return "assessment,pupil,school,class,1,2\n" + "\n".join(rows) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "keys"))
    monkeypatch.chdir(ROOT)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    files = {"a.csv": ASSESSMENTS, "i.csv": ITEMS}
    for school in ("344", "498"):
        files |= {f"r{school}.csv": results(school), f"p{school}.csv": responses(school)}
    for name, text in files.items():
        (inbox / name).write_text(text, encoding="utf-8")
    assert main(["import", "--cluster", "nevsky", str(inbox)]) == 0
    return inbox


def test_the_store_says_which_file_each_row_came_from(folder: Path) -> None:
    rows = open_workspace(cluster="nevsky").query(
        "select distinct f.file, r.school from results r join files f on r.source = f.source order by 1"
    )
    assert rows["file"].tolist() == ["r344.csv", "r498.csv"]


def test_a_corrected_file_replaces_the_earlier_one_which_stays(folder: Path, tmp_path: Path) -> None:
    better = tmp_path / "исправлено.csv"
    better.write_text(results("344").replace(",took,7А,0\n", ",took,7Б,0\n", 1).replace("p344-0,", "p344-0,"), "utf-8")
    points = tmp_path / "баллы.csv"
    points.write_text(responses("344").replace("p344-0,344,7А", "p344-0,344,7Б"), "utf-8")
    workspace = open_workspace(cluster="nevsky")
    receipt = receive.receive(workspace, [better, points])
    assert "r344.csv" in {path.name.split("-", 3)[-1] for path in receipt.replaced}
    assert len(workspace.results(school="344")) == 24
    assert (workspace.results(school="344")["class"] == "7Б").sum() == 1


def test_a_refused_file_leaves_everything_as_it_was(folder: Path, tmp_path: Path) -> None:
    workspace = open_workspace(cluster="nevsky")
    before = sorted(path.name for path in sources.raw_files(workspace.raw_folder))
    bad = tmp_path / "bad.csv"
    bad.write_text(results("999"), encoding="utf-8")
    with pytest.raises(DataError, match="999"):
        receive.receive(workspace, [bad])
    assert sorted(path.name for path in sources.raw_files(workspace.raw_folder)) == before
    assert len(open_workspace(cluster="nevsky").results()) == 48


def test_a_package_goes_to_another_school_and_is_taken_there(folder: Path, tmp_path: Path, monkeypatch) -> None:
    package = packages.write_package(open_workspace(cluster="nevsky"), "344", tmp_path / "out")
    described = json.loads(zipfile.ZipFile(package).read("datapackage.json"))
    assert not described["personal_data"]
    assert "pupil" not in zipfile.ZipFile(package).read("data/groups.csv").decode()
    with unpacking.unpacked([package], open_workspace(cluster="nevsky")) as (there,):
        groups = pd.read_csv(there / "package-344-aggregates" / "groups.csv", dtype={"key": "str"})
    mean = groups[groups["measure"] == "mean"]["value"].item()
    assert mean == pytest.approx(1.0)
    assert groups[(groups["measure"] == "facility") & (groups["key"] == "1")]["value"].item() == pytest.approx(2 / 3)
    assert main(["check", "--cluster", "nevsky", str(package)]) == 0


def test_a_changed_package_is_refused_with_its_reason(folder: Path, tmp_path: Path) -> None:
    workspace = open_workspace(cluster="nevsky")
    package = packages.write_package(workspace, "344", tmp_path / "out")
    contents = {name: zipfile.ZipFile(package).read(name) for name in zipfile.ZipFile(package).namelist()}
    contents["data/groups.csv"] += b" "
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    with pytest.raises(DataError, match=r"groups\.csv"), unpacking.unpacked([package], workspace):
        pass


def test_rows_of_pupils_need_a_legal_basis(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["export", "--cluster", "nevsky", "--school", "344", "--rows", "--to", str(tmp_path)]
    assert main(call) == 2
    assert "legal_basis" in capsys.readouterr().err
    assert list(tmp_path.glob("*.zip")) == []


def test_a_forgotten_pupil_does_not_come_back(folder: Path) -> None:
    assert main(["forget", "--cluster", "nevsky", "--pupil", "p344-3"]) == 0
    assert main(["import", "--cluster", "nevsky"]) == 0
    pupils = set(open_workspace(cluster="nevsky").results()["pupil"])
    assert len(pupils) == 47
    assert "p344-3" not in pupils
    assert "p344-3" not in set(open_workspace(cluster="nevsky").query('select pupil from "responses/a7"')["pupil"])


def test_a_forgotten_school_leaves_no_row_and_no_file(folder: Path) -> None:
    assert main(["forget", "--cluster", "nevsky", "--school", "344"]) == 0
    workspace = open_workspace(cluster="nevsky")
    assert set(workspace.results()["school"]) == {"498"}
    assert not (workspace.raw_folder / "r344.csv").exists()


def test_a_second_writer_is_told_to_wait(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from oko.runs.alone import alone

    workspace = open_workspace(cluster="nevsky")
    with alone(workspace.work / ".import"):
        assert main(["import", "--cluster", "nevsky"]) == 1
        assert len(workspace.results()) == 48
    assert "дождитесь" in capsys.readouterr().err.lower()


@pytest.mark.parametrize("verb", ["check", "import"])
def test_a_cluster_without_files_is_told_where_to_put_them(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    monkeypatch.chdir(ROOT)
    assert main([verb, "--cluster", "nevsky"]) == 2
    assert "nevsky/raw" in capsys.readouterr().err
    assert main([verb, "--cluster", "nevsky", str(tmp_path / "none.csv")]) == 2
    assert "проверьте путь" in capsys.readouterr().err
