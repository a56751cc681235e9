"""What stands around an effect, against R, a second optimiser and the conditions of an optimum."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from oko.measures.evidence import (
    baseline_equivalence,
    ceiling,
    ceiling_change,
    dose_response,
    missing_bounds,
    reference_pupils,
    regression_to_mean,
    school_scores,
    school_wave_means,
    simplex_weights,
    target_tasks,
)
from oko.measures.evidence.synthetic import RIDGE

from .conftest import read_reference

R = read_reference("evidence.json")
# Closed formulas on both sides: only rounding is left.
EXACT = 1e-12


def waves(before: list[float], after: list[float], treated: int) -> pd.DataFrame:
    pairs = enumerate(zip(before, after, strict=True))
    rows = [(f"{treated}-{i}", p, pair[p], treated) for i, pair in pairs for p in (0, 1)]
    return pd.DataFrame(rows, columns=["school", "period", "outcome", "treated"])


def test_correlation_of_waves_is_that_of_cor_test() -> None:
    case = R["correlation"]
    data = pd.concat([waves(case["before"], case["after"], 0), waves([-0.5, -0.3], [0.1, 0.2], 1)])
    found = regression_to_mean(data, level=case["level"]).loc["all"]
    for name, value in (("correlation", "estimate"), ("correlation_lower", "lower"), ("correlation_upper", "upper")):
        assert found[name] == pytest.approx(case[value], abs=EXACT)
    gap = -0.4 - np.mean(case["before"])
    assert found["expected"] == pytest.approx(-(1 - case["estimate"]) * gap, abs=EXACT)


def test_triple_difference_is_welchs_of_t_test() -> None:
    case = R["welch"]
    rows = [
        (f"{flag}-{i}", period, item, flag, int(item == "t"), value * period * (item == "t") + 0.1 * period)
        for flag, values in ((1, case["ours"]), (0, case["others"]))
        for i, value in enumerate(values)
        for period in (0, 1)
        for item in ("t", "o")
    ]
    data = pd.DataFrame(rows, columns=["school", "period", "item", "treated", "target", "facility"])
    found = target_tasks(data, selection=-1, baseline=0, after=1)
    for name in ("estimate", "se", "df", "lower", "upper", "p"):
        # df divides squares of rounded variances: relative error of a few roundings
        assert getattr(found, name) == pytest.approx(case[name], rel=1e-10), name


def test_baseline_from_schools_is_that_from_pupils() -> None:
    case = R["baseline"]
    pupils = pd.DataFrame({name: case[name] for name in ("school", "score", "treated")})
    schools = pupils.groupby("school").agg(
        treated=("treated", "first"), n=("score", "size"), mean=("score", "mean"), sd=("score", "std")
    )
    for found in (baseline_equivalence(pupils, ["score"]), baseline_equivalence(schools.reset_index())):
        for name in ("difference", "sd", "g"):
            assert found[name].iloc[0] == pytest.approx(case[name], abs=1e-10)


def test_unit_of_the_comparison_schools_is_the_sd_of_their_pupils() -> None:
    case = R["baseline"]
    pupils = pd.DataFrame({"school": case["school"], "task": case["score"]})
    rows = school_scores(pupils, ["task"]).reset_index().assign(stratum="m", period=0)
    found = school_wave_means(rows[rows["school"] <= 3], rows[rows["school"] > 3])
    unit = reference_pupils(found).iloc[0]
    assert unit["sd"] == pytest.approx(case["sd_comparison"], abs=1e-10)
    assert unit["mean"] == pytest.approx(case["mean_comparison"], abs=1e-10)


def test_change_of_ceilings_is_newcombes() -> None:
    frames = [
        ceiling(pd.DataFrame({"primary_score": [10] * full + [5] * (n - full), "max_score": 10}))
        for full, n in ((15, 80), (29, 75))
    ]
    found = ceiling_change(*frames).iloc[0]
    assert [found["lower"], found["upper"]] == pytest.approx(
        [R["newcombe"]["lower"], R["newcombe"]["upper"]], abs=1e-10
    )


def test_all_pairings_are_those_of_r() -> None:
    case = R["dose"]
    found = dose_response(pd.DataFrame({"change": case["change"]}), pd.Series(case["dose"]))
    assert found.rho == pytest.approx(case["rho"], abs=EXACT)
    # the ends are order statistics of 5,040 values: the same pairing on both sides, up to rounding of ties
    assert [found.chance_lower, found.chance_upper] == pytest.approx([case["lower"], case["upper"]], abs=EXACT)


def test_lee_bounds_are_means_of_sorted_pupils() -> None:
    case = R["lee"]
    rows = [(1, y) for y in case["treated"]] + [(1, None)] * case["absent"][0]
    rows += [(0, y) for y in case["comparison"]] + [(0, None)] * case["absent"][1]
    found = missing_bounds(pd.DataFrame(rows, columns=["treated", "y"]), "y").loc["lee"]
    assert found.tolist() == pytest.approx([case["lower"], case["upper"]], abs=1e-10)


def objective(weights: np.ndarray, donors: np.ndarray, target: np.ndarray) -> float:
    apart = donors - target[:, None]
    return float(np.square(apart @ weights).sum() / np.square(apart).mean() + RIDGE * np.square(weights).sum())


@pytest.mark.parametrize(("seed", "periods", "donors"), [(0, 3, 12), (1, 6, 40), (2, 1, 5), (3, 8, 4)])
def test_simplex_weights_meet_the_conditions_of_an_optimum(seed: int, periods: int, donors: int) -> None:
    rng = np.random.default_rng(seed)
    table, target = rng.normal(size=(periods, donors)), rng.normal(size=periods)
    found = simplex_weights(table, target)
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert (found >= 0).all()
    apart = table - target[:, None]
    gradient = 2 * apart.T @ (apart @ found) / np.square(apart).mean() + 2 * RIDGE * found
    least = gradient.min()
    # Karush, Kuhn & Tucker: where a weight is above 0 the gradient is the least; active sets stop at 1e-9 or so
    assert gradient[found > 1e-10] == pytest.approx(least, abs=1e-7)
    second = minimize(
        objective, np.full(donors, 1 / donors), (table, target), "SLSQP", bounds=[(0, 1)] * donors,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, options={"ftol": 1e-14, "maxiter": 2000},
    )  # fmt: skip
    # a general solver stops short of the optimum by its own tolerance, and never below it
    assert objective(found, table, target) <= second.fun + 1e-9
    assert objective(found, table, target) == pytest.approx(second.fun, abs=1e-6)
