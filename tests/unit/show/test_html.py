"""The border to markup lets nothing through that is not ours."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oko.show import html

PAYLOAD = "<img src=x onerror='window.PWN=1'>"
SHOW = Path(html.__file__).parent


@pytest.mark.parametrize(
    "made",
    [
        html.paragraph(PAYLOAD),
        html.paragraph("a", PAYLOAD),
        html.prose([PAYLOAD]),
        html.heading(PAYLOAD),
        html.join([PAYLOAD]),
    ],
)
def test_text_is_escaped(made: html.Html) -> None:
    assert "<img" not in str(made)
    assert "&lt;img" in str(made)


@given(st.text())
def test_no_text_can_open_a_tag_or_leave_an_attribute(text: str) -> None:
    escaped = html.escape(text)
    assert not set("<>\"'") & set(escaped)


def test_our_own_markup_is_escaped_once() -> None:
    assert str(html.section(html.paragraph("&"), "<")) == "<section><p>&amp;</p>&lt;</section>"


@pytest.mark.parametrize("path", sorted(SHOW.glob("*.py")), ids=lambda path: path.stem)
def test_markup_is_never_put_together_by_f_strings(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            constant = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            assert "</" not in constant, ast.unparse(node)
            assert not constant.startswith("<"), ast.unparse(node)
