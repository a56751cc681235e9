from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from oko.errors import MeasureError
from oko.measures.raters import expert_agreement, fleiss_kappa, icc, kappa, rating_table
from oko.records.registers import SKILLS

TABLE = np.array([[12, 3, 1], [4, 15, 5], [1, 6, 18]])
COUNTS = np.array([[3, 0, 0], [2, 1, 0], [0, 3, 0], [1, 1, 1], [0, 0, 3], [0, 1, 2], [3, 0, 0], [0, 2, 1]])
RATINGS = pd.DataFrame(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], columns=list("abcd")
)


def codes(result: Any) -> list[str]:
    said = result.attrs["statements"] if isinstance(result, pd.DataFrame) else result.statements
    return [each.code for each in said]


def judgements(experts: int = 3, seed: int = 8, differs: float = 0.15) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        ("vpr", expert, str(item), skill, float((item % 2 == place % 2) != (rng.random() < differs)))
        for expert in range(1, experts + 1)
        for item in range(1, 13)
        for place, skill in enumerate(("reading", "model", "check"))
    ]
    return pd.DataFrame(rows, columns=["instrument", "expert", "item", "skill", "weight"])


def test_kappa_by_hand() -> None:
    found = kappa([[20, 5], [10, 15]])
    assert [found.kappa, found.agreement, found.expected, found.n] == pytest.approx([0.4, 0.7, 0.5, 50])
    assert float(found) == found.kappa
    assert found.statements == ()


def test_kappa_does_not_know_which_rater_is_first_or_the_order_of_names() -> None:
    for weights in (None, "linear", "quadratic"):
        one, other = kappa(TABLE, weights), kappa(TABLE.T, weights)
        assert [one.kappa, one.se] == pytest.approx([other.kappa, other.se])
    order = [2, 0, 1]
    assert kappa(TABLE[np.ix_(order, order)]).kappa == pytest.approx(kappa(TABLE).kappa)
    assert kappa(TABLE[np.ix_(order, order)], "linear").kappa != pytest.approx(kappa(TABLE, "linear").kappa)
    names = list("abc")
    frame = pd.DataFrame(TABLE, names, names)
    assert kappa(frame[["c", "a", "b"]], "linear") == kappa(frame, "linear")


def test_two_categories_have_one_kappa_whatever_the_weights() -> None:
    assert kappa([[20, 5], [10, 15]], "quadratic").kappa == pytest.approx(0.4)
    assert kappa([[20, 5], [10, 15]], "linear").se == pytest.approx(kappa([[20, 5], [10, 15]]).se)


def test_table_of_two_columns() -> None:
    first, second = np.repeat([0, 1, 2], TABLE.sum(axis=1)), np.concatenate([np.repeat([0, 1, 2], r) for r in TABLE])
    table = rating_table(pd.Series(first), pd.Series(second))
    assert table.to_numpy().tolist() == TABLE.tolist()
    cells = pd.DataFrame([(i, j, TABLE[i, j]) for i in range(3) for j in range(3)], columns=["a", "b", "n"])
    assert rating_table(cells["a"], cells["b"], weights=cells["n"]).to_numpy().tolist() == TABLE.tolist()
    wide = rating_table(pd.Series([0, 1, np.nan]), pd.Series([1.0, 1.0, 1.0]), [0, 1, 2])
    assert wide.to_numpy().tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    ordered = pd.Series(pd.Categorical(["low", "high"], ["low", "middle", "high"], ordered=True))
    assert rating_table(ordered, ordered).index.tolist() == ["low", "high"]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ([[5, 0], [0, 0]], "raters_one_category"),
        ([[0, 0], [0, 0]], "raters_no_subjects"),
        ([[5, 0], [0, 7]], "raters_no_interval"),
        ([[0, 5], [5, 0]], "raters_no_interval"),
        ([[5, 5], [0, 0]], "raters_no_interval"),
        ([[95, 3], [2, 0]], "raters_kappa_paradox"),
        ([[5, 3], [2, 4]], "raters_few_subjects"),
    ],
)
def test_what_limits_kappa_is_said(table: list[list[int]], code: str) -> None:
    for weights in (None, "linear"):
        found = kappa(table, weights)
        assert code in codes(found)
        assert np.isnan(found.lower) == (code not in ("raters_kappa_paradox", "raters_few_subjects"))
        assert np.isnan(found.lower) == np.isnan(found.upper)


