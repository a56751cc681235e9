from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from oko.errors import MeasureError
from oko.measures.schools import ValueAdded, value_added

METHODS = ["reml", "ml"]
# The same likelihood, held against lme4 in both methods by the references: one of them is enough every time.
ONE_QUICKLY = ["reml", pytest.param("ml", marks=pytest.mark.slow)]


def unbalanced(schools: int = 9, slope: float = 0.4, noise: float = 1.0) -> pd.DataFrame:
    """Pupils by formula: no generator of random numbers that another version could change."""
    sizes = 3 + (7 * np.arange(1, schools + 1)) % 11
    s = np.repeat(np.arange(1, schools + 1), sizes)
    i = np.concatenate([np.arange(1, size + 1) for size in sizes])
    x, z = np.sin(1.7 * i + 0.9 * s), np.cos(2.9 * i * s)
    effect = np.sin(2.1 * s) + slope * np.sin(3.7 * s + 1) * x
    return pd.DataFrame(
        {"school": s, "x": x, "z": z, "y": 2 + 0.5 * x + effect + noise * np.sin(12.9898 * i * s + 78.233 * i)}
    )


def dense_deviance(data: pd.DataFrame, fixed: list[str], random: list[str], psi: np.ndarray, restricted: bool) -> float:
    """Minus twice the (restricted) log-likelihood with the covariance of all pupils written out."""
    y = data["y"].to_numpy()
    x = np.column_stack([np.ones(len(y)), data[fixed]])
    z = np.column_stack([np.ones(len(y)), data[random]])
    together = data["school"].to_numpy()[:, None] == data["school"].to_numpy()[None, :]
    v = np.eye(len(y)) + together * (z @ psi @ z.T)
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    beta = np.linalg.solve(information, x.T @ inverse @ y)
    n = len(y) - (x.shape[1] if restricted else 0)
    variance = (y - x @ beta) @ inverse @ (y - x @ beta) / n
    deviance = n * (1 + np.log(2 * np.pi * variance)) + np.linalg.slogdet(v)[1]
    return deviance + (np.linalg.slogdet(information)[1] if restricted else 0)


def assert_same(left: ValueAdded, right: ValueAdded, rtol: float = 1e-6) -> None:
    np.testing.assert_allclose(left.fixed["estimate"], right.fixed["estimate"], rtol=rtol, atol=1e-9)
    np.testing.assert_allclose(left.fixed["se"], right.fixed["se"], rtol=rtol)
    np.testing.assert_allclose(left.variance, right.variance, rtol=rtol, atol=1e-9)
    np.testing.assert_allclose(left.schools, right.schools, rtol=rtol, atol=1e-7)
    assert left.minus2loglik == pytest.approx(right.minus2loglik, abs=1e-7)


@pytest.mark.parametrize("method", ONE_QUICKLY)
def test_random_intercept_is_the_maximum_of_the_dense_likelihood(method: str) -> None:
    data = unbalanced()
    model = value_added(data, "y", ["x", "z"], method=method)
    ratio = model.variance["school"] / model.variance["pupil"]

    def deviance(log_ratio: np.ndarray) -> float:
        return dense_deviance(data, ["x", "z"], [], np.exp(np.atleast_2d(log_ratio)), method == "reml")

    best = minimize(deviance, [0.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12})
    assert model.minus2loglik == pytest.approx(deviance(np.log([ratio])), abs=1e-9)
    assert model.minus2loglik == pytest.approx(best.fun, abs=1e-9)
    # A minimum found without derivatives is known to the root of the rounding of its value.
    assert ratio == pytest.approx(float(np.exp(best.x[0])), rel=1e-5)


