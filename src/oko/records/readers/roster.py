"""The roster that a school keeps: which pupil had which participant's code in which campaign.

Names are turned into pseudonyms row by row and leave with the function that read them: what is handed over holds
pseudonyms and row numbers alone. The form is the workbench's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.pseudonyms import Pseudonyms, date_or_none, normal
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable, Reading
from oko.records.readers.context import Context
from oko.records.readers.headings import clean, columns
from oko.records.readers.layout import Layout
from oko.records.readers.roster_people import CHECK, CODE, COLUMNS
from oko.records.readers.sheets import Sheet
from oko.records.tokens import class_label

HEADINGS: Mapping[str, str] = {
    "school": "Школа",
    "class": "Класс",
    "surname": "Фамилия",
    "name": "Имя",
    "patronymic": "Отчество",
    "birth_date": "Дата рождения",
    "year": "Учебный год",
    "season": "Процедура, время",
    "code": CODE,
}
SEASON_WORDS: Mapping[str, str] = {"autumn": "осень", "winter": "зима", "spring": "весна", "year": "год"}
FULL_NAME = ("фио", "ф.и.о.", "ф. и. о.", "фамилия, имя, отчество", "фамилия имя отчество")

_YEARS = re.compile(r"(?P<first>20[0-9]{2})\s*[-/]\s*(?P<last>(?:20)?[0-9]{2})\b")
_STEMS = {
    "осен": "autumn",
    "autumn": "autumn",
    "зим": "winter",
    "winter": "winter",
    "весн": "spring",
    "spring": "spring",
}
_GRADE = re.compile(r"\s*([0-9]{1,2})")
_NO_SIGN = re.compile("[^0-9A-ZА-Я]")

_NO_KEY = N_(
    "The roster holds names, and the cluster has no key to make pseudonyms with: run “oko init --cluster {cluster}” "
    "first. Nothing of it was read."
)
_NO_SCHOOL = N_(
    'It is not known whose roster this is: add the column {heading}, or write school = "…" into a file received.toml '
    "in the folder."
)
_NO_ROWS = N_("The table has headings and no rows.")
_STRAY_SCHOOL = N_("The school is not among the cluster’s ({known}): correct it.")
_NO_NAME = N_("Surname or first name is empty: fill them in or delete the row.")
_NO_DATE = N_("The date of birth is no date (it is not shown): write it as 05.03.2008.")
_NO_YEAR = N_("The school year is empty or none: write it as 2020-2021.")
_NO_SEASON = N_("It is not said when in the year the work was held: write осень or весна.")
_NO_CODE = N_("The code is not five digits (it is not shown): correct it.")


@dataclass(frozen=True)
class _Place:
    """Where the table stands: the sheet, its heading row, and the columns by name ("full" is the whole name)."""

    sheet: Sheet
    row: int
    columns: Mapping[str, int]


def _place(sheets: Sequence[Sheet]) -> _Place | None:
    for sheet in sheets:
        for row, cells in enumerate(sheet.top):
            if not any(cell.startswith("код участника") for cell in cells):
                continue
            wanted = dict(HEADINGS)
            full = next((place for place, cell in enumerate(cells) if cell in FULL_NAME), None)
            if full is not None:
                wanted = {name: text for name, text in wanted.items() if name not in ("surname", "name", "patronymic")}
            found = columns(sheet.frame, row, wanted) | ({"full": full} if full is not None else {})
            if {"code", "year", "season"} <= set(found) and ("full" in found or {"surname", "name"} <= set(found)):
                return _Place(sheet, row, found)
    return None


def recognises(sheets: Sequence[Sheet]) -> bool:
    """Whether sheets are a roster: names beside codes, a school year and a procedure."""
    return _place(sheets) is not None


def read(sheets: Sequence[Sheet], context: Context) -> Reading:
    """Read a roster into links of pseudonyms.

    Parameters
    ----------
    sheets : sequence of Sheet
    context : Context
        With pseudonyms.

    Returns
    -------
    Reading
        One table of kind links: of each row that names a pupil the pseudonyms and what tells pupils of one name apart
        (:func:`oko.records.readers.roster_people.who_is_who`), and whether a cell of the roster is faulty.

    Raises
    ------
    DataError
        There is no key, it is not known whose roster it is, or no column holds codes.
    """
    place = _place(sheets)
    if place is None:
        raise DataError("The headings are not those of the form; take its blank again.")
    if context.pseudonyms is None:
        raise DataError(_NO_KEY, cluster=context.cluster.code)
    if "school" not in place.columns and context.told.school is None:
        raise DataError(_NO_SCHOOL, heading=f"«{HEADINGS['school']}»")
    rows, findings = _rows(place, context, context.pseudonyms)
    if rows.empty:
        findings.append(Finding(context.file, None, None, _NO_ROWS, sheet=place.sheet.name, check=CHECK))
    ordered = tuple(sorted(findings, key=lambda finding: finding.row or 0))
    return Reading("roster", (RawTable("links", context.file, _known(rows.assign(faulty=bool(findings))), ordered),))


def _rows(place: _Place, context: Context, pseudonyms: Pseudonyms) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a row of pseudonyms for each row of the roster, and what is wrong with its cells."""
    table = place.sheet.frame.iloc[place.row + 1 :]
    names = [name for name in (*HEADINGS, "full") if name in place.columns]
    made: list[dict[str, object]] = []
    findings: list[Finding] = []
    for index, cells in zip(table.index, table[[place.columns[name] for name in names]].to_numpy(), strict=True):
        person = {name: clean(str(cell)) for name, cell in zip(names, cells, strict=True)}
        if any(text for name, text in person.items() if name not in ("school", "year", "season", "class")):
            row, faults = _row(person, context, pseudonyms)
            where = {FILE: context.file, SHEET: place.sheet.name, ROW: int(index) + 1}
            made.append(row | where)
            findings += [
                Finding(context.file, int(index) + 1, heading, message, values, sheet=place.sheet.name, check=CHECK)
                for heading, message, values in faults
            ]
    return pd.DataFrame(made, columns=list(COLUMNS)), findings


