"""What a study of each kind is about in a year: the cluster, its schools, their subjects, its instruments."""

from __future__ import annotations

from dataclasses import dataclass

from oko.records.cluster import unknown
from oko.workspace import Workspace

GENERAL = "general"  # works on skills alone: they are instruments, no school's subject
HOME_MADE = "control"


@dataclass(frozen=True)
class Chosen:
    """Which units are asked for; None asks for all of a kind.

    Attributes
    ----------
    school : str or None
        Only studies of this school and of its subjects.
    subject : str or None
        Only studies of this subject in the schools.
    instrument : str or None
        Only studies of this instrument: the id of an assessment, be it home-made or not.
    """

    school: str | None = None
    subject: str | None = None
    instrument: str | None = None

    @property
    def all(self) -> bool:
        return self == Chosen()


def units(workspace: Workspace, year: str, kind: str, chosen: Chosen) -> list[dict[str, str]]:
    """List the units of a kind of study in a year.

    Parameters
    ----------
    workspace : Workspace
    year : str
    kind : {"cluster", "school", "school_subject", "instrument"}
    chosen : Chosen

    Returns
    -------
    list of dict
        The parameters that tell the unit apart: none for the cluster; schools in the order of the cluster's settings.

    Raises
    ------
    SettingError
        A school, subject or instrument that is asked for is unknown.
    """
    if kind == "cluster":
        return [{}] if chosen.all else []
    if kind == "instrument":
        return _instruments(workspace, year, chosen)
    if chosen.instrument is not None:
        return []
    if chosen.school is None:
        schools = workspace.cluster.school_codes
    else:
        schools = (workspace.cluster.school(chosen.school).code,)
    if kind == "school":
        return [{"school": code} for code in schools] if chosen.subject is None else []
    return _subjects(workspace, year, schools, chosen.subject)


def _subjects(workspace: Workspace, year: str, schools: tuple[str, ...], subject: str | None) -> list[dict[str, str]]:
    """List the subjects in which pupils of a school took a work that year."""
    taken = workspace.query(
        "select distinct school, subject from results where year = ? and status = 'took' and subject <> ?",
        [year, GENERAL],
    )
    if subject is not None:
        known = tuple(sorted(workspace.query("select distinct subject from assessments")["subject"]))
        if subject not in known:
            raise unknown("subject", subject, known, str(workspace.store_folder / "assessments.parquet"))
        taken = taken[taken["subject"] == subject]
    places = workspace.names.places("subject")
    held = {school: sorted(rows, key=lambda one: (places.get(one, len(places)), one)) for school, rows in
            taken.groupby("school")["subject"]}  # fmt: skip
    return [{"school": school, "subject": one} for school in schools for one in held.get(school, [])]


def _instruments(workspace: Workspace, year: str, chosen: Chosen) -> list[dict[str, str]]:
    """List the instruments of the year that schools made themselves, or the one that is asked for."""
    if chosen.school is not None or chosen.subject is not None:
        return []
    works = workspace.assessments(year)
    if chosen.instrument is not None:
        if chosen.instrument not in set(works["assessment"]):
            where = str(workspace.store_folder / "assessments.parquet")
            raise unknown("assessment", chosen.instrument, tuple(works["assessment"]), where)
        return [{"instrument": chosen.instrument}]
    described = {*workspace.register("passports")["instrument"], *workspace.register("skills")["instrument"]}
    own = (works["procedure"] == HOME_MADE) | works["assessment"].isin(described)
    return [{"instrument": name} for name in sorted(works.loc[own, "assessment"])]
