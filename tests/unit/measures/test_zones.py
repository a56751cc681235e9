"""Zones: profiles with the level removed, shared deficits, pairs of schools, groups small alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from oko.measures.zones import pairs, profiles, shared, small_groups, to_repeat

ITEMS = [str(place) for place in range(1, 9)]
DIFFICULTY = np.linspace(-1.5, 1.5, len(ITEMS))
MOST = pd.DataFrame({"assessment": "w", "item": ITEMS, "max_score": 1})


def school_points(
    rng: np.random.Generator,
    school: str,
    n: int,
    classes: int,
    level: float = 0.0,
    effects: Any = 0.0,
    within: float = 0.0,
) -> pd.DataFrame:
    """Draw one school's points: pupils, classes with profiles of their own, effects by item."""
    of = np.arange(n) % classes
    profile = rng.normal(0, within, (classes, len(ITEMS)))[of]
    ability = level + rng.normal(0, 0.8, n) + rng.normal(0, 0.2, classes)[of]
    share = expit(ability[:, None] - DIFFICULTY + profile + np.asarray(effects))
    index = pd.MultiIndex.from_arrays(
        [[school] * n, [f"7-{k}" for k in of], [f"{school}-{p}" for p in range(n)]], names=["school", "class", "pupil"]
    )
    return pd.DataFrame((rng.random(share.shape) < share).astype(float), index, ITEMS)


def cluster(
    rng: np.random.Generator, effects: dict[str, Any] | None = None, n: int = 90, within: float = 0.0
) -> pd.DataFrame:
    shown = effects or {}
    levels = np.linspace(-0.8, 0.8, 6)
    return pd.concat(
        [school_points(rng, f"s{k}", n, 3, levels[k], shown.get(f"s{k}", 0.0), within) for k in range(len(levels))]
    )


def norm(rng: np.random.Generator, k: int = 30, n: int = 100) -> pd.DataFrame:
    rows = []
    for place in range(k):
        facility = school_points(rng, f"c{place}", n, 4, rng.normal(0, 0.5)).mean()
        rows += [("w", f"c{place}", item, n, value) for item, value in facility.items()]
    return pd.DataFrame(rows, columns=["assessment", "school", "item", "n", "facility"])


def codes(frame: pd.DataFrame) -> set[str]:
    return {statement.code for statement in frame.attrs["statements"]}


DEFICIT = np.where(np.isin(ITEMS, ["3"]), -1.6, 0.0)


def test_a_planted_deficit_is_shared_and_the_school_without_it_is_not_named() -> None:
    rng = np.random.default_rng(5)
    points = cluster(rng, {f"s{k}": DEFICIT for k in range(5)}, n=150)
    profile = profiles({"w": points}, MOST, norm(rng))
    found = shared(profile)
    zone = found[found["kind"] == "deficit"]
    assert zone["target"].tolist() == ["3"]
    assert zone["at_least"].item() >= 4
    assert "s5" not in zone["schools"].item()
    assert set(profile.query("kind == 'deficit'")["target"]) == {"3"}
    named = profile[profile["kind"] != "none"]
    assert ((named["lower"] > 0) | (named["upper"] < 0)).all()
    assert (named["p_adjusted"] <= 0.05).all()


def test_a_deficit_that_all_share_vanishes_without_a_norm_and_this_is_said() -> None:
    rng = np.random.default_rng(6)
    points = cluster(rng, {f"s{k}": DEFICIT for k in range(6)})
    profile = profiles({"w": points}, MOST)
    assert "zones_among_themselves" in codes(profile)
    assert profile.groupby("target")["residual"].sum().to_numpy() == pytest.approx(0, abs=1e-10)
    assert profile.groupby("school")["residual"].sum().to_numpy() == pytest.approx(0, abs=1e-10)
    assert codes(shared(profile)) == {"zones_shared_without_norm"}


