"""Factors of an instrument: whether it is one thing that is measured."""

from oko.measures.factors.correlation import Correlations, correlations
from oko.measures.factors.extraction import Factors, minres
from oko.measures.factors.general import Omega, omega
from oko.measures.factors.parallel import ParallelAnalysis, parallel_analysis
from oko.measures.factors.single import OneFactor, one_factor

__all__ = [
    "Correlations",
    "Factors",
    "Omega",
    "OneFactor",
    "ParallelAnalysis",
    "correlations",
    "minres",
    "omega",
    "one_factor",
    "parallel_analysis",
]
