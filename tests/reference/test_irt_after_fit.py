"""Abilities, item fit, information and reliability against R's mirt and TAM, at R's own parameters and at ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from instrument_cases import lsat6, results, table
from oko.measures.irt import fit
from oko.measures.irt.abilities import abilities, empirical_reliability, pattern_abilities
from oko.measures.irt.calibration import Calibration, read_calibration
from oko.measures.irt.information import marginal_reliability
from oko.measures.irt.item_fit import item_fit
from oko.measures.irt.patterns import Patterns, collapse
from oko.measures.responses import read_responses

CASES = [
    ("lsat6_ctt_irt", "rasch_mml_mirt", "lsat6", "item"),
    ("lsat6_ctt_irt", "m2pl_mirt", "lsat6", "item"),
    ("mathexam14w_ctt_irt_dif", "rasch_mml", "mathexam14w", "solved_"),
    ("mathexam14w_ctt_irt_dif", "m2pl", "mathexam14w", "solved_"),
    ("mathexam14w_ctt_irt_dif", "pcm_mml_credits", "mathexam14w", "credit_"),
    ("mathexam14w_ctt_irt_dif", "gpcm_credits", "mathexam14w", "credit_"),
    ("czmatura_sample_ctt_irt", "gpcm_2pl_mix", "czmatura_sample2000", "b"),
    ("czmatura_sample_ctt_irt", "pcm", "czmatura_sample2000", "b"),
    ("hci_ctt_dif", "m2pl", "hci_scored", "Item"),
    ("icar16_missing", "m2pl_fiml", "icar16_ability_missing", r".*\."),
]


def bank_of(case: dict[str, Any], scores: pd.DataFrame) -> pd.DataFrame:
    """Return R's parameters in the form that scoring takes."""
    theirs = pd.DataFrame(case["irt_parameters"]).set_index("item")
    bank = pd.DataFrame({"discrimination": theirs["a"].astype(float)})
    for k in range(1, 5):
        if f"b{k}" in theirs or k == 1:
            bank[f"step_{k}"] = (theirs[f"b{k}"] if f"b{k}" in theirs else pd.Series(np.nan, theirs.index)).astype(
                float
            )
    if "b" in theirs:
        bank["step_1"] = bank["step_1"].fillna(theirs["b"].astype(float))
    bank["points"] = [" ".join(f"{points:g}" for points in np.unique(scores[item].dropna())) for item in bank.index]
    return bank


def at_their_parameters(
    name: str, case: str, data: str, prefix: str
) -> tuple[Calibration, Patterns, pd.DataFrame, dict[str, Any]]:
    found = results(name)[case]
    scores = table(data).filter(regex=f"^{prefix}").astype(float)
    known = read_calibration(bank_of(found, scores), found["group"]["cov"])
    return known, collapse(read_responses(scores[known.items]), known.levels), scores, found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[2]}-{case[1]}")
def test_posterior_means_of_mirt(case: tuple[str, str, str, str]) -> None:
    known, patterns, scores, found = at_their_parameters(*case)
    theirs = found["eap"]
    there = patterns.of_pupil >= 0
    ability, se = (values[patterns.of_pupil[there]] for values in pattern_abilities(known, patterns, "eap"))
    # R cuts its 61 nodes off at ±6: 1.3e-5 for all right in mathexam14w, by our own sum over its nodes
    assert ability[:10] == pytest.approx(theirs["first10"], abs=2e-5)
    assert se[:10] == pytest.approx(theirs["first10_se"], abs=5e-5)
    assert ability.std(ddof=1) == pytest.approx(theirs["sd"], abs=5e-6)
    assert empirical_reliability(known, patterns) == pytest.approx(theirs["empirical_reliability"], abs=5e-6)
    if theirs["marginal_reliability_n01"] is not None:
        # the integral to R's own precision
        assert marginal_reliability(known) == pytest.approx(theirs["marginal_reliability_n01"], abs=1e-8)
    scored = abilities(scores, bank_of(found, scores), found["group"]["cov"])
    assert scored["ability"].to_numpy()[there] == pytest.approx(ability, abs=1e-12)


@pytest.mark.parametrize(
    ("case", "reference"),
    [(CASES[1], "itemfit_S_X2_2pl"), (CASES[3], "itemfit_S_X2_2pl")],
    ids=["lsat6", "mathexam14w"],
)
def test_score_fit_of_mirt(case: tuple[str, str, str, str], reference: str) -> None:
    known, patterns, _, _ = at_their_parameters(*case)
    expected = pd.DataFrame(results(case[0])[reference]).set_index("item")
    found, said = item_fit(known, patterns, np.full(len(known.items), 2.0))
    # parameters with ten digits
    assert found["s_x2"].to_numpy() == pytest.approx(expected["S_X2"].to_numpy(), abs=1e-7)
    assert found["df"].tolist() == expected["df.S_X2"].tolist()
    assert found["p"].to_numpy() == pytest.approx(expected["p.S_X2"].to_numpy(), abs=1e-8)
    assert said == ()


