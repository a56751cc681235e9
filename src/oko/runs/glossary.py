"""Terms of the field and what they mean, from ``data/external/glossary.csv``."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from oko.errors import SettingError
from oko.language import current
from oko.show.glossary import Term

WHERE = "data/external/glossary.csv"
_CODE = r"[a-z][a-z0-9_]{0,39}"


def read_terms(root: Path) -> tuple[Term, ...]:
    """Read the terms in the language in force; without the file there are none.

    Parameters
    ----------
    root : Path
        The project's folder.

    Returns
    -------
    tuple of Term
        None where there is no such file: pages then explain nothing.

    Raises
    ------
    SettingError
        The file cannot be read, or a row of it is wrong: the message names it.
    """
    try:
        with (root / WHERE).open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, csv.Error) as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=WHERE, detail=error) from error
    language = current()
    return tuple(_term(row, language) for row in rows)


def _term(row: dict[str, str], language: str) -> Term:
    try:
        code, forms = row["id"], row[f"forms_{language}"]
        if not re.fullmatch(_CODE, code) or re.compile(forms).groups:
            raise ValueError(code)
        return Term(code, row[f"term_{language}"], forms, row[f"definition_{language}"])
    except (KeyError, ValueError, re.error) as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=WHERE, detail=error) from error
