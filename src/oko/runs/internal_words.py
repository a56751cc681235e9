"""What columns of internal tables are called in a workbook, where a release has no word for them or another meaning."""

from __future__ import annotations

from collections.abc import Mapping

from oko.language import N_

_BOTH = {
    "share_not_attempted": N_("share of pupils who did not attempt the task"),
    "share_not_covered": N_("share of pupils whose class had not had the topic"),
    "limit": N_("bound that the value is held against"),
    "target": N_("task or skill"),
}
INTERNAL: Mapping[str, Mapping[str, str]] = {
    "school_year": {
        **_BOTH,
        "gap": N_("facility of the school less that of the cluster"),
        "side": N_("above or below the cluster"),
        "cohort": N_("cohort: the year in which it was in grade 0"),
        "time": N_("time, years"),
        "mean": N_("mean, standard deviations from the cluster’s"),
        "n_followed": N_("pupils with the work before, too"),
        "change": N_("mean change of the same pupils"),
        "change_lower": N_("change: lower end of the interval"),
        "change_upper": N_("change: upper end of the interval"),
        "apart": N_("two marks or more apart"),
        "apart_lower": N_("two or more apart: lower end of the interval"),
        "apart_upper": N_("two or more apart: upper end of the interval"),
        "official": N_("a marker of the official method"),
        "applicable": N_("whether the rule can be applied"),
        "beside": N_("pupils at a border of marks or just below"),
        "short": N_("pupils just below a border"),
        "moved": N_("pupils at a border who by the curve stand below"),
        "moved_lower": N_("pupils at a border: lower end of the interval"),
        "moved_upper": N_("pupils at a border: upper end of the interval"),
        "share": N_("their share of those who would lack one point"),
        "share_lower": N_("share: lower end of the interval"),
        "share_upper": N_("share: upper end of the interval"),
        "z": N_("test statistic z"),
        "se_norm": N_("standard error of the norm"),
        "df_norm": N_("degrees of freedom of the norm"),
        "place": N_("where: the school, the cluster, the district, a region"),
        "name": N_("name of the district or region"),
    },
    "school_subject": {
        **_BOTH,
        "weaker": N_("the weaker group"),
        "stronger": N_("the stronger group"),
        "group": N_("level group: the mark, or the third of the cluster"),
        "insufficient_below": N_("threshold: insufficient below"),
        "sufficient_from": N_("threshold: sufficient from"),
        "ability": N_("ability of the cluster’s middle pupil, logits"),
        "whole": N_("whether these are all points of the task"),
        "reached_by": N_("the weakest group whose middle pupil reaches it"),
        "score": N_("primary score"),
        "border": N_("mark that begins at this score"),
    },
}
