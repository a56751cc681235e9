"""What is forgotten is in no generation of the store, in no earlier file and in no result, and does not come back."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from oko.cli import main
from oko.disclosure import journal
from oko.records import forget as records_forget
from oko.records.keys import pseudonyms_for
from oko.records.writers.forms import write_two_part
from oko.records.writers.roster import write_roster
from oko.runs.forgetting import Asked, forget
from oko.runs.release_archive import archive_folder
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from school_forms import FILE, SPRING, sitting

ROOT = Path(__file__).parents[3]
TOLD = ["--school", "344", "--year", "2020-2021", "--season", "spring"]
PEOPLE = 12
NAME = ("Канарейкина", "Аделаида", "Евлампиевна")
ROSTER = "Список кодов.csv"
GROUPS = (
    "assessment,level,group,n,measure,key,value,count\n"
    "vpr-mathematics-7-2021,region,Край,100,mean,,7.5,\n"
    "vpr-mathematics-6-in-7-autumn-2020,region,Край,100,mean,,6.5,\n"
)
WORKS = (
    "assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score\n"
    "vpr-mathematics-6-in-7-autumn-2020,vpr,mathematics,2020-2021,autumn,6,7,16\n"
    "vpr-mathematics-7-2021,vpr,mathematics,2020-2021,spring,7,7,19\n"
)


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A form of codes and the roster that names them, received."""
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "keys"))
    monkeypatch.chdir(ROOT)
    assert main(["init", "--cluster", "nevsky"]) == 0
    folder = tmp_path / "inbox"
    whole = sitting(SPRING, ("344",), n=PEOPLE)
    write_two_part(folder / FILE, whole, 8)
    people = pd.DataFrame(
        {
            "school": "344", "class": "7А", "surname": [NAME[0], *(f"Фамилия{'а' * k}" for k in range(1, PEOPLE))],
            "name": NAME[1], "patronymic": NAME[2], "year": "2020-2021", "season": "spring",
            "code": whole.pupils["code"].to_numpy(),
        }
    )  # fmt: skip
    write_roster(folder / ROSTER, people)
    assert main(["import", "--cluster", "nevsky", *TOLD, str(folder)]) == 0
    return folder


def pseudonyms(workspace: Workspace) -> tuple[str, str]:
    """The pupil's own pseudonym, and that of the code."""
    made = pseudonyms_for(workspace.root, workspace.cluster)
    assert made is not None
    return made.of_pupil(*NAME, "", "344"), made.of_code("344", "2020-2021", "spring", "70001")


def bytes_under(folder: Path) -> str:
    """All that files hold, tables as text; the list and the log of what is forgotten are left out."""
    texts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("forgotten."):
            content = (
                pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else path.read_text("utf-8", "replace")
            )
            texts.append(content)
    return "\n".join(texts)


def test_a_pupil_asked_by_name_does_not_come_back_under_a_code(inbox: Path, tmp_path: Path) -> None:
    workspace = open_workspace(cluster="nevsky")
    pupil, alias = pseudonyms(workspace)
    assert pupil in set(workspace.results()["pupil"])
    keyboard = io.StringIO("\n".join([*NAME, "", ""]))
    said = "\n".join(forget(workspace, Asked(ask=True, school="344"), "steward", keyboard))
    assert ROSTER in said
    assert NAME[0] not in said
    for path in workspace.raw_folder.rglob(ROSTER):
        path.unlink()
    assert main(["import", "--cluster", "nevsky"]) == 0
    there = set(open_workspace(cluster="nevsky").results()["pupil"])
    assert len(there) == PEOPLE - 1
    assert not there & {pupil, alias}
    left = bytes_under(workspace.work)
    assert pupil not in left
    assert alias not in left


def test_the_log_says_when_who_what_and_how_many_and_no_name(inbox: Path) -> None:
    workspace = open_workspace(cluster="nevsky")
    pupil, alias = pseudonyms(workspace)
    list(forget(workspace, Asked(pupil=pupil), "steward", io.StringIO()))
    lines = (workspace.work / "forgotten.log").read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines]
    assert {cell[1] for cell in cells} == {"pupil"}
    assert {pupil, alias} <= {cell[2] for cell in cells}
    assert {tuple(cell[3:]) for cell in cells} == {("rows 1", "steward")}
    assert all(cell[0].startswith("20") and cell[0].endswith("+00:00") for cell in cells)
    assert NAME[0] not in "".join(lines)


