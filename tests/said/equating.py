"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "equating_equal_groups": {},
    "equating_no_variance": {"form": "X"},
    "equating_few_pupils": {"n": 121.0, "needed": 1500},
    "equating_beyond_scale": {"n": 2, "scores": 21, "lowest": 0, "highest": 20},
    "equating_smoothing_failed": {"form": "Y", "degree": 6},
    "equating_empty_scores": {"form": "X", "n": 3},
    "equating_dropped_pupils": {"form": "X", "n": 5.0},
    "equating_anchor_above_total": {"form": "Y", "n": 1.0},
    "equating_anchor_negative": {"form": "Y"},
    "equating_anchors_apart": {},
    "equating_anchor_no_variance": {"form": "X"},
    "equating_levine_covariance": {"form": "X"},
    "equating_synthetic_variance": {},
    "equating_groups_differ": {"difference": -0.41, "limit": 0.25},
    "equating_draws_without_result": {"n": 17, "repetitions": 1000},
    "equating_item_steps_differ": {"item": "4.1"},
    "equating_item_points_differ": {"item": "6"},
    "equating_item_unknown": {"item": "7"},
    "equating_few_common": {"n": 2, "needed": 5, "items": 17},
    "equating_link_unknown": {"method": "haebara"},
    "equating_item_moved": {"item": "3", "difference": -0.62, "limit": 0.5},
}
