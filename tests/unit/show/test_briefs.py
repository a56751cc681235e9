"""Briefs and sheets on small frames: silent where nothing is told, nothing hidden is said, nobody is named."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from oko.disclosure import protect
from oko.language import used
from oko.show import brief_works, class_sections, family_sections, pupil_sections, school_brief_sections
from oko.show.brief import apart, beside, by_chance, line
from oko.show.html import Html

SUBJECTS = {"mathematics": "Математика"}
SKILLS = {"charts": "Чтение графиков", "proof": "Обоснование"}


def marks(**own: Any) -> Any:
    row = {
        "assessment": "w", "procedure": "vpr", "subject": "mathematics", "material_grade": 7, "season": "spring",
        "n": 100, "quality": 0.5, "quality_lower": 0.4, "quality_upper": 0.6, "mean_score": 9.0,
    }  # fmt: skip
    rows = [row | {"school": "", "scope": "cluster", "n": 700, "quality": 0.7}]
    rows += [
        row | {"school": code, "scope": "school"} | own for code in ("344", "498", "329", "512", "572", "331", "625")
    ]
    frame = pd.DataFrame(rows).astype({"n": "int64"})
    keys = ["procedure", "subject", "material_grade", "season", "scope"]
    return protect(frame, by=["assessment"], part="school", keys=keys)


def skills(*rows: tuple[str, float, float]) -> Any:
    profile = pd.DataFrame(
        [
            {
                "school": "344", "unit": "spring-mathematics", "target": skill, "n_items": 4, "n": 90, "facility": 0.5,
                "expected": 0.5 - apart_, "apart": apart_, "apart_lower": apart_ - 0.02, "apart_upper": apart_ + 0.02,
                "p_adjusted": p,
            }
            for skill, apart_, p in rows
        ],
        columns=[
            "school", "unit", "target", "n_items", "n", "facility", "expected", "apart", "apart_lower", "apart_upper",
            "p_adjusted",
        ],
    )  # fmt: skip
    return school_brief_sections.protected_skills(profile, 10, "344")


def words(html: Html) -> str:
    return html.markup.replace("\u00a0", " ")


def test_a_skill_is_named_only_where_it_is_told_from_chance() -> None:
    found = skills(("charts", -0.06, 0.001), ("proof", -0.05, 0.3))
    with used("ru"):
        said = words(school_brief_sections.matters(marks(), found, "344", {"w": "ВПР"}, SUBJECTS, SKILLS))
    assert "«Чтение графиков» — слабее" in said
    assert "разница −6 п. п. (от −8 до −4); 4 задания, 90 учеников" in said
    assert "Обоснование" not in said


def test_where_nothing_is_told_the_brief_says_so() -> None:
    with used("ru"):
        said = words(school_brief_sections.matters(marks(quality=0.69, quality_upper=0.8), skills(), "344", {}, {}, {}))
        decided = words(school_brief_sections.decide(marks(), skills(), "999", {}, {}))
        empty = words(school_brief_sections.strongest_and_weakest(skills(), {}, {}, []))
    assert "не отличается от других" in said
    assert "решать нечего" in decided
    assert "Об умениях сказать нечего" in empty


def test_an_exam_without_marks_stands_apart_where_its_numbers_are_hidden() -> None:
    exam = {"assessment": "e", "procedure": "ege", "material_grade": 11, "quality": None}
    work = {"assessment": "w", "procedure": "vpr", "material_grade": 7, "quality": 0.5}
    rows = [
        each | {"school": code, "scope": "school" if code else "cluster", "n": n}
        for each, counts in ((exam, (206, 6, 60, 70, 70)), (work, (280, 70, 70, 70, 70)))
        for code, n in zip(("", "344", "498", "329", "512"), counts, strict=True)
    ]
    frame = pd.DataFrame(rows).astype({"n": "int64", "quality": "float64"})
    frame = frame.assign(subject="mathematics", season="spring", mean_score=9.0, share_2=frame["quality"])
    keys = ["procedure", "subject", "material_grade", "season", "scope"]
    found = protect(frame, by=["assessment"], part="school", keys=keys)
    with used("ru"):
        said = words(brief_works.results(found, "344", {"w": "ВПР", "e": "ЕГЭ, профиль"}, SUBJECTS))
    assert "ЕГЭ, профиль" in said.split("Работа без отметок")[1]
    assert "ЕГЭ математика 11" not in said


def test_a_work_is_below_only_beyond_the_interval() -> None:
    assert apart(beside(marks(), "344")) == (["w"], [], 1)
    assert apart(beside(marks(quality_upper=0.75), "344")) == ([], [], 1)
    assert apart(beside(marks(quality_upper=None), "344")) == ([], [], 0)


@pytest.mark.parametrize(("tests", "most"), [(0, 0), (1, 0), (10, 1), (30, 2)])
def test_what_chance_gives(tests: int, most: int) -> None:
    assert by_chance(tests) == most


def test_a_work_is_named_shortly() -> None:
    row = {"procedure": "oge", "subject": "mathematics", "material_grade": 9}
    assert line(row, SUBJECTS) == "ОГЭ математика 9"
    assert line(row | {"procedure": "vpr", "material_grade": None}, SUBJECTS) == "Математика"


def test_families_read_bounds_in_words_and_no_small_number() -> None:
    codes = ["344", "498", "329", "512"]
    full = pd.DataFrame(
        [
            {"assessment": "w", "item": item, "school": code, "n": n, "share_full": share}
            for item, shares in (("1", (1.0, 0.8, 0.8, 0.8)), ("2", (0.3,) * 4), ("3", (1.0,) * 4))
            for code, n, share in zip(codes, (90, 80, 70, 4), shares, strict=True)
        ]
    ).assign(share_full_lower=float("nan"), share_full_upper=float("nan"))
    asked = pd.DataFrame({"assessment": "w", "item": ["1", "2", "3"], "label": ["Дроби", "Графики", "Сложение"]})
    asked = asked.assign(subject="mathematics", material_grade=7)
    with used("ru"):
        said = words(
            family_sections.what_parallel_can(family_sections.protected_tasks(full, asked, 10, "344"), SUBJECTS, {})
        )
        small = words(
            family_sections.what_parallel_can(family_sections.protected_tasks(full, asked, 10, "512"), SUBJECTS, {})
        )
    assert "дроби — почти все" in said
    assert "ложение" not in said  # all schools at the edge together: the bound of all would tell each school's number
    assert "графики — 3 из 10" in said
    assert "из 10" not in small.split("Числа")[0]
    assert "О части заданий ничего не сказано" in small


def test_families_of_every_grade_read_of_a_task() -> None:
    grades = [4, 5, 6, 7, 8]
    asked = pd.DataFrame({"assessment": [f"w{grade}" for grade in grades], "item": "1", "label": "Дроби"})
    asked = asked.assign(subject="mathematics", material_grade=grades)
    full = pd.concat([
        asked[["assessment", "item"]].assign(school=code, n=90, share_full=0.8) for code in ("344", "498", "329")
    ]).assign(share_full_lower=0.7, share_full_upper=0.9)  # fmt: skip
    with used("ru"):
        said = words(
            family_sections.what_parallel_can(family_sections.protected_tasks(full, asked, 10, "344"), SUBJECTS, {})
        )
    assert [grade for grade in grades if f"{grade} класс: дроби — 8 из 10" in said] == grades


def test_the_last_work_of_the_year_speaks_for_a_subject() -> None:
    rows = [("a", "autumn"), ("s", "spring"), ("x", "spring")]
    works = pd.DataFrame(rows, columns=["assessment", "season"])
    works = works.assign(procedure="vpr", subject="mathematics", material_grade=[7, 7, 8])
    assert set(family_sections.latest(works, {"a": 0, "s": 0})["assessment"]) == {"s"}  # type: ignore[dict-item]


def test_marks_two_apart_are_listed_by_pseudonym() -> None:
    rows = [("0a1b2c3d4e5f", 2, 4), ("1a1b2c3d4e5f", 3, 4), ("2a1b2c3d4e5f", 5, 3)]
    taken = pd.DataFrame(rows, columns=["pupil", "mark", "journal_mark"]).assign(assessment="w", **{"class": "7А"})
    far = class_sections.far_from_journal(taken)
    assert far["pupil"].tolist() == ["0a1b2c3d4e5f", "2a1b2c3d4e5f"]
    nothing = pd.DataFrame({"class": [], "assessment": []})
    with used("ru"):
        said = "".join(words(piece) for piece in class_sections.sheet("7А", nothing, nothing, far, {"w": "Физика"}, {}))
    assert "Физика: 0a1b2c3d4e (2 / 4), 2a1b2c3d4e (5 / 3)." in said
    assert "0a1b2c3d4e5f" not in said


def test_a_pupils_score_has_a_range_inside_the_scale() -> None:
    taken = pd.DataFrame(
        {"pupil": ["p", "q"], "class": ["7А", None], "assessment": "w", "status": "took", "primary_score": [1.0, 9.5],
         "max_score": 10.0, "mark": [2, 5], "journal_mark": [2, 5],
         "test_score": [None, None]}
    )  # fmt: skip
    found = pupil_sections.scores(taken, {"w": 1.0})
    assert found[["lower", "upper"]].round(2).to_numpy().tolist() == [[0.0, 2.96], [7.54, 10.0]]
    assert pupil_sections.parts(found) == ["7А", "none"]
    assert pupil_sections.scores(taken, {})["lower"].isna().all()


def test_a_score_without_a_greatest_one_is_shown_as_it_is() -> None:
    taken = pd.DataFrame(
        {"pupil": ["p"], "class": [None], "assessment": "w", "status": "took", "primary_score": [None],
         "test_score": [-0.5], "max_score": [None], "mark": [None], "journal_mark": [None]}
    )  # fmt: skip
    found = pupil_sections.scores(taken, {})
    with used("ru"):
        said = "".join(
            words(p) for p in pupil_sections.sheets("none", found, pupil_sections.no_skills(), {"w": "Э"}, {})
        )
        alone = "".join(
            words(p)
            for p in pupil_sections.sheets("none", found, pupil_sections.no_skills(), {"w": "Э"}, {}, "Школа, 2021")
        )
    assert '<td class="n">−0,50</td><td class="n">не известно</td>' in said
    assert "Школа, 2021." in alone
    assert "Школа, 2021." not in said


def test_a_class_of_one_pupil_has_a_mean_without_an_interval() -> None:
    one = {"assessment": "w", "class": "7А", "n": 1, "mean": 0.91, "lower": float("nan"), "upper": float("nan")}
    stands = pd.DataFrame([one | {"parallel": 0.7, "cluster": 0.7, **{f"share_{mark}": 0.0 for mark in (2, 3, 4, 5)}}])
    nothing = pd.DataFrame({"class": [], "assessment": []})
    with used("ru"):
        said = "".join(
            words(each) for each in class_sections.sheet("7А", stands, nothing, nothing, {"w": "Физика"}, {})
        )
    assert "91 %" in said
    assert "91 % (" not in said
    assert "учеников мало" in said
