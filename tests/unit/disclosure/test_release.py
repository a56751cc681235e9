"""A release holds what may leave, and a changed byte in it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from oko.disclosure import release
from oko.errors import ReleaseError
from oko.records.store import sha256

ABOUT = {
    "study": "cluster_year",
    "unit": "cluster",
    "year": "2020-2021",
    "cluster": "example",
    "example": True,
    "threshold": 10,
    "reviewer": "example",
}


def finished_run(folder: Path, *, edition: str = "public", status: str = "done", n: int = 25) -> Path:
    (folder / "tables").mkdir(parents=True)
    pd.DataFrame({"n": [n], "quality": [0.5]}).to_parquet(folder / "tables" / "marks.parquet")
    (folder / "notebook.ipynb").write_text("{}")
    outputs = [
        {
            "path": "tables/marks.parquet",
            "sensitivity": "public",
            "sha256": sha256(folder / "tables" / "marks.parquet"),
        },
        {"path": "notebook.ipynb", "sensitivity": "internal", "sha256": sha256(folder / "notebook.ipynb")},
    ]
    record = {"study": "cluster_year", "unit": "cluster", "edition": edition, "status": status, "outputs": outputs}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def made(tmp_path: Path) -> Path:
    run = finished_run(tmp_path / "run")
    destination = tmp_path / "2020-2021" / "release" / "cluster_year" / "cluster"
    release.make(run, destination, ["tables/marks.parquet"], ABOUT)
    return destination


def test_a_release_is_read_as_it_was_signed(tmp_path: Path) -> None:
    destination = made(tmp_path)
    there = release.read(destination)
    assert there.about["reviewer"] == "example"
    assert there.table("marks")["n"].tolist() == [25]
    assert list(release.read_all(tmp_path, "cluster_year")) == ["2020-2021"]


def test_every_changed_byte_is_refused(tmp_path: Path) -> None:
    destination = made(tmp_path)
    for path in sorted(p for p in destination.rglob("*") if p.is_file()):
        content = path.read_bytes()
        for place in range(0, len(content), max(1, len(content) // 40)):
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
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


@pytest.mark.parametrize("fault", [{"edition": "internal"}, {"status": "failed"}, {"n": 9}])
def test_what_may_not_leave_is_refused_and_nothing_is_written(tmp_path: Path, fault: dict[str, object]) -> None:
    run = finished_run(tmp_path / "run", **fault)  # type: ignore[arg-type]
    with pytest.raises(ReleaseError):
        release.make(run, tmp_path / "out", ["tables/marks.parquet"], ABOUT)
    assert not (tmp_path / "out").exists()


def test_an_internal_output_is_refused(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run")
    with pytest.raises(ReleaseError, match=r"notebook\.ipynb"):
        release.make(run, tmp_path / "out", ["notebook.ipynb"], ABOUT)


def test_an_output_changed_after_its_run_is_refused(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run")
    pd.DataFrame({"n": [26], "quality": [0.9]}).to_parquet(run / "tables" / "marks.parquet")
    with pytest.raises(ReleaseError):
        release.make(run, tmp_path / "out", ["tables/marks.parquet"], ABOUT)


def test_no_release_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError):
        release.read_all(tmp_path, "cluster_year")
