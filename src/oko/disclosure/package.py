"""A release as a data package (Frictionless): what each file and column of it is, and its checksum."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from oko.folders import sha256

PACKAGE = "datapackage.json"
SHEET = "CHECKS.csv"
_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".json": "application/json",
    ".png": "image/png",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True)
class Wording:
    """What the package says in words, in the language of the cluster.

    Attributes
    ----------
    title, description : str
    source : str
        Where the data come from.
    licence : str
        Identifier of an open licence, such as CC-BY-4.0; "" where none was given.
    outputs : Mapping of str to str
        What an output shows, by its folder and name: ``tables/marks``, ``figures/marks``, ``page``, ``CHECKS``.
    columns : Mapping of str to (str, str)
        Heading and meaning of each column.
    """

    title: str
    description: str = ""
    source: str = ""
    licence: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def described(folder: Path, about: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    """Describe a folder as a data package.

    Parameters
    ----------
    folder : Path
        Every file in it becomes a resource.
    about : Mapping
        What stands under ``oko``; study, unit, year, cluster and signed are used for the package too.
    wording : Wording

    Returns
    -------
    dict
        The descriptor, with the digest over all of it under ``oko``.

    Notes
    -----
    Data Package v1 (https://specs.frictionlessdata.io/data-package/): a resource of a table has a Table Schema; the
    profile of the package is the general one, because pages and figures are in it too.
    """
    name = "-".join(str(about[part]) for part in ("cluster", "study", "unit", "year"))
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": _plain(name),
        "title": wording.title,
        "description": wording.description,
        "created": str(about["signed"]),
        "sources": [{"title": wording.source or wording.title}],
        "resources": [_resource(folder, path, wording) for path in _files(folder)],
        "oko": dict(about),
    }
    if wording.licence:
        package["licenses"] = [{"name": wording.licence}]
    package["oko"]["digest"] = digest_of(package)
    return package


def written(package: Mapping[str, Any]) -> bytes:
    """Write a descriptor: equal descriptors give equal bytes."""
    return (json.dumps(package, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def digest_of(package: Mapping[str, Any]) -> str:
    """Digest of a descriptor without its digest; with the checksums in it, it stands for every byte of the release."""
    about = {key: value for key, value in package["oko"].items() if key != "digest"}
    content = json.dumps({**package, "oko": about}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-")


def _resource(folder: Path, path: Path, wording: Wording) -> dict[str, Any]:
    stem, *_ = path.name.split(".")
    key = stem if path.parent == Path() else f"{path.parent.as_posix()}/{stem}"
    resource: dict[str, Any] = {
        "name": _plain(path.as_posix()),
        "path": path.as_posix(),
        "profile": "data-resource",
        "description": wording.outputs.get(key, ""),
        "format": path.suffix.lstrip("."),
        "mediatype": _TYPES.get(path.suffix, "application/octet-stream"),
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256(folder / path)}",
    }
    if path.suffix == ".parquet":
        resource["type"] = "file"  # readers of packages would take it for a table, whose bytes they cannot count
    if path.suffix == ".csv":
        twin = folder / path.with_suffix(".parquet")
        frame = pq.read_table(twin).to_pandas() if twin.is_file() else pd.read_csv(folder / path, dtype="str")
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "schema": _schema(frame, wording)}
    return resource


def _schema(frame: pd.DataFrame, wording: Wording) -> dict[str, Any]:
    return {
        "fields": [_field(str(name), values, wording) for name, values in frame.items()],
        "missingValues": [""],
    }


def _field(name: str, values: pd.Series, wording: Wording) -> dict[str, Any]:
    title, description = wording.columns.get(name, ("", ""))
    made: dict[str, Any] = {"name": name, "type": _type(values)}
    if made["type"] == "boolean":
        made |= {"trueValues": ["True"], "falseValues": ["False"]}
    return made | ({"title": title} if title else {}) | ({"description": description} if description else {})


def _type(values: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(values) else "string"
