"""What a release says of itself: its study, what it may show, and the names that its readers need."""

from __future__ import annotations

from typing import Any

from oko.language import LANGUAGES, used
from oko.runs.plan import Run
from oko.workspace import Workspace


def may_show(workspace: Workspace) -> dict[str, Any]:
    """Return what a release may show under the cluster's present settings."""
    cluster = workspace.cluster
    named = list(cluster.school_codes) if cluster.agreement.names_schools else []
    return {
        "threshold": cluster.threshold,
        "round_counts": cluster.release.round_counts,
        "schools": named,
        "comparison": cluster.agreement.names_comparison,
        "example": cluster.example,
    }


def about(workspace: Workspace, run: Run) -> dict[str, Any]:
    """Return what the release of a run says of itself, unsigned."""
    cluster = workspace.cluster
    return {
        "study": run.name,
        "unit": run.unit,
        "year": run.parameters.year,
        "cluster": cluster.code,
        "cluster_name": cluster.name.model_dump(),
        "title": run.study.title.model_dump(),
        "question": run.study.question.model_dump(),
        **may_show(workspace),
        "source": cluster.source_note.model_dump() if cluster.source_note else {"ru": "", "en": ""},
        "outputs": _outputs(run),
        "names": _names(workspace),
        "order": _order(workspace),
    }


def _outputs(run: Run) -> dict[str, dict[str, str]]:
    """Say what each declared output shows, in both languages."""
    tables = {f"tables/{table.name}": table.about for table in run.study.tables if table.about}
    figures = {f"figures/{figure.name}": figure.about for figure in run.study.figures if figure.about}
    return {name: words.model_dump() for name, words in {**tables, **figures}.items()}


def _order(workspace: Workspace) -> dict[str, list[str]]:
    """Order in which subjects and assessments are shown."""
    assessments = list(workspace.titles())
    subjects = workspace.assessments().set_index("assessment")["subject"].reindex(assessments)
    return {"assessment": assessments, "subject": list(dict.fromkeys(subjects))}


def _names(workspace: Workspace) -> dict[str, dict[str, dict[str, str]]]:
    """Names that a reader of the release needs, in both languages: a release is read without the workspace."""
    assessments = workspace.assessments()
    subjects, procedures = sorted(assessments["subject"].unique()), sorted(assessments["procedure"].unique())
    names: dict[str, dict[str, dict[str, str]]] = {"school": {}, "subject": {}, "procedure": {}, "assessment": {}}
    for code in LANGUAGES:
        with used(code):
            for subject in subjects:
                names["subject"].setdefault(subject, {})[code] = workspace.names.text("subject", subject)
            for procedure in procedures:
                names["procedure"].setdefault(procedure, {})[code] = workspace.names.text("procedure", procedure)
            for row in assessments.itertuples():
                names["assessment"].setdefault(str(row.assessment), {})[code] = workspace.names.assessment_title(row)
            if workspace.cluster.agreement.names_schools:
                for school in workspace.cluster.schools:
                    names["school"].setdefault(school.code, {})[code] = school.name.text()
    return names
