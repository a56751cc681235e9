"""What a cluster has forgotten: pupils, schools and terms that every import leaves out."""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TextIO

import pandas as pd

from oko.errors import DataError, SettingError
from oko.language import N_, gettext
from oko.records.pseudonyms import Pseudonyms
from oko.records.schema import PUPIL, SEASONS
from oko.records.settings_files import CODE_PATTERN, YEAR_PATTERN

LIST, LOG = "forgotten.json", "forgotten.log"
What = Literal["pupil", "school", "term"]

_FORMS: Mapping[str, str] = {
    "pupil": PUPIL,
    "school": CODE_PATTERN,
    "term": rf"{YEAR_PATTERN.removesuffix('$')}( ({'|'.join(SEASONS)}))?$",
}
_ASKED = (N_("Surname"), N_("First name"), N_("Patronymic (may be empty)"), N_("Date of birth (may be empty)"))


@dataclass(frozen=True)
class Entry:
    """One thing that is forgotten.

    Attributes
    ----------
    what : {"pupil", "school", "term"}
    value : str
        A pseudonym, a school's code, or a school year and perhaps a season: ``2020-2021 autumn``.
    when, who : str
        Moment in UTC and the account that asked.
    """

    what: What
    value: str
    when: str = ""
    who: str = ""


def entry(what: What, value: str, who: str, when: datetime.datetime | None = None) -> Entry:
    """Make an entry of the list of what is forgotten.

    Raises
    ------
    SettingError
        The value has not the form of a pseudonym, a code or a term; it is not repeated, since it may be a name.

    Examples
    --------
    >>> entry("term", "2020-2021 autumn", "admin", datetime.datetime(2021, 6, 1)).when
    '2021-06-01T00:00:00'
    """
    if not re.fullmatch(_FORMS.get(what, "(?!)"), value):
        raise SettingError(
            "This cannot be forgotten (it is not shown): a pupil is told by a pseudonym, never by a name; a school by "
            "its code; a term as 2020-2021 or 2020-2021 autumn."
        )
    return Entry(what, value, (when or datetime.datetime.now(datetime.UTC)).isoformat(timespec="seconds"), who)


@dataclass(frozen=True)
class Forgotten:
    """All that a cluster has forgotten.

    Examples
    --------
    >>> gone = Forgotten((Entry("school", "498"), Entry("term", "2019-2020 spring")))
    >>> rows = pd.DataFrame({"school": ["344", "498"], "year": "2019-2020", "season": "autumn"})
    >>> gone.keeps(rows).tolist()
    [True, False]
    """

    entries: tuple[Entry, ...] = ()

    @cached_property
    def _values(self) -> dict[str, list[str]]:
        return {what: [entry.value for entry in self.entries if entry.what == what] for what in _FORMS}

    def keeps(self, results: pd.DataFrame) -> pd.Series:
        """Tell which rows may stay.

        Parameters
        ----------
        results : DataFrame
            Those of the columns school, pupil, year and season that it has: a row without a year is of no term.

        Returns
        -------
        Series of bool
            On the frame's index.
        """
        gone = pd.Series(False, results.index)
        for what in ("pupil", "school"):
            if what in results:
                gone |= results[what].isin(self._values[what])
        terms = self._values["term"]
        if "year" in results:
            gone |= results["year"].isin(terms)
            if "season" in results:
                gone |= (results["year"].astype("str") + " " + results["season"].astype("str")).isin(terms)
        return ~gone


def read(work: Path) -> Forgotten:
    """Read what a cluster has forgotten.

    Parameters
    ----------
    work : Path
        The cluster's work folder.

    Raises
    ------
    DataError
        The list is damaged: nothing may be imported until it is put right, or what was deleted would come back.
    """
    path = work / LIST
    if not path.exists():
        return Forgotten()
    try:
        rows = [
            {key: str(row[key]) for key in ("what", "value", "when", "who")} for row in json.loads(path.read_bytes())
        ]
        if not all(re.fullmatch(_FORMS.get(row["what"], "(?!)"), row["value"]) for row in rows):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(
            "The list of what was deleted is damaged: {path}. Put back a copy, or make it again from {log}: "
            "without it the deleted would come back.",
            path=path,
            log=LOG,
        ) from None
    return Forgotten(tuple(Entry(**row) for row in rows))  # type: ignore[arg-type]


def record(work: Path, entry: Entry) -> None:
    """Add an entry to the list that every import keeps to; one that stands there already is left."""
    known = read(work).entries
    if any((there.what, there.value) == (entry.what, entry.value) for there in known):
        return
    work.mkdir(parents=True, exist_ok=True)
    made = work / f".{LIST}"
    rows = [asdict(there) for there in (*known, entry)]
    made.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    made.replace(work / LIST)


def log(work: Path, entries: Sequence[Entry], rows: int) -> None:
    """Add a line for each entry to the log of deletions: time, what, how many rows of results in all, who."""
    with (work / LOG).open("a", encoding="utf-8") as target:
        for entry in entries:
            who = " ".join(entry.who.split()) or "–"
            target.write(f"{entry.when}\t{entry.what}\t{entry.value}\trows {rows}\t{who}\n")


def pupil_from_input(stream: TextIO, pseudonyms: Pseudonyms, school: str) -> tuple[str, ...]:
    """Read who is to be forgotten, and return the pseudonyms: a name is never a word of a call, which others can see.

    Parameters
    ----------
    stream : TextIO
        Four lines: surname, first name, patronymic, date of birth; the last two may be empty. At a keyboard each is
        asked for.
    pseudonyms : Pseudonyms
    school : str
        Code of the school.

    Returns
    -------
    tuple of str
        The pupil's pseudonym, that of the name in this school, and, where a date of birth was given, the one that the
        pupil has in rosters without it. A namesake whom files do not tell apart goes too.

    Raises
    ------
    SettingError
        Surname or first name is empty.
    DataError
        The date of birth is none.
    """
    surname, name, patronymic, birth_date = _lines(stream)
    if not surname or not name:
        raise SettingError("Surname and first name are needed, each on a line of its own.")
    pupil = pseudonyms.of_pupil(surname, name, patronymic, birth_date, school)
    undated = pseudonyms.of_pupil(surname, name, patronymic, "", school)
    alias = pseudonyms.of_name(school, surname, name, patronymic)
    return tuple(dict.fromkeys((pupil, alias, undated)))


def _lines(stream: TextIO) -> Iterator[str]:
    for words in _ASKED:
        if stream.isatty():
            print(f"{gettext(words)}: ", end="", file=sys.stderr, flush=True)
        yield stream.readline().strip()
