"""What a workbook calls the codes of its tables: people read the workbook, programs the tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from oko.language import gettext
from oko.records import form_lists
from oko.records.model_passport import read_model
from oko.workspace import Workspace

Known = dict[str, dict[str, str]]

_LISTED = {
    "skill": ("skill",), "target": ("skill",), "role": ("role",), "key": ("role", "action_kind"),
    "block": ("survey_block",), "statement": ("survey", "feedback"), "answer_type": ("answer_type",),
    "status": ("item_status",),
}  # fmt: skip
_OF_STUDY = ("stratum", "outcome")


def known_words(workspace: Workspace, year: str) -> Known:
    """Return the words for codes, by column."""
    from oko.show.final_exchange import KINDS
    from oko.show.final_work import event_titles
    from oko.show.labels import WORDS
    from oko.show.skill_words import unit_titles

    lists, names = form_lists.read_lists(workspace.root), workspace.names
    known = {
        column: {code: lists.text(kind, code) for kind in kinds for code in lists.codes(kind)}
        for column, kinds in _LISTED.items()
    }
    for column, texts in WORDS.items():
        known[column] = known.get(column, {}) | {code: gettext(text) for code, text in texts.items()}
    for kind in ("subject", "procedure", "season"):
        known[kind] = {code: names.text(kind, code) for code in names.places(kind)}
    known["subject"]["all"] = gettext("all together")
    known["code"] = known["skill"] | workspace.titles()
    known["key"] |= known["subject"]
    known["event"] = event_titles(workspace.events)
    known["what"] = {code: gettext(text) for code, text in KINDS.items()}
    known |= dict.fromkeys(("first", "second"), known["subject"])
    known |= dict.fromkeys(("assessment", "earlier", "tool"), workspace.titles())
    known |= dict.fromkeys(("school", "giver", "receiver", "host", "place"), workspace.school_names())
    return known | {"unit": unit_titles(workspace.assessments(year), names)} | _of_model(workspace)


def named(frame: pd.DataFrame, known: Mapping[str, Mapping[str, str]], workspace: Workspace) -> pd.DataFrame:
    """Put names in the place of codes of works, schools and so on; what has no name stays."""
    own = {column: _of_protocol(frame[column], workspace) for column in _OF_STUDY if column in frame}
    return frame.assign(
        **{
            column: [texts.get(str(code), code) for code in frame[column]]
            for column, texts in {**known, **own}.items()
            if column in frame
        }
    )


def _of_protocol(codes: pd.Series, workspace: Workspace) -> dict[str, str]:
    """Return what the protocol calls outcomes, and works by subject and grade."""
    from oko.show import protocol_words
    from oko.show.effect_sections import names_of

    there = [str(code) for code in codes]
    works = names_of([code for code in there if "-" in code], {}, workspace.names)
    return {code: protocol_words.words(code) for code in there} | works


def _of_model(workspace: Workspace) -> Known:
    """Return what the cluster's model calls its rules, indicators and criteria."""
    model = read_model(workspace.root, workspace.cluster)
    if model is None:
        return {}
    return {
        "rule": {one.code: one.result.text() for one in model.rules},
        "indicator": {one.code: one.title.text() for one in model.indicators},
        "criterion": {one.code: one.title.text() for one in model.criteria},
    }
