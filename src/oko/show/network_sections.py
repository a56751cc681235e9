"""Sections on where schools need each other: small groups, and which report answers which question from how many on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import NOT_AVAILABLE, gettext, ngettext, number
from oko.measures.zones import small_groups
from oko.measures.zones.small import ENOUGH_ALONE, ENOUGH_TOGETHER
from oko.show import zone_figures
from oko.show.html import Html, grid, join, paragraph, prose
from oko.show.item_names import listed
from oko.show.picture import Picture
from oko.show.sections import bullets
from oko.show.tables import table

Words = Mapping[str, str]
ZONES = ["subject", "pupil_grade", "n", "n_schools", "n_small", "zone"]


def zones(taken: pd.DataFrame, threshold: int) -> Protected:
    """Count for each subject and grade the pupils of the cluster, and the schools that have too few of them alone.

    Parameters
    ----------
    taken : DataFrame
        Schema ``RESULTS``: the year's results of the cluster.
    threshold : int
    """
    wrote = taken[(taken["status"] == "took") & taken["pupil_grade"].notna()]
    counts = wrote.groupby(["subject", "pupil_grade", "school"], observed=True)["pupil"].nunique().rename("n")
    found = small_groups(counts.reset_index(), ["subject", "pupil_grade"]).rename(columns={"kind": "zone"})
    rows = found.reindex(columns=ZONES).astype({"n": "int64"})
    return protect(rows, keys=["subject", "pupil_grade"], threshold=threshold)


def needed(protected: Protected, words: Mapping[str, Words]) -> Html:
    """Name the subjects and grades in which schools have too few pupils alone."""
    frame = protected.frame
    if frame.empty:
        text = gettext("There are no results of this year, so it cannot be seen where schools have too few pupils.")
        return paragraph(text, "empty")
    together, few = (frame[(frame["zone"] == kind) & ~frame["hidden"]] for kind in ("together", "too_few"))
    rule = gettext(
        "Below {alone} pupils a school’s shares are too wide to act on; from {together} pupils of the cluster they are "
        "not. Both numbers are the cluster’s own rule."
    ).format(alone=number(ENOUGH_ALONE), together=number(ENOUGH_TOGETHER))
    text = gettext(
        "{subject}, grade {grade}: {small} of {schools} schools have fewer than {alone} pupils, together there are {n}."
    )
    rare = together[together["n_small"] > together["n_schools"] / 2]
    said = [
        text.format(
            subject=words["subject"].get(row["subject"], row["subject"]), grade=number(row["pupil_grade"]),
            small=number(row["n_small"]), schools=number(row["n_schools"]), alone=number(ENOUGH_ALONE),
            n=number(row["n"]),
        )
        for row in rare.to_dict("records")
    ]  # fmt: skip
    none = gettext("In no subject and grade do most schools have too few pupils where the cluster has enough.")
    parts: list[object] = [prose([rule]), bullets(said) if said else paragraph(none)]
    others = len(together) - len(rare)
    if others:
        rest = ngettext(
            "In {n} more parallel some schools, but not most, have too few pupils: they need the network as well.",
            "In {n} more parallels some schools, but not most, have too few pupils: they need the network as well.",
            others,
        )
        parts.append(prose([rest.format(n=number(others))]))
    if len(few):
        names = [
            f"{words['subject'].get(r['subject'], r['subject'])} {number(r['pupil_grade'])}"
            for r in few.to_dict("records")
        ]
        rest = gettext(
            "Too few even together: {names}. Here several years have to be put together, or nothing is concluded."
        )
        parts.append(prose([rest.format(names=listed(names))]))
    columns = ["subject", "pupil_grade", "n", "n_schools", "n_small", "zone"]
    parts.append(table(frame, columns, names={"subject": words["subject"]}, threshold=protected.threshold))
    return join(parts)


def decided(decisions: pd.DataFrame, coverage: Protected, small: Protected, threshold: int) -> Html:
    """Show which report answers which question, and how far this year's data reach its smallest number.

    Parameters
    ----------
    decisions : DataFrame
        Of `decisions.decisions`.
    coverage : Protected
        Of `cluster_sections.protected_coverage`: of schools.
    small : Protected
        Of `zones`: of parallels of the whole cluster.
    threshold : int
        Of the cluster: no report needs fewer.
    """
    sizes = {"school": _shown_sizes(coverage), "cluster": _shown_sizes(small)}
    least = np.maximum(decisions["least"].to_numpy(dtype="int64"), threshold)
    reach = [
        gettext("{n} of {of}").format(n=number((sizes[of] >= size).sum()), of=number(len(sizes[of])))
        if len(sizes[of])
        else NOT_AVAILABLE
        for size, of in zip(least, decisions["of"], strict=True)
    ]
    cells = pd.DataFrame({
        "question": decisions["question"], "report": decisions["report"], "least": [number(size) for size in least],
        "reach": reach, "conclusion": decisions["conclusion"], "never": decisions["never"],
    }, dtype="str")  # fmt: skip
    headings = {
        "question": gettext("Question"), "report": gettext("Report"), "least": gettext("Pupils, at least"),
        "reach": gettext("Enough this year"), "conclusion": gettext("What may be concluded"),
        "never": gettext("What may not"),
    }  # fmt: skip
    note = gettext(
        "Enough this year: in how many shown cells of the table of procedures there are as many pupils; of the report "
        "on the whole cluster, in how many of its parallels. Where a number is ФИОКО’s, it is from the edition of "
        "{year}, known at second hand and later than these data; the others are the cluster’s own rules (not confirmed "
        "by a source)."
    ).format(year=_year(decisions))
    return grid(cells, headings, "decisions", right=["least", "reach"], notes=[note])


def _shown_sizes(protected: Protected) -> np.ndarray:
    rows = protected.frame
    return rows.loc[~rows["hidden"].astype("bool") & rows["n"].notna(), "n"].to_numpy(dtype="float64")


def _year(decisions: pd.DataFrame) -> str:
    years = decisions["source"].astype("str").str.extract(r"ФИОКО (\d{4})")[0].dropna()
    return ", ".join(dict.fromkeys(years))


def pairs_figure(
    protected: Protected, proposed: pd.DataFrame, names: Words, words: Words, mark: str = ""
) -> Picture | None:
    """Draw which school could show another how it is done; None where there is no such pair.

    Parameters
    ----------
    protected : Protected
        Of `teacher_learning_sections.guarded_pairs`.
    proposed : DataFrame
        Of `zones.pairs`: which pairs are in the proposal.
    names, words : Mapping
        Of schools; of units and skills.
    """
    keys = ["unit", "skill", "giver", "receiver"]
    marks = proposed.rename(columns={"target": "skill"})[[*keys, "proposed"]]
    rows = protected.frame[~protected.frame["hidden"]].merge(marks, on=keys)
    rows = rows[rows["proposed"]].rename(columns={"skill": "target"})
    if rows.empty:
        return None
    units = {unit: name.partition(",")[0] for unit, name in words.items()}
    return zone_figures.strengths_and_deficits(rows, names, labels=words, units=units, mark=mark)


def limits() -> Html:
    """Say where the page stops."""
    return bullets(
        [
            gettext("All ways read the same works: where a work is weak as a tool, all of them are."),
            gettext(
                "That two ways contradict each other does not mean that one of them is wrong: they answer different "
                "questions."
            ),
            gettext(
                "Contradictions are looked for among many works and schools, so some may be chance; each is a "
                "reason to look and no conclusion."
            ),
            gettext(
                "Why a school shows more on a skill the data do not say; a pair of schools is a proposal to visit "
                "each other’s lessons."
            ),
            gettext("There is no official map of tasks and skills; the one used is not confirmed."),
        ]
    )  # fmt: skip
