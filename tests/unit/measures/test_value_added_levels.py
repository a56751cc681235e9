"""Levels above and below schools, variance intervals, new schools, places, summaries."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from oko.errors import MeasureError
from oko.measures.mixed_effects import drawn_coefficients
from oko.measures.mixed_nested import Level, evaluate_nested, nested_products
from oko.measures.schools import rows_of_summaries, value_added, value_added_of_summaries


def pupils(schools: int = 14, district: float = 1.5, school: float = 1.0, klass: float = 0.8) -> pd.DataFrame:
    """Pupils by formula: no generator of random numbers that another version could change."""
    sizes = 6 + (7 * np.arange(1, schools + 1)) % 11
    s = np.repeat(np.arange(1, schools + 1), sizes)
    i = np.concatenate([np.arange(1, size + 1) for size in sizes])
    d, k, x = s * 3 % 4, 1 + i % 2, np.sin(1.7 * i + 0.9 * s)
    y = 2 + 0.5 * x + district * np.sin(5.1 * d + 1) + school * np.sin(2.1 * s) * (1 + 0.4 * x)
    y += klass * np.sin(4.3 * (2 * s + k)) + np.sin(12.9898 * i * s + 78.233 * i)
    return pd.DataFrame({"district": d, "school": s, "class": k, "x": x, "y": y, "size": np.sin(1.0 * s)})


def dense(data: pd.DataFrame, variances: dict[str, float], pupil: float, restricted: bool) -> float:
    """Minus twice the (restricted) log-likelihood with the covariance of all pupils written out."""
    keys = {"district": data["district"], "school": data["school"], "class": data["school"] * 100 + data["class"]}
    v = pupil * np.eye(len(data))
    for name, variance in variances.items():
        v += variance * (keys[name].to_numpy()[:, None] == keys[name].to_numpy())
    x, y = np.column_stack([np.ones(len(data)), data["x"]]), data["y"].to_numpy()
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    rest = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    deviance = len(y) * np.log(2 * np.pi) + np.linalg.slogdet(v)[1] + rest @ inverse @ rest
    if restricted:
        deviance += np.linalg.slogdet(information)[1] - 2 * np.log(2 * np.pi)
    return float(deviance)


@pytest.mark.parametrize("restricted", [True, False])
def test_derivatives_are_those_of_the_deviance(restricted: bool) -> None:
    data = pupils(8)
    school, parent = data["school"].to_numpy() - 1, np.array([0, 1, 2, 0, 1, 2, 0, 1])
    lowest, codes = np.unique(school * 2 + data["class"].to_numpy() - 1, return_inverse=True)
    levels = [Level((0, 1), lowest // 2), Level((0, 1), parent), Level((0,))]
    products = nested_products(
        data["y"].to_numpy(), [np.ones(len(data)), data["x"].to_numpy()], codes, np.ones(len(data)), levels
    )
    covariances = [np.array([[0.5, 0.1], [0.1, 0.2]]), np.array([[0.7, -0.2], [-0.2, 0.4]]), np.array([[0.9]])]
    at = evaluate_nested(products, covariances, restricted=restricted)
    for place, covariance in enumerate(covariances):
        for i in range(len(covariance)):
            for j in range(i + 1):
                step = np.zeros_like(covariance)
                step[i, j] = step[j, i] = 1e-5
                ends = [
                    evaluate_nested(
                        products, [c + sign * step if p == place else c for p, c in enumerate(covariances)],
                        restricted=restricted,
                    ).deviance
                    for sign in (-1, 1)
                ]  # fmt: skip
                expected = (2 - (i == j)) * at.gradients[place][i, j]
                # Central differences of step h: h² of the third derivative and rounding 1e-13 / h.
                assert (ends[1] - ends[0]) / 2e-5 == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("method", ["reml", pytest.param("ml", marks=pytest.mark.slow)])
def test_three_levels_are_the_maximum_of_the_dense_likelihood(method: str) -> None:
    data = pupils()
    model = value_added(data, "y", ["x"], within="district", below="class", method=method)
    names = ["district", "school", "class"]

    def deviance(log_sd: np.ndarray) -> float:
        numbers = np.exp(2 * log_sd)
        return dense(data, dict(zip(names, numbers[:3], strict=True)), numbers[3], method == "reml")

    start = np.log(model.variance[[*names, "pupil"]].to_numpy()) / 2
    assert model.converged
    # The REML criterion counts log(2π) for n − p rows, as lme4 does.
    assert model.minus2loglik == pytest.approx(deviance(start), abs=1e-9)
    best = minimize(deviance, start + np.array([0.1, -0.1, 0.1, 0.05]), method="BFGS", options={"gtol": 1e-6})
    assert model.minus2loglik <= best.fun + 1e-9
    np.testing.assert_allclose(best.x, start, atol=1e-4)
    assert model.icc == pytest.approx(model.variance["school"] / model.variance[[*names, "pupil"]].sum())


def test_a_level_without_variance_changes_nothing() -> None:
    data = pupils(25, district=0, klass=0)
    plain = value_added(data, "y", ["x"])
    model = value_added(data, "y", ["x"], below="class")
    if model.variance["class"] == 0:
        assert model.minus2loglik == pytest.approx(plain.minus2loglik, abs=1e-8)
        assert [s.code for s in model.statements] == ["schools_boundary"]
        np.testing.assert_allclose(model.schools["residual"], plain.schools["residual"], atol=1e-6)
        assert (model.below["se"] == 0).all()
    assert model.minus2loglik <= plain.minus2loglik + 1e-9


def test_school_and_group_together() -> None:
    data = pupils()
    model = value_added(data, "y", ["x"], within="district")
    of = data.groupby("school")["district"].first()
    together = model.schools["residual"] + model.within["residual"].loc[of].to_numpy()
    np.testing.assert_allclose(model.schools["whole"], together, rtol=1e-10)
    both = np.hypot(model.schools["se"], model.within["se"].loc[of].to_numpy())
    assert (model.schools["whole_se"] < both).all()
    assert model.within["n_schools"].sum() == 14
    assert model.within["n"].sum() == len(data) == value_added(data, "y", below="class").below["n"].sum()
    codes = {s.code: dict(s.values) for s in model.statements}
    assert codes["schools_few_groups"] == {"level": "district", "n": 4, "df": 3}
    assert pickle.loads(pickle.dumps(model)).schools.equals(model.schools)  # noqa: S301


def test_order_and_names_do_not_matter_with_levels() -> None:
    data = pupils()
    base = value_added(data, "y", ["x"], within="district", below="class", slopes=["x"])
    renamed = data.assign(
        district=pd.Categorical("о" + data["district"].astype(str)),
        school="ш" + data["school"].astype(str).str.zfill(2),
    ).sample(frac=1, random_state=4)
    other = value_added(renamed, "y", ["x"], within="district", below="class", slopes=["x"])
    np.testing.assert_allclose(other.variance, base.variance, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(other.schools, base.schools, rtol=1e-5, atol=1e-6)
    moved = data.assign(y=1e9 + 10 * data["y"])
    far = value_added(moved, "y", ["x"], within="district", below="class", slopes=["x"])
    # 1e9 leaves 7 digits of the outcome.
    np.testing.assert_allclose(far.variance, 100 * base.variance, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_profile_bounds_are_those_of_the_dense_likelihood(method: str) -> None:
    data = pupils(12)
    model = value_added(data, "y", ["x"], method=method)
    bounds = model.variance_intervals(0.9)
    for held, free in (("school", "pupil"), ("pupil", "school")):
        for end in ("lower", "upper"):

            def profile(log_free: float, held: str = held, free: str = free, end: str = end) -> float:
                at = {held: bounds.loc[held, end], free: float(np.exp(log_free))}
                return dense(data, {"school": at["school"]}, at["pupil"], method == "reml")

            start = float(np.log(model.variance[free]))
            best = minimize(lambda t: profile(float(t[0])), [start], method="Nelder-Mead", options={"fatol": 1e-9})
            assert best.fun - model.minus2loglik == pytest.approx(chi2.ppf(0.9, 1), abs=1e-4)
    assert (bounds["lower"] < bounds["estimate"]).all()
    assert (bounds["upper"] > bounds["estimate"]).all()
    np.testing.assert_allclose(bounds["estimate"], model.variance[bounds.index])


def test_a_variance_of_zero_has_a_lower_bound_of_zero() -> None:
    data = pupils(10)
    centred = data.assign(y=data["y"] - data.groupby("school")["y"].transform("mean"))
    bounds = value_added(centred, "y").variance_intervals()
    assert bounds.loc["school", ["estimate", "lower"]].tolist() == [0, 0]
    assert bounds.loc["school", "upper"] > 0
    assert np.isnan(bounds.loc["school", "se"])
    assert bounds.attrs["statements"][0].values == {"variances": ("school",), "level": 0.95}


def test_standard_errors_of_balanced_variances() -> None:
    """In a balanced design REML's information is that of two independent mean squares."""
    schools, size = 30, 8
    s, i = np.repeat(np.arange(schools), size), np.tile(np.arange(size), schools)
    y = 2 * np.sin(2.1 * s) + np.sin(7.3 * i * (s + 1) + i)
    model = value_added(pd.DataFrame({"school": s, "y": y}), "y")
    pupil, between = model.variance["pupil"], size * model.variance["school"] + model.variance["pupil"]
    of_pupil, of_between = 2 * pupil**2 / (schools * (size - 1)), 2 * between**2 / (schools - 1)
    se = model.variance_intervals()["se"]
    # Second derivatives are differences of first ones with a step of 1e-4: an error of its square.
    assert se["pupil"] == pytest.approx(np.sqrt(of_pupil), rel=1e-6)
    assert se["school"] == pytest.approx(np.sqrt(of_pupil + of_between) / size, rel=1e-6)


