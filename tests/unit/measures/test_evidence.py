"""What stands around an effect: numbers by hand, invariances, and the designs that carry no number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.measures.evidence import (
    average_over_strata,
    baseline_equivalence,
    ceiling,
    ceiling_change,
    dose_from_actions,
    dose_response,
    flow,
    flow_by_group,
    missing_bounds,
    reference_pupils,
    regression_to_mean,
    school_changes,
    school_scores,
    school_wave_means,
    synthetic_control,
    target_tasks,
    trend_sensitivity,
)

COLUMNS = ["school", "stratum", "period", "n", "mean", "sd"]


def codes(result: Any) -> list[str]:
    said = result.attrs["statements"] if isinstance(result, (pd.DataFrame, pd.Series)) else result.statements
    return [each.code for each in said]


def pupils(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_tuples(
        [(school, f"5{'АБ'[i % 2]}", f"{school}{i}") for school in "abc" for i in range(12)],
        names=["school", "class", "pupil"],
    )
    return pd.DataFrame(rng.integers(0, 3, (36, 4)).astype(float), index, ["1", "2", "3", "4"])


def rows(seed: int = 2, schools: int = 12) -> pd.DataFrame:
    """Return school × stratum × period rows; the first 3 schools are treated."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 0.3, schools)
    return pd.DataFrame(
        [
            (f"s{s:02}", stratum, period, int(s < 3), level[s] + rng.normal(0, 0.1) + 0.4 * period * (s < 3), 0.1)
            for s in range(schools)
            for stratum in ("m", "p")
            for period in (0, 1)
        ],
        columns=["school", "stratum", "period", "treated", "outcome", "outcome_se"],
    )


def test_scores_of_schools_are_sums_over_the_named_tasks() -> None:
    data = pupils()
    data.iloc[0, 1] = np.nan
    found = school_scores(data, ["2", "4"])
    by_hand = (data["2"] + data["4"]).groupby("school").agg(["count", "mean", "std"])
    assert found[["n", "mean", "sd"]].to_numpy() == pytest.approx(by_hand.to_numpy())
    assert found["n_dropped"].tolist() == [1, 0, 0]
    assert codes(found) == ["evidence_pupils_without_task"]
    shuffled = data.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(school_scores(shuffled, ["4", "2"]), found)
    column = data.reset_index().astype({"school": "category"})
    assert school_scores(column, ["2", "4"])["mean"].tolist() == pytest.approx(found["mean"].tolist())
    twice = school_scores(data.assign(w=2.0), ["2", "4"], weights="w")
    assert twice["n"].tolist() == (2 * found["n"]).tolist()


@pytest.mark.parametrize("shift", [0.0, 1e9])
def test_school_waves_stand_in_units_of_the_comparison_pupils(shift: float) -> None:
    theirs = pd.DataFrame([("x", "m", 0, 30, 5.0 + shift, 2.0), ("y", "m", 0, 50, 7.0 + shift, 1.5)], columns=COLUMNS)
    ours = pd.DataFrame([("a", "m", 0, 20, 8.0 + shift, 1.0)], columns=COLUMNS)
    found = school_wave_means(ours, theirs)
    mean = (30 * 5 + 50 * 7) / 80
    sd = np.sqrt((29 * 4 + 49 * 2.25 + 30 * (5 - mean) ** 2 + 50 * (7 - mean) ** 2) / 79)
    # at 1e9 a double keeps 7 digits after the point
    assert found["outcome"].tolist() == pytest.approx([(5 - mean) / sd, (7 - mean) / sd, (8 - mean) / sd], abs=1e-6)
    assert found["treated"].tolist() == [0, 0, 1]
    assert found["outcome_se"].iloc[2] == pytest.approx(1 / np.sqrt(20) / sd)
    assert codes(found) == ["evidence_few_reference_schools"]
    both = reference_pupils(found, "all")
    assert both["n"].tolist() == [100]


