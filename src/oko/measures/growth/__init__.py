"""Growth: where pupils stand among those with the same earlier results, and how cohorts move."""
