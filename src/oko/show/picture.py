"""A finished figure: its bytes, what it shows in words, and what stands under it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from oko.show.html import Html, element


@dataclass(frozen=True)
class Picture:
    """A figure as a PNG with its words.

    Parameters
    ----------
    png : bytes
    alt : str
        A sentence for those who do not see the figure.
    caption : str
        What stands under it.
    width : int
        Pixels on a screen.
    note : str
        Small print under the caption: where the numbers come from, and of when they are.
    """

    png: bytes = field(repr=False)
    alt: str
    caption: str
    width: int
    note: str = ""

    def shown(self) -> Html:
        """Return the figure as markup."""
        return element(
            '<figure class="oko"><img alt="{alt}" width="{width}" src="data:image/png;base64,{data}">'
            "<figcaption>{caption}{note}</figcaption></figure>",
            alt=self.alt.replace("\n", " "),  # labels of axes are broken into lines
            width=self.width,
            data=base64.b64encode(self.png).decode("ascii"),
            caption=self.caption,
            note=element('<small class="source">{note}</small>', note=self.note) if self.note else "",
        )

    def _repr_html_(self) -> str:
        return self.shown()._repr_html_()

    def __html__(self) -> Markup:
        return self.shown().__html__()

    def save(self, path: Path) -> Path:
        """Write the PNG and return its path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.png)
        return path