@pytest.mark.parametrize("method", ONE_QUICKLY)
def test_random_slope_is_the_maximum_of_the_dense_likelihood(method: str) -> None:
    data = unbalanced(12, slope=1.0)
    model = value_added(data, "y", ["x"], slopes=["x"], method=method)

    def deviance(theta: np.ndarray) -> float:
        factor = np.array([[theta[0], 0], [theta[1], theta[2]]])
        return dense_deviance(data, ["x"], ["x"], factor @ factor.T, method == "reml")

    best = minimize(deviance, [0.8, 0.0, 0.8], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    covariance = np.array([[best.x[0], 0], [best.x[1], best.x[2]]])
    expected = covariance @ covariance.T * model.variance["pupil"]
    assert model.converged
    assert model.minus2loglik == pytest.approx(best.fun, abs=1e-8)
    ours = model.variance[["school", "school:x", "school:Intercept~x"]]
    np.testing.assert_allclose(ours, [expected[0, 0], expected[1, 1], expected[0, 1]], atol=1e-4)


@pytest.mark.parametrize("slopes", [(), ("x",)])
def test_estimates_are_those_of_statsmodels(slopes: tuple[str, ...]) -> None:
    data = unbalanced(20, slope=1.0)
    model = value_added(data, "y", ["x"], slopes=slopes)
    random = sm.add_constant(data[list(slopes)]) if slopes else None
    theirs = sm.MixedLM(data["y"], sm.add_constant(data[["x"]]), data["school"], random).fit(method=["powell", "bfgs"])
    np.testing.assert_allclose(model.fixed["estimate"], theirs.fe_params, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.fixed["se"], theirs.bse_fe, rtol=1e-3)
    assert model.variance["pupil"] == pytest.approx(theirs.scale, rel=1e-3)
    assert model.variance["school"] == pytest.approx(theirs.cov_re.iloc[0, 0], rel=5e-3)
    effects = pd.DataFrame(theirs.random_effects).T
    np.testing.assert_allclose(model.schools["residual"], effects.iloc[:, 0], atol=5e-3)


def test_balanced_reml_is_the_analysis_of_variance() -> None:
    schools, pupils = 8, 6
    s, i = np.repeat(np.arange(schools), pupils), np.tile(np.arange(pupils), schools)
    y = 3 * np.sin(2.1 * s) + np.sin(7.3 * i * (s + 1) + i)
    table = y.reshape(schools, pupils)
    within = table.var(axis=1, ddof=1).mean()
    between = pupils * table.mean(axis=1).var(ddof=1)
    model = value_added(pd.DataFrame({"school": s, "y": y}), "y")
    assert model.variance["pupil"] == pytest.approx(within, rel=1e-10)
    assert model.variance["school"] == pytest.approx((between - within) / pupils, rel=1e-10)
    assert model.icc == pytest.approx((between - within) / (between + (pupils - 1) * within), rel=1e-10)
    shrinkage = pupils / (pupils + within / model.variance["school"])
    expected = shrinkage * (table.mean(axis=1) - y.mean())
    np.testing.assert_allclose(model.schools["residual"], expected, rtol=1e-9)
    np.testing.assert_allclose(model.schools["se"] ** 2, model.variance["school"] * (1 - shrinkage), rtol=1e-9)


def test_unbalanced_shrinkage_is_n_over_n_plus_the_variance_ratio() -> None:
    data = unbalanced()
    model = value_added(data, "y", ["x"])
    raw = data["y"] - model.fixed["estimate"]["Intercept"] - model.fixed["estimate"]["x"] * data["x"]
    n = data.groupby("school").size()
    shrinkage = n / (n + model.variance["pupil"] / model.variance["school"])
    np.testing.assert_allclose(model.schools["residual"], shrinkage * raw.groupby(data["school"]).mean(), rtol=1e-9)
    assert (model.schools["residual"].abs() < raw.groupby(data["school"]).mean().abs()).all()


def test_intervals_are_se_times_their_factor() -> None:
    model = value_added(unbalanced(), "y", ["x"])
    residual, se, ends = (
        model.schools[name] for name in ("residual", "se", ["lower", "upper", "gh_lower", "gh_upper"])
    )
    reach = ends.sub(residual, axis=0).div(se, axis=0).to_numpy()
    z = 1.959963984540054
    np.testing.assert_allclose(reach, np.tile([-z, z, -model.gh_factor, model.gh_factor], (len(reach), 1)), rtol=1e-9)
    assert 1.385 < model.gh_factor < 1.96


@settings(max_examples=8, deadline=None)
@given(
    shift=st.floats(-1e4, 1e4), scale=st.floats(1e-3, 1e3), x_shift=st.floats(-1e3, 1e3), x_scale=st.floats(1e-2, 1e2),
    slopes=st.sampled_from([(), ("x",)]), method=st.sampled_from(METHODS),
)  # fmt: skip
def test_units_of_measurement_do_not_matter(
    shift: float, scale: float, x_shift: float, x_scale: float, slopes: tuple[str, ...], method: str
) -> None:
    data = unbalanced(12, slope=1.0)
    base = value_added(data, "y", ["x"], slopes=slopes, method=method)
    moved = data.assign(y=shift + scale * data["y"], x=x_shift + x_scale * data["x"])
    other = value_added(moved, "y", ["x"], slopes=slopes, method=method)
    assert other.fixed["estimate"]["x"] == pytest.approx(base.fixed["estimate"]["x"] * scale / x_scale, rel=1e-6)
    assert other.fixed["se"]["x"] == pytest.approx(base.fixed["se"]["x"] * scale / x_scale, rel=1e-6)
    assert other.variance["pupil"] == pytest.approx(base.variance["pupil"] * scale**2, rel=1e-6)
    at_mean = other.schools["residual"] + (other.schools["x"] * x_shift if slopes else 0)
    np.testing.assert_allclose(at_mean, base.schools["residual"] * scale, atol=1e-5 * scale)
    parameters = 2 if method == "reml" else 0
    constants = 2 * (len(data) - parameters) * np.log(scale) + (2 * np.log(x_scale) if method == "reml" else 0)
    assert other.minus2loglik == pytest.approx(base.minus2loglik + constants, abs=1e-6)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6), slopes=st.sampled_from([(), ("x",)]))
