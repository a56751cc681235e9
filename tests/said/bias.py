"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "bias_occasion": {},
    "bias_no_region": {"assessments": ("vpr-mathematics-4-spring-2021", "vpr-mathematics-5-spring-2021")},
    "bias_few_pupils": {"n_groups": 3, "of": 42, "needed": 10},
    "bias_strong_schools": {"n_schools": 2},
    "bias_one_value": {"n_groups": 1, "of": 42},
    "bias_sign_may_be_chance": {"n_groups": 2, "of": 3},
    "bias_no_cohort_pair": {"grade": 4, "next": 5},
    "bias_few_schools": {"n_schools": 7, "needed": 50},
    "bias_no_fences": {"subjects": ("mathematics",)},
    "bias_own_fences": {"n_schools": 640, "needed": 50},
    "bias_no_official_work": {},
    "bias_no_index": {"n_schools": 7, "needed": 50},
    "bias_confirmed_convention": {},
    "bias_autumn_2020": {},
    "bias_no_journal": {},
    "bias_borders_unknown": {"assessments": ("vpr-science-4-spring-2021",)},
    "bias_no_piles": {"needed": 20},
    "bias_piles_tested": {"n_tests": 257, "n_marked": 24},
    "bias_piles_not_judged": {"n_groups": 14, "of": 271, "needed": 20},
    "bias_clumps": {},
    "bias_left_out": {"schools": ("572",)},
    "bias_none_left_out": {},
}
