"""What a column is called and how its numbers are written: one register for tables, boards and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from oko.language import N_

Kind = Literal["text", "count", "share", "number", "precise", "fine", "p"]


@dataclass(frozen=True)
class Label:
    """Heading of a column and the kind of its values.

    Parameters
    ----------
    text : str
        English message.
    kind : {"text", "count", "share", "number", "precise", "fine", "p"}
        Shares (0 to 1) are written in per cent; numbers with one digit, precise ones with two, fine ones with three.
    bounds : tuple of str
        Columns of the interval's ends.
    """

    text: str
    kind: Kind = "text"
    bounds: tuple[str, str] | None = None


def _bounded(text: str, kind: Kind, name: str) -> Label:
    return Label(text, kind, (f"{name}_lower", f"{name}_upper"))


LABELS: Mapping[str, Label] = {
    "school": Label(N_("School")),
    "class": Label(N_("Class")),
    "subject": Label(N_("Subject")),
    "procedure": Label(N_("Procedure")),
    "assessment": Label(N_("Work")),
    "season": Label(N_("Season")),
    "year": Label(N_("School year")),
    "material_grade": Label(N_("Material of grade"), "count"),
    "pupil_grade": Label(N_("Pupils’ grade"), "count"),
    "item": Label(N_("Task")),
    "label": Label(N_("What it is about")),
    "level": Label(N_("Level")),
    "max_score": Label(N_("Greatest score"), "count"),
    "n": Label(N_("Pupils, n"), "count"),
    "classes": Label(N_("Classes"), "count"),
    "absent": Label(N_("Absent"), "count"),
    "share_absent": Label(N_("Absent, share"), "share"),
    "n_scores": Label(N_("Pupils with a score"), "count"),
    "share_2": _bounded(N_("Mark 2"), "share", "share_2"),
    "share_3": _bounded(N_("Mark 3"), "share", "share_3"),
    "share_4": _bounded(N_("Mark 4"), "share", "share_4"),
    "share_5": _bounded(N_("Mark 5"), "share", "share_5"),
    "pass_rate": _bounded(N_("Pass rate"), "share", "pass_rate"),
    "quality": _bounded(N_("Quality"), "share", "quality"),
    "sou": _bounded(N_("Degree of learning (СОУ)"), "number", "sou"),
    "mean_score": _bounded(N_("Mean score"), "precise", "mean_score"),
    "facility": Label(N_("Facility"), "share", ("lower", "upper")),
    "share_full": Label(N_("All points"), "share"),
    "share_zero": Label(N_("No points"), "share"),
    "cluster_n": Label(N_("Pupils in the cluster"), "count"),
    "cluster_facility": Label(N_("Facility in the cluster"), "share"),
    "residual": Label(N_("Difference from the expected"), "precise", ("lower", "upper")),
    "term": Label(N_("Term")),
    "estimate": Label(N_("Estimate"), "fine"),
    "se": Label(N_("Standard error"), "fine"),
    "effect": Label(N_("Effect"), "precise", ("lower", "upper")),
    "df": Label(N_("Degrees of freedom"), "number"),
    "p": Label(N_("p value"), "p"),
    "p_adjusted": Label(N_("p adjusted"), "p"),
    "adjust": Label(N_("Adjustment")),
    "method": Label(N_("Way")),
    "outcome": Label(N_("Outcome")),
    "stratum": Label(N_("Work")),
    "g": Label(N_("Difference, g"), "precise"),
    "category": Label(N_("By the rule")),
    "before": Label(N_("Before"), "precise"),
    "after": Label(N_("After"), "precise"),
    "change": Label(N_("Change"), "precise", ("lower", "upper")),
    "n_treated": Label(N_("Schools of the cluster"), "count"),
    "n_comparison": Label(N_("Schools for comparison"), "count"),
    "schools_treated": Label(N_("Schools of the cluster"), "count"),
    "schools_comparison": Label(N_("Schools for comparison"), "count"),
    "component": Label(N_("Component")),
    "value": Label(N_("Value"), "precise"),
    "model": Label(N_("Model")),
    "scope": Label(N_("Scope")),
    "role": Label(N_("Role")),
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "level": {"basic": N_("basic"), "raised": N_("raised"), "high": N_("high")},
    "season": {"autumn": N_("autumn"), "spring": N_("spring"), "winter": N_("winter"), "year": N_("year")},
    "model": {"intercept": N_("random intercept"), "slope": N_("random slope")},
    "scope": {"cluster": N_("whole cluster"), "school": N_("school")},
    "role": {"cluster": N_("school of the cluster"), "comparison": N_("school for comparison")},
    "method": {
        "schools": N_("difference in differences, schools count alike (the protocol’s)"),
        "pupils": N_("the same, pupils count alike"),
        "randomisation": N_("the same, by lot (randomisation test)"),
        "wild_bootstrap": N_("the same, wild cluster bootstrap"),
        "ancova": N_("schools of the same earlier level (ANCOVA)"),
        "without_marked": N_("without schools with markers of biased results"),
        "cohort": N_("the same pupils, other material"),
    },
    "adjust": {"none": N_("none"), "holm": N_("Holm"), "bh": N_("Benjamini–Hochberg")},
    "category": {
        "equivalent": N_("alike"),
        "adjust": N_("to be taken into account"),
        "not_comparable": N_("not comparable"),
        "unknown": N_("unknown"),
    },
    "term": {"Intercept": N_("intercept"), "prior_score": N_("earlier result")},
    "component": {
        "school": N_("variance between schools (levels)"),
        "pupil": N_("variance between pupils within schools"),
        "school:prior_score": N_("variance between schools (slopes)"),
        "school:Intercept~prior_score": N_("covariance of levels and slopes"),
        "icc": N_("share of the variance between schools"),
        "minus2loglik": N_("minus twice the log-likelihood"),
    },
}

INDEX_WORDS = (
    N_("Failed"),
    N_("the reason is in the log"),
    N_("log"),
    N_("Unit"),
    N_("Edition"),
    N_("State"),
    N_("Time, s"),
    N_("internal"),
    N_("public"),
)
