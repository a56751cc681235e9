"""Sections of the self-study: procedures held, and what people and tasks say of the same problems."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from scipy.special import expit

from oko.disclosure import Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures import survey
from oko.show import problem_sections, skill_words
from oko.show.html import Html, join, paragraph, prose
from oko.show.sections import bullets

Words = Mapping[str, str]
PERCEIVED = ("b2", "c2")
"""Statements that speak of what tasks show too: weak skills are found; shared difficulties are looked for together."""


def not_in_data(held: pd.DataFrame, works: pd.DataFrame, names: Mapping[str, Words]) -> Html:
    """Name the procedures of the calendar of which the cluster has no results.

    Parameters
    ----------
    held : DataFrame
        Of `calendar.calendar`, one year: procedure, season, pupil_grade, subject, held.
    works : DataFrame
        procedure, season, pupil_grade, subject of the works that somebody took.
    names : Mapping
        Names of procedures and subjects.
    """
    keys = ["procedure", "season", "pupil_grade", "subject"]
    known = held[held["held"].isin(["yes", "partly"])].dropna(subset=["pupil_grade"]).drop_duplicates(keys)
    have = set(works[keys].dropna().itertuples(index=False, name=None))
    lacking = known[[tuple(row) not in have for row in known[keys].itertuples(index=False, name=None)]]
    if lacking.empty:
        return Html("")
    said = []
    for (procedure, grade), rows in lacking.groupby(["procedure", "pupil_grade"], sort=True):
        subjects = ", ".join(dict.fromkeys(names["subject"].get(code, code).lower() for code in rows["subject"]))
        text = gettext("{procedure}, grade {grade}: {subjects}")
        called = names["procedure"].get(str(procedure), str(procedure))
        said.append(text.format(procedure=called, grade=number(float(str(grade))), subjects=subjects))
    text = gettext(
        "By the calendar these were held (some by a part of the schools or as pupils chose), and the cluster’s data do "
        "not have them; a part of the calendar is not confirmed:"
    )
    return join([paragraph(text), bullets(said)])


def perceived(stated: Protected, found: Protected) -> Protected:
    """Set what respondents say of weak skills beside what tasks say.

    Parameters
    ----------
    stated : Protected
        Of `uses`.
    found : Protected
        Of `problem_sections.shared_skills`.

    Notes
    -----
    A shared deficit in logits becomes a share in which one half is what is expected, so that both sides are shares.
    """
    place = problem_sections.PLACE
    skills = problem_sections.deficits(found)
    indicator = skills[place].astype("str").agg("/".join, axis=1) if len(skills) else pd.Series(dtype="str")
    values = {
        name: expit(skills[f"logits{end}"]) for name, end in (("value", ""), ("lower", "_lower"), ("upper", "_upper"))
    }
    results = pd.DataFrame({"indicator": indicator, **values})
    answers = stated.frame
    answers = answers[answers["statement"].isin(PERCEIVED)]
    mapping = answers[["statement"]].merge(results[["indicator"]], how="cross")
    pairs = survey.beside_results(answers, mapping, results, result_cut=0.5)
    pairs = pairs.merge(answers[["statement", "n"]], on="statement", how="left")
    parts = pairs["indicator"].astype("str").str.split("/", expand=True).reindex(columns=range(3))
    rows = pairs.assign(**{name: parts[at].to_numpy() for at, name in enumerate(place)})
    columns = ["statement", *place, "n", "agree", "agree_lower", "agree_upper", "finding"]
    rows = rows.reindex(columns=columns).astype({"n": "int64", "agree": "float64"})
    return protect(rows, keys=["statement", *place], threshold=stated.threshold)


def beside(protected: Protected, texts: Words, words: Mapping[str, Words]) -> Html:
    """Say of each pair whether people and tasks tell the same."""
    frame = protected.frame
    shown = frame[~frame["hidden"]]
    if shown.empty:
        text = gettext(
            "Nothing to set side by side: it takes answers to the questionnaire and a deficit that schools share."
        )
        return paragraph(text, "empty")
    skills = [
        "{skill}: {subject}".format(**problem_sections.place_words(row, words)) for row in shown.to_dict("records")
    ]
    rows = shown.assign(pair=skills)
    said = []
    for (code, finding), group in rows.groupby(["statement", "finding"], sort=True):
        text = _finding(str(finding))
        first = group.iloc[0]
        said.append(
            text.format(
                statement=texts.get(str(code), str(code)), agree=percent(first["agree"]),
                lower=percent(first["agree_lower"]), upper=percent(first["agree_upper"]), n=number(first["n"]),
                skills="; ".join(dict.fromkeys(group["pair"])).lower(),
            )
        )  # fmt: skip
    note = gettext(
        "Which statement is set beside which skill was chosen by us: the questionnaire asks about work with results, "
        "and not about skills of pupils."
    )
    return join([bullets(said), prose([note])])


def _finding(code: str) -> str:
    start = gettext("“{statement}”: {agree} agree (95% interval {lower}–{upper}, n = {n}).")
    words = {
        "both": gettext("Both say that there is a problem: it is not looked for, and tasks show it — {skills}."),
        "results": gettext("People see no problem here, tasks do — {skills}."),
        "unclear": gettext("Tasks show a problem ({skills}); whether most look for it, the answers leave open."),
    }
    return f"{start} {words.get(code, words['unclear'])}"


def left_out(few: pd.DataFrame, named: bool) -> Html:
    """Say why schools with one class of a grade are not in the profiles."""
    if few.empty or not named:
        return Html("")
    n = few["school"].nunique()
    text = ngettext(
        "{n} school is left out where one class took the work: its teacher could be told.",
        "{n} schools are left out where one class took the work: its teacher could be told.",
        n,
    )
    return prose([text.format(n=number(n))])


def limits(profile: pd.DataFrame, answers: pd.DataFrame, titles: Words, named: bool) -> Html:
    """Say where a self-study stops."""
    people = gettext(
        "Answers to the questionnaire tell what people say of their work, not what they do; who did not answer is not "
        "in it."
    )
    said = [
        gettext(
            "A profile speaks of what is weaker than the rest in the same school; whether a school is strong or weak "
            "it does not say."
        ),
        gettext(
            "A shared deficit has no cause in these data: the programme, the textbook, time in lessons and the tasks "
            "themselves all remain possible."
        ),
        people if len(answers) else "",
        gettext(
            "Published thresholds of facility are later than these data and were found at second hand: they are a "
            "landmark, not a rule."
        ),
    ]
    stated = skill_words.remarks(profile.attrs.get("statements", ()), titles, named=named)
    return join([bullets(dict.fromkeys(filter(None, said))), stated])
