"""Words of the cluster's forms in both languages, by list: roles, statements, skills (``data/external/forms.csv``)."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from oko.errors import SettingError
from oko.language import current
from oko.records import names
from oko.records.events import Event

WHERE = "data/external/forms.csv"
SUBJECTS = ("mathematics", "physics", "chemistry", "biology", "geography", "informatics", "science", "general")


@dataclass(frozen=True)
class Lists:
    """Lists of codes and their words.

    Attributes
    ----------
    words : Mapping
        List to code to (Russian, English), in the order in which they are shown.
    """

    words: Mapping[str, Mapping[str, tuple[str, str]]]

    def codes(self, kind: str) -> tuple[str, ...]:
        """Return the codes of a list in their order."""
        return tuple(self.words[kind])

    def text(self, kind: str, code: str) -> str:
        """Return the words for a code in the language in force; a code without words is its own word."""
        words = self.words[kind].get(code)
        return code if words is None else words[0 if current() == "ru" else 1]

    def code(self, kind: str, text: str) -> str | None:
        """Return the code of words as a cell has them, or None where the list has none such.

        Parameters
        ----------
        kind : str
            A list.
        text : str
            The code itself, the words in either language, or either part of words with a part in brackets: завуч is
            «заместитель директора (завуч)». Case, blanks, ё and a full stop at the end do not matter.
        """
        return self._spellings[kind].get(_plain(text))

    @cached_property
    def _spellings(self) -> Mapping[str, Mapping[str, str]]:
        return {
            kind: {_plain(spelling): code for code, words in codes.items() for spelling in _spelled(code, words)}
            for kind, codes in self.words.items()
        }


def _spelled(code: str, words: tuple[str, str]) -> list[str]:
    parts = [part for text in words for part in re.fullmatch(r"(.*?)(?:\s*\((.*)\))?", text).groups("")]  # type: ignore[union-attr]
    return [*(part for part in parts if part), *words, code]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold().replace("ё", "е").rstrip(".")


def read_lists(root: Path, events: Sequence[Event] = ()) -> Lists:
    """Read the lists; that of subjects comes from the register of names, that of events from the cluster's plan.

    Parameters
    ----------
    root : Path
        The project's folder.
    events : sequence of Event
        Those of the plan of the cluster whose forms are read.

    Raises
    ------
    SettingError
        The file is missing, or a column of it.
    """
    words: dict[str, dict[str, tuple[str, str]]] = {}
    try:
        with (root / WHERE).open(encoding="utf-8", newline="") as source:
            for row in csv.DictReader(source):
                words.setdefault(row["kind"], {})[row["code"]] = (row["ru"], row["en"])
    except OSError as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=WHERE, detail=error.strerror) from error
    except KeyError as error:
        raise SettingError("File {where}: column {column} is missing.", where=WHERE, column=error) from error
    known = names.read_names(root).words
    words["subject"] = {code: known.get(("subject", code), (code, code)) for code in SUBJECTS}
    words["event"] = {str(event.number): (event.called.ru, event.called.en) for event in events}
    return Lists(words)
