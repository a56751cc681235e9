"""Growth: where pupils stand among those with the same earlier results, and how cohorts move."""

from oko.measures.growth.cohorts import cohort_lines
from oko.measures.growth.conditional import conditional_gain
from oko.measures.growth.norms import Norms, norms, norms_from
from oko.measures.growth.of_schools import school_growth
from oko.measures.growth.percentiles import growth_percentiles, percentiles_from_latest
from oko.measures.growth.quantiles import quantile_regression
from oko.measures.growth.splines import knots_and_boundaries

__all__ = [
    "Norms",
    "cohort_lines",
    "conditional_gain",
    "growth_percentiles",
    "knots_and_boundaries",
    "norms",
    "norms_from",
    "percentiles_from_latest",
    "quantile_regression",
    "school_growth",
]
