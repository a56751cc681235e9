"""What the checks of a cluster go by: its words, its pupils’ identifiers, the schools that it does not name."""

from __future__ import annotations

from pathlib import Path

import oko
from oko.disclosure.checks import Terms
from oko.language import LANGUAGES, read_catalogue, used
from oko.records.personal import personal_text
from oko.records.schema import LETTERS
from oko.runs.registry import read_registry
from oko.runs.release_words import column_words
from oko.workspace import Workspace

_LONG = 25


def terms(workspace: Workspace) -> Terms:
    """Collect what the checks go by.

    Parameters
    ----------
    workspace : Workspace
        With its store: identifiers and texts of it must not leave.
    """
    words = _words(workspace)
    russian = read_catalogue(Path(oko.__file__).parent / "locale" / "ru", "ru")
    return Terms(
        threshold=workspace.cluster.threshold,
        round_counts=workspace.cluster.release.round_counts,
        columns=frozenset(column_words()),
        known_text=lambda text: text in words or russian.gettext(text) != text,
        personal=personal_text,
        identifiers=_identifiers(workspace),
        stored_texts=tuple(text for text in _stored_texts(workspace) if text not in words),
        unnamed=_unnamed(workspace),
    )


def _words(workspace: Workspace) -> frozenset[str]:
    """Names and titles of settings and registry in both languages, the numbers of tasks and the letters of options."""
    found: set[str] = set()
    cluster, names, studies = workspace.cluster, workspace.names, read_registry(workspace.root)
    assessments = workspace.assessments()
    for code in LANGUAGES:
        with used(code):
            found |= {cluster.name.text(), *(school.name.text() for school in cluster.schools)}
            found |= {names.assessment_title(row) for row in assessments.itertuples()}
            for kind in ("subject", "procedure"):
                found |= {names.text(kind, str(name)) for name in assessments[kind].unique()}
            found |= {names.text("label", label) for label in names.places("label")}
            found |= {study.title.text() for study in studies.values()}
    found |= set(workspace.items()["item"])  # the pattern of the store's column lets nothing but numbers of tasks pass
    found |= set(LETTERS)
    return frozenset(found)


def _identifiers(workspace: Workspace) -> frozenset[str]:
    pupils = workspace.store.query("select distinct pupil from results")["pupil"]
    return frozenset(pupils.dropna().astype(str))


def _stored_texts(workspace: Workspace) -> set[str]:
    """Comments, reasons and evidence that schools wrote in words, and names of groups as reported."""
    found: set[str] = set()
    for name, columns in {
        "actions": ("prompt", "comment"),
        "feedback": ("comment",),
        "indicators": ("evidence",),
    }.items():
        frame = workspace.register(name)
        for column in columns:
            found |= {
                text for text in frame[column].dropna().astype(str).unique() if len(text) >= _LONG and " " in text
            }
    return found


def _unnamed(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """Schools that the agreement does not name, with their names."""
    agreement = workspace.cluster.agreement
    named = {"cluster": agreement.names_schools, "comparison": agreement.names_comparison}
    names = {school.code: (school.name.ru, school.name.en) for school in workspace.cluster.schools}
    found: dict[str, tuple[str, ...]] = {} if agreement.names_schools else dict(names)
    for school in workspace.schools().itertuples():
        if not named.get(str(school.role), False):
            found[str(school.school)] = names.get(str(school.school), ())
    return found
