"""What may be said in the end: p of families of outcomes, and the rule of the final study."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from oko.errors import MeasureError
from oko.measures.impact.assignments import Randomisation
from oko.measures.impact.clusters import FEWEST_DF
from oko.measures.impact.differences import Differences
from oko.measures.multiplicity import adjusted
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

FEWEST_IN_GROUP = 5


def adjusted_families(p: pd.Series, family: ArrayLike | None = None, primary: Hashable | None = None) -> pd.DataFrame:
    """Adjust p of many outcomes: Holm within families, the rest by Benjamini and Hochberg as exploratory.

    Parameters
    ----------
    p : Series, index outcome
        0 to 1; NaN where there is no test.
    family : array_like of shape (outcomes,), optional
        Family of each outcome, e.g. its subject; missing for what was not planned. Without it all are exploratory.
    primary : label of ``p``, optional
        The one outcome named beforehand: its p stands as it is, and it belongs to no family.

    Returns
    -------
    DataFrame, index as ``p``
        ``p``, ``family``, ``role`` ("primary", "family", "exploratory"), ``p_adjusted``, ``adjust`` ("none", "holm",
        "bh"). ``attrs["statements"]``: ``impact_exploratory`` where there is any.

    Raises
    ------
    MeasureError
        An outcome stands twice, p is no probability, or the primary outcome is not among the outcomes.

    Notes
    -----
    Holm (1979, Scandinavian Journal of Statistics 6, 65–70); Benjamini & Hochberg (1995, JRSS B 57, 289–300).

    Examples
    --------
    >>> p = pd.Series([0.03, 0.01, 0.04, 0.2], ["maths", "maths 5", "maths 6", "other"])
    >>> adjusted_families(p, ["maths", "maths", "maths", None], "maths")["p_adjusted"].tolist()
    [0.03, 0.02, 0.04, 0.2]
    """
    values = as_numbers(p, "p")
    if not p.index.is_unique:
        raise MeasureError("An outcome stands twice: give each outcome one p.")
    if not (np.isnan(values) | ((values >= 0) & (values <= 1))).all():
        raise MeasureError("There is a p outside 0 to 1: give probabilities.")
    if family is not None and np.shape(family) != values.shape:
        raise MeasureError("Give one family for each of {n} outcomes.", n=len(values))
    if primary is not None and primary not in p.index:
        raise MeasureError("The primary outcome {outcome} is not among the outcomes.", outcome=repr(primary))
    families = pd.Series(
        [None] * len(p) if family is None else list(np.asarray(family, dtype=object)), p.index, dtype=object
    )
    role = np.where(families.notna(), "family", "exploratory").astype(object)
    role[p.index == primary] = "primary" if primary is not None else role[p.index == primary]
    result = values.copy()
    for name in families[role == "family"].unique():
        members = (role == "family") & (families == name).to_numpy()
        result[members] = adjusted(values[members], "holm")
    rest = role == "exploratory"
    result[rest] = adjusted(values[rest], "bh")
    by = pd.Series(role, p.index).map({"primary": "none", "family": "holm", "exploratory": "bh"})
    frame = pd.DataFrame({"p": values, "family": families, "role": role, "p_adjusted": result, "adjust": by}, p.index)
    n = int((rest & ~np.isnan(values)).sum())
    frame.attrs["statements"] = (Statement("impact_exploratory", {"n": n}),) if n else ()
    return frame


@dataclass(frozen=True)
class Conclusion:
    """What the final study may say of its primary outcome.

    Attributes
    ----------
    code : {"consistent_with_effect", "cannot_rule_out_zero", "not_enough_information"}
    claims : bool
        Only the first of them is a claim.
    statements : tuple of Statement
        The sentence of the code, and why.
    """

    code: str
    claims: bool
    statements: tuple[Statement, ...]


def conclusion(
    did: Differences,
    randomisation: Randomisation,
    alpha: float = 0.05,
    needed: int = FEWEST_IN_GROUP,
    primary: bool = True,
) -> Conclusion:
    """Decide by the rule of the final study what the evidence allows to say.

    Parameters
    ----------
    did : Differences
        Of the outcome named beforehand.
    randomisation : Randomisation
        Of the same, two-sided.
    alpha : float, default 0.05
    needed : int, default 5
        Schools that each group must have.
    primary : bool, default True
        The outcome is the one named in the protocol; for any other no claim is made.

    Returns
    -------
    Conclusion
        "consistent_with_effect" where both p are below ``alpha``, the degrees of freedom are at least 5 and each group
        has ``needed`` schools; "not_enough_information" where one of the numbers or schools lacks;
        "cannot_rule_out_zero" otherwise. Statements: ``impact_consistent_with_effect``,
        ``impact_cannot_rule_out_zero``, ``impact_not_enough``, ``impact_not_primary``.

    Raises
    ------
    MeasureError
        ``alpha`` is not between 0 and 1, or the test is one-sided.

    Examples
    --------
    >>> from oko.measures.impact import difference_in_differences
    >>> rows = [(s, t, s < 7, 0.1 * ((s * 5) % 7) + 0.1 * t * (s % 4) + 0.9 * t * (s < 7))
    ...         for s in range(25) for t in (0, 1)]
    >>> found = difference_in_differences(
    ...     pd.DataFrame(rows, columns=["school", "period", "treated", "score"]), "score")
    >>> conclusion(found, found.randomisation()).code
    'consistent_with_effect'
    """
    if not 0 < alpha < 1:
        raise MeasureError("{name} = {value} is not between 0 and 1.", name="alpha", value=alpha)
    if randomisation.alternative != "two-sided":
        raise MeasureError("The rule needs a two-sided test: give the randomisation with alternative two-sided.")
    numbers = {"p": did.p, "p_randomisation": randomisation.p, "df": did.df, "alpha": alpha}
    bounds = {"estimate": did.estimate, "lower": did.lower, "upper": did.upper, "level": did.level}
    counted = {"n_treated": did.n_treated, "n_comparison": did.n_comparison}
    enough = min(did.n_treated, did.n_comparison) >= needed and did.df >= FEWEST_DF
    # a test that could not reach alpha under any data cannot tell either
    if not enough or not np.isfinite([did.p, randomisation.p]).all() or randomisation.smallest_p >= alpha:
        said = Statement("impact_not_enough", {**counted, "needed": needed, "df": did.df, "needed_df": FEWEST_DF})
        return Conclusion("not_enough_information", False, (said,))
    if primary and did.p < alpha and randomisation.p < alpha:
        said = Statement("impact_consistent_with_effect", {**bounds, **numbers, **counted})
        return Conclusion("consistent_with_effect", True, (said,))
    said = Statement("impact_cannot_rule_out_zero", {**bounds, **numbers, **counted})
    if not primary and did.p < alpha and randomisation.p < alpha:
        return Conclusion("cannot_rule_out_zero", False, (Statement("impact_not_primary", {**bounds, **numbers}),))
    return Conclusion("cannot_rule_out_zero", False, (said,))
