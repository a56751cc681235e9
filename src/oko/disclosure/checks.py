"""The automatic checks of an output before it may leave: each has a code, a sentence, and refuses or remarks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from oko.disclosure.files import csv_bytes
from oko.language import N_, gettext

SENTENCES: Mapping[str, str] = {
    "small_counts": N_(
        "A number of pupils below the threshold stands in it. Pass the table through oko.disclosure.protect."
    ),
    "small_counts_in_text": N_(
        "A number of pupils below the threshold stands in a text. Leave it out, or say “fewer than the threshold”."
    ),
    "unrounded_counts": N_(
        "Numbers of pupils are not rounded as the cluster’s settings ask. Give protect the setting round_counts."
    ),
    "too_many_digits": N_(
        "Numbers have more than four significant digits: exact numbers let a reader work backwards. Let protect round "
        "them."
    ),
    "no_context": N_(
        "The output has no title, question or description. Add them to templates/studies.toml: without them a number "
        "cannot be understood."
    ),
    "unknown_column": N_(
        "A column is described nowhere. Give it a name of the data dictionary, or describe it in "
        "oko.runs.release_words."
    ),
    "no_count": N_("The table does not say how many pupils its numbers rest on. Add the column n."),
    "unprotected": N_(
        "The table did not come through oko.disclosure.protect, or its protection was not kept. Make it so."
    ),
    "inferable": N_(
        "A hidden number can be worked out too closely from this and other tables, among them those released earlier. "
        "Hide more of the table, or do not release it."
    ),
    "forbidden_column": N_(
        "A column speaks of single people (class, pupil, teacher, name) or is a least or greatest value, which is one "
        "pupil’s. Leave it out."
    ),
    "pseudonym": N_("A pupil’s or teacher’s identifier stands in it. Leave it out."),
    "personal": N_("It looks as if a person’s name, phone or e-mail address stood in it. Leave it out."),
    "long_text": N_(
        "A text stands in the table that is no word of the workbench: task texts, comments and answers are not "
        "released. Leave it out."
    ),
    "stored_text": N_("Words that a school wrote (a comment, an answer) stand in it. Leave them out."),
    "unnamed_school": N_("A school is named that the cluster’s agreement does not name. Leave it out."),
    "raw_output": N_(
        "The page holds a raw print-out of the notebook, past the rules of showing. Show the table through oko.show."
    ),
    "active_content": N_("The page holds something that runs, or vector drawings with single points. Leave it out."),
    "remote_address": N_("The page loads something from the network. Put it into the page or leave it out."),
    "no_data": N_("The figure’s numbers are not released with it. Declare their table, and keep it as public."),
    "data_refused": N_("The table with the figure’s numbers was refused itself, so the figure stays with it."),
    "undeclared_figure": N_("The page holds a picture that is not a declared figure. Keep it with keep_figure."),
    "file_type": N_("Files of this type are not released: parquet, csv, json, png, html, xlsx, pdf and docx are."),
    "wrong_bytes": N_("The file is not what its name says, or something is hidden in it. Make it again."),
    "too_large": N_("The file is larger than 16 MB. Release less, or split it."),
    "too_many_rows": N_("The table has more than 5,000 rows: so many cannot be looked through. Sum it up."),
    "png_text": N_("The picture carries texts that nobody sees. Save it without them."),
    "changed": N_("The file was changed after its run. Run the study again."),
    "undeclared": N_(
        "It is not declared public by its study. Declare it in templates/studies.toml or leave it inside."
    ),
    "differs_little": N_(
        "A number differs from the one released earlier by fewer pupils than the threshold: the two versions together "
        "tell of single pupils. Keep the earlier release until more pupils are in, or withdraw it with a reason and "
        "let the second person decide."
    ),
    "corrected": N_("Values differ from those released earlier, for the same number of pupils: a correction."),
    "not_of_page": N_(
        "The document is not what the page and the tables of its run make, or it cannot be made here. Run the study "
        "again."
    ),
    "internal": N_("An internal file: it stays in the cluster."),
}


def _never(_: str) -> bool:
    return False


@dataclass(frozen=True)
class Finding:
    """What one check says of one output.

    Attributes
    ----------
    code : str
        A key of :data:`SENTENCES`.
    where : str
        Column, row or place, for whoever mends it; it stays inside the cluster.
    refuses : bool
        Whether the output may not leave; otherwise it is a remark.
    """

    code: str
    where: str = ""
    refuses: bool = True

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, in the language in force."""
        return gettext(SENTENCES[self.code])


