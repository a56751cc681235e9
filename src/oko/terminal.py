"""The terminal: what is said to it stands there letter by letter."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from oko.language import visible


class Terminal(Console):
    r"""A console on which no text from data is markup, an emoji's name, or an order to the terminal.

    Parameters
    ----------
    **options
        Of :class:`rich.console.Console`.

    Examples
    --------
    >>> terminal = Terminal(record=True, width=60)
    >>> terminal.print("Школа [red]№ 5[/red] :smile: \x1b[2J")
    Школа [red]№ 5[/red] :smile: �[2J
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, "soft_wrap": True, **options, "markup": False, "emoji": False})

    def render_str(self, text: str, **options: Any) -> Text:
        """Make text of ours: rich calls this for every string, in tables too."""
        return super().render_str(visible(text), **options)