def test_fleiss_of_two_raters_is_scotts_pi() -> None:
    pairs = [(i, j) for i in range(3) for j in range(3) for _ in range(TABLE[i, j])]
    counts = np.array([[(i == k) + (j == k) for k in range(3)] for i, j in pairs])
    shares = (TABLE.sum(axis=0) + TABLE.sum(axis=1)) / (2 * TABLE.sum())
    expected = (np.trace(TABLE) / TABLE.sum() - (shares**2).sum()) / (1 - (shares**2).sum())
    assert fleiss_kappa(counts).kappa == pytest.approx(expected)


def test_fleiss_weights_are_repeated_rows() -> None:
    repeats = np.arange(8) % 3
    ours, theirs = fleiss_kappa(COUNTS, repeats), fleiss_kappa(np.repeat(COUNTS, repeats, axis=0))
    for name in ("kappa", "se", "lower", "upper", "se_null", "n", "raters"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name))
    pd.testing.assert_frame_equal(ours.categories, theirs.categories)
    named = pd.DataFrame(COUNTS, columns=list("abc")).assign(n=repeats)
    assert fleiss_kappa(named, "n").kappa == pytest.approx(ours.kappa)


def test_fleiss_orders_do_not_matter() -> None:
    turned = fleiss_kappa(COUNTS[::-1, ::-1])
    found = fleiss_kappa(COUNTS)
    assert [turned.kappa, turned.se] == pytest.approx([found.kappa, found.se])
    np.testing.assert_allclose(turned.categories[::-1], found.categories)


def test_different_numbers_of_raters_by_hand() -> None:
    found = fleiss_kappa([[2, 0], [1, 2], [0, 1]])
    agreement = (1 + 1 / 3) / 2
    shares = np.array([1 + 1 / 3 + 0, 0 + 2 / 3 + 1]) / 3
    assert found.agreement == pytest.approx(agreement)
    assert found.kappa == pytest.approx((agreement - (shares**2).sum()) / (1 - (shares**2).sum()))
    assert found.n == 2
    assert found.raters == (2, 3)
    assert np.isnan(found.se_null)
    assert "raters_numbers_differ" in codes(found)


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ([[3, 0], [3, 0]], "raters_one_category"),
        ([[1, 0], [0, 1]], "raters_no_pairs"),
        ([[0, 0]], "raters_no_pairs"),
        ([[3, 0], [0, 3]], "raters_no_interval"),
        ([[2, 1]], "raters_no_interval"),
        ([[3, 0, 0], [1, 2, 0]], "raters_categories_unused"),
        ([[3, 0]] * 30 + [[2, 1]] * 3, "raters_kappa_paradox"),
    ],
)
def test_what_limits_fleiss_is_said(counts: list[list[int]], code: str) -> None:
    found = fleiss_kappa(counts)
    assert code in codes(found)
    assert np.isnan(found.lower) == np.isnan(found.upper)


def test_icc1_is_the_analysis_of_variance_of_scipy() -> None:
    found = icc(RATINGS)
    f, p = f_oneway(*RATINGS.to_numpy())
    assert found.loc["ICC1", ["f", "p"]].tolist() == pytest.approx([f, p])
    assert found.attrs["mean_squares"]["targets"] / found.attrs["mean_squares"]["within"] == pytest.approx(f)
    assert "raters_few_targets" in codes(found)


