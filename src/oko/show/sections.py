"""Sections of a school's page: what a measure found, as a table, a figure and sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from oko.language import NOT_AVAILABLE, gettext, ngettext, number, percent
from oko.measures import Statement
from oko.measures.yearly import YearModels
from oko.show import figures, sentences, statements
from oko.show.html import Html, element, grid, join, paragraph, prose
from oko.show.picture import Picture
from oko.show.tables import table

Titles = Mapping[str, str]


def units(assessments: pd.DataFrame) -> dict[str, str]:
    """Return the unit of each assessment's scores: "points", or "sd" where they are standardised.

    Parameters
    ----------
    assessments : DataFrame
        assessment, procedure.
    """
    return {row.assessment: statements.unit_of(row.procedure) for row in assessments.itertuples()}  # type: ignore[arg-type, misc]


def nothing() -> Html:
    """Say that there is nothing to show: a designed state, not a gap."""
    return paragraph(gettext("There are no results of this year here."), "empty")


def coverage(frame: pd.DataFrame, titles: Titles) -> Html:
    """Show who took the works.

    Parameters
    ----------
    frame : DataFrame
        assessment, n, absent, share_absent, classes.
    titles : Mapping
        Titles of assessments.
    """
    if frame.empty:
        return nothing()
    columns = ["assessment", "n", "absent", "share_absent", *(["classes"] if frame["classes"].any() else [])]
    shown = table(in_order(frame, titles), columns, names={"assessment": titles})
    return join([prose(_absence(frame, titles)), shown])


def in_order(frame: pd.DataFrame, titles: Titles) -> pd.DataFrame:
    """Put the rows of assessments in the order of their titles."""
    place = {name: number for number, name in enumerate(titles)}
    return frame.sort_values("assessment", key=lambda names: names.map(place), kind="stable")


def _absence(frame: pd.DataFrame, titles: Titles) -> list[str]:
    works = ngettext("{n} work in the year.", "{n} works in the year.", len(frame)).format(n=number(len(frame)))
    if not frame["absent"].any():
        return [works]
    most = frame.iloc[int(frame["share_absent"].argmax())]
    said = gettext("The greatest share of absent pupils is {share}: {title}.")
    return [works, said.format(share=percent(most["share_absent"]), title=titles[most["assessment"]])]


def has_marks(frame: pd.DataFrame) -> bool:
    """Whether any row of ``marks.summary`` has shares of marks."""
    return bool(frame["quality"].notna().any())


def standardised(frame: pd.DataFrame, units: Mapping[str, str]) -> str:
    """Say what standardised scores mean, where a table holds any; nothing otherwise."""
    if not any(units[name] == "sd" for name in frame["assessment"]):
        return ""
    return gettext("Scores are standardised: 0 is the mean of all pupils, 1 is a standard deviation.")


MANY_WORKS = 8
INDICATORS = ("pass_rate", "quality", "sou", "mean_score")


def indicators(frame: pd.DataFrame) -> list[str]:
    """Return the columns of indicators that a table has something in."""
    return list(INDICATORS) if has_marks(frame) else ["mean_score"]


def marks(own: pd.DataFrame, whole: pd.DataFrame, titles: Titles, units: Mapping[str, str]) -> Html:
    """Show indicators and mean scores of the school's works, and where they differ from the cluster's.

    Parameters
    ----------
    own, whole : DataFrame
        From ``marks.summary`` by assessment: the school, the cluster.
    titles, units : Mapping
        By assessment.
    """
    if own.empty:
        return nothing()
    cluster, own = whole.set_index("assessment"), in_order(own, titles)
    said = _works_beside(own, cluster, titles)
    note = " ".join(filter(None, (_grouped(own), standardised(own, units))))
    shown = table(own, ["assessment", "n", *indicators(own)], names={"assessment": titles}, note=note)
    return join([bullets(said), shown])


def _works_beside(own: pd.DataFrame, cluster: pd.DataFrame, titles: Titles) -> list[str]:
    """Say how works stand beside the cluster; of many works only those that differ, and how many do not."""
    said = {row["assessment"]: _beside(row, cluster.loc[row["assessment"]]) for row in own.to_dict("records")}
    if len(said) <= MANY_WORKS:
        return [f"{titles[name]}: {text}" for name, text in said.items()]
    apart = [name for row in own.to_dict("records") if _differs(row, cluster.loc[name := row["assessment"]])]
    rest = len(said) - len(apart)
    text = ngettext(
        "In {n} work nothing can be told from the cluster.", "In {n} works nothing can be told from the cluster.", rest
    )
    if apart:
        text = ngettext(
            "In {n} other work nothing can be told from the cluster.",
            "In {n} other works nothing can be told from the cluster.",
            rest,
        )
    return [*(f"{titles[name]}: {said[name]}" for name in apart), *([text.format(n=number(rest))] if rest else [])]


def _differs(row: Mapping[Any, Any], cluster: pd.Series) -> bool:
    name = "quality" if pd.notna(row["quality"]) else "mean_score"
    if row["n"] < sentences.ENOUGH or pd.isna(row[name]):
        return False
    return bool(row[f"{name}_upper"] < cluster[name] or row[f"{name}_lower"] > cluster[name])


def _beside(row: Mapping[Any, Any], cluster: pd.Series) -> str:
    """Say the quality, or the mean score, beside the cluster's."""
    name = "quality" if pd.notna(row["quality"]) else "mean_score"
    if row["n"] < sentences.ENOUGH or pd.isna(row[name]):
        return gettext("{pupils}, too few for a conclusion.").format(pupils=sentences.pupils(int(row["n"])))
    write = percent if name == "quality" else partial(number, digits=2)
    lower, upper, other = row[f"{name}_lower"], row[f"{name}_upper"], cluster[name]
    template = gettext("quality {value}, with 95% probability between {lower} and {upper}; in the cluster {other}.")
    if name == "mean_score":
        template = gettext(
            "mean score {value}, with 95% probability between {lower} and {upper}; in the cluster {other}."
        )
    said = template.format(value=write(row[name]), lower=write(lower), upper=write(upper), other=write(other))
    if upper < other:
        return said + " " + gettext("This is below the cluster, beyond the interval.")
    return said + (" " + gettext("This is above the cluster, beyond the interval.") if lower > other else "")


