"""Sections on models of using results: what each way says of the cluster on the same data, and what it cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, number, percent
from oko.measures import bias
from oko.measures.items import level_groups
from oko.show import sentences
from oko.show.html import Html, grid, join, paragraph
from oko.show.item_names import listed
from oko.show.models_figures import level_curves
from oko.show.picture import Picture
from oko.show.problem_sections import verdicts
from oko.show.sections import work

Words = Mapping[str, str]
MARKS = ("2", "3", "4", "5")
MOST_WORKS = 3
JOURNAL = [
    "assessment", "scope", "school", "n", "lowered", "lowered_lower", "lowered_upper", "confirmed", "confirmed_lower",
    "confirmed_upper", "raised", "raised_lower", "raised_upper", "two_marks", "two_marks_lower", "two_marks_upper",
]  # fmt: skip
TASKS = ["assessment", "item", "level", "n", "facility", "verdict"]
GROUPS = ["assessment", "item", "group", "n", "facility"]
Row = Mapping[str, object]


def chosen(taken: pd.DataFrame, works: pd.DataFrame, titles: Words) -> list[str]:
    """Return a few works to read in every way: of each subject the one with most marks, journal marks and tasks.

    Parameters
    ----------
    taken : DataFrame
        Schema ``RESULTS``: the year's results of the cluster.
    works : DataFrame
        assessment of the works that have points of tasks.
    titles : Mapping
        Of works, in the order of subjects: the first subjects are chosen.
    """
    both = taken[(taken["status"] == "took") & taken["mark"].notna() & taken["journal_mark"].notna()]
    both = both[both["assessment"].isin(works["assessment"])]
    sizes = both.groupby(["subject", "assessment"]).size().rename("n").reset_index()
    first = sizes.sort_values(["n", "assessment"], ascending=[False, True], kind="stable").drop_duplicates("subject")
    return [name for name in titles if name in set(first["assessment"])][:MOST_WORKS]


def tasks(facilities: pd.DataFrame, thresholds: pd.DataFrame, least: int) -> Protected:
    """Return the tasks of works with the cluster's facility and what the published thresholds say of it."""
    judged = facilities.assign(verdict=verdicts(facilities["facility"], facilities["level"], thresholds))
    rows = judged.reindex(columns=TASKS).astype({"n": "int64", "facility": "float64"})
    return protect(rows, keys=["assessment", "item", "level"], means={"facility": Mean(0, 1)}, threshold=least)


def groups(
    names: Sequence[str], points: Mapping[str, pd.DataFrame], items: pd.DataFrame, taken: pd.DataFrame, least: int
) -> Protected:
    """Return the facility of every task among pupils with each mark, behind the threshold.

    Parameters
    ----------
    names : sequence of str
        Works.
    points : mapping of assessment to DataFrame
        Index school, class, pupil.
    items : DataFrame
        assessment, item, max_score.
    taken : DataFrame
        Schema ``RESULTS``.
    least : int
    """
    found = [pd.DataFrame(columns=GROUPS)]
    for name in names:
        own = taken[(taken["assessment"] == name) & taken["mark"].notna()].set_index(["school", "pupil"])["mark"]
        place = pd.MultiIndex.from_frame(points[name].index.to_frame(index=False)[["school", "pupil"]])
        marks = pd.Series(own.reindex(place).to_numpy(), points[name].index).astype("Int64").astype("str")
        most = items[items["assessment"] == name].set_index("item")["max_score"]
        found.append(level_groups(points[name], most, marks, MARKS, least).table.assign(assessment=name))
    rows = pd.concat(found)[GROUPS].astype({"n": "int64", "facility": "float64"})
    return protect(
        rows[rows["n"] > 0], by=["assessment", "item"], part="group", means={"facility": Mean(0, 1)}, threshold=least
    )