def test_order_of_rows_and_names_of_schools_do_not_matter(seed: int, slopes: tuple[str, ...]) -> None:
    data = unbalanced(10, slope=1.0)
    base = value_added(data, "y", ["x", "z"], slopes=slopes)
    shuffled = data.sample(frac=1, random_state=seed)
    assert_same(value_added(shuffled, "y", ["x", "z"], slopes=slopes), base)
    renamed = data.assign(school="ш" + data["school"].astype(str).str.zfill(3))
    other = value_added(renamed, "y", ["x", "z"], slopes=slopes)
    assert_same(other, base)
    assert other.schools.index[0] == "ш001"


@pytest.mark.parametrize("slopes", [(), ("x",)])
@pytest.mark.parametrize("method", METHODS)
def test_weights_are_repeated_rows(slopes: tuple[str, ...], method: str) -> None:
    data = unbalanced(10, slope=1.0).assign(pupils=lambda d: np.arange(len(d)) % 4)
    repeated = data.loc[data.index.repeat(data["pupils"])]
    weighted = value_added(data, "y", ["x"], slopes=slopes, weights="pupils", method=method)
    expected = value_added(repeated, "y", ["x"], slopes=slopes, method=method)
    assert_same(weighted, expected)
    assert weighted.n == len(repeated)
    assert weighted.schools["n"].tolist() == expected.schools["n"].tolist()


def test_rows_may_stand_for_very_many_pupils() -> None:
    data = unbalanced(12)
    model = value_added(data.assign(w=1e9), "y", ["x"], weights="w", method="ml")
    fewer = value_added(data.assign(w=1e6), "y", ["x"], weights="w", method="ml")
    assert model.converged
    np.testing.assert_allclose(model.variance, fewer.variance, rtol=1e-4)  # the error of a mean is 1e-6 of a variance


def test_far_from_zero_is_as_good_as_near() -> None:
    data = unbalanced(12, slope=1.0)
    near = value_added(data, "y", ["x"], slopes=["x"])
    far = value_added(data.assign(x=data["x"] + 1e6, y=data["y"] + 1e6), "y", ["x"], slopes=["x"])
    assert far.converged
    assert far.minus2loglik == pytest.approx(near.minus2loglik, abs=1e-5)
    assert far.fixed["estimate"]["x"] == pytest.approx(near.fixed["estimate"]["x"], rel=1e-6)


def test_no_difference_between_schools_is_a_boundary() -> None:
    data = unbalanced(25)
    centred = data.assign(y=data["y"] - data.groupby("school")["y"].transform("mean"))
    for slopes in ((), ("z",)):
        model = value_added(centred, "y", ["x", "z"], slopes=slopes)
        assert model.converged
        assert [statement.code for statement in model.statements] == ["boundary"]
    model = value_added(centred, "y")
    assert model.statements[0].values == {"component": "school"}
    assert model.variance["school"] == 0
    assert model.icc == 0
    assert (model.schools[["residual", "se", "gh_upper"]] == 0).all(axis=None)
    # Without school variance the likelihood is that of least squares.
    fit = sm.OLS(centred["y"], np.ones(len(centred))).fit()
    assert value_added(centred, "y", method="ml").minus2loglik == pytest.approx(-2 * fit.llf, rel=1e-12)


