"""Growth against R (quantreg, splines, stats), the R package SGP, patsy and the Engel data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import engel

from instrument_cases import DATA, results, table
from oko.measures import growth
from oko.measures.growth.of_schools import _order_statistic
from oko.measures.growth.splines import Spline

from .conftest import read_reference

R = read_reference("growth.json")
# Both are vertices of the same linear program; only rounding is left, times the size of the coefficients.
VERTEX = 1e-6
# Least squares on both sides.
LEAST_SQUARES = 1e-8


def scores() -> pd.DataFrame:
    """The scores of growth.R."""
    i = np.arange(1203.0)
    first = np.round(50 + 20 * np.sin(1.7 * i) + 10 * np.cos(0.37 * i**2))
    second = np.round(0.6 * first + 15 * np.sin(2.3 * i) + 20)
    current = np.round(20 + 0.5 * first + 0.3 * second + 8 * np.sin(2.9 * i) + 6 * np.cos(0.11 * i**2), 1)
    return pd.DataFrame({"first": first, "second": second, "current": current, "weight": 1 + i % 3})


def test_the_scores_are_those_of_the_script() -> None:
    for name, total in R["sums"].items():
        assert scores()[name].sum() == pytest.approx(total, abs=1e-6)


@pytest.mark.parametrize(("case", "columns"), [("one", ["first"]), ("two", ["first", "second"])])
def test_percentiles_are_those_of_quantreg(case: str, columns: list[str]) -> None:
    data = scores()
    found = growth.growth_percentiles(data[columns], data["current"])
    assert found.tolist() == R[case]


def test_weighted_percentiles_are_those_of_quantreg_and_of_repeated_rows() -> None:
    data = scores()
    found = growth.growth_percentiles(data["first"], data["current"], weights=data["weight"])
    assert found.tolist() == R["weighted"]
    long = data.loc[data.index.repeat(data["weight"].astype(int))].reset_index(names="row")
    repeated = growth.growth_percentiles(long["first"], long["current"])
    assert (repeated.groupby(long["row"]).first() == found).all()


@pytest.mark.parametrize("name", ["first", "second", "repeated"])
def test_knots_and_boundaries_are_those_of_r(name: str) -> None:
    data = scores()
    weights = data["weight"] if name == "repeated" else None
    knots, boundaries = growth.knots_and_boundaries(data["first" if name == "repeated" else name], weights)
    assert knots[0] == pytest.approx(R["settings"][name]["knots"], abs=1e-9)
    assert boundaries[0] == pytest.approx(R["settings"][name]["boundaries"], abs=1e-9)


def test_conditional_gain_is_that_of_lm() -> None:
    data, expected = scores(), R["gain"]
    found = growth.conditional_gain(data["first"], data["current"])
    assert found["expected"].iloc[:20].tolist() == pytest.approx(expected["expected"], abs=LEAST_SQUARES)
    assert found.attrs["residual_sd"] == pytest.approx(expected["sigma"], abs=LEAST_SQUARES)
    in_points = found["se"].iloc[:20] * found.attrs["sd"]
    assert in_points.tolist() == pytest.approx(expected["se"], abs=LEAST_SQUARES)
    knots, boundaries = growth.knots_and_boundaries(data["first"])
    weighted = growth.conditional_gain(data["first"], data["current"], knots, boundaries, data["weight"])
    assert weighted["expected"].iloc[:20].tolist() == pytest.approx(expected["weighted"], abs=LEAST_SQUARES)


@pytest.mark.parametrize("case", R["places"], ids=lambda case: str(case["n"]))
def test_the_interval_of_a_median_is_that_of_the_binomial(case: dict[str, int]) -> None:
    assert _order_statistic(case["n"], 0.95) == case["k"]


@pytest.mark.parametrize("case", R["engel"], ids=lambda case: str(case["tau"]))
def test_engel(case: dict[str, object]) -> None:
    data = engel.load_pandas().data
    columns = pd.DataFrame({"one": 1.0, "income": data["income"]})
    found = growth.quantile_regression(columns, data["foodexp"], [float(str(case["tau"]))])
    assert found.iloc[:, 0].tolist() == pytest.approx(case["coefficients"], abs=VERTEX)


def test_engel_as_printed() -> None:
    """Koenker and Bassett's data, as printed by R and an exact optimiser: six digits after the point."""
    data = engel.load_pandas().data
    columns = pd.DataFrame({"one": 1.0, "income": data["income"]})
    found = growth.quantile_regression(columns, data["foodexp"], [0.25, 0.5, 0.9])
    assert found.loc["one"].tolist() == pytest.approx([95.483540, 81.482247, 67.350872], abs=6e-7)
    assert found.loc["income"].tolist() == pytest.approx([0.474103, 0.560181, 0.686299], abs=6e-7)


