"""Items of an assessment: facility, classical item analysis, options of multiple-choice tasks."""

from oko.measures.items.facility import facility

__all__ = ["facility"]
