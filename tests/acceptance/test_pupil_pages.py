"""Every pupil has one short sheet by pseudonym, each score with its error; no rank, no name."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def runs(example_year: YearMade) -> dict[str, Run]:
    return {run.unit.removeprefix("school-"): run for run in example_year.runs if run.name == "pupil_pages"}


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def sheets(run: Run) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(run.folder.glob("sheets/*.ru.html"))}


def test_every_pupil_has_one_sheet(runs: dict[str, Run]) -> None:
    for code, run in runs.items():
        heads = [head for text in sheets(run).values() for head in re.findall(r"<h3>\w+ ([0-9a-f]{10})</h3>", text)]
        pupils = table(run, "scores")["pupil"].unique()
        assert sorted(heads) == sorted(pupil[:10] for pupil in pupils), code
        assert len(set(heads)) == len(heads), code


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_keeper_finds_whose_every_sheet_is_by_the_lines_of_the_documentation(
    runs: dict[str, Run], example: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    text = (example.root / "docs" / f"privacy.{language}.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    (roster,) = (example.work / "raw" / "344").glob("Список кодов*.xlsx")
    result = tmp_path / "pseudonyms.csv"
    for said, here in (
        ("nevsky", "example"),
        ("/media/safe/roster.xlsx", str(roster)),
        ("/media/safe/pseudonyms.csv", str(result)),
    ):
        assert lines.count(said) == 1
        lines = lines.replace(said, here)
    monkeypatch.chdir(example.root)
    exec(compile(lines, "docs", "exec"), {})  # noqa: S102
    found = pd.read_csv(result, dtype=str)
    assert set(table(runs["344"], "scores")["pupil"].str[:10]) <= set(found["Псевдоним"])
    assert found["Псевдоним"].is_unique


def test_every_sheet_says_of_which_school_class_and_year_it_is(runs: dict[str, Run]) -> None:
    (text,) = (text for name, text in sheets(runs["344"]).items() if name.startswith("7a."))
    alone = text.split('<section class="pupil">')[1:]
    assert alone
    assert all("№ 344, 2020-2021. Ученики класса 7А." in each for each in alone)


def test_scores_have_an_error_and_no_rank(runs: dict[str, Run]) -> None:
    scores = table(runs["344"], "scores")
    vpr = scores[scores["assessment"].str.startswith("vpr-")]
    assert vpr["sem"].gt(0).all()
    assert (vpr["lower"] <= vpr["score"]).all()
    assert (vpr["upper"] >= vpr["score"]).all()
    text = "".join(sheets(runs["344"]).values()).lower()
    assert "рейтинг" not in text
    assert "лучше, чем" not in text


def test_a_skill_is_told_of_only_with_three_tasks_or_more(runs: dict[str, Run]) -> None:
    skills = table(runs["344"], "skills")
    assert skills["n_items"].min() >= 3
    assert skills["se"].gt(0).all()


def test_sheets_hold_pseudonyms_alone_and_stay_small(runs: dict[str, Run], example: Workspace) -> None:
    for code, run in runs.items():
        text = "".join(sheets(run).values())
        assert not re.search(r"[А-ЯЁ][а-яё]+(?:ович|евич|овна|евна)\b", text), code
        assert run.study.edition == "internal"
        assert max(map(len, sheets(run).values())) < 5_000_000
        assert (run.folder / run.page).stat().st_size < 5_000_000
