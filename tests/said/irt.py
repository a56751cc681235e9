"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "irt_not_taken": {"item": "7"},
    "irt_same_points": {"item": "7", "points": 1.0},
    "irt_category_unreached": {"item": "7", "points": ("1", "3")},
    "irt_no_answers": {"n": 3.0},
    "irt_missing": {"share": 0.0455, "sets": 7},
    "irt_unlinked": {},
    "irt_few_pupils": {"n": 121.0, "needed": 150},
    "irt_few_items": {"n": 1, "needed": 3},
    "irt_no_spread": {},
    "irt_steep": {"items": ("7",)},
    "irt_negative": {"items": ("7", "9")},
    "irt_steps_disordered": {"items": ("6", "9", "10")},
    "irt_m2_not_given": {"reason": "missing"},
    "irt_flat": {"items": ("7",)},
    "irt_items_unknown": {"items": "8, 9", "n": 2},
    "irt_points_unseen": {"item": "7", "points": "3", "n": 2.0},
    "irt_no_known_items": {"n": 1.0},
    "irt_ability_unknown": {"n": 3.0},
    "irt_fit_sets": {"n": 1525.0, "used": 1248.0, "sets": 1},
    "irt_fit_untested": {"item": "7"},
    "irt_pair_dependent": {"item": "3.1", "other": "3.2", "q3": 0.31, "mean": -0.06},
    "irt_pairs_unknown": {"n": 5},
    "irt_wright_range": {"above": 0.083, "below": 0.112},
    "irt_wright_empty": {},
    "irt_conditional_same_points": {"item": "7"},
    "irt_conditional_points": {"item": "7", "points": 2.0},
    "irt_conditional_extreme": {"n": 301.0},
    "irt_conditional_separated": {"items": "5, 6"},
    "irt_conditional_unlinked": {"items": "5, 6"},
    "irt_andersen_groups": {"n": 1},
    "irt_andersen_untested": {},
    "irt_andersen_items": {"items": "7", "n": 1},
    "irt_andersen_small_half": {"half": "low", "n": 63.0, "needed": 150},
    "irt_andersen_small": {"group": "7А", "n": 63.0, "needed": 150},
}
