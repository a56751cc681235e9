"""Where schools can help each other: deficits and strengths of profiles with the school's level removed."""

from oko.measures.zones.pairs import pairs
from oko.measures.zones.profile import profiles
from oko.measures.zones.shared import shared
from oko.measures.zones.small import small_groups
from oko.measures.zones.year import norm_of_groups, units_of_subjects

__all__ = ["norm_of_groups", "pairs", "profiles", "shared", "small_groups", "units_of_subjects"]