def test_an_earlier_version_of_a_pupils_file_goes(inbox: Path) -> None:
    workspace = open_workspace(cluster="nevsky")
    better = inbox / "исправлено" / FILE
    write_two_part(better, sitting(SPRING, ("344",), n=PEOPLE, variants="2-1"), 8)
    assert main(["import", "--cluster", "nevsky", *TOLD, str(better)]) == 0
    assert len(list((workspace.work / "replaced").glob("*.xlsx"))) == 1
    list(forget(workspace, Asked(pupil=pseudonyms(workspace)[0]), "steward", io.StringIO()))
    assert list((workspace.work / "replaced").glob("*.xlsx")) == []


def test_an_earlier_version_without_the_pupil_stays(inbox: Path) -> None:
    workspace = open_workspace(cluster="nevsky")
    better = inbox / "исправлено" / FILE
    write_two_part(better, sitting(SPRING, ("344",), n=PEOPLE, variants="2-1"), 8)
    assert main(["import", "--cluster", "nevsky", *TOLD, str(better)]) == 0
    list(forget(workspace, Asked(pupil="0" * 32), "steward", io.StringIO()))
    assert len(list((workspace.work / "replaced").glob("*.xlsx"))) == 1
    assert len(workspace.results()) == PEOPLE


def test_a_term_goes_from_all_tables_and_stays_away(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "groups.csv").write_text(GROUPS, encoding="utf-8")
    (tmp_path / "more" / "works.csv").write_text(WORKS, encoding="utf-8")
    autumn = [f"vpr-mathematics-6-in-7-autumn-2020,p{k},344,took,7А,{k}" for k in range(12)]
    heading = "assessment,pupil,school,status,class,primary_score"
    (tmp_path / "more" / "results.csv").write_text("\n".join([heading, *autumn, ""]), encoding="utf-8")
    assert main(["import", "--cluster", "nevsky", str(tmp_path / "more")]) == 0
    assert main(["forget", "--cluster", "nevsky", "--year", "2020-2021", "--season", "spring"]) == 0
    for _ in range(2):
        workspace = open_workspace(cluster="nevsky")
        for table in ("results", "groups", "assessments"):
            found = workspace.query(f"select distinct assessment from {table}")["assessment"].tolist()
            assert found == ["vpr-mathematics-6-in-7-autumn-2020"], table
        assert workspace.store.responses == ()
        assert main(["import", "--cluster", "nevsky"]) == 0
    assert not list(workspace.raw_folder.rglob(FILE))
    assert list(workspace.raw_folder.rglob("groups.csv"))


def test_what_is_to_be_forgotten_is_noted_before_anything_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    monkeypatch.chdir(ROOT)
    assert main(["forget", "--cluster", "nevsky", "--school", "498"]) == 0
    workspace = open_workspace(cluster="nevsky")
    assert [entry.value for entry in records_forget.read(workspace.work).entries] == ["498"]


def test_a_school_goes_with_its_roster_of_names(inbox: Path) -> None:
    assert main(["forget", "--cluster", "nevsky", "--school", "344"]) == 0
    workspace = open_workspace(cluster="nevsky")
    assert {path.name for path in workspace.raw_folder.rglob("*") if path.is_file()} == {"received.toml"}
    assert workspace.results().empty
    assert NAME[0] not in bytes_under(workspace.work)
    assert len([path for path in workspace.work.glob(".store-*") if path.is_dir()]) == 1


def test_what_was_released_and_withdrawn_is_still_known(inbox: Path) -> None:
    workspace = open_workspace(cluster="nevsky")
    results = workspace.results_folder
    journal.append(results, "withdrawn", study="cluster_year", unit="cluster", digest="0" * 64, reason="ошибка")
    archived = archive_folder(results) / "0000000000000000" / "about.json"
    archived.parent.mkdir(parents=True)
    archived.write_text("{}", encoding="utf-8")
    page = results / "2020-2021" / "release" / "cluster_year" / "cluster" / "page.ru.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>12</p>", encoding="utf-8")
    said = "\n".join(forget(workspace, Asked(pupil=pseudonyms(workspace)[0]), "steward", io.StringIO()))
    assert str(results) in said
    assert {path.name for path in results.iterdir()} == {journal.JOURNAL, archived.parents[1].name}
    assert journal.withdrawn(page.parent, "0" * 64) is not None
    assert archived.is_file()
