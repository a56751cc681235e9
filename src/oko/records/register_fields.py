"""Columns of the cluster's own forms: heading, what may stand in them, how to fill them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from oko.language import N_
from oko.records.readers.roster import HEADINGS
from oko.records.registers import LONGEST, LONGEST_COMMENT

Holds = Literal[
    "words", "code", "item", "class", "whole", "number", "date", "choice", "event", "school", "unit", "year"
]


@dataclass(frozen=True)
class Field:
    """A column of a form.

    Attributes
    ----------
    name : str
        Column of the table.
    heading : str
        As it is printed, in Russian in every language: a form is known by it.
    holds : str
        What stands in the cells; "unit" is a school, or «кластер» for all.
    about : str
        English message: how to fill the column.
    width : int
        Width of the column, characters.
    required : bool
        Whether every row must have it.
    choices : str
        List of :mod:`oko.records.form_lists`, for "choice".
    low, high : int or None
        Least and greatest number.
    longest : int
        Greatest number of characters of words.
    """

    name: str
    heading: str
    holds: Holds
    about: str
    width: int = 12
    required: bool = True
    choices: str = ""
    low: int | None = None
    high: int | None = None
    longest: int = LONGEST


_SCHOOL = Field(
    "school", HEADINGS["school"], "school", N_("The number of the school, as in the cluster’s register: 344."), 9
)
_ROLE = Field("role", "Роль", "choice", N_("The role, never the name."), 22, choices="role")
_EVENT = Field(
    "event", "Мероприятие", "event", N_("The number of the event in the cluster’s plan."), 14, low=1, high=99
)
_YEAR = Field("year", HEADINGS["year"], "year", N_("As in 2020-2021."), 11)
_ITEM = Field("item", "Задание", "item", N_("The label of the task in the work: 5, 11.1 or 4К1."), 9)
_SUBJECT = Field("subject", "Предмет", "choice", N_("The subject."), 14, choices="subject")
_GRADE = Field("grade", "Параллель", "whole", N_("The grade as a number from 1 to 12."), 11, low=1, high=12)
_SKILL = Field(
    "skill",
    "Умение",
    "choice",
    N_("The metasubject skill that is meant; may stay empty."),
    20,
    required=False,
    choices="skill",
)
_INSTRUMENT = Field(
    "instrument",
    "Инструмент",
    "code",
    N_("The id of the instrument: small Latin letters, digits, - and _, as in graphs-7-2020."),
    18,
)
_COMMENT = Field(
    "comment",
    "Комментарий",
    "words",
    N_("A comment, if there is need for one; without names."),
    28,
    required=False,
    longest=LONGEST_COMMENT,
)
_SHEET_NUMBER = N_("A running number of the sheet: 1, 2, 3 and so on.")

SURVEY = (
    _YEAR,
    _SCHOOL,
    _ROLE,
    Field("respondent", "№ анкеты", "whole", _SHEET_NUMBER, 9, low=1, high=9999),
)

PASSPORT = (
    _INSTRUMENT,
    _ITEM,
    _SUBJECT,
    _GRADE,
    _SKILL,
    Field("content", "Содержание (тема)", "words", N_("The topic in a few words, not the text of the task."), 30),
    Field("level", "Уровень", "choice", N_("Б basic, П raised or В high, as the authors intend."), 15, choices="level"),
    Field("max_score", "Максимальный балл", "number", N_("The greatest score of the task."), 14, low=0),
    Field("minutes", "Время, мин", "number", N_("Minutes intended for the task."), 9, required=False, low=0),
    Field("answer_type", "Вид ответа", "choice", N_("How the task is answered."), 17, choices="answer_type"),
    Field(
        "right_option",
        "Верный вариант",
        "item",
        N_("The letter of the right option, as in Б; only for tasks with options."),
        9,
        required=False,
    ),
    Field("status", "Состояние", "choice", N_("A draft, tried out, or in the bank."), 13, choices="item_status"),
    Field(
        "school",
        "Школа",
        "school",
        N_("The number of the school that made the task; may stay empty."),
        9,
        required=False,
    ),
)

SKILL_MATRIX = (
    _INSTRUMENT,
    Field("expert", "№ эксперта", "whole", N_("The number of the expert, never the name."), 10, low=1, high=999),
    _ITEM,
)

ACTIONS = (
    Field(
        "action", "№", "whole", N_("A running number in the school’s log; it stays with the row."), 5, low=1, high=9999
    ),
    Field("date", "Дата решения", "date", N_("The date of the decision, as in 15.10.2020."), 12),
    _SCHOOL,
    Field("subject", "Предмет", "choice", N_("The subject; may stay empty."), 14, required=False, choices="subject"),
    Field("grade", "Параллель", "whole", N_("The grade; may stay empty."), 11, required=False, low=1, high=12),
    Field("class", "Класс", "class", N_("The class, as in 7А; empty for the whole grade."), 8, required=False),
    _SKILL,
    Field("item", "Задание", "item", N_("The label of the task; may stay empty."), 9, required=False),
    Field(
        "prompt",
        "Какой результат побудил",
        "words",
        N_("The id of the work, or procedure, subject, grade and time in words; may stay empty."),
        22,
        required=False,
    ),
    Field("kind", "Что делается", "choice", N_("The kind of action."), 18, choices="action_kind"),
    Field("role", "Кто делает", "choice", N_("The role, never the name."), 15, choices="role"),
    Field("status", "Состояние", "choice", N_("Planned, done or cancelled."), 14, choices="action_status"),
    Field("done", "Дата выполнения", "date", N_("The date when it was done; empty until then."), 12, required=False),
    _COMMENT,
)

INDICATORS = (
    Field(
        "indicator",
        "Код показателя",
        "code",
        N_("A short code: small Latin letters, digits, - and _, as in charts_7."),
        14,
    ),
    Field("title", "Показатель", "words", N_("What the indicator says, in one line."), 36),
    Field("school", "Школа или кластер", "unit", N_("The number of the school, or «кластер»."), 11),
    _YEAR,
    Field("baseline", "Исходное значение", "number", N_("The value before the model was used."), 12, required=False),
    Field("target", "Цель", "number", N_("The value that is aimed at."), 10, required=False),
    Field("value", "Достигнуто", "number", N_("The value reached; empty until it is known."), 12, required=False),
    Field("unit", "Единица", "words", N_("The unit of the three values: share, %, points, number."), 12),
    Field("evidence", "Источник", "words", N_("Where the value comes from: work, form, date."), 28, required=False),
)

PARTICIPATION = (
    _EVENT,
    _SCHOOL,
    _ROLE,
    Field(
        "participants",
        "Участников",
        "whole",
        N_("How many people of the school took part in this role."),
        12,
        low=0,
        high=9999,
    ),
    Field(
        "talks",
        "Выступлений",
        "whole",
        N_("How many talks they gave; empty for none."),
        12,
        required=False,
        low=0,
        high=999,
    ),
)

FEEDBACK = (
    _EVENT,
    Field("respondent", "№ отзыва", "whole", _SHEET_NUMBER, 9, low=1, high=9999),
    _ROLE,
    _COMMENT,
)

ROSTER = (
    _SCHOOL,
    Field("class", HEADINGS["class"], "class", N_("Grade and letter: 7А."), 8),
    Field("surname", HEADINGS["surname"], "words", N_("As in the school’s records; it is not stored."), 18),
    Field("name", HEADINGS["name"], "words", N_("As in the school’s records; it is not stored."), 14),
    Field(
        "patronymic",
        HEADINGS["patronymic"],
        "words",
        N_("As in the school’s records; it is not stored."),
        18,
        required=False,
    ),
    Field("birth_date", HEADINGS["birth_date"], "date", N_("As in 15.10.2008; it is not stored."), 14, required=False),
    _YEAR,
    Field("season", HEADINGS["season"], "words", N_("What was written and when: «ВПР, осень» or «ВПР, весна»."), 18),
    Field("code", HEADINGS["code"], "words", N_("The five digits that the pupil had in this work."), 14),
)
