"""Markers of biased results: an occasion to look, never an accusation."""
