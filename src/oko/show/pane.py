"""The one place of a board that takes markup."""

from __future__ import annotations

import ipywidgets as widgets

from oko.show.html import Html


class Pane:
    """A part of a board that shows markup of ours; text alone cannot be given to it.

    Attributes
    ----------
    widget : ipywidgets.Widget
        What stands on the board.
    """

    def __init__(self, shown: Html | None = None) -> None:
        self.widget: widgets.Widget = widgets.HTML()
        if shown is not None:
            self.show(shown)

    def show(self, shown: Html) -> None:
        """Show markup in place of what stood here; the same markup is not sent to the browser twice."""
        if shown.markup != self.widget.value:
            self.widget.value = shown.markup
