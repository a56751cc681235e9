"""Results by metasubject skill, through the experts' matrix of tasks and skills."""

from oko.measures.skills import across
from oko.measures.skills.assigned import assigned
from oko.measures.skills.border import Beyond, beyond_border, joined
from oko.measures.skills.correlation import Correlation, corrected_correlation
from oko.measures.skills.proposed import Proposed, proposed, reliability_of_skills
from oko.measures.skills.results import SkillResults, by_skill

__all__ = [
    "Beyond",
    "Correlation",
    "Proposed",
    "SkillResults",
    "across",
    "assigned",
    "beyond_border",
    "by_skill",
    "corrected_correlation",
    "joined",
    "proposed",
    "reliability_of_skills",
]