def test_a_new_school() -> None:
    model = value_added(pupils(), "y", ["x"])
    fixed = model.fixed["estimate"]
    new = model.predict_school({"x": 0.3})
    assert new["estimate"] == pytest.approx(fixed["Intercept"] + 0.3 * fixed["x"])
    assert model.predict_school({"x": 0})["se"] == pytest.approx(model.fixed["se"]["Intercept"])
    assert new["sd"] == pytest.approx(np.sqrt(new["se"] ** 2 + model.variance["school"]))
    assert new["df"] == 13
    assert new["upper"] - new["estimate"] == pytest.approx(2.1603687 * new["sd"])
    sloped = value_added(pupils(), "y", ["x"], slopes=["x"])
    v, far = sloped.variance, sloped.predict_school({"x": 2.0})
    between = v["school"] + 4 * v["school:Intercept~x"] + 4 * v["school:x"]
    assert far["sd"] ** 2 - far["se"] ** 2 == pytest.approx(between)


def test_a_new_school_of_a_known_group() -> None:
    model = value_added(pupils(), "y", ["x"], within="district")
    known, unknown = model.predict_school({"x": 0}, group=2), model.predict_school({"x": 0})
    assert known["estimate"] == pytest.approx(model.fixed["estimate"]["Intercept"] + model.within["residual"][2])
    assert unknown["df"] == 3
    assert known["sd"] < unknown["sd"]
    assert unknown["sd"] ** 2 - unknown["se"] ** 2 == pytest.approx(model.variance[["school", "district"]].sum())


