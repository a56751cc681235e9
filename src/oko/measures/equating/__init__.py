"""Equating and linking: scores of two forms, and of two years, on one scale."""

from oko.measures.equating.chained import chained
from oko.measures.equating.characteristic import haebara, stocking_lord
from oko.measures.equating.equipercentile import EquipercentileEquating, equipercentile
from oko.measures.equating.item_errors import LinkErrors, link_errors
from oko.measures.equating.lines import LinearEquating
from oko.measures.equating.links import Link, mean_mean, mean_sigma
from oko.measures.equating.random_groups import linear, mean
from oko.measures.equating.resampling import BootstrapErrors, bootstrap
from oko.measures.equating.smoothing import smoothing_degrees
from oko.measures.equating.true_scores import true_score
from oko.measures.equating.unequal_groups import levine, tucker

__all__ = [
    "BootstrapErrors",
    "EquipercentileEquating",
    "LinearEquating",
    "Link",
    "LinkErrors",
    "bootstrap",
    "chained",
    "equipercentile",
    "haebara",
    "levine",
    "linear",
    "link_errors",
    "mean",
    "mean_mean",
    "mean_sigma",
    "smoothing_degrees",
    "stocking_lord",
    "true_score",
    "tucker",
]
