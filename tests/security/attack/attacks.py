"""What an outsider, and each school from inside, works out of the released tables; a success is an interval too narrow."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from security.attack import shares
from security.attack.equations import MARKS, Case
from security.attack.knowledge import Key, Question

OUTSIDER = ""
FIFTH = 0.2
AS_GOOD = 0.005
"""A number known so closely, relative to its size, is as good as known: means are rounded to four digits."""


@dataclass(frozen=True)
class Target:
    """One number that must stay hidden, how it is asked for, and what is too narrow.

    Attributes
    ----------
    name : tuple
        Kind of number, assessment, school and, of marks, column.
    question : Question
        Without anybody's own knowledge.
    truth : float
    whole : bool
        A number of pupils: ends are whole.
    least, most : float
        The interval must reach from ``least`` to ``most``, or be as wide as ``width``.
    width : float
    """

    name: tuple[str, ...]
    question: Question
    truth: float
    whole: bool
    least: float
    most: float
    width: float


@dataclass(frozen=True)
class Success:
    """A number that the releases hide and somebody knows too well."""

    target: tuple[str, ...]
    who: str
    low: float
    high: float
    truth: float

    def __str__(self) -> str:
        who = f"school {self.who}" if self.who else "anybody"
        return f"{' '.join(self.target)}: {who} knows {self.low:.4g} … {self.high:.4g}; it is {self.truth:.4g}"


def counts(case: Case, truth: Mapping[Key, float], threshold: int) -> list[Target]:
    """Return hidden numbers of few pupils.

    How many took a work without an earlier result, a school's n less those linked, is not asked: it is no result of
    theirs, and the privacy document tells that it can be found. Their points are asked for in ``remainders``.
    """
    small = [key for key in case.hidden if 0 < truth[key] < threshold]
    return [
        Target(key, Question({key: 1.0}), truth[key], True, 1.0, threshold - 1.0, float(threshold)) for key in small
    ]


def values(case: Case, truth: Mapping[Key, float], threshold: int, maxima: Mapping[str, float]) -> list[Target]:
    """Return shares of marks and mean scores of few pupils."""
    found = []
    for kind, assessment, school in case.hidden:
        place, n = (assessment, school), ("marked", assessment, school)
        if kind == "marked" and 0 < truth[n] < threshold and ("mark", *place, MARKS[0]) in case.knowledge.index:
            for column, marks in shares.SETS.items():
                parts = {("mark", *place, mark): 1.0 for mark in marks}
                value = sum(truth[key] for key in parts) / truth[n]
                found.append(Target(("share", *place, column), Question(parts, n), value, False, 0, 1, FIFTH))
        scored, points = ("scored", *place), ("points", *place)
        if kind == "marked" and 0 < truth[scored] < threshold and assessment in maxima:
            most = float(maxima[assessment])
            value = truth[points] / truth[scored]
            question = Question({points: 1.0}, scored)
            found.append(Target(("mean score", *place), question, value, False, 0, most, FIFTH * most))
    return found


def bounds(case: Case, truth: Mapping[Key, float]) -> list[Target]:
    """Return shares told as bounds: the number behind must be able to be any that the bound allows."""
    found = []
    for assessment, school, column in case.bounded:
        keys = [("mark", assessment, school, mark) for mark in shares.SETS[column]]
        n, value = truth["marked", assessment, school], sum(truth[key] for key in keys)
        zone = case.zones[assessment, school, column]
        low, high = (0.0, math.floor(zone * n + 1e-6)) if value < n / 2 else (math.ceil(zone * n - 1e-6), n)
        question = Question(dict.fromkeys(keys, 1.0))
        found.append(Target(("bound", assessment, school, column), question, value, True, low, high, math.inf))
    return found


def succeed(
    case: Case, truth: Mapping[Key, float], targets: Iterable[Target], *, from_inside: bool = True
) -> list[Success]:
    """Ask every target of the releases, for anybody and for every school that knows more than they show."""
    insiders = _insiders(case, truth) if from_inside else {}
    wanted = list(targets)
    found = _ask(case, [(target, OUTSIDER) for target in wanted], insiders)
    open_to_all = {success.target for success in found}
    left = [target for target in wanted if target.name not in open_to_all]
    inside = [
        (target, who)
        for target in left
        for who in sorted(insiders.get(target.name[1], {}))
        if target.name[2] not in ("", who)
    ]
    return found + _ask(case, inside, insiders)


def _ask(
    case: Case, asked: list[tuple[Target, str]], insiders: Mapping[str, Mapping[str, Mapping[Key, float]]]
) -> list[Success]:
    questions = [
        Question(target.question.parts, target.question.per, insiders[target.name[1]][who] if who else {})
        for target, who in asked
    ]
    found = []
    for (target, who), (low, high) in zip(asked, case.knowledge.infer(questions), strict=True):
        if target.whole:
            low, high = math.ceil(low - 1e-5), math.floor(high + 1e-5)
        reaches = low <= target.least + 1e-6 and high >= target.most - 1e-6
        if not reaches and high - low < target.width - 1e-6:
            found.append(Success(target.name, who, low, high, target.truth))
    return found


def _insiders(case: Case, truth: Mapping[Key, float]) -> dict[str, dict[str, dict[Key, float]]]:
    """Return what each school knows of a work beyond its releases: its own numbers, and the cluster's from its own page.

    The school's page gives the cluster's number of pupils, and tasks with exact facilities, which make the mean score;
    shares of marks it gives in whole per cent. Only schools whose numbers are not all shown: others know what anybody does.
    """
    knowledge, own = case.knowledge, defaultdict[str, dict[str, dict[Key, float]]](dict)
    cluster = defaultdict[str, dict[Key, float]](dict)
    for key in knowledge.index:
        _, work, school, *_ = key
        if school == "" and key[0] in ("took", "marked", "scored", "points"):
            cluster[work][key] = truth[key]
        elif school not in ("", "elsewhere"):
            own[work].setdefault(school, {})[key] = truth[key]
    found: dict[str, dict[str, dict[Key, float]]] = {}
    for work, schools in own.items():
        knowing = {
            school: known | cluster[work]
            for school, known in schools.items()
            if any(high - low > max(1.0, AS_GOOD * high) for low, high in map(knowledge.bounds, known))
        }
        found[work] = knowing
    return found
