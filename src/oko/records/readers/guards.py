"""A workbook is looked at before it is parsed: what could harm, mislead or fill the memory is refused in words."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from oko.errors import DataError
from oko.language import N_
from oko.records.readers import biff, parts
from oko.records.readers.extent import Extent
from oko.records.readers.first_bytes import LOCAL_HEADER, foreign

LARGEST_UNPACKED = 200_000_000
MOST_PARTS = 1000
GREATEST_RATIO = 100
SMALL_PART = 100_000

_LOCAL = struct.Struct("<4s5H3I2H")

DAMAGED = N_(
    "This is a workbook or an archive, and it is damaged or was cut short: open it in your spreadsheet program and "
    "save it again as .xlsx, or ask for it once more."
)
_BOMB = N_(
    "The workbook unpacks to far more than it holds (part {part}), as files do that are made to harm: do not open it; "
    "ask who sent it for the table as CSV."
)
_PACKAGES: tuple[tuple[str, str], ...] = (
    ("word/", N_("a Word document")),
    ("ppt/", N_("a presentation")),
    ("xl/workbook.bin", N_("a workbook in the binary form .xlsb")),
    ("content.xml", N_("an OpenDocument file")),
)
_OLD: tuple[tuple[str, str], ...] = (
    ("WordDocument", N_("a Word document")),
    ("PowerPoint Document", N_("a presentation")),
    ("__properties_version1.0", N_("an e-mail message")),
)


@dataclass(frozen=True)
class Checked:
    """A workbook that may be parsed.

    Attributes
    ----------
    content : bytes
        What to parse: of a package, its checked parts alone.
    errors : tuple of mapping
        By sheet, in the order of sheets: error values (``#N/A``) by row and column from 0.
    """

    content: bytes
    errors: tuple[dict[tuple[int, int], str], ...]


def checked_old(content: bytes) -> Checked:
    """Check an old workbook (.xls) before it is parsed.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Checked

    Raises
    ------
    DataError
        It is damaged, encrypted, too large, has macros or links to other files, or is no workbook.
    """
    try:
        there = biff.streams(content)
    except biff.NotReadable as error:
        raise DataError(DAMAGED) from error
    for name, what in _OLD:
        if name in there:
            raise foreign(what)
    if "EncryptedPackage" in there:
        raise _encrypted()
    if there.keys() & {"_VBA_PROJECT_CUR", "VBA", "_VBA_PROJECT"}:
        raise _macros()
    stream = there.get("Workbook") or there.get("Book")
    if stream is None:
        raise foreign(N_("a file of an old office program"))
    try:
        facts = biff.facts(stream)
    except biff.NotReadable as error:
        raise DataError(DAMAGED) from error
    if facts.encrypted:
        raise _encrypted()
    if facts.linked:
        raise _linked()
    return Checked(content, facts.errors)


def checked_package(content: bytes) -> Checked:
    """Check a workbook of today (.xlsx) before it is parsed, and make it anew from its checked parts.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    Checked
        Pictures and printer settings are left out; no program but this one has to find its way in the archive.

    Raises
    ------
    DataError
        It is damaged, encrypted, made to harm, too large, has macros or links to other files, or is no workbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        ValueError,
        OverflowError,
        struct.error,
        OSError,
        EOFError,
    ) as error:
        raise DataError(DAMAGED) from error
    _check_entries(entries)
    names = {entry.filename.lower() for entry in entries}
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        for beginning, what in _PACKAGES:
            if any(name.startswith(beginning) for name in names):
                raise foreign(what)
        raise foreign(N_("an archive"))
    return _made_anew(content, entries)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > MOST_PARTS:
        raise DataError(
            "The workbook consists of {n} parts, and {most} are opened at most: copy the table into a new workbook.",
            n=len(entries),
            most=MOST_PARTS,
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise _encrypted()
    if any(name.rpartition("/")[2] == "vbaproject.bin" or "/macrosheets/" in name for name in names):
        raise _macros()
    if any(name.startswith("xl/externallinks/") for name in names):
        raise _linked()
    for entry in entries:
        if entry.file_size > SMALL_PART and entry.file_size > GREATEST_RATIO * entry.compress_size:
            raise DataError(_BOMB, part=entry.filename)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_UNPACKED:
        raise DataError(
            "The workbook unpacks to {size} MB, and {most} MB are read at most: save the table as CSV, or divide it "
            "into parts.",
            size=-(-unpacked // 1_000_000),
            most=LARGEST_UNPACKED // 1_000_000,
        )
    if len(set(names)) < len(names) or not all(name.isprintable() for name in names):
        raise DataError(DAMAGED)


def _made_anew(content: bytes, entries: list[zipfile.ZipInfo]) -> Checked:
    made = io.BytesIO()
    extent = Extent()
    texts = [entry for entry in entries if entry.filename.lower().endswith((".xml", ".rels"))]
    texts.sort(key=lambda entry: "sharedstrings" not in entry.filename.lower())
    others = [entry for entry in entries if entry not in texts]
    errors: dict[str, dict[tuple[int, int], str]] = {}
    kept: dict[str, bytes] = {}
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for entry in texts:
            part = _inflated(content, entry)
            found = parts.checked(entry.filename, part, extent)
            if found.errors:
                errors[entry.filename.lower().lstrip("/")] = found.errors
            if found.linked:
                raise _linked()
            if entry.filename.lower() in parts.INDEX:
                kept[entry.filename.lower()] = part
            archive.writestr(zipfile.ZipInfo(entry.filename), part)
    for entry in others:
        _inflated(content, entry)
    return Checked(made.getvalue(), parts.in_order(errors, kept) if errors else ())


def _inflated(content: bytes, entry: zipfile.ZipInfo) -> bytes:
    """Return a part as it really is: the sizes that an archive declares can lie."""
    header = content[entry.header_offset : entry.header_offset + _LOCAL.size]
    if len(header) < _LOCAL.size or not header.startswith(LOCAL_HEADER):
        raise DataError(DAMAGED)
    *_, name, extra = _LOCAL.unpack(header)
    start = entry.header_offset + _LOCAL.size + name + extra
    packed = content[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        part, rest = packed, b""
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        part, rest = _decompressed(packed, entry.file_size)
    else:
        raise DataError(DAMAGED)
    if rest or len(part) > entry.file_size:
        raise DataError(_BOMB, part=entry.filename)
    if len(part) != entry.file_size or zlib.crc32(part) != entry.CRC:
        raise DataError(DAMAGED)
    return part


def _decompressed(packed: bytes, size: int) -> tuple[bytes, bytes]:
    """Return at most the declared bytes, and whatever is left beyond them."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        part = unpacking.decompress(packed, size + 1)
    except zlib.error as error:
        raise DataError(DAMAGED) from error
    return part[:size], part[size:]


def _encrypted() -> DataError:
    return DataError("The workbook is locked with a password: open it, remove the password and save it as .xlsx.")


def _macros() -> DataError:
    return DataError("The workbook has macros, which are never opened: save it as .xlsx without macros.")


def _linked() -> DataError:
    return DataError(
        "The workbook has links to other files, which are never followed: replace the formulas by their values (“Break "
        "links” in the spreadsheet program) and save it as .xlsx."
    )
