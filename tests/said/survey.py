"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "survey_no_answers": {},
    "survey_hidden": {"n_groups": 12, "of": 64, "needed": 5},
    "survey_few_schools": {"n_schools": 7},
    "survey_not_linked": {},
    "survey_one_year_only": {"schools": ("331", "512")},
    "survey_not_shrunken": {"blocks": ("a", "d")},
    "survey_schools_alike": {"blocks": ("b",)},
    "survey_rough_alpha": {"n": 24, "needed": 30},
    "survey_no_alpha": {"blocks": ("c",)},
    "survey_of_these_schools": {"n_schools": 7},
    "survey_nothing_beside": {"statements": ("a1", "c2")},
}
