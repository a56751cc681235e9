"""What a release says in words: the meaning of every column that may leave, titles and descriptions of its files."""

from __future__ import annotations

from collections.abc import Mapping

from oko.disclosure.package import Wording
from oko.language import N_, gettext
from oko.records.stored import STORED
from oko.runs.data_source import data_source
from oko.runs.plan import Run
from oko.show.labels import LABELS
from oko.workspace import Workspace

COLUMNS: Mapping[str, str] = {
    "n": N_("number of pupils behind the row"),
    "n_scores": N_("number of pupils behind the mean score"),
    "classes": N_("number of classes that the pupils come from"),
    "interval": N_("how the interval was computed: pupils one by one (wilson) or by classes (clustered)"),
    "share_2": N_("share of mark 2, from 0 to 1"),
    "share_3": N_("share of mark 3, from 0 to 1"),
    "share_4": N_("share of mark 4, from 0 to 1"),
    "share_5": N_("share of mark 5, from 0 to 1"),
    "pass_rate": N_("share of marks 3, 4 and 5, from 0 to 1"),
    "quality": N_("share of marks 4 and 5, from 0 to 1"),
    "sou": N_("degree of learning by Simonov, from 16 to 100"),
    "mean_score": N_("mean of the scores"),
    "scope": N_("whole cluster, or one school"),
    "model": N_("whether schools differ in level alone (intercept) or also in slope (slope)"),
    "term": N_("what the coefficient belongs to"),
    "estimate": N_("estimate"),
    "se": N_("standard error of the estimate"),
    "component": N_("part of the variance, or a measure of the model’s fit"),
    "value": N_("value of the component"),
    "residual": N_("points that the school added beyond the expected, shrunken towards the mean"),
    "lower": N_("lower end of the interval"),
    "upper": N_("upper end of the interval"),
    "gh_lower": N_("lower end of the bar for comparing schools (Goldstein and Healy)"),
    "gh_upper": N_("upper end of the bar for comparing schools (Goldstein and Healy)"),
    "code": N_("code of the remark"),
    "values": N_("numbers of the remark, JSON"),
    "method": N_("way of computing the effect"),
    "df": N_("degrees of freedom"),
    "p": N_("p value"),
    "p_adjusted": N_("p value, adjusted for the number of tests"),
    "adjust": N_("how p is adjusted"),
    "n_treated": N_("number of schools of the cluster"),
    "n_comparison": N_("number of schools for comparison"),
    "schools_treated": N_("number of schools of the cluster"),
    "schools_comparison": N_("number of schools for comparison"),
    "outcome": N_("subject or work whose change is estimated"),
    "stratum": N_("work whose earlier results are compared"),
    "g": N_("standardised difference between pupils of the two groups of schools (Hedges’ g)"),
    "g_schools": N_("the same between the schools’ means"),
    "category": N_("what the rule says of the difference"),
    "before": N_("mean result before"),
    "after": N_("mean result after"),
    "change": N_("change of the mean result"),
    "multiple": N_("how many times the groups could have drifted apart as much as schools for comparison did"),
    "trend": N_("difference of trends that this means"),
    "excludes_zero": N_("whether the interval of the effect still leaves out zero"),
    "treated": N_("1: schools of the cluster, 0: schools for comparison"),
    "target": N_("1: target tasks, 0: the other tasks of the same works"),
    "period": N_("wave, in their order"),
    "n_schools": N_("number of schools behind the mean"),
    "schools": N_("number of schools behind the mean"),
    "mean": N_("mean over schools"),
    "counterfactual": N_("what the cluster’s schools would have, had they changed as the others"),
    "cluster": N_("mean of the cluster"),
    "synthetic": N_("mean of the mixture of schools for comparison"),
    "gap": N_("cluster less mixture"),
    "start": N_("lower edge of the bar"),
    "end": N_("upper edge of the bar"),
    "share": N_("share of all draws by lot between the edges"),
    "hidden": N_("whether all numbers of the row are hidden"),
    "hidden_cells": N_("columns whose number is hidden in this row"),
    "bounded": N_("columns whose number is a bound: below a half read it as “at most”, above as “at least”"),
    "output": N_("file that was checked"),
    "sensitivity": N_("whether the file may leave (public) or stays (internal)"),
    "verdict": N_("passed, noted (released with a remark) or refused"),
    "reason": N_("code of the reason"),
    "explanation": N_("the reason in words"),
    "sha256": N_("checksum of the file"),
}
_ENDS = {"_lower": N_("{column}: lower end of the interval"), "_upper": N_("{column}: upper end of the interval")}


def column_words(columns: Mapping[str, str] = COLUMNS) -> dict[str, tuple[str, str]]:
    """Return heading and meaning of every column that may leave, in the language in force.

    Returns
    -------
    dict of str to (str, str)
        From this module, and from the data dictionary; ends of intervals take the words of their column.
    """
    kept = {name: str(rule.description) for schema in STORED.values() for name, rule in schema.columns.items()}
    meanings = {**kept, **columns}
    found: dict[str, tuple[str, str]] = {}
    for name in {*meanings, *LABELS}:
        heading = gettext(LABELS[name].text) if name in LABELS else ""
        found[name] = (heading, gettext(meanings[name]) if name in meanings else heading)
        bounds = LABELS[name].bounds if name in LABELS else None
        for ending, text in _ENDS.items():
            if bounds and f"{name}{ending}" in bounds:
                found[f"{name}{ending}"] = ("", gettext(text).format(column=heading))
    return found


def wording(workspace: Workspace, run: Run) -> Wording:
    """Return what the package of a run's release says in words, in the language in force."""
    cluster, study = workspace.cluster, run.study
    outputs = {
        **{f"tables/{table.name}": table.about.text() for table in study.tables if table.about},
        **{f"figures/{figure.name}": figure.about.text() for figure in study.figures if figure.about},
        "page": study.question.text(),
        "CHECKS": gettext("What the checks said of each file before it was signed."),
    }
    return Wording(
        title=f"{study.title.text()}. {cluster.name.text()}, {run.parameters.year}",
        description=" ".join([study.question.text(), *_terms_of_use(workspace)]),
        source=data_source(workspace),
        licence=cluster.release.licence or "",
        outputs=outputs,
        columns=column_words(),
    )


def _terms_of_use(workspace: Workspace) -> list[str]:
    cluster = workspace.cluster
    said = [
        gettext("Nothing in it rests on fewer than {n} pupils; what is hidden is marked in the tables.").format(
            n=cluster.threshold
        ),
        gettext("Do not try to tell single pupils by it, or to rank schools."),
        gettext("In the CSV files a text that a spreadsheet could take for a formula begins with an apostrophe."),
    ]
    if cluster.example:
        said.append(gettext("The data are invented, for training."))
    return said
