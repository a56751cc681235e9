"""A project in which every text that may hold anything holds markup, and its pages made without kernels."""

from __future__ import annotations

import ast
import contextlib
import copy
import csv
import io
import re
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from nbformat import NotebookNode

from oko.records import store
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX, TEXT, Tables, conform
from oko.records.stored import FURTHER, STORED
from oko.runs import execute
from oko.runs.plan import Run, plan
from oko.runs.summary import write_summary
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from protocol_text import changed

ROOT = Path(__file__).parents[1]
MARKUP = (
    "<img src=x onerror='window.PWN=1'><script>window.PWN=1</script></style></textarea>\"'><svg onload=window.PWN=1>"
    "{{x<img src=x onerror=window.PWN=1>^2}} &lt;i&gt;"
)
WORDS = (
    "[x](javascript:window.PWN=1) ![](http://outside.example/x) $x^2$ \\(y\\) $\\frac{$ {{7*7}} {name} {0.__class__} %s "
    "[red]r[/red] :smile: **b** `c` \u202e52\u202c </script>"
)
SHORT = "<svg onload=PWN=1>"
PAYLOADS = (MARKUP, WORDS, SHORT)
SCHOOLS = {"344": MARKUP, "498": WORDS, "329": "Лицей № 329 " + SHORT, "572": WORDS + "572"}
COMPARISON = ("901", "902", "903")
YEAR = "2018-2019"
YEARS = ("2017-2018", YEAR, "2019-2020", "2020-2021")
WORKS = {"vpr-mathematics-before": YEARS[0], "vpr-mathematics-after": YEAR}
SAMPLES = (
    ("a", "b", "c"), ("1", "2", "3"), ("А", "Б", "В"), ("7А", "7Б", "7В"), ("2017-2018", "2018-2019", "2019-2020"),
    ("2018-10-15", "2018-11-15", "2018-12-15"), ("0" * 16, "1" * 16, "2" * 16),
)  # fmt: skip


def quoted(text: str) -> str:
    """Return text as a string of TOML."""
    return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) > 126 or c in '"\\' else c for c in text) + '"'


def both(text: str) -> str:
    return f"{{ ru = {quoted(text)}, en = {quoted(text)} }}"


def cluster() -> str:
    """Return settings whose every name is a payload."""
    schools = "".join(f'[[schools]]\ncode = "{code}"\nname = {both(name)}\n' for code, name in SCHOOLS.items())
    return (
        f'code = "tiny"\nyears = {list(YEARS)!r}\nexample = true\nsource = "example"\nname = {both("Кластер " + MARKUP)}\n'
        f"source_note = {both(WORDS)}\n[agreement]\nnames_schools = true\nnames_comparison = true\n{schools}"
    )


def protocol() -> str:
    """Return a protocol whose every free text is a payload."""
    return changed(
        ('{ ru = "Прирост", en = "Gain" }', both(MARKUP)),
        ('{ ru = "Выросли ли результаты?", en = "Did results rise?" }', both(WORDS)),
        ('{ ru = "По осени", en = "By the autumn" }', both(MARKUP)),
        ('year = "2019-2020", season = "autumn"', f'year = "{YEARS[0]}", season = "autumn"'),
        ('year = "2019-2020", season = "spring"', f'year = "{YEARS[0]}", season = "spring"'),
        ('year = "2020-2021", season = "spring"', f'year = "{YEAR}", season = "spring"'),
        ('treated = ["344", "498"]', f"treated = {list(SCHOOLS)!r}"),
        ("comparison = []", f"comparison = {list(COMPARISON)!r}"),
        ("date = 2020-09-01", "date = 2018-09-01"),
    )


def text_columns(name: str) -> list[str]:
    """Return the text columns of a table of the store."""
    return [str(column) for column, rule in STORED[name].columns.items() if rule.dtype.type == TEXT]


def rows(name: str) -> pd.DataFrame:
    """Return plain rows of a table of the store, made from its schema alone: one for each payload."""
    columns = STORED[name].columns
    made = pd.DataFrame([{c: _value(rule, row) for c, rule in columns.items()} for row in range(len(PAYLOADS))])
    return made.astype({column: rule.dtype.type for column, rule in columns.items()})


