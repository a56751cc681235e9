"""What the cluster collects by its own forms: questionnaires, passports of tasks, actions, indicators, events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa

from oko.language import N_
from oko.records.schema import ASSESSMENT, CLASS, CODE, ITEM, LEVELS, OPTION, TEXT, matches
from oko.records.settings_files import YEAR_PATTERN

DATE = r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
ROLES = ("teacher", "department_head", "deputy", "principal", "methodologist", "psychologist", "other")
ANSWER_TYPES = ("choice", "short", "matching", "extended", "drawing", "practical")
ITEM_STATUSES = ("draft", "tried", "bank")
ACTION_KINDS = (
    "lesson", "programme", "extra_lessons", "individual_plan", "new_tasks", "retest", "lesson_visits", "training",
    "department_meeting", "parents", "other",
)  # fmt: skip
ACTION_STATUSES = ("planned", "done", "cancelled")
COMMENT = "comment"
LONGEST, LONGEST_COMMENT = 200, 500

PATTERN_WORDS: Mapping[str, str] = {DATE: N_("a date: 2021-04-15")}


def _text(description: str, pattern: str | None = None, *, nullable: bool = False) -> pa.Column:
    checks = [matches(pattern)] if pattern else []
    return pa.Column(TEXT, checks, description=description, nullable=nullable)


def _words(description: str, *, nullable: bool = False, longest: int = LONGEST) -> pa.Column:
    return pa.Column(TEXT, pa.Check.str_length(1, longest), description=description, nullable=nullable)


def _choice(description: str, allowed: tuple[str, ...]) -> pa.Column:
    return pa.Column(TEXT, pa.Check.isin(allowed), description=description)


def _whole(description: str, low: int, high: int, *, nullable: bool = False) -> pa.Column:
    return pa.Column("Int64", pa.Check.in_range(low, high), description=description, nullable=nullable)


def _number(description: str, *checks: pa.Check) -> pa.Column:
    return pa.Column("float64", list(checks), description=description, nullable=True)


def _at_most_one(values: pd.Series) -> Any:
    return values <= 1


def _schema(name: str, description: str, unique: list[str], columns: dict[str, pa.Column]) -> pa.DataFrameSchema:
    marks = {
        "example": pa.Column("bool", description="invented for training: true in every row of an example cluster"),
        "source": _text("file the row came from", nullable=True),
    }
    return pa.DataFrameSchema(
        {**columns, **marks}, name=name, strict=True, ordered=True, unique=unique, description=description
    )


_SCHOOL = _text("code of the school", CODE)
_ROLE = _choice("by role, never by name: who answers, acts or takes part", ROLES)
_RESPONDENT = _whole("running number of the sheet; it tells no person", 1, 9999)

SURVEY = _schema(
    "survey",
    "one row an answer of a respondent to a statement of the self-study",
    ["form", "year", "school", "respondent", "statement"],
    {
        "form": _text("edition of the questionnaire", CODE),
        "year": _text("school year that the answers are about", YEAR_PATTERN),
        "school": _SCHOOL,
        "role": _ROLE,
        "respondent": _RESPONDENT,
        "statement": _text("code of the statement", CODE),
        "answer": _whole("1 (disagree) to 5 (agree)", 1, 5),
    },
)

PASSPORTS = _schema(
    "passports",
    "one row a task of the cluster’s bank: what it is for, never its text",
    ["instrument", "item"],
    {
        "instrument": _text("id of the instrument", ASSESSMENT),
        "item": _text("label of the task in the instrument", ITEM),
        "subject": _text("school subject", CODE),
        "grade": _whole("grade that the task is meant for", 1, 12),
        "skill": _text("code of the metasubject skill that it is meant to show", CODE, nullable=True),
        "content": _words("topic of the subject, in a few words"),
        "level": _choice("level of difficulty that the authors intend", LEVELS),
        "max_score": _number("greatest score of the task", pa.Check.gt(0)),
        "minutes": _number("time intended for the task, minutes", pa.Check.gt(0)),
        "answer_type": _choice("how it is answered", ANSWER_TYPES),
        "right_option": _text("letter of the right option of a task with options", OPTION, nullable=True),
        "status": _choice("draft, tried out, or in the bank", ITEM_STATUSES),
        "school": _text("code of the school that made it", CODE, nullable=True),
    },
)

SKILLS = _schema(
    "skills",
    "one row an expert’s judgement: how far a task needs a skill",
    ["instrument", "expert", "item", "skill"],
    {
        "instrument": _text("id of the instrument", ASSESSMENT),
        "expert": _whole("number of the expert; the list of names stays with the coordinator", 1, 999),
        "item": _text("label of the task in the instrument", ITEM),
        "skill": _text("code of the metasubject skill", CODE),
        "weight": _number("0 (not needed) to 1 (needed)", pa.Check.ge(0), pa.Check(_at_most_one, name="at_most_one")),
    },
)

ACTIONS = _schema(
    "actions",
    "one row something that a school decided because of a result",
    ["school", "date", "action"],
    {
        "school": _SCHOOL,
        "date": _text("date of the decision", DATE),
        "action": _whole("running number in the school’s log", 1, 9999),
        "subject": _text("school subject", CODE, nullable=True),
        "grade": _whole("grade of the pupils", 1, 12, nullable=True),
        "class": _text("class: grade and letter", CLASS, nullable=True),
        "skill": _text("code of the metasubject skill", CODE, nullable=True),
        "item": _text("label of the task", ITEM, nullable=True),
        "assessment": _text("assessment whose result prompted it", ASSESSMENT, nullable=True),
        "prompt": _words("the same in the school’s words, where it is no assessment of the store", nullable=True),
        "kind": _choice("what is done", ACTION_KINDS),
        "role": _ROLE,
        "status": _choice("planned, done or cancelled", ACTION_STATUSES),
        "done": _text("date when it was done", DATE, nullable=True),
        "comment": _words("comment without names", nullable=True, longest=LONGEST_COMMENT),
    },
)

INDICATORS = _schema(
    "indicators",
    "one row a value of an indicator of the model in a school year",
    ["indicator", "school", "year"],
    {
        "indicator": _text("code of the indicator", CODE),
        "title": _words("what it says"),
        "school": _text("code of the school; empty for the cluster", CODE, nullable=True),
        "year": _text("school year", YEAR_PATTERN),
        "baseline": _number("value before the model was used"),
        "target": _number("value that was set as the aim"),
        "value": _number("value reached"),
        "unit": _words("unit of the three values"),
        "evidence": _words("where the value comes from", nullable=True),
    },
)

PARTICIPATION = _schema(
    "participation",
    "one row a school and a role at an event",
    ["event", "school", "role"],
    {
        "event": _whole("number of the event in the cluster’s plan", 1, 99),
        "school": _SCHOOL,
        "role": _ROLE,
        "participants": _whole("number of participants", 0, 9999),
        "talks": _whole("number of talks that they gave", 0, 999, nullable=True),
    },
)

FEEDBACK = _schema(
    "feedback",
    "one row an answer of a participant to a statement about an event, or a comment",
    ["event", "respondent", "statement"],
    {
        "event": _whole("number of the event in the cluster’s plan", 1, 99),
        "role": _ROLE,
        "respondent": _RESPONDENT,
        "statement": _text("code of the statement; comment for a comment", CODE),
        "answer": _whole("1 (disagree) to 5 (agree)", 1, 5, nullable=True),
        "comment": _words("comment without names", nullable=True, longest=LONGEST_COMMENT),
    },
)

REGISTERS: Mapping[str, pa.DataFrameSchema] = {
    schema.name: schema for schema in (SURVEY, PASSPORTS, SKILLS, ACTIONS, INDICATORS, PARTICIPATION, FEEDBACK)
}
