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
    "unit": N_("season and subject whose works are put together"),
    "skill": N_("skill that the tasks ask for; the map of tasks and skills is not confirmed"),
    "kind": N_("deficit, strength, or none: not told from chance"),
    "at_least": N_("number of schools that have it at least, with 95 % confidence"),
    "facility": N_("share of the points that pupils earned, from 0 to 1"),
    "expected": N_("facility that schools outside lead to expect of a school of this level"),
    "logits": N_("the same difference from the expected on the logit scale"),
    "apart": N_("facility less the expected, from −1 to 1"),
    "shrunken": N_("difference in logits, shrunken towards zero by its error"),
    "giver": N_("school that could show how it is done"),
    "receiver": N_("school with the deficit"),
    "giver_kind": N_("whether the first has a strength, or merely no deficit to be seen"),
    "difference": N_("difference of the two schools beyond their levels, in logits"),
    "month": N_("month of a draft of the programme"),
    "host": N_("school that could be the host; empty: together"),
    "n_receivers": N_("number of schools that need the topic"),
    "planned_for": N_("month of the event by the plan"),
    "place": N_("school where the event takes place"),
    "measured_in": N_("unit of the indicator, as it was written down"),
    "state": N_("of an event: held, planned or ahead; of a work: complete, open, later, partial or missing"),
    "agree": N_("share of answers 4 and 5, from 0 to 1"),
    "agree_lower": N_("lower end of the interval"),
    "agree_upper": N_("upper end of the interval"),
    "decided": N_("decisions taken because of results"),
    "carried_out": N_("decisions that are carried out"),
    "cancelled": N_("decisions that were cancelled"),
    "unfinished": N_("decisions that are still open"),
    "share_done": N_("share of decisions that are carried out, from 0 to 1"),
    "share_done_lower": N_("lower end of the interval"),
    "share_done_upper": N_("upper end of the interval"),
    "what": N_("what was handed in"),
    "works": N_("number of works"),
    "files": N_("number of files"),
    "was": N_("baseline of the indicator"),
    "became": N_("value of the indicator"),
    "goal": N_("target of the indicator"),
    "reached": N_("number of schools whose value is no less than the target"),
    "direction": N_("deficit of a skill, decisions not carried out, or pupils who did not write a work"),
    "size": N_("size of the direction, a share from 0 to 1"),
    "certainty": N_("certain or likely, by the rule on the page"),
    "begins": N_("first day of the work’s window"),
    "ends": N_("last day of the work’s window"),
    "schools_before": N_("schools of the cluster with results of the wave before"),
    "stage": N_("in which waves pupils wrote; empty: all listed pupils"),
    "bounds": N_("complete: pupils with results; worst_case: whatever the absent would have earned"),
    "present": N_("share of the cluster’s listed pupils with a result, from 0 to 1"),
    "spread": N_("whose spread: the protocol’s, or the one seen in earlier waves"),
    "school_year_sd": N_("how schools vary from wave to wave, standard deviations of pupils"),
    "pupil_sd": N_("standard deviation of pupils within schools"),
    "detectable": N_("smallest effect that would be found with the protocol’s probability"),
    "role": N_("role of a respondent (empty: everybody), or of a school in a comparison"),
    "statement": N_("statement of the questionnaire; its text is in the form survey.xlsx"),
    "disagree": N_("share of respondents who disagree (answers 1 and 2), from 0 to 1"),
    "answer_1": N_("share of answer 1, from 0 to 1"),
    "answer_2": N_("share of answer 2, from 0 to 1"),
    "answer_3": N_("share of answer 3, from 0 to 1"),
    "answer_4": N_("share of answer 4, from 0 to 1"),
    "answer_5": N_("share of answer 5, from 0 to 1"),
    "n_below": N_("number of schools in which fewer than half agree"),
    "common": N_("whether more than half of the schools have the problem"),
    "block": N_("block of statements of the questionnaire: the letter that their codes begin with"),
    "item": N_("task of the work"),
    "level": N_("level of the task"),
    "n_items": N_("number of tasks behind the number"),
    "n_same_side": N_("number of schools on the same side of the expected as their mean"),
    "n_classes": N_("number of classes that the pupils come from"),
    "finding": N_("whether answers and tasks both show the problem"),
    "rule": N_("rule of the cluster’s model of using results"),
    "looked_at": N_("results that the rule looked at: a task, a share or a skill of a school or class"),
    "triggered": N_("of them those that would have started the rule"),
    "sure": N_("of these those whose whole interval lies beyond the limit, or that were told from chance"),
    "most": N_("most occasions in one school"),
    "indicator": N_("indicator of the cluster’s model"),
    "reported": N_("starting value that the cluster’s register of indicators holds"),
    "statistic": N_("what is said of the sum of points: alpha, omega, sem, mean, sd, reliability on the scale"),
    "value_lower": N_("lower end of the interval of the value"),
    "value_upper": N_("upper end of the interval of the value"),
    "facility_lower": N_("lower end of the interval of facility"),
    "facility_upper": N_("upper end of the interval of facility"),
    "item_rest": N_("correlation of the task with the sum of the others"),
    "not_attempted": N_("share of the pupils given the task who did not attempt it, from 0 to 1"),
    "upper_lower": N_("facility among the best 27 % of pupils less that among the weakest 27 %"),
    "alpha_if_deleted": N_("alpha of the work without the task"),
    "infit": N_("mean square of the task against the model, weighted by information"),
    "outfit": N_("mean square of the task against the model"),
    "agreement": N_("share of pairs of experts who judge alike"),
    "kappa": N_("agreement of experts above chance (Fleiss)"),
    "kappa_lower": N_("lower end of the interval of kappa"),
    "kappa_upper": N_("upper end of the interval of kappa"),
    "undecided": N_("number of judgements without a majority"),
    "position": N_("number of the eigenvalue"),
    "chance": N_("what unrelated tasks reach in 5 of 100 cases"),
    "points": N_("points on the task"),
    "threshold": N_("level of preparation at which these points or more are as likely as fewer, logits"),
    "discrimination": N_("slope of the task in the model"),
    "comparison": N_("which groups are compared"),
    "effect_lower": N_("lower end of the interval of the difference"),
    "effect_upper": N_("upper end of the interval of the difference"),
    "ets_class": N_("size of the difference by the rule of the ETS: A small, B middling, C large"),
    "harder_for": N_("for which of the two groups the task is harder: focal (girls; ordinary schools) or reference"),
    "found": N_("whether the difference is told from chance: large (class C), small, or empty"),
    "part": N_("part of the page that the remark belongs to"),
    "effect": N_("difference between groups with the same sum of points, in standard deviations of the task"),
    "aim": N_("value that the model aims at, from 0 to 1"),
    "band": N_("number of the part of the scale"),
    "item_rule": N_("rule that points to the task (data/external/item_rules.csv)"),
    "experts_share": N_("share of the experts who hold the skill needed for the task, from 0 to 1"),
    "apart_lower": N_("facility less the expected: lower end of the interval"),
    "apart_upper": N_("facility less the expected: upper end of the interval"),
    "share_full_lower": N_("share of pupils with all points: lower end of the interval"),
    "share_full_upper": N_("share of pupils with all points: upper end of the interval"),
    "sem": N_("standard error of measurement of one pupil’s sum of points"),
    "two_apart": N_("share of pupils whose mark is two or more away from that of the journal, from 0 to 1"),
    "lowered": N_("share of pupils whose mark is below that of the journal, from 0 to 1"),
    "confirmed": N_("share of pupils whose mark equals that of the journal, from 0 to 1"),
    "raised": N_("share of pupils whose mark is above that of the journal, from 0 to 1"),
    "items": N_("labels of the tasks, joined by commas"),
    "kind_of_event": N_("support: workshop of support; olympiad: olympiad group"),
    "alpha": N_("Cronbach’s alpha: how reliable the sum of points is"),
    "border": N_("share of the points, free of error, that separates the lower or the upper quarter"),
    "decides": N_("share of the points that is just enough to be proposed"),
    "side": N_("how decisions are put together: all, by kind, role, subject or school"),
    "key": N_("code of the kind, role or subject"),
    "done": N_("decisions that are done"),
    "open": N_("decisions that are still open"),
    "late": N_("decisions done after the term of the model, or open although it is over"),
    "acting": N_("number of schools with a decision on the skill"),
    "earlier": N_("earlier work of the same tasks"),
    "paired": N_("whether the same pupils sat both works"),
    "n_before": N_("number of pupils of the earlier work"),
    "criterion": N_("line of the sheet of criteria"),
    "least": N_("value from which the criterion is met; fewest occasions in one school"),
    "met": N_("whether the criterion is met: met, not, or unknown"),
    "n_small": N_("number of schools with fewer than 30 pupils of this subject and grade"),
    "zone": N_("whether there are pupils enough in each school, only in the cluster, or not even there"),
    "group": N_("mark of the group of pupils"),
    "two_marks": N_("share of pupils whose two marks are two or more apart, from 0 to 1"),
    "groups": N_("which groups are compared: sex (girls less boys), kind (lyceums and gymnasia less other schools)"),
    "schools_first": N_("number of schools with pupils of the first group"),
    "schools_second": N_("number of schools with pupils of the second group"),
    "marker": N_("which marker of biased results was looked for"),
    "checked": N_("results of a school in a work that were looked at"),
    "marked": N_("of them those that are an occasion for self-examination"),
    "median": N_("median growth percentile of the school’s pupils, from 1 to 99"),
    "attainment": N_("mean score"),
    "attainment_lower": N_("lower end of the interval"),
    "attainment_upper": N_("upper end of the interval"),
    "norm": N_("number of pupils of the norm group"),
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
        "tables": gettext("All tables of the study as a workbook, with notes and symbols."),
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
