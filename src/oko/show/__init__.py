"""How it is shown: figures, tables, sentences, pages, the year's index and the board."""

from oko.show import (
    cluster_sections,
    effect_sections,
    effect_words,
    evidence_figures,
    figures,
    html,
    impact_figures,
    protocol,
    sections,
    sentences,
    statements,
    tables,
    skill_words,
    teacher_learning_sections,
    teacher_programme,
    task_sections,
)

__all__ = [
    "cluster_sections",
    "effect_sections",
    "effect_words",
    "evidence_figures",
    "figures",
    "html",
    "impact_figures",
    "protocol",
    "sections",
    "sentences",
    "statements",
    "tables",
    "skill_words",
    "teacher_learning_sections",
    "teacher_programme",
    "task_sections",
]
