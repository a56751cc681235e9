"""The head that every export of ФИС ОКО has above its table, and the kinds of groups that its lines name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pandas as pd

from oko.language import N_
from oko.records.readers import Finding, Phrase, RawTable
from oko.records.readers.context import Context, Work, school_year, work_in
from oko.records.readers.headings import clean, login, municipality
from oko.records.readers.sheets import Sheet

PROCEDURE, SUBJECT, MAXIMUM, DATE = "впр", "предмет:", "максимальный первичный балл:", "дата:"
_SAMPLE = re.compile(r"вся\s+выборка", re.IGNORECASE)
_COUNTRY = re.compile(r"рф|российская федерация|россия", re.IGNORECASE)
_DISTRICT = re.compile(r"\bрайон|муниципальн|городской округ", re.IGNORECASE)
_SEASON_SAID = re.compile("осен|весн|зим", re.IGNORECASE)
_SEASONS = {"autumn": N_("autumn"), "spring": N_("spring")}
_OTHER_SEASON = N_(
    "The title says {title} and the date {date}: the date was believed, so the work is of {season} {year}. "
    "If that is wrong, write season into received.toml."
)


@dataclass(frozen=True)
class Head:
    """What the lines above a table say.

    Attributes
    ----------
    work : Work
        As far as the lines tell it.
    max_score : str
        Greatest primary score; empty where no line says it.
    findings : tuple of Finding
    """

    work: Work
    max_score: str
    findings: tuple[Finding, ...] = ()


def head_of(sheet: Sheet, row: int, context: Context) -> Head:
    """Read the lines above a heading row.

    Parameters
    ----------
    sheet : Sheet
        «ВПР 2021 Математика 7 класс» stands in row 3, then «Предмет:», «Максимальный первичный балл:» and «Дата:», each
        with its value in the same cell or in the next that is not empty.
    row : int
        Index of the heading row.
    context : Context

    Returns
    -------
    Head

    Notes
    -----
    A calendar year in the title does not tell autumn from spring; the date does, where it lies in the same calendar
    year. A date in another year may be that of the export and is passed over. What was told goes before both.
    """
    above = sheet.frame.iloc[:row]
    titles = [clean(cell) for line in above.to_numpy() for cell in line if clean(cell).lower().startswith(PROCEDURE)]
    title = titles[0] if titles else ""
    date = line_value(above, DATE)
    most = line_value(above, MAXIMUM)
    named = work_in(title).filled(Work(subject=work_in(line_value(above, SUBJECT)).subject))
    work, dated = _when(named, title, date, context)
    findings: tuple[Finding, ...] = ()
    if dated:
        values = {"title": title, "date": date, "season": Phrase(_SEASONS[str(work.season)]), "year": _calendar(work)}
        where = context.file, None, None
        findings = (Finding(*where, _OTHER_SEASON, values, "warning", sheet.name, "recognised"),)
    return Head(work, most if most.isdecimal() else "", findings)


def line_value(above: pd.DataFrame, label: str) -> str:
    """Return what stands after a label: in its own cell, or in the next of the row that is not empty."""
    for line in above.to_numpy():
        cells = [clean(cell) for cell in line]
        for place, cell in enumerate(cells):
            if cell.lower().startswith(label):
                rest = [cell[len(label) :].strip(), *cells[place + 1 :]]
                return next((text for text in rest if text), "")
    return ""


def _when(named: Work, title: str, date: str, context: Context) -> tuple[Work, bool]:
    """Tell the season: whether it is the date that says otherwise than the title is the second value."""
    dated = work_in(date)
    if named.year is None:
        return named.filled(Work(year=dated.year, season=dated.season)), False
    if named.season is None or _SEASON_SAID.search(title):
        return named, False
    calendar, told = _calendar(named), context.told.season
    if told is not None:
        return replace(named, season=told, year=_school_year(calendar, told)), False
    if dated.season in {None, named.season} or _calendar(dated) != calendar:
        return named, False
    return replace(named, season=dated.season, year=dated.year), True


def _calendar(work: Work) -> int:
    first, _, last = str(work.year).partition("-")
    return int(first if work.season == "autumn" else last)


def _school_year(calendar: int, season: str) -> str:
    return school_year(calendar, 9 if season == "autumn" else 4)


def group_level(text: str, context: Context) -> tuple[str, str]:
    """Tell what kind of group a line is about.

    Parameters
    ----------
    text : str
        As in Вся выборка, <субъект РФ>, <муниципалитет>(reg20_m012), <ОО>(edu000000).
    context : Context

    Returns
    -------
    level : str
        sample, country, region, municipality or school.
    school : str
        Code of the school, where the group is one; otherwise empty.

    Notes
    -----
    Without a code in brackets a school is known by its number, a municipality by its words (район, городской округ);
    that a district of St Petersburg is the municipal line is unconfirmed.
    """
    written = clean(text)
    if login(written):
        return "school", context.school(written)
    if municipality(written):
        return "municipality", ""
    if _SAMPLE.match(written):
        return "sample", ""
    if _COUNTRY.fullmatch(written):
        return "country", ""
    if (code := context.school(written)) in context.cluster.school_codes:
        return "school", code
    return ("municipality" if _DISTRICT.search(written) else "region"), ""


def implied_assessment(
    work: Work, max_score: str, sheet: Sheet, row: int, context: Context, findings: tuple[Finding, ...] = ()
) -> RawTable:
    """Return the row of the table of assessments that a report implies."""
    frame = pd.DataFrame([work.row() | {"max_score": max_score}], dtype="str")
    return RawTable("assessments", context.file, with_places(frame, sheet, [row + 1], context), findings, implied=True)


def with_places(frame: pd.DataFrame, sheet: Sheet, rows: object, context: Context) -> pd.DataFrame:
    """Give rows the columns ``#file``, ``#sheet`` and ``#row``; rows are counted from 1."""
    index = frame.index
    texts = {"#file": pd.Series(context.file, index, dtype="str"), "#sheet": pd.Series(sheet.name, index, dtype="str")}
    return frame.assign(**texts, **{"#row": pd.Series(rows, index, dtype="int64")})