def test_slopes_that_do_not_differ_are_a_boundary() -> None:
    data = unbalanced(25, slope=0.0)
    centred = data["x"] - data.groupby("school")["x"].transform("mean")
    raw = (centred * data["y"]).groupby(data["school"]).sum() / (centred**2).groupby(data["school"]).sum()
    straight = data.assign(y=data["y"] - data["school"].map(raw) * centred)
    model = value_added(straight, "y", ["x"], slopes=["x"])
    assert model.converged
    assert [statement.code for statement in model.statements] == ["boundary"]
    intercept = value_added(straight, "y", ["x"])
    assert model.minus2loglik <= intercept.minus2loglik + 1e-9


def test_few_schools_are_said() -> None:
    model = value_added(unbalanced(7), "y", ["x"])
    assert [(s.code, dict(s.values)) for s in model.statements] == [("few_schools", {"n_schools": 7, "df": 6})]
    assert not value_added(unbalanced(20), "y", ["x"]).statements


def test_rows_with_gaps_are_dropped_and_counted() -> None:
    data = unbalanced(20).astype({"x": "Float64"})
    gaps = data.assign(school=data["school"].astype("str"))
    gaps.loc[0, "x"] = pd.NA
    gaps.loc[5, "y"] = np.nan
    gaps.loc[9, "school"] = None
    model = value_added(gaps, "y", ["x"])
    assert model.n_dropped == 3
    assert model.n == len(data) - 3
    assert [(s.code, dict(s.values)) for s in model.statements] == [("dropped_rows", {"n_dropped": 3})]
    assert_same(model, value_added(gaps.dropna(), "y", ["x"]))


def test_a_school_with_one_pupil_counts() -> None:
    data = unbalanced(20)
    single = pd.concat([data, pd.DataFrame({"school": [99], "x": [0.1], "z": [0.2], "y": [3.0]})], ignore_index=True)
    model = value_added(single, "y", ["x"], slopes=["x"])
    assert model.schools.loc[99, "n"] == 1
    assert model.schools["se"].idxmax() == 99


def test_the_index_of_schools_has_the_name_of_their_column() -> None:
    data = unbalanced().rename(columns={"school": "лицей"})
    assert value_added(data, "y", school="лицей").schools.index.name == "лицей"


def test_true_and_false_are_1_and_0() -> None:
    data = unbalanced().assign(girl=lambda d: d["z"] > 0)
    assert_same(value_added(data, "y", ["girl"]), value_added(data.astype({"girl": float}), "y", ["girl"]))


def test_a_result_is_frozen_and_survives_a_worker_process() -> None:
    data = unbalanced()
    before = data.copy()
    model = value_added(data, "y", ["x"])
    pd.testing.assert_frame_equal(data, before)
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.icc = 0.0  # type: ignore[misc]
    assert_same(pickle.loads(pickle.dumps(model)), model)  # noqa: S301


def test_the_search_is_not_called_converged_without_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    from oko.measures import mixed_search

    monkeypatch.setattr(mixed_search, "_best_factor", lambda *_: np.diag([3.0, 3.0]))
    monkeypatch.setattr(mixed_search, "_POLISHING_STEPS", 0)
    model = value_added(unbalanced(20, slope=1.0), "y", ["x"], slopes=["x"])
    assert not model.converged
    assert model.gradient_norm > 1
    assert model.statements[-1].code == "not_converged"


