"""The data dictionary is the one that the schemas make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.records import dictionary
from oko.records.kinds import KINDS
from oko.records.raw_form import RAW_FORMS
from oko.records.stored import STORED

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("code", ["ru", "en"])
def test_the_page_is_current(code: str) -> None:
    page = ROOT / "docs" / f"data-dictionary.{code}.md"
    assert page.read_text(encoding="utf-8") == dictionary.markdown(code), "run “make docs”"


@pytest.mark.parametrize("code", ["ru", "en"])
def test_every_column_has_its_row(code: str) -> None:
    received, stored = re.split(r"^## .*", dictionary.markdown(code), flags=re.M)[1:]
    for form in (*RAW_FORMS.values(), KINDS["groups"]):
        part = received.split(f"### {form.kind}\n")[1].split("###")[0]
        assert re.findall(r"^\| `(\w+)`", part, flags=re.M)[: len(form.columns)] == [
            name for name in form.columns if re.fullmatch(r"\w+", name)
        ]
    for schema in STORED.values():
        part = stored.split(f"### {schema.name}\n")[1].split("###")[0]
        assert re.findall(r"^\| `(\w+)`", part, flags=re.M) == list(schema.columns)


def test_each_page_is_in_its_language() -> None:
    russian, english = dictionary.markdown("ru"), dictionary.markdown("en")
    words = re.sub(r"`[^`]*`", "", english)
    assert set(re.findall(r"[А-Яа-яё]+", words)) <= {"А", "К", "ВПР", "не", "пройд"}
    descriptions = [line.split(" | ")[-1] for line in russian.splitlines() if line.startswith("| `")]
    assert all(re.search("[а-яё]", text) for text in descriptions)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(SettingError, match="de"):
        dictionary.markdown("de")
