"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

_TWO = {"items": ("3", "12.1")}

EXAMPLES: dict[str, dict[str, Any]] = {
    "factors_too_few_pupils": {"n": 2.0},
    "factors_items_without_variance": {"items": ("7",)},
    "factors_few_items": {"n_items": 2, "needed": 3},
    "factors_pairs_unknown": {**_TWO, "n_pairs": 4},
    "factors_not_positive_definite": {"smallest": -0.0124},
    "factors_singular": {},
    "factors_not_counted": {},
    "factors_few_pupils": {"n": 61.4, "n_items": 21, "needed": 105},
    "factors_not_identified": {"n_factors": 3, "n_items": 5},
    "factors_heywood": _TWO,
    "factors_not_converged": {"gradient_norm": 0.00002},
    "factors_rotation_not_converged": {"gradient_norm": 0.00002},
    "factors_general_needs_three": {"n_factors": 2},
    "factors_items_against": _TWO,
    "factors_group_vanishes": {"factors": ("F2",)},
    "factors_sum_without_variance": {},
}