def journal(taken: pd.DataFrame, named: bool, threshold: int) -> Protected:
    """Return how marks of works and of the journal agree, in the cluster and by school where schools are named."""
    known = taken[(taken["status"] == "took") & taken["mark"].notna() & taken["journal_mark"].notna()]
    whole = bias.against_journal(known, ["assessment"]).assign(scope="cluster", school="")
    parts = bias.against_journal(known, ["assessment", "school"]).assign(scope="school")
    both = pd.concat([whole, parts], ignore_index=True) if named else whole
    called = {"apart": "two_marks", "apart_lower": "two_marks_lower", "apart_upper": "two_marks_upper"}
    rows = both.rename(columns=called).reindex(columns=JOURNAL).astype({"n": "int64", "school": "str"})
    given = parts.rename(columns={"school": "contributor"})[["assessment", "contributor", "n"]].assign(school="")
    return protect(
        rows, by=["assessment"], part="school", keys=["scope"], distribution=["lowered", "confirmed", "raised"],
        shares=["two_marks"], threshold=threshold, contributors=None if named else given,
    )  # fmt: skip


def ways(
    names: Sequence[str],
    marks: Protected,
    found_tasks: Protected,
    by_group: Protected,
    by_journal: Protected,
    profiles: Words,
    titles: Words,
) -> Html:
    """Show for each work what every way says of the cluster and what it cannot say.

    Parameters
    ----------
    names : sequence of str
        Works.
    marks, found_tasks, by_group, by_journal : Protected
        Of `cluster_sections.protected_marks`, `tasks`, `groups` and `journal`.
    profiles : Mapping
        What the profile says of the subject of each work, by work.
    titles : Mapping
    """
    if not names:
        text = gettext(
            "No work of this year has marks, journal marks and points of tasks at once, so the ways cannot be read on "
            "the same data: a work with all three is needed."
        )
        return paragraph(text, "empty")
    headings = {
        "way": gettext("Way"), "says": gettext("What it says of the cluster"), "not": gettext("What it cannot say"),
    }  # fmt: skip
    parts = []
    for at, name in enumerate(names):
        rows = [
            *_of_marks(_whole(marks, name)), _of_tasks(_rows(found_tasks, name)),
            _of_profile(profiles.get(name, "")),
            _of_groups(_rows(by_group, name), _rows(found_tasks, name)), _of_journal(_whole(by_journal, name)),
        ]  # fmt: skip
        cells = pd.DataFrame(rows, columns=list(headings), dtype="str")
        parts += [work(titles.get(name, name)), grid(cells, headings, f"ways{at}")]
    return join(parts)


def _rows(protected: Protected, name: str) -> pd.DataFrame:
    frame = protected.frame
    return frame[frame["assessment"] == name]


def _whole(protected: Protected, name: str) -> dict[str, object]:
    """Return the row of the whole cluster."""
    rows = _rows(protected, name)
    rows = rows[rows["scope"] == "cluster"]
    return dict(zip(map(str, rows.columns), rows.iloc[0], strict=True)) if len(rows) else {}


def interval(row: Row, column: str, write: Callable[[float], str]) -> str:
    """Write a released number with its interval, or say that it is not shown."""
    value = row.get(column)
    if pd.isna(value) or column in str(row.get("hidden_cells", "")).split() or bool(row.get("hidden", False)):  # type: ignore[call-overload]
        return gettext("not shown")
    if column in str(row.get("bounded", "")).split():
        sign = "≤" if float(str(value)) < 0.5 else "≥"
        return f"{sign} {write(float(str(value)))}"
    ends = [row.get(f"{column}{end}") for end in ("_lower", "_upper")]
    if any(pd.isna(end) for end in ends):  # type: ignore[call-overload]
        return write(float(str(value)))
    lower, upper = (write(float(str(end))) for end in ends)
    return gettext("{value} (95% interval {lower} to {upper})").format(
        value=write(float(str(value))), lower=lower, upper=upper
    )


def _of_marks(row: Row) -> list[tuple[str, str, str]]:
    def one(value: float) -> str:
        return number(value, 1)

    n = row.get("n")
    size = sentences.pupils(int(float(str(n)))) if pd.notna(n) else ""  # type: ignore[call-overload]
    return [
        (
            gettext("Pass rate"),
            f"{interval(row, 'pass_rate', percent)}; {size}",
            gettext("who lacks what; how far above the border pupils are"),
        ),
        (
            gettext("Quality"),
            interval(row, "quality", percent),
            gettext("what became of marks 2 and 3; other works have other borders of marks"),
        ),
        (
            gettext("Degree of learning (СОУ)"),
            interval(row, "sou", one),
            gettext("anything beyond the marks: its weights are a convention, equal values hide different shares"),
        ),
        (
            gettext("Mean score"),
            interval(row, "mean_score", one),
            gettext("on which tasks the points were lost"),
        ),
    ]


