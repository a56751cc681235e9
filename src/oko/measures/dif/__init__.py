"""Differential item functioning: whether a task is as hard for one group of pupils as for another of equal score."""

from oko.measures.dif.curves import empirical_curves
from oko.measures.dif.mantel import mantel_haenszel
from oko.measures.dif.regression import logistic

__all__ = ["empirical_curves", "logistic", "mantel_haenszel"]
