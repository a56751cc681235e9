"""The document that head teachers sign says what the code does: thresholds, settings, verbs, tables, examples."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import BaseModel

from oko import cli
from oko.disclosure import protect
from oko.errors import ReleaseError
from oko.records.cluster import THRESHOLD_FLOOR, Cluster
from oko.records.stored import STORED

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LANGUAGES = ("ru", "en")
TEXTS = {code: (DOCS / f"privacy.{code}.md").read_text(encoding="utf-8") for code in LANGUAGES}
DEFAULT = inspect.signature(protect).parameters["threshold"].default
SECTIONS: dict[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Cluster.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}
MARKS = {"ru": "**не подтверждено**", "en": "**unconfirmed**"}
LINKED = re.compile(r"\[[^\]]+\]\(([^)]+)\)")
CALLED = re.compile(r"\boko ([a-z]+)((?: [^\s`#|]+)*)")

both = pytest.mark.parametrize("code", LANGUAGES)


def flat(text: str) -> str:
    return " ".join(text.split())


def outline(text: str) -> list[int]:
    return [
        len(marks) for marks in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    ]


def tables(text: str) -> list[list[list[str]]]:
    """Return tables as rows of cells; the row of dashes is left out."""
    found = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    rows = [[line.strip().strip("|").split("|") for line in block.splitlines()] for block in found]
    return [[[cell.strip() for cell in row] for row in block if set("".join(row)) != {"-"}] for block in rows]


def settings(text: str) -> str:
    found = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def calls(text: str) -> Iterator[tuple[str, list[str]]]:
    for line in re.findall(r"`(oko [^`]+)`", text) + re.findall(r"^(oko .+)$", text, re.MULTILINE):
        for verb, words in CALLED.findall(line):
            yield verb, re.findall(r"--[a-z-]+", words)


@both
def test_thresholds_are_those_of_the_code(code: str) -> None:
    said = {
        "ru": (r"не меньше порога: (\d+) учеников.*?не ниже (\d+)", r"`threshold`: (\d+),.*?; меньше (\d+) ", r"порог: (\d+) или другое число, не меньше (\d+)"),
        "en": (r"threshold: (\d+) pupils.*?not below (\d+)", r"`threshold`: (\d+),.*?less than (\d+)", r"threshold: (\d+) or another number, not below (\d+)"),
    }  # fmt: skip
    for pattern in said[code]:
        found = re.search(pattern, flat(TEXTS[code]))
        assert found, pattern
        assert [int(number) for number in found.groups()] == [DEFAULT, THRESHOLD_FLOOR]
    assert tomllib.loads(settings(TEXTS[code]))["threshold"] == DEFAULT == Cluster.model_fields["threshold"].default


def test_disclosure_keeps_the_floor_that_settings_keep() -> None:
    table = pd.DataFrame({"n": [100, 200]})
    protect(table, threshold=THRESHOLD_FLOOR)
    with pytest.raises(ReleaseError):
        protect(table, threshold=THRESHOLD_FLOOR - 1)


@both
def test_every_setting_named_exists_and_the_form_asks_for_each(code: str) -> None:
    for section, key in re.findall(rf"`({'|'.join(SECTIONS)})\.([a-z_]+)`", TEXTS[code]):
        assert key in SECTIONS[section].model_fields, (section, key)
    lines = " ".join(row[-1] for row in tables(TEXTS[code])[-1])
    named = re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", lines)
    unknown = [name for name in named if name.partition(".")[0] not in Cluster.model_fields]
    assert not unknown
    asked = {f"{name}.{key}" for name in ("exchange", "agreement", "release") for key in SECTIONS[name].model_fields}
    assert asked | {"code", "name", "schools", "work", "threshold"} == set(named)


@both
def test_settings_shown_are_valid(code: str) -> None:
    shown: dict[str, Any] = tomllib.loads(settings(TEXTS[code]))
    name = {"ru": "Кластер", "en": "Cluster"}
    schools = [{"code": school, "name": name} for school in ("1", "2")]
    read = Cluster.model_validate({**shown, "code": "new", "name": name, "years": ["2020-2021"], "schools": schools})
    assert read.exchange.legal_basis
    assert not read.agreement.names_schools


@both
def test_every_verb_and_option_named_exists(code: str) -> None:
    helped: dict[str, str] = {}
    named = list(calls(TEXTS[code]))
    for verb in {verb for verb, _ in named}:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), pytest.raises(SystemExit):
            cli.main([verb, "--help"])
        helped[verb] = said.getvalue()
    options = [(verb, option) for verb, there in named for option in there]
    wrong = [(verb, option) for verb, option in options if not re.search(rf"{option}\b", helped[verb])]
    assert not wrong
    assert {"init", "import", "export", "forget", "release", "present"} <= set(helped)
    for target in re.findall(r"`make ([a-z]+)`", TEXTS[code]):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), target


@both
def test_every_table_of_the_store_is_named(code: str) -> None:
    named = [re.findall(r"`([a-z]+)", row[0])[0] for row in tables(TEXTS[code])[0][1:]]
    assert sorted(named) == sorted([*STORED, "responses"])


def test_both_languages_say_the_same() -> None:
    russian, english = (TEXTS[code] for code in LANGUAGES)
    assert outline(russian) == outline(english)
    assert [[len(row) for row in table] for table in tables(russian)] == [
        [len(row) for row in table] for table in tables(english)
    ]
    assert len(LINKED.findall(russian)) == len(LINKED.findall(english))
    assert settings(russian) == settings(english)
    assert list(calls(russian)) == list(calls(english))
    assert russian.count(MARKS["ru"]) == english.count(MARKS["en"]) > 0
    assert russian.count("\n- ") == english.count("\n- ")
    assert re.findall(r"\[\d+\]", russian) == re.findall(r"\[\d+\]", english)
    numbers = [re.findall(r"\d+", re.sub(r"`[^`]*`", "", text)) for text in (russian, english)]
    assert sorted(numbers[0]) == sorted(numbers[1])


@both
def test_every_link_leads_somewhere(code: str) -> None:
    for target in LINKED.findall(TEXTS[code]):
        assert (DOCS / target).is_file(), target
    for readme in ("README.md", "README.ru.md"):
        assert "docs/privacy." in (ROOT / readme).read_text(encoding="utf-8")


@both
def test_every_source_is_cited_and_every_citation_has_a_source(code: str) -> None:
    sources = re.split(r"^##+ .*$", TEXTS[code], flags=re.MULTILINE)[-2]
    listed = re.findall(r"^(\d+)\. \S", sources, re.MULTILINE)
    cited = set(re.findall(r"\[(\d+)\]", TEXTS[code]))
    assert cited == set(listed)
    assert [int(number) for number in listed] == [*range(1, len(cited) + 1)]


@both
def test_worked_example_is_what_the_code_does(code: str) -> None:
    example = next(table for table in tables(TEXTS[code]) if table[-1][1:] == ["88"] * 4)
    schools = pd.DataFrame([row[:2] for row in example[1:-1]], columns=["school", "n"]).astype({"n": int})
    assert schools["n"].sum() == int(example[-1][1])
    made = protect(schools, part="school", threshold=DEFAULT).frame
    hidden = [not cell.isdigit() for cell in (row[-1] for row in example[1:-1])]
    assert made["hidden"].tolist() == hidden
    for terms, result in re.findall(r"(\d+(?: − \d+)+) = (\d+)", TEXTS[code]):
        first, *rest = (int(term) for term in terms.split(" − "))
        assert first - sum(rest) == int(result)


@both
def test_bound_in_place_of_all_is_what_the_code_gives(code: str) -> None:
    found = re.search(
        {"ru": r"все (\d+)\..*?не меньше (\d+) %", "en": r"all (\d+) solved.*?at least (\d+) %"}[code],
        flat(TEXTS[code]),
    )
    assert found
    pupils, least = (int(number) for number in found.groups())
    made = protect(pd.DataFrame({"n": [pupils], "facility": [1.0]}), shares=["facility"], threshold=DEFAULT).frame
    assert made["bounded"].tolist() == ["facility"]
    assert made["facility"].tolist() == [pytest.approx(least / 100)]
