"""A page as a Word document that can be edited: Office Open XML, put together of constants and escaped text."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping

from markupsafe import escape

from oko.show.document_blocks import Block, Cell, Document, Figure, Heading, Item, Line, Paragraph, Piece, Table
from oko.show.documents_pdf import column_widths
from oko.show.page import TEMPLATES

_LOOK = TEMPLATES / "oko" / "word" / "styles.xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMES = (
    f'xmlns:w="{_W}" xmlns:r="{_R}" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_WIDE = 9860  # twentieths of a point between the margins
_PIXEL, _WIDEST, _TALLEST = 9525, 6_260_000, 8_000_000  # English metric units: a pixel, and what a sheet takes
_LETTERS, _SIZE = 92.0, 8.0  # what a line of a table takes, at how many points
_KINDS = {"quote": "Quote", "pre": "Note", "term": "Term", "note": "Note", "notice": "Note"}
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {
    "word/document.xml": "document.main", "word/styles.xml": "styles", "word/settings.xml": "settings",
    "word/numbering.xml": "numbering", "word/header1.xml": "header", "word/footer1.xml": "footer",
}  # fmt: skip
_WORDML = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def docx_bytes(document: Document) -> bytes:
    """Write a document as .docx.

    Parameters
    ----------
    document : Document

    Returns
    -------
    bytes
        Equal documents give equal bytes. Inside are texts, styles and pictures: no macros, no links, no author.

    Notes
    -----
    ECMA-376, WordprocessingML of the transitional kind; what Word and LibreOffice need, and no more.
    """
    pictures: list[Figure] = []
    body = "".join([*_head(document), *(_block(block, document.anchors, pictures) for block in document.blocks)])
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}, core="docProps/core.xml"),
        "docProps/core.xml": _core(document),
        "word/document.xml": f"{_XML}<w:document {_NAMES}><w:body>{body}{_SHEET}</w:body></w:document>",
        "word/_rels/document.xml.rels": _relations(
            {
                "rId1": ("styles", "styles.xml"),
                "rId2": ("settings", "settings.xml"),
                "rId3": ("numbering", "numbering.xml"),
                "rId4": ("header", "header1.xml"),
                "rId5": ("footer", "footer1.xml"),
                **{f"picture{n}": ("image", f"media/picture{n}.png") for n in range(len(pictures))},
            }
        ),
        "word/styles.xml": _LOOK.read_text("utf-8").replace("{language}", _language(document)),
        "word/settings.xml": f'{_XML}<w:settings xmlns:w="{_W}"><w:autoHyphenation/></w:settings>',
        "word/numbering.xml": _numbering(),
        "word/header1.xml": _running("hdr", "Header", _header(document)),
        "word/footer1.xml": _running("ftr", "Footer", f"{_run(document.foot)}{_TAB}{_NUMBER}"),
        **{f"word/media/picture{n}.png": figure.png for n, figure in enumerate(pictures)},
    }
    return _zipped(parts)


def _zipped(parts: Mapping[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            package.writestr(entry, content)
    return target.getvalue()


# Parts that are the same in every document

_TAB = "<w:r><w:tab/></w:r>"
_NUMBER = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
)
_SHEET = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId4"/><w:footerReference w:type="default" r:id="rId5"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1300" w:right="1020" w:bottom="1130" w:left="1020" '
    'w:header="560" w:footer="560" w:gutter="0"/></w:sectPr>'
)


def _content_types() -> str:
    parts = "".join(
        f'<Override PartName="/{name}" ContentType="{_WORDML}.{kind}+xml"/>' for name, kind in _TYPES.items()
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        '<Override PartName="/docProps/core.xml" '
        f'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{parts}</Types>'
    )


def _relations(told: Mapping[str, tuple[str, str]], core: str = "") -> str:
    rows = [f'<Relationship Id="{key}" Type="{_R}/{kind}" Target="{target}"/>' for key, (kind, target) in told.items()]
    if core:
        kind = f"{_PACKAGE}/relationships/metadata/core-properties"
        rows.append(f'<Relationship Id="rIdCore" Type="{kind}" Target="{core}"/>')
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(rows)}</Relationships>'


def _numbering() -> str:
    def levels(kind: str, text: str) -> str:
        return "".join(
            f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
            f'<w:lvlText w:val="{text.format(n + 1)}"/>'
            f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{360 * (n + 1)}" w:hanging="280"/></w:pPr></w:lvl>'
            for n in range(9)
        )

    kinds = (levels("bullet", "•"), levels("decimal", "%{}."))
    whole = "".join(f'<w:abstractNum w:abstractNumId="{n}">{kind}</w:abstractNum>' for n, kind in enumerate(kinds))
    used = "".join(f'<w:num w:numId="{n + 1}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(2))
    return f'{_XML}<w:numbering xmlns:w="{_W}">{whole}{used}</w:numbering>'


# Parts of this document


def _language(document: Document) -> str:
    return {"ru": "ru-RU", "en": "en-GB"}.get(document.language, "ru-RU")


def _core(document: Document) -> str:
    day = re.fullmatch(r"\d{4}-\d\d-\d\d", document.day)
    dated = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{document.day}T00:00:00Z</dcterms:{name}>'
        for name in ("created", "modified")
    )
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{_text(document.title)}</dc:title><dc:creator>ОКО</dc:creator>{dated if day else ''}"
        "</cp:coreProperties>"
    )


def _running(name: str, style: str, content: str) -> str:
    return f'{_XML}<w:{name} {_NAMES}><w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{content}</w:p></w:{name}>'


def _header(document: Document) -> str:
    left = " · ".join(filter(None, (document.title, document.unit, document.year)))
    mark = _run(document.mark, '<w:b/><w:color w:val="000000"/>') if document.mark else ""
    return f"{_run(left)}{_TAB}{mark}"


def _head(document: Document) -> Iterable[str]:
    yield _paragraph(_run(document.title), "Title")
    if document.unit:
        yield _paragraph(_run(document.unit), "Subtitle")
    if document.facts:
        yield _paragraph(_run("   ".join(document.facts)), "Note")
    if document.notice:
        yield _paragraph(_run(document.notice), "Note")


def _text(text: str) -> str:
    return str(escape(_NO_XML.sub("\ufffd", text)))


def _run(text: str, looks: str = "") -> str:
    """Write letters of one look."""
    parts = [
        f'<w:t xml:space="preserve">{_text(part)}</w:t>' if part else "" for part in text.replace("\r", "").split("\n")
    ]
    properties = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return f"<w:r>{properties}{'<w:br/>'.join(parts)}</w:r>"


def _paragraph(runs: str, style: str = "", properties: str = "", anchor: str = "") -> str:
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    if anchor:
        name = _bookmark(anchor)
        number = zlib.crc32(name.encode()) >> 1
        runs = f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{runs}<w:bookmarkEnd w:id="{number}"/>'
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{runs}</w:p>"


def _bookmark(anchor: str) -> str:
    """Return the name of a place as Word takes it: letters, digits and low lines, at most 40."""
    return re.sub(r"\W", "_", anchor)[:40]


def _line(line: Line, named: frozenset[str], *, bold: bool = False, size: float = 0.0) -> str:
    return "".join(_piece(piece, named, bold, size) for piece in line)


def _piece(piece: Piece, named: frozenset[str], bold: bool, size: float) -> str:
    leads = piece.link.startswith("#") and piece.link[1:] in named
    points = size or (8.5 if "small" in piece.looks else 0.0)
    looks = "".join(
        [
            '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/>'
            if "mono" in piece.looks
            else "",
            "<w:b/>" if bold or "bold" in piece.looks else "",
            "<w:i/>" if "italic" in piece.looks else "",
            f'<w:sz w:val="{round(2 * points)}"/>' if points else "",
            '<w:u w:val="dotted"/>' if leads else "",
            '<w:vertAlign w:val="superscript"/>' if "super" in piece.looks else "",
            '<w:vertAlign w:val="subscript"/>' if "sub" in piece.looks else "",
        ]
    )
    run = _run(piece.text, looks)
    return f'<w:hyperlink w:anchor="{_bookmark(piece.link[1:])}">{run}</w:hyperlink>' if leads else run


def _block(block: Block, named: frozenset[str], pictures: list[Figure]) -> str:
    if isinstance(block, Heading):
        return _paragraph(_line(block.line, named), f"Heading{min(block.level - 1, 3)}", anchor=block.anchor)
    if isinstance(block, Paragraph):
        return _paragraph(_line(block.line, named), _KINDS.get(block.kind, ""), anchor=block.anchor)
    if isinstance(block, Item):
        kind = 1 if block.number is None else 2
        number = f'<w:numPr><w:ilvl w:val="{min(block.depth, 9) - 1}"/><w:numId w:val="{kind}"/></w:numPr>'
        return _paragraph(_line(block.line, named), "ListParagraph", number)
    if isinstance(block, Table):
        return _table(block, named)
    if isinstance(block, Figure):
        return _figure(block, named, pictures)
    return '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def _figure(figure: Figure, named: frozenset[str], pictures: list[Figure]) -> str:
    number = len(pictures)
    pictures.append(figure)
    wide, tall = (int.from_bytes(figure.png[place : place + 4], "big") or 1 for place in (16, 20))
    width = min(figure.width * _PIXEL, _WIDEST, _TALLEST * wide // tall)
    height = width * tall // wide
    size, name = f'cx="{width}" cy="{height}"', f"picture{number}"
    drawn = (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="{number + 1}" name="{name}" descr="{_text(figure.alt)}"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="{number + 1}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="{name}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        f'<a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    said = [
        _paragraph(_line(line, named), style)
        for line, style in ((figure.caption, "Caption"), (figure.note, "Note"))
        if line
    ]
    return _paragraph(drawn, "", "<w:keepNext/>" if said else "") + "".join(said)


def _table(table: Table, named: frozenset[str]) -> str:
    widths, size = column_widths(table, _LETTERS)
    whole = sum(widths) or 1
    columns = [_WIDE * width // whole for width in widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
    rows = _rows(table.head, columns, named, size, head=True) + _rows(table.rows, columns, named, size, head=False)
    made = (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="Rows"/><w:tblW w:w="{sum(columns)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )
    title = _paragraph(_line(table.title, named, bold=True), "", "<w:keepNext/>") if table.title else ""
    notes = "".join(_paragraph(_line(note, named), "Note") for note in table.notes)
    return f"{title}{made}{notes or _paragraph('', 'Note')}"


def _rows(
    rows: Iterable[tuple[Cell, ...]], columns: list[int], named: frozenset[str], size: float, *, head: bool
) -> str:
    made, going = "", dict[int, tuple[int, int]]()  # cells that go on below: place to rows left and columns
    for row in rows:
        cells, place = "", 0
        for cell in (*row, None):
            while place in going:
                left, wide = going.pop(place)
                cells += _cell(Cell((), wide=wide), columns[place : place + wide], named, size, head, "<w:vMerge/>")
                if left > 1:
                    going[place] = (left - 1, wide)
                    place += wide
                    continue
                place += wide
            if cell is not None:
                merge = '<w:vMerge w:val="restart"/>' if cell.tall > 1 else ""
                cells += _cell(cell, columns[place : place + cell.wide], named, size, head, merge)
                if cell.tall > 1:
                    going[place] = (cell.tall - 1, cell.wide)
                place += cell.wide
        repeated = "<w:cantSplit/><w:tblHeader/>" if head else "<w:cantSplit/>"
        made += f"<w:tr><w:trPr>{repeated}</w:trPr>{cells}</w:tr>"
    return made


def _cell(cell: Cell, columns: list[int], named: frozenset[str], size: float, head: bool, merge: str) -> str:
    span = f'<w:gridSpan w:val="{cell.wide}"/>' if cell.wide > 1 else ""
    low = '<w:vAlign w:val="bottom"/>' if head else ""
    aside = '<w:jc w:val="right"/>' if cell.right else ""
    text = _line(cell.line, named, bold=head, size=size if size < _SIZE else 0.0)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{sum(columns)}" w:type="dxa"/>{span}{merge}{low}</w:tcPr>'
        f"{_paragraph(text, 'Cell', aside)}</w:tc>"
    )
