"""The draft of a programme of seminars: a topic, a month, and a school that could be the host."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import gettext, month, ngettext, number
from oko.show.html import Html, join, paragraph, prose
from oko.show.sections import Titles
from oko.show.skill_words import SEASONS
from oko.show.tables import table
from oko.show.teacher_learning_sections import KEYS, in_order, known_zones, season_of

TOGETHER = ""
_PROGRAMME = ["month", *KEYS, "host", "in_need", "n"]
Places = Mapping[tuple[str, str], str]


def months_after(season: str, year: str) -> list[datetime.date]:
    """Return the months in which seminars on the works of a season fit: after them, before the next ones in March.

    Examples
    --------
    >>> [f"{day:%Y-%m}" for day in months_after("autumn", "2020-2021")]
    ['2020-11', '2020-12', '2021-01', '2021-02']
    """
    first, last = int(year[:4]), int(year[-4:])
    spans = {
        "autumn": [(first, 11), (first, 12), (last, 1), (last, 2)],
        "winter": [(last, 3), (last, 4)],
    }
    after = [(last, 10), (last, 11), (last, 12), (last + 1, 1), (last + 1, 2)]
    return [datetime.date(of, place, 1) for of, place in spans.get(season, after)]


def programme(
    topics: Protected, profile: pd.DataFrame, pairs: Protected, year: str, threshold: int, named: bool
) -> Protected:
    """Draft a programme: a seminar for each shared deficit and for each deficit that meets a host.

    Parameters
    ----------
    topics, pairs : Protected
        Of `guarded_topics` and `guarded_pairs`.
    profile : DataFrame
        Of `zones.year_profiles`.
    year : str
    threshold : int
    named : bool
        Where schools are not named there is no host.

    Returns
    -------
    Protected
        month (2020-11), unit, skill, host ("": together), in_need (schools with the deficit, at the least), n (pupils
        of the schools that this was found in); in each season the topics of most schools come first. Where schools
        are not named only shared deficits are left, and each rests on all the schools that were looked at: on three
        or more, as `guarded_topics` asks.
    """
    of_schools, common = known_zones(profile), topics.frame
    of_schools = of_schools[of_schools["kind"] == "deficit"]
    counted = of_schools.groupby(KEYS).agg(in_need=("school", "nunique"), n=("n", "sum")).to_dict("index")
    common = common[~common["hidden"] & (common["kind"] == "deficit")]
    hosts = _hosts(pairs.frame if named else pairs.frame.head(0))
    places = list(dict.fromkeys([*common[KEYS].itertuples(index=False, name=None), *hosts]))
    rows = pd.DataFrame([_seminar(place, counted, common, hosts) for place in places], columns=_PROGRAMME[1:])
    rows = in_order(rows).sort_values("in_need", ascending=False, kind="stable")
    rows = rows.assign(_season=season_of(rows))
    parts = [
        part.assign(month=_dates(len(part), months_after(season, year)))
        for season in SEASONS
        for part in [rows[rows["_season"] == season]]
    ]
    dated = pd.concat(parts, ignore_index=True)[_PROGRAMME]
    given = known_zones(profile)[[*KEYS, "school", "n"]].rename(columns={"school": "contributor"})
    return protect(
        dated, by=KEYS, keys=["month", "host"], threshold=threshold, contributors=None if named else given
    )  # fmt: skip


def _dates(n: int, months: list[datetime.date]) -> list[str]:
    """Spread n seminars over the months evenly, in their order."""
    return [f"{months[place * len(months) // max(n, len(months))]:%Y-%m}" for place in range(n)]


def _hosts(pairs: pd.DataFrame) -> Places:
    """Return the host of each topic: the school that could help most of those with the deficit, then by evidence."""
    shown = pairs[~pairs["hidden"]] if len(pairs) else pairs
    found = {}
    for (unit, skill), rows in shown.groupby(KEYS, sort=False):
        of = rows.groupby("giver", sort=False).agg(served=("receiver", "nunique"), difference=("difference", "mean"))
        found[str(unit), str(skill)] = str(
            of.sort_values(["served", "difference"], ascending=False, kind="stable").index[0]
        )
    return found


def _seminar(
    place: tuple[str, str], counted: Mapping[object, Mapping[object, int]], common: pd.DataFrame, hosts: Places
) -> tuple[object, ...]:
    """Return a seminar's row: of a shared deficit what is said of it as a topic, else the schools that show it."""
    shared = common[(common["unit"] == place[0]) & (common["skill"] == place[1])]
    in_need, n = (
        (int(shared["at_least"].iloc[0]), int(shared["n"].iloc[0]))
        if len(shared)
        else (counted[place]["in_need"], counted[place]["n"])
    )
    return (*place, hosts.get(place, TOGETHER), in_need, n)


def plan(protected: Protected, titles: Titles, names: Titles, named: bool) -> Html:
    """Show the draft of the programme, month by month."""
    frame = protected.frame
    if frame.empty:
        text = gettext(
            "No seminar follows from the results of this year: they show, beyond chance, neither a shared deficit nor "
            "a school that could help another."
        )
        return paragraph(text, "empty")
    rows = frame.sort_values("month", kind="stable")
    rows = rows.assign(month=[month(datetime.date.fromisoformat(f"{value}-01")) for value in rows["month"]])
    called = {"unit": titles, "skill": titles, "host": {TOGETHER: gettext("together"), **names}}
    columns = ["month", "unit", "skill", *(["host"] if named else []), "in_need", "n"]
    note = gettext(
        "A draft for the departments to mend. A topic that more schools need stands earlier; hosts are schools where "
        "the results show a strength, or no deficit while others have one; “together”: the results name no host. "
        "Schools in need: at least so many, by the results. n counts the pupils by whose results this is seen."
    )
    said = [
        ngettext("{n} seminar follows from the results.", "{n} seminars follow from the results.", len(rows)).format(
            n=number(len(rows))
        )
    ]
    return join([prose(said), table(rows, columns, names=called, note=note, threshold=protected.threshold)])
