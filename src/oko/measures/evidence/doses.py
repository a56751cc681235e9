"""Dose and response: how much schools did, beside how much they changed. A picture, not a claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from math import factorial

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from oko.errors import MeasureError
from oko.measures.evidence.columns import check_columns, read_numbers
from oko.measures.intervals import Floats, check_level
from oko.measures.statement import Statement, named

EXACT_UP_TO = 8
DRAWS = 20_000
FEWEST_SCHOOLS = 4


@dataclass(frozen=True)
class DoseResponse:
    """Doses and changes of schools.

    Attributes
    ----------
    schools : DataFrame, index ``school``
        ``dose``, ``change``, ``lower``, ``upper``, in the order of the changes as given.
    rho : float
        Spearman's correlation; NaN below 4 schools, or where all doses or all changes are equal.
    chance_lower, chance_upper : float
        Where rho falls in 95 % of all ways to pair these doses with these changes at random.
    exact : bool
        All pairings were enumerated (up to 8 schools), not drawn.
    statements : tuple of Statement
        ``evidence_dose_is_no_claim`` where there is a school; ``evidence_dose_unknown``; ``evidence_schools_left_out``.
    """

    schools: pd.DataFrame
    rho: float
    chance_lower: float
    chance_upper: float
    exact: bool
    statements: tuple[Statement, ...]


def dose_from_actions(
    actions: pd.DataFrame,
    schools: Sequence[str],
    until: str,
    since: str | None = None,
    subjects: Sequence[str] | None = None,
    skills: Sequence[str] | None = None,
) -> pd.Series:
    """Count what schools did between two waves, from the log of actions.

    Parameters
    ----------
    actions : DataFrame
        The register: ``school``, ``status`` ("done" counts), ``done`` (date as 2021-04-15), ``subject``, ``skill``.
    schools : sequence of str
        Schools to count for, by name as written (344 and "344" are one school); a school without actions has 0.
    until : str
        Date of the later wave; what was done on that day or after does not count.
    since : str, optional
        Date of the earlier wave; what was done before does not count.
    subjects, skills : sequence of str, optional
        Count only these; all by default.

    Returns
    -------
    Series, index ``school``, named ``dose``
        Actions done. An action that was done without a date does not count
        (``.attrs["statements"]``: ``evidence_actions_without_date``).

    Raises
    ------
    MeasureError
        A column is missing or a date is not of the form 2021-04-15.

    Examples
    --------
    >>> log = pd.DataFrame({"school": ["a", "a", "b"], "status": ["done", "planned", "done"],
    ...                     "done": ["2021-02-01", None, "2021-06-01"], "subject": "physics", "skill": "charts"})
    >>> dose_from_actions(log, ["a", "b"], until="2021-04-15").to_dict()
    {'a': 1, 'b': 0}
    """
    check_columns(actions, "school", "status", "done", "subject", "skill")
    until, since = _day(until), _day(since) if since else ""
    done = actions[actions["status"] == "done"]
    for name, wanted in (("subject", subjects), ("skill", skills)):
        if wanted is not None:
            done = done[done[name].isin([wanted] if isinstance(wanted, str) else list(wanted))]
    dates = done["done"].astype(object).map(_day, na_action="ignore")
    kept = dates.notna() & (dates.fillna("") < until) & (dates.fillna("9") >= since)
    own = done["school"].astype(object).map(str, na_action="ignore")
    counts = own[kept].value_counts().to_dict()
    index = pd.Index([schools] if isinstance(schools, str) else list(schools), name="school", dtype=object)
    dose = pd.Series([counts.get(str(code), 0) for code in index], index=index, name="dose", dtype="int64")
    undated = int((dates.isna() & own.isin([str(code) for code in index])).sum())
    said = [Statement("evidence_actions_without_date", {"n": undated})] if undated else []
    dose.attrs["statements"] = tuple(said)
    return dose


def _day(value: object) -> str:
    """Return a date as text that sorts by time."""
    text = value.isoformat()[:10] if isinstance(value, date) else str(value)
    try:
        known = date.fromisoformat(text).isoformat() == text
    except ValueError:
        known = False
    if not known:
        raise MeasureError("Date {date} is not of the form 2021-04-15.", date=repr(value))
    return text


def dose_response(changes: pd.DataFrame, dose: pd.Series, level: float = 0.95) -> DoseResponse:
    r"""Put doses and changes of schools side by side.

    Parameters
    ----------
    changes : DataFrame, index school
        ``change``; ``lower``, ``upper`` where known.
    dose : Series, index school
        How much each school did, 0 or more; schools without a dose or a change are left out.
    level : float, default 0.95
        Of the range of chance.

    Returns
    -------
    DoseResponse

    Raises
    ------
    MeasureError
        A column is missing, a school stands twice, or a dose is negative.

    Notes
    -----
    ρ is Pearson's correlation of ranks, ties averaged. The range of chance holds the central 95 % of ρ over all n!
    pairings (from 9 schools on, 20,000 drawn with a fixed seed). It describes how little a few schools can show: they
    decide themselves how much they do, so even a clear pattern says nothing about why.

    Examples
    --------
    >>> changes = pd.DataFrame({"change": [0.1, 0.3, 0.2, 0.5]}, index=list("abcd"))
    >>> found = dose_response(changes, pd.Series([1, 2, 3, 4], index=list("abcd")))
    >>> round(found.rho, 2), found.exact
    (0.8, True)
    """
    check_level(level)
    table, lost = _pairs(changes, dose)
    said = [Statement("evidence_dose_is_no_claim", {"n": len(table)})] if len(table) else []
    if len(lost):
        said.append(Statement("evidence_schools_left_out", {"schools": named(lost)}))
    doses, answers = table["dose"].to_numpy(dtype=float), table["change"].to_numpy(dtype=float)
    exact = len(table) <= EXACT_UP_TO
    if len(table) < FEWEST_SCHOOLS or _alike(doses) or _alike(answers):
        said.append(Statement("evidence_dose_unknown", {"n": len(table), "needed": FEWEST_SCHOOLS}))
        return DoseResponse(table, np.nan, np.nan, np.nan, exact, tuple(said))
    one, other = _standard(doses), _standard(answers)
    chance = np.sort(_pairings(len(table), exact=exact, one=one, other=other))
    tail = (1 - level) / 2
    low, high = np.quantile(chance, [tail, 1 - tail], method="inverted_cdf")
    return DoseResponse(table, float(one @ other), float(low), float(high), exact, tuple(said))


def _pairs(changes: pd.DataFrame, dose: pd.Series) -> tuple[pd.DataFrame, pd.Index]:
    check_columns(changes, "change")
    if not isinstance(dose, pd.Series):
        raise MeasureError("The doses are no Series: give one by school, as `dose_from_actions` does.")
    if not changes.index.is_unique or not dose.index.is_unique:
        raise MeasureError("A school stands twice in the doses or the changes: leave one.")
    doses = pd.Series(read_numbers(dose.rename("dose").to_frame(), "dose", 0), index=dose.index)
    columns = {"dose": doses.reindex(changes.index).to_numpy(), "change": read_numbers(changes, "change")}
    for name in ("lower", "upper"):
        columns[name] = read_numbers(changes, name) if name in changes else np.full(len(changes), np.nan)
    table = pd.DataFrame(columns, index=changes.index.rename("school"))
    known = table["dose"].notna() & table["change"].notna()
    return table[known], table.index[~known]


def _alike(values: Floats) -> bool:
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())


def _standard(values: Floats) -> Floats:
    ranks = rankdata(values)
    centred = ranks - ranks.mean()
    return np.asarray(centred / np.sqrt(centred @ centred), dtype=np.float64)


def _pairings(n: int, *, exact: bool, one: Floats, other: Floats) -> Floats:
    if exact:
        orders = np.fromiter((place for order in permutations(range(n)) for place in order), np.int64)
        return np.asarray(other[orders.reshape(factorial(n), n)] @ one)
    rng = np.random.default_rng(20210415)
    return np.asarray(rng.permuted(np.tile(other, (DRAWS, 1)), axis=1) @ one)
