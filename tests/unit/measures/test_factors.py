from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from oko.errors import MeasureError
from oko.measures.factors import correlations, minres, omega, one_factor, parallel_analysis
from oko.measures.factors.residuals import least_residuals

ITEMS = [f"i{place}" for place in range(9)]
SIMPLE = np.kron(np.eye(3), np.array([[0.8], [0.7], [0.6]]))
PHI = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])


def framed(matrix: np.ndarray[Any, Any]) -> pd.DataFrame:
    names = ITEMS[: len(matrix)]
    return pd.DataFrame(matrix, names, names)


def model(loadings: np.ndarray[Any, Any] = SIMPLE, phi: np.ndarray[Any, Any] = PHI) -> pd.DataFrame:
    matrix = loadings @ phi @ loadings.T
    np.fill_diagonal(matrix, 1)
    return framed(matrix)


def points(n: int = 300, seed: int = 5, missing: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    skill = rng.multivariate_normal(np.zeros(3), PHI, n) @ SIMPLE.T
    scores = (skill + rng.normal(size=skill.shape) * 0.7 > rng.normal(size=9)).astype(float)
    scores[rng.random(scores.shape) < missing] = np.nan
    return pd.DataFrame(scores, columns=ITEMS)


def codes(result: Any) -> list[str]:
    return [each.code for each in result.statements]


def test_a_model_without_error_is_found() -> None:
    found = minres(model(), 3, n=1000)
    # Oblimin does not aim at zeros where factors correlate: the rotation is checked against R; here what rotation keeps.
    kept = found.loadings.to_numpy() @ found.phi.to_numpy() @ found.loadings.to_numpy().T
    np.testing.assert_allclose(kept - np.diag(np.diag(kept)), model() - np.eye(9), atol=1e-9)
    np.testing.assert_allclose(found.items["communality"], np.tile([0.64, 0.49, 0.36], 3), atol=1e-9)
    assert found.criterion < 1e-18
    assert found.fit == pytest.approx(1)
    assert found.converged
    assert found.statements == ()


def test_orthogonal_factors_are_found_by_either_rotation() -> None:
    for rotation in ("oblimin", "varimax"):
        found = minres(model(SIMPLE, np.eye(3)), 3, rotation, n=1000)
        order = [int(found.loadings[name].argmax()) for name in found.loadings]
        assert sorted(order) == [0, 3, 6]
        for name, place in zip(found.loadings, order, strict=True):
            np.testing.assert_allclose(found.loadings[name], SIMPLE[:, place // 3], atol=1e-6)
        np.testing.assert_allclose(found.phi, np.eye(3), atol=1e-6)


def test_turn_leads_from_axes_to_loadings() -> None:
    axes = minres(points(), 3, None).loadings
    for rotation in ("oblimin", "varimax"):
        found = minres(points(), 3, rotation)
        np.testing.assert_allclose(found.loadings, axes @ np.linalg.inv(found.turn).T, atol=1e-10)
        np.testing.assert_allclose(found.phi, found.turn.T @ found.turn, atol=1e-12)
        assert found.factors["ss_loadings"].is_monotonic_decreasing
        assert (found.loadings.sum() >= 0).all()
        assert found.factors["ss_loadings"].sum() == pytest.approx(found.items["communality"].sum())
    gram = axes.T.to_numpy() @ axes.to_numpy()
    np.testing.assert_allclose(gram - np.diag(np.diag(gram)), 0, atol=1e-10)


@pytest.mark.parametrize("n_factors", [1, 2, 4])
def test_no_smaller_criterion_is_to_be_had(n_factors: int) -> None:
    matrix = np.corrcoef(points(80, 3).to_numpy(), rowvar=False)
    found = least_residuals(matrix, n_factors)
    below = np.tril_indices(9, -1)

    def criterion(flat: np.ndarray[Any, Any]) -> float:
        loadings = flat.reshape(9, n_factors)
        return float((((matrix - loadings @ loadings.T)[below]) ** 2).sum())

    bound = {"type": "ineq", "fun": lambda flat: 1 - (flat.reshape(9, n_factors) ** 2).sum(axis=1)}
    rng = np.random.default_rng(1)
    for _ in range(3):
        other = minimize(criterion, rng.normal(scale=0.4, size=9 * n_factors), constraints=bound, method="SLSQP")
        assert found.criterion <= other.fun + 1e-7
    assert found.converged
    assert (found.loadings**2).sum(axis=1).max() <= 1 + 1e-9


def test_correlations_are_those_of_pandas() -> None:
    for missing in (0.0, 0.2):
        scores = points(missing=missing)
        found = correlations(scores)
        np.testing.assert_allclose(found.matrix, scores.corr(), atol=1e-12)
        met = scores.notna().astype(float)
        np.testing.assert_allclose(found.n, met.T @ met)


def test_weights_are_repeated_rows() -> None:
    scores = points(200, missing=0.1)
    repeats = np.arange(200) % 4
    repeated = scores.loc[scores.index.repeat(repeats)].reset_index(drop=True)
    pd.testing.assert_frame_equal(correlations(scores, repeats).matrix, correlations(repeated).matrix)
    pd.testing.assert_frame_equal(correlations(scores, repeats).n, correlations(repeated).n)
    by_name = scores.assign(pupils=repeats)
    pd.testing.assert_frame_equal(minres(by_name, 2, weights="pupils").loadings, minres(repeated, 2).loadings)
    assert omega(by_name, weights="pupils").hierarchical == pytest.approx(omega(repeated).hierarchical, abs=1e-9)
    ours, theirs = (parallel_analysis(each, w, repetitions=20) for each, w in ((scores, repeats), (repeated, None)))
    pd.testing.assert_frame_equal(ours.eigenvalues, theirs.eigenvalues)


def test_order_of_rows_and_items_and_labels_do_not_matter() -> None:
    scores = points()
    rng = np.random.default_rng(2)
    turned = scores.iloc[rng.permutation(len(scores)), rng.permutation(9)]
    first, second = minres(scores, 3), minres(turned, 3)
    np.testing.assert_allclose(first.loadings, second.loadings.loc[ITEMS], atol=1e-6)
    assert omega(scores).total == pytest.approx(omega(turned).total, abs=1e-9)
    relabelled = minres(scores.set_axis(range(9), axis=1), 3)
    np.testing.assert_allclose(first.loadings, relabelled.loadings, atol=1e-12)


def test_units_of_points_do_not_matter_but_to_the_sum() -> None:
    scores = points()
    larger = scores.assign(i0=scores["i0"] * 5)
    np.testing.assert_allclose(minres(scores, 2).loadings, minres(larger, 2).loadings, atol=1e-8)
    one, other = one_factor(scores.cov()), one_factor(larger.cov())
    assert other.loadings[0] == pytest.approx(5 * one.loadings[0])
    assert other.omega != pytest.approx(one.omega, abs=1e-3)


def test_omega_of_a_model_known_in_full() -> None:
    general = np.array([0.8, 0.6, 0.5])
    phi = np.outer(general, general)
    np.fill_diagonal(phi, 1)
    matrix = model(SIMPLE, phi)
    found = omega(matrix, 3, n=1000)
    total = matrix.to_numpy().sum()
    # Loadings of simple structure are found by oblimin only roughly where factors correlate; the total is exact.
    assert found.total == pytest.approx(1 - (9 - (SIMPLE**2).sum()) / total, abs=1e-9)
    assert found.hierarchical == pytest.approx(((SIMPLE @ general).sum()) ** 2 / total, abs=0.02)
    squares = (found.items[["general", "F1", "F2", "F3"]] ** 2).sum(axis=1)
    np.testing.assert_allclose(squares, found.items["communality"] - _cross(found), atol=1e-9)


def _cross(found: Any) -> np.ndarray[Any, Any]:
    """Return what Schmid and Leiman's loadings leave of a communality: products of the factors' residual correlations."""
    loadings, second = found.factors.loadings.to_numpy(), found.second_order.to_numpy()
    left = found.factors.phi.to_numpy() - np.outer(second, second)
    np.fill_diagonal(left, 0)
    return np.einsum("ir,rs,is->i", loadings, left, loadings)


def test_one_and_two_factors_have_no_general_share() -> None:
    for n_factors in (1, 2):
        found = omega(points(), n_factors)
        assert np.isfinite([found.total, found.alpha]).all()
        assert np.isnan([found.hierarchical, found.ecv]).all()
        assert "factors_general_needs_three" in codes(found)
    assert omega(points(), 2).items["general"].isna().all()
    assert omega(points(), 1).items["general"].notna().all()


def test_one_factor_by_hand() -> None:
    loadings = np.array([2.0, 1.0, 0.5])
    covariance = np.outer(loadings, loadings) + np.diag([1.0, 2.0, 0.25])
    fit = one_factor(covariance)
    assert fit.loadings == pytest.approx(loadings)
    assert fit.uniquenesses == pytest.approx([1.0, 2.0, 0.25])
    assert fit.omega == pytest.approx(3.5**2 / (3.5**2 + 3.25))
    assert fit.converged


def test_one_factor_without_variance_or_items() -> None:
    with_constant = np.zeros((4, 4))
    with_constant[:3, :3] = [[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]]
    assert one_factor(with_constant).loadings == pytest.approx([0.8, 0.7, 0.6, 0])
    for matrix in (np.eye(2), np.zeros((3, 3)), np.full((3, 3), np.nan)):
        fit = one_factor(matrix)
        assert np.isnan(fit.omega)
        assert np.isnan(fit.loadings).all()
        assert not fit.converged
    fit = one_factor([[1, 0.9, 0.9], [0.9, 1, 0.3], [0.9, 0.3, 1]])
    assert fit.at_bound.tolist() == [True, False, False]
    assert fit.uniquenesses[0] == 0


def test_parallel_analysis_counts_what_is_there_and_repeats() -> None:
    found = parallel_analysis(model(), n=1000, repetitions=200)
    assert [found.n_components, found.n_factors] == [3, 3]
    again = parallel_analysis(model(), n=1000, repetitions=200)
    pd.testing.assert_frame_equal(found.eigenvalues, again.eigenvalues)
    other = parallel_analysis(model(), n=1000, repetitions=200, seed=2)
    assert not found.eigenvalues.equals(other.eigenvalues)
    np.testing.assert_allclose(found.eigenvalues, other.eigenvalues, atol=0.05)
    assert parallel_analysis(framed(np.eye(5)), n=200, repetitions=100).n_components == 0


def test_few_pupils_do_not_break_the_random_tables() -> None:
    found = parallel_analysis(points(7), repetitions=50)
    assert found.n_factors is None
    assert found.eigenvalues["component"].notna().all()
    assert found.eigenvalues["factor"].isna().all()
    assert {"factors_singular", "factors_few_pupils", "factors_not_counted"} <= set(codes(found))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"i0": 1.0}, "factors_items_without_variance"),
        ({"i0": np.nan}, "factors_items_without_variance"),
        ({"i1": points()["i0"]}, "factors_singular"),
    ],
)
def test_poor_items_are_named_and_the_rest_is_analysed(change: dict[str, Any], code: str) -> None:
    scores = points().assign(**change)
    for found in (minres(scores, 2), omega(scores), parallel_analysis(scores, repetitions=20)):
        assert code in codes(found)
    rest = minres(scores, 2)
    assert rest.loadings.drop("i0").notna().all(axis=None)
    assert rest.loadings.loc["i0"].isna().all() == (code == "factors_items_without_variance")


