"""Words about skills of tasks: who says which task asks for which, and that it is not confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import pandas as pd

from oko.language import gettext, ngettext, number
from oko.measures.statement import Statement
from oko.show import effect_sections
from oko.show.html import Html, element, join, paragraph, the_end

SEASONS = ("autumn", "winter", "spring", "year")
_LISTING_SCHOOLS = frozenset(
    {"zones_without_profile", "zones_level_outside", "zones_partner_taken", "zones_without_partner"}
)


class Names(Protocol):
    """Names of codes: ``workspace.names``."""

    def text(self, kind: str, code: str) -> str: ...
    def when(self, season: str, year: str) -> str: ...


def unit_titles(works: pd.DataFrame, names: Names) -> dict[str, str]:
    """Return what season and subject are called: by code such as ``spring-physics``, in the order of time and subject.

    Parameters
    ----------
    works : DataFrame
        season, subject, year.
    names : Names
    """
    kinds = works[["season", "subject", "year"]].drop_duplicates()
    place = {season: number for number, season in enumerate(SEASONS)}
    kinds = kinds.assign(_place=kinds["season"].map(place)).sort_values(["year", "_place", "subject"], kind="stable")
    rows = zip(kinds["season"], kinds["subject"], kinds["year"], strict=True)
    return {
        f"{season}-{subject}": f"{names.text('subject', subject)}, {names.when(season, year).lower()}"
        for season, subject, year in rows
    }


def origins(asked: pd.DataFrame, works: Iterable[str], *, ends: bool = True) -> Html:
    """Say where it comes from which task asks for which skill, with a mark that it is not confirmed.

    Parameters
    ----------
    asked : DataFrame
        assessment, item, skill, origin: of `skills.assigned`.
    works : iterable of str
        Works of this page.
    ends : bool, default True
        Whether the page has nothing more to say where no skill is known.
    """
    rows = asked[asked["assessment"].isin(list(works))]
    if rows.empty:
        text = gettext(
            "No work of this year has tasks with a known skill, so nothing can be said of skills: points of single "
            "tasks are needed, and a list of the skills that they ask for."
        )
        return join([paragraph(text, "empty"), the_end() if ends else ""])
    tasks = rows.drop_duplicates(["assessment", "item", "origin"]).groupby("origin").size()
    said = ", ".join(_from(str(origin), int(n)) for origin, n in tasks.items())
    text = gettext(
        "How it is known which skill a task asks for: {said}. NOT CONFIRMED: there is no official map of tasks and "
        "skills; our list is a beginning for experts to mend."
    )
    return element('<p class="remark">{text}</p>', text=text.format(said=said))


def _from(origin: str, n: int) -> str:
    if origin == "experts":
        text = ngettext("{n} task by experts’ agreement", "{n} tasks by experts’ agreement", n)
    elif origin == "passport":
        text = ngettext("{n} task by its passport", "{n} tasks by their passports", n)
    else:
        text = ngettext("{n} task by our initial list", "{n} tasks by our initial list", n)
    return text.format(n=number(n))


def remarks(said: Iterable[Statement], titles: Mapping[str, str], *, named: bool = True) -> Html:
    """Say the remarks of measures with names in place of codes.

    Parameters
    ----------
    said : iterable of Statement
    titles : Mapping
        Names of skills, works, units and schools, by code.
    named : bool
        Whether schools may be named: otherwise remarks that list schools are left out.
    """
    return effect_sections.said([each for each in said if named or each.code not in _LISTING_SCHOOLS], titles)
