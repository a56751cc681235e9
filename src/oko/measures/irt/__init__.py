"""Item response theory: parameters of items and abilities of pupils on one scale."""

from oko.measures.irt.comparison import compare
from oko.measures.irt.model import IRT, fit

__all__ = ["IRT", "compare", "fit"]
