"""The cluster's own forms, described once: blanks, reader, writer and documents are made from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from oko.language import N_, gettext
from oko.records import register_fields as fields
from oko.records.form_lists import Lists
from oko.records.raw_form import EXAMPLE, RawForm
from oko.records.register_fields import Field
from oko.records.registers import COMMENT, REGISTERS

GUIDE, LISTS = "Как заполнять", "Списки"
EXAMPLE_MARK = "УЧЕБНЫЕ ДАННЫЕ: придуманы, школы и люди в них не описаны"


@dataclass(frozen=True)
class Spread:
    """Columns of a form that are one column of the table: a column for each code of a list.

    Attributes
    ----------
    choices : str
        The list of :mod:`oko.records.form_lists` whose codes are columns.
    name, value : str
        Columns of the table for the code and for the cell.
    low, high : int
        Least and greatest value.
    whole : bool
        Whole numbers alone.
    gaps : {"none", "zero"}
        What an empty cell is beside filled ones: no answer, or 0.
    about : str
        English message: what the numbers mean; it stands above the table and beside each cell.
    width : int
        Width of each column, characters.
    upright : bool
        Headings stand upright, so that many columns fit a page.
    """

    choices: str
    name: str
    value: str
    low: int
    high: int
    whole: bool
    gaps: Literal["none", "zero"]
    about: str
    width: int = 11
    upright: bool = False


@dataclass(frozen=True)
class Form:
    """One form.

    Attributes
    ----------
    kind : str
        Name of the blank: ``templates/forms/<kind>.xlsx``.
    title : str
        English message.
    sheet : str
        Russian name of the sheet that is filled.
    status : str
        English message, above the table: how far the form is an official or a tried one.
    rules : tuple of str
        English messages: what to mind when filling.
    fields : tuple of Field
        Columns in their order.
    table : str
        Table of the store; empty for a form that is not stored as it stands.
    spread : Spread or None
        Further columns.
    edition : str
        Code of the edition, for forms whose wording may change.
    rows : int
        Number of rows prepared.
    """

    kind: str
    title: str
    sheet: str
    status: str
    rules: tuple[str, ...]
    fields: tuple[Field, ...]
    table: str
    spread: Spread | None = None
    edition: str = ""
    rows: int = 200

    @property
    def required(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.required)

    @property
    def first(self) -> tuple[Field, ...]:
        """Columns before those that are spread."""
        return tuple(field for field in self.fields if field not in self.last)

    @property
    def last(self) -> tuple[Field, ...]:
        """Columns after those that are spread: the comment."""
        return tuple(field for field in self.fields if self.spread and field.name == COMMENT)


_ONE_ROW = N_("Begin under the headings, one row after another; do not change the headings, do not merge cells.")
_LISTS = N_("Where a cell offers a list, choose from it; what each list means is on the sheet “Списки”.")
_NO_NAMES = N_(
    "No names of people, phone numbers or e-mail addresses in any cell: a file that holds them is not taken. "
    "People are named by their role."
)
_SCALE = N_("Answers are whole numbers: 1 disagree, 2 rather disagree, 3 hard to say, 4 rather agree, 5 agree.")
_NO_ANSWER = N_("An empty cell means that the statement was not answered.")
_WEIGHTS = N_("1: the task cannot be done without the skill; 0: it can. Parts such as 0.5 are allowed.")
_OWN = N_("The cluster’s own form: it is not an official one.")
_OWN_WORDING = N_("The cluster’s own form and wording: not official, not tried out yet.")
_OWN_SKILLS = N_("The cluster’s own form; its list of skills is an initial one, not confirmed by an official source.")

FORMS: Mapping[str, Form] = {
    form.kind: form
    for form in (
        Form(
            "survey",
            N_("Self-study: how our school uses the results of assessment procedures"),
            "Анкета",
            _OWN_WORDING,
            (
                N_("One row a respondent. The questionnaire is anonymous: the number is a running one."),
                _SCALE,
                _NO_ANSWER,
                _LISTS,
                _NO_NAMES,
                _ONE_ROW,
            ),
            fields.SURVEY,
            "survey",
            Spread("survey", "statement", "answer", 1, 5, whole=True, gaps="none", about=_SCALE, width=6, upright=True),
            edition="self-study-1",
        ),
        Form(
            "passport",
            N_("Passports of tasks"),
            "Паспорта",
            _OWN_SKILLS,
            (
                N_("One row a task: what it is for and how it is scored."),
                N_("The text of the task never stands here: a cell longer than 200 characters is not taken."),
                _LISTS,
                _NO_NAMES,
                _ONE_ROW,
            ),
            fields.PASSPORT,
            "passports",
        ),
        Form(
            "skill_matrix",
            N_("Experts’ matrix: which skills each task needs"),
            "Матрица",
            _OWN_SKILLS,
            (
                N_("One row an expert and a task. Each expert fills the rows alone, before any discussion."),
                _WEIGHTS,
                N_("An empty cell in a row that is filled counts as 0; a row without any number was not judged."),
                N_("Experts are numbers; the list of numbers and names stays with the coordinator."),
                _ONE_ROW,
            ),
            fields.SKILL_MATRIX,
            "skills",
            Spread("skill", "skill", "weight", 0, 1, whole=False, gaps="zero", about=_WEIGHTS, width=6, upright=True),
        ),
        Form(
            "actions",
            N_("Log of actions: what was done because of results"),
            "Действия",
            _OWN_SKILLS,
            (
                N_("One row a decision. When it is done or cancelled, change the same row and keep its number."),
                N_("Say which result prompted it: the work’s id, or in words: «ВПР математика 6 класс осень 2020»."),
                _LISTS,
                _NO_NAMES,
                _ONE_ROW,
            ),
            fields.ACTIONS,
            "actions",
        ),
        Form(
            "indicators",
            N_("Indicators of the model"),
            "Показатели",
            _OWN,
            (
                N_("One row an indicator in a school year; the same code in every year and school."),
                N_("The baseline and the target are written down before the model is used, and not changed later."),
                N_("Numbers without a sign of per cent: the unit stands in its own column."),
                _NO_NAMES,
                _ONE_ROW,
            ),
            fields.INDICATORS,
            "indicators",
        ),
        Form(
            "participation",
            N_("Participation in events"),
            "Участие",
            _OWN,
            (N_("One row a school and a role at an event: numbers of people, never their names."), _LISTS, _ONE_ROW),
            fields.PARTICIPATION,
            "participation",
        ),
        Form(
            "feedback",
            N_("Feedback on an event"),
            "Отзывы",
            _OWN_WORDING,
            (
                N_("One row a sheet of feedback. The sheets are anonymous: the number is a running one."),
                _SCALE,
                _NO_ANSWER,
                _LISTS,
                _NO_NAMES,
                _ONE_ROW,
            ),
            fields.FEEDBACK,
            "feedback",
            Spread("feedback", "statement", "answer", 1, 5, whole=True, gaps="none", about=_SCALE),
        ),
        Form(
            "roster",
            N_("The school’s roster of codes: it stays at the school"),
            "Список",
            N_("This file stays at the school: it is not sent to anybody and not put into a shared folder."),
            (
                N_("It joins the participant’s codes of one pupil over the years; names are never stored."),
                N_("When it is read, pseudonyms are made of the names at once, and nothing else is kept of them."),
                N_("One row a pupil and a code of one work."),
                _ONE_ROW,
            ),
            fields.ROSTER,
            "",
            rows=1000,
        ),
    )
}


def guide(form: Form, lists: Lists) -> list[str | tuple[str, str, str]]:
    """Return how to fill a form, in the language in force: lines of text, and rows of its tables.

    Parameters
    ----------
    form : Form
    lists : Lists

    Returns
    -------
    list
        A table begins after an empty line, with its headings.
    """
    lines: list[str | tuple[str, str, str]] = [gettext(form.title), gettext(form.status)]
    lines += [f"{number}. {gettext(rule)}" for number, rule in enumerate(form.rules, start=1)]
    lines += ["", (gettext("Column"), gettext("How to fill it"), gettext("Must it be filled"))]
    words = {True: gettext("yes"), False: gettext("no")}
    lines += [(field.heading, gettext(field.about), words[field.required]) for field in (*form.first, *form.last)]
    return lines if form.spread is None else [*lines, *_spread_guide(form.spread, lists)]


def _spread_guide(spread: Spread, lists: Lists) -> list[str | tuple[str, str, str]]:
    """Return the columns that are spread, those of one block under its name."""
    lines: list[str | tuple[str, str, str]] = ["", (gettext("Column"), gettext("What it says"), gettext("Values"))]
    blocks, block = spread.choices + "_block", ""
    for code in lists.codes(spread.choices):
        if blocks in lists.words and code[0] != block:
            block = code[0]
            lines.append(lists.text(blocks, block))
        lines.append((f"[{code}]", lists.text(spread.choices, code), f"{spread.low}–{spread.high}"))
    return lines


def _raw_form(form: Form) -> RawForm:
    schema = REGISTERS[form.table]
    names = [name for name in schema.columns if name not in {EXAMPLE, "source"}]
    required = tuple(name for name in names if not schema.columns[name].nullable)
    optional = tuple(name for name in names if name not in required)
    return RawForm(
        form.table, required, (*optional, EXAMPLE), form.table, str(schema.description), tuple(schema.unique or ())
    )


REGISTER_FORMS: Mapping[str, RawForm] = {form.table: _raw_form(form) for form in FORMS.values() if form.table}
