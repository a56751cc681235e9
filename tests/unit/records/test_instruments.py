"""Task specifications, mark scales and reference values: the official numbers, and whose tasks these are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from oko import language
from oko.errors import DataError, SettingError
from oko.records import instruments
from oko.records.readers.context import Work
from oko.records.readers.headings import TaskHeading

ROOT = Path(__file__).parents[3]
# Official descriptions of 2021: greatest score, first score of marks 3, 4, 5, number of tasks, minutes.
WORKS = {
    ("biology", 5): (29, 12, 18, 24, 20, 45),
    ("biology", 6): (28, 12, 18, 24, 21, 45),
    ("biology", 7): (28, 10, 17, 23, 16, 60),
    ("biology", 8): (36, 13, 21, 29, 23, 60),
    ("chemistry", 8): (36, 10, 19, 28, 22, 90),
    ("geography", 6): (37, 10, 22, 31, 25, 60),
    ("geography", 7): (37, 11, 26, 33, 24, 90),
    ("geography", 8): (40, 13, 27, 35, 22, 90),
    ("mathematics", 4): (20, 6, 10, 15, 15, 45),
    ("mathematics", 5): (20, 7, 11, 15, 16, 60),
    ("mathematics", 6): (16, 6, 10, 14, 13, 60),
    ("mathematics", 7): (19, 7, 12, 16, 16, 90),
    ("mathematics", 8): (25, 8, 15, 21, 20, 90),
    ("physics", 7): (18, 5, 8, 11, 11, 45),
    ("physics", 8): (18, 5, 8, 11, 11, 45),
    ("science", 4): (32, 8, 18, 27, 22, 45),
}
AUTUMN_UNKNOWN = {("biology", 8), ("science", 4)}


def wave(subject: str, grade: int, season: str = "spring", year: str = "2020-2021") -> Work:
    shift = int(season == "autumn" and year == "2020-2021")
    return Work("vpr", subject, year, season, grade, grade + shift)


def headings(tasks: pd.DataFrame, *, maxima: bool = True) -> list[TaskHeading]:
    return [
        TaskHeading(str(item), int(most) if maxima else None)
        for item, most in zip(tasks["item"], tasks["max_score"], strict=True)
    ]


@pytest.mark.parametrize("work", WORKS)
def test_tasks_and_scale_agree_with_the_description(work: tuple[str, int]) -> None:
    most, three, four, five, count, _ = WORKS[work]
    scale = instruments.mark_scale(ROOT, *work)
    assert (scale.max_score, scale.mark_3_from, scale.mark_4_from, scale.mark_5_from) == (most, three, four, five)
    tasks = instruments.tasks(ROOT, *work)
    assert tasks["max_score"].sum() == most
    assert tasks["position"].tolist() == [*range(1, count + 1)]
    assert tasks["item"].is_unique
    marks = instruments.mark_of(range(most + 1), scale)
    expected = [2] * three + [3] * (four - three) + [4] * (five - four) + [5] * (most + 1 - five)
    assert marks.tolist() == expected


@pytest.mark.parametrize("work", WORKS)
def test_reference_facilities_belong_to_the_tasks(work: tuple[str, int]) -> None:
    reference = instruments.reference_facilities(ROOT, *work)
    tasks = instruments.tasks(ROOT, *work).set_index("item")
    assert reference.index.tolist() == tasks.index.tolist()
    assert (reference["max_score"] == tasks["max_score"]).all()
    shares = reference.drop(columns=["max_score", "n"])
    assert shares.ge(0).all(axis=None)
    assert shares.le(1).all(axis=None)
    left = reference["share_not_attempted"] + reference["share_not_covered"]
    assert (left <= reference["share_zero"] + 1e-3).all()
    assert (reference["facility"] >= reference["share_full"] - 1e-3).all()


def test_one_known_task_and_facility() -> None:
    tasks = instruments.tasks(ROOT, "mathematics", 8).set_index("item")
    assert tasks.loc["16.2", ["position", "max_score", "level"]].tolist() == [17, 1, "raised"]
    reference = instruments.reference_facilities(ROOT, "mathematics", 8)
    assert reference.loc["19", "facility"] == pytest.approx(0.0505)
    assert reference.loc["19", "share_not_attempted"] == pytest.approx(0.5055, abs=1e-4)


def test_a_missing_score_has_no_mark_and_the_index_stays() -> None:
    marks = instruments.mark_of(pd.Series([float("nan"), 7.0], index=["a", "b"]), instruments.MarkScale(19, 7, 12, 16))
    assert marks.isna().tolist() == [True, False]
    assert marks["b"] == 3
    assert marks.index.tolist() == ["a", "b"]


@pytest.mark.parametrize("score", [-1, 20])
def test_a_score_outside_the_scale_is_refused(score: float) -> None:
    with pytest.raises(DataError, match=str(score)):
        instruments.mark_of([score], instruments.MarkScale(19, 7, 12, 16))


def test_an_unknown_work_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"alchemy 7.*physics 8"):
        instruments.tasks(ROOT, "alchemy", 7)
    with pytest.raises(SettingError, match="vpr_tasks"):
        instruments.tasks(tmp_path, "physics", 7)


@pytest.mark.parametrize("work", WORKS)
def test_the_structure_of_spring_2021_is_the_described_one(work: tuple[str, int]) -> None:
    found = instruments.specification(ROOT, wave(*work))
    pd.testing.assert_frame_equal(found, instruments.tasks(ROOT, *work))
    assert found.attrs["confirmed"]


def test_mathematics_8_of_autumn_2020_had_task_16_in_one() -> None:
    found = instruments.specification(ROOT, wave("mathematics", 8, "autumn"))
    assert found["position"].tolist() == [*range(1, 20)]
    assert found["item"].tolist() == [str(number) for number in range(1, 20)]
    assert found.set_index("item").loc["16", "max_score"] == 2
    assert found["max_score"].sum() == 25
    assert found.attrs["confirmed"]


@pytest.mark.parametrize("work", sorted(AUTUMN_UNKNOWN))
def test_a_structure_without_labels_is_not_made_up(work: tuple[str, int]) -> None:
    columns = {"biology": "22", "science": "20"}[work[0]]
    with pytest.raises(DataError, match=columns):
        instruments.specification(ROOT, wave(*work, "autumn"))


@pytest.mark.parametrize(
    ("season", "year", "said"),
    [("spring", "2018-2019", "2019"), ("autumn", "2021-2022", "2021"), ("spring", "2021-2022", "2022")],
)
def test_another_year_has_the_structure_of_2021_and_says_so(season: str, year: str, said: str) -> None:
    work = wave("mathematics", 7, season, year)
    found = instruments.specification(ROOT, work)
    assert not found.attrs["confirmed"]
    assert found.attrs["status"] == f"структура 2021 года, для {said} не подтверждена"
    pd.testing.assert_frame_equal(found, instruments.tasks(ROOT, "mathematics", 7))
    with language.used("en"):
        assert instruments.specification(ROOT, work).attrs["status"].endswith(f"not confirmed for {said}")


@pytest.mark.parametrize("work", [Work("oge", "mathematics", "2020-2021", "spring", 9, 9), Work("vpr", "physics")])
def test_a_work_without_a_specification_is_refused(work: Work) -> None:
    with pytest.raises(DataError):
        instruments.specification(ROOT, work)


@pytest.mark.parametrize("work", WORKS)
def test_a_work_is_recognised_by_its_tasks_in_any_order(work: tuple[str, int]) -> None:
    found = headings(instruments.tasks(ROOT, *work))
    assert instruments.recognise_work(ROOT, found[::-1]) == work


def test_the_work_of_autumn_2020_is_recognised_too() -> None:
    found = headings(instruments.specification(ROOT, wave("mathematics", 8, "autumn")))
    assert instruments.recognise_work(ROOT, found) == ("mathematics", 8)


@pytest.mark.parametrize("work", WORKS)
def test_labels_alone_tell_every_work_but_physics(work: tuple[str, int]) -> None:
    found = headings(instruments.tasks(ROOT, *work), maxima=False)
    assert instruments.recognise_work(ROOT, found) == (None if work[0] == "physics" else work)


def test_one_maximum_may_be_enough() -> None:
    found = headings(instruments.tasks(ROOT, "physics", 7), maxima=False)
    found[6] = TaskHeading("7", 2)  # 1 in physics 8
    assert instruments.recognise_work(ROOT, found) == ("physics", 7)


@pytest.mark.parametrize(
    "found",
    [
        [],
        [TaskHeading(str(number), 1) for number in range(1, 17)],  # labels of mathematics 7, other maxima
        [TaskHeading("1", 1), TaskHeading("2", 1)],
    ],
)
def test_other_tasks_are_no_known_work(found: list[TaskHeading]) -> None:
    assert instruments.recognise_work(ROOT, found) is None


def test_a_task_with_two_maxima_is_no_known_work() -> None:
    found = [*headings(instruments.tasks(ROOT, "physics", 7)), TaskHeading("1", 2)]
    assert instruments.recognise_work(ROOT, found) is None


@pytest.mark.parametrize("work", sorted(WORKS.keys() - AUTUMN_UNKNOWN))
def test_the_region_has_values_of_autumn_for_the_tasks_of_autumn(work: tuple[str, int]) -> None:
    reference = instruments.reference_facilities(ROOT, *work, season="autumn")
    tasks = instruments.specification(ROOT, wave(*work, "autumn"))
    assert reference.index.tolist() == tasks["item"].tolist()
    assert reference["max_score"].tolist() == tasks["max_score"].tolist()


@pytest.mark.parametrize("work", sorted(AUTUMN_UNKNOWN))
def test_no_values_of_autumn_where_the_tasks_are_not_known(work: tuple[str, int]) -> None:
    with pytest.raises(DataError, match="autumn"):
        instruments.reference_facilities(ROOT, *work, season="autumn")


def test_better_marks_go_with_better_facilities() -> None:
    groups = instruments.reference_by_mark(ROOT, "mathematics", 7)
    assert groups.columns.tolist() == [f"facility_{mark}" for mark in (2, 3, 4, 5)]
    assert groups.mean().is_monotonic_increasing
    facility = instruments.reference_facilities(ROOT, "mathematics", 7)["facility"]
    assert facility.between(groups.min(axis=1), groups.max(axis=1)).all()


def test_works_of_the_region_agree_with_their_tasks() -> None:
    works = instruments.reference_works(ROOT)
    assert len(works) == 2 * len(WORKS) - len(AUTUMN_UNKNOWN)
    assert works["region"].eq("Алтайский край").all()
    for names in (["share_2", "share_3", "share_4", "share_5"], ["lowered", "confirmed", "raised"]):
        assert works[names].sum(axis=1).to_numpy() == pytest.approx(1, abs=3e-4)
    for row in works.itertuples(index=False):
        tasks = instruments.reference_facilities(ROOT, row.subject, row.grade, row.season)
        assert tasks["n"].eq(row.n).all()
        assert (tasks["facility"] * tasks["max_score"]).sum() == pytest.approx(row.mean, abs=0.01)


def test_one_known_work_of_the_region() -> None:
    row = instruments.reference_works(ROOT, "physics", 7).set_index("season").loc["autumn"]
    assert (row["n"], row["n_schools"]) == (18068, 635)
    assert row[["mean", "alpha", "lowered"]].tolist() == pytest.approx([5.932, 0.571, 0.5746])
    assert instruments.reference_works(ROOT, "alchemy").empty


def test_the_name_of_the_reference_is_translated() -> None:
    assert language.gettext(instruments.REFERENCE_TITLE) == "Алтайский край, справочно"