def _of_tasks(rows: pd.DataFrame) -> tuple[str, str, str]:
    shown = rows[rows["facility"].notna()]
    if shown.empty:
        return gettext("Tasks"), gettext("not shown"), ""
    low = shown[shown["verdict"] == "insufficient"]
    hardest = shown.sort_values("facility", kind="stable").iloc[0]
    text = gettext(
        "below the published threshold of their level: {low} of {of} tasks{which}; the hardest is task {item} "
        "({facility})"
    )
    which = f" ({listed([str(item) for item in low['item']])})" if len(low) else ""
    said = text.format(
        low=number(len(low)), of=number(len(shown)), which=which, item=hardest["item"],
        facility=percent(hardest["facility"]),
    )  # fmt: skip
    return gettext("Facility of tasks"), said, gettext("a conclusion on a skill: one task measures roughly")


def _of_profile(said: str) -> tuple[str, str, str]:
    return gettext("Profile of skills"), said or gettext("no profile"), gettext("whether a school is strong or weak")


def _of_groups(rows: pd.DataFrame, judged: pd.DataFrame) -> tuple[str, str, str]:
    called = gettext("Level groups")
    known = rows[rows["facility"].notna()].merge(judged[["item", "level", "verdict"]], on="item")
    wide = known.pivot(index="item", columns="group", values="facility")
    if wide.shape[1] < 2:
        return called, gettext("groups are too small to be shown"), ""
    weak, strong = wide.columns[0], wide.columns[-1]
    gap = (wide[strong] - wide[weak]).dropna()
    over = anomalies(wide)
    points = gettext("{n} percentage points").format(n=number(100 * gap.max()) if len(gap) else "")
    most = gettext("task {item} parts “{strong}” and “{weak}” most ({gap})")
    said = most.format(item=gap.idxmax(), strong=strong, weak=weak, gap=points) if len(gap) else ""
    tail = (
        gettext("a weaker group is above a stronger one on {tasks}").format(tasks=listed(over))
        if over
        else gettext("no weaker group is above a stronger one")
    )
    return called, "; ".join(filter(None, (said, tail))), gettext("single pupils; why the groups differ")


def anomalies(wide: pd.DataFrame) -> list[str]:
    """Return the tasks on which a weaker group is above the next stronger one.

    Examples
    --------
    >>> anomalies(pd.DataFrame({"3": [0.5, 0.2], "4": [0.4, 0.6]}, index=["1", "2"]))
    ['1']
    """
    falls = wide.diff(axis=1) < 0
    return [str(item) for item in wide.index[falls.any(axis=1)]]


def _of_journal(row: Row) -> tuple[str, str, str]:
    text = gettext("lowered {lowered}, confirmed {confirmed}, raised {raised}; two marks or more apart: {two_marks}")
    parts = {name: interval(row, name, percent) for name in ("lowered", "confirmed", "raised", "two_marks")}
    return gettext("Beside the journal"), text.format(**parts), gettext("which is right, the work or the journal")


def curves(
    names: Sequence[str],
    by_group: Protected,
    items: pd.DataFrame,
    labels: Words,
    titles: Words,
    mark: str = "",
) -> dict[str, Picture]:
    """Draw the level groups of each work of which two groups or more can be shown.

    Returns
    -------
    dict of str to Picture
        By work.
    """
    pictures = {}
    for name in names:
        rows = _rows(by_group, name)
        if rows.loc[rows["facility"].notna(), "group"].nunique() > 1:
            order = [str(item) for item in items.loc[items["assessment"] == name, "item"]]
            own = {item: labels.get(f"{name}/{item}", "") for item in order}
            pictures[name] = level_curves(rows, order, own, titles[name], mark=mark)
    return pictures


def drawn(pictures: Sequence[Picture]) -> Html:
    """Show the figures of level groups, or say why there are none."""
    if pictures:
        return join(pictures)
    text = gettext(
        "No groups by mark are large enough in a work with points of tasks, so there is nothing to draw: at least ten "
        "pupils with a mark are needed in two groups."
    )
    return paragraph(text, "empty")
