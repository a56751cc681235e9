"""Rules that hide a number for itself: dominance, size of models, extremes, rounding, and tables that are odd."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from disclosed import parts
from oko.disclosure import Mean, protect
from oko.disclosure.rules import zone
from oko.errors import ReleaseError


def test_a_cell_of_two_schools_or_of_two_large_ones_is_hidden() -> None:
    table = pd.DataFrame({"work": ["x", "y", "z", "w"], "n": [60, 60, 100, 100]})
    schools = {"x": [30, 30], "y": [20, 20, 20], "z": [60, 31, 9], "w": [60, 30, 10]}
    rows = [(work, f"s{place}", n) for work, counts in schools.items() for place, n in enumerate(counts)]
    contributors = pd.DataFrame(rows, columns=["work", "contributor", "n"])
    found = protect(table, by=["work"], contributors=contributors)
    assert found.frame["hidden"].tolist() == [True, False, True, False]
    assert set(found.why["reason"]) == {"dominance"}
    with pytest.raises(ReleaseError, match="contributor"):
        protect(table, by=["work"], contributors=contributors.drop(columns="contributor"))


def test_a_model_with_many_parameters_for_its_pupils_is_hidden() -> None:
    table = pd.DataFrame({"model": ["a"] * 3 + ["b"] * 3 + ["c"] * 8, "n": [12] * 3 + [13] * 3 + [24] * 8})
    found = protect(table.assign(estimate=0.5), model=["model"])
    assert found.frame.groupby("model")["hidden"].all().to_dict() == {"a": True, "b": False, "c": True}
    assert found.frame["model"].notna().all()
    assert set(found.why["reason"]) == {"model"}


@pytest.mark.parametrize("n", [10, 20, 21, 40, 41, 100, 101, 300, 301, 1000])
def test_both_ends_of_a_share_are_bounds_by_size_of_group(n: int) -> None:
    width = zone(n)
    shares = [0.0, width, width + 0.001, 0.5, 1 - width - 0.001, 1 - width, 1.0]
    table = pd.DataFrame({"n": n, "facility": shares, "facility_lower": 0.1, "facility_upper": 0.9})
    frame = protect(table, shares=["facility"], digits=6).frame
    low, high = [width] * 2, [pytest.approx(1 - width)] * 2
    assert frame["facility"].tolist() == [*low, *[pytest.approx(share) for share in shares[2:5]], *high]
    assert (frame["bounded"] == "facility").tolist() == [True, True, False, False, False, True, True]
    assert frame["facility_lower"].isna().tolist() == frame["facility_upper"].isna().tolist()
    assert frame["facility_lower"].isna().sum() == 4


def test_a_mean_that_everybody_has_is_hidden() -> None:
    table = pd.DataFrame({"n": [20, 20, 20], "score": [10.0, 9.0, 0.0], "most": [10.0, 10.0, 10.0]})
    found = protect(table, means={"score": Mean(0.0, "most")})
    assert found.frame["score"].isna().tolist() == [True, False, True]
    assert found.frame["hidden_cells"].tolist() == ["score", "", "score"]


def test_counts_are_rounded_and_totals_made_again() -> None:
    table = pd.DataFrame(
        {"school": ["", "a", "b", "c"], "n": [133, 42, 48, 43], "mean": [1 / 3, 0.123456, 123456.0, 7.0]}
    )
    frame = protect(table, part="school", round_to=5).frame
    assert frame["n"].tolist() == [135, 40, 50, 45]
    assert frame["mean"].tolist() == [0.3333, 0.1235, 123500.0, 7.0]


def test_numbers_of_nobody_knows_how_many_are_hidden() -> None:
    frame = protect(pd.DataFrame({"n": [np.nan, 20.0, 0.0], "mean": [3.5, 4.0, np.nan]})).frame
    assert frame["hidden"].tolist() == [True, False, False]


def test_a_cell_in_two_rows_is_named() -> None:
    table = pd.concat([parts([50, 33, 20]), parts([50, 33, 20]).iloc[[2]]])
    with pytest.raises(ReleaseError, match="s1"):
        protect(table, part="school")


@pytest.mark.parametrize("kind", ["category", "int", "missing"])
def test_keys_of_any_kind_and_rows_in_any_order(kind: str) -> None:
    table = parts([50, 33, 20, 7, 8])
    if kind == "category":
        table["school"] = table["school"].astype("category")
    elif kind == "int":
        table["school"] = [0, 1, 2, 3, 4, 5]
    else:
        table.loc[5, "school"] = None
    total = "0" if kind == "int" else ""
    mixed = table.sample(frac=1, random_state=3)
    straight, other = protect(table, part="school", total=total).frame, protect(mixed, part="school", total=total).frame
    pd.testing.assert_frame_equal(straight.loc[mixed.index].reset_index(drop=True), other)
    assert straight["hidden"].tolist() == [False, False, False, True, True, True]


def test_an_empty_table_stays_empty() -> None:
    found = protect(parts([50]).iloc[:0], part="school", by=[], shares=["quality"])
    assert found.frame.columns.tolist() == ["school", "n", "quality", "hidden", "hidden_cells", "bounded"]
    assert found.audit().safe
    assert found.hidden == 0


def test_a_frame_that_only_says_it_is_protected_is_refused() -> None:
    forged = parts([50, 33, 7]).assign(hidden=False, hidden_cells="", bounded="")
    with pytest.raises(ReleaseError, match="4"):
        protect(forged, part="school")


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ReleaseError, match="facility"):
        protect(parts([50, 33]), shares=["facility"])
    with pytest.raises(ReleaseError, match="share_9"):
        protect(parts([50, 33]), distribution=["share_2"], derived={"quality": {"share_9": 1.0}})


def test_several_levels_hide_at_each_and_a_lone_part_gives_no_equation() -> None:
    table = pd.DataFrame(
        {
            "school": ["", "a", "a", "a", "a", "b", "b", "c", "c", "c"],
            "class": ["", "", "1", "2", "3", "", "1", "", "1", "2"],
            "n": [162, 70, 30, 33, 7, 40, 40, 52, 26, 26],
        }
    )
    found = protect(table, part=["school", "class"])
    assert found.audit().safe
    assert found.frame.loc[found.frame["school"].isin(["", "b", "c"]), "hidden"].sum() == 0
    assert found.frame["hidden"].tolist() == [False, False, True, True, True] + [False] * 5


def test_a_group_that_is_rounded_to_nought_still_takes_others_with_it() -> None:
    found = protect(parts([50, 33, 20, 2]), part="school", round_to=5)
    assert found.frame["hidden"].tolist() == [False, False, True, True, True]
    assert found.audit().safe


@pytest.mark.parametrize("own", [np.nan, 0.0])
def test_a_mean_of_nobody_knows_how_many_is_hidden(own: float) -> None:
    table = pd.DataFrame(
        {"school": ["", "a", "b", "c"], "n": [90, 30, 30, 30], "m": 9.0, "n_scores": [60.0, 30.0, 30.0, own]}
    )
    frame = protect(table, part="school", means={"m": Mean(0.0, 20.0, "n_scores")}).frame
    assert frame["m"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("column", "value"), [("n", -5), ("n", 20.5), ("n", np.inf), ("share", 1.2), ("share", 55.0), ("m", 21.0)]
)
def test_a_number_that_cannot_be_is_named(column: str, value: float) -> None:
    table = parts([50, 33, 20]).rename(columns={"quality": "share"}).assign(m=9.0, most=20.0)
    table[column] = table[column].astype("float64")
    table.loc[2, column] = value
    with pytest.raises(ReleaseError, match=f"3.*{column}"):
        protect(table, part="school", shares=["share"], means={"m": Mean(0.0, "most")})


def test_a_total_of_fewer_pupils_than_its_parts_is_named() -> None:
    with pytest.raises(ReleaseError, match="1"):
        protect(parts([50, 33, 20]).assign(n=[102, 50, 33, 20]), part="school")


def test_a_missing_greatest_value_is_no_end() -> None:
    table = pd.DataFrame({"school": ["", "a", "b", "c"], "n": [67, 40, 20, 7], "m": 9.0, "most": np.nan})
    found = protect(table.astype({"n": "Int64", "most": "Float64"}), part="school", means={"m": Mean(upper="most")})
    assert found.frame["hidden"].tolist() == [False, True, True, True]
    assert found.audit().safe
