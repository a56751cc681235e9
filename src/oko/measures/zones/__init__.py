"""Where schools can help each other: deficits and strengths of profiles with the school's level removed."""

from oko.measures.zones.pairs import pairs
from oko.measures.zones.profile import profiles
from oko.measures.zones.repeat import to_repeat
from oko.measures.zones.shared import shared
from oko.measures.zones.small import small_groups
from oko.measures.zones.year import norm_of_groups, of_several_classes, units_of_subjects, year_profiles

__all__ = [
    "norm_of_groups",
    "of_several_classes",
    "pairs",
    "profiles",
    "shared",
    "small_groups",
    "to_repeat",
    "units_of_subjects",
    "year_profiles",
]
