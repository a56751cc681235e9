"""Words of the figures of the effect: schools are counted as schools, and p is never written as nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.measures import impact
from oko.measures.statement import Statement
from oko.show import impact_figures
from oko.show.said_impact_conclusion import p_with_sign
from oko.show.statements import words


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def study() -> impact.Differences:
    rows = [
        (s, t, int(s < 7), np.sin(3.1 * s) + 0.1 * t * np.cos(5.3 * s) + 2 * t * (s < 7))
        for s in range(25)
        for t in (0, 1)
    ]
    return impact.difference_in_differences(
        pd.DataFrame(rows, columns=["school", "period", "treated", "score"]), "score"
    )


def test_two_waves_count_schools() -> None:
    said = plain(impact_figures.two_waves(study()).alt)
    assert "у школ с моделью (7 школ): " in said
    assert "у других (18 школ): " in said


def test_a_small_p_is_written_as_below_what_can_be_written() -> None:
    assert "p < 0,001." in plain(impact_figures.reassignments(study().randomisation()).alt)


@pytest.mark.parametrize(("p", "written"), [(0.0213, "p = 0,021"), (1e-7, "p < 0,001"), (np.nan, "p = –")])
def test_the_sign_belongs_to_the_value(p: float, written: str) -> None:
    assert plain(p_with_sign(p)) == written


def test_tests_that_do_not_agree_are_said() -> None:
    evidence = {"estimate": 0.3, "lower": 0.02, "upper": 0.58, "level": 0.95, "p": 0.04, "p_randomisation": 0.06}
    said = words(Statement("impact_cannot_rule_out_zero", evidence))
    assert said.startswith("Две проверки расходятся")


def test_a_difference_without_spread_is_drawn() -> None:
    cups = [1, 1, 1, 1, 0, 0, 0, 0]
    assert "p = 0,029" in plain(impact_figures.reassignments(impact.randomisation_test(cups, cups)).alt)
