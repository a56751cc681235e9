"""Every message has its Russian, with the same fields; every prose cell its English."""

from __future__ import annotations

import re
import string
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from oko import language
from oko.cli import VERBS
from oko.errors import SettingError
from oko.records.settings_files import _DETAILS
from oko.runs.cache import _REASONS

ROOT = Path(__file__).parents[2]
KEYWORDS = {
    "gettext": None, "_": None, "N_": None, "ngettext": (1, 2),
    **dict.fromkeys(("OkoError", "SettingError", "DataError", "StoreError", "MeasureError", "RunError", "ReleaseError")),
}  # fmt: skip


def russian() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((ROOT / "src" / "oko" / "locale" / "ru").glob("*.po")):
        for message in read_po(BytesIO(path.read_bytes()), locale="ru"):
            if message.id:
                key = message.id if isinstance(message.id, str) else message.id[0]
                found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def messages() -> set[str]:
    found = {*VERBS.values(), *_REASONS.values(), *_DETAILS.values()}
    for _, _, message, _, _ in extract_from_dir(ROOT / "src" / "oko", [("**.py", "python")], keywords=KEYWORDS):
        found.add(message if isinstance(message, str) else message[0])
    return found


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_message_has_its_russian() -> None:
    there = russian()
    assert not sorted(message for message in messages() if not all(there.get(message, ("",))))


def test_translations_have_the_same_fields() -> None:
    wrong = [
        key for key, forms in russian().items() for form in forms if "%(" not in key and fields(form) - fields(key)
    ]
    assert not wrong


def test_russian_messages_are_russian() -> None:
    for key, forms in russian().items():
        only_fields = not re.search("[A-Za-z]", re.sub(r"%\([a-z_]+\)[rs]|argument", "", key))
        assert only_fields or all(re.search("[А-Яа-яё]", form) for form in forms), key


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_every_prose_cell_has_its_english(path: Path) -> None:
    catalogue = language.read_catalogue(ROOT / "templates" / "locale" / "en", "en")
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert catalogue.gettext(cell.source) != cell.source, cell.source


@pytest.mark.parametrize(
    ("n", "words"),
    [(1, "1 школа"), (2, "2 школы"), (5, "5 школ"), (11, "11 школ"), (21, "21 школа"), (112, "112 школ")],
)
def test_russian_plurals(n: int, words: str, tmp_path: Path) -> None:
    from babel.messages.pofile import write_po

    catalogue = Catalog(locale="ru")
    catalogue.add(("{n} school", "{n} schools"), ("{n} школа", "{n} школы", "{n} школ"))
    with (tmp_path / "x.po").open("wb") as target:
        write_po(target, catalogue)
    assert language.read_catalogue(tmp_path, "ru").ngettext("{n} school", "{n} schools", n).format(n=n) == words


@pytest.mark.parametrize(
    ("value", "digits", "ru", "en"),
    [
        (1234567.891, 2, "1 234 567,89", "1,234,567.89"), (-0.004, 2, "0,00", "0.00"), (-1.5, 1, "−1,5", "−1.5"),
        (0, 0, "0", "0"), (float("nan"), 1, "–", "–"), (None, 1, "–", "–"), (float("inf"), 1, "–", "–"),
    ],
)  # fmt: skip
def test_numbers_are_written_in_the_language(value: float | None, digits: int, ru: str, en: str) -> None:
    assert language.number(value, digits).replace("\u00a0", " ") == ru
    with language.used("en"):
        assert language.number(value, digits) == en


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SettingError, match="de"):
        language.use("de")
