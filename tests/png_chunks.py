"""What a PNG holds beside its picture: names of its chunks."""

from __future__ import annotations

PICTURE = {"IHDR", "PLTE", "tRNS", "pHYs", "IDAT", "IEND"}
"""Chunks of a picture and its size; texts, times and whatever else may hold a name or a number are none of them."""


def kinds(png: bytes) -> set[str]:
    """Names of the chunks of a PNG; bytes after its end are one more, called "after the end"."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place, found = 8, set()
    while place < len(png):
        long, kind = int.from_bytes(png[place : place + 4]), png[place + 4 : place + 8].decode("ascii")
        found.add(kind)
        place += 12 + long
        if kind == "IEND" and place < len(png):
            return {*found, "after the end"}
    return found
