"""A rehearsal: the server from which workers and their kernels are forked imports this, so that fonts are read once.

It must not start a thread, connect to anything or read data: a fork would inherit half of it.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from oko.language import LANGUAGES, gettext, used
from oko.show.theme import png


def _rehearse() -> None:
    for language in LANGUAGES:
        with used(language):
            gettext("Studies")  # the catalogue is read
    figure = Figure(figsize=(2, 2))
    figure.add_subplot().set_title("А")
    png(figure)


_rehearse()
