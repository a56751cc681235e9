"""Figures hold in grey, are the same bytes twice, keep the schools' order and survive odd names and gaps."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from matplotlib.colors import to_rgb

import fake_release
import png_chunks
from oko.errors import DataError
from oko.show import figures, theme
from oko.show.picture import Picture

NAMES = {"344": "Лицей № 344", "329": "Школа $x^{ <b>", "498": "Гимназия", "512": "Школа № 512"}


def residuals(count: int) -> pd.DataFrame:
    places = np.arange(count)
    value = 0.6 * np.sin(7.3 * places)
    frame = {
        "residual": value,
        "lower": value - 0.3,
        "upper": value + 0.3,
        "gh_lower": value - 0.2,
        "gh_upper": value + 0.2,
    }
    return pd.DataFrame(
        {**frame, "prior": 0.1 * np.cos(places)}, index=pd.Index([str(n) for n in places], name="school")
    )


def marks() -> pd.DataFrame:
    frame = fake_release.marks()
    return frame.assign(label=frame["school"].map(NAMES).fillna("Кластер"))


def tasks() -> pd.DataFrame:
    share = np.array([0.9, 0.5, np.nan, 0.1])
    frame = {
        "n": 40,
        "facility": share,
        "lower": share - 0.08,
        "upper": share + 0.08,
        "cluster_facility": [0.8, 0.6, 0.4, 0.2],
    }
    return pd.DataFrame({**frame, "label": "Задача с $ и <"}, index=pd.Index(["1", "2", "3.1", "3.2"], name="item"))


def few() -> Picture:
    return figures.caterpillar(fake_release.models()["school_residuals"], NAMES, ["344"])


def many() -> Picture:
    return figures.caterpillar(residuals(65), {"1": "Школа 1"}, ["1", "2"], unit="sd")


def slopes() -> Picture:
    fixed = pd.DataFrame({"estimate": [0.0, 0.5]}, index=["Intercept", "prior"])
    return figures.slopes(residuals(30), fixed, "prior", -1.5, 1.5, NAMES, ["3"])


def intervals() -> Picture:
    return figures.intervals(marks(), "quality", "quality_lower", "quality_upper", "label", 0.5, title="Качество")


TWO_TONES: dict[str, Callable[[], Picture]] = {
    "few": few, "many": many, "slopes": slopes, "facility": lambda: figures.facility(tasks(), "cluster_facility"),
}  # fmt: skip
ALL = {**TWO_TONES, "intervals": intervals, "marks": lambda: figures.marks(marks())}


def pixels(picture: Picture) -> np.ndarray:
    return image.imread(io.BytesIO(picture.png))


def luminance(tone: str) -> float:
    return float(theme.grey(np.array([[to_rgb(tone)]]))[0, 0])


@pytest.mark.parametrize("name", ALL)
def test_a_figure_is_a_picture_with_words(name: str) -> None:
    picture = ALL[name]()
    assert picture.png.startswith(b"\x89PNG")
    assert len(picture.alt) > 20
    assert picture.caption
    assert pixels(picture).shape[1] == pytest.approx(picture.width * 2, abs=2)
    shown = picture._repr_html_()
    assert shown.count("<img") == 1
    assert "<b>" not in shown
    assert picture.png not in repr(picture).encode("latin-1", "replace")


@pytest.mark.parametrize("name", ALL)
def test_the_same_figure_is_the_same_bytes(name: str) -> None:
    picture = ALL[name]()
    assert picture.png == ALL[name]().png
    assert png_chunks.kinds(picture.png) <= png_chunks.PICTURE


@pytest.mark.parametrize("name", TWO_TONES)
def test_the_two_tones_can_be_told_apart_in_grey(name: str) -> None:
    shown = pixels(TWO_TONES[name]())
    found = []
    for tone in (theme.FIRST, theme.SECOND):
        same = np.abs(shown[..., :3] - to_rgb(tone)).max(axis=2) < 0.02
        assert same.sum() > 50, f"{tone} is not in the figure"
        found.append(float(np.median(theme.grey(shown)[same])))
    assert theme.contrast(*found) >= 3


def test_marks_differ_in_grey_step_by_step() -> None:
    shades = [luminance(tone) for tone in theme.MARK_TONES.values()]
    assert shades == sorted(shades, reverse=True)
    assert all(theme.contrast(a, b) >= 1.7 for a, b in itertools.pairwise(shades))
    assert all(theme.contrast(luminance(theme.INK), shade) >= 4.5 for shade in shades[:3])
    assert theme.contrast(1.0, shades[3]) >= 4.5


def test_schools_are_never_sorted_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    from oko.show import school_figures

    drawn: list[list[str]] = []
    inner = school_figures._in_lines
    monkeypatch.setattr(school_figures, "_in_lines", lambda *given: (drawn.append(list(given[2])), inner(*given)))
    figures.caterpillar(residuals(7))
    assert drawn == [[str(n) for n in range(7)]]


@pytest.mark.parametrize("count", [1, 2, 12, 13, 65])
def test_any_number_of_schools(count: int) -> None:
    assert figures.caterpillar(residuals(count), {}, ["0"]).png


def test_hidden_numbers_have_one_word() -> None:
    assert theme.absent_words({"n": float("nan"), "hidden": True}) == "скрыто"
    assert theme.absent_words({"n": 40, "hidden": False, "hidden_cells": "quality"}, column="quality") == "скрыто"
    assert theme.absent_words({"n": 4}) == "скрыто"
    assert theme.absent_words({"n": 40}) == "–"


def test_values_without_an_interval_are_drawn_alone() -> None:
    rows = pd.DataFrame({"label": ["a", "b"], "value": [0.3, -0.2], "lower": np.nan, "upper": np.nan})
    assert figures.intervals(rows, "value", "lower", "upper", "label", 0.0, share=False).alt == "a: 0,30; b: −0,20."


def test_nothing_to_draw_is_still_a_picture() -> None:
    empty = residuals(3).assign(residual=np.nan, lower=np.nan, upper=np.nan, gh_lower=np.nan, gh_upper=np.nan)
    assert figures.caterpillar(empty).png
    assert figures.caterpillar(pd.concat([empty] * 5).set_axis([str(n) for n in range(15)])).png


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="share_2"):
        figures.marks(pd.DataFrame({"label": ["a"], "n": [1]}))


def test_the_mark_of_example_data_is_in_the_picture() -> None:
    assert figures.marks(marks(), mark="учебные данные").png != figures.marks(marks()).png


def test_frames_are_not_changed() -> None:
    frame = marks()
    before = frame.copy()
    figures.marks(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_global_state_of_matplotlib_stays() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    figures.marks(marks())
    assert dict(matplotlib.rcParams) == before


def test_what_is_said_of_a_picture_stands_in_one_line() -> None:
    assert 'alt="Лицей № 344: 5"' in str(Picture(b"", "Лицей\n№ 344: 5", "", 100).shown())
