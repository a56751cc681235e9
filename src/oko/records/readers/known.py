"""All layouts that are known, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from oko.errors import DataError
from oko.language import N_
from oko.records.cluster import Cluster
from oko.records.readers import (
    Phrase,
    dumps,
    exams,
    fisoko_groups,
    fisoko_pupils,
    forms,
    mapped,
    registers,
    roster,
    tidy,
)
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet

FIXED: tuple[Layout, ...] = (
    *forms.LAYOUTS,
    *dumps.LAYOUTS,
    *fisoko_pupils.LAYOUTS,
    *fisoko_groups.LAYOUTS,
    *exams.LAYOUTS,
    *roster.LAYOUTS,
    *registers.LAYOUTS,
)
UNCONFIRMED = N_(
    "Layout “{layout}” was never seen in a real file (unconfirmed): compare what was read with the file before you "
    "rely on it."
)


def layouts(root: Path, cluster: Cluster) -> Iterator[Layout]:
    """Return the layouts that files of a cluster may have: the field's, the cluster's mappings, the raw form.

    Parameters
    ----------
    root : Path
        The project's folder.
    cluster : Cluster
    """
    yield from FIXED
    yield from mapped.mapped_layouts(root, cluster)
    yield from tidy.LAYOUTS


def title_of(layout: Layout) -> Phrase:
    """Return what people call files of a layout, translated when it is shown."""
    return Phrase(layout.title)


def recognise(sheets: Sequence[Sheet], known: Sequence[Layout]) -> Layout:
    """Return the first layout that sheets have; the raw form, which names what is lacking, where none fits.

    Raises
    ------
    DataError
        There is nothing in the file.
    """
    if not any(len(sheet.frame) for sheet in sheets):
        raise DataError("The file is empty.")
    for layout in known:
        if layout.recognises(sheets):
            return layout
    return known[-1]
