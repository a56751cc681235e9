"""The border to markup lets nothing through that is not ours."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from oko.show import html
from oko.show.picture import Picture

PAYLOAD = "<img src=x onerror='window.PWN=1'>"


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


@pytest.mark.parametrize(
    "text", [PAYLOAD, "{{7*7}}", f"{{{{x<b>^2}}}} {PAYLOAD}", "$x^2$", "**b** [x](y)", "&lt;i&gt;"]
)
def test_a_grid_shows_every_text_letter_by_letter(text: str) -> None:
    made = html.grid(pd.DataFrame({"a": [text]}), {"a": text}, "t", right=["a"], title=text, notes=[text, ""])
    seen = Seen(str(made))
    assert seen.texts == [text] * 4
    assert not {"img", "b", "i", "sup", "a", "span"} & seen.tags - {"span"}


class Seen(HTMLParser):
    """The texts and the elements of a table, its style sheet left out."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.feed(markup[markup.index("<table") :])

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts += [data] if data.strip() else []


def test_signs_that_turn_text_around_are_seen_and_turn_nothing() -> None:
    turned = "Школа \u202e№ 52"
    made = [html.paragraph(turned), html.join([turned]), html.prose([turned]), html.heading(turned)]
    made.append(html.grid(pd.DataFrame({"a": [turned]}), {"a": turned}, "t", title=turned, notes=[turned]))
    made.append(Picture(b"", turned, turned, 10).shown())
    for markup in map(str, made):
        assert "\u202e" not in markup
        assert "Школа \ufffd№ 52" in markup


def test_jupyterlab_takes_no_dollar_sign_for_a_formula() -> None:
    assert 'class="tex2jax_ignore mathjax_ignore"' in html.paragraph("$x$")._repr_html_()
    assert html.Html("")._repr_html_() == ""


def test_a_style_sheet_takes_no_markup() -> None:
    with pytest.raises(ValueError, match="markup"):
        html.style_sheet("</style><script>")


@pytest.mark.parametrize(
    "text", ["[x](javascript:y)", "![](http://x)", "<img src=x>", "a | b", "# x", "$x$", "`x`", "&lt;"]
)
def test_markdown_shows_a_name_letter_by_letter(text: str) -> None:
    shown = markdown2html(f"Школа: {html.literal_markdown(text)}")
    seen = Seen(f"<table>{shown}")
    assert "".join(seen.texts).strip().replace("\\", "") == f"Школа: {text}"
    assert not {"a", "img", "code"} & seen.tags
