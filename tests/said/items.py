"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "item_greatest_points_seen": {}, "item_not_attempted_unknown": {}, "item_points_not_attempted": {"cells": 3},
    "item_pupils_without_items": {"n": 16}, "item_pairwise": {"n": 261, "pupils": 1509, "share": 0.0367},
    "item_fewer_than_two_pupils": {"items": ("3", "4.1")}, "item_maximum_unknown": {"items": ("7",)},
    "item_without_variance": {"items": ("5",)}, "item_negative": {"items": tuple(str(item) for item in range(1, 31))},
    "item_one_pupil": {"n": 1}, "item_few_pupils": {"n": 21, "needed": 30}, "item_all_equal": {},
    "item_alone": {"item": "2"}, "item_pairs_apart": {"pairs": 4, "first": "1", "second": "9"},
    "item_sum_without_variance": {}, "item_alpha_negative": {"alpha": -0.314}, "item_two": {"first": "1", "second": "2"},
    "item_covariances_improper": {}, "item_omega_few_items": {"n": 2, "needed": 3},
    "item_omega_at_bound": {"items": ("1",)}, "item_omega_not_converged": {},
    "distractor_empty_not_given": {}, "distractor_scaled": {"n": 5}, "distractor_few_pupils": {"n": 22, "needed": 30}, "distractor_not_given": {"item": "4"},
    "distractor_unchosen": {"item": "4", "options": ("D", "E")}, "distractor_key_unchosen": {"item": "4", "key": "A"},
    "distractor_one_option": {"item": "4"}, "distractor_no_correlation": {"item": "4"},
    "distractor_key_negative": {"item": "4", "key": "A"},
    "distractor_positive": {"item": "15", "option": "D", "n": 130},
    "distractor_above_key": {"item": "17", "option": "A", "n": 202},
    "skills_items_unassigned": {"items": ("8",)}, "skills_items_shared": {"items": ("2", "3")},
    "skills_items_not_given": {"items": ("6",)}, "skills_shares_of_given": {"n": 41},
    "skills_without_items": {"skills": ("чтение", "анализ")}, "skills_alpha_above_one": {"skill": "чтение", "alpha": 1.07},
    "skills_errors_unknown": {"skill": "чтение", "n": 4}, "skills_few_items": {"skill": "чтение", "items": ("1", "2"), "needed": 3},
    "skills_without_alpha": {"skill": "чтение"}, "skills_alpha_negative": {"skill": "чтение", "alpha": -0.1},
    "skills_pupils_few_items": {"skill": "чтение", "n": 12, "needed": 3},
    "skills_correlation_few_items": {"n_items": 2, "needed": 3}, "skills_correlation_few_pupils": {"n": 12, "needed": 30},
    "skills_correlation_few_classes": {"n": 3, "needed": 5}, "skills_correlation_above_one": {},
    "skills_correlation_unreliable": {"alpha": 0.1, "needed": 0.2},
}  # fmt: skip
