"""Packages that came from other schools: verified byte by byte, or refused with a reason."""

from __future__ import annotations

import json
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oko.disclosure.files import bare_csv
from oko.errors import DataError
from oko.records.readers.guards import GREATEST_RATIO, LARGEST_UNPACKED, MOST_PARTS, SMALL_PART
from oko.records.schema import CODE
from oko.runs.packages import DESCRIPTOR, FORMAT, checksum
from oko.workspace import Workspace

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


def is_package(path: Path) -> bool:
    """Tell whether a file is a package: a zip with a descriptor at its root."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return DESCRIPTOR in archive.namelist()
    except (OSError, *_DAMAGED):
        return False


def terms(path: Path) -> dict[str, Any]:
    """Return what a verified package says of itself, for the history: school, years, content and the agreement."""
    described = json.loads(_contents(path)[DESCRIPTOR])
    return {name: described[name] for name in ("school", "years", "content", "created", "agreement")}


@contextmanager
def unpacked(paths: Sequence[Path], workspace: Workspace) -> Iterator[list[Path]]:
    """Give the paths with each package among them replaced by a folder of its verified tables.

    The tables are for the reader alone: their texts are bare again, as the school that sent them stores them.

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
    contents = _contents(path)
    described = _verified(contents, cluster, path.name)
    target = folder / f"package-{described['school']}-{described['content']}"
    target.mkdir(parents=True)
    for resource in described["resources"]:
        name = Path(resource["path"]).name
        (target / name).write_bytes(bare_csv(contents[resource["path"]], f"{path.name}: {name}"))
    return folder


def _contents(path: Path) -> dict[str, bytes]:
    """Read the parts of a package that does not unpack to far more than it holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            whole = sum(part.file_size for part in parts)
            swollen = (part.file_size > max(SMALL_PART, GREATEST_RATIO * max(part.compress_size, 1)) for part in parts)
            if whole > LARGEST_UNPACKED or len(parts) > MOST_PARTS or any(swollen):
                raise DataError(
                    "Package {name} is refused: it unpacks to far more than a school’s data are. Do not open it; ask "
                    "the school whether it sent it.",
                    name=path.name,
                )
            return {part.filename: archive.read(part) for part in parts}
    except (OSError, *_DAMAGED):
        raise DataError(
            "Package {name} is refused: it is damaged or was cut short. Ask for it once more.", name=path.name
        ) from None


def _verified(contents: Mapping[str, bytes], cluster: str, name: str) -> dict[str, Any]:
    try:
        described: dict[str, Any] = json.loads(contents[DESCRIPTOR])
        version, owner = described["oko_format"], described["cluster"]
        expected = {resource["path"]: resource["hash"] for resource in described["resources"]} | described["documents"]
        whole = re.fullmatch(CODE, described["school"]) and described["content"] in {"aggregates", "pupils"}
        if not whole or not all(
            re.fullmatch(r"data/[\w-]{1,100}\.csv", resource["path"]) for resource in described["resources"]
        ):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DataError(
            "Package {name} is refused: its {file} is damaged, or oko did not make it.", name=name, file=DESCRIPTOR
        ) from None
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
        if checksum(contents[part]) != expected[part]:
            raise DataError("Package {name} is refused: {file} was changed after it was made.", name=name, file=part)
    return described
