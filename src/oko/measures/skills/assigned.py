"""Which task asks for which skill, and who says so: experts, the passport of the task, or a list to begin with."""

from __future__ import annotations

import pandas as pd

from oko.measures.raters import expert_agreement

KEYS = ["assessment", "item", "skill"]
ORIGINS = ("experts", "passport", "initial")


def assigned(initial: pd.DataFrame, passports: pd.DataFrame, judgements: pd.DataFrame) -> pd.DataFrame:
    """Return the skills of tasks: for each work from the best source there is.

    Parameters
    ----------
    initial : DataFrame
        assessment, item, skill: a list to begin with.
    passports : DataFrame
        instrument, item, skill: what the authors of a task say.
    judgements : DataFrame
        instrument, expert, item, skill, weight: the register ``skills``.

    Returns
    -------
    DataFrame
        assessment, item, skill, origin: "experts" (agreed by more than half of them), "passport" where no expert judged
        the work, "initial" where nobody did.

    Raises
    ------
    MeasureError
        A judgement is wrong (`raters.expert_agreement`).

    Examples
    --------
    >>> rows = pd.DataFrame({"assessment": ["w"], "item": ["1"], "skill": ["charts"]})
    >>> nothing = pd.DataFrame(columns=["instrument", "expert", "item", "skill", "weight"])
    >>> assigned(rows, nothing, nothing)["origin"].tolist()
    ['initial']
    """
    sources = (_agreed(judgements), passports.rename(columns={"instrument": "assessment"}).dropna(subset="skill"))
    kept = [pd.DataFrame(columns=[*KEYS, "origin"], dtype="str")]
    told: set[str] = set()
    for origin, rows in zip(ORIGINS, (*sources, initial), strict=True):
        new = rows.loc[~rows["assessment"].isin(told), KEYS].drop_duplicates()
        kept.append(new.astype("str").assign(origin=origin))
        told |= set(rows["assessment"])
    return pd.concat(kept, ignore_index=True).sort_values(KEYS, kind="stable", ignore_index=True)


def _agreed(judgements: pd.DataFrame) -> pd.DataFrame:
    found = [pd.DataFrame(columns=KEYS)]
    for instrument, rows in judgements.dropna(subset="weight").groupby("instrument", sort=True):
        cells = expert_agreement(rows[["expert", "item", "skill", "weight"]]).cells.reset_index()
        found.append(cells.loc[cells["needed"] == 1, ["item", "skill"]].assign(assessment=str(instrument)))
    return pd.concat(found, ignore_index=True)
