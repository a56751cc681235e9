"""Invented data of an example cluster: the same files, byte for byte, on every call.

Nothing here is about a real school or a real person. Sizes, abilities, effects of schools and absences are drawn; tasks
and mark scales are the official ones, and how hard the tasks are follows one real region.
"""

from oko.records.example.raw import SEED, write_raw

__all__ = ["SEED", "write_raw"]
