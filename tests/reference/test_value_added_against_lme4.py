"""Value added against lme4 4.2.2/1.1-31; the R scripts that made the numbers stand beside them.

Tolerances: lme4's optimiser stops at 1e-10 of its parameters, but without derivatives it cannot see changes of the
deviance below about 1e-12, which leaves up to 4e-7 of the size of an estimate (seen; 1e-5 for a covariance of intercept
and slope far from the data's centre). The deviance itself is flat there and agrees to 1e-11 (seen).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from oko.measures.schools import ValueAdded, value_added

from .conftest import HERE, read_reference

RELATIVE = 2e-6
ABSOLUTE = 1e-6
DEVIANCE = 1e-7
FORMULA_ABSOLUTE = 5e-5

EXAM_MODELS = {
    "null": ((), ()),
    "ri": (("standLRT",), ()),
    "rs": (("standLRT",), ("standLRT",)),
    "va_contextual": (("standLRT", "sexM", "schgendboys", "schgendgirls", "schavg"), ()),
}
FORMULA_MODELS = {
    "usual_ri": ("usual", ("x",), ()),
    "usual_two": ("usual", ("x", "z"), ()),
    "usual_rs": ("usual", ("x",), ("x",)),
    "usual_rs2": ("usual", ("x", "z"), ("x", "z")),
    "few_ri": ("few", ("x",), ()),
    "few_rs": ("few", ("x",), ("x",)),
    "no_school_ri": ("no_school", ("x",), ()),
    "no_school_rs": ("no_school", ("x",), ("x",)),
    "no_slope_rs": ("no_slope", ("x",), ("x",)),
    "weighted_ri": ("usual", ("x",), ()),
    "weighted_rs": ("usual", ("x",), ("x",)),
}
FORMULA_SETS = {"usual": (24, 3, 1, 4), "few": (5, 3, 1, 4), "no_school": (24, 0, 0, 4), "no_slope": (24, 3, 0, 4)}


def formula_pupils(name: str) -> pd.DataFrame:
    """Repeat pupils() of formula_multilevel.R."""
    schools, school_effect, slope_effect, noise = FORMULA_SETS[name]
    sizes = 2 + (5 * np.arange(1, schools + 1)) % 23
    s = np.repeat(np.arange(1, schools + 1), sizes)
    i = np.concatenate([np.arange(1, size + 1) for size in sizes])
    x = 50 + 10 * np.sin(1.3 * i + 0.7 * s**2)
    z = np.cos(2.3 * i * s + 0.4 * i)
    u, v = school_effect * np.sin(2.1 * s), slope_effect * np.sin(3.7 * s + 1)
    e = pd.Series(noise * np.sin(12.9898 * i * s + 78.233 * i))
    e = e - e.groupby(s).transform("mean") if name == "no_school" else e
    y = 3 + 0.4 * x - z + u + v * (x - 50) / 10 + e
    return pd.DataFrame({"school": s, "x": x, "z": z, "w": 1 + (i + s) % 3, "y": y})


def covariance_matrix(model: ValueAdded, slopes: tuple[str, ...]) -> np.ndarray:
    terms = ["Intercept", *slopes]
    matrix = np.diag([model.variance["school"], *(model.variance[f"school:{name}"] for name in slopes)])
    for j, i in product(range(len(terms)), repeat=2):
        if i < j:
            matrix[i, j] = matrix[j, i] = model.variance[f"school:{terms[i]}~{terms[j]}"]
    return matrix


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("name", EXAM_MODELS)
def test_exam_models_are_those_of_lme4(exam: pd.DataFrame, name: str, method: str) -> None:
    covariates, slopes = EXAM_MODELS[name]
    expected = read_reference("exam_multilevel.json")["cases"][f"{name}_{method}"]
    model = value_added(exam, "normexam", covariates, slopes=slopes, method=method)
    fixed = pd.DataFrame(expected["fixed"]).T
    assert model.converged
    assert model.n == expected["n_obs"]
    assert model.n_schools == expected["n_schools"]
    np.testing.assert_allclose(model.fixed.to_numpy(), fixed.to_numpy(dtype=float), rtol=RELATIVE)
    variances = [row["vcov"] for row in expected["random"]]
    ours = ["school", *(f"school:{s}" for s in slopes), *(f"school:Intercept~{s}" for s in slopes), "pupil"]
    np.testing.assert_allclose(model.variance[ours], variances, rtol=RELATIVE)
    assert model.minus2loglik == pytest.approx(expected["minus2loglik"], abs=DEVIANCE)
    assert model.gh_factor == pytest.approx(expected["goldstein_healy"], rel=RELATIVE)


@pytest.mark.parametrize("name", ["ri", "rs", "va_contextual"])
def test_exam_schools_are_those_of_lme4(exam: pd.DataFrame, name: str) -> None:
    covariates, slopes = EXAM_MODELS[name]
    expected = pd.read_csv(HERE / f"exam_{name}_reml_eb.csv", index_col="group").sort_index()
    schools = value_added(exam, "normexam", covariates, slopes=slopes).schools
    pairs = {"eb_Intercept": "residual", "se_Intercept": "se"}
    pairs |= {f"eb_{s}": s for s in slopes} | {f"se_{s}": f"{s}_se" for s in slopes}
    assert schools["n"].tolist() == expected["n"].tolist()
    for theirs, ours in pairs.items():
        np.testing.assert_allclose(schools[ours], expected[theirs], atol=ABSOLUTE, rtol=0)


def test_exam_matches_what_was_published(exam: pd.DataFrame) -> None:
    # MLwiN User's Guide (IGLS = ML): 0.002, 0.563, 0.092, 0.566, 9357.242. Residuals and the factor: lme4, ML.
    model = value_added(exam, "normexam", ["standLRT"], method="ml")
    assert model.fixed["estimate"].round(3).tolist() == [0.002, 0.563]
    assert model.variance.round(3).to_dict() == {"school": 0.092, "pupil": 0.566}
    assert model.minus2loglik == pytest.approx(9357.242, abs=2e-3)
    assert model.gh_factor == pytest.approx(1.40394, abs=1e-5)
    assert model.schools.loc[53, ["residual", "se"]].tolist() == pytest.approx([0.7233148, 0.0861979], abs=1e-6)
    assert model.schools.loc[59, ["residual", "se"]].tolist() == pytest.approx([-0.6583699, 0.1031791], abs=1e-6)
    assert ((model.schools["lower"] > 0) | (model.schools["upper"] < 0)).sum() == 31


def test_formula_data_are_those_of_r() -> None:
    expected = read_reference("formula_multilevel.json")
    for name, rows, total in zip(FORMULA_SETS, expected["rows"], expected["sum_y"], strict=True):
        pupils = formula_pupils(name)
        assert len(pupils) == rows
        assert pupils["y"].sum() == pytest.approx(total, rel=1e-12)


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("name", FORMULA_MODELS)
def test_formula_models_are_those_of_lme4(name: str, method: str) -> None:
    source, covariates, slopes = FORMULA_MODELS[name]
    expected = read_reference("formula_multilevel.json")["models"][f"{name}_{method}"]
    weights = "w" if name.startswith("weighted") else None
    model = value_added(formula_pupils(source), "y", covariates, slopes=slopes, weights=weights, method=method)
    assert model.converged
    np.testing.assert_allclose(model.fixed["estimate"], expected["estimate"], rtol=RELATIVE)
    np.testing.assert_allclose(model.fixed["se"], expected["se"], rtol=RELATIVE)
    np.testing.assert_allclose(covariance_matrix(model, slopes), expected["covariance"], atol=FORMULA_ABSOLUTE)
    assert model.variance["pupil"] == pytest.approx(expected["pupil"], rel=RELATIVE)
    effects = model.schools[["residual", *slopes]].to_numpy()
    errors = model.schools[["se", *(f"{s}_se" for s in slopes)]].to_numpy()
    np.testing.assert_allclose(effects, expected["effects"], atol=FORMULA_ABSOLUTE)
    np.testing.assert_allclose(errors, expected["effects_se"], atol=FORMULA_ABSOLUTE)
    assert model.gh_factor == pytest.approx(expected["goldstein_healy"], rel=1e-4)
    assert model.minus2loglik == pytest.approx(expected["minus2loglik"], abs=DEVIANCE)


@pytest.mark.parametrize("name", FORMULA_MODELS)
def test_a_boundary_of_lme4_is_stated(name: str) -> None:
    source, covariates, slopes = FORMULA_MODELS[name]
    expected = np.array(read_reference("formula_multilevel.json")["models"][f"{name}_reml"]["covariance"])
    weights = "w" if name.startswith("weighted") else None
    model = value_added(formula_pupils(source), "y", covariates, slopes=slopes, weights=weights)
    singular = np.linalg.eigvalsh(expected)[0] < 1e-6
    assert singular == any(statement.code == "boundary" for statement in model.statements)