def test_a_unit_that_is_not_there_is_said() -> None:
    ours = pd.DataFrame([("a", "m", 0, 20, 8.0, 1.0), ("a", "p", 0, 20, np.nan, 1.0)], columns=COLUMNS)
    for sd, mean in ((np.nan, 5.0), (0.0, 5.0)):
        theirs = pd.DataFrame([("x", "m", 0, 30, mean, sd), ("y", "m", 0, 30, mean, sd)], columns=COLUMNS)
        found = school_wave_means(ours, theirs)
        assert found["outcome"].isna().all()
        assert codes(found) == ["evidence_rows_without_mean", "evidence_no_reference"]
    empty = school_wave_means(ours.iloc[:0], ours.iloc[:0])
    assert len(empty) == 0


def test_integer_and_text_labels_of_strata_stand_together() -> None:
    theirs = pd.DataFrame([("x", 5, 2020, 30, 5.0, 2.0), ("y", "m", 2020, 50, 7.0, 1.5)], columns=COLUMNS)
    ours = theirs.iloc[:1].assign(school="a")
    assert school_wave_means(ours, theirs)["outcome"].iloc[0] == pytest.approx(0)


def test_averages_and_changes_use_only_strata_of_both_waves() -> None:
    data = rows().drop(index=1)
    mean = average_over_strata(data)
    assert mean.set_index(["school", "period"])["strata"][("s00", 0)] == 1
    change = school_changes(data, stratum="stratum", se="outcome_se")
    wide = mean.pivot(index="school", columns="period", values="outcome")
    assert change["change"].tolist() == pytest.approx((wide[1] - wide[0]).tolist())
    half = 1.959963985 * np.sqrt(np.array([2, 4]) * 0.01) / np.array([1, 2])
    assert (change["upper"] - change["change"]).iloc[:2].tolist() == pytest.approx(half.tolist())
    lost = school_changes(data[(data["school"] != "s05") | (data["period"] == 0)], stratum="stratum")
    assert codes(lost) == ["evidence_schools_left_out"]
    assert lost["lower"].isna().all()


@pytest.mark.parametrize(
    ("shift", "category"), [(0.0, "equivalent"), (0.04, "equivalent"), (0.1, "adjust"), (-0.3, "not_comparable")]
)
def test_baseline_rule(shift: float, category: str) -> None:
    means = np.array([-0.1, 0.1, -0.1, 0.1])
    schools = pd.DataFrame({"school": list("abcd"), "treated": [1, 1, 0, 0], "n": 500, "sd": 1.0, "mean": means})
    schools["mean"] += shift * schools["treated"]
    found = baseline_equivalence(schools).iloc[0]
    assert found["category"] == category
    assert found["g"] == pytest.approx(shift, rel=0.01)


def test_baseline_by_stratum_and_covariate_with_weights_and_gaps() -> None:
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"school": np.repeat(range(6), 20), "x": rng.normal(size=120), "z": rng.normal(size=120)})
    data["treated"] = data["school"] < 2
    data["grade"] = np.tile([5, 6], 60)
    data.loc[3, "x"] = np.nan
    found = baseline_equivalence(data, ["x", "z"], stratum="grade")
    assert found.index.tolist() == [(5, "x"), (5, "z"), (6, "x"), (6, "z")]
    doubled = pd.concat([data, data.assign(x=np.nan)[["school", "x", "z", "treated", "grade"]]])
    weighted = baseline_equivalence(data.assign(w=1.0), ["x", "z"], stratum="grade", weights="w")
    pd.testing.assert_frame_equal(weighted, found)
    again = baseline_equivalence(doubled.sample(frac=1, random_state=1), "x", stratum="grade")
    assert again["g"].tolist() == pytest.approx(found.xs("x", level="variable")["g"].tolist())


def test_baseline_that_cannot_be_known_is_said() -> None:
    schools = pd.DataFrame(
        {"school": list("ab"), "treated": [1, 0], "n": [20, 20], "mean": [1.0, 1.0], "sd": [0.0, 0.0]}
    )
    for data in (schools, schools.iloc[:1], schools.assign(n=0)):
        found = baseline_equivalence(data)
        assert codes(found) == ["evidence_baseline_unknown"]
        assert found["g"].isna().all()
    one = baseline_equivalence(schools.assign(sd=1.0, mean=[1.0, 1.5]))
    assert np.isfinite(one["g"].iloc[0])
    assert np.isnan(one["g_schools"].iloc[0])


