"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "zones_among_themselves": {},
    "zones_norm_missing": {"assessments": ("vpr-physics-7",)},
    "zones_norm_of_one": {},
    "zones_norm_small": {"n_schools": 4, "needed": 10},
    "zones_level_outside": {"schools": ("344", "498")},
    "zones_without_profile": {"schools": ("331",)},
    "zones_skills_few_items": {"skills": ("charts", "proof"), "needed": 3},
    "zones_all_equal": {"n": 3, "of": 1387},
    "zones_one_class": {},
    "zones_few_classes": {"df": 3.0, "needed": 5},
    "zones_nothing": {},
    "zones_none": {"n": 0, "of": 140},
    "zones_found": {"n": 9, "of": 21},
    "zones_shared_without_norm": {},
    "zones_shared": {"deficits": 3, "strengths": 0, "of": 12, "fewest": 2},
    "zones_no_pairs": {},
    "zones_pairs": {"n": 4},
    "zones_pairs_without_strength": {"n": 3, "of": 4},
    "zones_partner_taken": {"n": 1, "of": 9, "schools": ("344",)},
    "zones_without_partner": {"n": 9, "of": 9, "schools": ("329", "331")},
    "zones_small_groups": {"n": 2, "of": 14, "alone": 30, "together": 100},
}
