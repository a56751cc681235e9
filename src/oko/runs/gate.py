"""The gate: every output of a run is checked, and what the checks said is written down beside the results."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from oko.disclosure import checks_files, checks_tables, checks_texts, journal
from oko.disclosure.checks import Finding, Terms, Verdict, sheet
from oko.disclosure.checks_protection import broken, untold_total
from oko.disclosure.package import SHEET
from oko.errors import ReleaseError
from oko.folders import replace_folder, restore_folder, sha256
from oko.language import current
from oko.runs import documents, release_archive, release_audit
from oko.runs.cache import read_record
from oko.runs.plan import Run, year_folder
from oko.runs.record import sensitivity_of
from oko.runs.release_about import may_show
from oko.runs.release_archive import Archived, protected_table
from oko.runs.release_terms import terms as terms_of
from oko.workspace import Workspace

CHECKED = "checked.json"


@dataclass(frozen=True)
class Checked:
    """What the checks said of one run.

    Attributes
    ----------
    run : Run
    verdicts : tuple of Verdict
        One an output.
    digest : str
        Digest of the public outputs that were checked and of what a release may show: what a second person signs.
    inputs : str
        Digest of all that the verdicts rest on; where it has not changed they need not be found again.
    """

    run: Run
    folder: Path
    verdicts: tuple[Verdict, ...]
    digest: str
    inputs: str

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """Outputs that may not leave; one of them keeps the whole study."""
        return tuple(verdict for verdict in self.verdicts if verdict.word == "refused")

    @property
    def content(self) -> str:
        """Digest of the public outputs alone, whoever signs them and when."""
        return content_digest({v.output: v.sha256 for v in self.verdicts if v.sensitivity == "public"})

    @property
    def name(self) -> str:
        """The study and its unit: "cluster_year/cluster"."""
        return f"{self.run.name}/{self.run.unit}"


def content_digest(files: Mapping[str, str]) -> str:
    """Digest of files by path and checksum."""
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()


def ready(run: Run) -> bool:
    """Whether a run is public, and done with the present data, settings and templates."""
    record = read_record(run.folder)
    return (
        run.study.edition == "public" and record is not None and record["status"] == "done" and record["key"] == run.key
    )


def checked_folder(workspace: Workspace, year: str, study: str, unit: str) -> Path:
    """Folder of the sheet of checks of a study."""
    return year_folder(workspace, year) / "checked" / study / unit


def check_runs(workspace: Workspace, runs: Sequence[Run], *, again: bool = True) -> tuple[Checked, ...]:
    """Check every public run that is done, and write its sheet of checks.

    Parameters
    ----------
    workspace : Workspace
    runs : sequence of Run
        Runs of one year.
    again : bool, default True
        Check also what was checked before and has not changed since.

    Returns
    -------
    tuple of Checked
    """
    candidates = [run for run in runs if ready(run)]
    if not candidates:
        return ()
    archived = _other(release_archive.read(workspace.results_folder), candidates)
    inputs = {run.folder: _inputs(workspace, run, candidates, archived) for run in candidates}
    known = {} if again else {run.folder: read(workspace, run, inputs[run.folder]) for run in candidates}
    if any(known.get(run.folder) is None for run in candidates):
        found = _verdicts(workspace, candidates, archived)
        known = {}
        for run in candidates:
            folder = checked_folder(workspace, run.parameters.year, run.name, run.unit)
            files = {v.output: v.sha256 for v in found[run.folder] if v.sensitivity == "public"}
            digest = content_digest({**files, "": repr(may_show(workspace))})
            known[run.folder] = made = Checked(run, folder, found[run.folder], digest, inputs[run.folder])
            _write(workspace, made)
    return tuple(one for run in candidates if (one := known[run.folder]) is not None)


def _other(archived: Sequence[Archived], candidates: Sequence[Run]) -> list[Archived]:
    """Leave out what was released with the very tables that are to be released now: it tells nothing further."""
    now = {
        (run.name, run.unit, run.parameters.year): {
            path.stem: sha256(path) for path in run.folder.glob("tables/*.parquet")
        }
        for run in candidates
    }
    told = [(one, now.get(_place(one), {})) for one in archived]
    return [one for one, tables in told if {name: tables.get(name) for name in one.tables} != one.tables]


def _place(archived: Archived) -> tuple[str, str, str]:
    return archived.about["study"], archived.about["unit"], archived.about["year"]


def _inputs(workspace: Workspace, run: Run, candidates: Sequence[Run], archived: Sequence[Archived]) -> str:
    """Digest of all that the verdicts of a run rest on, its outputs as they lie there."""
    tables = [sha256(path) for other in candidates for path in sorted(other.folder.glob("tables/*.parquet"))]
    outputs = [
        (output["path"], sha256(path) if (path := run.folder / output["path"]).is_file() else "")
        for output in _outputs(run)
    ]
    content = (
        run.key,
        outputs,
        tables,
        [one.about["digest"] for one in archived],
        may_show(workspace),
        workspace.cluster.signs_itself,
        current(),
    )
    return hashlib.sha256(repr(content).encode()).hexdigest()


def _outputs(run: Run) -> list[dict[str, str]]:
    record = read_record(run.folder)
    return list(record["outputs"]) if record else []


def _verdicts(
    workspace: Workspace, candidates: Sequence[Run], archived: Sequence[Archived]
) -> dict[Path, tuple[Verdict, ...]]:
    terms = terms_of(workspace)
    own = [table for run in candidates for table in release_audit.of_run(run)]
    inferable = release_audit.inferable(own, release_audit.earlier(archived))
    found = {}
    for run in candidates:
        before = [one for one in archived if _place(one) == (run.name, run.unit, run.parameters.year)]
        verdicts = [_verdict(run, output, terms, inferable, before, workspace) for output in _outputs(run)]
        found[run.folder] = _with_data(run, tuple(verdicts))
    return found


def _verdict(
    run: Run,
    output: Mapping[str, str],
    terms: Terms,
    inferable: Mapping[str, str],
    before: Sequence[Archived],
    workspace: Workspace,
) -> Verdict:
    path = run.folder / output["path"]
    public = output["sensitivity"] == "public"
    if public and sensitivity_of(run, output["path"]) != "public":
        return Verdict(output["path"], "public", output["sha256"], (Finding("undeclared"),))
    whole = path.is_file() and sha256(path) == output["sha256"]
    if not whole and (public or output["path"].startswith("protection/")):
        return Verdict(output["path"], output["sensitivity"], output["sha256"], (Finding("changed"),))
    if not public:
        return Verdict(output["path"], "internal", output["sha256"], (Finding("internal", "", False),))
    findings = [Finding(code, where) for code, check in checks_files.CHECKS.items() if (where := check(path))]
    if not findings and path.suffix == ".parquet":
        findings = _table(run, path, terms, before, refuses=not workspace.cluster.signs_itself)
        risk = inferable.get(release_audit.place_of(run, path.stem))
        findings += [Finding("inferable", risk)] if risk else []
    elif not findings and path.suffix == ".html":
        findings = _page(run, path, terms)
    elif not findings and path.suffix in documents.SUFFIXES and not documents.is_of_run(run, run.folder, path.name):
        findings = [Finding("not_of_page")]
    if named := checks_texts.unnamed_in(output["path"], terms):
        findings.append(Finding("unnamed_school", ", ".join(sorted(named))))
    return Verdict(output["path"], "public", output["sha256"], tuple(findings))


def _table(run: Run, path: Path, terms: Terms, before: Sequence[Archived], *, refuses: bool) -> list[Finding]:
    frame = pq.read_table(path).to_pandas()
    declared = {table.name: table for table in run.study.tables}.get(path.stem)
    findings = [Finding("no_context", path.stem)] if declared is None or declared.about is None else []
    try:
        now = protected_table(run.folder, path.stem)
    except ReleaseError:
        return [*findings, Finding("unprotected", f"protection/{path.stem}.json"), *_columns(frame, terms)]
    findings += _columns(frame, replace(terms, keys=frozenset(now.rules.named)))
    findings += [Finding("unprotected", where)] if (where := broken(now, terms.threshold)) else []
    findings += [Finding("inferable", where)] if (where := untold_total(now)) else []
    own = sha256(path)
    earlier = [one.table(path.stem) for one in before if one.tables.get(path.stem, own) != own]
    return findings + release_audit.differences(now, earlier, terms.threshold, refuses)


def _columns(frame: pd.DataFrame, terms: Terms) -> list[Finding]:
    return [Finding(code, where) for code, check in checks_tables.CHECKS.items() if (where := check(frame, terms))]


def _page(run: Run, path: Path, terms: Terms) -> list[Finding]:
    page = path.read_text(encoding="utf-8")
    findings = [Finding(code, where) for code, check in checks_texts.CHECKS.items() if (where := check(page, terms))]
    figures = {o["sha256"] for o in _outputs(run) if o["path"].startswith("figures/") and o["sensitivity"] == "public"}
    strange = checks_texts.pictures(page) - figures
    return findings + ([Finding("undeclared_figure", str(len(strange)))] if strange else [])


def _with_data(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Refuse figures whose numbers do not leave with them."""
    words = {Path(v.output).stem: v.word for v in verdicts if v.output.startswith("tables/")}
    needed = {figure.name: figure.table for figure in run.study.figures}

    def with_data(verdict: Verdict) -> Verdict:
        table = needed.get(Path(verdict.output).name.split(".")[0]) or ""
        public = verdict.output.startswith("figures/") and verdict.sensitivity == "public"
        if not public or words.get(table, "refused") != "refused":
            return verdict
        lacking = Finding("data_refused" if table in words else "no_data", table)
        return Verdict(verdict.output, verdict.sensitivity, verdict.sha256, (*verdict.findings, lacking))

    return tuple(map(with_data, verdicts))