def test_the_basis_is_that_of_patsy() -> None:
    patsy = pytest.importorskip("patsy")
    x = np.linspace(-2.5, 61, 400)
    ours = Spline("x", (10, 17, 30.5), (-3, 61)).columns(x)
    its = patsy.bs(x, knots=(10, 17, 30.5), degree=3, include_intercept=False, lower_bound=-3, upper_bound=61)
    # both sum the same recursion, in another order
    assert np.abs(ours - np.asarray(its)).max() < 1e-12


CASES = {
    "math_g5_2priors": ("sgp470_math_g5", {"MATHEMATICS": [(3, "2021_2022"), (4, "2022_2023")]}),
    "reading_g6_1prior": ("sgp470_read_g6", {"READING": [(5, "2022_2023")]}),
}


def district(case: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The pupils of a case with their percentiles in R, and their earlier scores."""
    file, waves = CASES[case]
    path = DATA / "reference" / f"{file}_pupils.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project")
    pupils = pd.read_csv(path, index_col="id")
    long = table("sgp_district470_long").reset_index()
    earlier = {}
    for subject, points in waves.items():
        for grade, year in points:
            rows = long[(long["content_area"] == subject) & (long["grade"] == grade) & (long["year"] == year)]
            earlier[f"{grade}"] = rows.set_index("id")["scale_score"].reindex(pupils.index)
    return pupils, pd.DataFrame(earlier)


@pytest.mark.parametrize("case", CASES)
def test_percentiles_are_those_of_sgp(case: str) -> None:
    pupils, earlier = district(case)
    settings = results("sgp_district470")[case]["knots_boundaries"]
    found = growth.growth_percentiles(
        earlier, pupils["current"], [one["knots"] for one in settings], [one["boundaries"] for one in settings]
    )
    # the reference asks for 98 %, because optima need not be unique; here they are equal for every pupil
    assert (found == pupils["sgp_rq"]).all()
    assert (found == pupils["sgp_package"]).all()
    assert found.mean() == pytest.approx(results("sgp_district470")[case]["mean_sgp"], abs=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_medians_of_schools_are_those_of_sgp(case: str) -> None:
    pupils, _ = district(case)
    schools = pd.read_csv(DATA / "reference" / f"{CASES[case][0]}_schools.csv", index_col="school_number")
    found = growth.school_growth(pupils["sgp_package"], pupils["school_number"]).loc[schools.index]
    assert (found["n"] == schools["n"]).all()
    # both are means of two whole numbers
    assert found["median"].tolist() == schools["median_sgp"].tolist()
    assert found["mean"].tolist() == pytest.approx(schools["mean_sgp"].tolist(), abs=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_knots_of_a_panel_are_those_of_sgp(case: str) -> None:
    long = table("sgp_district470_long").reset_index()
    subject = next(iter(CASES[case][1]))
    for one in results("sgp_district470")[case]["knots_boundaries"]:
        rows = long[(long["content_area"] == subject) & (long["grade"] == one["grade"])]
        knots, boundaries = growth.knots_and_boundaries(rows["scale_score"].dropna())
        # tolerance of the reference
        assert knots[0] == pytest.approx(one["knots"], abs=1e-9)
        assert boundaries[0] == pytest.approx(one["boundaries"], abs=1e-9)
