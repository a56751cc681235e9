"""Traces of an invented person or of a key, looked for in every byte of a file and in all that is packed into it."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from received_files import CANARY, Person

DOCUMENT, SERIES = "90471538260", "40718"
STEM = "канарейк"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866")
_DEEPEST = 4
_PNG = b"\x89PNG\r\n\x1a\n"
_BASE64 = re.compile(rb"[A-Za-z0-9+/](?:[A-Za-z0-9+/]|\\n|[\r\n]){98,}={0,2}")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)


def spellings(person: Person = CANARY) -> list[str]:
    """Return what must not be found, small letters: the surname in any case, the birth date, the documents."""
    return [STEM, person.name.casefold(), person.birth_date, person.day, person.day[:6] + "08", DOCUMENT, SERIES]


@cache
def needles(*texts: str) -> tuple[bytes, ...]:
    """Return the bytes that texts are written with: cases, encodings, escapes; of a key also its bytes themselves."""
    found = set()
    for text in texts:
        for form in (text, text.upper(), text.capitalize()):
            found |= {form.encode(code, "ignore") for code in ENCODINGS}
            found |= {json.dumps(form)[1:-1].encode(), quote(form).encode()}
            found |= {"".join(f"&#{ord(sign)};" for sign in form).encode()}
            found |= {"".join(f"&#x{ord(sign):x};" for sign in form).encode()}
        if re.fullmatch("[0-9a-f]{64}", text):
            secret = bytes.fromhex(text)
            found |= {secret, base64.b64encode(secret).rstrip(b"="), base64.urlsafe_b64encode(secret).rstrip(b"=")}
    return tuple(sorted(needle for needle in found if len(needle) > 3))


def traces(content: bytes, *more: str, of: Sequence[str] | None = None) -> list[bytes]:
    """Return what of a person (or of other texts) and of further texts stands in bytes as they are."""
    return [needle for needle in needles(*(spellings() if of is None else of), *more) if needle in content]


def parts(place: str, content: bytes, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Give bytes as they are, and what is packed into them: archives, tables, pictures, streams, base64."""
    yield place, content
    if depth == _DEEPEST:
        return
    for name, inside in (
        *_table(content),
        *_archive(content),
        *_picture(content),
        *_document(content),
        *_written(content),
    ):
        yield from parts(f"{place}: {name}", inside, depth + 1)


def _table(content: bytes) -> Iterator[tuple[str, bytes]]:
    if not content.startswith(b"PAR1"):
        return
    table = pq.read_table(pa.BufferReader(content))
    frame = table.to_pandas()
    for name in frame.select_dtypes(exclude=["number", "bool"]):
        yield str(name), "\n".join(map(str, frame[name].dropna().unique())).encode()
    yield "columns", "\n".join(map(str, frame.columns)).encode()
    for key, value in (table.schema.metadata or {}).items():
        yield f"metadata {key.decode()}", value


def _archive(content: bytes) -> Iterator[tuple[str, bytes]]:
    if not content.startswith(b"PK") or not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield "comment", archive.comment
        for name in archive.namelist():
            yield name, name.encode() + b"\n" + archive.read(name)


def _picture(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the texts of a PNG: tEXt, zTXt, iTXt and eXIf, unpacked."""
    if not content.startswith(_PNG):
        return
    place = len(_PNG)
    while place + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        body, place = content[place + 8 : place + 8 + size], place + 12 + size
        if kind in (b"tEXt", b"eXIf"):
            yield kind.decode(), body.decode("latin-1").encode()
            yield f"{kind.decode()} as it is", body
        elif kind == b"zTXt":
            yield "zTXt", zlib.decompress(body.partition(b"\0")[2][1:])
        elif kind == b"iTXt":
            keyword, _, rest = body.partition(b"\0")
            text = rest[2:].split(b"\0", 2)[-1]
            yield "iTXt", keyword + b"\n" + (zlib.decompress(text) if rest[:1] == b"\1" else text)


def _document(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the streams of a PDF, unpacked."""
    if not content.startswith(b"%PDF"):
        return
    for place, stream in enumerate(_STREAM.findall(content)):
        try:
            yield f"stream {place}", zlib.decompressobj().decompress(stream)
        except zlib.error:
            yield f"stream {place} as it is", stream


def _written(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give what long runs of base64 stand for: pictures in pages and in notebooks."""
    if content.startswith((b"PAR1", b"PK", _PNG)):
        return
    for place, text in enumerate(_BASE64.findall(content)):
        plain = text.replace(b"\\n", b"").replace(b"\n", b"").replace(b"\r", b"").rstrip(b"=")
        plain = plain[: len(plain) - (len(plain) % 4 == 1)]
        try:
            yield f"base64 {place}", base64.b64decode(plain + b"=" * (-len(plain) % 4))
        except binascii.Error:
            continue


def found(
    folder: Path, *more: str, left_out: Collection[str] = (), of: Sequence[str] | None = None, links: bool = False
) -> list[str]:
    """Name the places under a folder, names of files too, where something is left of the person or of further texts.

    Parameters
    ----------
    folder : Path
        Or one file.
    *more : str
        Looked for beside what is known of the person.
    left_out : collection of str
        Names of folders that are not looked into.
    of : sequence of str, optional
        Looked for instead of what is known of the person.
    links : bool
        Whether to follow links.
    """
    places = []
    for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
        inside = path.relative_to(folder) if path != folder else Path(path.name)
        linked = any(part.is_symlink() for part in (path, *path.parents) if part != folder)
        if set(left_out) & set(inside.parts) or (linked and not links):
            continue
        if traces(str(inside).casefold().encode(), *more, of=of):
            places.append(f"name of {path}")
        if path.is_file():
            places += [place for place, content in parts(str(path), path.read_bytes()) if traces(content, *more, of=of)]
    return places
