"""Sections on the questionnaire: what the staff of schools say of their use of results."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures import survey
from oko.show import survey_figures
from oko.show.cluster_sections import unnamed
from oko.show.html import Html, join, paragraph, prose
from oko.show.matrix import matrix
from oko.show.picture import Picture
from oko.show.sections import bullets

Words = Mapping[str, str]
ANSWERS = {f"share_{answer}": f"answer_{answer}" for answer in range(1, 6)}
SHARES = tuple(ANSWERS.values())
DERIVED = {"agree": {"answer_4": 1.0, "answer_5": 1.0}, "disagree": {"answer_1": 1.0, "answer_2": 1.0}}
EVERYBODY = ""
_USES = ["statement", "n", *SHARES, "agree", "agree_lower", "agree_upper", "disagree"]
_ROLES = ["statement", "role", "n", "agree", "agree_lower", "agree_upper"]
LEADER = "leader"
LEADERS = ("department_head", "deputy", "principal", "methodologist")
_COMMON = ["statement", "n", "n_schools", "n_below", "common"]
_BLOCKS = ["block", "school", "n", "mean", "mean_lower", "mean_upper"]


def no_answers() -> Html:
    """Say that nobody filled in the questionnaire, and what is needed."""
    text = gettext(
        "No sheets of the questionnaire for this year, so nothing is said of how results are used: hand out the form "
        "survey.xlsx in every school and take the sheets in."
    )
    return paragraph(text, "empty")


def uses(answers: pd.DataFrame, threshold: int) -> Protected:
    """Count the answers of everybody to each statement, behind the threshold of respondents.

    Parameters
    ----------
    answers : DataFrame
        The register ``survey`` of one year.
    threshold : int
    """
    found = survey.agreement(answers, threshold=1).rename(columns=ANSWERS)
    rows = found.reindex(columns=_USES).astype({"n": "int64"})
    return protect(rows, keys=["statement"], distribution=SHARES, derived=DERIVED, threshold=threshold)


def roles(answers: pd.DataFrame, threshold: int) -> Protected:
    """Count who agrees with each statement by role, behind the threshold of respondents.

    Teachers are one group and those who lead (departments, the school) another: of single roles there are too few.
    """
    led = answers.assign(role=answers["role"].where(~answers["role"].isin(LEADERS), LEADER))
    both = [survey.agreement(answers, threshold=1).assign(role=EVERYBODY), survey.agreement(led, "role", threshold=1)]
    rows = pd.concat(both, ignore_index=True).reindex(columns=_ROLES).astype({"n": "int64", "agree": "float64"})
    return protect(rows, by=["statement"], part="role", shares=["agree"], threshold=threshold)


def role_names() -> dict[str, str]:
    """Return the names of the groups of roles."""
    return {"teacher": gettext("teachers"), LEADER: gettext("heads of departments, deputy heads, head teachers")}


def uses_figure(protected: Protected, texts: Words, mark: str = "") -> Picture | None:
    """Draw the answers of everybody; None where there are none."""
    rows = protected.frame
    if rows.empty:
        return None
    drawn = rows.rename(columns={name: share for share, name in ANSWERS.items()})
    return survey_figures.diverging(drawn, texts, threshold=protected.threshold, mark=mark)


def used(protected: Protected, by_role: Protected, texts: Words, called: Words, blocks: Words) -> Html:
    """Say what results are used for, and where roles see it differently.

    Parameters
    ----------
    protected : Protected
        Of `uses`.
    by_role : Protected
        Of `roles`.
    texts, called, blocks : Mapping
        Statements, roles and blocks of the questionnaire by code.
    """
    frame = protected.frame
    if frame.empty:
        return no_answers()
    known = protected.frame.dropna(subset="agree")
    lines = known.assign(block=known["statement"].str.extract(r"^(\D+)")[0])
    said = [_block(blocks.get(str(code), str(code)), rows, texts) for code, rows in lines.groupby("block", sort=True)]
    groups = by_role.frame
    apart = _roles_apart(groups, texts, called)
    cells = groups[groups["role"].isin(list(called))]
    shown = {code: name for code, name in called.items() if code in set(cells["role"])}
    caption = gettext("Share of respondents who agree (answers 4 and 5 of 5)")
    named = {code: f"{code}. {texts[code]}" for code in texts}
    grid = matrix(cells, "statement", "role", "agree", named, shown, caption, by_role.threshold, pupils=False)
    missing = gettext(
        "The form does not ask of results as a part of the school’s own assessment of quality (ВСОКО), nor of reports "
        "to others: these two uses are a question for the meeting itself."
    )
    return join([bullets(said), prose(apart), grid, prose([missing])])


def _ends(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the rows with the smallest and the greatest agreement."""
    agree = rows["agree"].to_numpy(dtype="float64")
    return rows.iloc[int(agree.argmin())], rows.iloc[int(agree.argmax())]


