"""Names of procedures, subjects, seasons and kinds of schools in both languages, from ``data/external/names.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oko.errors import SettingError
from oko.language import current, gettext

WHERE = "data/external/names.csv"


@dataclass(frozen=True)
class Names:
    """Words for the codes that tables hold.

    Attributes
    ----------
    words : Mapping
        (kind, code) to (Russian, English).
    """

    words: Mapping[tuple[str, str], tuple[str, str]]

    def text(self, kind: str, code: str) -> str:
        """Return a name in the language in force; a code without one is its own name.

        Examples
        --------
        >>> Names({("subject", "physics"): ("Физика", "Physics")}).text("subject", "physics")
        'Физика'
        """
        words = self.words.get((kind, code))
        return code if words is None else words[0 if current() == "ru" else 1]

    def places(self, kind: str) -> dict[str, int]:
        """Return the place of each code of a kind in the file of names: things are shown in this order."""
        return {code: place for place, code in enumerate(code for of, code in self.words if of == kind)}

    def assessment_title(self, row: Any) -> str:
        """Return the title of an assessment.

        Parameters
        ----------
        row : object
            procedure, subject, season, year, material_grade and pupil_grade as attributes.
        """
        parts = [self.text("procedure", row.procedure), self.text("subject", row.subject).lower()]
        material, pupils = _grade(row.material_grade), _grade(row.pupil_grade)
        if material and pupils and material != pupils:
            text = gettext("material of grade {material}, written in grade {pupils}")
            parts.append(text.format(material=material, pupils=pupils))
        elif material or pupils:
            parts.append(gettext("grade {grade}").format(grade=material or pupils))
        parts.append(self.when(row.season, row.year))
        return ", ".join(part for part in parts if part)

    def when(self, season: str, year: str) -> str:
        """Return season and calendar year: the autumn of 2020-2021 is 2020, its spring 2021."""
        first, _, last = year.partition("-")
        if season == "year":
            return year
        calendar = first if season == "autumn" else last or first
        return f"{self.text('season', season)} {calendar}"


def _grade(value: object) -> int:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return 0


def read_names(root: Path) -> Names:
    """Read the names.

    Raises
    ------
    SettingError
        The file is missing, or a column of it.
    """
    try:
        with (root / WHERE).open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        return Names({(row["kind"], row["code"]): (row["ru"], row["en"]) for row in rows})
    except OSError as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=WHERE, detail=error.strerror) from error
    except KeyError as error:
        raise SettingError("File {where}: column {column} is missing.", where=WHERE, column=error) from error
