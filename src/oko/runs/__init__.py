"""How all studies of a year are made: registry, parameters, plan, execution, summary."""

from oko.records.edition import begun, edition, works_after
from oko.records.further_outcomes import further_outcomes, presence
from oko.runs.effect_data import effect_data, entry_data, model_data
from oko.runs.page import Page, begin
from oko.runs.protocol_state import open_outcomes, protocol_state

__all__ = [
    "Page",
    "begin",
    "begun",
    "edition",
    "effect_data",
    "entry_data",
    "further_outcomes",
    "model_data",
    "open_outcomes",
    "presence",
    "protocol_state",
    "works_after",
]
