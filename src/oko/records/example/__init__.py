"""Invented data of an example cluster (being rebuilt: for the moment the earlier generator)."""

from oko.records.example_before import SEED, write_raw

__all__ = ["SEED", "write_raw"]