def _grouped(frame: pd.DataFrame) -> str:
    if not (frame["interval"] == "clustered").any():
        return ""
    return gettext("Intervals of 95%; they allow for pupils of one class being alike.")


def bullets(said: Iterable[str]) -> Html:
    """Return sentences as a list."""
    items = join([element("<li>{text}</li>", text=text) for text in said])
    return element("<ul>{items}</ul>", items=items)


def results_figure(own: pd.DataFrame, whole: pd.DataFrame, titles: Titles, mark: str = "") -> Picture | None:
    """Draw the school beside the whole cluster: quality, or the mean score where there are no marks.

    None where there is no result of enough pupils.

    Parameters
    ----------
    own, whole : DataFrame
        From ``marks.summary`` by assessment.
    titles : Mapping
    mark : str
        Line that must travel with the picture.
    """
    value = "quality" if has_marks(own) else "mean_score"
    cluster = whole.set_index("assessment")[value]
    enough = in_order(own[(own["n"] >= sentences.ENOUGH) & own[value].notna()], titles)
    if enough.empty:
        return None
    rows = enough.assign(label=enough["assessment"].map(titles), other=enough["assessment"].map(cluster))
    title = gettext("Quality: share of marks 4 and 5") if value == "quality" else gettext("Mean score")
    return figures.intervals(
        rows, value, f"{value}_lower", f"{value}_upper", "label", other="other", share=value == "quality",
        called=(gettext("school"), gettext("cluster")), title=title, mark=mark,
    )  # fmt: skip


def value_added(added: pd.DataFrame, models: YearModels, works: Titles, units: Mapping[str, str]) -> Html:
    """Show what the school added to earlier results, a line each work.

    Parameters
    ----------
    added : DataFrame
        Rows of the school from ``YearModels.schools``.
    models : YearModels
    works, units : Mapping
        Titles of the school's works of the year, units of scores, by assessment.
    """
    if not models.intercept:
        return join([paragraph(text, "empty") for text in no_prior(models)])
    rows = {row["assessment"]: row for row in added.to_dict("records")}
    known = [name for name in works if name in models.intercept]
    lines = [_added(rows.get(name, {}), units[name]) | {"work": works[name]} for name in known]
    labels = {
        "work": gettext("Work"), "n": gettext("Pupils, n"), "added": gettext("Added"),
        "interval": gettext("interval of 95%"), "said": gettext("Conclusion"),
    }  # fmt: skip
    texts = pd.Series([text for name in known for text in remarks(models, name, "intercept")], dtype="object")
    counted = [f"{str(text).rstrip('.')} ({sentences.works(n)})." for text, n in texts.value_counts(sort=False).items()]
    cells = pd.DataFrame(lines, columns=list(labels))
    shown = grid(cells, labels, "value-added", right=["n", "added", "interval"]) if lines else ""
    return join([shown, prose(counted, "note"), without_model(models, works)])


