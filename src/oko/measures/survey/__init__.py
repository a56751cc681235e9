"""The self-study questionnaire: agreement, profiles of schools, common problems."""

from oko.measures.survey.agreement import agreement, change
from oko.measures.survey.blocks import profiles, reliability
from oko.measures.survey.problems import beside_results, common_problems

__all__ = ["agreement", "beside_results", "change", "common_problems", "profiles", "reliability"]
