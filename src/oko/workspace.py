"""The front door: ``oko.open()`` finds the project, the cluster and its data from wherever it is called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from oko.errors import SettingError
from oko.records.cluster import Cluster, read_cluster, unknown
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX, RESPONSE_KEYS, SEASONS
from oko.records.store import Store, open_store

if TYPE_CHECKING:
    from oko.records.events import Event
    from oko.records.names import Names

DEFAULT_CLUSTER = "nevsky"
_MASKS = (NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX)


@dataclass(frozen=True)
class Workspace:
    """One cluster in one project folder: its settings, its store, its results.

    Attributes
    ----------
    root : Path
        The project's folder.
    cluster : Cluster
        Settings from ``data/clusters/<code>/cluster.toml``.
    """

    root: Path
    cluster: Cluster

    @property
    def work(self) -> Path:
        """The cluster's work folder: ``raw``, ``store`` and ``results`` are in it; it is never committed."""
        everywhere = os.environ.get("OKO_WORK")
        if everywhere:
            return Path(everywhere).resolve() / self.cluster.code
        return (self.root / (self.cluster.work or f"data/work/{self.cluster.code}")).resolve()

    @property
    def raw_folder(self) -> Path:
        return self.work / "raw"

    @property
    def store_folder(self) -> Path:
        return self.work / "store"

    @property
    def results_folder(self) -> Path:
        return self.work / "results"

    @cached_property
    def store(self) -> Store:
        """The cluster's store; DataError when there is none or it is damaged."""
        return open_store(self.store_folder, self.cluster.code)

    @cached_property
    def names(self) -> Names:
        """Names of procedures, subjects, seasons and kinds of schools in both languages."""
        from oko.records.names import read_names

        return read_names(self.root)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events of the cluster's plan, in their order; none where it has no ``plan.toml``."""
        from oko.records.events import read_events

        return read_events(self.root, self.cluster)

    def results(
        self,
        *,
        school: str | Sequence[str] | None = None,
        year: str | None = None,
        subject: str | None = None,
        procedure: str | None = None,
        assessment: str | None = None,
        role: str | None = None,
    ) -> pd.DataFrame:
        """Return results, one row a pupil and an assessment.

        Parameters
        ----------
        school, year, subject, procedure, assessment : str, optional
            Keep the rows of these; ``school`` may be a list of codes.
        role : {"cluster", "comparison"}, optional
            Keep schools of the cluster, or those it is compared with.

        Returns
        -------
        DataFrame
            Columns of the schema ``RESULTS``, sorted by school, assessment and pupil.

        Raises
        ------
        SettingError
            A school, year or subject that the cluster does not have.
        DataError
            There is no store, or it is damaged.

        Examples
        --------
        >>> import oko
        >>> ws = oko.open(cluster="example")  # doctest: +SKIP
        >>> ws.results(school="344", subject="physics")  # doctest: +SKIP
        """
        wanted = {"year": year, "subject": subject, "procedure": procedure, "assessment": assessment}
        filters: dict[str, object] = {column: value for column, value in wanted.items() if value is not None}
        if school is not None:
            filters["school"] = [school] if isinstance(school, str) else list(school)
        if role is not None:
            filters["school"] = sorted(set(self.schools(role)["school"]) & set(filters.get("school", self._schools)))  # type: ignore[call-overload]
        self._check_known(filters)
        return self._table("results", filters)

    def responses(
        self,
        assessment: str,
        *,
        school: str | None = None,
        not_attempted: bool = False,
        not_covered: bool = False,
    ) -> pd.DataFrame:
        """Return task scores of one assessment, pupils × tasks.

        Parameters
        ----------
        assessment : str
            Id of an assessment that has task scores.
        school : str, optional
            Keep one school.
        not_attempted : bool, default False
            Return the boolean mask "not attempted" instead of the points (those cells have 0 points).
        not_covered : bool, default False
            Return the boolean mask "the topic was not taught yet" (those cells have no points).

        Returns
        -------
        DataFrame
            Index: school, class, pupil; columns: tasks; NaN = no points known: not administered, or not covered.
        """
        if assessment not in self.store.responses:
            raise unknown("assessment", assessment, self.store.responses, str(self.store_folder / "responses"))
        where, values = ("", []) if school is None else (" where school = ?", [school])
        frame = self.store.query(f'select * from "responses/{assessment}"{where}', values)  # noqa: S608
        keys = [key for key in RESPONSE_KEYS if key != "assessment"]
        wide = frame.drop(columns=["assessment", "source"], errors="ignore").set_index(keys)
        masks = {suffix: [name for name in wide if str(name).endswith(suffix)] for suffix in _MASKS}
        for suffix, asked in zip(_MASKS, (not_attempted, not_covered), strict=True):
            if asked:
                named = wide[masks[suffix]].rename(columns=lambda column: str(column)[: -len(suffix)])  # noqa: B023
                return named.astype(bool)
        return wide.drop(columns=[name for names in masks.values() for name in names]).astype("float64")

    def items(self, assessment: str | None = None) -> pd.DataFrame:
        """Return tasks of the assessments (schema ``ITEMS``), in their order."""
        return self._table("items", {} if assessment is None else {"assessment": assessment})

    def assessments(self, year: str | None = None) -> pd.DataFrame:
        """Return the assessments that the store holds (schema ``ASSESSMENTS``)."""
        if year is not None:
            self.cluster.check_year(year)
        return self._table("assessments", {} if year is None else {"year": year})

    def schools(self, role: str | None = None) -> pd.DataFrame:
        """Return the schools of the store (schema ``SCHOOLS``), those of the cluster in the order of its settings."""
        frame = self._table("schools", {} if role is None else {"role": role})
        order = {code: place for place, code in enumerate(self.cluster.school_codes)}
        keys = pd.DataFrame(
            {"own": frame["school"].map(order).fillna(len(order)), "code": frame["school"].str.zfill(32)}
        )
        return frame.loc[keys.sort_values(["own", "code"]).index].reset_index(drop=True)

    def register(self, name: str, **filters: str) -> pd.DataFrame:
        """Return a further table of the store: groups, survey, actions, …; without rows where nothing was received.

        Parameters
        ----------
        name : str
            A table of :data:`oko.records.stored.FURTHER`.
        **filters
            Keep the rows with these values.
        """
        from oko.records.stored import FURTHER

        if name not in FURTHER:
            raise unknown("register", name, tuple(FURTHER), "oko.records.stored")
        if name not in self.store.registers:
            return pd.DataFrame({c: pd.Series(dtype=column.dtype.type) for c, column in FURTHER[name].columns.items()})
        return self._table(name, dict(filters))

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Answer a DuckDB query over the store: views results, assessments, items, schools, "responses/<id>"."""
        return self.store.query(sql, parameters)

    def titles(self, year: str | None = None) -> dict[str, str]:
        """Return the titles of assessments by id, in the language in force: by subject, then by time, then by grade."""
        rows = self.assessments(year)
        subjects = self.names.places("subject")
        keys = {
            "subject": rows["subject"].map(subjects).fillna(len(subjects)),
            "year": rows["year"],
            "season": rows["season"].map({season: place for place, season in enumerate(SEASONS)}),
            "grade": rows["pupil_grade"].fillna(0),
            "assessment": rows["assessment"],
        }
        ordered = rows.loc[pd.DataFrame(keys).sort_values(list(keys)).index]
        return {str(row.assessment): self.names.assessment_title(row) for row in ordered.itertuples(index=False)}

    def school_names(self) -> dict[str, str]:
        """Return the names of the store's schools by code, those of the cluster first."""
        return {code: self.school_name(code) for code in self.schools()["school"]}

    def school_name(self, code: str) -> str:
        """Return a school's name in the language in force; a school outside the cluster is called by its code."""
        for school in self.cluster.schools:
            if school.code == code:
                return school.name.text()
        return code

    @cached_property
    def _schools(self) -> tuple[str, ...]:
        return tuple(self.store.query("select school from schools order by school")["school"])

    def _check_known(self, filters: dict[str, object]) -> None:
        if "year" in filters:
            self.cluster.check_year(str(filters["year"]))
        for code in filters.get("school", []):  # type: ignore[attr-defined]
            if code not in self._schools:
                raise unknown("school", str(code), self._schools, str(self.store_folder / "schools.parquet"))
        for column in ("subject", "assessment"):
            if column in filters:
                known = tuple(self.store.query(f"select distinct {column} as it from assessments order by it")["it"])  # noqa: S608
                if filters[column] not in known:
                    raise unknown(column, str(filters[column]), known, str(self.store_folder / "assessments.parquet"))

    def _table(self, name: str, filters: dict[str, object]) -> pd.DataFrame:
        clauses, values = list[str](), list[object]()
        for column, value in filters.items():
            several = value if isinstance(value, list) else [value]
            clauses.append(f"{column} in ({', '.join('?' * len(several))})" if several else "false")
            values += several
        where = f" where {' and '.join(clauses)}" if clauses else ""
        frame = self.store.query(f"select * from {name}{where}", values)  # noqa: S608
        from oko.records.stored import STORED

        return frame.astype({c: column.dtype.type for c, column in STORED[name].columns.items()})


def open(path: str | Path = ".", cluster: str | None = None) -> Workspace:  # noqa: A001
    """Open the workbench.

    Parameters
    ----------
    path : str or Path, default "."
        Anywhere inside the project; the project's folder is looked for upwards from here.
    cluster : str, optional
        Code of a folder in ``data/clusters``; by default the environment variable OKO_CLUSTER, else ``nevsky``.

    Returns
    -------
    Workspace

    Raises
    ------
    SettingError
        There is no project here, the cluster is unknown, or its settings are wrong.
    """
    root = find_root(Path(path))
    return Workspace(root, read_cluster(root, cluster or os.environ.get("OKO_CLUSTER") or DEFAULT_CLUSTER))


def find_root(path: Path = Path()) -> Path:
    """Return the project's folder, looking upwards from a path, then where the package is installed from."""
    start = path.resolve()
    for folder in (start, *start.parents, *Path(__file__).resolve().parents):
        if (folder / "data" / "clusters").is_dir() and (folder / "templates" / "studies.toml").is_file():
            return folder
    raise SettingError("No project of the workbench at {path} or above it; go to the project's folder.", path=start)
