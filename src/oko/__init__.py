"""ОКО, оценка качества образования: the shared helper package of the workbench."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from oko.workspace import Workspace, open

if TYPE_CHECKING:
    from types import ModuleType

__version__ = "0.1.0"
__all__ = ["Workspace", "__version__", "disclosure", "measures", "open", "show"]

_ROOMS = ("disclosure", "language", "measures", "records", "runs", "show")


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return importlib.import_module(f"oko.{name}")
    raise AttributeError(f"module 'oko' has no attribute {name!r}")
