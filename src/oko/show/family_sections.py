"""Sections of the page for parents and pupils: what works check, what the parallel can do, what numbers cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from oko.disclosure import Protected, protect
from oko.disclosure.rules import zone
from oko.language import gettext, ngettext, number
from oko.show.brief import Names, Row, plain
from oko.show.html import Html, join, paragraph, prose
from oko.show.sections import bullets

ORDER = ("autumn", "winter", "spring", "year")
MANY, FEW, NAMED, TOPICS = 0.7, 0.4, 3, 5
KEYS = ["subject", "material_grade", "label"]


def latest(works: pd.DataFrame, points: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the year's last work of each subject and grade of which points of tasks are known.

    Parameters
    ----------
    works : DataFrame
        assessment, procedure, subject, material_grade, season.
    points : Mapping
        Points of tasks by assessment.
    """
    known = works[works["assessment"].isin(list(points))]
    place = known["season"].map({season: place for place, season in enumerate(ORDER)})
    ordered = known.assign(_place=place).sort_values("_place", kind="stable")
    return ordered.drop_duplicates(["procedure", "subject", "material_grade"], keep="last").drop(columns="_place")


def protected_tasks(full: pd.DataFrame, tasks: pd.DataFrame, threshold: int, school: str) -> Protected:
    """Protect the shares of pupils with all points over all schools together, and keep one school's.

    Parameters
    ----------
    full : DataFrame
        From ``items.full.full_points``.
    tasks : DataFrame
        assessment, item, label, subject, material_grade; tasks without a label are left out.
    threshold : int
    school : str
    """
    known = full.merge(tasks.dropna(subset="label"), on=["assessment", "item"])
    typed = known[known["n"].astype(float) > 0].astype({"n": "int64", "share_full": "float64"})
    typed = typed[~_one_sided(typed)]
    ends = typed[["share_full_lower", "share_full_upper"]].astype("float64")
    kept = protect(
        typed.assign(**ends).drop(columns="max_score", errors="ignore"), by=["assessment", "item"],
        part="school", keys=KEYS, threshold=threshold, shares=["share_full"],
    )  # fmt: skip
    return kept.only(kept.frame["school"].eq(school))


def _one_sided(rows: pd.DataFrame) -> pd.Series:
    """Tell which tasks nearly all pupils of all schools managed, or nearly none: there a school's number is no secret.

    The bound of all schools together (see ``disclosure.rules.zone``) would bound each school too narrowly.
    """
    works = [rows["assessment"], rows["item"]]
    full = (rows["n"] * rows["share_full"]).groupby(works).transform("sum")
    together = rows["n"].groupby(works).transform("sum")
    edge = together.map(zone) * together
    return (full <= edge) | (full >= together - edge)


