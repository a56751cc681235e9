"""Scales of ОГЭ and ЕГЭ: the figures of the sources, and no figure where they end."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from oko import language
from oko.errors import DataError, SettingError
from oko.records import scales
from oko.records.exam_marks import mark_findings
from oko.records.readers import Finding
from oko.records.readers.context import Work

ROOT = Path(__file__).parents[3]
NAN = float("nan")
PROFILE = [
    0, 5, 9, 14, 18, 23, 27, 33, 39, 45, 50, 56, 62, 68, 70, 72, 74,
    76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 99, 100, 100, 100,
]  # fmt: skip
PHYSICS = [
    0, 4, 7, 10, 14, 17, 20, 23, 27, 30, 33, 36, 38, 39, 40, 41, 42, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55,
]  # fmt: skip
# subject, year, model: greatest score, first score of marks 3, 4 and 5
MARKS = {
    ("mathematics", 2019, None): (32, 8, 15, 22), ("mathematics", 2021, None): (31, 8, 15, 22),
    ("physics", 2019, None): (40, 10, 20, 31), ("physics", 2021, None): (45, 11, 23, 35),
    ("chemistry", 2019, 1): (34, 9, 18, 27), ("chemistry", 2019, 2): (38, 9, 19, 29),
    ("chemistry", 2021, None): (40, 10, 21, 31), ("biology", 2019, None): (46, 13, 26, 37),
    ("biology", 2021, None): (45, 13, 25, 36), ("geography", 2019, None): (32, 12, 20, 27),
    ("geography", 2021, None): (31, 12, 19, 26), ("informatics", 2019, None): (22, 5, 12, 18),
    ("informatics", 2021, None): (19, 5, 11, 16),
}  # fmt: skip


@pytest.mark.parametrize("exam", MARKS, ids=str)
def test_marks_change_where_the_sources_say(exam: tuple[str, int, int | None]) -> None:
    subject, year, model = exam
    most, three, four, five = MARKS[exam]
    geometry = [2.0] * (most + 1) if subject == "mathematics" else None
    marks = scales.oge_mark(ROOT, subject, year, range(most + 1), geometry, model)
    assert marks.tolist() == [2] * three + [3] * (four - three) + [4] * (five - four) + [5] * (most + 1 - five)
    with pytest.raises(DataError, match=f"{most + 1}.*{most}"):
        scales.oge_mark(ROOT, subject, year, [most + 1], [2.0] if geometry else None, model)


def test_without_two_points_from_geometry_every_mark_is_2() -> None:
    scores = [7, 8, 14, 15, 21, 22, 31]
    assert scales.oge_mark(ROOT, "mathematics", 2021, scores, [1] * 7).tolist() == [2] * 7
    assert scales.oge_mark(ROOT, "mathematics", 2021, scores, [2] * 7).tolist() == [2, 3, 3, 4, 4, 5, 5]


def test_unknown_geometry_leaves_the_mark_open_only_where_it_matters() -> None:
    scores = pd.Series([7, 8, NAN, 30], index=list("abcd"))
    marks = scales.oge_mark(ROOT, "mathematics", "2020-2021", scores, pd.Series([NAN, NAN, 5, 5], index=list("abcd")))
    assert marks.isna().tolist() == [False, True, True, False]
    assert marks[["a", "d"]].tolist() == [2, 5]
    assert str(marks.dtype) == "Int64"


def test_geometry_is_matched_by_its_index() -> None:
    marks = scales.oge_mark(
        ROOT, "mathematics", 2021, pd.Series([20, 20], ["a", "b"]), pd.Series([1, 2], ["b", "a"], dtype="float64")
    )
    assert marks.to_dict() == {"a": 4, "b": 2}


def test_geometry_not_given_is_refused() -> None:
    with pytest.raises(DataError, match=r"mathematics.*2"):
        scales.oge_mark(ROOT, "mathematics", 2021, [20])


def test_chemistry_of_2019_needs_its_model() -> None:
    assert scales.oge_models(ROOT, "chemistry", 2019) == (1, 2)
    with pytest.raises(DataError, match="1, 2"):
        scales.oge_mark(ROOT, "chemistry", 2019, [20])
    assert [scales.oge_mark(ROOT, "chemistry", 2019, [18], model=model).tolist() for model in (1, 2)] == [[4], [3]]


def test_there_was_no_oge_in_2020() -> None:
    with pytest.raises(DataError, match=r"oge physics 2020.*physics 2019, physics 2021"):
        scales.oge_mark(ROOT, "physics", "2019-2020", [20])


def test_geometry_tasks_are_known_for_2021_alone() -> None:
    assert scales.geometry_tasks(ROOT, "mathematics", 2021) == ("15", "16", "17", "18", "19", "23", "24", "25")
    assert scales.geometry_tasks(ROOT, "chemistry", 2019) == ()
    with pytest.raises(DataError, match=r"2019.*mathematics"):
        scales.geometry_tasks(ROOT, "mathematics", 2019)


def test_every_scale_says_how_far_it_is_to_be_trusted() -> None:
    assert scales.oge_scale(ROOT, "biology", 2021).status == "unconfirmed"
    assert scales.oge_scale(ROOT, "biology", 2019).status == "secondary source"
    assert "year unconfirmed" in scales.oge_scale(ROOT, "physics", 2021).status
    for where in (scales.OGE_SCALES, scales.EGE_SCALES, scales.STRUCTURES):
        written = pd.read_csv(ROOT / where)
        assert written[["source", "status"]].notna().all(axis=None), where
    assert pd.read_csv(ROOT / scales.STRUCTURES)["status"].str.contains("unconfirmed").all()


@pytest.mark.parametrize("year", [2019, "2019-2020", 2021])
def test_profile_mathematics(year: int | str) -> None:
    scale = scales.ege_test_score(ROOT, "mathematics", year, range(33))
    assert scale.values.tolist() == PROFILE
    assert scale.status.startswith("secondary source")
    assert scale.source


def test_physics_of_2021_ends_at_27() -> None:
    assert scales.ege_test_score(ROOT, "physics", 2021, range(28)).values.tolist() == PHYSICS
    with pytest.raises(DataError, match=r"2021.*physics.*27.*28"):
        scales.ege_test_score(ROOT, "physics", 2021, [12, 28])


@pytest.mark.parametrize(
    ("subject", "most", "known"),
    [
        ("physics", 52, {27: 55, 28: 57, 33: 62, 51: 98}), ("chemistry", 60, {5: 14, 33: 58, 53: 80, 59: 98}),
        ("biology", 58, {27: 51, 36: 63, 57: 98}), ("informatics", 35, {6: 40, 30: 84, 34: 97}),
    ],
)  # fmt: skip
def test_whole_scales_of_2019(subject: str, most: int, known: dict[int, int]) -> None:
    scores = scales.ege_test_score(ROOT, subject, 2019, range(most + 1)).values
    assert {score: int(scores[score]) for score in known} == known
    assert (int(scores[0]), int(scores[most])) == (0, 100)
    assert scores.is_monotonic_increasing
    with pytest.raises(DataError, match=str(most + 1)):
        scales.ege_test_score(ROOT, subject, 2019, [most + 1])


def test_no_score_gives_none_and_the_index_stays() -> None:
    scores = scales.ege_test_score(ROOT, "chemistry", 2021, pd.Series([27, NAN], ["a", "b"])).values
    assert (int(scores["a"]), scores.isna().tolist()) == (56, [False, True])


def test_informatics_of_2021_is_refused() -> None:
    with pytest.raises(DataError, match=r"2021.*informatics"):
        scales.ege_test_score(ROOT, "informatics", 2021, [5])


@pytest.mark.parametrize(("subject", "year"), [("physics", 2020), ("chemistry", 2020), ("geography", 2019)])
def test_a_year_without_a_scale_is_refused(subject: str, year: int) -> None:
    with pytest.raises(DataError, match=f"ege {subject} {year}"):
        scales.ege_test_score(ROOT, subject, year, [5])


@pytest.mark.parametrize("score", [-1, 33, 5.5])
def test_a_score_that_no_exam_gives_is_refused(score: float) -> None:
    with pytest.raises(DataError, match=str(score)):
        scales.ege_test_score(ROOT, "mathematics", 2021, [score])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="oge_scales"):
        scales.oge_mark(tmp_path, "physics", 2021, [5])


def test_structures_are_of_memory() -> None:
    structure = scales.exam_structure(ROOT, "oge", "mathematics", "2020-2021")
    assert structure is not None
    assert (structure.tasks, structure.max_score) == (25, 31)
    assert scales.exam_structure(ROOT, "oge", "mathematics", 2020) is None


def results(*rows: tuple[str, object, object]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["pupil", "primary_score", "mark"])
    frame["#file"], frame["#sheet"], frame["#row"] = "oge.xlsx", "", range(4, 4 + len(frame))
    return frame


def warnings(found: tuple[Finding, ...]) -> list[str]:
    assert all(finding.severity == "warning" for finding in found)
    with language.used("en"):
        return [str(finding) for finding in found]


def oge(subject: str, year: str = "2020-2021") -> Work:
    return Work("oge", subject, year, "spring", 9, 9)


def test_a_mark_off_the_scale_is_named() -> None:
    found = mark_findings(
        ROOT, oge("physics"), results(("a", "22", "3"), ("b", "22", "4"), ("c", "", "4"), ("d", "9", ""))
    )
    (line,) = warnings(found)
    assert line.startswith("oge.xlsx, row 5, column mark: Mark 4, where the scale gives 3 for 22 points")


def test_points_from_geometry_are_counted() -> None:
    tasks = {str(task): 0 for task in range(1, 26)}
    points = pd.DataFrame([{"pupil": "a", **tasks, "15": 1}, {"pupil": "b", **tasks, "15": 1, "23": 1}])
    found = mark_findings(ROOT, oge("mathematics"), results(("a", 20, 4), ("b", 20, 4)), points)
    (line,) = warnings(found)
    assert "row 4" in line
    assert "Mark 4, where the scale gives 2 for 20 points, 1 from geometry" in line


def test_a_mark_that_unknown_geometry_allows_passes() -> None:
    assert mark_findings(ROOT, oge("mathematics"), results(("a", 20, 4), ("b", 20, 2))) == ()
    (line,) = warnings(mark_findings(ROOT, oge("mathematics", "2018-2019"), results(("a", 20, 3))))
    assert "gives 2/4 for 20 points, ? from geometry" in line


def test_either_model_of_chemistry_passes() -> None:
    rows = results(("a", 18, 3), ("b", 18, 4), ("c", 18, 5), ("d", 36, 5))
    (line,) = warnings(mark_findings(ROOT, oge("chemistry", "2018-2019"), rows))
    assert "row 6" in line


def test_no_scale_is_said_once_and_other_procedures_are_left() -> None:
    (line,) = warnings(mark_findings(ROOT, oge("physics", "2019-2020"), results(("a", 20, 4), ("b", 20, 4))))
    assert "physics 2019-2020" in line
    assert mark_findings(ROOT, Work("vpr", "physics", "2020-2021", "spring", 7, 7), results(("a", 9, 2))) == ()
