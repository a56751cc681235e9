"""Packages go out without names and come in whole or not at all; what was received before never goes by itself."""

from __future__ import annotations

import contextlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from oko import language
from oko.errors import DataError
from oko.runs import packages, receive, unpacking
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from received_files import CODE, make_root

WORKS = (
    "assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score,prior\n"
    "a6,control,mathematics,2019-2020,spring,6,6,2,\n"
    "a7,control,mathematics,2020-2021,spring,7,7,2,a6\n"
)
ITEMS = "assessment,item,position,max_score\na6,1,1,2\na7,1,1,1\na7,2,2,1\n"
HEADING = "assessment,pupil,school,status,class,primary_score\n"
BASIS = '\n[exchange]\nlegal_basis = "Соглашение (пробное)"\nkeep_until = "2022-08-31"\n'


def rows(work: str, school: str, first: int = 0, n: int = 30) -> str:
    return "".join(f"{work},p{school}-{k},{school},took,7А,{k % 3}\n" for k in range(first, first + n))


@dataclass(frozen=True)
class Place:
    """A cluster with files received, and a folder for files to come."""

    workspace: Workspace
    inbox: Path

    def receive(self, name: str, text: str) -> receive.Receipt:
        path = self.inbox / name
        path.write_text(text, encoding="utf-8")
        return receive.receive(self.workspace, [path])

    def stored(self) -> int:
        self.workspace.__dict__.pop("store", None)
        return len(self.workspace.results())

    def raw(self) -> list[str]:
        return sorted(path.name for path in self.workspace.raw_folder.rglob("*"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    root = make_root(tmp_path / "root")
    settings = root / "data" / "clusters" / CODE / "cluster.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + BASIS, encoding="utf-8")
    inbox = tmp_path / "inbox"
    (inbox / "first").mkdir(parents=True)
    texts = {"works.csv": WORKS, "items.csv": ITEMS, "a6.csv": HEADING + rows("a6", "2")}
    texts |= {"a7.csv": HEADING + rows("a7", "1") + rows("a7", "2")}
    for name, text in texts.items():
        (inbox / "first" / name).write_text(text, encoding="utf-8")
    made = Place(open_workspace(root, cluster=CODE), inbox)
    receive.receive(made.workspace, [inbox / "first"])
    assert made.stored() == 90
    return made


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def reason(path: Path, workspace: Workspace) -> str:
    with language.used("en"), pytest.raises(DataError) as caught, unpacking.unpacked([path], workspace):
        pass
    with language.used("en"):
        return str(caught.value)


def test_a_package_says_in_both_languages_what_it_is_and_on_which_terms(place: Place) -> None:
    held = contents(packages.write_package(place.workspace, "1", place.inbox))
    russian, english = (held[f"readme.{code}.md"].decode() for code in ("ru", "en"))
    assert "Сводные числа" in russian
    assert "- хранить до: 2022-08-31" in russian
    assert "- legal basis: Соглашение (пробное)" in english
    assert "- purpose: not recorded" in english
    assert "- data/assessments.csv: 2 rows; " in english


def test_a_package_of_one_year_tells_the_works_before_it(place: Place) -> None:
    """So all packages say the same of one work, whatever the school took."""
    held = contents(packages.write_package(place.workspace, "1", place.inbox, year="2020-2021"))
    works = held["data/assessments.csv"].decode().splitlines()
    assert [line.split(",")[0] for line in works[1:]] == ["a6", "a7"]
    assert works[2].split(",")[-2] == "a6"
    assert "p1-" not in b"".join(held.values()).decode()


def test_rows_come_back_with_the_terms_in_the_history(place: Place, tmp_path: Path, monkeypatch) -> None:
    package = packages.write_package(place.workspace, "2", place.inbox, rows=True)
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "other"))
    other = open_workspace(place.workspace.root, cluster=CODE)
    receive.receive(other, [package])
    columns = ["assessment", "pupil", "school", "primary_score"]
    pd.testing.assert_frame_equal(
        other.results(school="2")[columns], place.workspace.results(school="2")[columns], check_like=True
    )
    last = json.loads((other.work / "history.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["did"], last["terms"]["content"], last["terms"]["school"]) == ("package", "pupils", "2")
    assert last["terms"]["agreement"]["keep_until"] == "2022-08-31"


def test_options_travel_with_the_rows_and_not_with_aggregates(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "assessment,pupil,school,class,1,2\n"
    points = "".join(f"a7,p2-{k},2,7А,{int(k % 3 > 0)},{int(k % 3 > 1)}\n" for k in range(30))
    place.receive("points.csv", header + points)
    assert {"a7.csv", "points.csv"} <= set(place.raw())
    chosen = "".join(f"a7,p2-{k},2,1,{'БАВ'[k % 3]}\n" for k in range(30))
    place.receive("chosen.csv", "assessment,pupil,school,item,option\n" + chosen)
    assert {"points.csv", "chosen.csv"} <= set(place.raw())  # a table of another kind replaces none
    place.workspace.__dict__.pop("store", None)
    sent = place.workspace.register("options")
    assert len(sent) == 30
    assert "data/options.csv" not in contents(packages.write_package(place.workspace, "2", place.inbox))
    package = packages.write_package(place.workspace, "2", place.inbox, rows=True)
    assert "data/options.csv" not in contents(packages.write_package(place.workspace, "1", place.inbox, rows=True))
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "other"))
    other = open_workspace(place.workspace.root, cluster=CODE)
    receive.receive(other, [package])
    columns = ["assessment", "school", "pupil", "item", "option"]
    pd.testing.assert_frame_equal(other.register("options")[columns], sent[columns])


def test_no_changed_byte_passes_and_none_is_a_stranger_error(place: Place) -> None:
    package = packages.write_package(place.workspace, "1", place.inbox)
    whole = package.read_bytes()
    before = contents(package)
    changed = place.inbox / "changed.zip"
    for at in range(0, len(whole), 97):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        if unpacking.is_package(changed):
            with contextlib.suppress(DataError), unpacking.unpacked([changed], place.workspace):
                assert contents(changed) == before


def test_a_package_that_swells_is_refused(place: Place) -> None:
    package = place.inbox / "bomb.zip"
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr("data/groups.csv", b"0" * 50_000_000)
    assert "unpacks to far more" in reason(package, place.workspace)


def test_another_programs_package_is_refused(place: Place) -> None:
    package = place.inbox / "other.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("datapackage.json", '{"resources": []}')
    assert "oko did not make it" in reason(package, place.workspace)


def test_what_was_received_before_is_never_left_out_for_what_comes(place: Place) -> None:
    """The trial cluster leaves faulty rows: of two equal ones that of the later file, and 0.csv comes before a7.csv."""
    before = place.raw()
    with pytest.raises(DataError, match="расходятся"):
        place.receive("0.csv", HEADING + rows("a7", "1", first=28, n=4))
    assert place.raw() == before
    assert place.stored() == 90


def test_new_rows_that_stand_already_are_left_and_named(place: Place) -> None:
    receipt = place.receive("more.csv", HEADING + rows("a7", "1", first=28, n=4))
    assert [finding.row for finding in receipt.left] == [2, 3]
    assert place.stored() == 92


def test_the_same_file_again_changes_nothing(place: Place) -> None:
    before = place.raw()
    receipt = receive.receive(place.workspace, [place.inbox / "first"])
    assert receipt.placed == receipt.replaced == ()
    assert place.raw() == before
    assert not (place.workspace.work / "replaced").exists()


def test_an_interrupted_import_leaves_all_as_it_was(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = place.raw()
    for name in ("write", "_point"):
        with monkeypatch.context() as patched:
            patched.setattr(f"oko.records.store.{name}", interrupted)
            with pytest.raises(KeyboardInterrupt):
                place.receive("a7.csv", HEADING + rows("a7", "1") + rows("a7", "2", n=20))
        assert place.raw() == before
        assert place.stored() == 90
        assert len([path for path in place.workspace.work.glob(".store-*") if path.is_dir()]) == 1


@pytest.fixture
def lead(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The same cluster at another school, where nothing was received yet."""
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "lead"))
    return open_workspace(place.workspace.root, cluster=CODE)


def test_packages_of_several_schools_describe_the_same_works_and_go_in_together(place: Place, lead: Workspace) -> None:
    sent = [packages.write_package(place.workspace, school, place.inbox, rows=True) for school in ("1", "2")]
    receive.receive(lead, sent[:1])
    receive.receive(lead, sent[1:])
    lead.__dict__.pop("store", None)
    assert len(lead.results()) == 90
    assert len(lead.items()) == 3


def test_aggregates_alone_make_a_store(place: Place, lead: Workspace) -> None:
    sent = [packages.write_package(place.workspace, school, place.inbox) for school in ("1", "2")]
    receive.receive(lead, sent)
    assert lead.results().empty
    assert set(lead.register("groups")["school"]) == {"1", "2"}
