"""What a school enters of each pupil, and the headings of tasks as forms write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from oko.records.tokens import is_absent
from oko.records.writers import Sitting

ABSENT = "отсутствовал"
NO_MARK = "нет отметки"
JOURNAL = "Отметка за предыдущий триместр/ четверть/полугодие"
TOTAL = "Итого баллов"
PROTOCOL = "Протокол"
_SEX = {"F": "ж", "M": "м"}
_WITHOUT_BLANK = 5


@dataclass(frozen=True)
class Entry:
    """A row of a form: texts, empty where nothing is entered.

    Attributes
    ----------
    school, login, code, letter, sex, variant, journal_mark, score : str
        The login in digits; the sex as м or ж; the mark «нет отметки» for those who took the work and have none.
    took : bool
    points : list of str
        In the order of the work.
    """

    school: str
    login: str
    code: str
    letter: str
    sex: str
    variant: str
    journal_mark: str
    score: str
    took: bool
    points: list[str]


def entries(sitting: Sitting) -> Iterator[Entry]:
    """Return the rows of a form, a row a pupil, in the order of the pupils."""
    pupils = sitting.pupils
    took = (pupils["status"] == "took").tolist()
    variants = [
        text if given or is_absent(text) else ABSENT
        for text, given in zip(_texts(pupils["variant"]), took, strict=True)
    ]
    marks = [
        text or (NO_MARK if given else "") for text, given in zip(_texts(pupils["journal_mark"]), took, strict=True)
    ]
    columns = [_texts(pupils[name]) for name in ("school", "login", "code", "letter")]
    sexes = [_SEX.get(text, text) for text in _texts(pupils["sex"])]
    cells = sitting.cells.loc[pupils.index, labels(sitting)].fillna("").astype("str").to_numpy().tolist()
    scores = _texts(pupils["primary_score"])
    for row in zip(*columns, sexes, variants, marks, scores, took, cells, strict=True):
        yield Entry(*row)


def _texts(values: pd.Series) -> list[str]:
    return ["" if pd.isna(value) else f"{value:g}" if isinstance(value, float) else str(value) for value in values]


def labels(sitting: Sitting) -> list[str]:
    """Return the labels of a work's tasks in their order."""
    return [str(item) for item in sitting.items.sort_values("position")["item"]]


def headings(items: pd.DataFrame, style: str) -> list[str]:
    """Write the headings of tasks with their maxima.

    Parameters
    ----------
    items : DataFrame
        item, position, max_score.
    style : {"two-part", "2022", "2026"}
        Criteria are 11.3 k1 in two-part, with a small Latin letter; parts of tasks are 5(1) in 2022, and its fifth
        heading lacks the blank, as in real files: 5(1б).

    Returns
    -------
    list of str

    Examples
    --------
    >>> items = pd.DataFrame({"item": ["5.1", "4К1"], "position": [1, 2], "max_score": [1, 3]})
    >>> headings(items, "2022"), headings(items, "two-part"), headings(items, "2026")
    (['5(1) (1б)', '4К1 (3б)'], ['5.1 (1б)', '4 k1 (3б)'], ['5.1 (1б)', '4К1 (3б)'])
    """
    ordered = items.sort_values("position")
    made = []
    for place, (item, most) in enumerate(zip(ordered["item"], ordered["max_score"], strict=True), start=1):
        blank = "" if style == "2022" and place == _WITHOUT_BLANK else " "
        made.append(f"{_label(str(item), style)}{blank}({most:.0f}б)")
    return made


def _label(item: str, style: str) -> str:
    if style == "two-part":
        return item.replace("К", " k")
    number, point, rest = item.partition(".")
    part, criterion, which = rest.partition("К")
    return f"{number}({part}){criterion}{which}" if point and style == "2022" else item
