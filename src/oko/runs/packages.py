"""Packages that schools send: Frictionless data packages of one school, without names."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from oko import __version__
from oko.disclosure.files import csv_bytes
from oko.errors import DataError, SettingError
from oko.language import LANGUAGES, gettext, ngettext, number, used
from oko.records import dictionary
from oko.records.cells import statistics
from oko.records.kinds import KINDS
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX, RESPONSE_KEYS
from oko.runs import aggregates
from oko.show.html import literal_markdown
from oko.workspace import Workspace

DESCRIPTOR = "datapackage.json"
FORMAT = 2  # since 2 texts are guarded: what would begin a formula has an apostrophe before it
_MOMENT = (2021, 1, 1, 0, 0, 0)
_TYPES = {"Int64": "integer", "float64": "number", "bool": "boolean"}


def write_package(
    workspace: Workspace, school: str, folder: Path, *, year: str | None = None, rows: bool = False
) -> Path:
    """Write a data package of one school without names.

    Parameters
    ----------
    workspace : Workspace
    school : str
        Code of a school of the cluster.
    folder : Path
        Where the package goes.
    year : str, optional
        Only this school year.
    rows : bool, default False
        Rows of pupils under their pseudonyms instead of aggregates: still personal data.

    Returns
    -------
    Path
        A zip file: tables by :func:`oko.disclosure.files.csv_bytes`, ``datapackage.json`` with schemas, checksums and
        the terms of the agreement, and the data dictionary. Equal data give equal tables.

    Raises
    ------
    SettingError
        Rows are asked for, and the cluster's settings name no legal basis for them.
    DataError
        The school has nothing to send.
    """
    workspace.cluster.school(school)
    if rows and not workspace.cluster.exchange.legal_basis:
        raise SettingError(
            "Rows of pupils are personal data, with pseudonyms too. File {where} records no legal basis for sending "
            "them: "
            "add it to section exchange as legal_basis, or send aggregates (without --rows).",
            where=f"data/clusters/{workspace.cluster.code}/cluster.toml",
        )
    tables = _tables(workspace, school, year, rows=rows)
    contents = {f"data/{name}.csv": csv_bytes(frame) for name, frame in tables.items()}
    resources = [_resource(name, tables[name], contents[f"data/{name}.csv"]) for name in tables]
    described = {**_description(workspace, school, year, rows=rows), "resources": resources}
    sizes = {name: len(frame) for name, frame in tables.items()}
    documents = {f"dictionary.{code}.md": dictionary.markdown(code).encode() for code in LANGUAGES}
    documents |= {f"readme.{code}.md": _readme(workspace, described, sizes, code).encode() for code in LANGUAGES}
    described["documents"] = {name: checksum(content) for name, content in documents.items()}
    text = json.dumps(described, ensure_ascii=False, indent=1).encode()
    parts = [workspace.cluster.code, school, *([year] if year else []), "pupils" if rows else "aggregates"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ("oko-" + "-".join(parts) + ".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {DESCRIPTOR: text, **documents, **contents}.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), content, zipfile.ZIP_DEFLATED)
    return path


def _tables(workspace: Workspace, school: str, year: str | None, *, rows: bool) -> dict[str, pd.DataFrame]:
    results = workspace.results(school=school, **({"year": year} if year else {}))
    if results.empty:
        raise DataError("School {school} has no results to send.", school=school)
    names = sorted(results["assessment"].unique())
    assessments, items = workspace.assessments(), workspace.items()
    works = _with_earlier(assessments, names)
    tables = {
        "assessments": assessments[assessments["assessment"].isin(works)],
        "items": items[items["assessment"].isin(works)],
    }
    if not rows:
        return {
            **tables,
            "groups": aggregates.of_school(workspace, school, names).assign(example=workspace.cluster.example),
        }
    tables["results"] = results[list(KINDS["results"].columns)]
    for name in names:
        if name in workspace.store.responses:
            tables[f"responses-{name}"] = _responses(workspace, name, school)
    chosen = workspace.register("options", school=school)
    chosen = chosen[chosen["assessment"].isin(names)]
    if len(chosen):
        tables["options"] = chosen[list(KINDS["options"].columns)]
    return tables


def _with_earlier(assessments: pd.DataFrame, names: Sequence[str]) -> set[str]:
    """Return works with those before them: packages of all schools say the same of one work."""
    priors = assessments.dropna(subset="prior").set_index("assessment")["prior"].to_dict()
    there = set(names)
    while earlier := {priors[name] for name in there if name in priors} - there:
        there |= earlier
    return there


def _responses(workspace: Workspace, assessment: str, school: str) -> pd.DataFrame:
    """Return points as they stand in files received: X, «не пройд.» or nothing where there are none."""
    rows = workspace.query(f'select * from "responses/{assessment}" where school = ?', [school])  # noqa: S608
    masks = [name for name in rows if str(name).endswith(NOT_ATTEMPTED_SUFFIX)]
    tasks = [str(name).removesuffix(NOT_ATTEMPTED_SUFFIX) for name in masks]
    written = {}
    for task in tasks:
        points = rows[task].astype("object").mask(rows[task + NOT_ATTEMPTED_SUFFIX], "X")
        written[task] = points.mask(rows[task + NOT_COVERED_SUFFIX], "не пройд.")
    return pd.concat([rows[list(RESPONSE_KEYS)], pd.DataFrame(written)], axis=1).assign(
        example=workspace.cluster.example
    )


def checksum(content: bytes) -> str:
    """Return the checksum of a part of a package, with the name of its method."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _description(workspace: Workspace, school: str, year: str | None, *, rows: bool) -> dict[str, Any]:
    cluster = workspace.cluster
    return {
        "profile": "tabular-data-package",
        "name": f"oko-{cluster.code}-{school}",
        "title": f"{cluster.name.text()}: {workspace.school_name(school)}",
        "created": datetime.now(UTC).strftime("%Y-%m-%d"),
        "version": __version__,
        "oko_format": FORMAT,
        "cluster": cluster.code,
        "school": school,
        "years": [year] if year else list(cluster.years),
        "content": "pupils" if rows else "aggregates",
        "example": cluster.example,
        "personal_data": rows,
        "note": _note(rows=rows),
        "agreement": {
            "threshold": cluster.threshold,
            "legal_basis": cluster.exchange.legal_basis or "",
            "purpose": cluster.exchange.purpose or "",
            "keep_until": cluster.exchange.keep_until or "",
            **cluster.agreement.model_dump(),
        },
    }


