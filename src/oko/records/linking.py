"""Who is who: codes become pseudonyms, and the schools' rosters join those of one pupil."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from oko.language import N_
from oko.records.pseudonyms import Pseudonyms
from oko.records.readers import FILE, Finding, RawTable
from oko.records.readers.roster_people import aliases, who_is_who
from oko.records.received import Received
from oko.records.schema import TEXT

LINK = "link"
_NO_KEY = N_(
    "The file tells pupils apart by codes, and the cluster has no key to make pseudonyms with: "
    "run “oko init --cluster {cluster}” first."
)


def pupils_named(
    tables: Sequence[RawTable], pseudonyms: Pseudonyms | None, cluster: str
) -> tuple[list[RawTable], list[Finding]]:
    """Give rows that have a participant's code the pseudonym made of it.

    Parameters
    ----------
    tables : sequence of RawTable
        Tables of pupils have ``pupil``, or ``code`` and the assessment's year and season among the file's tables.
    pseudonyms : Pseudonyms or None
    cluster : str
        Its code, for the message.

    Returns
    -------
    tables : list of RawTable
        With ``pupil``, and ``link``: what tells the pupil apart.
    findings : list of Finding
        Files whose codes cannot become pseudonyms, because there is no key.
    """
    when = _terms(tables)
    named: list[RawTable] = []
    findings: dict[str, Finding] = {}
    for table in tables:
        if table.kind not in {"results", "responses"} or "code" not in table.frame:
            named.append(table)
        elif pseudonyms is None:
            for file in table.frame[FILE].unique():
                values = {"cluster": cluster}
                findings[file] = Finding(str(file), None, None, _NO_KEY, values, check="recognised")
        else:
            named.append(replace(table, frame=_with_pupils(table.frame, when, pseudonyms)))
    return named, list(findings.values())


def _terms(tables: Sequence[RawTable]) -> pd.DataFrame:
    parts = [table.frame[["assessment", "year", "season"]] for table in tables if table.kind == "assessments"]
    empty = pd.DataFrame(columns=["assessment", "year", "season"], dtype=TEXT)
    return pd.concat([empty, *parts]).drop_duplicates("assessment").set_index("assessment")


def _with_pupils(rows: pd.DataFrame, when: pd.DataFrame, pseudonyms: Pseudonyms) -> pd.DataFrame:
    identity = pd.DataFrame(
        {
            "school": rows["school"],
            "year": rows["assessment"].map(when["year"]),
            "season": rows["assessment"].map(when["season"]),
            "code": rows["code"],
        }
    ).fillna("")
    return rows.drop(columns="code").assign(pupil=pseudonyms.of_codes(identity), link="code")


def known_pupils(received: Received, links: Sequence[RawTable]) -> tuple[Received, list[Finding]]:
    """Replace the pseudonyms of codes and names by those of the pupils, where a roster joins them.

    Parameters
    ----------
    received : Received
        Its rows have ``pupil`` and ``link``.
    links : sequence of RawTable
        Kind links: the rows of the schools' rosters.

    Returns
    -------
    received : Received
        ``link`` is roster where a roster told the pupil; a roster with faults tells none.
    findings : list of Finding
        Rows of rosters, of one or of several, that do not tell one pupil from another.
    """
    if not links:
        return received, []
    rows = pd.concat([table.frame for table in links], ignore_index=True)
    findings = who_is_who(rows)
    doubtful = {finding.file for finding in findings if finding.severity == "fault"}
    pupils = aliases(rows[~rows["faulty"] & ~rows[FILE].isin(doubtful)]).set_index("alias")["pupil"]
    results = _linked(received.results, pupils)
    return replace(received, results=results, responses=tuple(_linked(f, pupils) for f in received.responses)), findings


def _linked(rows: pd.DataFrame, pupils: pd.Series) -> pd.DataFrame:
    found = rows["pupil"].map(pupils)
    changed = rows.assign(pupil=found.fillna(rows["pupil"]).astype(TEXT))
    if LINK not in rows:
        return changed
    return changed.assign(**{LINK: rows[LINK].mask(found.notna(), "roster")})