def test_icc_does_not_depend_on_unit_origin_or_order() -> None:
    found = icc(RATINGS)
    for other in (RATINGS * 1e-9, RATINGS + 1e8, RATINGS.iloc[::-1, ::-1]):
        np.testing.assert_allclose(icc(other), found, rtol=1e-6)
    shifted = icc(RATINGS + np.array([0, 5, 0, 1]))["value"]
    assert shifted["ICC3"] == pytest.approx(found.loc["ICC3", "value"])
    assert shifted["ICC2"] != pytest.approx(found.loc["ICC2", "value"], abs=0.01)


def test_holes_and_silent_raters_are_left_out_and_said() -> None:
    holes = RATINGS.assign(e=np.nan).astype(float)
    holes.loc[6] = [1, 2, np.nan, 4, np.nan]
    found = icc(holes)
    pd.testing.assert_frame_equal(found, icc(RATINGS))
    assert {"raters_without_ratings", "raters_targets_dropped"} <= set(codes(found))
    said = next(each for each in found.attrs["statements"] if each.code == "raters_targets_dropped")
    assert dict(said.values) == {"n_dropped": 1, "n": 7}


@pytest.mark.parametrize(
    ("ratings", "code", "value"),
    [
        ([[3, 3], [3, 3]], "raters_all_ratings_equal", np.nan),
        ([[1], [2]], "raters_too_few", np.nan),
        ([[1, 2]], "raters_too_few", np.nan),
        ([[1, np.nan], [np.nan, 3]], "raters_too_few", np.nan),
        ([[1, 1], [2, 2], [3, 3]], "raters_icc_unknown", 1.0),
        ([[1, 2], [1, 2], [1, 2]], "raters_icc_unknown", np.nan),
        ([[1, 2], [2, 1]], "raters_icc_unknown", -1.0),
        ([[1, 5], [2, 4], [3, 3], [4, 2.5]], "raters_icc_negative", -136 / 139),
        ([[1, 5], [1, 3], [1, 4]], "raters_without_variance", 0.0),
    ],
)
def test_poor_ratings_give_what_can_be_said(ratings: list[list[float]], code: str, value: float) -> None:
    found = icc(pd.DataFrame(ratings))
    assert code in codes(found)
    assert found.loc["ICC3", "value"] == pytest.approx(value, abs=1e-12, nan_ok=True)
    assert found["lower"].isna().equals(found["upper"].isna())


def test_experts_by_hand() -> None:
    rows = [(1, "1", "a", 1.0), (2, "1", "a", 1.0), (3, "1", "a", 0.0), (1, "2", "a", 0.0), (2, "2", "a", 0.0)]
    rows += [(3, "2", "a", np.nan), (1, "10", "a", 1.0), (2, "10", "a", 0.0)]
    found = expert_agreement(pd.DataFrame(rows, columns=["expert", "item", "skill", "weight"]))
    assert found.matrix.index.tolist() == ["1", "2", "10"]
    assert found.matrix["a"].tolist() == pytest.approx([1, 0, np.nan], nan_ok=True)
    assert found.cells["experts"].tolist() == [3, 2, 2]
    assert found.items["agreement"].tolist() == pytest.approx([1 / 3, 1, 0])
    assert found.items["discuss"].tolist() == [True, False, True]
    assert found.items["undecided"].tolist() == [0, 0, 1]
    assert [found.experts, found.n_items] == [3, 3]
    assert {"raters_items_to_discuss", "raters_undecided"} <= set(codes(found))


def test_a_greater_majority_leaves_more_undecided() -> None:
    rows = judgements()
    simple, strict = expert_agreement(rows), expert_agreement(rows, majority=0.7)
    assert simple.matrix.notna().all(axis=None)
    split = simple.cells["share"].between(0.1, 0.9)
    assert strict.cells["needed"].isna().equals(split)
    assert split.any()


