"""Sections on skills, pupils' events and learning from each other, on small frames."""

from __future__ import annotations

import pandas as pd

from oko.disclosure import protect
from oko.measures.skills import Proposed
from oko.show import (
    metasubject_figures,
    metasubject_sections,
    pupil_events_sections,
    teacher_learning_sections,
    teacher_programme,
)


def topics(rows: list[tuple[str, str, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit", "skill", "kind", "n"])


def test_a_deficit_that_a_later_season_turned_into_a_strength_is_closed() -> None:
    found = topics(
        [
            ("autumn-mathematics", "charts", "deficit", 90),
            ("spring-mathematics", "charts", "strength", 90),
            ("autumn-physics", "proof", "deficit", 90),
            ("spring-physics", "proof", "none", 90),
        ]
    )
    kept = protect(found, by=["unit", "skill"], keys=["kind"])
    assert pupil_events_sections.open_deficits(kept).to_numpy().tolist() == [["physics", "proof"]]


def test_small_groups_of_places_are_hidden_and_numbers_rounded() -> None:
    counts = {"344": 23, "498": 31, "331": 4, "512": 12}
    rows = [("olympiad", "physics", 8, school) for school, n in counts.items() for _ in range(n)]
    pupils = pd.DataFrame(rows, columns=["kind", "subject", "pupil_grade", "school"])
    shown = pupil_events_sections.guarded_groups(Proposed(pupils, pd.DataFrame()), 10, named=True).frame
    by_school = shown.set_index("school")["n"]
    assert pd.isna(by_school["331"])
    assert by_school.isna().sum() >= 2
    assert (by_school.dropna() % 5 == 0).all()
    assert pupil_events_sections.guarded_groups(Proposed(pupils, pd.DataFrame()), 10, named=False).frame.empty


def test_seminars_come_after_the_works_and_before_the_next() -> None:
    months = [f"{day:%Y-%m}" for day in teacher_programme.months_after("spring", "2020-2021")]
    assert months == ["2021-10", "2021-11", "2021-12", "2022-01", "2022-02"]


def test_where_schools_are_not_named_a_seminar_rests_on_three_schools_and_says_what_its_topic_says() -> None:
    columns = [
        "unit",
        "target",
        "school",
        "kind",
        "n",
        "facility",
        "expected",
        "residual",
        "shrunken",
        "lower",
        "upper",
    ]
    kinds = {"charts": ["deficit", "none", "none", "none"], "proof": ["deficit", "deficit"]}
    rows = [
        ("autumn-physics", skill, f"s{place}", kind, 100 + place, 0.4, 0.5, -0.4, -0.3, -0.6, -0.1)
        for skill, of in kinds.items()
        for place, kind in enumerate(of)
    ]
    shared = pd.DataFrame(
        [
            ("autumn-physics", skill, "deficit", len(of), 2, 100 * len(of), -0.4, -0.6, -0.1)
            for skill, of in kinds.items()
        ],
        columns=["unit", "target", "kind", "n_schools", "at_least", "n", "residual", "lower", "upper"],
    )
    profile = pd.DataFrame(rows, columns=columns)
    nobody = protect(pd.DataFrame(columns=["unit", "skill", "giver", "receiver", "difference", "n"]))
    made = {}
    for named in (True, False):
        common = teacher_learning_sections.guarded_topics(shared, profile, 10, named=named)
        made[named] = teacher_programme.programme(common, profile, nobody, "2020-2021", 10, named=named).frame
    assert set(made[True]["skill"]) == {"charts", "proof"}
    assert made[False][["skill", "in_need", "n"]].to_numpy().tolist() == [["charts", 2, 400]]


def test_a_cell_of_two_tasks_is_hatched_and_counted_out_of_the_picture_s_words() -> None:
    cells = pd.DataFrame(
        {
            "place": "w", "skill": ["charts", "proof"], "n_items": [4, 2], "n": 50, "facility": [0.5, float("nan")],
            "zone": ["deficit", ""], "hidden": False,
        }
    )  # fmt: skip
    picture = metasubject_figures.skill_map(cells, {"w": "Work"}, {"charts": "Charts", "proof": "Proof"})
    assert "1" in picture.alt
    assert "charts (50" in picture.alt
    assert "Proof" not in picture.alt


def test_a_page_without_pairs_says_what_it_lacks() -> None:
    nothing = pd.DataFrame(
        {
            name: pd.Series(dtype="float64")
            for name in ("n", "n_classes", "tasks_first", "tasks_second", "corrected_lower")
        }
    ).assign(**{key: pd.Series(dtype="object") for key in metasubject_sections.PAIRS})
    kept = metasubject_sections.guarded_pairs(nothing, 10, metasubject_sections.PAIRS)
    assert "empty" in str(metasubject_sections.pairs(kept, {}, None))
