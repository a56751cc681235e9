"""The true numbers behind releases, from the store: the attacker is judged by them, and an insider knows his own."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from oko.measures import marks as measured
from oko.measures.yearly import PRIOR, linked, year_models
from oko.workspace import Workspace
from security.attack.knowledge import Key
from security.attack.releases import Releases

DESCRIBED = ["assessment", "subject"]
KEYS = {*DESCRIBED, "school", "model", "term", "component"}


def true_numbers(workspace: Workspace) -> Mapping[Key, float]:
    """Return every number that the attack has a name for; what is not there is 0."""
    results = workspace.results(role="cluster")
    took = results[results["status"] == "took"]
    took = took.assign(score=took["primary_score"].fillna(took["test_score"]))
    truth: dict[Key, float] = defaultdict(float)
    for rows in (took, took.assign(school="")):
        groups = rows.groupby(["assessment", "school"])
        marked, scored = groups["mark"].count(), groups["score"].count()
        numbers = {
            "took": groups.size(), "marked": marked.where(marked > 0, scored), "scored": scored,
            "points": groups["score"].sum(),
        }  # fmt: skip
        truth |= {(kind, *place): float(n) for kind, series in numbers.items() for place, n in series.items()}
        by_mark = rows.dropna(subset=["mark"]).groupby(["assessment", "school", "mark"]).size()
        truth |= {("mark", work, school, int(mark)): float(n) for (work, school, mark), n in by_mark.items()}
    return truth


def linked_numbers(workspace: Workspace, year: str, released: Releases) -> Mapping[Key, float]:
    """Return who has an earlier result too: by school, and in each released model."""
    pairs = linked(workspace.results(), workspace.assessments(), year)
    by_school = pairs.groupby(["assessment", "school"])
    truth = {("linked", *place): float(n) for place, n in by_school.size().items()}
    for kind, column in (("linked points", "score"), ("prior points", PRIOR)):
        truth |= {(kind, *place): float(points) for place, points in by_school[column].sum().items()}
    told = released.tables.get((year, "fixed_effects"), pd.DataFrame(columns=["assessment", "n"]))
    truth |= {("linked", work, ""): float(n) for work, n in told.groupby("assessment")["n"].first().items()}
    listed = released.tables.get((year, "school_residuals"), pd.DataFrame(columns=["assessment", "school", "model"]))
    inside = listed[listed["model"] == "intercept"].groupby("assessment")["school"].apply(list)
    for work, schools in inside.items():
        own = sum(truth.get(("linked", work, school), 0.0) for school in schools)
        truth["linked", work, "elsewhere"] = truth["linked", work, ""] - own
    return truth


def priors_in_points(workspace: Workspace) -> dict[str, str]:
    """Return the earlier work of each, where both are scored in primary points: a model of test scores has other units."""
    results, assessments = workspace.results(), workspace.assessments()
    tested = set(results.loc[results["test_score"].notna(), "assessment"])
    pairs = assessments.loc[assessments["prior"].notna(), ["assessment", "prior"]].itertuples(index=False)
    return {work: prior for work, prior in pairs if not {work, prior} & tested}


def only_by_threshold(workspace: Workspace, year: str, threshold: int) -> Releases:
    """Return tables that hide what rests on few pupils and nothing else: what a careful beginner would release."""
    taken = workspace.results(year=year, role="cluster")
    took = taken[taken["status"] == "took"]
    coverage = took.groupby(["school", *DESCRIBED]).size().rename("n").reset_index()
    parts = measured.summary(taken, by=[*DESCRIBED, "school"])
    marks = pd.concat([measured.summary(taken, by=DESCRIBED).assign(school=""), parts])
    tables = {"coverage": coverage, "marks": marks[marks["n"] > 0]}
    pairs = linked(workspace.results(), workspace.assessments(), year)
    models = year_models(pairs[pairs["assessment"].isin(priors_in_points(workspace))])
    named = models.schools()[models.schools()["school"].isin(workspace.cluster.school_codes)]
    tables |= {"school_residuals": named, "fixed_effects": models.fixed_effects(), "variance": models.variance()}
    hidden = {name: _hide(table.reset_index(drop=True), threshold) for name, table in tables.items()}
    return Releases({(year, name): table for name, table in hidden.items()}, {})


def _hide(table: pd.DataFrame, threshold: int) -> pd.DataFrame:
    small = table["n"] < threshold
    shown = {name: values if name in KEYS else values.astype(object).mask(small) for name, values in table.items()}
    frame = pd.DataFrame(shown)
    numbers = [name for name in table.select_dtypes("number") if name not in KEYS]
    return frame.astype(dict.fromkeys(numbers, "float64")).assign(hidden=small, hidden_cells="", bounded="")


def waves_of_effect(workspace: Workspace) -> list[list[str]]:
    """Return the works of the two waves that the effect page compares: the protocol is public."""
    path = workspace.root / "data" / "clusters" / workspace.cluster.code / "protocol.toml"
    if not path.is_file():
        return []
    protocol = tomllib.loads(path.read_text(encoding="utf-8"))
    assessments = workspace.assessments()
    found = []
    for wave in (protocol["waves"]["before"], protocol["waves"]["after"]):
        held = assessments[(assessments["year"] == wave["year"]) & (assessments["season"] == wave["season"])]
        asked = {(work["subject"], work["grade"]) for work in protocol["outcome"]["works"]}
        asked_here = held[held["procedure"] == protocol["outcome"]["procedure"]]
        keys = zip(asked_here["subject"], asked_here["material_grade"], strict=True)
        found.append(list(asked_here.loc[[key in asked for key in keys], "assessment"]))
    return found
