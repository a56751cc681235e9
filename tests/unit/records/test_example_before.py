"""The example: the same bytes on every call, and results that look like those of real procedures."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko.records import example_before as example
from oko.records import instruments, intake
from oko.records.cluster import Cluster, read_cluster
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, Tables

ROOT = Path(__file__).parents[3]
# Changes when the generator or the facts in data/external change, and then on purpose.
DIGEST = "099f23d1245f2a0b7604718daea54560d4f218c5a3c6f1cb9807cca5b550f18f"


def digest(paths: list[Path]) -> str:
    lines = (
        path.name.encode() + b" " + hashlib.sha256(path.read_bytes()).hexdigest().encode() for path in sorted(paths)
    )
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return read_cluster(ROOT, "example")


@pytest.fixture(scope="module")
def raw(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "raw"
    assert example.write_raw(folder, cluster, ROOT)
    return folder


@pytest.fixture(scope="module")
def tables(cluster: Cluster, raw: Path) -> Tables:
    return intake.read_tables(cluster, ROOT, raw)[0]


@pytest.fixture(scope="module")
def took(tables: Tables) -> pd.DataFrame:
    return tables.results[tables.results["status"] == "took"]


def points(tables: Tables, name: str) -> pd.DataFrame:
    return tables.responses[name][tables.items.loc[tables.items["assessment"] == name, "item"].tolist()]


def alpha(scores: pd.DataFrame) -> float:
    k = scores.shape[1]
    return float(k / (k - 1) * (1 - scores.var().sum() / scores.sum(axis=1).var()))


def test_the_same_bytes_on_every_call(cluster: Cluster, raw: Path, tmp_path: Path) -> None:
    again = example.write_raw(tmp_path, cluster, ROOT)
    assert digest(again) == digest(list(raw.iterdir())) == DIGEST


def test_another_seed_gives_other_pupils(cluster: Cluster, raw: Path, tmp_path: Path) -> None:
    other = example.write_raw(tmp_path, cluster, ROOT, seed=1)
    assert digest(other) != digest(list(raw.iterdir()))
    assert (tmp_path / "items.csv").read_bytes() == (raw / "items.csv").read_bytes()


def test_three_years_two_subjects_sixteen_works(tables: Tables) -> None:
    assert len(tables.assessments) == 16
    assert 10_000 <= len(tables.results) <= 14_000
    by_year = tables.assessments.groupby("year")["subject"].agg(set)
    assert by_year.index.tolist() == ["2018-2019", "2019-2020", "2020-2021"]
    assert all(subjects == {"mathematics", "physics"} for subjects in by_year)
    spring_2020 = tables.assessments.query("year == '2019-2020' and season == 'spring'")
    assert spring_2020.empty
    assert 0 < tables.assessments["prior"].notna().sum() < 16
    assert tables.results["example"].all()


def test_the_prior_is_an_earlier_work_of_the_same_pupils(tables: Tables, took: pd.DataFrame) -> None:
    described = tables.assessments.set_index("assessment")
    for name, prior in described["prior"].dropna().items():
        assert described.loc[prior, "subject"] == described.loc[name, "subject"]
        grown = int(described.loc[name, "year"][:4]) - int(described.loc[prior, "year"][:4])
        assert described.loc[name, "pupil_grade"] - described.loc[prior, "pupil_grade"] == grown
        pair = took[took["assessment"] == name].merge(took[took["assessment"] == prior], on=["pupil", "school"])
        assert len(pair) > 0.8 * (took["assessment"] == name).sum()
        assert 0.4 < pair["primary_score_x"].corr(pair["primary_score_y"]) < 0.8


def test_autumn_is_written_on_the_material_of_the_grade_below(tables: Tables) -> None:
    autumn = tables.assessments[tables.assessments["season"] == "autumn"]
    assert (autumn["pupil_grade"] - autumn["material_grade"] == 1).all()
    assert tables.results.query("assessment == 'vpr-mathematics-7-in-8-autumn-2020'")["class"].str.startswith("8").all()


def test_reliability_is_that_of_real_works(tables: Tables) -> None:
    for name in tables.responses:
        low, high = (0.5, 0.65) if "physics" in name else (0.6, 0.82)
        assert low < alpha(points(tables, name)) < high, name


def test_marks_follow_the_official_scale_and_the_journal_follows_the_score(took: pd.DataFrame) -> None:
    for (subject, grade), rows in took.groupby(["subject", "material_grade"]):
        scale = instruments.mark_scale(ROOT, subject, int(grade))
        assert rows["mark"].tolist() == instruments.mark_of(rows["primary_score"], scale).tolist()
    for name, rows in took.groupby("assessment"):
        assert 0.4 < rows["primary_score"].corr(rows["journal_mark"].astype(float)) < 0.75, name


def test_tasks_are_as_hard_as_in_the_region(tables: Tables) -> None:
    described = tables.assessments.set_index("assessment")
    for name in tables.responses:
        reference = instruments.reference_facilities(
            ROOT, described.loc[name, "subject"], int(described.loc[name, "material_grade"])
        )
        ours = points(tables, name).mean() / reference["max_score"]
        difference = ours - reference["facility"]
        assert np.corrcoef(ours, reference["facility"])[0, 1] > 0.97
        assert difference.abs().max() < 0.15


def test_hard_tasks_are_left_and_every_x_has_no_points(tables: Tables) -> None:
    for name, wide in tables.responses.items():
        tasks = points(tables, name).columns
        shares = pd.Series({task: wide[task + NOT_ATTEMPTED_SUFFIX].mean() for task in tasks})
        assert shares.iloc[-1] > 0.2 > 0.1 > shares.iloc[0]
        assert all((wide.loc[wide[task + NOT_ATTEMPTED_SUFFIX], task] == 0).all() for task in tasks)


def test_absences_and_sizes(tables: Tables, took: pd.DataFrame) -> None:
    absent = 1 - len(took) / len(tables.results)
    assert 0.06 < absent < 0.12
    classes = tables.results.groupby(["assessment", "school"])["class"].nunique()
    assert set(classes.unique()) <= {1, 2, 3, 4, 5}
    assert (classes.xs("331", level="school") == 1).all()
    sizes = took.groupby(["assessment", "school"]).size()
    latest = sizes[sizes.index.get_level_values("assessment").str.endswith("2021")]
    assert (latest < 10).any()


def test_selective_schools_stand_higher(cluster: Cluster, took: pd.DataFrame) -> None:
    scores = took.groupby("assessment")["primary_score"]
    standard = (took["primary_score"] - scores.transform("mean")) / scores.transform("std")
    means = standard.groupby(took["school"]).mean()
    kinds = pd.Series({school.code: school.kind for school in cluster.schools})
    by_kind = means.groupby(kinds).mean()
    assert by_kind["lyceum"] > by_kind["school"] + 0.15
    assert by_kind["gymnasium"] > by_kind["school"]


def test_raw_files_hold_every_spelling_of_not_attempted(raw: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(raw.glob("responses-*.csv")))
    cells = set(text.replace("\n", ",").split(","))
    assert {"X", "x", "Х", "х"} <= cells
