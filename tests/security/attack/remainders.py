"""The few who have no earlier result, or no later one: can a model tell their scores?

A shrunken residual gives back the mean residual of a school's linked pupils; with the coefficients and the school's mean
scores in both works that is one equation on the scores of those who are not linked.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from security.attack.attacks import FIFTH, Target
from security.attack.equations import Case, without_columns
from security.attack.equations import learn as learn_tables
from security.attack.knowledge import Key, Question
from security.attack.releases import Releases, Row, ends, slack


def learn(
    released: Releases, priors: Mapping[str, str], maxima: Mapping[str, float], truth: Mapping[Key, float]
) -> Case:
    """Write down the equation of every school that a released model shows.

    Parameters
    ----------
    released : Releases
    priors : Mapping
        Work to the earlier work it is compared with, where both are scored in points.
    maxima : Mapping
        Greatest score of each work.
    truth : Mapping
        Pupils who moved between schools make an equation false: the attacker is spared those.
    """
    case = learn_tables(without_columns(released, "marks", ("share_", "pass_", "quality", "sou")), maxima)
    schools, fixed, variances = (released.every(name) for name in ("school_residuals", "fixed_effects", "variance"))
    if schools.empty:
        return case
    error = slack(schools["residual"])
    coefficients, components = _by_work(fixed, "term", "estimate"), _by_work(variances, "component", "value")
    for row in schools[schools["model"] == "intercept"].to_dict("records"):
        work, school = str(row["assessment"]), str(row["school"])
        if work not in priors or row["hidden"] or pd.isna(row["residual"]) or components[work]["school"][0] <= 0:
            continue
        _equation(case, row, coefficients[work], components[work], ends(row["residual"], error))
        for kind, held in (("linked points", work), ("prior points", priors[work])):
            _rest(case, (kind, work, school), (held, school), float(row["n"]), maxima)
    case.knowledge.rows = [row for row in case.knowledge.rows if case.knowledge.holds(row, truth)]
    return case


def _by_work(table: pd.DataFrame, name: str, value: str) -> dict[str, dict[str, tuple[float, float]]]:
    shown = table[(table["model"] == "intercept") & table[value].notna()]
    error = slack(shown[value])
    return {
        str(work): {str(row[name]): ends(float(row[value]), error) for row in rows.to_dict("records")}
        for work, rows in shown.groupby("assessment")
    }


def _equation(
    case: Case,
    row: Row,
    coefficients: Mapping[str, tuple[float, float]],
    components: Mapping[str, tuple[float, float]],
    residual: tuple[float, float],
) -> None:
    """Learn that later points less slope times earlier points are n times (intercept + mean residual)."""
    n = float(row["n"])
    pair = (row["assessment"], row["school"])
    within, between = components["pupil"], components["school"]
    unshrunk = [(within[i] + n * between[1 - i]) / (n * between[1 - i]) for i in range(2)]
    mean = sorted(value * factor for value in residual for factor in unshrunk)
    (least, most), slope = coefficients["Intercept"], coefficients["prior_score"]
    later, earlier = ("linked points", *pair), ("prior points", *pair)
    case.knowledge.row({later: 1.0, earlier: -slope[0]}, n * (least + mean[0]))
    case.knowledge.row({later: 1.0, earlier: -slope[1]}, -np.inf, n * (most + mean[-1]))


def _rest(case: Case, linked: Key, place: tuple[str, str], n: float, maxima: Mapping[str, float]) -> None:
    """Learn that those who are not linked have scores between 0 and the greatest."""
    knowledge, whole = case.knowledge, ("points", *place)
    knowledge.bound(linked, 0.0)
    if whole in knowledge.index and place[0] in maxima:
        most = float(maxima[place[0]])
        knowledge.row({whole: 1.0, linked: -1.0}, 0.0)
        knowledge.row({whole: 1.0, linked: -1.0, ("scored", *place): -most}, -np.inf, -most * n)


def targets(
    case: Case, truth: Mapping[Key, float], priors: Mapping[str, str], threshold: int, maxima: Mapping[str, float]
) -> list[Target]:
    """Return the sums of scores of fewer than the threshold who are in one work and not in the other."""
    found = []
    for kind, work, school in [key for key in case.knowledge.index if key[0] in ("linked points", "prior points")]:
        held = work if kind == "linked points" else priors[work]
        whole, linked = ("points", held, school), (kind, work, school)
        few = truth.get(("scored", held, school), 0.0) - truth["linked", work, school]
        if 0 < few < threshold and whole in case.knowledge.index:
            most = float(maxima[held]) * few
            name = (f"points of {few:.0f} not linked to {work}", held, school)
            question = Question({whole: 1.0, linked: -1.0})
            found.append(Target(name, question, truth[whole] - truth[linked], False, 0.0, most, FIFTH * most))
    return found
