"""How all studies of a year are made: registry, parameters, plan, execution, summary."""

from oko.runs.page import Page, begin

__all__ = ["Page", "begin"]
