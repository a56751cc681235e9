"""Sections of an instrument's page on skills, on options, and on what the data do not show."""

from __future__ import annotations

import pandas as pd

from oko.language import gettext, number, percent
from oko.show import figures
from oko.show.html import Html, join, paragraph, prose
from oko.show.instrument_sections import ENDS, FEWEST, Names, empty, words
from oko.show.instrument_tables import NO_ANSWER, Shown
from oko.show.picture import Picture
from oko.show.sections import bullets
from oko.show.tables import table

ROUGH = 150
"""Pupils below which difficulties are rough: as for the scale (`irt.remarks`)."""


def skills(kept: Shown, stated: Shown, names: Names, picture: Picture | str) -> Html:
    """Show results by skill, with the number of tasks behind each; one or two tasks allow no conclusion."""
    rows = kept.frame
    if rows.empty:
        return empty(
            gettext(
                "No results by skill: it is not known which task asks for which skill. A matrix of experts or "
                "passports are needed."
            )
        )
    few = [
        f"{names['skill'].get(row['skill'], row['skill'])} ({number(row['n_items'])})"
        for row in rows.to_dict("records") if row["n_items"] < FEWEST
    ]  # fmt: skip
    text = gettext("Behind these skills there are one or two tasks, so no conclusion on them: {skills}.")
    said = [*words(stated, "skills", names["skill"]), *([text.format(skills="; ".join(few))] if few else [])]
    shown = table(
        rows.rename(columns=ENDS), ["skill", "n_items", "n", "facility"], names=names, threshold=kept.threshold,
        note=gettext("Facility of the tasks of the skill, with a 95% interval; fewer than three tasks: no number."),
    )  # fmt: skip
    return join([prose(said), picture, shown])


def skills_figure(kept: Shown, names: Names, mark: str = "") -> Picture | None:
    """Draw results by skill where three tasks or more are behind them."""
    rows = kept.frame[kept.frame["facility"].notna()]
    if rows.empty:
        return None
    text = gettext("{skill} ({n} tasks)")
    labels = [
        text.format(skill=names["skill"].get(row["skill"], row["skill"]), n=number(row["n_items"]))
        for row in rows.to_dict("records")
    ]
    return figures.intervals(
        rows.assign(label=labels), "facility", "facility_lower", "facility_upper", "label",
        title=gettext("Facility of the tasks of the skill"), threshold=kept.threshold, mark=mark,
        caption=gettext("Skills differ by the difficulty of their tasks too: a lower number is not a weaker skill."),
    )  # fmt: skip


def options(kept: Shown, stated: Shown) -> Html:
    """Show who chose which option of tasks with options, or say what is needed for that.

    Parameters
    ----------
    kept : Shown
        From ``instrument_tables.options``.
    stated : Shown
        From ``instrument_tables.stated``, with the part "options".
    """
    frame = kept.frame
    if frame.empty:
        return empty(
            gettext(
                "No options to show. Where a task has options, schools write the letter chosen in the place of points, "
                "and the passport of the task names the right one: points are then given by the key. A teacher’s own "
                "table is analysed in the guide “Your own class table” (notebooks/guides)."
            )
        )
    key = gettext("key")
    names = [
        gettext("no answer") if row["option"] == NO_ANSWER else f"{row['option']} ({key})" if row["choice"] == "key"
        else row["option"] for row in frame.to_dict("records")
    ]  # fmt: skip
    said = words(stated, "options")
    shown = table(
        frame.assign(option=names), ["item", "option", "n", "option_share", "point_biserial_rest"],
        threshold=kept.threshold,
        note=gettext("Correlation: of choosing the option with right answers on the other tasks. For the key it is to "
                     "be above zero, for the others below."),
    )  # fmt: skip
    return join([bullets(said) if said else "", shown])


def bank(kept: Shown, names: Names) -> Html:
    """Show the tasks as the cluster's bank keeps them: passport, and what the pilot says."""
    rows = kept.frame
    if rows["level"].isna().all():
        return empty(
            gettext("Nothing of this work goes into the bank of tasks: its tasks have no passports.")
        )  # fmt: skip
    columns = ["item", "skill", "answer_type", "status", "n", "facility", "item_rest"]
    text = gettext(
        "Passports travel between schools as a filled form: “oko export --passports” writes it, “oko import” of "
        "another school takes it in. The texts of tasks never stand there: schools hand them to each other themselves."
    )
    shown = table(rows.rename(columns=ENDS), columns, names=names, threshold=kept.threshold)
    return join([paragraph(text), shown])


def limits(works: pd.DataFrame, summary: Shown) -> Html:
    """Say where the conclusions on an instrument stop.

    Parameters
    ----------
    works : DataFrame
        procedure: the row of the work, if it is known.
    summary : Shown
        From ``instrument_tables.summary``.
    """
    n = summary.frame["n"].max()
    said = [
        gettext(
            "Statistics are those of these pupils: with stronger or weaker ones facility and correlations would be "
            "others."
        ),
        gettext("A task that works well may still ask for the wrong thing: that only people who read it can tell."),
        gettext(
            "A difference between groups is a question to the task, not a proof of unfairness; with few pupils large "
            "differences are missed."
        ),
        gettext("The list of skills is an initial one, not confirmed by an official source."),
        gettext("The page is about the work: it does not judge schools, teachers or pupils."),
    ]
    if works["procedure"].eq("vpr").any():
        said.append(
            gettext(
                "Schools write different variants of ВПР: tasks are compared by their number in the work, not word by "
                "word."
            )
        )
    if n < ROUGH:
        said.append(
            gettext("With {n} pupils numbers of tasks are rough: see them as a first look.").format(n=number(n))
        )
    return bullets(said)


def precision(n: int) -> str:
    """Say by how much a share and a correlation of n pupils may be off, at their widest.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     precision(25).replace(chr(160), " ")
    'With 25 pupils a facility near a half is known to ± 20% at best, a correlation near zero to ± 0.42.'
    """
    off = 1.96 * (0.25 / n) ** 0.5
    text = gettext(
        "With {n} pupils a facility near a half is known to ± {off} at best, a correlation near zero to ± {apart}."
    )
    return text.format(n=number(n), off=percent(off), apart=number(1.96 / (n - 3) ** 0.5, 2))
