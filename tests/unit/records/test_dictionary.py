"""The data dictionary is the one that the schemas make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.records import dictionary
from oko.records.checks import all_checks
from oko.records.kinds import KINDS
from oko.records.raw_form import RAW_FORMS
from oko.records.readers import known
from oko.records.stored import STORED

ROOT = Path(__file__).parents[3]
OFFICIAL = {"А", "К", "ВПР", "ОГЭ", "ЕГЭ", "ФИС", "ОКО", "Ф", "не", "пройд", "м", "ж"}


@pytest.mark.parametrize("code", ["ru", "en"])
def test_the_page_is_current(code: str) -> None:
    page = ROOT / "docs" / f"data-dictionary.{code}.md"
    assert page.read_text(encoding="utf-8") == dictionary.markdown(code), "run “make docs”"


@pytest.mark.parametrize("code", ["ru", "en"])
def test_every_column_has_its_row(code: str) -> None:
    *_, received, stored = re.split(r"^## .*", dictionary.markdown(code), flags=re.M)
    for form in (*RAW_FORMS.values(), KINDS["groups"], KINDS["options"]):
        part = received.split(f"### {form.kind}\n")[1].split("###")[0]
        assert re.findall(r"^\| `(\w+)`", part, flags=re.M)[: len(form.columns)] == [
            name for name in form.columns if re.fullmatch(r"\w+", name)
        ]
    for schema in STORED.values():
        part = stored.split(f"### {schema.name}\n")[1].split("###")[0]
        assert re.findall(r"^\| `(\w+)`", part, flags=re.M) == list(schema.columns)


def test_every_layout_and_every_check_is_listed() -> None:
    page = dictionary.markdown("ru")
    for name in (*(layout.name for layout in known.FIXED), *(check.name for check in all_checks())):
        assert f"| `{name}` |" in page


def test_each_page_is_in_its_language() -> None:
    russian, english = dictionary.markdown("ru"), dictionary.markdown("en")
    words = re.sub(r"`[^`]*`", "", english)
    assert set(re.findall(r"[А-Яа-яё]+", words)) <= OFFICIAL
    descriptions = [line.split(" | ")[-1] for line in russian.splitlines() if line.startswith("| `")]
    assert all(re.search("[а-яё]", text) for text in descriptions)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SettingError, match="de"):
        dictionary.markdown("de")