def described(items: pd.DataFrame, works: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks of works with their subject, grade and what they are about."""
    return items[["assessment", "item", "label"]].merge(works[["assessment", "subject", "material_grade"]])


def what_parallel_can(tasks: Protected, subjects: Names, labels: Names) -> Html:
    """Show by subject what the works check, what most pupils managed, and what few did.

    Parameters
    ----------
    tasks : Protected
        Of the school.
    subjects, labels : Mapping
        Names of subjects, in their order; what tasks are about, in the language in force.
    """
    frame = _named(tasks, labels)
    if frame.empty:
        return _no_tasks(tasks.threshold)
    rows = [_subject(name, frame[frame["subject"] == code]) for code, name in subjects.items()]
    shown = pd.DataFrame([row for row in rows if row])
    columns = {
        "subject": gettext("Subject, grades"), "topics": gettext("What the works check"),
        "many": gettext("Most managed"), "few": gettext("Few managed"),
    }  # fmt: skip
    note = gettext(
        "In figures: of 10 pupils of the parallel, so many earned all points of the task, about. “Nearly all” and "
        "“hardly anybody”: the exact number is not given, so that no single pupil can be told. The tasks named are "
        "those that went best and worst."
    )
    return join([plain(shown, columns, [], [note]), prose([_hidden(frame, tasks.threshold)])])


def _named(tasks: Protected, labels: Names) -> pd.DataFrame:
    frame = tasks.frame
    return frame.assign(label=[labels.get(str(label), str(label)) for label in frame["label"]])


def _no_tasks(threshold: int) -> Html:
    text = gettext(
        "There are no points of single tasks of this year, or fewer than {n} pupils wrote the works, so nothing can be "
        "said here of what pupils can do: the school has to send the forms with points by task."
    )
    return paragraph(text.format(n=number(threshold)), "empty")


def _hidden(frame: pd.DataFrame, threshold: int) -> str:
    if not frame["hidden"].astype(bool).any():
        return ""
    text = gettext(
        "Of some tasks nothing is said: fewer than {n} pupils did them, or their number could be worked out."
    )
    return text.format(n=number(threshold))


def _subject(name: str, rows: pd.DataFrame) -> dict[str, str]:
    if rows.empty:
        return {}
    known = rows[rows["share_full"].notna()].sort_values("share_full", kind="stable")
    many, few = known[known["share_full"] >= MANY].iloc[::-1], known[known["share_full"] <= FEW]
    none = gettext("hidden: few pupils") if known.empty else gettext("no such task")
    grades = sorted({int(grade) for grade in rows["material_grade"].dropna()})
    return {
        "subject": f"{name}, {_listed_grades(grades)}" if grades else name,
        "topics": _topics(rows),
        "many": _tasks(many) or none,
        "few": _tasks(few) or none,
    }


def _listed_grades(grades: Sequence[int]) -> str:
    """Write grades, three or more in a row as a range.

    Examples
    --------
    >>> _listed_grades([4, 5, 6, 8]), _listed_grades([6, 7])
    ('4–6, 8', '6, 7')
    """
    runs: list[list[int]] = []
    for grade in grades:
        if runs and grade == runs[-1][-1] + 1:
            runs[-1].append(grade)
        else:
            runs.append([grade])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _topics(rows: pd.DataFrame) -> str:
    stems = pd.Series([str(label).split(":")[0].split(" (")[0] for label in rows["label"]], dtype="object")
    common = stems.value_counts(sort=False).sort_values(ascending=False, kind="stable").index[:TOPICS]
    return "; ".join(stem if place == 0 else stem[:1].lower() + stem[1:] for place, stem in enumerate(common))


def _tasks(rows: pd.DataFrame) -> str:
    chosen = rows.drop_duplicates("material_grade")
    rest = rows.drop(chosen.index).head(max(NAMED - len(chosen), 0))
    ordered = pd.concat([chosen, rest]).sort_values("material_grade", kind="stable")
    text = gettext("grade {grade}: {tasks}")
    return "; ".join(
        text.format(grade=number(float(str(grade))), tasks=", ".join(_task(row) for row in tasks.to_dict("records")))
        for grade, tasks in ordered.groupby("material_grade")
    )


def _task(row: Row) -> str:
    return f"{_small(str(row['label']))} — {of_ten(row)}"


def _small(label: str) -> str:
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def of_ten(row: Row) -> str:
    """Say a share as so many pupils of ten; a bound, or what rounds to none or all, in words.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     of_ten({"share_full": 0.68}), of_ten({"share_full": 0.95, "bounded": "share_full"})
    ('7 of 10', 'nearly all')
    """
    ten = round(10 * float(row["share_full"]))
    if ten >= 10:
        return gettext("nearly all")
    if ten <= 0:
        return gettext("hardly anybody")
    return gettext("{n} of 10").format(n=number(ten))


def how_sure(tasks: Protected) -> Html:
    """Say by how much the numbers of ten could be otherwise by chance."""
    frame = tasks.frame
    half = ((frame["share_full_upper"] - frame["share_full_lower"]) / 2).dropna()
    if half.empty:
        return Html("")
    middle = max(1, round(10 * float(half.median())))
    text = ngettext(
        "With other children of the same kind a number of ten would often be {n} greater or less; the works were "
        "written by {least} to {most} pupils of a parallel.",
        "With other children of the same kind a number of ten would often be {n} greater or less; the works were "
        "written by {least} to {most} pupils of a parallel.",
        middle,
    )
    counted = frame["n"].dropna()
    return paragraph(text.format(n=number(middle), least=number(counted.min()), most=number(counted.max())))


def protected_errors(analyses: Mapping[str, tuple[float, float, float]], threshold: int) -> Protected:
    """Protect the errors of measurement of works, found over all pupils of the cluster.

    Parameters
    ----------
    analyses : Mapping of str to (n, max_score, sem)
        By assessment.
    threshold : int
    """
    rows = [
        {"assessment": name, "n": int(n), "max_score": float(most), "sem": float(sem)}
        for name, (n, most, sem) in analyses.items()
    ]
    frame = pd.DataFrame(rows, columns=["assessment", "n", "max_score", "sem"])
    return protect(frame.astype({"n": "int64"}), keys=["assessment", "max_score"], threshold=threshold)


def cannot_say(errors: Protected, titles: Names, procedures: Sequence[str]) -> Html:
    """Say what the numbers of this page cannot say of a child, with the error of one work as an example."""
    said = [
        gettext("They are no mark for a child: the page speaks of a whole parallel, and one child may differ from it."),
        *_error_said(errors, titles),
        gettext(
            "They are no ranking: schools teach different children, and the works were not made to compare schools."
        ),
        gettext(
            "They do not say why a task went badly: the topic may not have been taught yet, or the text was unclear."
        ),
    ]
    if "vpr" in procedures:
        said.append(gettext("ВПР — all-Russian testing works: they check what was learnt, and pass or fail nobody."))
    return bullets(said)


def _error_said(errors: Protected, titles: Names) -> list[str]:
    frame = errors.frame
    known = frame[frame["sem"].notna() & frame["assessment"].isin(list(titles))]
    if known.empty:
        return []
    share = known["sem"] / known["max_score"]
    row = known.loc[share.sort_values(kind="stable").index[len(share) // 2]]
    half = round(float(row["max_score"]) / 2)
    ends = [max(0, round(half - 1.96 * row["sem"])), min(int(row["max_score"]), round(half + 1.96 * row["sem"]))]
    text = gettext(
        "They are not exact. Example: {work}. Who earned {score} points of {most} could, with other tasks of the same "
        "kind on another day, just as well earn from {lower} to {upper} (the error of measurement; {n} pupils)."
    )
    return [
        text.format(
            work=titles[row["assessment"]], score=number(half), most=number(row["max_score"]), lower=number(ends[0]),
            upper=number(ends[1]), n=number(row["n"]),
        )
    ]  # fmt: skip


def what_to_do() -> Html:
    """Say what a family can do at home and ask the school about."""
    return bullets(
        [
            gettext("Ask to see your child’s own work: it shows more than any average."),
            gettext("Ask the teacher which topics the class will come back to, and when they will be checked again."),
            gettext(
                "At home: read tables, timetables and receipts together, let the child explain aloud how an answer was "
                "found, and check it. Do not drill variants of works: that adds anxiety, not knowledge."
            ),
        ]
    )
