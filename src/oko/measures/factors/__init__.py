"""Factors of an instrument: whether it is one thing that is measured."""

from oko.measures.factors.single import OneFactor, one_factor

__all__ = ["OneFactor", "one_factor"]