def test_kappa_of_experts_is_fleiss_and_its_error_is_of_items() -> None:
    rows = judgements()
    found = expert_agreement(rows)
    yes = rows.groupby(["item", "skill"])["weight"].sum()
    flat = fleiss_kappa(np.column_stack([3 - yes, yes]))
    assert [found.kappa, found.agreement] == pytest.approx([flat.kappa, flat.agreement])
    for skill, row in found.skills.iterrows():
        own = yes.xs(skill, level="skill")
        each = fleiss_kappa(np.column_stack([3 - own, own]))
        assert row[["kappa", "lower", "upper"]].tolist() == pytest.approx([each.kappa, each.lower, each.upper])
    # Cells copied over skills are not new evidence: the standard error over items stays as with one skill.
    one = rows[rows["skill"] == "model"]
    copied = pd.concat([one.assign(skill=name) for name in ("a", "b", "c")])
    assert expert_agreement(copied).se == pytest.approx(expert_agreement(one).se)


def test_frames_and_matrices_give_the_same() -> None:
    rows = judgements()
    matrices = {
        expert: own.pivot(index="item", columns="skill", values="weight") for expert, own in rows.groupby("expert")
    }
    found, other = expert_agreement(rows), expert_agreement(matrices)
    assert [found.kappa, found.se] == pytest.approx([other.kappa, other.se])
    ours = found.matrix.droplevel("instrument")
    pd.testing.assert_frame_equal(ours, other.matrix.loc[ours.index, ours.columns], check_names=False)


def test_orders_and_numbers_of_experts_do_not_matter() -> None:
    rows = judgements()
    turned = rows.sample(frac=1, random_state=1).assign(expert=lambda frame: 100 - frame["expert"])
    found, other = expert_agreement(rows), expert_agreement(turned)
    assert [found.kappa, found.se] == pytest.approx([other.kappa, other.se])
    pd.testing.assert_frame_equal(found.items.sort_index(), other.items.sort_index())


def test_the_register_of_skills_is_taken_as_it_is() -> None:
    rows = judgements()
    assert set(rows) <= set(SKILLS.columns)
    register = rows.assign(**dict.fromkeys(set(SKILLS.columns) - set(rows), True))
    assert expert_agreement(register).kappa == pytest.approx(expert_agreement(rows).kappa)


def test_items_of_two_instruments_are_two_items() -> None:
    rows = judgements()
    both = expert_agreement(pd.concat([rows, rows.assign(instrument="rdr")]))
    assert both.n_items == 24
    assert both.kappa == pytest.approx(expert_agreement(rows).kappa)


def test_one_expert_is_an_opinion() -> None:
    found = expert_agreement(judgements(1))
    assert codes(found) == ["raters_one_expert"]
    assert np.isnan([found.kappa, found.lower, found.agreement]).all()
    assert found.matrix.notna().all(axis=None)
    assert not found.items["discuss"].any()


def test_parts_of_weights_and_skills_without_kappa_are_said() -> None:
    rows = judgements()
    rows.loc[rows["skill"] == "check", "weight"] = 0.5
    found = expert_agreement(rows)
    assert found.matrix["check"].eq(1).all()
    assert {"raters_parts_of_weight", "raters_skills_without_kappa"} <= set(codes(found))
    assert expert_agreement(rows, cut=0.6).matrix["check"].eq(0).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: kappa([[1, 2, 3], [3, 4, 5]]),
        lambda: kappa([]),
        lambda: kappa([[1, -1], [0, 2]]),
        lambda: kappa([[1, np.nan], [0, 2]]),
        lambda: kappa([["a", "b"], ["c", "d"]]),
        lambda: kappa(TABLE, "cubic"),
        lambda: kappa(TABLE, level=1.0),
        lambda: kappa(pd.DataFrame(TABLE, list("abc"), list("abd"))),
        lambda: rating_table(pd.Series([1, 2]), pd.Series([1, 2], [1, 2])),
        lambda: rating_table(pd.Series([1, 7]), pd.Series([1, 2]), [1, 2]),
        lambda: fleiss_kappa([[-1, 2]]),
        lambda: fleiss_kappa([[0.5, 2]]),
        lambda: fleiss_kappa([1, 2]),
        lambda: fleiss_kappa(COUNTS, np.ones(3)),
        lambda: icc(pd.DataFrame([["a", "b"]])),
        lambda: icc([[1, 2], [3, 4]]),
        lambda: icc(RATINGS, level="0.95"),
        lambda: icc(pd.DataFrame([[1, np.inf], [2, 3]])),
        lambda: icc(pd.DataFrame([[1, 2]], columns=["a", "a"])),
        lambda: expert_agreement(judgements().drop(columns="skill")),
        lambda: expert_agreement(pd.concat([judgements(), judgements()])),
        lambda: expert_agreement(judgements().assign(weight=2.0)),
        lambda: expert_agreement(judgements().assign(weight=np.nan)),
        lambda: expert_agreement(judgements().iloc[:0]),
        lambda: expert_agreement({}),
        lambda: expert_agreement(judgements(), majority=0.4),
        lambda: expert_agreement(judgements(), cut=0.0),
    ],
)
def test_bad_input_is_refused(call: Any) -> None:
    with pytest.raises(MeasureError):
        call()


