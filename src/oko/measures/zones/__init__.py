"""Where schools can help each other: deficits and strengths of profiles with the school's level removed."""

from oko.measures.zones.pairs import pairs
from oko.measures.zones.profile import profiles
from oko.measures.zones.shared import shared
from oko.measures.zones.small import small_groups

__all__ = ["pairs", "profiles", "shared", "small_groups"]
