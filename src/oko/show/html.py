"""The one border to markup: whatever comes from data passes ``escape`` here, and nowhere else is HTML put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup
from markupsafe import escape as _escape


@dataclass(frozen=True)
class Html:
    """Markup that is already safe; Jupyter shows it as it stands.

    Parameters
    ----------
    markup : str
        Made by the functions of this room only.
    """

    markup: str

    def _repr_html_(self) -> str:
        return self.markup

    def __html__(self) -> Markup:
        return Markup(self.markup)  # noqa: S704  # safe by the class's own promise

    def __str__(self) -> str:
        return self.markup


def escape(text: object) -> str:
    """Return text that a browser shows letter by letter; markup of ours stays.

    Examples
    --------
    >>> escape("7 <А> & «Б»")
    '7 &lt;А&gt; &amp; «Б»'
    """
    return str(_escape(text))


def element(template: str, **values: object) -> Html:
    """Fill a piece of markup; every value is escaped.

    Parameters
    ----------
    template : str
        Constant markup with named fields.
    **values
        Text, or markup of ours.

    Examples
    --------
    >>> str(element("<b>{name}</b>", name="<i>"))
    '<b>&lt;i&gt;</b>'
    """
    return Html(str(Markup(template).format(**values)))  # noqa: S704  # templates are constants, values are escaped


def join(parts: Iterable[object], between: str = "") -> Html:
    """Put pieces one after another; text among them is escaped."""
    return Html(escape(between).join(escape(part) for part in parts))


def paragraph(text: object, kind: str = "") -> Html:
    """Return a paragraph.

    Parameters
    ----------
    text : object
        Text, escaped, or markup of ours.
    kind : str
        Class of the element for the style sheet.

    Examples
    --------
    >>> str(paragraph("a < b"))
    '<p>a &lt; b</p>'
    """
    if kind:
        return element('<p class="{kind}">{text}</p>', kind=kind, text=text)
    return element("<p>{text}</p>", text=text)


def prose(sentences: Iterable[str], kind: str = "") -> Html:
    """Return sentences as one paragraph; no sentences give nothing.

    Examples
    --------
    >>> str(prose(["One.", "Two."])), str(prose([]))
    ('<p>One. Two.</p>', '')
    """
    said = [sentence for sentence in sentences if sentence]
    return paragraph(" ".join(said), kind) if said else Html("")


def heading(text: object, level: int = 2) -> Html:
    """Return a heading of a level from 1 to 6.

    Examples
    --------
    >>> str(heading("Физика", 3))
    '<h3>Физика</h3>'
    """
    return element("<h{level}>{text}</h{level}>", level=min(max(int(level), 1), 6), text=text)


def section(*parts: object) -> Html:
    """Return pieces in one section that a printer keeps in order."""
    return element("<section>{parts}</section>", parts=join(parts))