def test_booklets_without_common_pupils_give_no_factors() -> None:
    scores = points()
    scores.loc[:149, "i0"] = np.nan
    scores.loc[150:, "i1"] = np.nan
    found = minres(scores, 2)
    assert found.loadings.isna().all(axis=None)
    assert not found.converged
    said = next(each for each in found.statements if each.code == "factors_pairs_unknown")
    assert said.values["items"] == ("i0", "i1")
    assert np.isnan(omega(scores).total)
    assert parallel_analysis(scores, repetitions=20).n_components is None


@pytest.mark.parametrize(
    "matrix",
    [np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]), np.ones((4, 4)), np.eye(4)],
)
def test_matrices_that_no_pupils_could_give(matrix: np.ndarray[Any, Any]) -> None:
    found = minres(framed(matrix), 1, n=500)
    assert found.converged
    assert found.items["communality"].between(0, 1).all()
    assert np.isfinite(found.criterion)
    assert ("factors_not_positive_definite" in codes(found)) == (np.linalg.eigvalsh(matrix)[0] < -0.1)


def test_too_many_factors_and_too_few_items() -> None:
    assert "factors_not_identified" in codes(minres(points(), 6))
    assert minres(points(), 6).loadings.isna().all(axis=None)
    assert "factors_few_items" in codes(minres(points()[["i0", "i1"]], 1))
    assert "factors_few_items" in codes(omega(points()[["i0"]], 1))
    assert np.isnan(omega(points()[["i0"]], 1).alpha)


