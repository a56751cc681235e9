"""What stands around an effect, over many invented districts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.measures.evidence import regression_to_mean, synthetic_control

pytestmark = pytest.mark.slow


def test_schools_chosen_for_being_low_come_back_as_expected() -> None:
    """The 7 lowest of 40 schools, nothing done: what is found beyond the expected reversion is 0 on average."""
    rng = np.random.default_rng(101)
    lasting, passing = 0.25, 0.2
    beyond = []
    for _ in range(500):
        level = rng.normal(0, lasting, (80, 1))
        means = level + rng.normal(0, passing, (80, 2))
        low = np.argsort(means[:40, 0])[:7]
        chosen = np.concatenate([low, np.arange(40, 80)])
        frame = pd.DataFrame(means[chosen], columns=[0, 1]).assign(school=chosen, treated=(chosen < 40).astype(int))
        found = regression_to_mean(frame.melt(["school", "treated"], [0, 1], "period", "outcome")).iloc[0]
        beyond.append(found["beyond"])
    error = np.std(beyond) / np.sqrt(len(beyond))
    # Fisher's r is biased down by ρ(1 − ρ²)/2n = .005, which moves the expected change by .005 × gap (.45) = .002;
    # without the expected reversion the mean would be about .18.
    assert abs(np.mean(beyond)) < 0.002 + 3 * error
    assert error < 0.01


def test_placebo_p_is_uniform_where_nothing_was_done() -> None:
    """One school of 20 alike and waves too many to be followed exactly: p is uniform on 1/20 … 1, nearly.

    Not quite, because the school itself has 19 donors and each placebo 18.
    """
    rng = np.random.default_rng(102)
    p = []
    for _ in range(400):
        table = pd.DataFrame(rng.normal(size=(20, 1)) + rng.normal(size=(20, 16)))
        p.append(synthetic_control(table, [0], [15]).p)
    assert not np.isnan(p).any()
    for share in (0.1, 0.25, 0.5):
        error = np.sqrt(share * (1 - share) / len(p))
        # binomial 99.8 %: three cells, so 99.4 % together
        assert abs(np.mean(np.array(p) <= share + 1e-9) - share) < 3.1 * error
