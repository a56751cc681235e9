"""How much items and the test tell at each ability, and how reliable that makes them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.irt.calibration import Calibration
from oko.measures.irt.curves import spaced_nodes
from oko.measures.irt.posterior import central_moments
from oko.measures.responses import Floats

_STEP, _EXTENT = 0.02, 9.0
_OWN = ("test", "se")


def information(calibration: Calibration, theta: Floats | list[float]) -> pd.DataFrame:
    r"""Return the information of each item and of the test at each ability.

    Parameters
    ----------
    calibration : Calibration
    theta : ndarray of shape (abilities,)
        Finite, on the scale of ability.

    Returns
    -------
    DataFrame, index ``theta``
        A column for each item; ``test``, their sum; ``se``, the standard error of an ability estimated from all items,
        infinite where they tell nothing.

    Raises
    ------
    MeasureError
        An ability is not a number, or an item is called ``test`` or ``se``.

    Notes
    -----
    :math:`I_j = a_j^2 \operatorname{var}(X_j)`, X the number of the category (Muraki 1993, Applied Psychological
    Measurement 17, 351–363); the error is :math:`1 / \sqrt{\sum_j I_j}`.

    Examples
    --------
    >>> from oko.measures.irt.calibration import read_calibration
    >>> items = pd.DataFrame({"discrimination": [1.0, 2.0], "difficulty": [0.0, 0.0]}, index=["1", "2"])
    >>> known = read_calibration(items)
    >>> information(known, np.array([0.0])).to_dict("records")
    [{'1': 0.25, '2': 1.0, 'test': 1.25, 'se': 0.8944271909999159}]
    """
    try:
        at = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    except (TypeError, ValueError):
        at = np.array([np.nan])
    if at.ndim > 1:
        raise MeasureError("Abilities to tell the information at are given as one list, not as a table.")
    if not np.isfinite(at).all():
        raise MeasureError("An ability is not a number: give finite abilities to tell the information at.")
    clash = [item for item in calibration.items if item in _OWN]
    if clash:
        raise MeasureError(
            "An item is called {item}, as a column of the table of information is: rename the item.",
            item=repr(clash[0]),
        )
    items = _of_items(calibration, at)
    table = pd.DataFrame(items.T, index=pd.Index(at, name="theta"), columns=calibration.items.rename(None))
    test = items.sum(axis=0)
    return table.assign(test=test, se=np.divide(1, np.sqrt(test), out=np.full(len(at), np.inf), where=test > 0))


def _of_items(calibration: Calibration, theta: Floats) -> Floats:
    _, variance = central_moments(calibration.probabilities(theta))
    return calibration.discrimination[:, None] ** 2 * variance


def marginal_reliability(calibration: Calibration) -> float:
    r"""Return the reliability of abilities averaged over the population that the items are calibrated for.

    Parameters
    ----------
    calibration : Calibration
        With at least one item.

    Returns
    -------
    float
        0 to 1.

    Notes
    -----
    :math:`\int \frac{I(\theta)}{I(\theta) + 1/\sigma^2} \varphi(\theta; 0, \sigma^2)\,d\theta`, I the information of
    all items (Green, Bock, Humphreys, Linn & Reckase 1984, Journal of Educational Measurement 21, 347–360), on nodes
    fine enough for the steepest item.

    Examples
    --------
    >>> from oko.measures.irt.calibration import read_calibration
    >>> known = read_calibration(pd.DataFrame({"discrimination": [1.0] * 20, "difficulty": [0.0] * 20}))
    >>> round(marginal_reliability(known), 3)
    0.796
    """
    spread = float(np.sqrt(calibration.variance))
    steepest = float(np.abs(calibration.discrimination).max(initial=0.0)) * spread
    nodes = spaced_nodes(max(min(_STEP, 0.2 / max(steepest, 1e-9)), 1e-3), _EXTENT)
    test = _of_items(calibration, nodes.z * spread).sum(axis=0)
    return float(np.exp(nodes.log_probability) @ (test / (test + 1 / calibration.variance)))
