"""Percentile ranks of scores and the way back, with each whole score spread over one point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.measures.equating.frequencies import Frequencies
from oko.measures.responses import Floats
from oko.measures.weights import Codes

_SAME = 1e-12  # sums of the same shares in another order differ by a few units of the last place


@dataclass(frozen=True)
class RankCurve:
    r"""Percentile ranks of continuous scores: pupils with score k are spread evenly over k − ½ to k + ½.

    Attributes
    ----------
    edges : ndarray of shape (scores + 1,)
        From the lowest score − ½ to the highest + ½.
    cumulative : ndarray of shape (scores + 1,)
        Share of pupils below each edge, from 0 to 1.

    Notes
    -----
    Kolen & Brennan (2004), Test Equating, Scaling, and Linking, section 2.5: P(x) is linear between edges. Where a
    percentile rank is met over a whole stretch (scores that nobody reached), the way back is the middle of the stretch,
    and at ranks 0 and 1 the ends of the scale; R's ``equate`` has the same convention. Hence the lowest scores,
    if nobody reached them, go to the lowest end of the other scale.

    Examples
    --------
    >>> curve = rank_curve(Frequencies(np.arange(3.0), np.array([1.0, 0.0, 1.0])))
    >>> curve.ranks(np.array([0.0, 1.0, 2.0])).tolist(), curve.scores_at(np.array([0.0, 0.25, 0.5])).tolist()
    ([0.25, 0.5, 0.75], [-0.5, 0.0, 1.0])
    """

    edges: Floats
    cumulative: Floats

    def ranks(self, scores: Floats) -> Floats:
        """Return the percentile ranks (0 to 1) of continuous scores."""
        return np.interp(scores, self.edges, self.cumulative)

    def scores_at(self, ranks: Floats) -> Floats:
        """Return the continuous scores that have given percentile ranks."""
        last = len(self.cumulative) - 2
        below = np.searchsorted(self.cumulative, ranks - _SAME, side="left") - 1
        upto = np.searchsorted(self.cumulative, ranks + _SAME, side="right") - 1
        lower, upper = (self._within(np.clip(cell, 0, last), ranks) for cell in (below, upto))
        ends = np.where(ranks <= _SAME, self.edges[0], self.edges[-1])
        return np.where((ranks <= _SAME) | (ranks >= 1 - _SAME), ends, (lower + upper) / 2)

    def _within(self, cell: Codes, ranks: Floats) -> Floats:
        share = np.diff(self.cumulative)[cell]
        part = (ranks - self.cumulative[cell]) / np.where(share > 0, share, 1.0)
        inside: Floats = self.edges[cell] + np.where(share > 0, np.clip(part, 0.0, 1.0), 0.0)
        return inside

    def densities(self, scores: Floats) -> Floats:
        """Return the share of pupils in the cell of each continuous score; 0 where nobody is there."""
        cell = np.clip(np.floor(scores - self.edges[0]).astype(np.int64), 0, len(self.edges) - 2)
        shares: Floats = np.diff(self.cumulative)[cell]
        return shares

    def cell_shares(self, scores: Floats) -> Floats:
        """Return, for each score, the part of each cell that lies below it (scores × cells)."""
        return np.clip(np.asarray(scores)[:, None] - self.edges[None, :-1], 0.0, 1.0)


def rank_curve(form: Frequencies) -> RankCurve:
    """Return the curve of percentile ranks of a form."""
    edges = np.append(form.scores - 0.5, form.scores[-1] + 0.5)
    cumulative = np.append(0.0, np.cumsum(form.shares))
    cumulative[-1] = 1.0
    return RankCurve(edges, np.minimum(cumulative, 1.0))
