"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "schools_few_groups": {"level": "district", "n": 5, "df": 4},
    "schools_few_df": {"level": "school", "df": 3, "needed": 5, "more": 2},
    "schools_boundary": {"level": "class", "component": "class"},
    "schools_apart": {"n_schools": 2},
    "schools_left_out": {"n_schools": 1, "fewest": 10},
    "schools_pupils_in_two": {"n_pupils": 3},
    "schools_variance_from_zero": {"variances": ("school", "class"), "level": 0.95},
    "schools_new_without_variance": {},
    "schools_places": {"n_schools": 65, "places": 37.0, "level": 0.95, "draws": 4000},
}
