"""A sheet: what one class or one pupil gets, a section that begins a new page of paper."""

from __future__ import annotations

from oko.language import gettext
from oko.show.html import Html, element, join


def sheet(title: str, *pieces: object, anchor: str = "", link: str = "") -> Html:
    """Return pieces under a heading as one sheet.

    Parameters
    ----------
    title : str
    *pieces
        Text, escaped, or markup of ours.
    anchor : str
        Id of the section.
    link : str
        Where the same sheet lies as a page of its own, relative to the run's page; none is shown without it.

    Examples
    --------
    >>> str(sheet("7А", "3 < 4", anchor="sheet-7a"))
    '<section class="sheet" id="sheet-7a"><h2>7А</h2>3 &lt; 4</section>'
    """
    apart = element('<p class="apart"><a href="{link}">{text}</a></p>', link=link, text=gettext("as a page of its own"))
    return element(
        '<section class="sheet" id="{anchor}"><h2>{title}</h2>{apart}{pieces}</section>',
        anchor=anchor,
        title=title,
        apart=apart if link else "",
        pieces=join(pieces),
    )
