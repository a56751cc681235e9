"""Figures of protected tables: drawn from the table alone, and nothing in them gives a hidden number away."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import oko.show
import png_chunks
import protected_rows
from oko.language import number, percent, used
from oko.show import cells, figures, mark_figures, school_figures, theme
from oko.show.picture import Picture

COLUMNS = (*protected_rows.SHARES, "pass_rate", "quality")


def left_behind() -> pd.DataFrame:
    """A table whose intervals were forgotten: each hidden number lies in the middle of one."""
    full, shown = protected_rows.full(), protected_rows.marks()
    ends = [name for name in full if str(name).endswith(("_lower", "_upper"))]
    return shown.assign(**{str(name): full[name] for name in ends})


def quality(frame: pd.DataFrame) -> Picture:
    return figures.intervals(frame, "quality", "quality_lower", "quality_upper", "label", 0.5)


KINDS: dict[str, Callable[[pd.DataFrame], Picture]] = {"marks": figures.marks, "quality": quality}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    kept: list[Figure] = []
    for module in (figures, mark_figures, school_figures):
        monkeypatch.setattr(module, "png", lambda figure, mark="": (kept.append(figure), theme.png(figure, mark))[1])
    return kept


def texts(figure: Figure) -> str:
    return " | ".join(text.get_text() for text in figure.findobj(Text))


def places(figure: Figure) -> np.ndarray:
    """Where anything drawn begins or ends along the axis of numbers, and how wide it is."""
    found: list[float] = []
    for thing in figure.axes[0].findobj():
        if isinstance(thing, Line2D):
            found += list(np.asarray(thing.get_xdata(), dtype=float))
        elif isinstance(thing, LineCollection):
            found += [float(x) for segment in thing.get_segments() for x, _ in np.asarray(segment)]
        elif isinstance(thing, Rectangle):
            found += [thing.get_x(), thing.get_x() + thing.get_width(), thing.get_width()]
    return np.array([place for place in found if np.isfinite(place)])


def secrets() -> list[tuple[str, str, float]]:
    full, shown = protected_rows.full(), protected_rows.marks().to_dict("records")
    return [
        (row["school"], column, float(full[column][place]))
        for place, row in enumerate(shown)
        for column in COLUMNS
        if not cells.is_exact(row, column) and 0 < full[column][place] < 1
    ]


def test_the_made_up_table_has_all_cases() -> None:
    hidden = {(school, column) for school, column, _ in secrets()}
    assert {
        ("329", "share_3"),
        ("498", "quality"),
        ("527", "share_2"),
        ("512", "quality"),
        ("639", "quality"),
    } <= hidden
    assert not {column for school, column in hidden if school in ("", "344")}


@pytest.mark.parametrize("kind", KINDS)
def test_no_hidden_number_is_written_or_drawn(kind: str, drawn: list[Figure]) -> None:
    picture = KINDS[kind](left_behind())
    written = re.findall(r"\d+(?:,\d+)?\u00a0%|n = \d+", f"{texts(drawn[0])} | {picture.alt}")
    for school, column, value in secrets():
        assert percent(value) not in written, (school, column)
        assert percent(value, 1) not in written, (school, column)
        assert np.abs(places(drawn[0]) - value).min() > 0.0005, (school, column)
        assert np.abs(places(drawn[0]) - (1 - value)).min() > 0.0005, (school, column)
    assert not {"n = 7", "n = 67"} & set(written)


def test_an_interval_left_behind_is_not_drawn(drawn: list[Figure]) -> None:
    quality(left_behind())
    full = protected_rows.full().set_index("school")
    for school in ("498", "512", "527", "639"):
        for end in ("quality_lower", "quality_upper"):
            assert np.abs(places(drawn[0]) - full[end][school]).min() > 0.0005, (school, end)


def test_a_row_partly_hidden_is_drawn_with_marks_together() -> None:
    rows = {row["school"]: mark_figures.parts(row) for row in protected_rows.marks().to_dict("records")}
    assert [part.marks for part in rows["344"]] == [(2,), (3,), (4,), (5,)]
    low, *high = rows["329"]
    assert (low.marks, low.end, [part.marks for part in high]) == ((2, 3), pytest.approx(0.3692), [(4,), (5,)])
    both = {**protected_rows.marks().iloc[2], "hidden_cells": "share_2 share_3 share_4", "bounded": "share_5"}
    assert [part.marks for part in mark_figures.parts(both)] == [(2, 3), (4, 5)]
    assert [(part.marks, part.start, part.end) for part in rows["498"]] == [((4, 5), pytest.approx(0.05), 1.0)]
    assert [(part.marks, part.start, part.end) for part in rows["527"]] == [((2, 3), 0.0, 0.95)]
    assert rows["512"] == rows["639"] == ()


def test_parts_are_said_in_words_and_explained_under_the_figure() -> None:
    picture = figures.marks(protected_rows.marks(), threshold=12)
    assert png_chunks.kinds(picture.png) <= png_chunks.PICTURE
    alt, below = (text.replace("\u00a0", " ") for text in (picture.alt, picture.caption))
    assert "Школа № 329: отметки «2» и «3» — 37 %, отметка «4» — 43 %, отметка «5» — 20 %" in alt
    assert "Гимназия № 498: отметки «4» и «5» — не меньше 95 %; Школа № 512: скрыто" in alt
    assert "Школа № 527: отметки «2» и «3» — не меньше 95 %; Школа № 639: скрыто." in alt
    for words in ("Штриховка", "В рамке из точек", "«Скрыто»: учеников меньше 12", "точная доля не показывается"):
        assert words in below
    plain = figures.marks(protected_rows.marks().head(2)).caption
    assert not re.search("Штриховка|точек|Скрыто|не показывается", plain)


def test_bounds_of_intervals_are_said_and_explained() -> None:
    with used("en"):
        picture = quality(protected_rows.marks())
    assert "Гимназия № 498: at least 95%; Школа № 512: hidden; Школа № 527: at most 5%" in picture.alt
    assert "A triangle is a bound" in picture.caption
    assert "fewer than 10 pupils" in picture.caption
    assert "triangle" not in quality(protected_rows.marks().head(2)).caption


def test_a_bound_of_what_is_no_share_is_hidden() -> None:
    rows = pd.DataFrame({"label": ["a"], "value": [5.0], "lower": [4.0], "upper": [6.0], "bounded": ["value"]})
    picture = figures.intervals(rows, "value", "lower", "upper", "label", share=False)
    assert picture.alt == "a: скрыто."
    assert "«Скрыто»" in picture.caption
    assert "Треугольник" not in picture.caption


def test_the_cluster_beside_a_school_is_hidden_and_bounded_too(drawn: list[Figure]) -> None:
    left = protected_rows.tasks().assign(cluster_facility=[0.8137, 0.98, 0.4411, 0.2039, 0.6677])
    picture = figures.facility(left, "cluster_facility", own="школа", other="кластер")
    assert np.abs(places(drawn[0]) - 0.6677).min() > 0.0005
    assert "3.1 — скрыто; 3.2 — не больше 2\u00a0%" in picture.alt
    assert "«Скрыто»" in picture.caption


@pytest.mark.parametrize("more", [0, 10])
def test_a_school_hidden_from_the_caterpillar_leaves_no_bar(drawn: list[Figure], more: int) -> None:
    frame = protected_rows.residuals()
    bars = {"gh_lower": 1.1237, "gh_upper": 1.9437}
    secret = frame["residual"].isna()
    frame = frame.assign(**{name: frame[name].mask(secret, value) for name, value in bars.items()})
    others = frame.head(1).loc[[0] * more].assign(school=[f"s{n}" for n in range(more)])
    picture = figures.caterpillar(pd.concat([frame, others]), protected_rows.LABELS, ["512"], threshold=12)
    spans = [y for lines in drawn[0].axes[0].findobj(LineCollection) for s in lines.get_segments() for y in np.ravel(s)]
    for value in bars.values():
        assert np.abs(np.array(spans) - value).min() > 0.0005
        assert number(value, 2) not in texts(drawn[0])
    assert "Скрыто 2 школы: в них меньше 12 учеников" in picture.caption
    assert "скрыто" in texts(drawn[0]) or more


@pytest.mark.parametrize("hidden", ["school", "model"])
def test_no_line_of_a_hidden_school_or_model(drawn: list[Figure], hidden: str) -> None:
    schools = pd.DataFrame(
        {"school": ["a", "b"], "residual": [0.1, 0.77], "prior": [0.2, 0.3], "hidden_cells": ["", "prior"]}
    )
    fixed = pd.DataFrame({"estimate": [0.0, 0.5 if hidden == "school" else np.nan]}, index=["Intercept", "prior"])
    picture = figures.slopes(schools, fixed, "prior", -1.0, 1.0, {"a": "А", "b": "Б"}, ["a", "b"])
    heights = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in drawn[0].axes[0].get_lines()])
    assert np.isfinite(heights).sum() == (4 if hidden == "school" else 0)
    assert "Б" not in texts(drawn[0]).split(" | ")
    assert ("размах 0,00" in picture.alt.replace("их ", "")) == (hidden == "school")


def test_hidden_parts_can_be_told_apart_in_grey() -> None:
    shown = image.imread(io.BytesIO(figures.marks(protected_rows.marks()).png))
    found = []
    for tone in (mark_figures._PAIR_TONES[(2, 3)], mark_figures._PAIR_TONES[(4, 5)]):
        same = np.abs(shown[..., :3] - to_rgb(tone)).max(axis=2) < 0.02
        assert same.sum() > 500
        found.append(float(np.median(theme.grey(shown)[same])))
    assert theme.contrast(*found) >= 3
    assert theme.contrast(1.0, found[1]) >= 4.5


def test_a_row_without_data_is_not_called_hidden() -> None:
    row: dict[str, Any] = {"label": "a", "n": 40.0, "hidden": False, "hidden_cells": "", "bounded": ""}
    picture = figures.marks(pd.DataFrame([{**row, **dict.fromkeys((*protected_rows.SHARES, "quality"), np.nan)}]))
    assert picture.alt == "a: –."
    assert "Скрыто" not in picture.caption


def test_pictures_are_written_in_one_place_without_texts() -> None:
    room = Path(oko.show.__file__).parents[1]
    found = {path.name for path in room.rglob("*.py") if "savefig" in path.read_text(encoding="utf-8")}
    assert found <= {"theme.py"}
