"""Items of an assessment: facility, classical item analysis, options of multiple-choice tasks."""

from oko.measures.items.analysis import ItemAnalysis, analyse
from oko.measures.items.facility import facility

__all__ = ["ItemAnalysis", "analyse", "facility"]
