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
from oko.records.readers.mapping import FOLDER
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
    return Phrase(layout.title, layout.russian)


def recognise(sheets: Sequence[Sheet], known: Sequence[Layout], mapping: str | None = None) -> Layout:
    """Return the first layout that sheets have; the raw form, which names what is lacking, where none fits.

    Parameters
    ----------
    sheets : sequence of Sheet
    known : sequence of Layout
        As :func:`layouts` gives them.
    mapping : str, optional
        Name of a mapping that was told: its layout is taken and no other, and reading says where the file does not fit.

    Raises
    ------
    DataError
        There is nothing in the file, or the cluster has no such mapping.
    """
    if not any(len(sheet.frame) for sheet in sheets):
        raise DataError("The file is empty.")
    if mapping is not None:
        return _mapped(known, mapping)
    for layout in known:
        if layout.recognises(sheets):
            return layout
    return known[-1]


def _mapped(known: Sequence[Layout], mapping: str) -> Layout:
    """Return the layout of a mapping by the name of its file or by its own."""
    there = {layout.mapping: layout for layout in known if layout.mapping}
    own_names = {layout.name.removeprefix("mapped-"): layout for layout in there.values()}
    layout = (own_names | there).get(mapping.removesuffix(".toml"))
    if layout is None:
        raise DataError(
            "received.toml says mapping = {given}, and the cluster has no such mapping; it has: {known}. Correct "
            "the name, or put the mapping into the folder {folder} beside the cluster’s settings.",
            given=f"“{mapping[:80]}”",
            known=", ".join(there) or "–",
            folder=FOLDER,
        )
    return layout