@dataclass(frozen=True)
class Verdict:
    """What the checks say of one output.

    Attributes
    ----------
    output : str
        Path inside the run's folder.
    sensitivity : {"public", "internal"}
    sha256 : str
    findings : tuple of Finding
    """

    output: str
    sensitivity: str
    sha256: str
    findings: tuple[Finding, ...] = ()

    @property
    def word(self) -> str:
        """Say it in a word: "refused", "noted" or "passed"."""
        if any(finding.refuses for finding in self.findings):
            return "refused"
        return "noted" if self.findings else "passed"


@dataclass(frozen=True)
class Terms:
    """What the checks of a cluster go by.

    Attributes
    ----------
    threshold : int
        Least number of pupils.
    round_counts : int
        Base to which numbers of pupils are rounded; 1 = not rounded.
    columns : frozenset of str
        Columns that are described.
    keys : frozenset of str
        Columns of the table that say what a row is; they hold no results.
    known_text : callable
        Whether a text is a word of the workbench or of the cluster's settings.
    personal : callable
        Whether a text looks like personal data.
    identifiers : frozenset of str
        Pseudonyms of the store.
    stored_texts : tuple of str
        What people wrote in words, as the store has it.
    unnamed : Mapping
        Names of the schools that the agreement does not name, by code.
    """

    threshold: int
    round_counts: int = 1
    columns: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    known_text: Callable[[str], bool] = _never
    personal: Callable[[str], bool] = _never
    identifiers: frozenset[str] = frozenset()
    stored_texts: tuple[str, ...] = ()
    unnamed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


TableCheck = Callable[[pd.DataFrame, Terms], str]
PageCheck = Callable[[str, Terms], str]
FileCheck = Callable[[Path], str]


def places(counted: Mapping[str, int] | Iterable[str], most: int = 6) -> str:
    """Name places shortly: "n (3), n_scores (1)"; "" where there are none.

    Examples
    --------
    >>> places({"n": 3, "quality": 0}), places(["class"]), places([])
    ('n (3)', 'class', '')
    """
    if isinstance(counted, Mapping):
        named = [f"{name} ({number})" for name, number in counted.items() if number]
    else:
        named = list(counted)
    return ", ".join(named[:most]) + (", …" if len(named) > most else "")


def sheet(verdicts: Sequence[Verdict], *, inside: bool) -> bytes:
    """Write the sheet of checks, ``CHECKS.csv``.

    Parameters
    ----------
    verdicts : sequence of Verdict
    inside : bool
        For the cluster: every output of the run, and the places found. Otherwise, for the release: public outputs
        alone, without places.

    Returns
    -------
    bytes
        One row an output: output, sensitivity, verdict, reason (codes), explanation, sha256.
    """
    shown = [verdict for verdict in verdicts if inside or verdict.sensitivity == "public"]
    rows = [
        {
            "output": verdict.output,
            "sensitivity": verdict.sensitivity,
            "verdict": verdict.word,
            "reason": " ".join(dict.fromkeys(finding.code for finding in verdict.findings)),
            "explanation": " ".join(dict.fromkeys(explained(finding, inside) for finding in verdict.findings)),
            "sha256": verdict.sha256,
        }
        for verdict in shown
    ]
    columns = ["output", "sensitivity", "verdict", "reason", "explanation", "sha256"]
    return csv_bytes(pd.DataFrame(rows, columns=columns))


def explained(finding: Finding, inside: bool = True) -> str:
    """Say what a finding means, with its place where only the cluster reads it."""
    if inside and finding.where:
        return gettext("{sentence} Where: {where}.").format(sentence=finding.sentence, where=finding.where)
    return finding.sentence