@pytest.mark.slow
def test_intervals_cover_95_of_100() -> None:
    rng = np.random.default_rng(21)
    repetitions = 800
    shares = np.array([[0.4, 0.1], [0.15, 0.35]])
    true_kappa = kappa(shares).kappa
    covered = {"kappa": 0, "fleiss": 0, "ICC2": 0, "ICC3": 0}
    # Three raters who see the truth with probability 0.8, else toss a coin: Fleiss' kappa is 0.8².
    for _ in range(repetitions):
        found = kappa(rng.multinomial(150, shares.ravel()).reshape(2, 2))
        covered["kappa"] += found.lower <= true_kappa <= found.upper
        truth, seen = rng.random((150, 1)) < 0.5, rng.random((150, 3)) < 0.8
        yes = np.where(seen, truth, rng.random((150, 3)) < 0.5).sum(axis=1)
        several = fleiss_kappa(np.column_stack([3 - yes, yes]))
        covered["fleiss"] += several.lower <= 0.64 <= several.upper
        ratings = rng.normal(size=(40, 1)) + rng.normal(size=(1, 8)) * 0.5 + rng.normal(size=(40, 8))
        table = icc(pd.DataFrame(ratings))
        for kind, value in (("ICC2", 1 / 2.25), ("ICC3", 0.5)):
            covered[kind] += table.loc[kind, "lower"] <= value <= table.loc[kind, "upper"]
    # Monte Carlo error 0.008; three of them, and 0.01 for the large-sample formulas.
    for name, count in covered.items():
        assert abs(count / repetitions - 0.95) < 0.034, (name, count)


def test_two_thirds_is_no_majority_above_two_thirds_either_way() -> None:
    rows = [
        (expert, "1", skill, float(weight))
        for skill, each in (("a", (1, 1, 0)), ("b", (0, 0, 1)))
        for expert, weight in enumerate(each)
    ]
    found = expert_agreement(pd.DataFrame(rows, columns=["expert", "item", "skill", "weight"]), majority=2 / 3)
    assert found.matrix.isna().all(axis=None)


@pytest.mark.parametrize("column", ["expert", "item", "skill"])
def test_a_judgement_without_its_place_is_refused(column: str) -> None:
    rows = pd.DataFrame({"expert": ["1", "2"], "item": ["1", "1"], "skill": ["a", "a"], "weight": [1.0, 0.0]})
    rows.loc[1, column] = None
    with pytest.raises(MeasureError) as caught:
        expert_agreement(rows)
    assert caught.value.values == {"column": repr(column), "row": 2}


def test_subjects_with_one_rating_are_counted() -> None:
    found = fleiss_kappa([[3, 0], [0, 3], [2, 1], [3, 0]] * 8 + [[1, 0], [0, 1]] * 8)
    assert {"n": 16.0} in [dict(said.values) for said in found.statements if said.code == "raters_one_rating"]
    assert np.isnan(found.se_null)
