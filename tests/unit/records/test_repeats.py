"""Rows of reports that say the same twice are one; rows that say something else of the same group are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fisoko_files import about, marks, read, table
from oko import language
from oko.records import cells
from oko.records.kinds import KINDS
from oko.records.readers.repeats import repeated_findings, said_again

ROOT = Path(__file__).parents[3]
KEYS = KINDS["groups"].keys
SAMPLE = ["Вся выборка", 35589, 1722202, 5.06, 32.92, 44.33, 17.69]
SCHOOL = ["Лицей № 1(edu990001)", "", 89, 12.36, 52.81, 26.97, 7.87]


def groups(*files: tuple[str, list[list[object]]]) -> pd.DataFrame:
    """Rows of groups as values, of reports on the marks of one work."""
    read_back = [
        cells.values(table(read(marks(*lines), replace(about(ROOT), file=name)), "groups")).frame
        for name, lines in files
    ]
    return pd.concat(read_back, ignore_index=True)


def warnings(rows: pd.DataFrame) -> list[str]:
    found = list(repeated_findings(rows, KEYS))
    assert {finding.severity for finding in found} <= {"warning"}
    with language.used("en"):
        return [str(finding) for finding in found]


def test_a_report_exported_twice_is_counted_once() -> None:
    rows = groups(("a.xlsx", [SAMPLE, SCHOOL]), ("b.xlsx", [SAMPLE, SCHOOL]))
    again = said_again(rows, KEYS)
    assert rows.loc[again, "#file"].unique().tolist() == ["b.xlsx"]
    assert again.sum() == len(rows) / 2
    (message,) = warnings(rows)
    assert message.startswith(
        "b.xlsx, sheet МА 7 Отчёт: Rows that say with the same values what a.xlsx says already: 8"
    )


def test_another_value_of_the_same_group_is_no_repeat() -> None:
    rows = groups(("a.xlsx", [SCHOOL]), ("b.xlsx", [[*SCHOOL[:3], 12.36, 52.81, 24.72, 10.11]]))
    other = rows[~said_again(rows, KEYS) & (rows["#file"] == "b.xlsx")]
    assert other["key"].tolist() == ["4", "5"]


@pytest.mark.parametrize("n", [88, 90])
def test_another_number_of_pupils_is_no_repeat(n: int) -> None:
    rows = groups(("a.xlsx", [SCHOOL]), ("b.xlsx", [[*SCHOOL[:2], n, *SCHOOL[3:]]]))
    assert not said_again(rows, KEYS).any()
    assert warnings(rows) == []


def test_what_only_one_of_them_says_does_not_make_them_differ() -> None:
    rows = groups(("a.xlsx", [["Вся выборка", "", *SAMPLE[2:]]]), ("b.xlsx", [SAMPLE]))
    assert said_again(rows, KEYS).tolist() == [False] * 4 + [True] * 4


def test_rows_without_a_key_repeat_nothing() -> None:
    rows = groups(("a.xlsx", [SCHOOL]))
    twice = pd.concat([rows, rows], ignore_index=True).assign(assessment=None)
    assert not said_again(twice, KEYS).any()
