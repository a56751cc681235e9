"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

_TWO = {"items": ("3", "12.1")}

EXAMPLES: dict[str, dict[str, Any]] = {
    "dif_group_unknown": {"n": 22},
    "dif_one_group": {"n": 340},
    "dif_few_pupils": {"reference": 243, "focal": 73, "needed": 200},
    "dif_items_few_pupils": {**_TWO, "needed": 200},
    "dif_short_score": {"n": 7, "needed": 10},
    "dif_sets_of_items": {"sets": 5, "small": 2, "needed": 30},
    "dif_items_not_taken": _TWO,
    "dif_items_without_variance": {"items": ("7",)},
    "dif_items_not_comparable": _TWO,
    "dif_items_few_compared": _TWO,
    "dif_odds_ratio_unbounded": _TWO,
    "dif_several_categories_mantel": _TWO,
    "dif_several_categories_logistic": _TWO,
    "dif_items_predicted": _TWO,
    "dif_items_separated": {"items": ("7",)},
    "dif_items_not_converged": _TWO,
    "dif_purification_stopped": {"steps": 10},
    "dif_purification_emptied": {},
    "dif_purification_cycle": {**_TWO, "steps": 4},
    "dif_most_items_flagged": {"n": 11, "tested": 20},
}
