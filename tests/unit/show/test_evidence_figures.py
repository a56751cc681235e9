"""Figures around an estimate say their numbers in words, and stand where there is nothing to draw."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from oko.measures.evidence import (
    ceiling,
    dose_response,
    flow,
    flow_by_group,
    synthetic_control,
    target_tasks,
    trend_sensitivity,
)
from oko.show import evidence_figures, flow_figures
from oko.show.picture import Picture
from oko.show.theme import Size

SMALL = Size(6.0, 9.0, 48)


def plain(picture: Picture) -> str:
    assert picture.png.startswith(b"\x89PNG")
    return f"{picture.alt} {picture.caption}".replace("\u00a0", " ")


def test_flow_diagram_says_its_counts() -> None:
    first = pd.DataFrame({"school": list("aab"), "pupil": list("123"), "treated": [1, 1, 0]})
    second = first.iloc[1:]
    said = plain(flow_figures.flow_diagram(flow_by_group(flow(first, second)), size=SMALL))
    assert "Кластер (1 школа): писали в первую волну: 2; выбыли: 1; прибыли: 0" in said
    assert "Школы сравнения (1 школа)" in said
    unlinked = flow_by_group(flow(first, second, linked=False))
    assert "связи по ученикам нет" in plain(flow_figures.flow_diagram(unlinked, size=SMALL))


def test_trend_curve_says_what_undoes_the_finding() -> None:
    found = trend_sensitivity(SimpleNamespace(estimate=0.4, se=0.1, df=8.0), pd.Series([-0.1, 0.0, 0.1]))
    said = plain(evidence_figures.trend_curve(found, size=SMALL))
    assert "Начиная с разницы трендов в 0,17 стандартного отклонения интервал включает ноль" in said
    assert "проверить нельзя" in said
    weak = trend_sensitivity(SimpleNamespace(estimate=0.4, se=0.1, df=3.0))
    assert "Сведений недостаточно" in plain(evidence_figures.trend_curve(weak, size=SMALL))


def test_synthetic_lines_say_the_gap_and_the_limits() -> None:
    wide = pd.DataFrame([[0.5, 1.0, 0.7, 2.0], [0, 0, 0.2, 0], [1, 2, 1.2, 2]], index=["a", "x", "y"])
    said = plain(evidence_figures.synthetic_lines(synthetic_control(wide, ["a"], [3]), {3: "весна"}, size=SMALL))
    assert "после 1,00" in said
    assert "советуют не меньше 10" in said
    nothing = synthetic_control(wide, [], [3])
    assert "Сведений недостаточно" in plain(evidence_figures.synthetic_lines(nothing, size=SMALL))


def test_doses_ceilings_and_targets_say_their_numbers() -> None:
    changes = pd.DataFrame({"change": [0.1, 0.3, 0.2, 0.5]}, index=list("abcd"))
    doses = dose_response(changes, pd.Series([1, 2, 2, 4], index=list("abcd")))
    said = plain(evidence_figures.dose_picture(doses, {"a": "Лицей"}, size=SMALL))
    assert "Лицей: действий 1, изменение 0,10" in said
    assert "а не вывод" in said
    full = ceiling(pd.DataFrame({"primary_score": [10, 10, 3], "max_score": 10})).reset_index()
    assert "all: 67 %" in plain(evidence_figures.ceiling_bars(full, "group", size=SMALL))
    rows = [
        (s, p, i, int(s < 3), int(i == "1"), 0.5 + 0.1 * p * (s < 3)) for s in range(6) for p in (0, 1) for i in "12"
    ]
    tasks = pd.DataFrame(rows, columns=["school", "period", "item", "treated", "target", "facility"])
    lines = plain(evidence_figures.target_lines(target_tasks(tasks, -1, 0, 1), size=SMALL))
    assert "кластер, целевые: 50 % → 60 %" in lines
    empty = target_tasks(tasks.assign(facility=np.nan), -1, 0, 1)
    assert "Сведений недостаточно" in plain(evidence_figures.target_lines(empty, size=SMALL))


def test_each_dose_stands_at_its_own_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schools in no order of names, doses or changes: points were once drawn at each other's places."""
    kept: list[Figure] = []
    monkeypatch.setattr(evidence_figures, "png", lambda figure, mark: kept.append(figure) or b"")
    changes = pd.DataFrame({"change": [0.5, 0.1, 0.4, 0.2, 0.3]}, index=["d", "№ 7", "a", "c", "b"])
    doses = dose_response(changes.assign(lower=0.0, upper=0.9), pd.Series([4, 4, 1, 9, 4], index=changes.index))
    evidence_figures.dose_picture(doses, {"№ 7": "Школа № 7 с углублённым изучением"}, size=SMALL)
    axes = kept[0].axes[0]
    points = np.asarray(axes.lines[1].get_xydata())
    assert points[:, 1].tolist() == [0.4, 0.5, 0.1, 0.3, 0.2]
    assert points[:, 0].round().tolist() == [1, 4, 4, 4, 9]
    assert [text.get_text() for text in axes.texts] == ["a", "d", "№ 7", "b", "c"]
    assert [text.xy[0] for text in axes.texts] == points[:, 0].tolist()


def test_lines_of_tasks_run_from_the_baseline_whatever_the_waves_are_called() -> None:
    rows = [(s, p, i, int(s < 3), int(i == "1"), 0.5 + 0.1 * (p == "after")) for s in range(6)
            for p in ("before", "after") for i in "12"]  # fmt: skip
    tasks = pd.DataFrame(rows, columns=["school", "period", "item", "treated", "target", "facility"])
    found = target_tasks(tasks, "selection", "before", "after")
    assert "кластер, целевые: 50 % → 60 %" in plain(evidence_figures.target_lines(found, size=SMALL))
