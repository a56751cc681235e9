"""A layout: how a file of one source is known by its cells, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oko.records.readers import Reading
from oko.records.readers.context import Context
from oko.records.readers.sheets import Sheet


@dataclass(frozen=True)
class Layout:
    """One layout of files.

    Attributes
    ----------
    name : str
        Short English name, as in ``fisoko-individual``: it stands in the store beside each file.
    title : str
        English message: what people call such a file.
    recognises : callable
        Whether sheets are of this layout: by their cells, never by the name of the file or of a sheet alone.
    read : callable
        Turns the sheets into a :class:`Reading`; raises DataError when the file as a whole cannot be read.
    confirmed : bool
        False where the layout was never seen in a real file: whoever imports one is told.
    russian : str
        The title in Russian, where a cluster gives it and no catalogue has it.
    mapping : str
        Name of the file of the cluster's mapping that describes the layout; empty for all others.
    """

    name: str
    title: str
    recognises: Callable[[Sequence[Sheet]], bool]
    read: Callable[[Sequence[Sheet], Context], Reading]
    confirmed: bool = True
    russian: str = ""
    mapping: str = ""