def test_places_are_in_the_order_of_schools_and_repeat_with_the_seed() -> None:
    model = value_added(pupils(), "y", ["x"])
    places = model.rank_intervals(seed=3)
    assert places.index.equals(model.schools.index)
    assert places.equals(model.rank_intervals(seed=3))
    assert ((places["lower"] >= 1) & (places["lower"] <= places["upper"]) & (places["upper"] <= 14)).all()
    assert model.rank_intervals(0.5)["upper"].sub(model.rank_intervals(0.5)["lower"]).mean() < (
        places["upper"].sub(places["lower"]).mean()
    )
    assert places.attrs["statements"][0].code == "schools_places"


def test_draws_have_the_joint_distribution_of_hendersons_equations() -> None:
    data = pupils(8)
    model = value_added(data, "y", ["x"], within="district", slopes=["x"])
    x = np.column_stack([np.ones(len(data)), data["x"]])
    schools = (data["school"].to_numpy()[:, None] == np.arange(1, 9)).astype(float)
    districts = (data["district"].to_numpy()[:, None] == model.within.index.to_numpy()).astype(float)
    v, z = model.variance, np.column_stack([x, districts, schools, schools * x[:, [1]]])
    both = v["school:Intercept~x"]
    psi = np.kron([[v["school"], both], [both, v["school:x"]]], np.eye(8))
    g = np.zeros((z.shape[1], z.shape[1]))
    g[2 : 2 + districts.shape[1], 2 : 2 + districts.shape[1]] = np.eye(districts.shape[1]) / v["district"]
    g[-16:, -16:] = np.linalg.inv(psi)
    covariance = np.linalg.inv(z.T @ z / v["pupil"] + g)
    means = covariance @ z.T @ data["y"].to_numpy() / v["pupil"]
    np.testing.assert_allclose(means[-16:-8], model.schools["residual"], atol=1e-6)
    of = data.groupby("school")["district"].first()
    whole = np.zeros((8, z.shape[1]))
    whole[np.arange(8), z.shape[1] - 16 + np.arange(8)] = 1
    whole[np.arange(8), 2 + model.within.index.get_indexer(of)] = 1
    fit, draws = model.fit, 40_000
    found = drawn_coefficients(fit.products, fit.at(), fit.school, draws, np.random.default_rng(5))
    effect = fit.spread * np.tensordot(fit.back[0], found, axes=(0, 0))
    # The fixed intercept's own error is in every draw: places do not see it, the differences of schools do not either.
    contrast = np.eye(8) - 1 / 8
    expected = contrast @ whole @ covariance @ whole.T @ contrast.T
    sd = np.sqrt(np.diag(expected))
    ours = contrast @ effect
    # Monte Carlo: a covariance of n draws has error below sd·sd·√(2/n); 5 such errors.
    assert (np.abs(np.cov(ours) - expected) < 5 * np.outer(sd, sd) * np.sqrt(2 / draws)).all()
    assert (np.abs(ours.mean(axis=1) - contrast @ whole @ means) < 5 * sd / np.sqrt(draws)).all()


