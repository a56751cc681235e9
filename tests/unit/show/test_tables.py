"""Tables write numbers in the reader's language and hide what is hidden."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.errors import DataError
from oko.language import used
from oko.show.labels import LABELS
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


def test_an_empty_table_is_a_table() -> None:
    assert "<table" in str(table(ROWS.iloc[:0], ["school", "n"]))
