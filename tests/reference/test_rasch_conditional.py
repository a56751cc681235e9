"""Conditional maximum likelihood against R's psychotools and eRm (rasch_conditional.R)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from instrument_cases import lsat6, results, table
from oko.measures.irt.andersen import andersen
from oko.measures.irt.conditional import conditional_rasch

from .conftest import read_reference

EASINESS = [1.256128, -0.474907, -1.235981, -0.168410, 0.623170]


@pytest.fixture(scope="module")
def erm() -> dict[str, Any]:
    return read_reference("rasch_conditional.json")


def test_lsat6() -> None:
    patterns, persons = lsat6()
    found = conditional_rasch(patterns, persons)
    # eRm's optimiser stops 3e-6 from the maximum
    assert (-found.items["difficulty"]).tolist() == pytest.approx(EASINESS, abs=5e-6)
    assert found.loglik == pytest.approx(-1091.5697, abs=5e-5)
    assert (found.n, found.n_extreme) == (699, 301)
    assert found.converged


@pytest.mark.parametrize(
    ("name", "data", "prefix"),
    [("lsat6_ctt_irt", "lsat6", "item"), ("mathexam14w_ctt_irt_dif", "mathexam14w", "solved_")],
)
def test_psychotools(name: str, data: str, prefix: str) -> None:
    expected = results(name)["rasch_cml"]
    found = conditional_rasch(table(data).filter(regex=f"^{prefix}"))
    # printed to 10 digits; its optimiser stops where the likelihood is flat to 1e-12, that is 1e-6 in a parameter
    assert found.loglik == pytest.approx(expected["cond_logLik"], abs=1e-8)
    assert found.items["difficulty"].tolist() == pytest.approx([row["b"] for row in expected["difficulty"]], abs=1e-6)
    assert found.se["difficulty"].tolist() == pytest.approx([row["se"] for row in expected["difficulty"]], abs=1e-7)


def test_partial_credit_of_erm(erm: dict[str, Any]) -> None:
    found = conditional_rasch(pd.DataFrame(erm["credit"]["data"]))
    # eRm's search (nlm) leaves the parameters 3e-5 and the likelihood 3e-8 from the maximum
    assert found.loglik == pytest.approx(erm["credit"]["loglik"], abs=1e-6)
    assert found.loglik >= erm["credit"]["loglik"] - 1e-9
    for item, steps in erm["credit"]["steps"].items():
        ours = found.items.loc[item].filter(like="step_").dropna().astype(float)
        assert ours.tolist() == pytest.approx(np.atleast_1d(steps).tolist(), abs=1e-4)


def test_two_booklets_of_erm(erm: dict[str, Any]) -> None:
    found = conditional_rasch(pd.DataFrame(erm["booklets"]["data"], dtype=float))
    assert found.loglik == pytest.approx(erm["booklets"]["loglik"], abs=1e-6)
    # as above; its standard errors come from a numerical Hessian
    assert found.items["difficulty"].tolist() == pytest.approx(erm["booklets"]["difficulty"], abs=5e-5)
    assert found.se["difficulty"].tolist() == pytest.approx(erm["booklets"]["se"], abs=2e-5)


@pytest.mark.parametrize("split", ["median", "external", "credit"])
def test_andersen_of_erm(erm: dict[str, Any], split: str) -> None:
    cases = erm["andersen"]
    scores = pd.DataFrame(erm["credit"]["data"] if split == "credit" else cases["data"])
    group = None if split == "median" else pd.Series(np.where(np.arange(len(scores)) % 2, "b", "a"))
    found = andersen(scores, group)
    # twice the error of eRm's log likelihoods
    assert found.chi2 == pytest.approx(cases[split]["LR"], abs=1e-6)
    assert found.df == cases[split]["df"]
    assert found.p == pytest.approx(cases[split]["pvalue"], abs=1e-6)
