"""A release is a data package of what passed; a changed byte in it, or one that was withdrawn, is refused."""

from __future__ import annotations

import base64
import csv
import datetime
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from oko.disclosure import journal, release
from oko.disclosure.checks import Finding, Verdict
from oko.disclosure.package import Wording, digest_of, written
from oko.errors import ReleaseError
from oko.folders import sha256

ABOUT = {
    "study": "cluster_year", "unit": "cluster", "year": "2020-2021", "cluster": "example", "example": True,
    "threshold": 10, "reviewer": "example", "signed": "2021-06-01T12:00:00+00:00",
}  # fmt: skip
WORDING = Wording(
    "Год кластера", "Что показал год?", licence="CC-BY-4.0",
    outputs={"tables/marks": "Отметки", "page": "Что показал год?", "figures/marks": "Отметки", "CHECKS": "Проверка"},
    columns={"n": ("Учеников", "число учеников"), "quality": ("Качество", "доля отметок 4 и 5")},
)  # fmt: skip
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OUTPUTS = ("tables/marks.parquet", "page.ru.html", "figures/marks.work.ru.png")


def finished_run(folder: Path, *, edition: str = "public", status: str = "done") -> Path:
    for name in ("tables", "figures"):
        (folder / name).mkdir(parents=True)
    marks = pd.DataFrame(
        {"school": ["344", "=1+1"], "n": [25.0, None], "quality": [0.5, None], "hidden": [False, True]}
    )
    marks.to_parquet(folder / OUTPUTS[0])
    (folder / OUTPUTS[1]).write_text("<!DOCTYPE html><p>Год</p>", encoding="utf-8")
    (folder / OUTPUTS[2]).write_bytes(PNG)
    (folder / "notebook.ipynb").write_text("{}")
    outputs = [{"path": path, "sensitivity": "public", "sha256": sha256(folder / path)} for path in OUTPUTS]
    outputs.append({"path": "notebook.ipynb", "sensitivity": "internal", "sha256": sha256(folder / "notebook.ipynb")})
    record = {"study": "cluster_year", "unit": "cluster", "edition": edition, "status": status, "outputs": outputs}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def verdicts(run: Path, *findings: Finding) -> list[Verdict]:
    public = [Verdict(path, "public", sha256(run / path), findings) for path in OUTPUTS]
    return [*public, Verdict("notebook.ipynb", "internal", sha256(run / "notebook.ipynb"))]


def made(tmp_path: Path) -> Path:
    run = finished_run(tmp_path / "run")
    destination = tmp_path / "results" / "2020-2021" / "release" / "cluster_year" / "cluster"
    release.make(run, destination, verdicts(run), ABOUT, WORDING)
    return destination


def test_a_release_is_read_as_it_was_signed(tmp_path: Path) -> None:
    destination = made(tmp_path)
    there = release.read(destination)
    assert there.about["reviewer"] == "example"
    assert there.table("marks")["n"].tolist()[0] == 25
    assert list(release.read_all(tmp_path / "results", "cluster_year")) == ["2020-2021"]
    assert not (destination / "notebook.ipynb").exists()
    assert "notebook" not in (destination / "CHECKS.csv").read_text(encoding="utf-8")


