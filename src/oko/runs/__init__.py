"""How all studies of a year are made: registry, parameters, plan, execution, summary."""

from oko.runs.page import Page, begin
from oko.runs.protocol_state import open_outcomes, protocol_state

__all__ = ["Page", "begin", "open_outcomes", "protocol_state"]