def test_reversion_is_the_part_of_the_gap_that_does_not_last() -> None:
    found = regression_to_mean(rows(), stratum="stratum", se="outcome_se")
    assert found.index.tolist() == ["m", "p"]
    assert found["expected"].to_numpy() == pytest.approx(-(1 - found["correlation"]) * found["gap"])
    assert (found["found"] - found["expected"]).to_numpy() == pytest.approx(found["beyond"].to_numpy())
    assert (found["expected_lower"] <= found["expected"]).all()
    assert found["noise"].between(0, 1).all()
    assert codes(found) == ["evidence_reversion_rough"]
    assert codes(regression_to_mean(rows(schools=6), stratum="stratum")) == ["evidence_reversion_unknown"]
    flat = rows().assign(outcome=lambda f: f["outcome"].where(f["treated"] == 1, 0.0))
    assert regression_to_mean(flat, stratum="stratum")["expected"].isna().all()


def test_labels_of_all_kinds_and_gaps_in_keys() -> None:
    data = pd.concat([rows(), rows().query("stratum == 'm'").assign(stratum=5)]).astype({"school": "category"})
    found = regression_to_mean(data.set_axis([0] * len(data)), stratum="stratum", se="outcome_se")
    assert set(found.index) == {"m", "p", 5}
    assert found.loc[5].tolist() == pytest.approx(found.loc["m"].tolist())
    alone = regression_to_mean(rows().query("treated == 0"), stratum="stratum")
    assert "evidence_no_cluster" in codes(alone)
    scores = pd.DataFrame({"primary_score": [3.0, 10], "max_score": 10, "group": [None, "a"], "class": ["x", None]})
    assert ceiling(scores, by="group")["n"].tolist() == [1]
    assert ceiling(scores, by="group", cluster="class")["n"].tolist() == [0]


def test_pure_chance_comes_back_whole() -> None:
    """Means that are noise alone: the correlation is near 0 and the whole gap is expected to vanish."""
    rng = np.random.default_rng(5)
    noise = pd.DataFrame(
        [(s, p, int(s < 5), -1.0 * (s < 5 and p == 0) + rng.normal(0, 0.3)) for s in range(405) for p in (0, 1)],
        columns=["school", "period", "treated", "outcome"],
    )
    found = regression_to_mean(noise).iloc[0]
    assert abs(found["correlation"]) < 0.15  # three standard errors at 400 schools
    assert abs(found["beyond"]) < 0.6  # 5 schools, sd 0.3 in both waves


def test_ceilings_by_hand_and_clustered() -> None:
    data = pd.DataFrame(
        {"primary_score": [10.0, 10, 9, 3, None, 20], "max_score": [10.0] * 5 + [20], "group": list("aaaaab")}
    )
    found = ceiling(data, by="group")
    assert found["n"].tolist() == [4, 1]
    assert found.loc["a", ["share_max", "share_near", "max_score"]].tolist() == [0.5, 0.75, 10]
    assert codes(found) == ["evidence_ceiling_all", "evidence_ceiling"]
    rng = np.random.default_rng(6)
    level = np.repeat(rng.normal(0, 2, 20), 15)
    big = pd.DataFrame({"primary_score": np.clip(np.round(8 + level + rng.normal(size=300)), 0, 10), "max_score": 10})
    big["class"] = np.repeat(range(20), 15)
    plain, clustered = (ceiling(big, cluster=name).iloc[0] for name in (None, "class"))
    assert clustered["upper"] - clustered["lower"] > 1.3 * (plain["upper"] - plain["lower"])
    assert ceiling_change(found, found)["difference"].tolist() == [0, 0]
    assert len(ceiling(data.iloc[:0])) == 0


def test_trends_that_undo_a_finding() -> None:
    finding = SimpleNamespace(estimate=-0.4, se=0.1, df=8.0)
    found = trend_sensitivity(
        finding, pd.Series([-0.1, 0.1, np.nan]), earlier_trends=[0.05, -0.08], years=2, n_treated=4
    )
    assert found.unit_kind == "earlier_trend"
    assert found.unit == 0.08
    assert found.to_include == pytest.approx(0.4 - 2.306004135 * 0.1)
    assert found.to_zero_a_year == pytest.approx(0.2)
    assert found.of_group == pytest.approx(np.sqrt(0.02) / 2)
    table = found.table
    assert (table["excludes_zero"] == (table["trend"] < found.to_include)).all()
    assert np.diff(table["lower"]) == pytest.approx(-np.diff(table["trend"]))
    assert codes(found) == []