def test_schools_that_do_not_differ_may_stand_anywhere() -> None:
    data = pupils(10)
    centred = data.assign(y=data["y"] - data.groupby("school")["y"].transform("mean"))
    model = value_added(centred, "y")
    places = model.rank_intervals()
    assert model.predict_school().attrs["statements"][0].code == "schools_new_without_variance"
    assert (places["lower"] == 1).all()
    assert (places["upper"] == 10).all()


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("levels", [{}, {"within": "district"}, {"below": "class"}])
def test_summaries_give_what_pupils_give(levels: dict[str, Any], method: str) -> None:
    data = pupils()
    keys = ["school", "size", "district", *(["class"] if "below" in levels else [])]
    summaries = data.groupby(keys)["y"].agg(n="size", mean="mean", sd="std").reset_index()
    ours = value_added_of_summaries(summaries, ["size"], method=method, **levels)
    expected = value_added(data, "y", ["size"], method=method, **levels)
    np.testing.assert_allclose(ours.fixed, expected.fixed, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(ours.variance, expected.variance, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(ours.schools, expected.schools, rtol=1e-8, atol=1e-9)
    assert ours.minus2loglik == pytest.approx(expected.minus2loglik, abs=1e-9)
    assert ours.n == len(data)


def test_summaries_beside_pupils() -> None:
    data = pupils()
    known = data[data["school"] <= 7].assign(pupils=1.0)
    summaries = data[data["school"] > 7].groupby("school")["y"].agg(n="size", mean="mean", sd="std").reset_index()
    mixed = pd.concat([known, rows_of_summaries(summaries, outcome="y")], ignore_index=True)
    ours, expected = value_added(mixed, "y", weights="pupils"), value_added(data, "y")
    np.testing.assert_allclose(ours.schools, expected.schools, rtol=1e-9, atol=1e-9)
    single = rows_of_summaries(pd.DataFrame({"school": [1, 2], "n": [1, 3], "mean": [4.0, 5.0], "sd": [np.nan, 1.0]}))
    assert single["pupils"].tolist() == [1, 1.5, 1.5]


def test_pupils_in_two_schools_are_left_out_and_counted() -> None:
    data = pupils().assign(pupil=lambda d: np.arange(len(d)))
    data.loc[20, "pupil"] = 0
    model = value_added(data, "y", ["x"], pupil="pupil")
    assert model.statements[0].code == "schools_pupils_in_two"
    assert model.statements[0].values == {"n_pupils": 1}
    assert model.n == len(data) - 2
    with pytest.raises(MeasureError) as caught:
        value_added(pupils().assign(pupil=lambda d: np.r_[0, 0, 2 : len(d)]), "y", pupil="pupil")
    assert caught.value.values["n"] == 1


BAD: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no column": ({}, {"within": "округ"}, "'округ'"),
    "within is the school": ({}, {"within": "school"}, "'school'"),
    "below is a covariate": ({}, {"below": "x", "covariates": ["x"]}, "twice"),
    "a school in two": ({"district": lambda d: d["class"]}, {"within": "district"}, "14 schools stand in several"),
    "one group": ({"district": "a"}, {"within": "district"}, "2 or more"),
    "groups are schools": ({"district": lambda d: d["school"]}, {"within": "district"}, "is one school"),
    "group covariates": (
        {c: lambda d, p=p: np.sin(d["district"] * p) for p, c in enumerate("abc", 1)},
        {"within": "district", "covariates": ["a", "b", "c"]}, "a, b, c",
    ),
    "one class a school": ({"class": 1}, {"below": "class"}, "school is one group"),
    "one pupil a class": ({"class": lambda d: np.arange(len(d))}, {"below": "class"}, "is one pupil"),
    "slopes without below": ({}, {"covariates": ["x"], "below_slopes": ["x"]}, "level below"),
    "slope of classes": (
        {"z": lambda d: d["school"] + d["class"]}, {"covariates": ["z"], "below": "class", "below_slopes": ["z"]},
        "'z'",
    ),
    "taken name": ({"pupil": lambda d: d["class"]}, {"below": "pupil"}, "'pupil'"),
    "no table": ({}, {"pupil": "code"}, "'code'"),
    "all weights 0": ({"w": 0}, {"weights": "w"}, "0 schools"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named(name: str) -> None:
    change, options, says = BAD[name]
    with pytest.raises(MeasureError) as caught:
        value_added(pupils().assign(**change), "y", **options)
    assert says in caught.value.message.format(**caught.value.values)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"n": 0}, "from 1"), ({"n": 2.5}, "from 1"), ({"mean": np.nan}, "mean in row"), ({"sd": -1.0}, "negative"),
     ({"sd": np.nan}, "missing"), ({"n": "a"}, "not numeric")],
)  # fmt: skip
def test_wrong_summaries_are_named(change: dict[str, Any], says: str) -> None:
    data = pd.DataFrame({"school": ["a", "b", "c"], "n": 9, "mean": [1.0, 2, 3], "sd": 1.0}).assign(**change)
    with pytest.raises(MeasureError) as caught:
        value_added_of_summaries(data)
    assert says in caught.value.message.format(**caught.value.values)