def tam() -> tuple[Calibration, Patterns, dict[str, Any]]:
    found = results("mathexam14w_ctt_irt_dif")["rasch_tam"]
    items = pd.DataFrame(found["xsi"]).set_index("item").rename(columns={"xsi": "difficulty"})
    known = read_calibration(items.assign(discrimination=1.0), found["variance"])
    return known, collapse(read_responses(table("mathexam14w").filter(regex="^solved_")), known.levels), found


def test_weighted_likelihood_of_tam() -> None:
    known, patterns, found = tam()
    ability, se = (values[patterns.of_pupil[:10]] for values in pattern_abilities(known, patterns, "wle"))
    # TAM stops at steps below 1e-4: the third pupil, all right, is 7e-6 from the root and 3e-5 in the error
    assert ability == pytest.approx(found["wle_first10"], abs=2e-5)
    assert se == pytest.approx(found["wle_se_first10"], abs=5e-5)
    others = np.arange(10) != 2
    assert ability[others] == pytest.approx(np.array(found["wle_first10"])[others], abs=1e-7)
    assert se[others] == pytest.approx(np.array(found["wle_se_first10"])[others], abs=1e-7)


def test_mean_squares_of_tam() -> None:
    known, patterns, found = tam()
    fitted, _ = item_fit(known, patterns, np.ones(13))
    posterior = pd.DataFrame(found["infit_outfit_posterior"]).set_index("item")
    own = pd.DataFrame(found["infit_outfit_wle_plugin"]).set_index("item")
    # TAM integrates over 21 nodes 0.6 apart
    assert fitted["infit"].to_numpy() == pytest.approx(posterior["Infit"].to_numpy(), abs=3e-5)
    assert fitted["outfit"].to_numpy() == pytest.approx(posterior["Outfit"].to_numpy(), abs=3e-5)
    # all-right pupils as above
    assert fitted["infit_wle"].to_numpy() == pytest.approx(own["infit"].to_numpy(), abs=5e-7)
    assert fitted["outfit_wle"].to_numpy() == pytest.approx(own["outfit"].to_numpy(), abs=5e-7)


def test_all_of_it_after_our_own_fit() -> None:
    patterns, persons = lsat6()
    found = fit(patterns, "2pl", weights=persons)
    fitted = found.item_fit()
    # the printed values have three decimals
    assert fitted["s_x2"].tolist() == pytest.approx([0.450, 1.691, 0.666, 0.175, 0.111], abs=6e-4)
    assert fitted["df"].tolist() == [2, 2, 1, 2, 2]
    assert found.reliability == pytest.approx(0.29894879815, abs=1e-4)  # R stopped 1e-4 from the maximum
    assert found.information([0.0])["test"].iloc[0] == pytest.approx(float(found.information([0.0]).iloc[0, :5].sum()))
    scored = abilities(patterns, found.bank, found.variance)
    assert scored[["ability", "se"]].to_numpy() == pytest.approx(found.abilities().to_numpy(), abs=1e-12)
    drawn = found.wright_map()
    assert drawn.n == 1_000
    assert drawn.items["threshold"].to_numpy() == pytest.approx(np.sort(found.items["difficulty"]), abs=1e-12)
    assert found.q3().shape == (5, 5)


@pytest.mark.slow
def test_score_fit_of_python_mirt_with_more_categories() -> None:
    tables = pytest.importorskip("mirt.diagnostics.itemfit")
    from oko.measures.irt.polynomials import rests
    from oko.measures.irt.score_fit import compared

    rng = np.random.default_rng(8)
    for n in (60, 300, 2_000):
        items = [rng.dirichlet(np.ones(size)) for size in (2, 3, 4, 3, 2)]
        for item, (own, rest) in enumerate(
            zip(items, rests([own[None] for own in items], np.ones((1, 1))), strict=True)
        ):
            expected = np.zeros((10, len(own)))
            for category, chance in enumerate(own):
                expected[category : category + rest.shape[1], category] = chance * rest[0]
            pupils = rng.multinomial(n, expected.sum(axis=1))
            expected *= (pupils / expected.sum(axis=1))[:, None]
            observed = (
                np.array(
                    [
                        rng.multinomial(k, row / row.sum() if k else np.eye(len(own))[0])
                        for k, row in zip(pupils, expected, strict=True)
                    ]
                )
                * 1.0
            )
            theirs = tables._sx2_from_tables(observed, expected, 0.0, 1.0)
            # the same rule for three categories and more; ties of the greatest rarity apart, to rounding
            assert compared(observed, expected) == pytest.approx(theirs[:2], rel=1e-9), (n, item)
