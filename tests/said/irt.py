"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "irt_not_taken": {"item": "7"},
    "irt_same_points": {"item": "7", "points": 1.0},
    "irt_category_unreached": {"item": "7", "points": 1},
    "irt_no_answers": {"n": 3.0},
    "irt_missing": {"share": 0.0455, "sets": 7},
    "irt_unlinked": {},
    "irt_few_pupils": {"n": 121.0, "needed": 150},
    "irt_few_items": {"n": 1, "needed": 3},
    "irt_no_spread": {},
    "irt_steep": {"item": "7", "discrimination": 9.31},
    "irt_negative": {"item": "7", "discrimination": -0.42},
    "irt_m2_not_given": {"reason": "missing"},
    "irt_flat": {"item": "7", "discrimination": 0.08},
}