BAD = {
    "column missing": ({}, {"covariates": ["before"]}, "'before'"),
    "school missing": ({}, {"school": "лицей"}, "'лицей'"),
    "outcome twice": ({}, {"covariates": ["x", "y"]}, "'y'"),
    "covariate twice": ({}, {"covariates": ["x", "x"]}, "'x'"),
    "text": ({"x": "да"}, {"covariates": ["x"]}, "0 and 1"),
    "categories": ({"x": pd.Categorical(["F"] * 78)}, {"covariates": ["x"]}, "0 and 1"),
    "constant covariate": ({"x": 0.1 + 0.2}, {"covariates": ["x"]}, "'x'"),
    "collinear": ({"w": lambda d: 3 - 2 * d["x"] + 1e-12 * d["z"]}, {"covariates": ["x", "z", "w"]}, "'w'"),
    "constant outcome": ({"y": 4}, {}, "nothing to compare"),
    "outcome explained": ({"y": lambda d: 1 + 2 * d["x"]}, {"covariates": ["x"]}, "completely"),
    "infinite": ({"x": np.inf}, {"covariates": ["x"]}, "infinite in row 1"),
    "one school": ({"school": "344"}, {}, "1 schools"),
    "no rows": ({"y": np.nan}, {}, "0 schools"),
    "one pupil a school": ({"school": range(78)}, {}, "79"),
    "no spread within schools": ({"y": lambda d: np.sin(d["school"])}, {}, "do not differ"),
    "unknown method": ({}, {"method": "bayes"}, "'bayes'"),
    "slope not a covariate": ({}, {"covariates": ["x"], "slopes": ["z"]}, "'z'"),
    "slope twice": ({}, {"covariates": ["x"], "slopes": ["x", "x"]}, "'x'"),
    "slope of a school": (
        {"size": lambda d: d.groupby("school")["x"].transform("size")}, {"covariates": ["size"], "slopes": ["size"]},
        "'size'",
    ),
    "as many school covariates as schools": (
        {"school": lambda d: d["school"] % 2, "a": lambda d: d["school"] % 2}, {"covariates": ["a"]}, "leave some out",
    ),
    "negative weight": ({}, {"weights": -np.ones(78)}, "-1"),
    "missing weight": ({"pupils": np.nan}, {"weights": "pupils"}, "nan"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named(name: str) -> None:
    change, options, says = BAD[name]
    data = unbalanced()
    with pytest.raises(MeasureError) as caught:
        value_added(data.assign(**change), "y", **options)
    assert says in caught.value.message.format(**caught.value.values)


def test_too_few_pupils_for_the_slopes() -> None:
    data = unbalanced().groupby("school").head(2)
    with pytest.raises(MeasureError) as caught:
        value_added(data, "y", ["x"], slopes=["x"])
    assert caught.value.values["needed"] == 19


@pytest.mark.slow
def test_intervals_of_schools_cover() -> None:
    """200 samples of 65 schools: 95 % intervals hold the effect against the mean of the schools in 95 ± 1 %.

    Against the mean of all schools there could be they hold it in 93 % only: the error of the intercept,
    0.3 / sqrt(65), is not in a comparative standard error, here or in lme4.
    """
    rng = np.random.default_rng(20261123)
    covered, absolute, errors = [], [], []
    for _ in range(200):
        school = np.repeat(np.arange(65), rng.integers(20, 110, 65))
        effect, x = rng.normal(0, 0.3, 65), rng.normal(size=len(school))
        y = 0.5 * x + effect[school] + rng.normal(0, 0.75, len(school))
        model = value_added(pd.DataFrame({"school": school, "x": x, "y": y}), "y", ["x"])
        compared = effect - effect.mean()
        covered.append(model.schools["lower"].le(compared) & model.schools["upper"].ge(compared))
        absolute.append(model.schools["lower"].le(effect) & model.schools["upper"].ge(effect))
        errors.append((model.fixed["estimate"]["x"] - 0.5) / model.fixed["se"]["x"])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.01)
    assert np.mean(absolute) == pytest.approx(0.93, abs=0.01)
    assert np.std(errors) == pytest.approx(1, abs=0.15)


@pytest.mark.slow
def test_bars_of_equal_schools_fail_to_overlap_in_five_per_cent_of_pairs() -> None:
    rng = np.random.default_rng(1)
    sizes = rng.integers(20, 110, 400)
    se = 1 / np.sqrt(sizes)
    from oko.measures.goldstein_healy import overlap_factor

    half = overlap_factor(se) * se
    apart = []
    for _ in range(200):
        estimate = rng.normal(0, se)
        first, second = rng.permutation(400).reshape(2, 200)
        apart.append(np.abs(estimate[first] - estimate[second]) > half[first] + half[second])
    assert np.mean(apart) == pytest.approx(0.05, abs=0.005)
