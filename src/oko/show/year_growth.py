"""Growth against a norm group: pupils of schools outside the cluster of whom both results are known."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, number
from oko.measures.growth import growth_percentiles, norms, school_growth
from oko.measures.growth.norms import NORM_GROUP
from oko.measures.yearly import PRIOR
from oko.show import growth_figures
from oko.show.cluster_sections import in_order, unnamed
from oko.show.html import Html, join, paragraph, prose
from oko.show.picture import Picture
from oko.show.sections import Titles, work

COLUMNS = ["assessment", "school", "n", "median", "lower", "upper", "attainment", "attainment_lower",
           "attainment_upper", "norm"]  # fmt: skip


def growth_of_schools(pairs: pd.DataFrame, own: Sequence[str]) -> pd.DataFrame:
    """Return the median growth percentile of each school of the cluster, where there is a norm group.

    Parameters
    ----------
    pairs : DataFrame
        Of `yearly.linked`: assessment, school, class, score, prior_score.
    own : sequence of str
        Codes of the cluster's schools. Pupils of all others are the norm group; it needs 1,000 with both results.

    Returns
    -------
    DataFrame
        As ``COLUMNS``: attainment is the mean score with its interval, norm the pupils of the norm group.
    """
    rows = []
    for name, part in pairs.groupby("assessment", sort=True):
        ours = part["school"].isin(list(own)).to_numpy()
        outside, inside = part[~ours], part[ours].reset_index(drop=True)
        if len(outside) < NORM_GROUP or inside.empty:
            continue
        made = norms(outside[PRIOR].reset_index(drop=True), outside["score"].reset_index(drop=True))
        percentiles = growth_percentiles(inside[PRIOR], inside["score"], norm=made)
        found = school_growth(percentiles, inside["school"], inside["class"]).reset_index()
        level = inside.groupby("school")["score"].agg(["mean", "sem"])
        mean, half = found["school"].map(level["mean"]), 1.96 * found["school"].map(level["sem"])
        rows.append(
            found.assign(
                assessment=str(name), norm=len(outside), attainment=mean, attainment_lower=mean - half,
                attainment_upper=mean + half,
            )[COLUMNS]
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=COLUMNS)


def protected_growth(found: pd.DataFrame, order: Sequence[str], named: bool, threshold: int) -> Protected:
    """Guard the growth of the schools that the agreement names, in the fixed order."""
    rows = in_order(found, list(order)) if named else found.iloc[:0]
    numbers = dict.fromkeys([name for name in COLUMNS if name not in ("assessment", "school", "n", "norm")], "float64")
    flat = rows[COLUMNS].astype({**numbers, "n": "int64", "norm": "int64"})
    return protect(
        flat, by=["assessment"], part="school", keys=["norm"], threshold=threshold,
        means={"attainment": Mean(lower=-float("inf"))},
    )  # fmt: skip


def pictures(protected: Protected, names: Titles, mark: str = "") -> dict[str, Picture]:
    """Draw growth beside attainment, a figure for each work."""
    frame = protected.frame
    shown = frame[frame["median"].notna() & frame["attainment"].notna()]
    return {
        str(name): growth_figures.bubbles(rows, names, threshold=protected.threshold, mark=mark)
        for name, rows in shown.groupby("assessment", sort=True)
    }


def growth(protected: Protected, found: pd.DataFrame, titles: Titles, drawn: dict[str, Picture]) -> Html:
    """Show growth, or say what it needs."""
    if found.empty:
        text = gettext(
            "Growth against others is not computed: it needs a norm group, at least {n} pupils of schools outside the "
            "cluster with both results. From outside only reports on groups are known."
        )
        return paragraph(text.format(n=number(NORM_GROUP)), "empty")
    if protected.frame.empty:
        return unnamed()
    text = gettext(
        "The growth percentile says where a pupil stands among pupils of the norm group with the same earlier result; "
        "50 is the middle. A school is shown by the median of its pupils."
    )
    return join([prose([text]), *(join([work(titles[name]), picture]) for name, picture in drawn.items())])
