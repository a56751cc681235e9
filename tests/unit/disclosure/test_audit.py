"""What can be inferred: total less the rest, insiders, several tables and versions, means, distributions."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from disclosed import INDICATORS, SHARES, marks, parts
from oko.disclosure import Mean, Protected, audit, protect
from oko.errors import ReleaseError

SIX = {"s1": 60, "s2": 40, "s3": 30, "s4": 25, "s5": 18, "s6": 7}


def shown_again(protected: Protected, table: pd.DataFrame, rows: list[int]) -> Protected:
    """Return the release with some hidden rows shown after all."""
    frame = protected.frame
    for column in table:
        frame.loc[rows, column] = table.loc[rows, column]
    frame.loc[rows, "hidden"] = False
    return Protected.recall(frame, json.loads(json.dumps(protected.memory())))


def test_total_less_the_rest_is_found() -> None:
    table = parts([50, 33, 20, 7])
    protected = protect(table, part="school")
    assert protected.audit().safe
    leaky = shown_again(protected, table, [2, 3]).audit()
    assert not leaky.safe
    assert leaky.cells[["school", "lower", "upper", "insider"]].to_numpy().tolist() == [["s3", 7.0, 7.0, ""]]


def test_an_insider_who_subtracts_itself_is_found() -> None:
    table = parts([50, 33, 20, 7])
    leaky = shown_again(protect(table, part="school"), table, [2]).audit().cells.iloc[0]
    assert (leaky["lower"], leaky["upper"], leaky["insider"], leaky["safe"]) == (7.0, 7.0, "s2", False)


def test_a_small_row_that_the_frame_shows_is_found() -> None:
    table = parts([50, 33, 20, 7])
    leaky = shown_again(protect(table, part="school"), table, [4]).audit().cells
    assert leaky[["school", "column", "lower", "safe"]].to_numpy().tolist()[0] == ["s3", "n", 7.0, False]


def test_one_table_hides_a_and_b_and_another_a_and_c() -> None:
    table = pd.DataFrame({"school": ["", "a", "b", "c", "d"], "n": [145, 7, 60, 60, 18]})
    one = protect(table, part="school")
    assert one.frame["hidden"].tolist() == [False, True, True, False, True]
    another = shown_again(one, table, [2])
    frame = another.frame
    frame.loc[3, "n"], frame.loc[3, "hidden"] = np.nan, True
    another = Protected.recall(frame, another.memory())
    assert one.audit().safe
    assert another.audit().safe
    together = audit({"one": one, "another": another}, {"one": "pupils", "another": "pupils"})
    assert not together.safe
    assert together.cells.set_index("school").loc["a", "insider"] == "d"
    assert audit({"one": one, "another": another}).safe


def test_tables_of_other_cuts_are_one_system() -> None:
    schools = protect(pd.DataFrame({"school": ["", "a", "b", "c", "d"], "n": [150, 60, 50, 32, 8]}), part="school")
    assert schools.audit().safe
    classes = pd.DataFrame({"school": ["b", "b", "c", "c"], "class": ["1", "2", "1", "2"], "n": [25, 25, 16, 16]})
    rooms = protect(classes, by=["school"], part="class")
    found = audit({"schools": schools, "rooms": rooms}, {"schools": "pupils", "rooms": "pupils"})
    assert not found.safe
    assert found.cells[["school", "lower", "upper"]].to_numpy().tolist()[0] == ["d", 8.0, 8.0]


def test_versions_of_changed_data_are_told_apart_and_small_changes_reported() -> None:
    table = parts([50, 33, 20, 7])
    moved = table.assign(n=[113, 53, 33, 20, 7])
    first, second = protect(table, part="school"), protect(moved, part="school")
    cells = first.audit(second).cells
    changes = cells[~cells["safe"]]
    assert changes[["column", "lower", "upper", "needed"]].drop_duplicates().to_numpy().tolist() == [
        ["n", 3.0, 3.0, 10.0]
    ]
    assert sorted(changes["school"].fillna("")) == ["", "s0"]
    assert cells[cells["safe"]]["upper"].notna().all()
    assert first.audit(protect(table.assign(n=[140, 80, 33, 20, 7]), part="school")).safe


def test_the_seventh_mean_is_not_the_clusters_less_six() -> None:
    n = [sum(SIX.values()), *SIX.values()]
    values = [12.0, 11.0, 9.0, 14.0, 8.0, 3.0]
    whole = float(np.average(values, weights=n[1:]))
    table = pd.DataFrame({"school": ["", *SIX], "n": n, "score": [whole, *values]})
    protected = protect(table, part="school", means={"score": Mean(0.0, 20.0)})
    assert protected.audit().safe
    assert protected.frame["hidden"].tolist() == [False] * 5 + [True, True, True][:2] or protected.hidden >= 2
    hidden = np.flatnonzero(protected.frame["hidden"])
    leaky = shown_again(protected, table, [int(row) for row in hidden if table["n"][row] >= 10]).audit()
    mean = leaky.cells[leaky.cells["column"] == "score"].iloc[0]
    assert (mean["lower"], mean["upper"]) == pytest.approx((3.0, 3.0))
    assert mean["needed"] == pytest.approx(4.0)


def test_a_mean_on_a_count_of_its_own_is_hidden_as_a_cell_and_cannot_be_subtracted() -> None:
    table = pd.DataFrame(
        {
            "school": ["", "a", "b", "c"],
            "n": [120, 50, 40, 30],
            "n_scores": [86, 50, 30, 6],
            "score": [8.0, 8.0, 8.2, 7.0],
        }
    )
    table.loc[0, "score"] = (50 * 8 + 30 * 8.2 + 6 * 7) / 86
    table = table.assign(score_lower=table["score"] - 1, score_upper=table["score"] + 1)
    protected = protect(table, part="school", means={"score": Mean(0.0, 20.0, n="n_scores")})
    frame = protected.frame
    assert not frame["hidden"].any()
    assert frame["n"].tolist() == [120, 50, 40, 30]
    assert frame["score"].isna().tolist() == [False, True, True, True]
    assert frame.loc[3, "hidden_cells"].split() == ["n_scores", "score", "score_lower", "score_upper"]
    assert protected.audit().safe


MARKS = {"a": (0, 20, 30, 10), "b": (9, 25, 20, 12), "c": (12, 20, 30, 8), "d": (8, 30, 22, 14), "e": (15, 25, 30, 9)}


def test_a_share_near_nought_is_a_bound_that_nothing_gives_away() -> None:
    table = marks(MARKS)
    protected = protect(table, part="school", distribution=SHARES, derived=INDICATORS)
    frame = protected.frame.set_index("school")
    assert frame.loc["a", "bounded"].split() == ["share_2", "pass_rate"]
    assert frame.loc["a", ["share_2", "pass_rate"]].tolist() == [0.05, 0.95]
    assert frame.loc["a", "quality"] == pytest.approx(40 / 60, abs=1e-4)
    assert frame.loc["a", ["share_3", "sou"]].isna().all()
    assert frame["quality"].notna().all()
    assert protected.audit().safe
    counts = protected.why.groupby("column").size()
    assert counts["pass_rate"] == counts["share_2"] == 3
    for column in ("sou", "share_3", "pass_rate"):
        again = protected.frame
        again.loc[1, column] = table.loc[1, column]
        again.loc[1, "bounded"] = again.loc[1, "bounded"].replace(column, "").strip()
        leaky = Protected.recall(again, protected.memory()).audit()
        share = leaky.cells[(leaky.cells["column"] == "share_2") & (leaky.cells["school"] == "a")].iloc[0]
        assert not share["safe"]
        assert share["upper"] - share["lower"] < share["needed"] - 1e-9


@pytest.mark.parametrize(("column", "value"), [("share_2", 0.0), ("share_2_upper", 0.06)])
def test_a_sharp_bound_or_an_interval_left_beside_one_is_found(column: str, value: float) -> None:
    table = marks(MARKS).assign(share_2_upper=0.06)
    protected = protect(table, part="school", distribution=SHARES, derived=INDICATORS)
    assert protected.audit().safe
    frame = protected.frame
    frame.loc[1, column] = value
    found = Protected.recall(frame, protected.memory()).audit().cells
    assert found.loc[~found["safe"], ["school", "column", "upper"]].to_numpy().tolist()[0] == ["a", column, value]


def test_a_row_of_marks_that_do_not_add_up_is_refused() -> None:
    table = marks(MARKS)
    table.loc[2, "share_4"] += 0.1
    with pytest.raises(ReleaseError, match="3"):
        protect(table, part="school", distribution=SHARES, derived=INDICATORS)


def test_memory_and_frame_have_to_belong_together() -> None:
    protected = protect(parts([50, 33, 20, 7]), part="school")
    with pytest.raises(ReleaseError):
        Protected.recall(protected.frame.iloc[1:], protected.memory())
    with pytest.raises(ReleaseError):
        Protected.recall(protected.frame, {"rules": {}})


def test_fewer_rows_keep_their_memory_and_stay_safe() -> None:
    protected = protect(parts([50, 33, 20, 7]), part="school")
    kept = protected.only(protected.frame["school"] != "s2")
    assert kept.frame["school"].tolist() == ["", "s0", "s1", "s3"]
    assert kept.why["row"].tolist() == [2, 3]
    assert kept.audit().safe


@pytest.mark.parametrize(("column", "value"), [("n", 51.0), ("quality", 0.5002)])
def test_another_number_in_the_frame_than_was_protected_is_named(column: str, value: float) -> None:
    protected = protect(parts([50, 33, 20, 7]).assign(quality=0.50013), part="school", shares=["quality"])
    frame = protected.frame
    frame.loc[1, column] = value
    with pytest.raises(ReleaseError, match=f"2.*{column}"):
        Protected.recall(frame, protected.memory())


def test_rounded_counts_and_their_totals_belong_to_their_memory() -> None:
    protected = protect(parts([53, 33, 23, 12, 13]), part="school", round_to=5, digits=2)
    recalled = Protected.recall(protected.frame, json.loads(json.dumps(protected.memory(), allow_nan=False)))
    pd.testing.assert_frame_equal(recalled.frame, protected.frame)
    frame = protected.frame.assign(n=protected.frame["n"] + 5)
    with pytest.raises(ReleaseError):
        Protected.recall(frame, protected.memory())


def test_a_table_that_remembers_nothing_is_not_called_safe() -> None:
    protected = protect(parts([50, 33, 20, 7]), part="school")
    with pytest.raises(ReleaseError, match="recall"):
        protect(protected.frame, part="school").audit()
    assert protect(protect(parts([50, 33, 20]), part="school").frame, part="school").audit().safe