def _readme(workspace: Workspace, described: Mapping[str, Any], sizes: Mapping[str, int], code: str) -> str:
    """Say in a page what the package is, which terms it is sent on, and how to take it."""
    with used(code):
        terms = described["agreement"]
        nothing = gettext("not recorded")
        names = {
            gettext("threshold"): ngettext("{n} pupil", "{n} pupils", terms["threshold"]).format(n=terms["threshold"]),
            gettext("legal basis"): terms["legal_basis"] or nothing,
            gettext("purpose"): terms["purpose"] or nothing,
            gettext("keep until"): terms["keep_until"] or nothing,
        }
        lines = [
            "# "
            + gettext("Data package: {school}").format(
                school=literal_markdown(workspace.school_name(described["school"]))
            ),
            *([gettext("Training data: the results are invented.")] if described["example"] else []),
            gettext("Cluster: {name}. School years: {years}.").format(
                name=literal_markdown(workspace.cluster.name.text()), years=", ".join(described["years"])
            ),
            _note(rows=described["personal_data"]),
            "## " + gettext("Tables"),
            "\n".join(_table_line(name, n) for name, n in sizes.items()),
            gettext("What each column means is in dictionary.{code}.md and in datapackage.json.").format(code=code),
            "## " + gettext("Terms of the agreement"),
            "\n".join(f"- {name}: {literal_markdown(text)}" for name, text in names.items()),
            "## " + gettext("How to take it"),
            gettext(
                "Do not unpack it: “oko import FILE” compares the checksums and refuses a package that was changed."
            ),
            gettext(
                "Whoever opens a table in a spreadsheet sees an apostrophe before texts that begin with =, +, - or @: "
                "without it they would become formulas. “oko import FILE” takes it off again."
            ),
        ]
        return "\n\n".join(lines) + "\n"


def _table_line(name: str, n: int) -> str:
    rows = ngettext("{n} row", "{n} rows", n).format(n=number(n))
    return f"- data/{name}.csv: {rows}; {gettext(KINDS[name.partition('-')[0]].about)}"


def _note(*, rows: bool) -> str:
    if rows:
        return gettext(
            "Rows of pupils under pseudonyms are personal data: keep them where you keep marks, and delete them when "
            "the agreement ends."
        )
    return gettext("Aggregates: no row stands for fewer pupils than the threshold.")


def _resource(name: str, frame: pd.DataFrame, content: bytes) -> dict[str, Any]:
    form = KINDS[name.partition("-")[0]]
    fields = [_field(str(column), form.column(str(column)) if column in form.columns else None) for column in frame]
    return {
        "name": name.lower(),
        "path": f"data/{name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": checksum(content),
        "schema": {"fields": fields, "primaryKey": list(form.keys), "missingValues": [""]},
    }


def _field(name: str, column: pa.Column | None) -> dict[str, Any]:
    if column is None:
        return {"name": name, "type": "string", "description": gettext("points of the task, X, «не пройд.» or nothing")}
    rules = statistics(column)
    constraints: dict[str, Any] = {"required": not column.nullable}
    for key, rule in (
        ("pattern", "pattern"),
        ("enum", "allowed_values"),
        ("minimum", "min_value"),
        ("maximum", "max_value"),
    ):
        if rule in rules:
            constraints[key] = list(rules[rule]) if key == "enum" else rules[rule]
    kind = _TYPES.get(str(column.dtype), "string")
    return {"name": name, "type": kind, "description": gettext(str(column.description)), "constraints": constraints}
