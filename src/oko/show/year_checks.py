"""How far the year's marks can be trusted: agreement with the journal, and markers that are an occasion to look."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures.bias import Markers, PileUps, flagged
from oko.measures.statement import Statement
from oko.show import statements
from oko.show.cluster_sections import contributors
from oko.show.effect_sections import readable
from oko.show.html import Html, join, paragraph, prose, the_end
from oko.show.sections import Titles, in_order
from oko.show.tables import table

PILES = "pile_up"
AGREEMENT = ("lowered", "confirmed", "raised")


def protected_journal(found: pd.DataFrame, taken: pd.DataFrame, threshold: int) -> Protected:
    """Guard which share of pupils got a lower, the same or a higher mark than in the journal, work by work.

    Parameters
    ----------
    found : DataFrame
        Of `bias.against_journal` by assessment.
    taken : DataFrame
        The results behind it: a work of fewer than 3 schools, or of nearly one, is not shown.
    threshold : int
    """
    bounds = [f"{name}_{end}" for name in AGREEMENT for end in ("lower", "upper")]
    rows = found.loc[found["n"] > 0, ["assessment", "n", *AGREEMENT, *bounds]].astype({"n": "int64"})
    both = taken[(taken["status"] == "took") & taken["mark"].notna() & taken["journal_mark"].notna()]
    given = both.groupby(["assessment", "school"], as_index=False).size().rename(columns={"size": "n"})
    return protect(
        rows, by=["assessment"], threshold=threshold, distribution=AGREEMENT,
        contributors=contributors(given).drop(columns="school"),
    )  # fmt: skip


def last_season(works: pd.DataFrame, taken: pd.DataFrame) -> set[str]:
    """Return the works of the year's last season that pupils wrote: spring, else winter, else autumn.

    Parameters
    ----------
    works : DataFrame
        assessment, season.
    taken : DataFrame
        The year's results.
    """
    wrote = works[works["assessment"].isin(taken.loc[taken["status"] == "took", "assessment"])]
    for season in ("spring", "winter", "autumn"):
        own = wrote.loc[wrote["season"] == season, "assessment"]
        if len(own):
            return {str(name) for name in own}
    return {str(name) for name in wrote["assessment"]}


def journal(protected: Protected, said: Sequence[Statement], titles: Titles) -> Html:
    """Say how marks agree with the journal, and show the works of the last season."""
    frame = protected.frame
    known = frame[frame["confirmed"].notna()]
    if known.empty:
        text = gettext(
            "Marks are not compared with the journal: works with marks and pupils’ journal marks are needed, of three "
            "schools or more."
        )
        return paragraph(text, "empty")
    shown = in_order(known[known["assessment"].isin(list(titles))], titles)
    shown = shown if len(shown) else in_order(known, {str(name): "" for name in known["assessment"]})
    text = gettext(
        "From {low} to {high} of pupils have the mark of the journal in the works of this table, the last of the year."
    )
    values = {name: percent(float(value)) for name, value in
              (("low", shown["confirmed"].min()), ("high", shown["confirmed"].max()))}  # fmt: skip
    caveat = gettext(
        "A mark below the journal’s is no fault by itself: a work of 45 minutes and the marks of half a year measure "
        "different things."
    )
    parts = [text.format(**values), caveat, *(statements.words(one) for one in said)]
    columns = ["assessment", *AGREEMENT, "n"]
    return join([prose(parts), table(shown, columns, names={"assessment": titles}, threshold=protected.threshold)])


def inside(found: Markers, piles: PileUps) -> pd.DataFrame:
    """Return for the cluster's coordinator which school and work has which marker: an internal table."""
    official = found.table[["marker", "school", "assessment", "n", "value", "limit", "applicable", "marked"]]
    works = piles.works.assign(
        marker=PILES, value=piles.works["share"], limit=None, applicable=piles.works["reason"] == ""
    )
    columns = list(official.columns)
    both = [part for part in (official, works[columns]) if len(part)]
    rows = pd.concat(both, ignore_index=True) if both else official
    return rows.astype({"n": "float64", "value": "float64", "limit": "float64", "applicable": bool, "marked": bool})


def schools_inside(found: Markers, piles: PileUps) -> pd.DataFrame:
    """Return which schools an estimate of the effect is made again without: school, markers, pile_up, left_out."""
    rows = flagged(found, piles)
    return rows.astype({"markers": "str"})


def protected_markers(rows: pd.DataFrame, threshold: int) -> Protected:
    """Guard how many results of a school in a work were looked at and how many have a marker; no school is in it.

    Parameters
    ----------
    rows : DataFrame
        Of `inside`.
    threshold : int

    Returns
    -------
    Protected
        marker, checked, marked, n (pupils' works behind what was looked at).
    """
    kept = rows[rows["applicable"]]
    counted = kept.groupby("marker", as_index=False).agg(
        checked=("marked", "size"), marked=("marked", "sum"), n=("n", "sum")
    )
    return protect(
        counted[["marker", "checked", "marked", "n"]].astype({"n": "int64", "marked": "int64"}), keys=["marker"],
        threshold=threshold,
    )  # fmt: skip


def markers(protected: Protected, said: Sequence[Statement], titles: Titles) -> Html:
    """Say what was looked at and in how much of it there is an occasion to look; no school is named."""
    frame = protected.frame
    intro = gettext(
        "Marked results are an occasion for self-examination. They accuse nobody; schools are not named here. Each "
        "school learns of its own results from the coordinator."
    )
    parts = [paragraph(intro)]
    if frame.empty:
        text = gettext("Nothing could be looked at: primary scores with marks, of 20 pupils of a school, are needed.")
        parts.append(paragraph(text, "empty"))
    else:
        parts.append(table(frame, ["marker", "checked", "marked", "n"], threshold=protected.threshold))
    lines = [statements.words(readable(one, titles)) for one in dict.fromkeys(said) if one.code != "bias_occasion"]
    return join([*parts, prose(lines)])


def in_short(works: Protected, journals: Protected, looked: Protected, sums: Sequence[str] = ()) -> Html:
    """Return the year in a few lines, from what is shown below; without results that is said, and the page ends.

    Parameters
    ----------
    works, journals, looked : Protected
        Marks of the year, agreement with the journal, markers.
    sums : sequence of str
        Further lines.
    """
    frame = works.frame
    if frame.empty:
        text = gettext("There are no results of this year here: files with results of its works are needed.")
        return join([paragraph(text, "empty"), the_end()])
    whole = frame[(frame["scope"] == "cluster") & frame["n"].notna()]
    lines = []
    if len(whole):
        text = ngettext("{n} work of the year is shown.", "{n} works of the year are shown.", len(whole))
        lines.append(text.format(n=number(len(whole))))
    known = journals.frame
    known = known[known["confirmed"].notna()]
    if len(known):
        text = gettext("The mark of the journal is confirmed by {low} to {high} of pupils, by work.")
        ends = (percent(float(known["confirmed"].min())), percent(float(known["confirmed"].max())))
        lines.append(text.format(low=ends[0], high=ends[1]))
    seen = looked.frame
    if len(seen) and seen["marked"].notna().any():
        text = ngettext(
            "Of {of} check there is an occasion for self-examination in {n}.",
            "Of {of} checks there is an occasion for self-examination in {n}.",
            int(seen["checked"].sum()),
        )
        lines.append(text.format(of=number(seen["checked"].sum()), n=number(seen["marked"].sum())))
    if not lines and not sums:
        return paragraph(gettext("No work was taken by enough pupils for its number to be shown."), "empty")
    return prose([*lines, *sums])