def test_wrong_questions_are_named() -> None:
    model = value_added(pupils(), "y", ["x"])
    for question in (
        lambda: model.predict_school(), lambda: model.predict_school({"x": 1, "z": 2}),
        lambda: model.predict_school({"x": float("nan")}), lambda: model.predict_school({"x": 1}, group=1),
        lambda: model.predict_school({"x": 1}, 95), lambda: model.variance_intervals(0), lambda: model.rank_intervals(2),
        lambda: model.rank_intervals(draws=10),
        lambda: model.rank_intervals(seed=-1),
        lambda: model.predict_school([1]),
        lambda: value_added(pupils(), "y", within="district").predict_school(group=[1]),
        lambda: value_added(None, "y"),
        lambda: value_added_of_summaries(pupils().assign(n=1)),
        lambda: value_added(pd.concat([pupils(), pupils()[["x"]]], axis=1), "y", ["x"]),
        lambda: value_added(pupils(), "y", within="district").predict_school(group=77),
    ):  # fmt: skip
        with pytest.raises(MeasureError):
            question()


@pytest.mark.parametrize("groups", [3, 6])
def test_variances_on_the_boundary_have_bounds_where_there_are_groups_enough(groups: int) -> None:
    data = pupils(12, district=0, klass=0).assign(district=lambda d: d["school"] % groups)
    model = value_added(data, "y", ["x"], within="district", below="class")
    bounds = model.variance_intervals().drop(index=["district"] if groups == 3 else [])
    assert np.isfinite(bounds[["lower", "upper"]]).all(axis=None)
    assert (bounds["upper"] > bounds["estimate"]).all()


