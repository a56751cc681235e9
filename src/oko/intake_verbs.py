"""What the verbs do that bring data in, send them out and delete them; an exit status comes back."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace

from pydantic import ValidationError
from rich.table import Table

from oko.errors import SettingError
from oko.language import gettext, ngettext, number
from oko.records.intake import check
from oko.records.readers.context import Told
from oko.records.taken import Intake
from oko.runs import bank, forgetting, intake_report, packages, receive, sources, unpacking
from oko.runs.alike import alike
from oko.terminal import Terminal
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

console = Terminal()
_TABLE_FROM = 100


def init(options: Namespace) -> int:
    """Make an empty cluster and its key, or what of them is missing."""
    from oko.records.cluster import read_cluster
    from oko.records.new_cluster import make_cluster
    from oko.workspace import DEFAULT_CLUSTER, find_root

    root = find_root()
    code = options.cluster or DEFAULT_CLUSTER
    for path in make_cluster(root, code):
        console.print(gettext("Made: {path}").format(path=str(path)))
    workspace = Workspace(root, read_cluster(root, code))
    workspace.raw_folder.mkdir(parents=True, exist_ok=True)
    console.print(
        gettext("Put files into {folder}, then: oko check --cluster {cluster}.").format(
            folder=str(workspace.raw_folder), cluster=code
        )
    )
    return 0


def check_(options: Namespace) -> int:
    """Name everything that is wrong with files, change nothing."""
    workspace = open_workspace(cluster=options.cluster)
    paths = options.paths or [sources.received(workspace)]
    with unpacking.unpacked([sources.existing(path) for path in paths], workspace) as there:
        intake = check(workspace.cluster, workspace.root, there, told=_told(options))
    _tell_findings(intake)
    page = intake_report.write_report(workspace, intake)
    console.print(intake_report.summary(intake))
    console.print(gettext("Report: {path}").format(path=str(page)))
    faults = len(alike(intake.faults))
    if faults:
        console.print(ngettext("{n} fault found.", "{n} faults found.", faults).format(n=number(faults)))
        return 1
    console.print(gettext("No faults found."))
    return 0


def import_(options: Namespace) -> int:
    """Check the files received and store them."""
    told = _told(options)
    workspace = open_workspace(cluster=options.cluster)
    if workspace.cluster.source == "example":
        sources.write_example(workspace)
    if not options.paths:
        sources.received(workspace)
        intake = sources.import_source(workspace)
        tell(workspace, intake)
        return 1 if intake.refused else 0
    receipt = receive.receive(workspace, options.paths, told)
    tell(workspace, receipt.read)
    for found in alike(receipt.left):
        console.print(gettext("Left out: {reason}").format(reason=found))
    for path in receipt.replaced:
        console.print(gettext("Replaced; the earlier version: {path}").format(path=str(path)))
    return 1 if receipt.read.refused else 0


def example(options: Namespace) -> int:
    """Write the raw files of the example cluster."""
    workspace = open_workspace(cluster=options.cluster or "example")
    if workspace.cluster.source != "example":
        raise SettingError(
            "Cluster {cluster} is not an example: its data are not invented.", cluster=workspace.cluster.code
        )
    paths = sources.write_example(workspace)
    text = ngettext("{n} file of invented data in {folder}", "{n} files of invented data in {folder}", len(paths))
    console.print(text.format(n=number(len(paths)), folder=str(workspace.raw_folder)))
    return 0


def export(options: Namespace) -> int:
    """Write a data package of a school without names, or the passports of tasks."""
    workspace = open_workspace(cluster=options.cluster)
    if options.passports:
        written = bank.write_bank(workspace, options.to or workspace.work / "packages", school=options.school)
        console.print(gettext("Passports of tasks: {path}").format(path=str(written)))
        return 0
    if not options.school:
        raise SettingError("Say which school’s data to send: --school CODE.")
    folder = options.to or workspace.work / "packages"
    path = packages.write_package(workspace, options.school, folder, year=options.year, rows=options.rows)
    console.print(gettext("Package: {path}").format(path=str(path)))
    if options.rows:
        console.print(gettext("It holds rows of pupils under pseudonyms: they are personal data still."))
    return 0


def forget(options: Namespace) -> int:
    """Delete a pupil, a school or a term from every stored version."""
    workspace = open_workspace(cluster=options.cluster)
    asked = forgetting.Asked(options.pupil, options.ask, options.school, options.year, options.season)
    for line in forgetting.forget(workspace, asked, getpass.getuser(), sys.stdin):
        console.print(line)
    return 0


def _told(options: Namespace) -> Told:
    names = ("school", "year", "season", "procedure", "subject", "material_grade", "others", "accept_rows")
    given = {name: getattr(options, name, None) for name in names}
    try:
        return Told(**{name: value for name, value in given.items() if value not in (None, False)})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "--" + str(first["loc"][0]).replace("material_grade", "grade")
        text = "Parameter {name}: {given} is not a valid value."
        raise SettingError(text, name=name, given=repr(first["input"])[:80]) from None


def tell(workspace: Workspace, intake: Intake) -> None:
    """Say what was stored, which files were refused, and where the report lies."""
    if intake.files:
        page = intake_report.write_report(workspace, intake)
        console.print(intake_report.summary(intake))
        for file in intake.refused[:20]:
            reasons = [finding for finding in intake.findings if finding.file == file.name]
            console.print(gettext("REFUSED {reason}").format(reason=reasons[0] if reasons else file.name))
        console.print(gettext("Report: {path}").format(path=str(page)))
    n = int(workspace.query("select count(*) as n from results")["n"].iloc[0])
    text = ngettext("Stored: {n} result, cluster {cluster}.", "Stored: {n} results, cluster {cluster}.", n)
    console.print(text.format(n=number(n), cluster=workspace.cluster.code))


def _tell_findings(intake: Intake) -> None:
    """Show findings as a table where the terminal is wide enough, otherwise a line each; faults first."""
    for part in intake_report.sections(intake)[:2]:
        if not part.rows:
            continue
        if not console.is_terminal or console.width < _TABLE_FROM:
            console.print(f"{part.heading}:")
            for file, place, text, _ in part.rows:
                line = ", ".join(filter(None, (str(file), str(place)))) + f": {text}"
                console.print(line, soft_wrap=not console.is_terminal)
            console.print()
            continue
        table = Table(title=part.heading, title_justify="left", show_lines=True, expand=True)
        for heading, ratio in zip(part.headings[:3], (3, 2, 4), strict=True):
            table.add_column(heading, overflow="fold", ratio=ratio)
        for row in part.rows:
            table.add_row(*(str(cell) for cell in row[:3]))
        console.print(table)
