"""Tables write numbers in the reader's language and hide what is hidden."""

from __future__ import annotations

import pandas as pd
import pytest

import protected_rows
from oko.disclosure.checks import Terms
from oko.disclosure.checks_counts import small_in_cells
from oko.errors import DataError
from oko.language import used
from oko.show.labels import LABELS
from oko.show.matrix import matrix
from oko.show.tables import legend, table, written

NAN = float("nan")
ROWS = pd.DataFrame(
    {
        "school": ["344", "498", "512"], "n": [1240.0, NAN, 33.0], "quality": [0.5249, NAN, NAN],
        "quality_lower": [0.48, NAN, NAN], "quality_upper": [0.57, NAN, NAN], "residual": [-0.25, NAN, 0.1],
        "lower": [-0.5, NAN, 0.05], "upper": [0.0, NAN, 0.15], "hidden": [False, True, False],
    }
)  # fmt: skip


def cells(column: str, **options: object) -> list[str]:
    return [text.replace("\u00a0", " ").replace("\u2060", "") for text in written(ROWS, [column], **options)[column]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("column", "ru"),
    [
        ("n", ["1 240", "c", "33"]),
        ("quality", ["52 % (48–57)", "c", "–"]),
        ("residual", ["−0,25 (−0,50 … 0,00)", "c", "0,10 (0,05–0,15)"]),
        ("school", ["344", "498", "512"]),
    ],
)
def test_cells_are_written_in_russian(column: str, ru: list[str]) -> None:
    assert cells(column) == ru


def test_the_language_changes_separators_not_digits() -> None:
    with used("en"):
        assert cells("residual")[2] == "0.10 (0.05–0.15)"
        assert cells("quality")[0] == "52% (48–57)"


def test_a_number_that_does_not_apply_has_its_symbol() -> None:
    assert cells("quality", not_applicable=["quality"]) == ["52 % (48–57)", "c", "z"]


def test_the_legend_explains_only_symbols_that_stand_in_the_table() -> None:
    shown = written(ROWS, ["n"])
    assert "скрыто" in legend(shown, 10)
    assert "нет данных" not in legend(shown, 10)
    assert legend(shown.iloc[:1]) == ""


def test_codes_are_shown_by_their_names() -> None:
    assert cells("school", names={"school": {"344": "Лицей № 344"}})[0] == "Лицей № 344"


def test_names_from_data_are_escaped_in_cells_titles_and_notes() -> None:
    payload = "<img src=x onerror='window.PWN=1'>"
    made = str(table(ROWS.assign(school=payload), ["school", "n"], title=payload, note=payload))
    assert "<img" not in made
    assert made.count("&lt;img") == len(ROWS) + 2


def test_the_same_table_is_the_same_bytes() -> None:
    assert str(table(ROWS, ["school", "n"])) == str(table(ROWS.copy(), ["school", "n"]))


def test_rows_are_not_changed() -> None:
    before = ROWS.copy()
    table(ROWS, ["school", "n", "quality"])
    pd.testing.assert_frame_equal(ROWS, before)


@pytest.mark.parametrize("column", ["nonesuch", "hidden"])
def test_a_missing_or_unlabelled_column_is_named(column: str) -> None:
    with pytest.raises(DataError, match=column):
        table(ROWS, [column])


def test_labels_are_russian() -> None:
    from oko.language import gettext

    assert [name for name, label in LABELS.items() if gettext(label.text) == label.text] == []


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("column", ["pupil_grade", "material_grade"])
def test_a_column_of_grades_is_not_taken_for_a_number_of_pupils(column: str, language: str) -> None:
    with used(language):
        page = str(table(pd.DataFrame({"subject": ["physics"], column: [7]}), ["subject", column]))
        assert small_in_cells(page, Terms(10)) == ""


def test_an_empty_table_is_a_table() -> None:
    assert "<table" in str(table(ROWS.iloc[:0], ["school", "n"]))


def protected(column: str) -> dict[str, str]:
    rows = protected_rows.marks()
    texts = [text.replace("\u2060", "") for text in written(rows, [column])[column]]
    return dict(zip(rows["school"], texts, strict=True))


def test_a_number_hidden_singly_has_the_symbol_of_a_hidden_row() -> None:
    assert protected("share_2") == {
        "": "7\u00a0% (3–11)", "344": "5\u00a0% (1–9)", "329": "c", "498": "c", "512": "c", "527": "c", "639": "c",
    }  # fmt: skip
    assert list(protected("n").values()) == ["312", "88", "64", "43", "c", "43", "c"]


def test_a_bound_has_its_sign_and_no_interval() -> None:
    texts = protected("quality")
    assert (texts["498"], texts["527"], texts["639"]) == ("≥\u00a095\u00a0%", "≤\u00a05\u00a0%", "c")
    left = protected_rows.marks().assign(quality_lower=0.961, quality_upper=0.999)
    assert written(left, ["quality"])["quality"].tolist()[3] == "≥\u00a095\u00a0%"
    with used("en"):
        assert protected("quality")["498"] == "≥\u00a095%"


def test_a_bound_is_never_rounded_to_a_stronger_one() -> None:
    rows = pd.DataFrame({"quality": [0.975, 0.025, 0.99], "bounded": "quality"})
    assert written(rows, ["quality"])["quality"].tolist() == [
        "≥\u00a097,5\u00a0%",
        "≤\u00a02,5\u00a0%",
        "≥\u00a099\u00a0%",
    ]


def test_a_bound_of_what_is_no_share_is_not_guessed() -> None:
    assert written(pd.DataFrame({"sou": [5.0], "bounded": "sou"}), ["sou"])["sou"].tolist() == ["c"]


def test_a_number_that_is_named_hidden_is_hidden_whatever_stands_there() -> None:
    rows = pd.DataFrame({"quality": [0.5], "hidden": [False], "hidden_cells": "n quality"})
    assert written(rows, ["quality"])["quality"].tolist() == ["c"]


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "точная доля не показывается"), ("en", "exact share is not shown")]
)
def test_the_legend_explains_bounds_only_where_they_stand(language: str, words: str) -> None:
    with used(language):
        shown = written(protected_rows.marks(), ["n", "quality"])
        assert words in legend(shown)
        assert words not in legend(shown[["n"]])
        assert words not in legend(shown.iloc[:3])


@pytest.mark.parametrize("rows", [7, 2])
def test_every_protected_table_names_the_threshold(rows: int) -> None:
    frame = protected_rows.marks().head(rows)
    assert "меньше 12" in str(table(frame, ["school", "n"], threshold=12))
    assert "меньше 12" in str(by_school(frame, "n", 12))
    assert "меньше" not in str(table(frame.drop(columns="hidden").head(2), ["school", "n"], threshold=12))


def by_school(frame: pd.DataFrame, value: str, threshold: int = 10) -> object:
    names = protected_rows.LABELS
    return matrix(frame.assign(assessment="w"), "assessment", "school", value, {"w": "Работа"}, names, "Что", threshold)


def test_a_matrix_shows_hidden_numbers_and_bounds_as_a_table_does() -> None:
    shown = str(by_school(protected_rows.marks(), "quality"))
    assert shown.count(">c<") == 2
    assert "≥\u00a095\u00a0%" in shown
    assert "точная доля не показывается" in shown
    assert str(by_school(protected_rows.marks(), "n")).count(">c<") == 2
