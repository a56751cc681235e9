"""The agreed matrix that says which task asks for which skill."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.responses import Floats
from oko.measures.weights import as_numbers


def read_matrix(matrix: pd.DataFrame, items: pd.Index) -> Floats:
    """Return by how much each item belongs to each skill, once it is known to be a matrix of the two.

    Parameters
    ----------
    matrix : DataFrame, items × skills
        True and False, or 0 to 1; its index holds items of the table of points, each once.
    items : Index
        Items of the table of points.

    Returns
    -------
    ndarray of shape (items, skills)
        0 for an item that the matrix does not hold.

    Raises
    ------
    MeasureError
        The matrix is no frame, has no skill, names an item or a skill twice or an item that has no points, or holds
        something other than 0 to 1.

    Examples
    --------
    >>> read_matrix(pd.DataFrame({"reading": [1]}, index=["2"]), pd.Index(["1", "2"])).tolist()
    [[0.0], [1.0]]
    """
    if not isinstance(matrix, pd.DataFrame) or matrix.shape[1] == 0:
        raise MeasureError(
            "There is no matrix of items and skills: give a table with items as rows, skills as columns."
        )
    if not matrix.index.is_unique:
        twice = matrix.index[matrix.index.duplicated()][0]
        raise MeasureError("Item {item} stands twice in the matrix of skills: give each item once.", item=repr(twice))
    if not matrix.columns.is_unique:
        twice = matrix.columns[matrix.columns.duplicated()][0]
        raise MeasureError("Skill {skill} stands twice in the matrix: give each skill once.", skill=repr(twice))
    strange = matrix.index.difference(items, sort=False)
    if len(strange):
        raise MeasureError(
            "Item {item} of the matrix of skills has no points in the table: correct the name, or take the row out.",
            item=repr(strange[0]),
        )
    belonging = np.column_stack([as_numbers(matrix[skill], str(skill)) for skill in matrix])
    wrong = ~((belonging >= 0) & (belonging <= 1))
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        raise MeasureError(
            "The matrix of skills holds {value} for item {item} and skill {skill}: give 0, 1 or an agreed weight "
            "between them.",
            value=float(belonging[row, column]),
            item=repr(matrix.index[row]),
            skill=repr(matrix.columns[column]),
        )
    whole = np.zeros((len(items), matrix.shape[1]))
    whole[items.get_indexer(matrix.index)] = belonging
    return whole