def _value(rule: pa.Column, row: int) -> object:
    told: dict[str, Any] = {key: value for check in rule.checks for key, value in (check.statistics or {}).items()}
    if "allowed_values" in told:
        return next(iter(told["allowed_values"]))
    if rule.dtype.type == TEXT:
        pattern = told.get("pattern", "")
        fitting = [texts[row] for texts in SAMPLES if all(re.fullmatch(pattern or ".*", text) for text in texts)]
        assert fitting, f"add a sample to SAMPLES that fits {pattern}"
        return fitting[0]
    if str(rule.dtype) == "bool":
        return True
    low = float(told.get("min_value", 0) or 0)
    return low + (row + 1) / 4 if str(rule.dtype) == "float64" else low + row + 1


@cache
def taken(name: str) -> Mapping[str, tuple[str, ...]]:
    """Return by text column the payloads that the store takes there, each kept letter by letter."""
    columns = text_columns(name)
    kept = filled = rows(name).assign(**dict.fromkeys(columns, PAYLOADS))
    refused = set[tuple[str, int]]()
    try:
        kept = STORED[name].validate(filled, lazy=True)
    except pa.errors.SchemaErrors as errors:
        refused = set(zip(errors.failure_cases["column"], errors.failure_cases["index"], strict=True))
    assert {column for column, _ in refused} <= set(columns)
    assert kept[columns].equals(filled[columns])
    numbered = list(enumerate(PAYLOADS))
    return {column: tuple(text for row, text in numbered if (column, row) not in refused) for column in columns}


def poisoned(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Fill every text column that takes payloads with them, in turn."""
    unique = {*(STORED[name].unique or []), *(column for column, rule in STORED[name].columns.items() if rule.unique)}
    filled = frame.copy()
    for column, texts in taken(name).items():
        if texts:
            cells = [texts[row % len(texts)] for row in range(len(frame))]
            filled[column] = [text[: len(text) - row] for row, text in enumerate(cells)] if column in unique else cells
    return conform(filled, name)


def tables() -> Tables:
    """Return a store of seven schools and two works, each text that may hold anything poisoned."""
    codes = [*SCHOOLS, *COMPARISON]
    assessments = pd.DataFrame(
        [
            {
                "assessment": work, "procedure": "vpr", "subject": "mathematics", "year": year, "season": "spring",
                "material_grade": 7, "pupil_grade": 7, "max_score": 6.0,
                "prior": next(iter(WORKS)) if place else None, "example": True,
            }
            for place, (work, year) in enumerate(WORKS.items())
        ]
    )  # fmt: skip
    draw = np.random.default_rng(7)
    pupils = pd.DataFrame(
        [{"school": code, "pupil": f"{code}-{n}", "class": f"7{'АБ'[n % 2]}"} for code in codes for n in range(24)]
    )
    able = draw.normal(size=len(pupils)) - 1.5 * (pupils["school"] == "344").to_numpy()
    parts, responses = [], {}
    for work in WORKS:
        points = np.clip(np.round(1.5 + able[:, None] * 0.8 + draw.normal(size=(len(pupils), 3))), 0, [1, 2, 3])
        total = points.sum(axis=1)
        mark = np.clip(2 + total // 2, 2, 5)
        parts.append(pupils.assign(assessment=work, status="took", primary_score=total, mark=mark, example=True))
        wide = {str(item + 1): points[:, item] for item in range(3)}
        masks = {f"{item}{mark}": False for item in wide for mark in (NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX)}
        responses[work] = pupils.assign(assessment=work, **wide, **masks)
    described = assessments.drop(columns=["prior", "example"])
    items = pd.DataFrame(
        [
            {"assessment": work, "item": str(item), "position": item, "max_score": float(item), "example": True}
            for work in WORKS
            for item in (1, 2, 3)
        ]
    )
    schools = pd.DataFrame(
        {"school": codes, "role": ["cluster"] * len(SCHOOLS) + ["comparison"] * len(COMPARISON), "example": True}
    )
    return Tables(
        schools=poisoned(conform(schools, "schools"), "schools"),
        assessments=poisoned(conform(assessments, "assessments"), "assessments"),
        items=poisoned(conform(items, "items"), "items"),
        results=poisoned(conform(pd.concat(parts).merge(described, on="assessment"), "results"), "results"),
        responses=responses,
        files=poisoned(rows("files"), "files"),
        registers={name: poisoned(rows(name), name) for name in FURTHER} | {"groups": reports(responses)},
    )


def reports(responses: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what is reported of the schools for comparison, each under a hostile name."""
    found = []
    for work, frame in responses.items():
        for place, code in enumerate(COMPARISON):
            own = frame.loc[frame["school"] == code, ["1", "2", "3"]]
            both = own[["1", "2"]].sum(axis=1)
            shares = {("facility", item): own[item].mean() / int(item) for item in own}
            values = {**shares, ("mean", "target"): both.mean(), ("sd", "target"): both.std()}
            told = {"assessment": work, "level": "school", "group": PAYLOADS[place], "school": code, "n": len(own)}
            found += [{**told, "measure": m, "key": k, "value": v, "source": WORDS} for (m, k), v in values.items()]
    return pd.concat([poisoned(rows("groups"), "groups"), conform(pd.DataFrame(found).assign(example=True), "groups")])


def project(root: Path) -> Workspace:
    """Write a project with the real templates, names of the facts poisoned too."""
    for folder in ("templates", "notebooks", "data/external"):
        shutil.copytree(ROOT / folder, root / folder)
    settings = root / "data" / "clusters" / "tiny"
    settings.mkdir(parents=True)
    (settings / "cluster.toml").write_text(cluster(), encoding="utf-8")
    (settings / "protocol.toml").write_text(protocol(), encoding="utf-8")
    (root / "requirements.lock").write_text("", encoding="utf-8")
    names = root / "data" / "external" / "names.csv"
    with names.open(encoding="utf-8", newline="") as source:
        words = list(csv.DictReader(source))
    with names.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(words[0]))
        writer.writeheader()
        added = {"season": SHORT}  # it stands under a figure's axis, where no long text has a place
        writer.writerows(
            {**row, **{code: row[code] + added.get(row["kind"], WORDS) for code in ("ru", "en")}} for row in words
        )
    store.write(root / "data" / "work" / "tiny" / "store", tables())
    return open_workspace(root, "tiny")


