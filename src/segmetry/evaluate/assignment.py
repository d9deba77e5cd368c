"""One-to-one pairs of the greatest number and, among those, the least total cost."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import (
    connected_components,
    min_weight_full_bipartite_matching,
)

__all__ = ["assign"]

_TOGETHER = 500  # pairs solved in one go: each go has its price, and so has each row of it


def assign(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    cost: NDArray[np.floating],
) -> NDArray[np.bool_]:
    """Say which of the allowed pairs belong to the best one-to-one assignment.

    Parameters
    ----------
    first, second : ndarray of integers from 0, shape (n_pairs,)
        The two members of each allowed pair; no pair twice.
    cost : ndarray of float, shape (n_pairs,)
        From 0 up.

    Returns
    -------
    ndarray of bool, shape (n_pairs,)
        Pairs of which no two share a member: as many as possible and, among the choices
        of that number, one of the least total cost. The same input gives the same choice.

    Notes
    -----
    Time and memory grow with the allowed pairs, not with the product of both sides.

    References
    ----------
    R. Jonker, A. Volgenant, Computing 38, 1987. doi:10.1007/BF02278710

    Examples
    --------
    >>> assign(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([1.0, 2.0, 9.0])).tolist()
    [False, True, True]
    """
    chosen = _alone(first) & _alone(second)
    contested = np.flatnonzero(~chosen)
    for part in _independent(first[contested], second[contested]):
        pairs = contested[part]
        chosen[pairs] = _cheapest(first[pairs], second[pairs], cost[pairs])
    return chosen


def _alone(members: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return where a member has one allowed pair only."""
    _, place, times = np.unique(members, return_inverse=True, return_counts=True)
    return np.asarray(times[place] == 1)


def _independent(
    first: NDArray[np.integer], second: NDArray[np.integer]
) -> list[NDArray[np.intp]]:
    """Return groups of pairs that share no member with pairs of another group."""
    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    n = rows.size + columns.size
    links = csr_array((np.ones(row.size, np.int8), (row, rows.size + column)), shape=(n, n))
    component = connected_components(links, directed=False)[1][row]
    order = np.argsort(component, kind="stable")
    begun = np.flatnonzero(np.diff(component[order], prepend=-1))
    # Whole components, as many as make up about so many pairs.
    cuts = begun[np.flatnonzero(np.diff(begun // _TOGETHER)) + 1]
    return [part for part in np.split(order, cuts) if part.size]


def _cheapest(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    cost: NDArray[np.floating],
) -> NDArray[np.bool_]:
    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    # Each row may also stay alone, in a column of its own at a price that no detour
    # through real pairs reaches: so as few rows as possible do. Real pairs cost 1 to 2,
    # since a cost of 0 would be no entry of a sparse array.
    greatest = cost.max()
    real = 1 + (cost / greatest if greatest > 0 else cost)
    alone = np.full(rows.size, 2.0 * (min(rows.size, columns.size) + 1))
    own = np.arange(rows.size)
    costs = csr_array(
        (
            np.concatenate([real, alone]),
            (np.concatenate([row, own]), np.concatenate([column, columns.size + own])),
        ),
        shape=(rows.size, columns.size + rows.size),
    )
    _, partner = min_weight_full_bipartite_matching(costs)
    return np.asarray(partner[row] == column)
