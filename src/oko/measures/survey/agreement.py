"""Agreement with the statements of a questionnaire, and what changed between two years."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import stdtrit
from scipy.stats import t as student

from oko.errors import MeasureError
from oko.measures.grouping import grouped
from oko.measures.intervals import Floats, Means, bounded_interval, check_level, clustered_means, share_interval
from oko.measures.multiplicity import adjusted
from oko.measures.statement import Statement, named
from oko.measures.survey.answers import AGREES, DISAGREES, FEWEST, HIGHEST, LOWEST, read_answers
from oko.measures.weights import Codes, as_codes, sum_by

ENOUGH_SCHOOLS = 20
_LEVELS = ("1", "2", "3", "4", "5")


def agreement(
    answers: pd.DataFrame, by: Sequence[str] | str = (), *, threshold: int = FEWEST, level: float = 0.95
) -> pd.DataFrame:
    """Say how far respondents agree with each statement.

    Parameters
    ----------
    answers : DataFrame, one row an answer
        Columns ``school``, ``respondent``, ``statement``, ``answer`` (1 disagree to 5 agree) and those of ``by``; the
        register ``survey`` as it is.
    by : sequence of str, default ()
        Columns beside the statement whose combinations are the groups: ``school``, ``year``, ``role``.
    threshold : int, default 5
        Groups with fewer respondents are not shown.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a group and statement: the columns of ``by``, ``statement``, ``n`` respondents, ``schools``, ``hidden``;
        ``agree`` (answers 4 and 5), ``disagree`` (1 and 2), shares from 0 to 1, and ``mean`` (1 to 5), each with
        ``_lower`` and ``_upper``; ``share_1`` … ``share_5``. NaN where hidden. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, an answer is wrong or stands twice, or threshold or level are wrong.

    Notes
    -----
    Respondents of one school answer alike: where a group has several, Wilson's interval is at the effective size with
    schools as clusters, the mean's linearised with t on schools − 1 degrees of freedom (`intervals`). It speaks of
    respondents of such schools; who did not answer the questionnaire is not in it.

    Examples
    --------
    >>> answers = pd.DataFrame({"school": "344", "respondent": range(6), "answer": [5, 4, 4, 3, 2, 5]})
    >>> found = agreement(answers.assign(statement="a1"))
    >>> found[["statement", "n", "agree", "disagree", "mean"]].round(2).to_dict("records")
    [{'statement': 'a1', 'n': 6, 'agree': 0.67, 'disagree': 0.17, 'mean': 3.83}]
    """
    check_level(level)
    check_threshold(threshold)
    columns = [by] if isinstance(by, str) else list(by)
    columns = [column for column in columns if column != "statement"]
    rows = read_answers(answers, columns)
    group, keys = grouped(rows, [*columns, "statement"])
    school = _schools(rows, group)
    value = rows["answer"].to_numpy(dtype=np.float64)

    def measure(values: Floats) -> Means:
        return clustered_means(values, np.ones(len(values)), group, school, len(keys))

    mean = measure(value)
    found: dict[str, Floats] = {}
    for name, there in (("agree", value >= AGREES), ("disagree", value <= DISAGREES)):
        share = measure(there.astype(float))
        lower, upper = share_interval(share, level, fallback=mean)
        found |= {name: share.mean, f"{name}_lower": lower, f"{name}_upper": upper}
    lower, upper = bounded_interval(mean, LOWEST, HIGHEST, level)
    found |= {"mean": mean.mean, "mean_lower": lower, "mean_upper": upper}
    found |= {f"share_{each}": measure((value == float(each)).astype(float)).mean for each in _LEVELS}
    small = mean.n < threshold
    shown = {name: np.where(small, np.nan, values) for name, values in found.items()}
    counts = {"n": mean.n.astype(np.int64), "schools": mean.clusters, "hidden": small}
    table = pd.concat([keys, pd.DataFrame(counts | shown, index=keys.index)], axis=1)
    table.attrs["statements"] = _remarks(table, threshold)
    return table


def check_threshold(threshold: int) -> None:
    """Refuse a smallest number of respondents that is no whole number from 1 up.

    Raises
    ------
    MeasureError
    """
    if not isinstance(threshold, (int, np.integer)) or isinstance(threshold, bool) or threshold < 1:
        raise MeasureError("The fewest respondents are a whole number from 1 up, not {given}.", given=repr(threshold))


def _schools(rows: pd.DataFrame, group: Codes) -> Codes:
    school = as_codes(rows["school"])[0] + 1
    codes: Codes = pd.factorize(group * (school.max(initial=0) + 1) + school)[0].astype(np.int64)
    return codes


def _remarks(table: pd.DataFrame, threshold: int) -> tuple[Statement, ...]:
    if not len(table):
        return (Statement("survey_no_answers"),)
    said = []
    hidden = int(table["hidden"].sum())
    if hidden:
        said.append(Statement("survey_hidden", {"n_groups": hidden, "of": len(table), "needed": int(threshold)}))
    shown = table[~table["hidden"] & (table["schools"] > 1)]
    if len(shown) and int(shown["schools"].max()) < ENOUGH_SCHOOLS:
        said.append(Statement("survey_few_schools", {"n_schools": int(shown["schools"].max())}))
    return tuple(said)


def change(
    answers: pd.DataFrame, first: str, second: str, *, threshold: int = FEWEST, level: float = 0.95
) -> pd.DataFrame:
    r"""Compare the answers of two years in the schools that answered in both.

    Parameters
    ----------
    answers : DataFrame, one row an answer
        Columns ``school``, ``year``, ``respondent``, ``statement``, ``answer`` (1 to 5).
    first, second : str
        The two years.
    threshold : int, default 5
        Statements with fewer respondents in a year are not shown.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a statement: ``statement``, ``n_first``, ``n_second``, ``schools``, ``hidden``, ``mean_first``,
        ``mean_second``, ``mean_change`` (points of the scale) with ``_lower`` and ``_upper``; ``agree_first``,
        ``agree_second``, ``agree_change`` (−1 to 1) with ``_lower`` and ``_upper``; ``p`` of the change of the mean and
        ``p_adjusted`` (Holm over statements). Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column or a year is missing, the years are the same, or answers, threshold or level are wrong.

    Notes
    -----
    A statement is compared in the schools that answered it in both years. Respondents of the two years cannot be
    linked, so they are independent; schools are the same. Variance: the larger
    of that of independent respondents (Welch) and that with schools as clusters,
    :math:`\frac{k}{k-1} \sum_s (d_{s2} - d_{s1})^2` with :math:`d_{st} = \sum_{i \in s} (y_i - \bar y_t) / n_t`, t on
    k − 1 degrees of freedom.

    Examples
    --------
    >>> rows = [(str(s), y, r, "a1", a + (y == "2021")) for s in range(3) for y in ("2019", "2021")
    ...         for r, a in enumerate([2, 3, 3, 4])]
    >>> answers = pd.DataFrame(rows, columns=["school", "year", "respondent", "statement", "answer"])
    >>> found = change(answers, "2019", "2021")
    >>> found[["n_first", "n_second", "mean_change", "agree_change"]].round(2).to_dict("records")
    [{'n_first': 12, 'n_second': 12, 'mean_change': 1.0, 'agree_change': 0.5}]
    """
    check_level(level)
    check_threshold(threshold)
    rows = read_answers(answers, ["year"])
    if first == second:
        raise MeasureError("The two years are the same: give two different ones.")
    for year in (first, second):
        if not (rows["year"] == year).any():
            raise MeasureError("There are no answers of the year {year}.", year=repr(year))
    times = [rows[rows["year"] == year] for year in (first, second)]
    common = set(times[0]["school"]) & set(times[1]["school"])
    left = sorted({*times[0]["school"], *times[1]["school"]} - common, key=str)
    both = rows[rows["school"].isin(common) & rows["year"].isin([first, second])]
    found = [
        {"statement": statement, **_changed(own, second, threshold, level)}
        for statement, own in both.groupby("statement", sort=True, observed=True)
    ]
    table = pd.DataFrame(found, columns=["statement", *_CHANGED])
    table["p_adjusted"] = adjusted(table["p"].to_numpy(dtype=np.float64), "holm")
    table.attrs["statements"] = _change_remarks(table, left, threshold)
    return table


_CHANGED = ["n_first", "n_second", "schools", "hidden", "mean_first", "mean_second", "mean_change",
            "mean_change_lower", "mean_change_upper", "agree_first", "agree_second", "agree_change",
            "agree_change_lower", "agree_change_upper", "p"]  # fmt: skip


def _changed(rows: pd.DataFrame, second: str, threshold: int, level: float) -> dict[str, object]:
    """Return the change of one statement, in the schools that answered it in both years."""
    rows = rows[rows.groupby("school", observed=True)["year"].transform("nunique") > 1]
    value, late = rows["answer"].to_numpy(dtype=np.float64), (rows["year"] == second).to_numpy(dtype=bool)
    school, names = as_codes(rows["school"])
    n = (int((~late).sum()), int(late.sum()))
    here: dict[str, object] = {"n_first": n[0], "n_second": n[1], "schools": len(names)}
    if min(n) < max(threshold, 2):
        return {**dict.fromkeys(_CHANGED, np.nan), **here, "hidden": True}
    here |= {"hidden": False}
    for name, values in (("mean", value), ("agree", (value >= AGREES).astype(float))):
        before, after = float(values[~late].mean()), float(values[late].mean())
        error, freedom = _error(values, late, school, len(names), level)
        half = float(stdtrit(freedom, (1 + level) / 2)) * error
        gap = after - before
        here |= {f"{name}_first": before, f"{name}_second": after, f"{name}_change": gap}
        here |= {f"{name}_change_lower": gap - half, f"{name}_change_upper": gap + half}
        if name == "mean":
            here["p"] = 2 * float(student.sf(abs(gap) / error, freedom)) if error > 0 else np.nan
    return here


def _error(values: Floats, late: np.ndarray, school: Codes, k: int, level: float) -> tuple[float, float]:
    """Return the standard error and degrees of freedom of the wider interval; NaN where all answers are equal."""
    sizes = [int((~late).sum()), int(late.sum())]
    parts = [float(values[side].var(ddof=1)) / n for side, n in zip((~late, late), sizes, strict=True)]
    welch = sum(parts)
    if welch <= 0:
        return np.nan, np.nan
    satterthwaite = welch**2 / sum(part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True))
    choices = [(welch**0.5, satterthwaite)]
    if k > 1:
        centred = np.where(late, values - values[late].mean(), values - values[~late].mean())
        pull = sum_by(school, centred * np.where(late, 1 / sizes[1], -1 / sizes[0]), k)
        choices.append(((k / (k - 1) * float(pull @ pull)) ** 0.5, k - 1.0))
    return max(choices, key=lambda each: each[0] * float(stdtrit(each[1], (1 + level) / 2)))


def _change_remarks(table: pd.DataFrame, left: Sequence[object], threshold: int) -> tuple[Statement, ...]:
    said = [Statement("survey_not_linked")]
    if left:
        said.append(Statement("survey_one_year_only", {"schools": named(left)}))
    if not len(table):
        return (*said, Statement("survey_no_answers"))
    hidden = int(table["hidden"].sum())
    if hidden:
        said.append(Statement("survey_hidden", {"n_groups": hidden, "of": len(table), "needed": int(threshold)}))
    if 1 < int(table["schools"].max()) < ENOUGH_SCHOOLS:
        said.append(Statement("survey_few_schools", {"n_schools": int(table["schools"].max())}))
    return tuple(said)