def _block(called: str, rows: pd.DataFrame, texts: Words) -> str:
    low, high = _ends(rows)
    text = gettext(
        "{block}: most often agreed — “{most}” ({high}, n = {n_high}), most seldom — “{least}” ({low}, n = {n_low})."
    )
    return text.format(
        block=called, most=texts.get(high["statement"], high["statement"]), high=percent(high["agree"]),
        least=texts.get(low["statement"], low["statement"]), low=percent(low["agree"]),
        n_high=number(high["n"]), n_low=number(low["n"]),
    )  # fmt: skip


def _roles_apart(frame: pd.DataFrame, texts: Words, roles: Words) -> list[str]:
    """Name the statement on which two roles differ most, where their intervals do not meet; otherwise say so."""
    known = frame[(frame["role"] != EVERYBODY) & frame["agree"].notna()]
    if known["role"].nunique() < 2:
        return []
    found = []
    for code, rows in known.groupby("statement", sort=True):
        low, high = _ends(rows)
        if low["agree_upper"] < high["agree_lower"]:
            found.append((float(high["agree"] - low["agree"]), str(code), low, high))
    if not found:
        return [gettext("In no statement do roles differ beyond their intervals.")]
    _, code, low, high = max(found, key=lambda one: one[0])
    text = gettext("Roles differ most on “{statement}”: {one} — {high}, {other} — {low}; the intervals do not meet.")
    values = {"one": roles.get(high["role"], high["role"]), "other": roles.get(low["role"], low["role"])}
    return [
        text.format(statement=texts.get(code, code), high=percent(high["agree"]), low=percent(low["agree"]), **values)
    ]


def lacking(answers: pd.DataFrame, threshold: int) -> Protected:
    """Count in how many schools fewer than half agree with a statement; schools below the threshold do not count."""
    found = survey.common_problems(answers, threshold=threshold)
    n = answers.groupby("statement")["answer"].count()
    rows = found.assign(n=found["statement"].map(n).fillna(0).astype("int64")).reindex(columns=_COMMON)
    return protect(rows.astype({"n": "int64"}), keys=["statement"], threshold=threshold)


def lacked(protected: Protected, texts: Words) -> Html:
    """Name what most schools lack by their own answers."""
    frame = protected.frame
    if frame.empty:
        return no_answers()
    found = frame[frame["common"].astype("boolean").fillna(value=False) & ~frame["hidden"]]
    first = found.sort_values(["n_below", "statement"], ascending=[False, True], kind="stable").head(5)
    text = gettext("“{statement}”: fewer than half agree in {below} of {schools} schools.")
    said = [
        text.format(
            statement=texts.get(row["statement"], row["statement"]),
            below=number(row["n_below"]),
            schools=number(row["n_schools"]),
        )
        for row in first.to_dict("records")
    ]
    count = ngettext(
        "By their own answers most schools share a problem in {n} of {of} statement.",
        "By their own answers most schools share a problem in {n} of {of} statements.",
        len(frame),
    ).format(n=number(len(found)), of=number(len(frame)))
    few = gettext("This is said of the schools that answered, and of no others.")
    return join([prose([count]), bullets(said), prose([few])])


def blocks(answers: pd.DataFrame, named: bool, threshold: int) -> Protected:
    """Return how each named school stands on each block of the questionnaire, behind the threshold."""
    rows = survey.profiles(answers, threshold=1) if named else pd.DataFrame(columns=_BLOCKS)
    rows = rows.reindex(columns=_BLOCKS).astype({"n": "int64", "mean": "float64", "block": "str", "school": "str"})
    return protect(rows, by=["block"], part="school", means={"mean": Mean(1, 5)}, threshold=threshold)


def school_blocks(protected: Protected, block_names: Words, names: Words, named: bool) -> Html:
    """Show the blocks by school as a table, schools in their fixed order."""
    if not named:
        return unnamed()
    frame = protected.frame
    if frame.empty:
        return Html("")
    ordered = {code: names[code] for code in names if code in set(frame["school"])}
    caption = gettext("Mean answer from 1 (disagree) to 5 (agree) with its 95% interval; the order of schools is fixed")
    return matrix(frame, "block", "school", "mean", block_names, ordered, caption, protected.threshold, pupils=False)
