"""Effect of the model: estimates from few schools and what may be inferred from them."""

from oko.measures.impact.ancova import Ancova, ancova
from oko.measures.impact.assignments import Randomisation, randomisation_test
from oko.measures.impact.beside import beside, by_outcome
from oko.measures.impact.clusters import cluster_robust
from oko.measures.impact.conclusion import Conclusion, adjusted_families, conclusion
from oko.measures.impact.differences import Differences, difference_in_differences
from oko.measures.impact.planning import (
    DetectableEffect,
    PlanningSpread,
    minimum_detectable_effect,
    planning_spread,
)
from oko.measures.impact.size import effect_size, kraft_band
from oko.measures.impact.wild import WildBootstrap, wild_bootstrap

__all__ = [
    "Ancova",
    "Conclusion",
    "DetectableEffect",
    "Differences",
    "PlanningSpread",
    "Randomisation",
    "WildBootstrap",
    "adjusted_families",
    "ancova",
    "beside",
    "by_outcome",
    "cluster_robust",
    "conclusion",
    "difference_in_differences",
    "effect_size",
    "kraft_band",
    "minimum_detectable_effect",
    "planning_spread",
    "randomisation_test",
    "wild_bootstrap",
]
