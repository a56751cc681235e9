"""Inference from few clusters against clubSandwich, published fixtures and counting by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from instrument_cases import results, table
from oko.measures.impact import (
    adjusted_families,
    ancova,
    cluster_robust,
    difference_in_differences,
    effect_size,
    minimum_detectable_effect,
    randomisation_test,
    wild_bootstrap,
)

from .conftest import read_reference

R = read_reference("impact.json")
# Closed formulas on both sides: rounding, and the root of a nearly singular matrix in the fixture.
EXACT = 1e-9


def fixture() -> pd.DataFrame:
    rows = pd.DataFrame(
        [(s, t, p) for s in range(1, 13) for t in range(1, 4) for p in range(1, 4 + s % 4)], columns=["s", "t", "p"]
    )
    rows["treated"] = (rows.s <= 4).astype(float)
    rows["D"] = rows.treated * (rows.t == 3)
    rows["y"] = np.sin(1.3 * rows.s + 0.7 * rows.t * rows.s + 2.1 * rows.p) + 0.4 * np.cos(0.9 * rows.s * rows.t)
    rows["y"] += 0.25 * rows.D
    rows["x"] = np.cos(2.3 * rows.s * rows.t + 1.7 * rows.p)
    rows["w"] = 1.0 + (3 * rows.s + 5 * rows.t + 7 * rows.p) % 4
    return rows


def dummies(rows: pd.DataFrame) -> pd.DataFrame:
    years = pd.get_dummies(rows.t, prefix="t", dtype=float).iloc[:, 1:]
    return pd.concat([rows[["D"]], pd.get_dummies(rows.s, prefix="s", dtype=float), years], axis=1)


ROWS = fixture()
DESIGN = dummies(ROWS)


def same(found: pd.DataFrame, case: dict, rows: slice = slice(None)) -> None:
    for column in ("estimate", "se", "df"):
        assert found[column].to_numpy() == pytest.approx(np.array(case[column])[rows], rel=EXACT, abs=EXACT), column
    known = found["p"].notna().to_numpy()
    assert found["p"].to_numpy()[known] == pytest.approx(np.array(case["p"])[rows][known], rel=1e-8)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR1S", "CR2"])
def test_fixture_with_school_dummies_is_clubsandwich(kind: str) -> None:
    found = cluster_robust(DESIGN, ROWS.y, ROWS.s, kind)
    same(found, R["fixture"][kind])
    # a school's own dummy rests on that school alone: no p, whatever the formula gives
    assert found["p"].notna().tolist() == [True, *[False] * 12, True, True]


def test_fixture_to_its_printed_digits() -> None:
    assert (len(ROWS), round(float(ROWS.y.mean()), 9)) == (162, 0.006322398)
    printed = {"CR0": 0.1783685909, "CR1": 0.1862999172, "CR1S": 0.1949696143, "CR2": 0.1962166545}
    for kind, se in printed.items():
        found = cluster_robust(DESIGN, ROWS.y, ROWS.s, kind).loc["D"]
        assert found["se"] == pytest.approx(se, abs=5.1e-11)
        assert found["estimate"] == pytest.approx(0.1885801397, abs=5.1e-11)
        assert found["df"] == pytest.approx(5.6753845646 if kind == "CR2" else 6.3163295674, abs=5.1e-11)
    assert cluster_robust(DESIGN, ROWS.y, ROWS.s).loc["D", "p"] == pytest.approx(0.3756485, abs=5.1e-8)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR1S", "CR2"])
def test_absorbed_schools_and_means_give_what_pupils_with_dummies_give(kind: str) -> None:
    whole = cluster_robust(DESIGN, ROWS.y, ROWS.s, kind).loc["D"]
    absorbed = cluster_robust(DESIGN[["D", "t_2", "t_3"]], ROWS.y, ROWS.s, kind, absorb=ROWS.s).loc["D"]
    means = ROWS.groupby(["s", "t"]).agg(D=("D", "first"), y=("y", "mean"), n=("y", "size")).reset_index()
    of_means = cluster_robust(dummies(means), means.y, means.s, kind, weights=means.n).loc["D"]
    for other in (absorbed, of_means):
        assert other.to_numpy() == pytest.approx(whole.to_numpy(), rel=1e-10)


@pytest.mark.parametrize("kind", ["CR0", "CR1", "CR1S", "CR2"])
def test_covariates_and_rows_that_stand_for_many_are_clubsandwich(kind: str) -> None:
    design = ROWS[["treated", "x"]].assign(Intercept=1.0)[["Intercept", "treated", "x"]]
    same(cluster_robust(design, ROWS.y, ROWS.s, kind), R["between"][kind])
    same(cluster_robust(design, ROWS.y, ROWS.s, kind, weights=ROWS.w), R["repeated"][kind])


def test_star_by_school() -> None:
    case = results("star_effects")["ols_sum"]
    pupils = table("star_tennessee_long").reset_index()
    pupils = pupils[(pupils["gr"] == "K")].assign(y=pupils["read"] + pupils["math"]).dropna(subset=["y", "cltype"])
    design = pd.DataFrame({"Intercept": 1.0, "small": pupils.cltype == "small", "aide": pupils.cltype == "reg+A"})
    for kind in ("CR0", "CR1S", "CR2"):
        found = cluster_robust(design.astype(float), pupils.y, pupils.sch, kind)
        # R prints ten digits after the point
        assert found["se"].to_numpy() == pytest.approx([row["se"] for row in case[f"{kind}_by_school"]], rel=1e-9)
    assert len(pupils) == case["n"]
    assert found["estimate"].to_numpy() == pytest.approx([row["beta"] for row in case["CR2_by_school"]], rel=1e-9)
    assert found["df"].to_numpy() == pytest.approx([row["df"] for row in case["CR2_by_school"]], rel=1e-9)
    assert found["p"].to_numpy()[1:] == pytest.approx([row["p"] for row in case["CR2_by_school"]][1:], rel=1e-8)


def test_restricted_bootstrap_of_the_fixture() -> None:
    found = wild_bootstrap(DESIGN, ROWS.y, ROWS.s, "D", kind="CR0")
    assert found.t == pytest.approx(1.0572497, abs=5.1e-8)
    assert found.p == pytest.approx(0.36376953, abs=5.1e-9)
    beyond = np.abs(found.distribution) > abs(found.t) * (1 + 1e-9)
    assert beyond.mean() == pytest.approx(0.36328125, abs=5.1e-9)
    assert wild_bootstrap(DESIGN[["D", "t_2", "t_3"]], ROWS.y, ROWS.s, "D", absorb=ROWS.s).p == found.p


@pytest.mark.parametrize("kind", ["CR1", "CR2"])
def test_bootstrap_samples_are_those_of_fitting_anew(kind: str) -> None:
    found = wild_bootstrap(DESIGN, ROWS.y, ROWS.s, "D", kind=kind)
    restricted = DESIGN.drop(columns="D").to_numpy()
    fitted = restricted @ np.linalg.lstsq(restricted, ROWS.y, rcond=None)[0]
    for sample in (0, 1, 77, 2049, 4095):
        signs = pd.Series(1.0 - 2.0 * ((sample >> np.arange(12)) & 1), sorted(map(str, range(1, 13))))
        y = fitted + signs[ROWS.s.astype(str)].to_numpy() * (ROWS.y - fitted)
        again = cluster_robust(DESIGN, y, ROWS.s, kind).loc["D"]
        assert found.distribution[sample] == pytest.approx(again["estimate"] / again["se"], rel=1e-8)


def test_reassignment_of_the_fixture_and_of_fishers_cups() -> None:
    means = ROWS.groupby(["s", "t"]).y.mean().unstack()
    change = means[3] - (means[1] + means[2]) / 2
    found = randomisation_test(change, (change.index <= 4).astype(int), studentised=False)
    assert found.difference == pytest.approx(0.1493259654, abs=5.1e-11)
    assert (found.p, found.n_assignments) == (pytest.approx(284 / 495, abs=1e-12), 495)
    cups = [1, 1, 1, 1, 0, 0, 0, 0]
    assert randomisation_test(cups, cups, studentised=False, alternative="greater").p == pytest.approx(1 / 70)
    assert randomisation_test(cups, cups, alternative="greater").p == pytest.approx(1 / 70)


def test_differences_of_school_means_are_clubsandwich() -> None:
    means = ROWS[ROWS.t != 2].groupby(["s", "t"]).agg(y=("y", "mean"), treated=("treated", "first")).reset_index()
    found = difference_in_differences(means.assign(period=means.t == 3), "y", school="s")
    case = R["changes"]["CR2"]
    assert [found.estimate, found.se, found.df] == pytest.approx([case[k][1] for k in ("estimate", "se", "df")])
    # CR2 of a difference of two means is the standard error of unequal variances
    assert found.estimate / found.se == pytest.approx(-R["changes"]["welch"]["t"])
    beside = ancova(means.assign(period=means.t == 3), "y", school="s")
    case = R["ancova"]["CR2"]
    assert beside.persistence == pytest.approx(case["estimate"][1], rel=1e-8)
    assert [beside.estimate, beside.se] == pytest.approx([case["estimate"][2], case["se"][2]], rel=1e-8)
    assert beside.df == pytest.approx(case["df"][2], rel=1e-8)


def test_works_that_not_all_schools_wrote_are_clubsandwich() -> None:
    gone = {(2, 3), (7, 3), (9, 1)}
    rows = [
        (s, k, t, float(s <= 4), t * (np.sin(2 * s + k) + 0.3 * k + 0.4 * (s <= 4)) + s)
        for s in range(1, 13)
        for k in range(1, 4)
        for t in (0, 1)
        if (s, k) not in gone
    ]
    data = pd.DataFrame(rows, columns=["school", "work", "period", "treated", "y"])
    found = difference_in_differences(data, "y", stratum="work")
    case = R["works"]["CR2"]
    assert [found.estimate, found.se, found.df] == pytest.approx(
        [case[name][3] for name in ("estimate", "se", "df")], rel=1e-9
    )


@pytest.mark.parametrize("outcome", ["read", "math", "sum"])
def test_hedges_g_of_star(outcome: str) -> None:
    case = results("star_effects")[f"small_vs_reg_{outcome}"]
    difference = case["mean1"] - case["mean2"]
    found = effect_size(difference, case["pooled_sd"] ** 2, 0.0, case["n1"], case["n2"]).loc["within"]
    # R prints ten digits after the point of the means, whose difference loses two; it prints eleven of g
    assert found["estimate"] == pytest.approx(case["hedges_g"], rel=2e-8)
    assert found["se"] == pytest.approx(case["se_g"], rel=1e-6)


def test_effect_size_of_crtdata() -> None:
    found = effect_size(3.10971, 14.7794, 5.6737, se=1.394)
    # the estimate of the package; its interval, [.10, 1.52] too, comes from Hedges' variance and not from this se
    assert found.loc["within"].round(2).tolist() == [0.81, 0.36, 0.10, 1.52]
    # The package prints .67: it multiplies by Hedges' factor for a total variance computed from all pupils at once,
    # which a sum of components does not need. Only the plain ratio is held here.
    assert found.loc["total", "estimate"] == pytest.approx(3.10971 / np.sqrt(5.6737 + 14.7794))


def test_table_of_detectable_effects() -> None:
    printed = {7: [0.28, 0.35, 0.51], 18: [0.22, 0.28, 0.40], 53: [0.19, 0.24, 0.36]}
    for schools, row in printed.items():
        found = [minimum_detectable_effect(7, schools, 80, sd, 0.8).effect for sd in (0.08, 0.12, 0.20)]
        assert [round(effect, 2) for effect in found] == row


def test_families_of_benjamini_and_hochberg() -> None:
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1]  # fmt: skip
    found = adjusted_families(pd.Series(p))
    assert found["p_adjusted"].round(4).tolist()[:5] == [0.0015, 0.0030, 0.0095, 0.0356, 0.0603]
    assert (found["p_adjusted"] <= 0.05).sum() == 4
    assert (adjusted_families(pd.Series(p), ["maths"] * 15)["p_adjusted"] <= 0.05).sum() == 3
