"""Item response theory against the Python packages mirt and girth, both within 1e-4 of the greatest log likelihood."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from bench_case import Case

from oko.measures import irt
from oko.measures.irt.curves import layout_of, spaced_nodes
from oko.measures.irt.likelihood import marginal, prepare
from oko.measures.irt.patterns import collapse, levels_of
from oko.measures.responses import read_responses

Pair = tuple[np.ndarray, np.ndarray]


def irt_cases() -> list[Case]:
    """Return the rows; those of packages that are not installed are left out and said."""
    rows = [_against(name, n) for n in (10_000, 100_000) for name in ("mirt", "girth") if _is_there(name)]
    patterns = Case(
        "irt.fit, 2PL, by patterns, with standard errors",
        "1,500,000 pupils × 15 items",
        "lower bound: answers packed into one number, distinct ones counted by pandas",
        "patterns",
        partial(simulate_answers, 1_500_000, 15),
        lambda data: irt.fit(data, "2pl").n_patterns,
        lambda data: len(pd.unique(data.to_numpy() @ 2.0 ** np.arange(data.shape[1]))),
    )
    return [*rows, patterns]


def _is_there(name: str) -> bool:
    found = find_spec(name) is not None
    if not found:
        print(f"{name} is not installed: its rows are left out (scripts/environment.py --extra peers)", flush=True)
    return found


SETTINGS = {
    "mirt": "31 nodes, tol 1e-6, SQUAREM, no standard errors",
    "girth": "twopl_mml, 61 nodes, its tightest stop",
}
FITS: dict[str, Callable[[pd.DataFrame], Pair]] = {"mirt": lambda data: _mirt(data), "girth": lambda data: _girth(data)}


def _against(name: str, n: int) -> Case:
    return Case(
        "irt.fit, 2PL, with standard errors",
        f"{n:,} pupils × 30 items",
        f"{name} ({SETTINGS[name]})",
        "log likelihood, ours less its",
        partial(simulate_answers, n, 30),
        _ours,
        FITS[name],
        value=_log_likelihood,
        compared=lambda ours, its: f"{ours - its:.1e}",
    )


def simulate_answers(n: int, items: int) -> pd.DataFrame:
    """Return answers of a two-parameter model: log slopes N(0, 0.3), difficulties and abilities N(0, 1)."""
    rng = np.random.default_rng(20261127)
    slope, difficulty = np.exp(0.3 * rng.normal(size=items)), rng.normal(size=items)
    logits = slope * (rng.normal(size=n)[:, None] - difficulty)
    return pd.DataFrame((rng.random((n, items)) < 1 / (1 + np.exp(-logits))).astype(np.float64))


def _ours(data: pd.DataFrame) -> Pair:
    items = irt.fit(data, "2pl").items
    return items["discrimination"].to_numpy(), items["difficulty"].to_numpy()


def _mirt(data: pd.DataFrame) -> Pair:
    import mirt

    found = mirt.fit_mirt(
        data.to_numpy(dtype=int), n_quadpts=31, tol=1e-6, max_iter=2_000, accelerate="squarem",
        compute_standard_errors=False,
    )  # fmt: skip
    return tuple(np.ravel(found.model.parameters[name]) for name in ("discrimination", "difficulty"))  # type: ignore[return-value]


def _girth(data: pd.DataFrame) -> Pair:
    import girth

    found = girth.twopl_mml(data.to_numpy(dtype=int).T, {"quadrature_n": 61, "max_iteration": 500})
    return found["Discrimination"], found["Difficulty"]


def _log_likelihood(found: Any, data: pd.DataFrame) -> float:
    """Return the log likelihood of a side's parameters on nodes finer than either side used."""
    slope, difficulty = found
    read = read_responses(data)
    layout = layout_of(np.ones(data.shape[1], dtype=np.int64))
    counted = prepare(collapse(read, levels_of(read)), layout)
    return marginal(counted, np.concatenate([slope, -slope * difficulty]), spaced_nodes(0.1, 9.0)).loglik
