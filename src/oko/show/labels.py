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
    "content": Label(N_("Content")),
    "minutes": Label(N_("Minutes"), "number"),
    "answer_type": Label(N_("Kind of answer")),
    "status": Label(N_("Status")),
    "agreement": Label(N_("Agreement"), "share"),
    "kappa": _bounded(N_("Kappa"), "precise", "kappa"),
    "undecided": Label(N_("Undecided tasks"), "count"),
    "item_rest": Label(N_("Correlation with the others"), "precise"),
    "upper_lower": Label(N_("Upper less lower"), "precise"),
    "not_attempted": Label(N_("Not attempted"), "share"),
    "option": Label(N_("Option")),
    "option_share": Label(N_("Share"), "share"),
    "point_biserial_rest": Label(N_("Correlation with right answers"), "precise"),
    "role": Label(N_("Role")),
    "unit": Label(N_("Subject and season")),
    "skill": Label(N_("Skill")),
    "kind": Label(N_("Zone")),
    "n_schools": Label(N_("Schools"), "count"),
    "at_least": Label(N_("Schools, at least"), "count"),
    "apart": Label(N_("Facility less the expected"), "share"),
    "giver": Label(N_("Could show")),
    "receiver": Label(N_("Could learn")),
    "giver_kind": Label(N_("What the first has")),
    "difference": Label(N_("Difference"), "precise", ("lower", "upper")),
    "month": Label(N_("Month")),
    "host": Label(N_("Host")),
    "n_receivers": Label(N_("Schools that need it"), "count"),
    "event": Label(N_("Event")),
    "place": Label(N_("Place")),
    "state": Label(N_("State")),
    "measured_in": Label(N_("Unit of measure")),
    "taking_part": Label(N_("Schools"), "count"),
    "people": Label(N_("Participants, n"), "count"),
    "talks": Label(N_("Talks"), "count"),
    "decided": Label(N_("Decided"), "count"),
    "carried_out": Label(N_("Carried out"), "count"),
    "cancelled": Label(N_("Cancelled"), "count"),
    "unfinished": Label(N_("Still open"), "count"),
    "gave": Label(N_("What was handed in")),
    "when": Label(N_("Of what time")),
    "works": Label(N_("Works"), "count"),
    "files": Label(N_("Files"), "count"),
    "indicator": Label(N_("Indicator")),
    "was": Label(N_("Before"), "number"),
    "became": Label(N_("Value now"), "number"),
    "goal": Label(N_("Target"), "number"),
    "reached": Label(N_("Schools at the target"), "count"),
    "direction": Label(N_("Direction")),
    "direction_size": Label(N_("Size"), "share", ("lower", "upper")),
    "certainty": Label(N_("How certain")),
    "window": Label(N_("When written")),
    "schools_before": Label(N_("Schools in autumn"), "count"),
    "schools_after": Label(N_("Schools now"), "count"),
    "statement": Label(N_("Statement")),
    "agree": _bounded(N_("Agree"), "share", "agree"),
    "disagree": Label(N_("Disagree"), "share"),
    "expected": Label(N_("Expected"), "share"),
    "logits": _bounded(N_("Difference, logits"), "precise", "logits"),
    "n_items": Label(N_("Tasks"), "count"),
    "n_same_side": Label(N_("Schools on this side"), "count"),
    "n_below": Label(N_("Schools below a half"), "count"),
    "verdict": Label(N_("By the threshold")),
    "block": Label(N_("Block of statements")),
    "mean": _bounded(N_("Mean answer"), "precise", "mean"),
    "rule": Label(N_("Rule")),
    "looked_at": Label(N_("Looked at"), "count"),
    "triggered": Label(N_("Occasions"), "count"),
    "sure": Label(N_("Sure ones"), "count"),
    "least": Label(N_("Least in a school"), "count"),
    "most": Label(N_("Most in a school"), "count"),
    "detectable_share": Label(N_("Change to be seen"), "share"),
    "aim": Label(N_("Target"), "share"),
    "two_apart": _bounded(N_("Two marks or more apart"), "share", "two_apart"),
    "lowered": _bounded(N_("Below the journal"), "share", "lowered"),
    "confirmed": _bounded(N_("Equal to the journal"), "share", "confirmed"),
    "raised": _bounded(N_("Above the journal"), "share", "raised"),
    "decisions_of": Label(N_("Decisions")),
    "done_ones": Label(N_("Done"), "count"),
    "open_ones": Label(N_("Still open"), "count"),
    "late_ones": Label(N_("Late"), "count"),
    "criterion": Label(N_("Criterion")),
    "criterion_value": Label(N_("Value"), "share", ("lower", "upper")),
    "least_share": Label(N_("Met from"), "share"),
    "met": Label(N_("Met")),
    "indicator_value": Label(N_("Value"), "share", ("lower", "upper")),
    "detectable": Label(N_("Change to be seen"), "share"),
    "kind_of_event": Label(N_("Kind of event")),
    "alpha": Label(N_("Alpha"), "precise"),
    "border": Label(N_("Border"), "share"),
    "decides": Label(N_("Decides"), "share"),
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "verdict": {
        "insufficient": N_("insufficient"),
        "uncertain": N_("too near to tell"),
        "sufficient": N_("sufficient"),
        "unknown": N_("no threshold"),
    },
    "kind": {"deficit": N_("deficit"), "strength": N_("strength"), "none": N_("not told from chance")},
    "giver_kind": {"strength": N_("a strength"), "without": N_("no deficit to be seen")},
    "kind_of_event": {"support": N_("workshop of support"), "olympiad": N_("olympiad group")},
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
    "state": {"held": N_("held"), "planned": N_("no word of it"), "ahead": N_("still ahead")},
    "certainty": {"certain": N_("certain"), "likely": N_("likely")},
    "met": {"met": N_("yes"), "not": N_("no"), "unknown": N_("no data")},
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
