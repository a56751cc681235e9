"""Every class has its sheet; the school with raised marks shows in the lists; sheets hold pseudonyms alone."""

from __future__ import annotations

import json
import re

import pandas as pd
import pypdf
import pytest

from oko.runs.plan import Run
from oko.runs.sheets import slug
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def runs(example_year: YearMade) -> dict[str, Run]:
    return {run.unit.removeprefix("school-"): run for run in example_year.runs if run.name == "class_briefs"}


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def test_every_class_has_its_sheet(runs: dict[str, Run], example: Workspace) -> None:
    for code, run in runs.items():
        taken = example.results(year=example.cluster.latest_year, school=code)
        classes = set(taken.loc[taken["status"] == "took", "class"].dropna())
        sheets = {path.name for path in run.folder.glob("sheets/*.ru.html")}
        assert sheets == {f"{slug(name)}.ru.html" for name in classes}, code


def test_the_document_has_a_page_for_every_class_and_the_glossary_on_none(runs: dict[str, Run]) -> None:
    for code, run in runs.items():
        found = [page.extract_text() for page in pypdf.PdfReader(run.folder / "page.ru.pdf").pages]
        sheets = [number for number, text in enumerate(found) if "Где стоит класс?" in text]
        assert len(sheets) == len(list(run.folder.glob("sheets/*.ru.html"))), code
        assert sheets == list(range(sheets[0], sheets[0] + len(sheets))), code
        assert "Словарь" not in "".join(found[number] for number in sheets), code


def test_the_school_with_raised_journal_marks_has_the_most_disagreement(
    runs: dict[str, Run], example: Workspace
) -> None:
    biased = json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8"))["bias"]["school"]
    share = {}
    for code, run in runs.items():
        taken = example.results(year=example.cluster.latest_year, school=code)
        far = table(run, "journal")
        share[code] = (far["journal_mark"] > far["mark"]).sum() / taken["mark"].notna().sum()
    assert share.pop(biased) > 1.8 * max(share.values())


def test_a_sheet_says_where_the_class_stands_with_its_interval(runs: dict[str, Run]) -> None:
    text = (runs["344"].folder / "sheets" / "7a.ru.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    row = table(runs["344"], "classes").query("`class` == '7А' and assessment == 'vpr-mathematics-7-spring-2021'")
    assert len(row) == 1
    assert f"{round(100 * row['mean'].iloc[0])} % ({round(100 * row['lower'].iloc[0])}–" in text
    assert "чью-либо работу он не оценивает" in text


def test_a_listed_task_is_below_the_cluster_beyond_the_interval(runs: dict[str, Run]) -> None:
    for run in runs.values():
        tasks = table(run, "tasks")
        assert (tasks["upper"] < tasks["cluster_facility"]).all()
        assert (tasks["n"] >= 10).all()


def test_pupils_are_known_by_pseudonym_alone(runs: dict[str, Run]) -> None:
    far = table(runs["572"], "journal")
    text = "".join(path.read_text(encoding="utf-8") for path in runs["572"].folder.glob("sheets/*.ru.html"))
    assert all(pupil[:10] in text for pupil in far["pupil"])
    assert not re.search(r"[А-ЯЁ][а-яё]+(?:ович|евич|овна|евна)\b", text)