def _write(workspace: Workspace, checked: Checked) -> None:
    folder = checked.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    restore_folder(folder)
    for leftover in folder.parent.glob(f".checking-{folder.name}-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f".checking-{folder.name}-", dir=folder.parent))
    content = {
        "study": checked.run.name,
        "title": checked.run.study.title.model_dump(),
        "unit": checked.run.unit,
        "year": checked.run.parameters.year,
        "digest": checked.digest,
        "inputs": checked.inputs,
        "checked": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "refused": len(checked.refused),
        "verdicts": [asdict(verdict) for verdict in checked.verdicts],
    }
    try:
        (made / SHEET).write_bytes(sheet(checked.verdicts, inside=True))
        (made / CHECKED).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        made.chmod(0o755)
        replace_folder(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    reasons = sorted({f.code for verdict in checked.refused for f in verdict.findings if f.refuses})
    journal.append(
        workspace.results_folder,
        "refused" if checked.refused else "checked",
        study=checked.run.name,
        unit=checked.run.unit,
        year=checked.run.parameters.year,
        digest=checked.digest,
        reason=" ".join(reasons),
    )


def read_about(folder: Path) -> dict[str, Any] | None:
    """Return what was written down at the last check; None where there was none, or it cannot be read."""
    try:
        content = json.loads((folder / CHECKED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(content, dict) and {"digest", "inputs", "refused", "verdicts"} <= set(content)
    return content if whole and isinstance(content["refused"], int) else None


def read(workspace: Workspace, run: Run, inputs: str) -> Checked | None:
    """Return what the last check said of a run, where nothing has changed since."""
    folder = checked_folder(workspace, run.parameters.year, run.name, run.unit)
    content = read_about(folder)
    if content is None or content["inputs"] != inputs or not (folder / SHEET).is_file():
        return None
    try:
        verdicts = tuple(
            Verdict(**{**entry, "findings": tuple(Finding(**finding) for finding in entry["findings"])})
            for entry in content["verdicts"]
        )
    except (TypeError, KeyError):  # somebody wrote in it
        return None
    return Checked(run, folder, verdicts, content["digest"], inputs)
