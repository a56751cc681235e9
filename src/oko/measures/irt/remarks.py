"""What a fit says of itself: items left out, data too thin, parameters that must not be read as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from oko.measures.irt.estimate import NO_SPREAD, Estimate, Model
from oko.measures.irt.patterns import Patterns
from oko.measures.responses import Floats, Responses
from oko.measures.statement import Statement, named

FEWEST_PUPILS = {"rasch": 150, "1pl": 150, "pcm": 150, "2pl": 500, "gpcm": 500}
FEWEST_ITEMS = {"rasch": 2, "1pl": 2, "pcm": 2, "2pl": 3, "gpcm": 3}
STEEPEST = 8.0
MOST_POINTS = 1_000
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
    if np.array_equal(reached, reached.round()) and reached[-1] <= MOST_POINTS:
        points = tuple(str(value) for value in range(int(reached[-1]) + 1) if value not in reached)
        if points:
            yield Statement("irt_category_unreached", {"item": str(item), "points": points})


def _connected(administered: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> bool:
    """Tell whether one can get from any task to any other over sets of tasks that share one."""
    known = administered[0].copy()
    while True:
        wider = known | administered[(administered & known).any(axis=1)].any(axis=0)
        if (wider == known).all():
            return bool(known.all())
        known = wider


def without_spread(found: Estimate, model: Model, given: bool) -> bool:
    """Tell whether answers are so little connected that ability is estimated to be the same for all."""
    spread = float(found.discrimination[0] ** 2 * found.variance)
    return (model == "1pl" or (model in ("rasch", "pcm") and not given)) and spread < NO_SPREAD


def of_estimate(items: pd.Index, found: Estimate, model: Model, given: bool) -> Iterator[Statement]:
    """Say which parameters must not be read as they stand."""
    spread = float(np.sqrt(found.variance))
    if not found.maximum.converged:
        yield Statement("not_converged", {"gradient_norm": found.maximum.gradient_norm})
    if without_spread(found, model, given):
        yield Statement("irt_no_spread", {})
    padded = found.layout.padded(found.steps)
    down = np.asarray((np.diff(padded) * np.sign(found.discrimination)[:, None] < 0).any(axis=1))
    if down.any():
        yield Statement("irt_steps_disordered", {"items": named(items[down])})
    if model not in ("2pl", "gpcm"):
        return
    slopes, errors = found.discrimination, np.sqrt(np.diag(found.covariance))[: len(items)]
    steep = np.abs(slopes) * spread > STEEPEST
    negative = ~steep & (slopes + _NORMAL * errors < 0)
    flat = ~steep & ~negative & (np.abs(slopes) < _NORMAL * errors)
    if steep.any():
        yield Statement("irt_steep", {"items": named(items[steep])})
    if negative.any():
        yield Statement("irt_negative", {"items": named(items[negative])})
    if flat.any():
        yield Statement("irt_flat", {"items": named(items[flat])})