def test_a_strong_school_has_no_zone_from_its_level_alone() -> None:
    rng = np.random.default_rng(7)
    steep = np.linspace(-0.6, 0.6, len(ITEMS))
    rows = []
    for k in range(30):
        level = rng.normal(0, 0.7)
        facility = school_points(rng, f"c{k}", 400, 4, level, steep * level).mean()
        rows += [("w", f"c{k}", item, 400, value) for item, value in facility.items()]
    reference = pd.DataFrame(rows, columns=["assessment", "school", "item", "n", "facility"])
    points = school_points(rng, "s1", 400, 4, 1.2, steep * 1.2)
    with_slopes = profiles({"w": points}, MOST, reference)
    without = profiles({"w": points}, MOST, reference[reference["school"].isin([f"c{k}" for k in range(9)])])
    assert with_slopes["residual"].abs().max() < 0.35 < without["residual"].abs().max()
    assert (with_slopes["kind"] == "none").all()
    assert "zones_norm_small" in codes(without)


def test_pairs_join_a_strength_with_a_deficit_of_the_same_task() -> None:
    rng = np.random.default_rng(8)
    strong = np.where(np.isin(ITEMS, ["3"]), 1.8, 0.0)
    points = cluster(rng, {"s0": DEFICIT, "s1": strong, "s2": DEFICIT}, n=200)
    profile = profiles({"w": points}, MOST, norm(rng))
    found = pairs(profile)
    assert set(zip(found["target"], found["giver"], found["receiver"], strict=True)) >= {
        ("3", "s1", "s0"),
        ("3", "s1", "s2"),
    }
    third = found[found["target"] == "3"]
    # two deficits: one meets the strength, the other a school without it; by hand over all choices of two pairs
    proposed = third[third["proposed"]]
    assert sorted(proposed["giver_kind"]) == ["strength", "without"]
    evidence = (third["difference"] / third["se"]).set_axis(pd.MultiIndex.from_frame(third[["giver", "receiver"]]))
    best = max(evidence[one, "s0"] + evidence[other, "s2"]
               for one in third["giver"] for other in third["giver"] if one != other
               and (one, "s0") in evidence and (other, "s2") in evidence)  # fmt: skip
    assert (proposed["difference"] / proposed["se"]).sum() == pytest.approx(best)
    assert (found["lower"] > 0).all()
    assert {"zones_pairs", "zones_pairs_without_strength"} == codes(found)
    again = pairs(profile.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(found, again)


def test_equal_evidence_gives_the_same_pairs_in_any_order() -> None:
    row = {"unit": "w", "target": "1", "n": 60, "se": 0.2, "df": 50.0, "se_norm": 0.0, "df_norm": 38.0}
    sides = [(school, 0.9, "strength") for school in "ab"] + [(school, -0.9, "deficit") for school in "cd"]
    profile = pd.DataFrame(
        [row | {"school": s, "residual": r, "lower": r - 0.4, "upper": r + 0.4, "kind": kind} for s, r, kind in sides]
    )
    first, second = pairs(profile), pairs(profile.iloc[::-1])
    pd.testing.assert_frame_equal(first, second)
    assert first["proposed"].sum() == 2
    # both errors, no norm: sqrt(2) * 0.2
    assert first["se"].to_numpy() == pytest.approx(np.sqrt(0.08))


def rows(*sides: tuple[str, float, str], se: float = 0.2, own: float = 0.2) -> pd.DataFrame:
    row = {"unit": "w", "target": "1", "n": 60, "se": se, "df": 50.0, "se_norm": np.sqrt(se**2 - own**2)}
    return pd.DataFrame(
        [
            row | {"df_norm": 50.0, "school": s, "residual": r, "lower": r - 0.4, "upper": r + 0.4, "kind": kind}
            for s, r, kind in sides
        ]
    )


def test_a_school_without_the_deficit_is_a_giver_where_it_is_told_from_the_receiver() -> None:
    # "c" is hardly better than the receiver, "d" is below the norm by its own interval
    profile = rows(("a", -0.95, "deficit"), ("b", 0.2, "none"), ("c", -0.38, "none"), ("d", -0.45, "none"))
    found = pairs(profile)
    assert found[["giver", "receiver", "giver_kind", "proposed"]].values.tolist() == [["b", "a", "without", True]]
    assert {"zones_pairs", "zones_pairs_without_strength"} == codes(found)
    assert {"giver_lower", "giver_upper", "receiver_lower", "receiver_upper"} <= set(found)
    nobody = pairs(profile.assign(kind="none"))
    assert nobody.empty
    assert codes(nobody) == {"zones_no_pairs"}
    # one giver and two receivers: the second has a partner that is taken
    two = pairs(rows(("a", -1.2, "deficit"), ("b", 0.1, "none"), ("e", -1.1, "deficit")))
    assert two["proposed"].tolist() == [True, False]
    assert "zones_partner_taken" in codes(two)
    assert "zones_without_partner" not in codes(two)


def test_the_norm_s_error_and_its_freedom_leave_the_difference() -> None:
    found = pairs(rows(("a", -1.2, "deficit"), ("b", 1.2, "strength"), se=0.25))
    assert found["se"].item() == pytest.approx(np.sqrt(2 * 0.2**2))
    # Satterthwaite solved by hand: 0.25^4 / 50 = 0.2^4 / v + 0.15^4 / 50
    assert found["df"].item() == pytest.approx(0.2**4 / (0.25**4 / 50 - 0.15**4 / 50))


@pytest.mark.parametrize("m", [2, 5])
def test_without_a_norm_the_difference_is_that_of_the_schools_themselves(m: int) -> None:
    """Double centring mixes the schools' errors; the difference of two has none of the others'."""
    v = np.linspace(0.01, 0.03, m)
    mixed = v * (1 - 2 / m) + v.sum() / m**2
    kinds = ["deficit", "strength", *["none"] * (m - 2)]
    profile = rows(*((str(k), [-2.0, 2.0, -0.9, -0.9, -0.9][k], kind) for k, kind in enumerate(kinds)))
    found = pairs(profile.assign(se=np.sqrt(mixed), se_norm=np.nan, df_norm=np.nan))
    assert found["se"].tolist() == pytest.approx([np.sqrt(v[0] + v[1])])


def test_skills_of_one_or_two_tasks_get_no_number_and_more_works_make_them_enough() -> None:
    rng = np.random.default_rng(9)
    points = {"w": cluster(rng), "v": cluster(rng)}
    most = pd.concat([MOST, MOST.assign(assessment="v")])
    reference = pd.concat([norm(rng), norm(rng).assign(assessment="v")])
    skills = pd.DataFrame({"assessment": ["w", "w", "v"], "item": ["1", "2", "1"], "skill": "charts"})
    alone = profiles(points, most, reference, skills)
    assert alone["residual"].isna().all()
    assert {"zones_skills_few_items", "zones_nothing"} <= codes(alone)
    together = profiles(points, most, reference, skills, units={"w": "mathematics", "v": "mathematics"})
    assert together["residual"].notna().all()
    assert together["n_items"].tolist() == [3] * 6
    # the same pupils wrote both works and count once
    assert together["n"].tolist() == [90] * 6


def test_small_groups() -> None:
    counts = pd.DataFrame(
        [("chemistry", 11, str(s), 16) for s in range(7)] + [("informatics", 11, str(s), 9) for s in range(7)]
        + [("mathematics", 7, str(s), 80) for s in range(7)] + [("physics", 11, "1", 0), ("geography", 9, "1", 120)],
        columns=["subject", "grade", "school", "n"],
    )  # fmt: skip
    found = small_groups(counts).set_index("subject")
    assert found["kind"].to_dict() == {
        "chemistry": "together", "informatics": "too_few", "mathematics": "alone", "geography": "alone",
    }  # fmt: skip
    assert found.loc["chemistry", ["n_schools", "n_small", "n", "n_in_small", "smallest"]].tolist() == [
        7,
        7,
        112,
        112,
        16,
    ]
    assert codes(small_groups(counts.iloc[:0])) == {"zones_nothing"}


def test_a_skill_that_may_be_chance_is_to_be_repeated_only_where_the_gap_is_worth_it() -> None:
    nothing = pd.DataFrame(columns=["assessment", "item", "level", "n", "facility", "lower", "upper"])
    skill = {"unit": "u", "n": 90, "n_items": 4, "facility": 0.40, "upper": -0.1}
    rows = pd.DataFrame(
        [
            skill | {"target": "wide", "expected": 0.45, "kind": "none"},
            skill | {"target": "narrow", "expected": 0.41, "kind": "none"},
            skill | {"target": "certain", "expected": 0.41, "kind": "deficit"},
        ]
    )
    limits = pd.DataFrame({"insufficient_below": [0.57]}, index=["basic"])
    found = to_repeat(nothing.assign(share_not_covered=0.0), rows.head(0), rows, limits)
    assert dict(zip(found["target"], found["certainty"], strict=True)) == {"wide": "possible", "certain": "certain"}
