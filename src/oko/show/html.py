"""The one border to markup: whatever comes from data passes ``escape`` here, and nowhere else is HTML put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import great_tables
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from markupsafe import escape as _escape

from oko.language import current, visible

_MARKDOWN = frozenset("\\`*_[]<>#|~$&")
_NO_FORMULAS = '<div class="tex2jax_ignore mathjax_ignore">{shown}</div>'


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
        """Return the markup inside an element whose dollar signs JupyterLab does not take for formulas."""
        return element(_NO_FORMULAS, shown=self).markup if self.markup else ""

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
    return visible(str(_escape(text)))


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
    return Html(visible(Markup(template).format(**values)))  # noqa: S704  # templates are constants, values are escaped


def join(parts: Iterable[object], between: str = "") -> Html:
    """Put pieces one after another; text among them is escaped."""
    return Html(escape(between).join(escape(part) for part in parts))


END = '<hr class="the-end">'


def the_end() -> Html:
    """Return a mark behind which a page shows nothing: the cells that follow have nothing to say this time."""
    return element(END)


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


def style_sheet(sheet: str) -> Html:
    """Return a style sheet of ours: a constant, no text from data.

    Raises
    ------
    ValueError
        The sheet holds markup.

    Examples
    --------
    >>> str(style_sheet("p { margin: 0; }"))
    '<style>p { margin: 0; }</style>'
    """
    if "<" in sheet:
        raise ValueError("a style sheet holds no markup")
    return element("<style>{sheet}</style>", sheet=Html(sheet))


def grid(
    cells: pd.DataFrame,
    labels: Mapping[str, str],
    called: str,
    *,
    right: Sequence[str] = (),
    title: str = "",
    notes: Sequence[str] = (),
) -> Html:
    """Lay written cells out as a table.

    Parameters
    ----------
    cells : DataFrame
        Text in every cell.
    labels : Mapping of str to str
        Headings by column.
    called : str
        Id of the element on its page: letters and digits of ours.
    right : sequence of str
        Columns that stand flush right: those of numbers.
    title : str
    notes : sequence of str
        What stands under the table, a line each.

    Notes
    -----
    great_tables escapes every text but one: it takes braces twice ({{…}}) in a heading for units, and what stands
    beside them is not escaped then. So headings are escaped here, their braces too.

    Examples
    --------
    >>> str(grid(pd.DataFrame({"a": ["<i>"]}), {"a": "{{x}} <b>"}, "t")).count("<i>")
    0
    """
    made = great_tables.GT(cells.map(visible), id=called, locale=current())
    made = made.cols_label({name: great_tables.html(_without_braces(text)) for name, text in labels.items()})
    made = made.cols_align("right", columns=list(right)) if right else made
    made = made.tab_options(table_font_size="1em", table_width="100%", container_overflow_x="auto")
    made = made.tab_header(visible(title)) if title else made
    for note in filter(None, notes):
        made = made.tab_source_note(visible(note))
    return Html(made.as_raw_html())


def _without_braces(text: str) -> str:
    return escape(text).replace("{", "&#123;").replace("}", "&#125;")


@cache
def environment(templates: Path) -> Environment:
    """Return what fills page templates: every value is escaped, and a missing one is an error.

    Parameters
    ----------
    templates : Path
        Folder of page templates; the style sheet is in its folder ``oko``.
    """
    folders = [templates, templates / "oko"]
    return Environment(
        loader=FileSystemLoader(folders), autoescape=True, trim_blocks=True, undefined=StrictUndefined, finalize=shown
    )


def shown(value: Any) -> Any:
    """Make a value of a page template visible letter by letter; what is markup stays markup."""
    if isinstance(value, Markup):
        return Markup(visible(value))  # noqa: S704  # safe before, and nothing is added
    return visible(value) if isinstance(value, str) else value


def literal_markdown(text: str) -> str:
    r"""Return text that a reader of Markdown shows letter by letter, inside a line that has begun.

    Examples
    --------
    >>> print(literal_markdown("Школа [№ 5](x) *и* <b>"))
    Школа \[№ 5\](x) \*и\* \<b\>
    """
    line = " ".join(visible(text).split())
    return "".join(f"\\{letter}" if letter in _MARKDOWN else letter for letter in line)
