"""Items of an assessment: facility, classical item analysis, options of multiple-choice tasks, level groups."""

from oko.measures.items.analysis import ItemAnalysis, analyse
from oko.measures.items.curves import option_curves
from oko.measures.items.distractors import distractors
from oko.measures.items.facility import facility
from oko.measures.items.level_groups import LevelGroups, level_groups, thirds

__all__ = [
    "ItemAnalysis",
    "LevelGroups",
    "analyse",
    "distractors",
    "facility",
    "level_groups",
    "option_curves",
    "thirds",
]
