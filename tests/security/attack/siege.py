"""A cluster under attack: what it released, the true numbers, and everything that the attacker tries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from oko.workspace import Workspace
from security.attack import attacks, equations, leftovers, models, releases, remainders, truth
from security.attack.knowledge import Key

WITH_NUMBERS = 4
"""Parts of the cluster's page before what schools added: its head, what it is about, who took part, with what results."""


@dataclass(frozen=True)
class Siege:
    """A cluster, what it released in some years, and the true numbers."""

    workspace: Workspace
    released: releases.Releases
    case: equations.Case
    counts: equations.Case
    points: equations.Case
    truth: Mapping[Key, float]
    maxima: dict[str, float]

    @property
    def threshold(self) -> int:
        return self.workspace.cluster.threshold


def besiege(workspace: Workspace, released: releases.Releases, numbers: Mapping[Key, float]) -> Siege:
    assessments = workspace.assessments()
    maxima = dict(zip(assessments["assessment"], assessments["max_score"].astype(float), strict=True))
    numbers = dict(numbers)
    for year in released.years:
        numbers |= truth.linked_numbers(workspace, year, released)
    case = equations.learn(released, maxima)
    counts = equations.learn_counts(released, truth.waves_of_effect(workspace))
    points = remainders.learn(released, truth.priors_in_points(workspace), maxima, numbers)
    return Siege(workspace, released, case, counts, points, defaultdict(float, numbers), maxima)


def of_year(found: releases.Releases, year: str) -> releases.Releases:
    return releases.Releases(
        {key: table for key, table in found.tables.items() if key[0] == year},
        {key: folder for key, folder in found.folders.items() if key[0] == year},
    )


def successes(siege: Siege) -> list[str]:
    few = attacks.counts(siege.counts, siege.truth, siege.threshold)
    values = attacks.values(siege.case, siege.truth, siege.threshold, siege.maxima)
    found = attacks.succeed(siege.counts, siege.truth, few)
    found += attacks.succeed(siege.case, siege.truth, [*values, *attacks.bounds(siege.case, siege.truth)])
    return [str(success) for success in found]


def unlinked(siege: Siege) -> list[str]:
    """Name the few with a result in one work and none in the other whose points are known."""
    priors = truth.priors_in_points(siege.workspace)
    few = remainders.targets(siege.points, siege.truth, priors, siege.threshold, siege.maxima)
    assert len(few) > 10
    return [str(success) for success in attacks.succeed(siege.points, siege.truth, few, from_inside=False)]


def published(siege: Siege) -> list[models.Published]:
    """Return the released models in which a school's row is hidden."""
    schools, variances = (siege.released.every(name) for name in ("school_residuals", "variance"))
    found = []
    for work, rows in schools.groupby("assessment") if len(schools) else ():
        own, value = rows[rows["model"] == "intercept"], variances[variances["assessment"] == work]
        value = value[value["model"] == "intercept"].set_index("component")
        if own["hidden"].any() and len(value) and value.loc["school", "value"] > 1e-6:
            between, within = (float(value.loc[name, "value"]) for name in ("school", "pupil"))
            found.append(models.Published(own, between, within, int(value["n"].iloc[0])))
    return found


def modelled(siege: Siege) -> list[str]:
    """Name hidden schools of which a model tells the number of pupils, or the residual to a fifth of what it can be."""
    found = []
    for model in published(siege):
        numbers = models.sizes(model)
        small = np.sort(numbers, axis=1)[:, 0] if len(numbers) else np.array([])
        if len(small) and small.max() - small.min() < siege.threshold - 2:
            found.append(f"{model.work}: pupils {small.min():.0f} … {small.max():.0f}")
        guess = numbers[0] if len(numbers) else np.full(len(model.hidden), model.rest / len(model.hidden))
        low, high = models.residuals(model, guess)
        if high - low < attacks.FIFTH * 4 * np.sqrt(model.between):
            found.append(f"{model.work}: residual {low:.3f} … {high:.3f}")
    return found


def hidden_names(siege: Siege, *tables: str) -> dict[str, set[str]]:
    """Return the titles of works and the names of the schools whose rows are hidden in any of these tables."""
    titles, names = siege.workspace.titles(), siege.workspace.school_names()
    found: dict[str, set[str]] = {}
    for rows in map(siege.released.every, tables):
        for row in rows[rows["hidden"].astype(bool)].to_dict("records"):
            found.setdefault(titles[row["assessment"]], set()).add(names.get(row["school"], ""))
    return found


def seen(siege: Siege) -> list[str]:
    """Name what pages, bytes of files, remarks and the order of rows tell of hidden numbers."""
    found = []
    for folder in siege.released.folders.values():
        for page in sorted(folder.glob("page.*.html")):
            sections = page.read_text(encoding="utf-8").split("<h2")
            found += leftovers.on_page("".join(sections[:WITH_NUMBERS]), hidden_names(siege, "coverage", "marks"))
            found += leftovers.on_page("".join(sections[WITH_NUMBERS:]), hidden_names(siege, "school_residuals"))
    for path in siege.released.files():
        found += leftovers.in_words(path)
        found += leftovers.in_parquet(path) + leftovers.in_twin(path) if path.suffix == ".parquet" else []
    found += leftovers.single_out(siege.released.every("estimates"), siege.released.every("changes"))
    found += leftovers.in_remarks(siege.released.every("statements"), siege.threshold)
    lists = {"coverage": ["assessment"], "marks": ["assessment"], "school_residuals": ["assessment", "model"]}
    for name, columns in lists.items():
        found += leftovers.out_of_order(siege.released.every(name), columns)
    return found
