"""Item response theory: parameters of items and abilities of pupils on one scale."""

from oko.measures.irt.abilities import abilities
from oko.measures.irt.andersen import andersen
from oko.measures.irt.comparison import compare
from oko.measures.irt.conditional import conditional_rasch
from oko.measures.irt.model import IRT, fit
from oko.measures.irt.wright import WrightMap, wright_map

__all__ = ["IRT", "WrightMap", "abilities", "andersen", "compare", "conditional_rasch", "fit", "wright_map"]