def test_an_item_against_the_others_is_named() -> None:
    scores = points(1000)
    found = omega(scores.assign(i0=1 - scores["i0"]), 1)
    said = next(each for each in found.statements if each.code == "factors_items_against")
    assert said.values["items"] == ("i0",)


def test_few_pupils_are_said() -> None:
    assert "factors_few_pupils" in codes(minres(points(99), 1))
    assert "factors_few_pupils" not in codes(minres(points(100), 1))
    assert "factors_few_pupils" not in codes(minres(model(), 1))


@pytest.mark.parametrize(
    "call",
    [
        lambda: minres(points(), 0),
        lambda: minres(points(), True),
        lambda: minres(points(), 1.5),  # type: ignore[arg-type]
        lambda: minres(points(), 2, "promax"),
        lambda: minres(points() - 1, 2),
        lambda: minres(points(), 2, n=300),
        lambda: minres(model(), 2, n=1),
        lambda: minres(model(), 2, weights=np.ones(9)),
        lambda: minres(points().cov() * 4, 2),
        lambda: minres(points().iloc[:0], 2),
        lambda: parallel_analysis(model()),
        lambda: parallel_analysis(points(), repetitions=1),
        lambda: parallel_analysis(points(), quantile=1.0),
        lambda: one_factor([[1, 2], [3]]),
        lambda: one_factor([[1, 0.5, 0.1], [0.4, 1, 0.1], [0.1, 0.1, 1]]),
        lambda: one_factor(-np.eye(3)),
        lambda: one_factor([1, 2, 3]),
    ],
)
def test_bad_input_is_refused(call: Any) -> None:
    with pytest.raises(MeasureError):
        call()


