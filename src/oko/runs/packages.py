"""Packages that schools exchange: Frictionless data packages, made by one oko and verified by another."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from oko import __version__
from oko.errors import DataError, SettingError
from oko.language import gettext
from oko.records import dictionary
from oko.records.cells import statistics
from oko.records.kinds import KINDS
from oko.records.schema import CODE, NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX, RESPONSE_KEYS
from oko.runs import aggregates
from oko.workspace import Workspace

DESCRIPTOR = "datapackage.json"
FORMAT = 1
_LARGEST = 2_000_000_000
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
        A zip file: tables as CSV, ``datapackage.json`` with schemas, checksums and the terms of the agreement, and the
        data dictionary. Equal data give equal tables.

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
    contents = {f"data/{name}.csv": _csv(frame) for name, frame in tables.items()}
    resources = [_resource(name, tables[name], contents[f"data/{name}.csv"]) for name in tables]
    documents = {f"dictionary.{code}.md": dictionary.markdown(code).encode() for code in ("ru", "en")}
    described = {**_description(workspace, school, year, rows=rows), "resources": resources}
    described["documents"] = {name: _hash(content) for name, content in documents.items()}
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
    assessments = workspace.assessments()
    own = assessments[assessments["assessment"].isin(names)]
    own = own.assign(prior=own["prior"].where(own["prior"].isin(names)))
    items = workspace.items()
    tables = {"assessments": own, "items": items[items["assessment"].isin(names)]}
    if not rows:
        return {
            **tables,
            "groups": aggregates.of_school(workspace, school, names).assign(example=workspace.cluster.example),
        }
    tables["results"] = results[list(KINDS["results"].columns)]
    for name in names:
        if name in workspace.store.responses:
            tables[f"responses-{name}"] = _responses(workspace, name, school)
    return tables


def _responses(workspace: Workspace, assessment: str, school: str) -> pd.DataFrame:
    """Return points as they stand in files received: X, «не пройд.» or nothing where there are none."""
    rows = workspace.query(f'select * from "responses/{assessment}" where school = ?', [school])  # noqa: S608
    masks = [name for name in rows if str(name).endswith(NOT_ATTEMPTED_SUFFIX)]
    tasks = [str(name).removesuffix(NOT_ATTEMPTED_SUFFIX) for name in masks]
    written = {}
    for task in tasks:
        text = rows[task].map(lambda value: "" if pd.isna(value) else f"{value:g}")
        text = text.mask(rows[task + NOT_ATTEMPTED_SUFFIX], "X")
        written[task] = text.mask(rows[task + NOT_COVERED_SUFFIX], "не пройд.")
    return pd.concat([rows[list(RESPONSE_KEYS)], pd.DataFrame(written)], axis=1).assign(
        example=workspace.cluster.example
    )


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _hash(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _description(workspace: Workspace, school: str, year: str | None, *, rows: bool) -> dict[str, Any]:
    cluster = workspace.cluster
    personal = gettext(
        "Rows of pupils under pseudonyms are personal data: keep them where you keep marks, and delete them when the "
        "agreement ends."
    )
    nobody = gettext("Aggregates: no row stands for fewer pupils than the threshold.")
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
        "note": personal if rows else nobody,
        "agreement": {
            "threshold": cluster.threshold,
            "legal_basis": cluster.exchange.legal_basis or "",
            "purpose": cluster.exchange.purpose or "",
            "keep_until": cluster.exchange.keep_until or "",
            **cluster.agreement.model_dump(),
        },
    }


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
        "hash": _hash(content),
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


def is_package(path: Path) -> bool:
    """Tell whether a file is a package: a zip with a descriptor at its root."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return DESCRIPTOR in archive.namelist()


@contextmanager
def unpacked(paths: Sequence[Path], workspace: Workspace) -> Iterator[list[Path]]:
    """Give the paths with each package among them replaced by a folder of its verified tables.

    Raises
    ------
    DataError
        A package is damaged, of another cluster, or of an unknown version: the message says which and why.
    """
    with tempfile.TemporaryDirectory(prefix="oko-package-") as temporary:
        there = []
        for place, path in enumerate(paths):
            if is_package(path):
                there.append(_unpack(path, Path(temporary) / str(place), workspace.cluster.code))
            else:
                there.append(path)
        yield there


def _unpack(path: Path, folder: Path, cluster: str) -> Path:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            raise DataError("Package {name} is refused: it is too large.", name=path.name)
        contents = {name: archive.read(name) for name in archive.namelist()}
    described = _verified(contents, cluster, path.name)
    target = folder / f"package-{described['school']}-{described['content']}"
    target.mkdir(parents=True)
    for resource in described["resources"]:
        (target / Path(resource["path"]).name).write_bytes(contents[resource["path"]])
    return folder


def _verified(contents: Mapping[str, bytes], cluster: str, name: str) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads(contents[DESCRIPTOR])
        version, owner = described["oko_format"], described["cluster"]
        expected = {resource["path"]: resource["hash"] for resource in described["resources"]} | described["documents"]
        whole = re.fullmatch(CODE, described["school"]) and described["content"] in {"aggregates", "pupils"}
        if not whole or not all(
            re.fullmatch(r"data/[\w-]+\.csv", resource["path"]) for resource in described["resources"]
        ):
            raise ValueError
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise DataError("Package {name} is refused: its {file} is damaged.", name=name, file=DESCRIPTOR) from None
    if version != FORMAT:
        raise DataError(
            "Package {name} is refused: it is of format {given}, and this oko reads {known}.",
            name=name,
            given=version,
            known=FORMAT,
        )
    if owner != cluster:
        raise DataError(
            "Package {name} is refused: it is of cluster {given}, and this is {known}.",
            name=name,
            given=owner,
            known=cluster,
        )
    for part in sorted({*expected, *contents} - {DESCRIPTOR}):
        if part not in contents:
            raise DataError("Package {name} is refused: {file} is missing.", name=name, file=part)
        if part not in expected:
            raise DataError("Package {name} is refused: {file} is not declared in it.", name=name, file=part)
        if _hash(contents[part]) != expected[part]:
            raise DataError("Package {name} is refused: {file} was changed after it was made.", name=name, file=part)
    return described
