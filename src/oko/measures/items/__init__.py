"""Items of an assessment: facility, classical item analysis, options of multiple-choice tasks."""

from oko.measures.items.analysis import ItemAnalysis, analyse
from oko.measures.items.curves import option_curves
from oko.measures.items.distractors import distractors
from oko.measures.items.facility import facility

__all__ = ["ItemAnalysis", "analyse", "distractors", "facility", "option_curves"]
