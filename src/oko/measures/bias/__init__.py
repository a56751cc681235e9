"""Markers of biased results: an occasion to look, never an accusation."""

from oko.measures.bias.borders import mark_borders
from oko.measures.bias.cohorts import cohort_ratios, sharp_change
from oko.measures.bias.journal import against_journal, journal_mismatch
from oko.measures.bias.markers import Markers, flagged, markers
from oko.measures.bias.mean import high_mean
from oko.measures.bias.piles import PileUps, pile_ups

__all__ = [
    "Markers",
    "PileUps",
    "against_journal",
    "cohort_ratios",
    "flagged",
    "high_mean",
    "journal_mismatch",
    "mark_borders",
    "markers",
    "pile_ups",
    "sharp_change",
]
