"""Value added of schools, with the levels above and below them, and schools known only by summaries."""

from oko.measures.schools.model import value_added
from oko.measures.schools.result import FEW_SCHOOLS, ValueAdded
from oko.measures.schools.summaries import rows_of_summaries, value_added_of_summaries

__all__ = ["FEW_SCHOOLS", "ValueAdded", "rows_of_summaries", "value_added", "value_added_of_summaries"]
