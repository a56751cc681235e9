"""A project folder of a test's own, with one cluster, a store and the studies that the test writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat

from oko.records import store
from oko.records.schema import Tables
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

CLUSTER = """
code = "tiny"
years = ["2019-2020", "2020-2021"]
example = true
source = "example"
[name]
ru = "Малый кластер"
en = "Tiny cluster"
[agreement]
names_schools = true
[[schools]]
code = "344"
name = { ru = "Лицей № 344", en = "Lyceum 344" }
lead = true
[[schools]]
code = "498"
name = { ru = "Гимназия № 498", en = "Gymnasium 498" }
"""

STUDY = """
[studies.{name}]
template = "school/{name}.ipynb"
unit = "school"
edition = "{edition}"
timeout = {timeout}
title = {{ ru = "Проба", en = "Trial" }}
question = {{ ru = "Вопрос?", en = "Question?" }}
[[studies.{name}.tables]]
name = "counts"
sensitivity = "{edition}"
columns = ["school", "n"]
about = {{ ru = "Сколько учеников.", en = "How many pupils." }}
"""

PARAMETERS = 'cluster = "tiny"\nyear = "2020-2021"\nschool = "344"\nlanguage = "ru"'
BEGIN = 'import oko\npage = oko.runs.begin("{name}", cluster=cluster, year=year, school=school, language=language)'
COUNT = (
    'counts = page.workspace.results(school=school, year=year).groupby("school").size().rename("n").reset_index()\n'
    'page.keep("counts", counts)'
)


class Project:
    """A project folder of its own, with one cluster, a store and studies written by the test."""

    def __init__(self, root: Path, tables: Tables) -> None:
        self.root = root
        (root / "data" / "clusters" / "tiny").mkdir(parents=True)
        (root / "data" / "clusters" / "tiny" / "cluster.toml").write_text(CLUSTER, encoding="utf-8")
        (root / "templates" / "school").mkdir(parents=True)
        (root / "templates" / "studies.toml").write_text("", encoding="utf-8")
        (root / "requirements.lock").write_text("", encoding="utf-8")
        (root / "data" / "external").mkdir()
        for name in ("names.csv", "forms.csv"):
            shutil.copy(Path(__file__).parents[1] / "data" / "external" / name, root / "data" / "external")
        store.write(root / "data" / "work" / "tiny" / "store", tables)

    def study(self, name: str, *cells: str, edition: str = "internal", timeout: int = 60) -> None:
        """Add a study whose template has the parameters, the beginning and these code cells."""
        first = nbformat.v4.new_code_cell(PARAMETERS)
        first.metadata["tags"] = ["parameters"]
        sources = [BEGIN.format(name=name), *cells]
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("## Вопрос"), first, *map(nbformat.v4.new_code_cell, sources)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.root / "templates" / "school" / f"{name}.ipynb")
        registry = self.root / "templates" / "studies.toml"
        text = registry.read_text(encoding="utf-8") + STUDY.format(name=name, edition=edition, timeout=timeout)
        registry.write_text(text, encoding="utf-8")

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.root, "tiny")
