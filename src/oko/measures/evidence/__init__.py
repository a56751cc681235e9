"""What can support or undo a finding of an effect."""

from oko.measures.evidence.baseline import baseline_equivalence
from oko.measures.evidence.bounds import missing_bounds
from oko.measures.evidence.ceilings import ceiling, ceiling_change
from oko.measures.evidence.changes import average_over_strata, school_changes
from oko.measures.evidence.doses import DoseResponse, dose_from_actions, dose_response
from oko.measures.evidence.flows import flow, flow_by_group
from oko.measures.evidence.reversion import regression_to_mean
from oko.measures.evidence.school_waves import reference_pupils, school_scores, school_wave_means
from oko.measures.evidence.synthetic import SyntheticControl, simplex_weights, synthetic_control
from oko.measures.evidence.targets import TargetTasks, target_tasks
from oko.measures.evidence.trends import TrendSensitivity, trend_sensitivity

__all__ = [
    "DoseResponse",
    "SyntheticControl",
    "TargetTasks",
    "TrendSensitivity",
    "average_over_strata",
    "baseline_equivalence",
    "ceiling",
    "ceiling_change",
    "dose_from_actions",
    "dose_response",
    "flow",
    "flow_by_group",
    "missing_bounds",
    "reference_pupils",
    "regression_to_mean",
    "school_changes",
    "school_scores",
    "school_wave_means",
    "simplex_weights",
    "synthetic_control",
    "target_tasks",
    "trend_sensitivity",
]
