"""What every study needs, loaded once: the server from which workers and their kernels are forked imports this module.

It must not start a thread, connect to anything or read data: a fork would inherit half of it.
"""

from __future__ import annotations

import importlib
import io
import pkgutil

import ipykernel.ipkernel
import ipykernel.kernelapp
import ipykernel.zmqshell
import nbconvert
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import oko
import oko.measures
import oko.runs.execute
import oko.show

_ROOMS = (oko.measures, oko.show)
_OF_BOARDS = ("oko.show.board", "oko.show.pane", "oko.show.conference")


def _load() -> None:
    for room in _ROOMS:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if module.name not in _OF_BOARDS:
                importlib.import_module(module.name)


def _rehearse() -> None:
    """Draw a figure: fonts are found and read once for all."""
    figure = Figure(figsize=(2, 2))
    FigureCanvasAgg(figure)
    figure.add_subplot().set_title("А")
    figure.savefig(io.BytesIO(), format="png")


_load()
_rehearse()
__all__ = ["ipykernel", "nbconvert"]
