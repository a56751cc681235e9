"""Checks of a file that may leave: its type, its size, its first bytes, and what nobody sees in it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow.parquet as pq

from oko.disclosure.checks import FileCheck, places

LARGEST = 16 * 1024**2
_PNG = b"\x89PNG\r\n\x1a\n"
# chunks that draw; all others could carry words
_DRAWING = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA", b"cHRM", b"tRNS", b"bKGD", b"sBIT"}
)
_ACTIVE_PARTS = ("vbaproject", "externallink", "activex", "embeddings", "oleobject")


def file_type(path: Path) -> str:
    """Name a type of file that is not released."""
    return "" if path.suffix in _KINDS else path.suffix or path.name


def wrong_bytes(path: Path) -> str:
    """Name a file whose bytes are not of the type that its name says."""
    known = _KINDS.get(path.suffix)
    return "" if known is None or known(path.read_bytes()) else path.name


def too_large(path: Path) -> str:
    """Say how large a file is, where it is too large."""
    size = path.stat().st_size
    return "" if size <= LARGEST else f"{size / 1024**2:.1f} MB"


def png_text(path: Path) -> str:
    """Name the parts of a picture that are not drawn: texts, times, places."""
    if path.suffix != ".png":
        return ""
    return places(sorted({kind.decode("latin-1") for kind in _chunks(path.read_bytes())[0] if kind not in _DRAWING}))


CHECKS: Mapping[str, FileCheck] = {
    "file_type": file_type,
    "wrong_bytes": wrong_bytes,
    "too_large": too_large,
    "png_text": png_text,
}


def _chunks(content: bytes) -> tuple[list[bytes], bool]:
    """Return the kinds of a picture's chunks, and whether it ends where its last chunk does."""
    kinds, place = list[bytes](), len(_PNG)
    while place + 12 <= len(content):
        size, kind = int.from_bytes(content[place : place + 4], "big"), content[place + 4 : place + 8]
        kinds.append(kind)
        place += 12 + size
        if kind == b"IEND":
            break
    return kinds, bool(kinds) and kinds[-1] == b"IEND" and place == len(content)


def _is_png(content: bytes) -> bool:
    return content.startswith(_PNG) and _chunks(content)[1]


def _is_parquet(content: bytes) -> bool:
    """Tell whether a table is one that can be read, with no remarks inside but those of pandas on its columns."""
    try:
        schema = pq.read_schema(io.BytesIO(content))
        remarks = {key: json.loads(text) for key, text in (schema.metadata or {}).items() if key == b"pandas"}
        pq.read_table(io.BytesIO(content))
    except (OSError, ValueError):
        return False
    plain = len(remarks) == len(schema.metadata or {}) and not any(field.metadata for field in schema)
    return plain and not any(told.get("attributes") for told in remarks.values())


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _is_html(content: bytes) -> bool:
    return _is_text(content) and content.lstrip()[:15].lower().startswith(b"<!doctype html")


def _is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")


def _is_office(content: bytes) -> bool:
    """Tell whether a workbook or document is one, without macros, links to other files and things put into it."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    return "[Content_Types].xml" in names and not any(part in name.lower() for name in names for part in _ACTIVE_PARTS)


_KINDS: Mapping[str, Callable[[bytes], bool]] = {
    ".parquet": _is_parquet,
    ".csv": _is_text,
    ".json": _is_json,
    ".png": _is_png,
    ".html": _is_html,
    ".xlsx": _is_office,
    ".docx": _is_office,
    ".pdf": _is_pdf,
}
