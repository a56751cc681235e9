"""How all studies of a year are made: registry, parameters, plan, execution, summary."""

from oko.runs.effect_data import effect_data, entry_data
from oko.runs.page import Page, begin
from oko.runs.protocol_state import open_outcomes, protocol_state

__all__ = ["Page", "begin", "effect_data", "entry_data", "open_outcomes", "protocol_state"]
