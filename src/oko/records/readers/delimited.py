"""Tables in text: the separator is judged from the first lines, and every row keeps its number and its cells."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice, zip_longest

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from oko.errors import DataError
from oko.records.readers.extent import MOST_COLUMNS, check_columns

LARGE = 8_000_000
_JUDGED, _FEW = 40, 3
_ROWS = 50_000
_BLOCK = 1 << 23
_SEPARATORS = (",", ";", "\t")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_TEXT = pa.large_string()


def separator(text: str) -> str:
    r"""Judge the separator of a table from its first lines: the one that divides most lines into as many cells.

    Parameters
    ----------
    text : str
        The beginning of a file; what stands in quotes does not count.

    Returns
    -------
    str
        A semicolon, a tab or a comma.

    Examples
    --------
    >>> separator("Отчёт, 7 класс\nшкола;балл\n344;71,5\n498;60,5\n")
    ';'
    """
    lines = [_QUOTED.sub("", line) for line in text.splitlines() if line.strip()][:_JUDGED]

    def evenness(mark: str) -> tuple[int, int, bool, int]:
        """Count the lines with the most frequent number of separators; a comma may be that of decimals."""
        often = Counter(line.count(mark) for line in lines if mark in line)
        count, even = max(often.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
        return even, count if len(lines) < _FEW else 0, mark != ",", count

    return max(_SEPARATORS, key=evenness)


def table(content: bytes) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Read a table of text.

    Parameters
    ----------
    content : bytes
        UTF-8 without a byte-order mark.

    Returns
    -------
    frame : DataFrame
        Cells as text in columns 0, 1, …; a blank line is a row of empty cells, blank lines at the end are left out.
    widths : ndarray of int or None
        Number of cells of each row as written; None where every row has as many as the frame has columns.

    Raises
    ------
    DataError
        There is nothing in it, a quote is not closed, or there are too many columns.
    """
    content = content.rstrip(b"\r\n")
    mark = separator(content[:_BLOCK].decode("utf-8", errors="ignore")[:100_000])
    if re.search(rf'[^\s"{mark}]', content[:100_000].decode("utf-8", errors="ignore")) is None:
        _refuse_empty(content, mark)
    if len(content) > LARGE and content.count(b'"') % 2 == 0:
        found = by_arrow(content, mark)
        if found is not None:
            return found, None
    return by_rows(content, mark)


def _refuse_empty(content: bytes, mark: str) -> None:
    if re.search(rf'[^\s"{mark}]', content.decode("utf-8")) is None:
        raise DataError("The file is empty.")


def by_arrow(content: bytes, mark: str) -> pd.DataFrame | None:
    """Read a large table whose rows are all of one width; None where they are not."""
    width = len(next(_records(content, mark), []))
    if width > MOST_COLUMNS:
        return None
    names = [str(place) for place in range(width)]
    quoted = b'"' in content
    try:
        read = arrow_csv.read_csv(
            pa.BufferReader(content),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark, quote_char='"' if quoted else False, newlines_in_values=quoted, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, _TEXT), strings_can_be_null=False, check_utf8=False
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return _frame([read.column(name) for name in names])


def by_rows(content: bytes, mark: str) -> tuple[pd.DataFrame, np.ndarray | None]:
    """Read a table row by row: slower, and rows may be of any width."""
    records = _records(content, mark)
    pieces: list[list[pa.Array]] = []
    counted: list[np.ndarray] = []
    while rows := list(islice(records, _ROWS)):
        counted.append(np.fromiter(map(len, rows), dtype="int32", count=len(rows)))
        if counted[-1].max() > MOST_COLUMNS:
            rows = [_without_empty_end(row) for row in rows]
            check_columns(max(map(len, rows)))
        pieces.append([pa.array(cells, _TEXT) for cells in zip_longest(*rows, fillvalue="")])
    width = max(map(len, pieces), default=0)
    lengths = [len(widths) for widths in counted]
    columns = [
        pa.chunked_array([
            piece[place] if place < len(piece) else pa.array([""] * n, _TEXT)
            for piece, n in zip(pieces, lengths, strict=True)
        ])
        for place in range(width)
    ]  # fmt: skip
    widths = np.concatenate(counted) if counted else np.empty(0, dtype="int32")
    return _frame(columns), None if (widths == width).all() else widths


def _without_empty_end(row: list[str]) -> list[str]:
    while row and not row[-1].strip():
        row.pop()
    return row


def _records(content: bytes, mark: str) -> Iterator[list[str]]:
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    row = 0
    try:
        for cells in csv.reader(lines, delimiter=mark, strict=True):
            row += 1
            yield cells
    except csv.Error as error:
        raise DataError(
            "After row {row} the text is no CSV any more: {detail}; look for a quote that is not closed.",
            row=row,
            detail=str(error),
        ) from None


def _frame(columns: list[pa.ChunkedArray]) -> pd.DataFrame:
    """Make a frame of columns, letting go of each as soon as it is taken."""
    made: dict[int, object] = {}
    columns.reverse()
    while columns:
        made[len(made)] = pd.array(columns.pop(), dtype="str")
    return pd.DataFrame(made)
