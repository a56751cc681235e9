"""Wrong calls are named: what, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.language import used
from oko.measures.evidence import (
    baseline_equivalence,
    ceiling,
    dose_from_actions,
    dose_response,
    flow,
    missing_bounds,
    regression_to_mean,
    school_changes,
    school_scores,
    school_wave_means,
    synthetic_control,
    target_tasks,
    trend_sensitivity,
)

ROWS = pd.DataFrame([("x", "m", 0, 30, 5.0, 2.0), ("y", "m", 0, 50, 7.0, 1.5)],
                    columns=["school", "stratum", "period", "n", "mean", "sd"])  # fmt: skip
OURS = ROWS.assign(school=["a", "b"])
WAVES = pd.DataFrame([(s, p, int(s == "a"), 0.1) for s in "abc" for p in (0, 1)],
                     columns=["school", "period", "treated", "outcome"])  # fmt: skip
PUPILS = pd.DataFrame({"school": list("aab"), "pupil": list("123"), "treated": [1, 1, 0], "y": [1.0, 2.0, None]})
TASKS = pd.DataFrame([("a", p, i, 1, int(i == "1"), 0.5) for p in (0, 1) for i in "12"],
                     columns=["school", "period", "item", "treated", "target", "facility"])  # fmt: skip
WIDE = pd.DataFrame(np.zeros((3, 3)), list("abc"), [0, 1, 2])
FOUND = SimpleNamespace(estimate=0.4, se=0.1, df=8.0)

CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "no column": (lambda: school_wave_means(OURS.drop(columns="sd"), ROWS), "'sd' is missing"),
    "text for numbers": (lambda: school_wave_means(OURS.assign(mean="five"), ROWS), "'mean' is not numeric"),
    "categories": (lambda: school_wave_means(OURS.assign(n=pd.Categorical(["30", "50"])), ROWS), "'n' is not numeric"),
    "negative": (lambda: school_wave_means(OURS.assign(n=[3, -1]), ROWS), "row 2: -1.0"),
    "infinite": (lambda: school_wave_means(OURS.assign(sd=[np.inf, 1]), ROWS), "row 1: inf"),
    "no school": (lambda: school_wave_means(OURS.assign(school=[None, "b"]), ROWS), "row 1: nothing"),
    "both groups": (lambda: school_wave_means(ROWS, ROWS), "School x stands in the cluster"),
    "twice": (lambda: school_wave_means(pd.concat([OURS, OURS]), ROWS), "school a, stratum m, period 0 stands in two"),
    "reference": (lambda: school_wave_means(OURS, ROWS, "district"), "'district' is unknown"),
    "no task": (lambda: school_scores(PUPILS, []), "No task is named"),
    "unknown task": (lambda: school_scores(PUPILS, ["9"]), "Task '9'"),
    "no school column": (lambda: school_scores(PUPILS, ["y"], school="lyceum"), "'lyceum' is missing"),
    "flags": (lambda: baseline_equivalence(ROWS.assign(treated=[2, 0])), "row 1: give 1 or 0"),
    "missing flags": (lambda: baseline_equivalence(ROWS.assign(treated=[None, 0.0])), "row 1: give 1 or 0"),
    "mixed school": (
        lambda: baseline_equivalence(pd.concat([ROWS, ROWS]).assign(treated=[1, 0, 0, 0])),
        "School x has both 0 and 1",
    ),
    "twice in baseline": (
        lambda: baseline_equivalence(pd.concat([ROWS, ROWS]).assign(treated=1)),
        "stands in two rows",
    ),
    "weights of schools": (lambda: baseline_equivalence(ROWS.assign(treated=1), weights=[1, 1]), "rows of pupils"),
    "no covariate": (lambda: baseline_equivalence(PUPILS, []), "No covariate is named"),
    "level": (lambda: regression_to_mean(WAVES, level=95), "95"),
    "over the maximum": (
        lambda: ceiling(pd.DataFrame({"primary_score": [11.0], "max_score": 10})),
        "Row 1: 11.0 points are above",
    ),
    "no maximum": (lambda: ceiling(pd.DataFrame({"primary_score": [1.0]}), max_score=0), "no greatest score"),
    "years": (lambda: trend_sensitivity(FOUND, years=0), "years = 0"),
    "no finding": (lambda: trend_sensitivity(SimpleNamespace(estimate=None, se=1, df=1)), "three numbers"),
    "treated below nothing": (lambda: trend_sensitivity(FOUND, n_treated=-1), "n_treated = -1"),
    "multiples in words": (lambda: trend_sensitivity(FOUND, multiples=["a"]), "'multiples' is not numeric"),  # type: ignore[list-item]
    "endless maximum": (lambda: ceiling(pd.DataFrame({"primary_score": [1.0]}), max_score=np.inf), "no greatest"),
    "no table of points": (lambda: school_scores([1], ["y"]), "no table"),  # type: ignore[arg-type]
    "multiples": (lambda: trend_sensitivity(FOUND, multiples=[-1]), "from 0 up"),
    "earlier": (lambda: trend_sensitivity(FOUND, earlier_trends=[np.nan]), "earlier trend"),
    "unknown school": (lambda: synthetic_control(WIDE, ["z"], [2]), "School z"),
    "unknown period": (lambda: synthetic_control(WIDE, ["a"], [3]), "Period 3"),
    "school twice": (lambda: synthetic_control(pd.concat([WIDE, WIDE]), ["a"], [2]), "stands twice"),
    "draws": (lambda: synthetic_control(WIDE, ["a"], [2], draws=0), "draws = 0"),
    "text outcomes": (lambda: synthetic_control(WIDE.astype(str), ["a"], [2]), "not numeric"),
    "periods": (lambda: target_tasks(TASKS, 0, 1, 1), "two periods"),
    "target at times": (lambda: target_tasks(TASKS.assign(target=[1, 0, 0, 0]), -1, 0, 1), "Task '1' is a target"),
    "task twice": (lambda: target_tasks(pd.concat([TASKS, TASKS]), -1, 0, 1), "stands in two rows"),
    "date": (
        lambda: dose_from_actions(
            pd.DataFrame(columns=["school", "status", "done", "subject", "skill"]), ["a"], "15.04.2021"
        ),
        "15.04.2021",
    ),
    "negative dose": (lambda: dose_response(pd.DataFrame({"change": [1.0]}), pd.Series([-1])), "row 1: -1.0"),
    "doses twice": (lambda: dose_response(pd.DataFrame({"change": [1.0]}), pd.Series([1, 2], [0, 0])), "twice"),
    "pupil twice": (lambda: flow(PUPILS.assign(pupil="1"), PUPILS), "Row 2: pupil '1'"),
    "pupils and numbers": (
        lambda: flow(PUPILS, PUPILS, counts=pd.DataFrame({"school": ["a"], "treated": 1, "before": 3, "after": 3})),
        "School a has pupils",
    ),
    "bounds": (lambda: missing_bounds(PUPILS, "y", least=2, most=1), "least = 2"),
    "outside bounds": (lambda: missing_bounds(PUPILS, "y", least=0, most=1), "2.0 in row 2"),
    "waves in words": (
        lambda: school_changes(WAVES.assign(period=WAVES["period"].map({0: "before", 1: "after"}))),
        "which is earlier",
    ),
    "tasks without a wave": (lambda: target_tasks(TASKS.assign(period=[None, 0, 1, 1]), -1, 0, 1), "row 1: nothing"),
    "share": (lambda: target_tasks(TASKS.assign(facility=1.5), -1, 0, 1), "1.5 is outside"),
    "unit": (lambda: target_tasks(TASKS, -1, 0, 1, unit="points"), "'points' is unknown"),
    "short date": (
        lambda: dose_from_actions(
            pd.DataFrame(columns=["school", "status", "done", "subject", "skill"]), ["a"], "2021-4-15"
        ),
        "2021-4-15",
    ),
    "no doses": (lambda: dose_response(pd.DataFrame({"change": [1.0]}), [1]), "no Series"),  # type: ignore[arg-type]
    "no frame": (lambda: baseline_equivalence([1, 2]), "no table"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", CALLS)
def test_wrong_calls_are_named(name: str) -> None:
    call, said = CALLS[name]
    with pytest.raises(MeasureError) as error:
        call()
    with used("en"):
        assert said in str(error.value)
    assert any("а" <= letter <= "я" for letter in str(error.value))


def test_a_wave_that_is_missing_gives_no_number() -> None:
    before = WAVES[WAVES["period"] == 0]
    assert regression_to_mean(before)["expected"].isna().all()
    assert school_changes(before).empty
    without_outcome = target_tasks(TASKS, 0, 0.5, 5)
    assert np.isnan(without_outcome.estimate)
    assert "evidence_no_school_compared" in [one.code for one in without_outcome.statements]