def _added(row: Mapping[Any, Any], unit: str) -> dict[str, str]:
    """Write the line of a work; one that the model does not hold, or whose interval is not known, says so."""
    if not row:
        unknown = dict.fromkeys(("n", "added", "interval"), NOT_AVAILABLE)
        return unknown | {"said": gettext("too few pupils with both results")}
    lower, upper = float(row["lower"]), float(row["upper"])
    interval = f"{number(lower, 2)} … {number(upper, 2)}" if upper - lower > 0 else NOT_AVAILABLE
    added = statements.amount(row["residual"], unit, signed=True)
    line = {"n": number(row["n"]), "added": added, "interval": interval}
    if lower > 0 or upper < 0:
        return line | {"said": gettext("above the expected") if lower > 0 else gettext("below the expected")}
    return line | {"said": gettext("cannot be told from zero")}


def without_model(models: YearModels, works: Titles) -> Html:
    """Name the year's works of which nothing is said, and why."""
    rest = [title for assessment, title in works.items() if assessment not in models.intercept]
    said = _why_not(models, works)
    if rest:
        text = gettext(
            "Not estimated, since there is no earlier result of the same pupils, or too few of them: {works}."
        )
        said = [text.format(works="; ".join(rest)), *said]
    return prose(said, "empty")


def no_prior(models: YearModels) -> list[str]:
    """Say why nothing is said of value added."""
    said = [gettext("No work of this year has an earlier result of the same pupils: value added is not estimated.")]
    return [*said, *_why_not(models, {name for name, _, _ in models.statements})]


def _why_not(models: YearModels, works: Collection[str]) -> list[str]:
    codes = {"not_estimated", "link_missing"}
    told = [s for name, _, s in models.statements if name in works and s.code in codes]
    return list(dict.fromkeys(statements.words(statement) for statement in told))


def remarks(models: YearModels, assessment: str, kind: str) -> list[str]:
    """Return the model's coded remarks in words."""
    of_model: Iterable[Statement] = (s for name, k, s in models.statements if (name, k) == (assessment, kind))
    return [statements.words(statement) for statement in of_model]


def value_added_figure(added: pd.DataFrame, titles: Titles, mark: str = "") -> Picture | None:
    """Draw the school's difference from the expected, a line each work, beside zero; None without a work."""
    if added.empty:
        return None
    ordered = in_order(added, titles)
    rows = ordered.assign(label=[titles[name] for name in ordered["assessment"]])
    title = gettext("Difference from the expected, in units of the work")
    return figures.intervals(
        rows, "residual", "lower", "upper", "label", 0.0, share=False, title=title, mark=mark,
        caption=gettext("Zero is what pupils’ earlier results lead to expect."),
    )  # fmt: skip


def limits(assessments: pd.DataFrame, models: YearModels) -> Html:
    """Say where the results of the year stop.

    Parameters
    ----------
    assessments : DataFrame
        The year's assessments.
    models : YearModels
    """
    said = [text for row in assessments.to_dict("records") for text in sentences.caveats(row)]
    if models.intercept:
        said.append(
            gettext(
                "Value added allows for the earlier result alone: neither families nor teachers nor the choice of "
                "pupils are in the model, so a difference between schools is not an effect of a school."
            )
        )
    said.append(gettext("A group of fewer than {n} pupils gives no conclusion.").format(n=number(sentences.ENOUGH)))
    return bullets(dict.fromkeys(said))


def work(title: str, said: Iterable[str] = ()) -> Html:
    """Head a work with its title and say what there is to say of it."""
    return join([element('<h3 class="work">{title}</h3>', title=title), prose(said)])
