"""One shown row by itself: which numbers of pupils its shares, bounds and intervals leave possible."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from security.attack.releases import Row, ends

Z2 = float(ndtri(0.975)) ** 2
SETS = {
    "share_2": (2,),
    "share_3": (3,),
    "share_4": (4,),
    "share_5": (5,),
    "pass_rate": (3, 4, 5),
    "quality": (4, 5),
}
MOST_SETS = 200_000
POINTS = {2: 16.0, 3: 36.0, 4: 64.0, 5: 100.0}


def told(row: Row, column: str, slack: dict[str, float]) -> tuple[float, float]:
    """Return between which ends a share was, as its cell tells: a number, a bound or nothing."""
    value = row.get(column)
    if value is None or pd.isna(value):
        return 0.0, 1.0
    low, high = ends(float(value), slack[column])
    if column in str(row.get("bounded") or "").split():
        return (0.0, high) if value < 0.5 else (low, 1.0)
    return max(low, 0.0), min(high, 1.0)


def possible(row: Row, column: str, slack: dict[str, float]) -> tuple[int, int]:
    """Return the least and the greatest number of pupils behind a share of a shown row, its interval used too.

    Notes
    -----
    Wilson's bounds L and U of p at a size m satisfy (p − L)² = z² L (1 − L) / m and (U − p)² = z² U (1 − U) / m. The size
    is n where the pupils are of one class, and no more than n otherwise.
    """
    n = round(float(row["n"]))
    low, high = told(row, column, slack)
    counts = np.arange(n + 1)
    share = counts / n
    fits = (share >= low - 1e-9) & (share <= high + 1e-9)
    sizes = [_sizes(share, row.get(f"{column}_{end}"), slack.get(f"{column}_{end}", 0.0)) for end in ("lower", "upper")]
    least = np.maximum.reduce([size[0] for size in sizes])
    most = np.minimum.reduce([size[1] for size in sizes])
    alone = row.get("interval") == "wilson"
    fits &= (least <= most * (1 + 1e-6)) & (least <= n * (1 + 1e-6)) & ((most >= n * (1 - 1e-6)) | (not alone))
    if not fits.any():
        return 0, n
    return int(counts[fits][0]), int(counts[fits][-1])


def _sizes(share: np.ndarray, bound: object, slack: float) -> tuple[np.ndarray, np.ndarray]:
    """Return between which sizes Wilson's bound of each share is the one shown; anything where it is not shown."""
    everything = np.zeros(len(share)), np.full(len(share), np.inf)
    if bound is None or pd.isna(bound):
        return everything
    low, high = ends(float(bound), slack)  # type: ignore[arg-type]
    if low <= 0 or high >= 1:
        return everything
    found = []
    for end in (low, high):
        with np.errstate(divide="ignore"):
            found.append(Z2 * end * (1 - end) / np.square(share - end))
    inside = (share >= low) & (share <= high)
    return np.minimum(*found), np.where(inside, np.inf, np.maximum(*found))


def together(row: Row, slack: dict[str, float]) -> np.ndarray | None:
    """Return every set of whole numbers of marks 2, 3, 4, 5 that a shown row leaves possible; None if they are many.

    Notes
    -----
    Numbers of pupils are whole, which a linear programme does not know: the degree of learning and the quality together
    tell 9·n5 − 5·n2, and with it n2 to a multiple of nine.
    """
    n = round(float(row["n"]))
    ranges = [possible(row, f"share_{mark}", slack) for mark in (2, 3, 4, 5)]
    size = [high - low + 1 for low, high in ranges]
    left_out = int(np.argmax(size))
    if np.prod([length for place, length in enumerate(size) if place != left_out], dtype=float) > MOST_SETS:
        return None
    axes = [np.arange(low, high + 1) for place, (low, high) in enumerate(ranges) if place != left_out]
    tried = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    sets = np.insert(tried, left_out, n - tried.sum(axis=1), axis=1)
    fits = (sets[:, left_out] >= ranges[left_out][0]) & (sets[:, left_out] <= ranges[left_out][1])
    for column in ("pass_rate", "quality"):
        low, high = possible(row, column, slack)
        number = sets[:, [mark - 2 for mark in SETS[column]]].sum(axis=1)
        fits &= (number >= low) & (number <= high)
    for power, low, high in sums_of_points(row, slack):
        number = sets @ np.array(list(POINTS.values())) ** power
        fits &= (number >= low - 1e-6) & (number <= high + 1e-6)
    return sets[fits]


def sums_of_points(row: Row, slack: dict[str, float]) -> list[tuple[int, float, float]]:
    """Return what the degree of learning and its t interval tell of the sum of points (power 1) and of squares (2)."""
    value, lower, upper = (row.get(name, np.nan) for name in ("sou", "sou_lower", "sou_upper"))
    if pd.isna(value):
        return []
    n, (least, most) = float(row["n"]), ends(float(value), slack["sou"])
    found = [(1, n * least, n * most)]
    if POINTS[2] + 0.5 < lower and upper < POINTS[5] - 0.5 and upper > lower:
        error = ends(upper, slack["sou_upper"])[1] - upper
        t = float(stdtrit(n - 1, 0.975))
        squares = [n * (n - 1) * (((upper - lower) / 2 + sign * error) / t) ** 2 for sign in (-1, 1)]
        low = squares[0] + n * least**2 if row.get("interval") == "wilson" else 0.0
        found.append((2, low, squares[1] + n * most**2))
    return found
