"""One set of values for each code, as the measure gives them."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "evidence_pupils_without_task": {"n_dropped": 12},
    "evidence_rows_without_mean": {"n": 3},
    "evidence_no_reference": {"units": ("physics-8, 0", "physics-8, 1")},
    "evidence_few_reference_schools": {"units": ("physics-8, 1",), "least": 6, "needed": 10},
    "evidence_schools_left_out": {"schools": ("572", "c07")},
    "evidence_baseline_unknown": {"units": ("physics-8",)},
    "evidence_baseline_adjust": {"units": ("mathematics-5", "mathematics-6"), "small": 0.05, "large": 0.25},
    "evidence_baseline_not_comparable": {"units": ("physics-7",), "large": 0.25},
    "evidence_reversion_unknown": {"units": ("physics-8",), "least": 3, "needed": 4},
    "evidence_reversion_rough": {"least": 7, "needed": 10},
    "evidence_ceiling": {"units": ("1, 2020-2021",), "share": 0.312, "limit": 0.15, "n": 640},
    "evidence_ceiling_all": {"units": ("all",)},
    "evidence_trend_untestable": {},
    "evidence_trend_includes_zero": {},
    "evidence_trend_no_unit": {},
    "evidence_no_cluster": {"units": ("physics-8",)},
    "evidence_few_df": {"df": 3.6, "needed": 5},
    "evidence_few_waves_before": {"n": 2, "needed": 3},
    "evidence_exact_fit": {"n": 3},
    "evidence_few_donors": {"n": 6, "needed": 10},
    "evidence_no_synthetic": {},
    "evidence_selected_on_baseline": {"period": "0"},
    "evidence_no_targets": {},
    "evidence_no_others": {},
    "evidence_no_school_compared": {},
    "evidence_choice_rises": {"selection": 0.0312, "baseline": 0.0047, "groups": 200},
    "evidence_choice_unknown": {},
    "evidence_dose_is_no_claim": {"n": 7},
    "evidence_dose_unknown": {"n": 3, "needed": 4},
    "evidence_actions_without_date": {"n": 2},
    "evidence_no_link": {},
    "evidence_counts_only": {"n_schools": 40},
    "evidence_moved": {"n": 4},
    "evidence_attrition": {"cluster": 0.062, "comparison": 0.048},
    "evidence_bounds_unknown": {},
    "evidence_bounds_are_no_interval": {},
}