@pytest.mark.slow
def test_recovery_of_loadings_and_count() -> None:
    rng = np.random.default_rng(11)
    repetitions, n = 100, 1000
    root = np.linalg.cholesky(model().to_numpy())
    loadings, counts = [], []
    for _ in range(repetitions):
        matrix = framed(np.corrcoef(rng.normal(size=(n, 9)) @ root.T, rowvar=False))
        communality = minres(matrix, 3, None, n=n).items["communality"]
        loadings.append(np.sqrt(communality.to_numpy()))
        counts.append(parallel_analysis(matrix, n=n, repetitions=100).n_components)
    bias = np.mean(loadings, axis=0) - np.tile([0.8, 0.7, 0.6], 3)
    error = np.std(loadings, axis=0, ddof=1) / np.sqrt(repetitions)
    # Four Monte Carlo errors, and 0.005 for the bias of order 1/n of a root.
    assert (np.abs(bias) < 4 * error + 0.005).all()
    assert np.mean(np.array(counts) == 3) > 0.95


@pytest.mark.slow
def test_unrelated_items_have_no_component_in_95_of_100() -> None:
    rng = np.random.default_rng(12)
    repetitions = 400
    # Items of unequal facility: the random tables are of normal points.
    facility = np.linspace(0.2, 0.8, 9)
    found = [
        parallel_analysis(framed(np.corrcoef(rng.random((150, 9)) < facility, rowvar=False)), n=150, repetitions=200)
        for _ in range(repetitions)
    ]
    rate = np.mean([each.n_components > 0 for each in found])
    # 5 %, three Monte Carlo errors of the rate (0.011) and one of the quantile of 200 tables (about 0.015).
    assert abs(rate - 0.05) < 3 * 0.011 + 0.015


def test_two_pupils_are_too_few_for_factors() -> None:
    found = parallel_analysis(pd.DataFrame(np.eye(4) * 0.5 + 0.5), n=2)
    assert "factors_too_few_pupils" in {said.code for said in found.statements}


@pytest.mark.parametrize("source", [None, [[1, 2]], "abc"])
def test_what_is_no_table_is_refused(source: object) -> None:
    with pytest.raises(MeasureError):
        minres(source, 1)
