"""The example cluster's year, from invented files to the release."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from oko.disclosure import release
from oko.runs.cache import read_record
from oko.runs.execute import Outcome
from oko.runs.plan import Run, plan
from oko.runs.registry import read_registry
from oko.runs.workers import make_runs
from oko.runs.year import YearMade, make_year
from oko.workspace import Workspace

ROOT = Path(__file__).parents[2]
REFERENCE_WORKS = ROOT / "data" / "external" / "vpr_reference_works.csv"
MOST_RUNS = 120
SCHOOLS = ("344", "498", "329", "572", "331", "512", "625")


def tables(run_folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(run_folder.glob("tables/*.parquet"))}


def test_all_runs_are_done(example_year: YearMade) -> None:
    assert not example_year.failed
    units = [(run.name, run.unit) for run in example_year.runs]
    assert len(units) == len(set(units)) <= MOST_RUNS
    assert {name for name, _ in units} == set(read_registry(ROOT))
    for name, study in read_registry(ROOT).items():
        if study.unit == "school":
            assert [unit for run, unit in units if run == name] == [f"school-{code}" for code in SCHOOLS]
    assert {read_record(run.folder)["status"] for run in example_year.runs} == {"done"}


def test_every_public_study_is_released(example_year: YearMade) -> None:
    public = [run for run in example_year.runs if run.study.edition == "public"]
    assert not example_year.kept
    assert example_year.released == len(public) > len(SCHOOLS)


def test_the_index_lists_every_run(example_year: YearMade) -> None:
    text = example_year.index.read_text(encoding="utf-8")
    manifest = json.loads((example_year.index.parent / "manifest.json").read_text(encoding="utf-8"))
    assert {run["status"] for run in manifest["runs"]} == {"done"}
    assert [event["number"] for event in manifest["events"]] == [6, 7, 8, 9]
    assert all(text.count(f"<h3>{event['number']}. ") == 1 for event in manifest["events"])
    for run in manifest["runs"]:
        assert run["page"] in text
        assert (example_year.index.parent / run["page"]).is_file()
    assert "учебные данные" in text.lower()


def test_every_page_says_that_the_data_are_invented_and_fetches_nothing(example_year: YearMade) -> None:
    for run in example_year.runs:
        text = (run.folder / run.page).read_text(encoding="utf-8")
        assert "учебные данные" in text.lower()
        assert not re.search(r"<script|https?://(?!www\.w3\.org)", text)
        assert "Traceback" not in text


def test_a_second_call_runs_nothing(example: Workspace, example_year: YearMade) -> None:
    before = {path: path.stat().st_mtime_ns for path in example_year.index.parent.glob("r*/**/*") if path.is_file()}
    again = make_year(example, example.cluster.latest_year)
    assert again.made == ()
    assert {path: path.stat().st_mtime_ns for path in before} == before


def _quietly(run: Run, outcome: Outcome) -> None:
    assert outcome.status == "done", run.folder


def test_english_changes_words_and_not_numbers(example: Workspace, example_year: YearMade) -> None:
    (russian,) = plan(example, example.cluster.latest_year, study="school_year", school="344")
    before = tables(russian.folder)
    make_runs(plan(example, russian.parameters.year, study="school_year", school="344", language="en"), 1, _quietly)
    assert before
    assert tables(russian.folder) == before
    english = (russian.folder / "page.en.html").read_text(encoding="utf-8")
    assert (russian.folder / "page.ru.html").is_file()
    body = re.sub(r"<style.*?</style>", "", english, flags=re.S)
    visible = re.sub(r"<[^>]+>", " ", re.sub(r'data:image/png;base64,[^"]+', "", body))
    assert "Lyceum" in visible
    # names of districts and regions stand as the reports give them, without their codes in brackets
    reported = example.register("groups")["group"].str.replace(r" \(.*\)$", "", regex=True)
    places = {*reported, *pd.read_csv(REFERENCE_WORKS)["region"]}
    ours = re.sub("|".join(map(re.escape, ["ВПР", "ОГЭ", "ЕГЭ", "ОКО", "СОУ", *sorted(places)])), "", visible)
    assert not re.findall(r"[А-Яа-яё]{4,}", ours)
    again = make_year(example, example.cluster.latest_year)
    assert again.made == ()


def test_earlier_years_are_made_too_whatever_they_lack(example: Workspace) -> None:
    """The first year has no earlier results, the second no spring: each is a page that says so."""
    for year in example.cluster.years[:-1]:
        made = make_year(example, year, study="cluster_year")
        assert not made.failed
    (run,) = plan(example, example.cluster.years[0], study="cluster_year")
    text = (run.folder / run.page).read_text(encoding="utf-8")
    assert "нет прежнего результата тех же учеников" in text


def test_the_release_holds_public_outputs_alone(example_year: YearMade) -> None:
    folder = example_year.index.parent / "release"
    there = release.read(folder / "cluster_year" / "cluster")
    assert there.about["reviewer"] == "example"
    assert there.about["example"] is True
    assert not [name for name in there.about["files"] if name.endswith(".ipynb")]
    public = {name for name, study in read_registry(ROOT).items() if study.edition == "public"}
    assert {path.name for path in folder.iterdir()} == public
    for name in ("coverage", "marks", "school_residuals"):
        counts = there.table(name)["n"].dropna()
        assert (counts[counts > 0] >= there.about["threshold"]).all()


def test_small_groups_are_hidden_in_the_release(example_year: YearMade) -> None:
    marks = release.read(example_year.index.parent / "release" / "cluster_year" / "cluster").table("marks")
    assert marks["hidden"].any()
    assert marks.loc[marks["hidden"], ["n", "quality", "mean_score"]].isna().all(axis=None)


def test_the_mark_of_the_example_is_in_every_row(example: Workspace) -> None:
    for name in ("results", "items", "assessments", "schools"):
        frame = example.query(f"select example from {name}")
        assert frame["example"].all()


def test_numbers_in_the_store_are_sums_of_their_tasks(example: Workspace) -> None:
    results = example.results().set_index(["assessment", "pupil"])["primary_score"]
    for assessment in example.store.responses:
        points = example.responses(assessment).sum(axis=1).droplevel(["school", "class"])
        pd.testing.assert_series_equal(
            points.sort_index(), results.loc[assessment].loc[points.index].sort_index(), check_names=False
        )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["run", "--cluster", "moon"], "moon"),
        (["run", "--cluster", "example", "--school", "999"], "999"),
        (["run", "--cluster", "example", "--year", "1999"], "1999"),
        (["run", "--cluster", "example", "--study", "alchemy"], "alchemy"),
        (["run", "--cluster", "example", "--school", "../344"], "../344"),
        (["run", "--jobs", "many"], "many"),
        (["fly"], "fly"),
        (["run", "--colour"], "--colour"),
        (["--language", "de", "list"], "de"),
        ([], "oko --help"),
    ],
)
def test_wrong_words_are_one_sentence_and_status_2(example: Workspace, words: list[str], named: str) -> None:
    before = sorted(example.work.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-m", "oko.cli", *words], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert named in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert sorted(example.work.rglob("*")) == before


def test_help_is_russian() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "oko.cli", "run", "--help"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0
    assert "вызов:" in done.stdout
    assert not re.search(r"\b(usage|options|show this)\b", done.stdout)