@pytest.mark.parametrize(("schools", "covariates", "df"), [(2, [], 1), (5, ["x"], 4), (7, ["size", "area"], 4)])
def test_no_interval_rests_on_fewer_than_5_degrees_of_freedom(schools: int, covariates: list[str], df: int) -> None:
    data = pupils(schools).assign(area=lambda d: np.cos(d["school"] * 1.0))
    model = value_added(data, "y", covariates)
    said = {s.code: dict(s.values) for s in model.statements}
    assert said["schools_few_df"] == {"level": "school", "df": df, "needed": 5, "more": 5 - df}
    assert said["few_schools"] == {"n_schools": schools, "df": df}
    assert model.schools[["lower", "upper", "gh_lower", "gh_upper"]].isna().all(axis=None)
    assert model.schools[["n", "residual", "se"]].notna().all(axis=None)
    bounds, new = model.variance_intervals(), model.predict_school(dict.fromkeys(covariates, 0.5))
    assert bounds.loc["school", ["se", "lower", "upper"]].isna().all()
    assert np.isfinite(bounds.loc["pupil"]).all()
    assert np.isnan([new["lower"], new["upper"]]).all()
    assert np.isfinite(new["estimate"])
    places = model.rank_intervals()
    assert places.isna().all(axis=None)
    for asked in (bounds, new, places):
        assert asked.attrs["statements"][0].code == "schools_few_df"


def test_degrees_of_freedom_are_shared_between_levels() -> None:
    model = value_added(pupils(14), "y", ["x", "size"], within="district", below="class")
    n_groups = [len(model.below), 14, len(model.within)]
    assert model.fit.df == (n_groups[0] - 14, 14 - n_groups[2] - 1, n_groups[2] - 1)
    few = [s.values["level"] for s in model.statements if s.code == "schools_few_df"]
    assert few == ["district"]
    assert model.within[["lower", "upper"]].isna().all(axis=None)
    assert model.schools[["lower", "upper"]].notna().all(axis=None)