def test_every_changed_byte_is_refused(tmp_path: Path) -> None:
    destination = made(tmp_path)
    for path in sorted(p for p in destination.rglob("*") if p.is_file()):
        content = path.read_bytes()
        for place in range(0, len(content), max(1, len(content) // 16)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            with pytest.raises(ReleaseError):
                release.read(destination)
        path.write_bytes(content + b"\n")
        with pytest.raises(ReleaseError):
            release.read(destination)
        path.write_bytes(content)
    release.read(destination)


def test_an_added_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    destination = made(tmp_path)
    (destination / "extra.txt").write_text("x")
    with pytest.raises(ReleaseError, match=r"extra\.txt"):
        release.read(destination)
    (destination / "extra.txt").unlink()
    (destination / "tables" / "marks.parquet").unlink()
    with pytest.raises(ReleaseError, match=r"marks\.parquet"):
        release.read(destination)


@pytest.mark.parametrize("fault", [{"edition": "internal"}, {"status": "failed"}])
def test_a_run_that_may_not_leave_is_refused_and_nothing_is_written(tmp_path: Path, fault: dict[str, str]) -> None:
    run = finished_run(tmp_path / "run", **fault)
    with pytest.raises(ReleaseError):
        release.make(run, tmp_path / "out" / "x", verdicts(run), ABOUT, WORDING)
    assert not (tmp_path / "out").exists()


def test_what_the_checks_refused_or_did_not_see_is_refused(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run")
    with pytest.raises(ReleaseError, match="порога"):
        release.make(run, tmp_path / "out" / "x", verdicts(run, Finding("small_counts")), ABOUT, WORDING)
    internal = [Verdict("notebook.ipynb", "public", sha256(run / "notebook.ipynb"))]
    with pytest.raises(ReleaseError, match=r"notebook\.ipynb"):
        release.make(run, tmp_path / "out" / "x", internal, ABOUT, WORDING)
    seen = verdicts(run)
    pd.DataFrame({"n": [26], "quality": [0.9]}).to_parquet(run / "tables" / "marks.parquet")
    with pytest.raises(ReleaseError):
        release.make(run, tmp_path / "out" / "x", seen, ABOUT, WORDING)
    assert not (tmp_path / "out").exists()


def test_no_release_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        release.read_all(tmp_path, "cluster_year")


def test_the_release_is_a_data_package_by_its_specification(tmp_path: Path) -> None:
    destination = made(tmp_path)
    package = json.loads((destination / "datapackage.json").read_text(encoding="utf-8"))
    assert wrong(package, destination) == []
    by_path = {entry["path"]: entry for entry in package["resources"]}
    assert set(by_path) == {*OUTPUTS, "tables/marks.csv", "CHECKS.csv"}
    fields = {field["name"]: field for field in by_path["tables/marks.csv"]["schema"]["fields"]}
    assert fields["n"]["description"] == "число учеников"
    assert fields["hidden"]["type"] == "boolean"
    assert (destination / "tables" / "marks.csv").read_text(encoding="utf-8").splitlines()[2].startswith("'=1+1,")


def test_the_rules_of_the_specification_see_a_broken_package(tmp_path: Path) -> None:
    destination = made(tmp_path)
    whole = json.loads((destination / "datapackage.json").read_text(encoding="utf-8"))
    for change in (
        {"resources": []},
        {"name": "Год"},
        {"created": "вчера"},
        {"licenses": [{}]},
        {"sources": [{}]},
        {"resources": [{**whole["resources"][0], "path": "../marks.csv"}]},
        {"resources": [whole["resources"][0]] * 2},
        {"resources": [{**whole["resources"][0], "bytes": 1}]},
        {"resources": [{**whole["resources"][0], "hash": "sha256:0"}]},
    ):
        assert wrong({**whole, **change}, destination), change


def wrong(package: dict[str, Any], folder: Path) -> list[str]:
    """Say what in a descriptor breaks the rules of Data Package v1, Tabular Data Resource and Table Schema."""
    said = [] if re.fullmatch(r"[a-z0-9._-]+", package["name"]) else ["name"]
    try:
        datetime.datetime.fromisoformat(package["created"])
    except ValueError:
        said.append("created")
    said += ["licence" for entry in package.get("licenses", []) if not {"name", "path"} & set(entry)]
    said += ["source" for entry in package.get("sources", []) if not entry.get("title")]
    resources = package["resources"]
    names = [entry["name"] for entry in resources]
    said += [] if resources and len(set(names)) == len(names) else ["resources"]
    for entry in resources:
        path = entry["path"]
        if not re.fullmatch(r"[-a-z0-9._/]+", entry["name"]) or path.startswith(("/", ".")) or ".." in path:
            said.append(f"{path}: name or path")
            continue
        content = (folder / path).read_bytes()
        if entry["bytes"] != len(content) or entry["hash"] != f"sha256:{sha256(folder / path)}":
            said.append(f"{path}: bytes or hash")
        if entry["profile"] == "tabular-data-resource":
            said += [f"{path}: {fault}" for fault in wrong_rows(entry, content.decode(entry["encoding"]))]
        elif entry["profile"] != "data-resource":
            said.append(f"{path}: profile")
    return said


def wrong_rows(entry: dict[str, Any], text: str) -> list[str]:
    fields = entry["schema"]["fields"]
    rows = list(csv.reader(io.StringIO(text)))
    if rows[0] != [field["name"] for field in fields]:
        return ["header"]
    readers = {
        "string": str, "number": float, "integer": int,
        "boolean": lambda cell: {"True": True, "False": False}[cell],
    }  # fmt: skip
    said = []
    for row in rows[1:]:
        for field, cell in zip(fields, row, strict=True):
            try:
                if cell not in entry["schema"]["missingValues"]:
                    readers[field["type"]](cell)
            except (ValueError, KeyError):
                said.append(f"{field['name']}: {cell}")
    return said


def test_a_withdrawn_release_is_refused_wherever_it_is_put_back(tmp_path: Path) -> None:
    destination = made(tmp_path)
    results = tmp_path / "results"
    shutil.copytree(destination, tmp_path / "copy")
    digest = release.read(destination).digest
    journal.append(results, "withdrawn", study="cluster_year", digest=digest, reason="ошибка в данных")
    for place in (destination, results / "2021-2022" / "release" / "cluster_year" / "cluster", results / "x"):
        if not place.exists():
            shutil.copytree(tmp_path / "copy", place)
        with pytest.raises(ReleaseError, match="ошибка в данных"):
            release.read(place)


def test_a_signature_cannot_be_changed_without_its_digest(tmp_path: Path) -> None:
    destination = made(tmp_path)
    path = destination / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["oko"]["reviewer"] = "Другой Д. Д."
    path.write_bytes(written(package))
    with pytest.raises(ReleaseError):
        release.read(destination)
    assert digest_of(package) != package["oko"]["digest"]


def test_the_journal_only_grows_and_forgives_a_line_that_a_kill_broke_off(tmp_path: Path) -> None:
    journal.append(tmp_path, "released", study="a", digest="1")
    with (tmp_path / "releases.jsonl").open("a", encoding="utf-8") as target:
        target.write('{"time": "2021", "action": "with')
    journal.append(tmp_path, "withdrawn", study="a", digest="1")
    assert [line["action"] for line in journal.read(tmp_path)] == ["released", "withdrawn"]
    text = (tmp_path / "releases.jsonl").read_text(encoding="utf-8")
    (tmp_path / "releases.jsonl").write_text(text.replace('"withdrawn"', "withdrawn"), encoding="utf-8")
    with pytest.raises(ReleaseError, match="3"):
        journal.read(tmp_path)


@pytest.mark.parametrize("step", ["note", "rename"])
def test_a_kill_in_the_middle_leaves_the_old_release_or_none(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    destination = made(tmp_path)
    before = release.read(destination).digest
    run = tmp_path / "run"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    if step == "rename":
        monkeypatch.setattr(release, "replace_folder", killed)
    with pytest.raises(KeyboardInterrupt):
        release.make(run, destination, verdicts(run), ABOUT, WORDING, killed if step == "note" else lambda _: None)
    assert release.read(destination).digest == before


def test_what_a_kill_left_aside_is_put_back_or_swept_away(tmp_path: Path) -> None:
    destination = made(tmp_path)
    destination.rename(destination.with_name(".old-cluster"))
    (destination.parent / ".release-cluster-x").mkdir()
    release.sweep(destination)
    release.read(destination)
    assert [path.name for path in destination.parent.iterdir()] == ["cluster"]
