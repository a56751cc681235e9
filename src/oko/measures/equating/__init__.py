"""Equating and linking of scores."""