@pytest.mark.parametrize(
    ("estimate", "se", "df", "said"),
    [
        (0.1, 0.1, 8.0, ["evidence_trend_untestable", "evidence_trend_no_unit", "evidence_trend_includes_zero"]),
        (0.4, 0.1, 4.9, ["evidence_trend_untestable", "evidence_trend_no_unit", "evidence_few_df"]),
        (0.4, 0.0, 8.0, ["evidence_trend_untestable", "evidence_trend_no_unit", "evidence_few_df"]),
        (np.nan, np.nan, np.nan, ["evidence_trend_untestable", "evidence_trend_no_unit", "evidence_few_df"]),
    ],
)
def test_trends_of_a_weak_finding(estimate: float, se: float, df: float, said: list[str]) -> None:
    found = trend_sensitivity(SimpleNamespace(estimate=estimate, se=se, df=df), pd.Series(dtype=float))
    assert codes(found) == said
    assert not found.table["excludes_zero"].any()


def wide(seed: int = 7, schools: int = 15, effect: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    level, trend = rng.normal(0, 0.5, (schools, 1)), rng.normal(0, 0.1, (schools, 1))
    table = level + trend * np.arange(6) + rng.normal(0, 0.05, (schools, 6))
    table[:3, 5] += effect
    return pd.DataFrame(table, [f"s{i:02}" for i in range(schools)], [f"w{i}" for i in range(6)])


@pytest.mark.parametrize("each", [False, True])
def test_synthetic_control_does_not_know_the_order_of_schools(each: bool) -> None:
    table, ours = wide(), ["s00", "s01", "s02"]
    found = synthetic_control(table, ours, ["w5"], each=each, draws=60)
    again = synthetic_control(table.sample(frac=1, random_state=1), ours[::-1], ["w5"], each=each, draws=60)
    pd.testing.assert_frame_equal(found.weights, again.weights)
    pd.testing.assert_frame_equal(found.placebo, again.placebo)
    assert found.weights.sum().tolist() == pytest.approx([1.0] * len(found.weights.columns))
    assert found.gap == pytest.approx(0.5, abs=0.25)  # noise 0.05 a wave, trends 0.1: seen 0.03 off
    assert found.p == pytest.approx((1 + (found.placebo["ratio"] >= found.after_rmspe / found.before_rmspe).sum()) / 61)
    path = found.path
    assert path["cluster"].tolist() == pytest.approx(table.loc[ours].mean().tolist())
    assert path["gap"].tolist() == pytest.approx((path["cluster"] - path["synthetic"]).tolist())


def test_synthetic_control_of_one_school_takes_every_school_as_placebo() -> None:
    found = synthetic_control(wide(schools=9), ["s00"], ["w5"])
    assert found.placebo["schools"].tolist() == [(f"s{i:02}",) for i in range(1, 9)]
    assert codes(found) == ["evidence_few_donors"]


def test_synthetic_control_that_means_nothing_says_so() -> None:
    table = wide()
    two = synthetic_control(table[["w0", "w4", "w5"]], ["s00"], ["w5"])
    assert "evidence_few_waves_before" in codes(two)
    assert np.isnan(two.p)
    exact = table.copy()
    exact.loc["s00", exact.columns[:5]] = exact.loc[["s03", "s04"], exact.columns[:5]].mean()
    found = synthetic_control(exact, ["s00"], ["w5"])
    assert "evidence_exact_fit" in codes(found)
    assert np.isnan(found.p)
    for ours, after in ((list(table.index), ["w5"]), ([], ["w5"]), (["s00"], []), (["s00"], list(table))):
        nothing = synthetic_control(table, ours, after)
        assert codes(nothing) == ["evidence_no_synthetic"]
        assert np.isnan(nothing.gap)
    gaps = table.mask(table.index.to_series().eq("s05"), np.nan)
    assert "evidence_schools_left_out" in codes(synthetic_control(gaps, ["s00"], ["w5"], draws=5))


def tasks(effect: float = 0.2, seed: int = 8, schools: int = 25, noise: float = 0.05) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    found = []
    for s in range(schools):
        for item in range(10):
            own = rng.normal(0, 0.05)
            for period in (0, 1, 2):
                value = 0.5 + own + rng.normal(0, noise) + effect * (s < 7 and item < 3 and period == 2)
                found.append((f"s{s:02}", period, str(item), int(s < 7), int(item < 3), value))
    return pd.DataFrame(found, columns=["school", "period", "item", "treated", "target", "facility"])


def test_target_tasks_against_the_others() -> None:
    data = tasks()
    found = target_tasks(data, selection=0, baseline=1, after=2, groups=60)
    change = data[data["period"] > 0].pivot_table(
        index=["treated", "school", "target"], columns="period", values="facility"
    )
    each = (change[2] - change[1]).unstack("target")
    by_hand = (each[1] - each[0]).groupby("treated").mean()
    assert found.estimate == pytest.approx(by_hand[1] - by_hand[0])
    assert found.lower < 0.2 < found.upper
    assert codes(found) == ["evidence_choice_rises"]
    assert len(found.lines) == 8
    again = target_tasks(data.sample(frac=1, random_state=2).astype({"school": "category"}), 0, 1, 2, groups=60)
    assert again.estimate == pytest.approx(found.estimate)
    pd.testing.assert_frame_equal(again.choice, found.choice)


def test_targets_chosen_for_being_low_rise_by_themselves() -> None:
    mean = target_tasks(tasks(effect=0), selection=0, baseline=1, after=2).choice["mean"]
    # Gaps of 7 schools to 11 have sd .034, half of it passing: the lowest 3 of 10 lie (1.07 + .46) × .034 = .052 below
    # the other 7 and come back half of that from the wave of the choice, nothing from another wave (seen .033 and .003).
    assert mean["selection"] == pytest.approx(0.026, abs=0.01)
    assert mean["baseline"] == pytest.approx(0, abs=0.01)


def test_target_tasks_that_carry_no_number() -> None:
    data = tasks(schools=10)
    same = target_tasks(data, selection=1, baseline=1, after=2, groups=20)
    assert np.isnan(same.estimate)
    assert "evidence_selected_on_baseline" in codes(same)
    assert same.choice.index.tolist() == ["selection"]
    assert codes(target_tasks(data.assign(target=1), 0, 1, 2, groups=20))[0] == "evidence_no_others"
    assert codes(target_tasks(data.assign(target=0), 0, 1, 2, groups=20))[0] == "evidence_no_targets"
    alone = target_tasks(data[data["treated"] == 1], 0, 1, 2, groups=20)
    assert codes(alone) == ["evidence_no_school_compared", "evidence_choice_unknown"]
    few = target_tasks(data[data["school"].isin(["s00", "s01", "s07", "s08"])], 0, 1, 2, groups=20)
    assert "evidence_few_df" in codes(few)
    assert np.isnan(few.p)
    assert np.isfinite(few.estimate)
    unknown = target_tasks(data, selection="2019", baseline=1, after=2, groups=20)
    assert "evidence_choice_unknown" in codes(unknown)


def actions() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("a", "done", "2021-02-01", "physics", "charts"), ("a", "done", "2020-09-01", "physics", "charts"),
            ("a", "done", "2021-04-15", "physics", "charts"), ("b", "planned", None, "physics", "charts"),
            ("b", "done", None, "physics", "proof"), ("c", "done", "2021-03-01", "biology", "charts"),
        ],
        columns=["school", "status", "done", "subject", "skill"],
    )  # fmt: skip


