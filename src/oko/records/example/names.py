"""Invented names: surnames made by rule of words of the classroom, so that nobody can bear them by chance."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

_STEMS = (
    "Пример", "Образц", "Задачк", "Учебник", "Тетрадк", "Карандаш", "Дневник", "Линейк", "Циркул", "Глобус", "Мелк",
    "Парт", "Указк", "Портфел", "Пенал", "Ластик", "Скобк", "Дробин", "Минус", "Плюс", "Синус", "Косинус", "Вектор",
    "Катет", "Хорд", "Радиус", "Конус", "Кубик", "Призм", "Атом", "Молекул", "Магнит", "Рычаг", "Колбин", "Пробирк",
    "Лупин", "Таблиц", "Диаграмм", "График", "Чертёж", "Ответ", "Вопрос", "Отметк", "Звонк", "Урок", "Перемен",
    "Контрольн", "Черновик", "Чистовик", "Абзац",
)  # fmt: skip
_HOW_MANY_SECOND = 24
_NAMES = {
    "M": ("Артём", "Глеб", "Егор", "Иван", "Кирилл", "Лев", "Марк", "Никита", "Олег", "Пётр", "Роман", "Семён",
          "Тимур", "Фёдор", "Юрий", "Ян"),
    "F": ("Алёна", "Вера", "Дарья", "Елена", "Зоя", "Инна", "Кира", "Лия", "Майя", "Нина", "Ольга", "Полина", "Рита",
          "Софья", "Ульяна", "Яна"),
}  # fmt: skip
_FATHERS = ("Андре", "Борис", "Виктор", "Глеб", "Егор", "Иван", "Максим", "Олег", "Павл", "Роман", "Степан", "Фёдор")
_ENDINGS = {"M": ("ов", "ович"), "F": ("ова", "овна")}


def surname(stem: str, sex: str) -> str:
    """Return a surname of a stem.

    Examples
    --------
    >>> surname("Пример", "M"), surname("Образц", "F")
    ('Примеров', 'Образцова')
    """
    return stem + _ENDINGS[sex][0]


def patronymic(father: str, sex: str) -> str:
    """Return a patronymic; stems on a vowel take a soft ending.

    Examples
    --------
    >>> patronymic("Андре", "F"), patronymic("Иван", "M")
    ('Андреевна', 'Иванович')
    """
    ending = _ENDINGS[sex][1]
    return father + ("е" + ending[1:] if father.endswith("е") else ending)


def draw_names(sex: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Draw names, no full name twice.

    Parameters
    ----------
    sex : Series
        F or M.
    rng : Generator

    Returns
    -------
    DataFrame
        surname, name, patronymic on the index of ``sex``: «Примеров-Задачков Иван Андреевич».
    """
    made = pd.DataFrame(index=sex.index, columns=["surname", "name", "patronymic"], dtype="str")
    for which in ("F", "M"):
        rows = sex.index[sex == which]
        sizes = (len(_STEMS), _HOW_MANY_SECOND, len(_NAMES[which]), len(_FATHERS))
        drawn = rng.choice(int(np.prod(sizes)), len(rows), replace=False)
        first, second, name, father = np.unravel_index(drawn, sizes)
        stems = [surname(stem, which) for stem in _STEMS]
        made.loc[rows, "surname"] = [
            stems[a] if a == b else f"{stems[a]}-{stems[b]}" for a, b in zip(first, second, strict=True)
        ]
        made.loc[rows, "name"] = [_NAMES[which][place] for place in name]
        made.loc[rows, "patronymic"] = [patronymic(_FATHERS[place], which) for place in father]
    return made


def draw_birth_dates(start_grade: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Draw dates of birth (ISO) by grades in 2018-2019: pupils came to school at about seven."""
    first = [datetime.date(2018 - grade - 6, 10, 1) for grade in start_grade]
    days = rng.integers(0, 365, len(start_grade))
    texts = [(day + datetime.timedelta(int(more))).isoformat() for day, more in zip(first, days, strict=True)]
    return pd.Series(texts, start_grade.index, dtype="str")