_Fault = tuple[str, str, Mapping[str, object]]


def _row(person: Mapping[str, str], context: Context, pseudonyms: Pseudonyms) -> tuple[dict[str, object], list[_Fault]]:
    """Make the pseudonyms of one row; what is wrong with it is told without its cells."""
    faults: list[_Fault] = []
    written = person.get("school", "")
    school = context.school(written) if written else str(context.told.school or "")
    if school not in context.cluster.school_codes:
        faults.append((HEADINGS["school"], _STRAY_SCHOOL, {"known": ", ".join(context.cluster.school_codes)}))
    names = _names(person)
    if not all(normal(name) for name in names[: 1 if "full" in person else 2]):
        faults.append(("ФИО" if "full" in person else HEADINGS["surname"], _NO_NAME, {}))
    born = date_or_none(person.get("birth_date", ""))
    if born is None:
        faults.append((HEADINGS["birth_date"], _NO_DATE, {}))
    code, year, season, wrong = _campaign(person, context)
    faults += wrong
    alias = pseudonyms.of_code(school, year, season, code) if code and not wrong else None
    grade = _GRADE.match(person.get("class", ""))
    told = not faults or faults == wrong
    return {
        "class": _NO_SIGN.sub("", class_label(person.get("class", "")).kept or "") or None,
        "cohort": int(year[:4]) - int(grade[1]) if grade and year else None,
        "campaign": f"{year} {season}",
        "year": year,
        "born": bool(born),
        "name_alias": pseudonyms.of_name(school, *names) if told else None,
        "pupil": pseudonyms.of_pupil(*names, born or "", school) if told else None,
        "code_alias": alias if told else None,
    }, faults


def _names(person: Mapping[str, str]) -> tuple[str, str, str]:
    if "full" in person:
        return person["full"], "", ""
    return person["surname"], person["name"], person.get("patronymic", "")


def _campaign(person: Mapping[str, str], context: Context) -> tuple[str, str, str, list[_Fault]]:
    """Return code, school year and season of a row, and what is wrong with them."""
    code = person["code"].replace(" ", "")
    year = (_year(person["year"]) if person["year"] else context.told.year) or ""
    low = person["season"].casefold()
    season = next((code for stem, code in _STEMS.items() if stem in low), "") or str(context.told.season or "")
    if not season and re.search(r"\bгод\b|\byear\b", low):
        season = "year"
    faults: list[_Fault] = []
    if code and not re.fullmatch("[0-9]{5}", code):
        faults.append((HEADINGS["code"], _NO_CODE, {}))
    if not year and (code or person["year"]):
        faults.append((HEADINGS["year"], _NO_YEAR, {}))
    if not season and code:
        faults.append((HEADINGS["season"], _NO_SEASON, {}))
    return code, year, season, faults


def _year(text: str) -> str | None:
    match = _YEARS.search(normal(text))
    if match is None or int(match["first"][2:]) + 1 != int(match["last"][-2:]):
        return None
    return f"{match['first']}-{int(match['first']) + 1}"


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    known = rows.loc[rows["pupil"].notna(), list(COLUMNS)].reset_index(drop=True)
    numbers = {"born": "bool", "cohort": "float64", "faulty": "bool", ROW: "int64"}
    return known.astype(dict.fromkeys(COLUMNS, "str") | numbers)


LAYOUTS: tuple[Layout, ...] = (
    Layout("roster", N_("The school’s roster: names beside participants’ codes"), recognises, read),
)
