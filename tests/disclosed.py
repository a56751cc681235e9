"""Tables made for the tests of disclosure, and an attack written apart from the module's own engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

SHARES = ["share_2", "share_3", "share_4", "share_5"]
INDICATORS = {
    "pass_rate": {"share_3": 1.0, "share_4": 1.0, "share_5": 1.0},
    "quality": {"share_4": 1.0, "share_5": 1.0},
    "sou": {"share_2": 16.0, "share_3": 36.0, "share_4": 64.0, "share_5": 100.0},
}


def parts(counts: list[int]) -> pd.DataFrame:
    schools = [f"s{place}" for place in range(len(counts))]
    rows = {"school": ["", *schools], "n": [sum(counts), *counts], "quality": [0.5] * (len(counts) + 1)}
    return pd.DataFrame(rows)


def marks(counts: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    """Numbers of pupils with marks 2 to 5 by school, and the whole."""
    table = np.array([np.sum(list(counts.values()), axis=0), *counts.values()])
    n = table.sum(axis=1)
    frame = pd.DataFrame(table / n[:, None], columns=SHARES)
    for name, weights in INDICATORS.items():
        frame[name] = sum(frame[share] * weight for share, weight in weights.items())
    return frame.assign(school=["", *counts], n=n)


def hierarchy(seed: int, levels: int, schools: int = 3) -> tuple[pd.DataFrame, list[str]]:
    """Return kinds, schools and classes with their totals: numbers of pupils, one facility and one mean from 2 to 5."""
    rng = np.random.default_rng(seed)
    rows = []
    for kind in ("k1", "k2") if levels > 1 else ("k1",):
        for school in range(rng.integers(2, schools + 1)):
            for room in range(rng.integers(1, 3) if levels > 2 else 1):
                n = int(
                    rng.choice(
                        [0, rng.integers(1, 10), rng.integers(10, 40), rng.integers(20, 150)], p=[0.1, 0.2, 0.3, 0.4]
                    )
                )
                rows.append(
                    (
                        kind,
                        f"{kind}s{school}",
                        f"c{room}",
                        n,
                        rng.binomial(n, rng.choice([0.02, 0.4, 0.8])),
                        rng.integers(2, 6, n).sum(),
                    )
                )
    cells = pd.DataFrame(rows, columns=["kind", "school", "class", "n", "right", "points"])
    nested = {1: ["school"], 2: ["kind", "school"], 3: ["kind", "school", "class"]}[levels]
    tables = []
    for depth in range(len(nested) + 1):
        by = nested[:depth]
        sums = (
            cells.groupby(by)[["n", "right", "points"]].sum().reset_index()
            if by
            else cells[["n", "right", "points"]].sum().to_frame().T
        )
        tables.append(sums)
    frame = pd.concat(tables, ignore_index=True).fillna(dict.fromkeys(nested, ""))
    pupils = frame["n"].astype(float).where(frame["n"] > 0)
    frame = frame.assign(facility=frame["right"] / pupils, mean=frame["points"].astype(float) / pupils)
    return frame.assign(n=frame["n"].astype("int64"))[[*nested, "n", "facility", "mean"]], nested


def attack(frame: pd.DataFrame, nested: list[str], column: str, n: pd.Series, low: float, high: float) -> pd.DataFrame:
    """Find by integer programming what each missing number can be, from a released frame of a hierarchy.

    Counts (column "n") or pupils times value; ``n`` are the true numbers of pupils, which the attacker may know.
    """
    rows = frame.index[n > 0] if column != "n" else frame.index[(frame["n"] != 0).to_numpy()]
    place = {row: number for number, row in enumerate(rows)}
    bounded = frame["bounded"].str.split().map(lambda names: column in names)
    bounds = np.zeros((len(rows), 2))
    for row in rows:
        value = frame.loc[row, column]
        if column == "n":
            bounds[place[row]] = (1, 1e6) if pd.isna(value) else (value, value)
        elif bounded[row]:
            width = min(value, 1 - value) * n[row]
            bounds[place[row]] = (
                (0, np.floor(width + 1e-9)) if value < 0.5 else (np.ceil(n[row] - width - 1e-9), n[row])
            )
        else:
            bounds[place[row]] = (low * n[row], high * n[row]) if pd.isna(value) else np.round(value * n[row]).repeat(2)
    equations = []
    for depth, name in enumerate(nested):
        for parent in rows[(frame.loc[rows, nested[depth:]] == "").all(axis=1)]:
            alike = (frame.loc[rows, nested[:depth]] == frame.loc[parent, nested[:depth]]).all(axis=1)
            children = rows[
                alike & (frame.loc[rows, name] != "") & (frame.loc[rows, nested[depth + 1 :]] == "").all(axis=1)
            ]
            if len(children) and (depth == 0 or (frame.loc[parent, nested[:depth]] != "").all()):
                line = np.zeros(len(rows))
                line[[place[child] for child in children]], line[place[parent]] = 1, -1
                equations.append(line)
    found = {}
    for row in rows[[pd.isna(frame.loc[row, column]) or bool(bounded[row]) for row in rows]]:
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(rows))
            goal[place[row]] = sign
            tied = LinearConstraint(np.array(equations).reshape(-1, len(rows)), 0, 0)
            solved = milp(goal, constraints=tied, bounds=Bounds(bounds[:, 0], bounds[:, 1]), integrality=1)
            assert solved.success, (column, row)
            ends.append(sign * solved.fun)
        found[row] = ends
    return pd.DataFrame.from_dict(found, orient="index", columns=["lower", "upper"])
