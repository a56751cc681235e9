"""How it is shown: figures, tables, sentences, pages, the year's index and the board."""

from oko.show import cluster_sections, figures, html, sections, sentences, statements, tables, task_sections

__all__ = ["cluster_sections", "figures", "html", "sections", "sentences", "statements", "tables", "task_sections"]
