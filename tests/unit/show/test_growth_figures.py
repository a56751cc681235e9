"""Figures of growth hide small schools, keep the order of the rows and are the same bytes twice."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from matplotlib import image

from oko.language import used
from oko.show import growth_figures, theme

SCHOOLS = pd.DataFrame(
    {
        "n": [90, 9, 40],
        "median": [61.0, 20.0, 44.0], "lower": [52.0, 1.0, 30.0], "upper": [70.0, 99.0, 60.0],
        "attainment": [11.0, 9.0, 8.0], "attainment_lower": [10.5, 7.0, 7.2], "attainment_upper": [11.5, 11.0, 8.8],
    },
    index=pd.Index(["498", "329", "344"], name="school"),
)  # fmt: skip


def lines() -> pd.DataFrame:
    about = [("m4", 2018.5, "spring", 4, 4), ("m5", 2020.0, "autumn", 5, 6), ("m6", 2020.5, "spring", 6, 6)]
    rows = [
        {"school": school, "assessment": name, "time": time, "season": season, "material_grade": material,
         "pupil_grade": grade, "n": n, "mean": 0.1 * grade, "lower": 0.1 * grade - 0.3, "upper": 0.1 * grade + 0.3}
        for school, n in (("344", 30), ("329", 8)) for name, time, season, material, grade in about
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_small_schools_are_named_and_not_drawn() -> None:
    with used("en"):
        picture = growth_figures.bubbles(SCHOOLS, {"329": "School 329"}, ["344"])
    assert "of 2 schools" in picture.alt
    assert "from 44.0 to 61.0; at 1" in picture.alt
    assert picture.caption.endswith("Not shown (n < 10 or no number): School 329.")


def test_the_same_figure_has_the_same_bytes_and_holds_in_grey() -> None:
    one, other = (growth_figures.cohort_figure(lines()).png for _ in range(2))
    assert one == other
    tones = theme.grey(image.imread(io.BytesIO(one)))
    # paper and ink are both there
    assert np.ptp(tones) > 0.9


def test_points_of_few_pupils_are_left_out() -> None:
    with used("en"):
        assert "in 1 school over 3 assessments" in growth_figures.cohort_figure(lines()).alt
        assert "no results" in growth_figures.cohort_figure(lines().assign(n=3)).alt
        assert growth_figures.bubbles(SCHOOLS.assign(n=3)).alt == "No school has a number."