def test_doses_count_what_was_done_between_the_waves() -> None:
    dose = dose_from_actions(actions(), ["a", "b", "c"], until="2021-04-15", since="2020-10-01")
    assert dose.to_dict() == {"a": 1, "b": 0, "c": 1}
    assert codes(dose) == ["evidence_actions_without_date"]
    assert dose_from_actions(actions(), ["a", "c"], until="2021-04-15", subjects="physics").to_dict() == {
        "a": 2,
        "c": 0,
    }
    assert dose_from_actions(actions().iloc[:0], ["a"], until="2021-04-15").to_dict() == {"a": 0}


def test_dose_and_response() -> None:
    changes = pd.DataFrame({"change": [0.1, 0.2, 0.3, 0.4, 0.5]}, index=list("abcde"))
    found = dose_response(changes, pd.Series(range(5), index=list("edcba")))
    assert found.rho == pytest.approx(-1)
    assert found.chance_lower == pytest.approx(-0.9)
    assert codes(found) == ["evidence_dose_is_no_claim"]
    many = dose_response(pd.DataFrame({"change": np.arange(12.0)}), pd.Series(np.arange(12)))
    assert not many.exact
    # 5 % points of Spearman's rho at n = 12: about ±0.587 (two-sided tables)
    assert many.chance_upper == pytest.approx(0.58, abs=0.02)
    for few in (changes.iloc[:3], changes.assign(change=0.1)):
        assert "evidence_dose_unknown" in codes(dose_response(few, pd.Series(range(5), index=list("abcde"))))


