"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "raters_one_rating": {"n": 16},
    "raters_no_subjects": {},
    "raters_no_pairs": {},
    "raters_one_category": {"category": "1", "n": 24.0},
    "raters_no_interval": {"n": 24.0},
    "raters_categories_unused": {"categories": ("0", "3")},
    "raters_skills_without_kappa": {"skills": ("reading", "model")},
    "raters_kappa_paradox": {"agreement": 0.95, "kappa": -0.0246, "share": 0.97},
    "raters_few_subjects": {"n": 24.0, "needed": 32},
    "raters_numbers_differ": {"least": 2.0, "most": 3.0},
    "raters_too_few": {"n": 12, "raters": 1},
    "raters_all_ratings_equal": {"n": 12, "raters": 3},
    "raters_icc_negative": {"kinds": ("ICC1", "ICC1k")},
    "raters_icc_unknown": {"kinds": ("ICC2k",)},
    "raters_without_ratings": {"raters": ("3", "4")},
    "raters_targets_dropped": {"n_dropped": 2, "n": 22},
    "raters_few_targets": {"n": 6, "raters": 2, "needed": 30, "needed_raters": 3},
    "raters_without_variance": {"raters": ("3",)},
    "raters_one_expert": {"n_items": 21},
    "raters_cells_of_one_expert": {"n_cells": 3, "of": 110},
    "raters_parts_of_weight": {"n": 7, "cut": 0.5},
    "raters_items_to_discuss": {"items": ("4", "7.1")},
    "raters_undecided": {"n_cells": 5, "of": 110},
}
