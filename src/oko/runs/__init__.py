"""How all studies of a year are made: registry, parameters, plan, execution, summary."""

from oko.records.edition import edition
from oko.records.further_outcomes import further_outcomes
from oko.runs.effect_data import effect_data, entry_data
from oko.runs.page import Page, begin
from oko.runs.protocol_state import open_outcomes, protocol_state

__all__ = [
    "Page",
    "begin",
    "edition",
    "effect_data",
    "entry_data",
    "further_outcomes",
    "open_outcomes",
    "protocol_state",
]
