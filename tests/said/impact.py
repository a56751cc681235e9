"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

_EVIDENCE = {
    "estimate": 0.21, "lower": -0.04, "upper": 0.46, "level": 0.95, "p": 0.094, "p_randomisation": 0.101, "df": 8.7,
    "alpha": 0.05,
}  # fmt: skip
_SCHOOLS = {"n_treated": 7, "n_comparison": 18}

EXAMPLES: dict[str, dict[str, Any]] = {
    "impact_rows_dropped": {"n": 3, "of": 121},
    "impact_columns_left_out": {"columns": ("size", "kind")},
    "impact_few_df": {"columns": ("treated",), "df": 3.2, "needed": 5.0},
    "impact_one_cluster": {},
    "impact_one_cluster_decides": {"columns": ("treated",)},
    "impact_no_spread": {"columns": ("treated",)},
    "impact_as_if_random": {"n_treated": 7, "n": 25},
    "impact_sampled_assignments": {"draws": 99999, "n_assignments": 386206920},
    "impact_not_studentised": {"n_treated": 1, "n_comparison": 18},
    "impact_smallest_p": {"n_assignments": 10, "smallest_p": 0.1},
    "impact_schools_without_value": {"n": 2},
    "impact_no_group": {"n_treated": 7, "n_comparison": 0},
    "impact_all_equal": {"n": 25},
    "impact_webb_drawn": {"draws": 9999, "n_clusters": 25},
    "impact_signs_drawn": {"draws": 9999, "n_clusters": 25},
    "impact_covariate_constant": {"covariates": ("kind",)},
    "impact_one_wave": {"n_waves": 1},
    "impact_schools_left_out": {"schools": ("331", "512")},
    "impact_pairs_left_out": {"n": 4},
    "impact_few_schools": {"n_treated": 1, "n_comparison": 18, "needed": 2},
    "impact_no_common_stratum": _SCHOOLS,
    "impact_no_pupil_variance": {},
    "impact_size_band": {"effect": 0.12, "band": "medium", "low": 0.05, "high": 0.2},
    "impact_size_unknown": {},
    "impact_detectable": {"effect": 0.276, "power": 0.8, "alpha": 0.05, **_SCHOOLS},
    "impact_one_earlier_wave": {"n_waves": 1, "n_schools": 47},
    "impact_no_year_variance": {"df": 46.0},
    "impact_exploratory": {"n": 5},
    "impact_consistent_with_effect": {**_EVIDENCE, **_SCHOOLS},
    "impact_cannot_rule_out_zero": {**_EVIDENCE, **_SCHOOLS},
    "impact_not_enough": {**_SCHOOLS, "n_treated": 4, "needed": 5, "df": 3.2, "needed_df": 5.0},
    "impact_not_primary": _EVIDENCE,
}
