"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "growth_not_optimal": {"n": 12, "of": 690},
    "growth_missing_scores": {"n": 12, "of": 690},
    "growth_outside_boundaries": {"n": 12, "score": "score_4", "lower": -2.5, "upper": 27.5},
    "growth_constant_earlier": {"score": "score_4"},
    "growth_adds_nothing": {"score": "score_4"},
    "growth_simplified": {"score": "score_4", "distinct": 16, "asked": 4, "knots": 1, "degree": 3},
    "growth_knots_beyond": {"score": "b", "n": 2, "lower": 0.0, "upper": 18.5},
    "growth_norm_group_small": {"n": 12, "needed": 1000},
    "growth_norms_empty": {"n": 12},
    "growth_coarse_scale": {"distinct": 16},
    "growth_ceiling": {"share": 0.18},
    "growth_relative_to_cohort": {"n": 12, "mean": 46.7},
    "growth_skip_year": {"n": 12, "of": 690, "years": 2},
    "growth_without_percentile": {"n": 12, "of": 690},
    "growth_few_pupils": {"schools": ("331", "512"), "least": 10},
    "growth_classes_unknown": {},
    "growth_one_class": {"schools": ("331", "512")},
    "growth_pupils_without_class": {"n": 12},
    "growth_too_few_for_expected": {"n": 12, "needed": 1000},
    "growth_no_lines": {},
    "growth_autumn_to_spring": {"n": 12},
    "growth_other_material": {"n": 12, "of": 690},
    "growth_single_points": {"n": 12, "of": 690},
    "growth_followed": {"n": 12, "of": 690},
    "growth_small_points": {"n": 12, "of": 690, "least": 10},
    "growth_procedures_mixed": {"n": 12},
    "growth_no_grade": {"assessments": ("vpr-mathematics-4-spring-2019",)},
    "growth_no_spread": {"assessments": ("vpr-mathematics-4-spring-2019",)},
    "growth_no_reference": {"assessments": ("vpr-mathematics-4-spring-2019",)},
    "growth_reference_within": {"n_schools": 7},
}
