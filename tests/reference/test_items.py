"""The analysis of items against R: psych and the definitions written out, on five real data sets."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from instrument_cases import DATA, results, table
from oko.measures import items

from .conftest import read_reference

# The references are printed with 11 digits; the formulas are closed, so that nothing but rounding differs.
CLOSED = 1e-8
# R's own numbers here have 15 digits.
DIGITS = 1e-12
NAMES = {
    "difficulty": "facility", "sd": "sd", "r_item_total": "item_total", "r_item_rest": "item_rest",
    "alpha_if_deleted": "alpha_if_deleted", "max": "max",
}  # fmt: skip
CLASSICAL = [
    ("lsat6", "item", "lsat6_ctt_irt", "ctt"),
    ("mathexam14w", "solved_", "mathexam14w_ctt_irt_dif", "ctt_solved"),
    ("mathexam14w", "credit_", "mathexam14w_ctt_irt_dif", "ctt_credits"),
    ("czmatura_sample2000", "b", "czmatura_sample_ctt_irt", "ctt"),
    ("hci_scored", "Item", "hci_ctt_dif", "ctt"),
    ("icar16_ability_missing", "", "icar16_missing", "ctt_complete_cases"),
]


def scored(name: str, starts: str) -> pd.DataFrame:
    data = table(name)
    return data[[column for column in data if column.startswith(starts)]]


@pytest.mark.parametrize(("file", "starts", "reference", "case"), CLASSICAL, ids=[row[3] + row[1] for row in CLASSICAL])
def test_classical_analysis(file: str, starts: str, reference: str, case: str) -> None:
    scores = scored(file, starts).dropna()
    expected = results(reference)[case]
    found = items.analyse(scores)
    rows = pd.DataFrame(expected["items"]).set_index("item")
    for theirs, ours in NAMES.items():
        assert found.items[ours].to_numpy() == pytest.approx(rows[theirs].to_numpy(), abs=CLOSED), ours
    assert (found.n, len(found.items)) == (expected["n"], expected["k"])
    sums = (found.mean, found.sd, found.alpha, found.sem)
    assert sums == pytest.approx([expected[name] for name in ("total_mean", "total_sd", "alpha", "sem")], abs=CLOSED)


def test_pupils_with_cells_that_were_not_given() -> None:
    scores = scored("icar16_ability_missing", "")
    shared, expected = results("icar16_missing"), read_reference("items.json")["icar_pairwise"]
    found = items.analyse(scores)
    assert found.alpha == pytest.approx(shared["psych_alpha_pairwise"]["raw"], abs=CLOSED)
    for name in ("sd", "item_total", "item_rest", "alpha_if_deleted"):
        assert found.items[name].to_numpy() == pytest.approx(expected[name], abs=DIGITS), name
    assert (found.alpha, found.sd) == pytest.approx((expected["alpha"], expected["total_sd"]), abs=DIGITS)
    assert found.items["facility"].to_dict() == pytest.approx(shared["p_correct_available"], abs=CLOSED)
    assert found.items["n"].to_dict() == {
        item: round(shared["n"] * (1 - share)) for item, share in shared["p_missing"].items()
    }
    # 16 of the 1,525 have no answer at all.
    assert found.n == shared["n"] - 16


@pytest.mark.parametrize(("case", "rows"), [("hci", None), ("lsat6", None), ("hci_30", 30)])
def test_feldts_interval_is_that_of_psych(case: str, rows: int | None) -> None:
    file, starts = ("lsat6", "item") if case == "lsat6" else ("hci_scored", "Item")
    found = items.analyse(scored(file, starts).iloc[:rows])
    expected = read_reference("items.json")["interval"][case]
    assert (found.alpha, found.alpha_lower, found.alpha_upper) == pytest.approx(tuple(expected.values()), abs=DIGITS)


def test_an_item_without_variance_is_left_out_as_psych_leaves_it_out() -> None:
    scores = scored("hci_scored", "Item").assign(always=1)
    found = items.analyse(scores, pd.Series(1, index=scores.columns))
    assert found.alpha == pytest.approx(read_reference("items.json")["with_constant"], abs=DIGITS)


@pytest.mark.parametrize(
    ("case", "file", "starts"),
    [
        ("hci", "hci_scored", "Item"),
        ("lsat6", "lsat6", "item"),
        ("icar", "icar16_ability_missing", ""),
    ],
)
def test_omega_is_that_of_one_factor_in_psych(case: str, file: str, starts: str) -> None:
    # psych's search stops at 1e-7 or so of its criterion: omega differs by 1e-7, 1e-6 leaves a margin.
    assert items.analyse(scored(file, starts)).omega == pytest.approx(
        read_reference("items.json")["omega"][case], abs=1e-6
    )


@pytest.mark.parametrize(("case", "file", "starts"), [("hci", "hci_scored", "Item"), ("lsat6", "lsat6", "item")])  # fmt: skip
def test_upper_lower_is_what_r_gives_on_average_over_orders_of_rows(case: str, file: str, starts: str) -> None:
    expected = read_reference("items.json")["upper_lower"][case]
    found = items.analyse(scored(file, starts)).items["upper_lower"].to_numpy()
    # R takes whole pupils (175 for 175.77), which moves a group's facility by less than 1/175; the rest is Monte Carlo.
    whole = 0 if case == "lsat6" else 1 / 175
    assert (np.abs(found - expected["mean"]) <= whole + 5 * np.array(expected["se"])).all()


def test_upper_lower_of_one_order_of_rows() -> None:
    # The shared reference cuts ties at the border by the order of rows; ours has no order, hence differs by what R's
    # own result differs between orders (LSAT6, sorted by pattern, is no random order: there by up to 0.15).
    spread = 4 * np.array(read_reference("items.json")["upper_lower"]["hci"]["sd"])
    rows = pd.DataFrame(results("hci_ctt_dif")["ctt"]["items"])["upper_lower_27"].to_numpy()
    found = items.analyse(scored("hci_scored", "Item")).items["upper_lower"].to_numpy()
    assert (np.abs(rows - found) <= spread + 1 / 175).all()
    # Where few pupils stand at the border the two agree to the tolerance given with the reference.
    scores = scored("czmatura_sample2000", "b")
    rows = pd.DataFrame(results("czmatura_sample_ctt_irt")["ctt"]["items"])["upper_lower_27"].to_numpy()
    assert items.analyse(scores).items["upper_lower"].to_numpy() == pytest.approx(rows, abs=0.02)


def test_distractors() -> None:
    answers = scored("hci_raw", "Item")
    key = json.loads((DATA / "hci_key.json").read_text(encoding="utf-8"))
    rows = items.distractors(answers, key)
    expected = pd.DataFrame(results("hci_ctt_dif")["distractors"]).set_index(["item", "option"])
    assert rows.index.equals(expected.index)
    assert rows["n"].tolist() == expected["n"].tolist()
    # R's r_option_total counts the item itself, as point_biserial does.
    for theirs, ours in (("p", "share"), ("mean_total", "mean_total"), ("r_option_total", "point_biserial")):
        # 11 digits of numbers up to 20.
        assert rows[ours].to_numpy() == pytest.approx(expected[theirs].to_numpy(), abs=1e-9), ours
    corrected = pd.DataFrame(read_reference("items.json")["options"]).set_index(["item", "option"])
    for name in ("point_biserial", "point_biserial_rest"):
        assert rows[name].to_numpy() == pytest.approx(corrected[name].to_numpy(), abs=DIGITS), name