def pages(workspace: Workspace) -> tuple[Run, ...]:
    """Make every page of the year and its index; code cells are executed here, all else is as in a run."""
    runs = [run for run in plan(workspace, YEAR) if run.parameters.literals().get("school", "344") == "344"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(workspace.root)
        patch.setattr(execute.papermill, "execute_notebook", executed)
        for run in runs:
            outcome = execute.execute(run)
            assert outcome.status == "done", (
                run.name,
                outcome.message,
                (run.folder / "log.txt").read_text(encoding="utf-8"),
            )
    write_summary(workspace, YEAR, plan(workspace, YEAR), runs)
    return tuple(runs)


def executed(source: NotebookNode, target: str, parameters: Mapping[str, str], **_: object) -> NotebookNode:
    """Execute a template's code cells in this process, as papermill does in a kernel."""
    notebook = copy.deepcopy(source)
    names: dict[str, Any] = {}
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), start=1):
        cell.outputs, cell.execution_count = list(_outputs(cell.source, names, count)), count
        if "parameters" in cell.metadata.get("tags", []):
            names |= parameters
    nbformat.write(notebook, target.replace("{{", "{").replace("}}", "}"))
    return notebook


def _outputs(source: str, names: dict[str, Any], count: int) -> Iterator[NotebookNode]:
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(tree, "cell", "exec"), names)  # noqa: S102  # our own templates
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None  # noqa: S307
    if said.getvalue():
        yield nbformat.v4.new_output("stream", name="stdout", text=said.getvalue())
    if value is not None:
        data = {"text/plain": repr(value)}
        if hasattr(value, "_repr_html_"):
            data["text/html"] = value._repr_html_()
        yield nbformat.v4.new_output("execute_result", data=data, execution_count=count)
