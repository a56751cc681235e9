"""What ``oko release`` says and does: check, show what the checks said, sign, withdraw; an exit status comes back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from oko.disclosure.checks import Verdict, explained
from oko.errors import DataError, SettingError
from oko.language import gettext, ngettext, number
from oko.records.cluster import Cluster
from oko.runs import releases
from oko.runs.gate import Checked
from oko.runs.plan import plan
from oko.runs.releases import Passage
from oko.runs.summary import write_summary
from oko.terminal import Terminal
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

console = Terminal()
_SHOWN = 4


def release(options: Namespace) -> int:
    """Check the outputs that may be shown; sign those that pass, or withdraw a release."""
    workspace = open_workspace(cluster=options.cluster)
    year = workspace.cluster.check_year(options.year or workspace.cluster.latest_year)
    if options.withdraw is not None:
        return _withdraw(workspace, year, options)
    if options.why is not None or options.unit:
        raise SettingError("--why and --unit belong to --withdraw STUDY.")
    runs = plan(workspace, year, language=options.language)
    signs = workspace.cluster.signs_itself or options.reviewer is not None
    passage = releases.pass_gate(workspace, runs, options.reviewer) if signs else releases.check_only(workspace, runs)
    write_summary(workspace, year, runs, ())
    if not passage.checked:
        raise DataError("There is nothing to release: no public study of {year} is done and up to date.", year=year)
    for one in passage.checked:
        _tell_checks(one)
    _tell_releases(passage)
    if not signs:
        _tell_next(workspace.cluster, year, passage)
    return 1 if passage.kept or not signs else 0


def _withdraw(workspace: Workspace, year: str, options: Namespace) -> int:
    if options.reviewer is not None:
        raise SettingError("Sign or withdraw: --reviewer and --withdraw do not go together.")
    gone = releases.withdraw(workspace, year, options.withdraw, options.why or "", options.unit)
    write_summary(workspace, year, plan(workspace, year, language=options.language), ())
    for folder in gone:
        console.print(gettext("Withdrawn: {folder}").format(folder=str(folder)))
    console.print(
        gettext(
            "Boards and all that reads releases refuse it from now on. Copies that were handed out must be called back "
            "by hand: the journal {journal} says which release it was."
        ).format(journal=str(workspace.results_folder / "releases.jsonl"))
    )
    return 0


def _tell_checks(one: Checked) -> None:
    public = [verdict for verdict in one.verdicts if verdict.sensitivity == "public"]
    counts = {word: sum(verdict.word == word for verdict in public) for word in ("passed", "noted", "refused")}
    text = ngettext("{title} ({name}): {n} file is checked.", "{title} ({name}): {n} files are checked.", len(public))
    console.print(text.format(title=one.run.study.title.text(), name=one.name, n=number(len(public))))
    console.print(
        "  "
        + gettext("passed {passed}, with a remark {noted}, refused {refused}").format(
            **{word: number(count) for word, count in counts.items()}
        )
    )
    for word in ("refused", "noted"):
        _tell_findings([verdict for verdict in public if verdict.word == word], word == "refused")
    console.print("  " + gettext("Sheet of checks: {path}").format(path=str(one.folder / "CHECKS.csv")))
    page = one.run.folder / one.run.page
    if page.is_file():
        console.print("  " + gettext("Page: {path}").format(path=str(page)))


def _tell_findings(verdicts: Sequence[Verdict], refused: bool) -> None:
    """Say each reason once, with the outputs that it is about."""
    word = gettext("REFUSED") if refused else gettext("Remark")
    found: dict[str, list[str]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            if finding.refuses == refused:
                found.setdefault(explained(finding), []).append(verdict.output)
    for sentence, outputs in found.items():
        rest = len(outputs) - _SHOWN
        named = ", ".join(outputs[:_SHOWN])
        if rest > 0:
            named += ngettext(" and {n} more", " and {n} more", rest).format(n=number(rest))
        console.print(f"  {word}: {named}. {sentence}")


def _tell_releases(passage: Passage) -> None:
    for made in passage.released:
        console.print(gettext("Released: {folder}").format(folder=str(made.folder)))
    for name, reason in passage.kept.items():
        console.print(gettext("NOT RELEASED {name}: {reason}.").format(name=name, reason=reason))
        if name in passage.standing:
            console.print("  " + gettext("What was released of it before still stands."))


def _tell_next(cluster: Cluster, year: str, passage: Passage) -> None:
    console.print(gettext("Nothing is released: results of real schools are released by a second person."))
    if passage.refused:
        console.print(gettext("First mend what was refused. Studies without a refusal can be signed now."))
    if len(passage.refused) == len(passage.checked):
        return
    console.print(
        gettext(
            "Next, a person who did not make the runs opens the page and the sheet of checks. If nothing in them tells "
            "of a single pupil, teacher or school that is not to be named, this person signs:"
        )
    )
    name = gettext("Surname I. O.")
    console.print(f'  oko release --cluster {cluster.code} --year {year} --reviewer "{name}"')
    console.print(
        gettext("Whoever finds something does not sign and tells those who made the runs: unsigned, nothing leaves.")
    )