def test_flow_counts_every_pupil_once() -> None:
    first = pd.DataFrame({"school": list("aaabb"), "pupil": list("12345"), "treated": [1, 1, 1, 0, 0]})
    second = pd.DataFrame({"school": list("aabb"), "pupil": list("1647"), "treated": [1, 1, 0, 0]})
    second.loc[len(second)] = ["b", "2", 0]
    roster = pd.concat([first, pd.DataFrame({"school": ["a"], "pupil": ["9"], "treated": [1]})])
    table = flow(first, second, roster)
    assert (table["both"] + table["only_before"]).tolist() == table["before"].tolist()
    assert table.loc[(1, "a"), ["before", "both", "moved", "only_before", "neither"]].tolist() == [3, 2, 1, 1, 1]
    assert table["only_after"].sum() == 2
    assert flow_by_group(table)["attrition"].to_dict() == pytest.approx({0: 1 / 2, 1: 1 / 3})
    assert codes(table) == ["evidence_moved", "evidence_attrition"]
    for unlinked in (flow(first, second, linked=False), flow(first, second.assign(pupil=list("ABCDE")))):
        assert codes(unlinked) == ["evidence_no_link"]
        assert unlinked["both"].isna().all()
        assert flow_by_group(unlinked)["after"].tolist() == [3, 2]


def test_flow_of_schools_known_by_numbers_only() -> None:
    first = pd.DataFrame({"school": list("aa"), "pupil": list("12"), "treated": [1, 1]})
    counts = pd.DataFrame({"school": ["c02", "c01"], "treated": 0, "before": [30, 20], "after": [28, None]})
    table = flow(first, first, counts=counts)
    assert table.index.tolist() == [(0, "c01"), (0, "c02"), (1, "a")]
    assert table["before"].tolist() == [20, 30, 2]
    groups = flow_by_group(table)
    assert groups.loc[0, "before"] == 50
    assert np.isnan(groups.loc[0, "both"])
    assert groups.loc[1, "both"] == 2
    assert codes(table) == ["evidence_counts_only"]


def test_bounds_hold_whatever_the_absent_would_have_had() -> None:
    rng = np.random.default_rng(9)
    data = pd.DataFrame({"treated": np.repeat([1, 0], 40), "y": rng.uniform(0, 1, 80)})
    shown = data.assign(y=data["y"].mask(rng.random(80) < np.where(data["treated"] == 1, 0.1, 0.3)))
    found = missing_bounds(shown, "y", least=0, most=1)
    truth = data.groupby("treated")["y"].mean()
    assert found.loc["worst_case", "lower"] <= truth[1] - truth[0] <= found.loc["worst_case", "upper"]
    assert found.loc["lee", "lower"] <= found.loc["complete", "lower"] <= found.loc["lee", "upper"]
    swapped = missing_bounds(shown.assign(treated=1 - shown["treated"]), "y", least=0, most=1)
    assert swapped["lower"].to_numpy() == pytest.approx(-found["upper"].to_numpy())
    full = missing_bounds(data, "y", least=0, most=1)
    assert full.to_numpy() == pytest.approx(truth[1] - truth[0])
    weighted = missing_bounds(pd.concat([shown, shown]), "y", least=0, most=1)
    pd.testing.assert_frame_equal(missing_bounds(shown, "y", least=0, most=1, weights=[2.0] * 80), weighted)
    assert missing_bounds(shown, "y").loc["worst_case"].isna().all()
    assert codes(missing_bounds(data[data["treated"] == 1], "y")) == ["evidence_bounds_unknown"]
