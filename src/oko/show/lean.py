"""Lean tables for sheets: hundreds of them fit one file, so they carry no style of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from oko.show.html import Html, element, join, style_sheet

_SHEET = """
table.lean { border-collapse: collapse; width: 100%; margin: .3rem 0 .6rem; font-size: .85rem; }
table.lean { font-variant-numeric: tabular-nums; }
table.lean th, table.lean td { padding: .15rem .4rem; text-align: left; vertical-align: top; }
table.lean th, table.lean td { border-bottom: 1px solid var(--rule); }
table.lean th { border-bottom-color: var(--ink); }
table.lean .n { text-align: right; white-space: nowrap; }
section.pupil { margin-top: 1.2rem; break-inside: avoid; }
section.pupil h3 { margin-bottom: .2rem; }
p.pointer { margin: .2rem 0; }
@media print {
  table.lean { font-size: 8.5pt; }
  section.pupil + section.pupil { break-before: page; }
}
"""


def lean_style() -> Html:
    """Return the style of lean tables and of pupils' sheets, once a page."""
    return style_sheet(_SHEET)


def lean(rows: Iterable[Mapping[str, object]], columns: Mapping[str, str], right: Sequence[str] = ()) -> Html:
    """Lay written cells out as a table without a style of its own.

    Parameters
    ----------
    rows : iterable of Mapping
        Text by column.
    columns : Mapping
        Headings by column.
    right : sequence of str
        Columns of numbers.

    Examples
    --------
    >>> str(lean([{"a": "3 < 4"}], {"a": "A"}))
    '<table class="lean"><tr><th scope="col">A</th></tr><tr><td>3 &lt; 4</td></tr></table>'
    """
    kinds = {name: Html(' class="n"') if name in right else Html("") for name in columns}
    head = join([_heading(kinds[name], text) for name, text in columns.items()])
    body = join([element("<tr>{cells}</tr>", cells=_line(row, kinds)) for row in rows])
    return element('<table class="lean"><tr>{head}</tr>{body}</table>', head=head, body=body)


def _heading(kind: Html, text: str) -> Html:
    return element('<th scope="col"{kind}>{text}</th>', kind=kind, text=text)


def _line(row: Mapping[str, object], kinds: Mapping[str, Html]) -> Html:
    return join([element("<td{kind}>{text}</td>", kind=kind, text=row.get(name, "")) for name, kind in kinds.items()])


def bar(share: float, length: int = 10) -> str:
    """Return a bar of characters that prints in grey.

    Examples
    --------
    >>> bar(0.62)
    '██████░░░░'
    """
    full = min(length, max(0, round(length * share)))
    return "█" * full + "░" * (length - full)
