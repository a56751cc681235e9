"""What a fit says of itself: items left out, data too thin, parameters that must not be read as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from oko.measures.irt.estimate import Estimate, Model
from oko.measures.irt.patterns import Patterns
from oko.measures.responses import Floats, Responses
from oko.measures.statement import Statement

FEWEST_PUPILS = {"rasch": 150, "1pl": 150, "pcm": 150, "2pl": 500, "gpcm": 500}
FEWEST_ITEMS = {"rasch": 2, "1pl": 2, "pcm": 2, "2pl": 3, "gpcm": 3}
STEEPEST = 8.0
_NORMAL = 1.96


def of_data(responses: Responses, levels: Sequence[Floats], patterns: Patterns, model: Model) -> Iterator[Statement]:
    """Say what the data lack: tasks, categories, pupils."""
    n = float(patterns.weights.sum())
    for item, reached in zip(responses.items, levels, strict=True):
        if len(reached) == 0:
            yield Statement("irt_not_taken", {"item": str(item)})
        elif len(reached) == 1:
            yield Statement("irt_same_points", {"item": str(item), "points": float(reached[0])})
        else:
            yield from _unreached(item, reached)
    alone = float(responses.weights[patterns.of_pupil < 0].sum())
    if alone:
        yield Statement("irt_no_answers", {"n": alone})
    if n and not patterns.administered.all():
        given = float(patterns.weights @ patterns.administered.mean(axis=1)[patterns.group])
        yield Statement("irt_missing", {"share": 1 - given / n, "sets": len(patterns.administered)})
        if not _connected(patterns.administered):
            yield Statement("irt_unlinked", {})
    if 0 < n < FEWEST_PUPILS[model]:
        yield Statement("irt_few_pupils", {"n": n, "needed": FEWEST_PUPILS[model]})


def _unreached(item: object, reached: Floats) -> Iterator[Statement]:
    if np.array_equal(reached, reached.round()):
        for points in sorted(set(range(int(reached[-1]) + 1)) - set(reached.astype(int).tolist())):
            yield Statement("irt_category_unreached", {"item": str(item), "points": points})


def _connected(administered: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> bool:
    """Tell whether one can get from any task to any other over sets of tasks that share one."""
    known = administered[0].copy()
    while True:
        wider = known | administered[(administered & known).any(axis=1)].any(axis=0)
        if (wider == known).all():
            return bool(known.all())
        known = wider


def of_estimate(items: pd.Index, found: Estimate, freed: bool) -> Iterator[Statement]:
    """Say which parameters must not be read as they stand."""
    spread = float(np.sqrt(found.variance))
    if not found.maximum.converged:
        yield Statement("not_converged", {"gradient_norm": found.maximum.gradient_norm})
    if found.variance < 1e-4:
        yield Statement("irt_no_spread", {})
    padded = found.layout.padded(found.steps)
    disordered = [str(item) for item, steps in zip(items, padded, strict=True) if (np.diff(steps) < 0).any()]
    if disordered:
        yield Statement("irt_steps_disordered", {"items": ", ".join(disordered), "n": len(disordered)})
    if not freed:
        return
    errors = np.sqrt(np.diag(found.covariance))[: len(items)]
    for item, slope, error in zip(items, found.discrimination, errors, strict=True):
        if abs(slope) * spread > STEEPEST:
            yield Statement("irt_steep", {"item": str(item), "discrimination": float(slope)})
        elif slope + _NORMAL * error < 0:
            yield Statement("irt_negative", {"item": str(item), "discrimination": float(slope)})
        elif abs(slope) < _NORMAL * error:
            yield Statement("irt_flat", {"item": str(item), "discrimination": float(slope)})
