"""Decision trees as flat arrays, and running them over many pixels.

Trees of scikit-learn and of LightGBM become the same few arrays, which a model file can
hold and anyone can read; one compiled loop runs both, and its answers are those of the
libraries. Each node whose question a pixel answers with "above" rules out the leaves on
its left, one bit each; the first leaf that no node ruled out is the pixel's [1]_. So a
processor asks one question of many pixels at once.

References
----------
.. [1] C. Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive
       ensembles of regression trees", SIGIR 2015. doi:10.1145/2766462.2767733
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError

__all__ = ["MOST_LEAVES", "Trees", "trees_from_forest", "trees_from_lightgbm"]

_BLOCK = 128  # pixels side by side: their features fit into the nearest cache
_PIECE = 2**16  # pixels of a thread's piece of work
MOST_LEAVES = 64  # of a tree: one bit each
_MOST_SUMS = 255
_MOST_VALUES = 5000 * _MOST_SUMS  # trees times their sums: 0.3 GB, however few the nodes
_ALL = 2**64 - 1
_DE_BRUIJN = 0x03F79D71B4CB0A89  # times each power of 2, its first six bits differ


@dataclass(frozen=True, eq=False)
class Trees:
    """Decision trees whose answers are added up.

    At a node, a pixel whose feature is at most the threshold goes left, else right. A leaf
    leads to itself.

    Parameters
    ----------
    feature : ndarray of int32, shape (N,)
        Which feature each node asks for.
    threshold : ndarray of float32, shape (N,)
    left, right : ndarray of int32, shape (N,)
        Next nodes: later ones, or in a leaf itself.
    value : ndarray of float32, shape (N, W)
        What a leaf adds to W of the sums.
    root : ndarray of int32, shape (T,)
        First node of each tree.
    column : ndarray of int32, shape (T,)
        First of the sums to which each tree adds.

    Raises
    ------
    ModelError
        If the arrays are no trees: they may come from a file.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float32]
    root: NDArray[np.int32]
    column: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Refuse arrays in which a pixel could get lost."""
        wrong = _what_is_wrong(self)
        if wrong:
            msg = f"the trees of the model are damaged ({wrong}); get the file again"
            raise ModelError(msg)

    @property
    def n_sums(self) -> int:
        """Number of sums that the trees give for a pixel."""
        return int(self.column.max()) + self.value.shape[1]

    @property
    def n_features(self) -> int:
        """Number of features that a pixel must have at least."""
        return int(self.feature.max()) + 1

    def sums(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the sums of the leaves that each pixel comes to.

        Parameters
        ----------
        features : ndarray of float32 or float16, shape (N, F)
            Numbers only, no NaN.

        Returns
        -------
        ndarray of float32, shape (N, n_sums)

        Raises
        ------
        ValueError
            If there are fewer features than the trees ask for.
        """
        if features.shape[1] < self.n_features:
            msg = (
                f"expected at least {self.n_features} features a pixel, got "
                f"{features.shape[1]}"
            )
            raise ValueError(msg)
        found = np.zeros((len(features), self.n_sums), np.float32)

        def run(start: int) -> None:
            piece = slice(start, start + _PIECE)
            values = np.ascontiguousarray(features[piece], np.float32)
            _add_leaves(values, self._scorer, self.column, found[piece])

        starts = range(0, len(features), _PIECE)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(run, starts))
        return found

    @cached_property
    def _scorer(self) -> tuple[NDArray[Any], ...]:
        """What the loop reads: for each inner node, the leaves that it rules out."""
        features, thresholds, masks, ends = [], [], [], []
        values = np.zeros((len(self.root), MOST_LEAVES, self.value.shape[1]), np.float32)
        for number, root in enumerate(self.root):
            leaves: list[int] = []
            for node, first, last in self._left_of_nodes(int(root), leaves):
                features.append(self.feature[node])
                thresholds.append(self.threshold[node])
                masks.append(_ALL ^ ((1 << last) - (1 << first)))
            for place, leaf in enumerate(leaves):
                values[number, ((_DE_BRUIJN << place) & _ALL) >> 58] = self.value[leaf]
            ends.append(len(features))
        return (
            np.array(features, np.int64),
            np.array(thresholds, np.float32),
            np.array(masks, np.uint64),
            np.array(ends, np.int64),
            values,
        )

    def _left_of_nodes(
        self, node: int, leaves: list[int]
    ) -> Iterator[tuple[int, int, int]]:
        """Yield inner nodes with the range of leaves on their left; collect the leaves."""
        if self.left[node] == node:
            leaves.append(node)
            return
        first = len(leaves)
        yield from self._left_of_nodes(int(self.left[node]), leaves)
        yield node, first, len(leaves)
        yield from self._left_of_nodes(int(self.right[node]), leaves)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays under their names."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def trees_from_forest(forest: Any) -> Trees:
    """Return the trees of a fitted scikit-learn forest; sums are its probabilities.

    Parameters
    ----------
    forest : RandomForestClassifier or ExtraTreesClassifier
    """
    parts = []
    for one in forest.estimators_:
        tree = one.tree_
        share = tree.value[:, 0] / tree.value[:, 0].sum(axis=1, keepdims=True)
        parts.append(
            {
                "feature": np.maximum(tree.feature, 0),
                "threshold": tree.threshold,
                "left": tree.children_left,
                "right": tree.children_right,
                "value": share / len(forest.estimators_),
            }
        )
    return _joined(parts, columns=[0] * len(parts))


def trees_from_lightgbm(model: Mapping[str, Any]) -> Trees:
    """Return the trees of a LightGBM model; sums are its raw scores.

    Parameters
    ----------
    model : mapping
        What `Booster.dump_model` gives.
    """
    parts = [_flat(info["tree_structure"]) for info in model["tree_info"]]
    each = model["num_tree_per_iteration"]
    return _joined(parts, columns=[number % each for number in range(len(parts))])


def _flat(root: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Return the nodes of one tree, each before those below it."""
    rows: list[tuple[int, float, int, int, float]] = []

    def add(node: Mapping[str, Any]) -> int:
        here = len(rows)
        if "split_feature" not in node:
            rows.append((0, 0.0, -1, -1, float(node["leaf_value"])))
            return here
        rows.append((0, 0.0, -1, -1, 0.0))
        left, right = add(node["left_child"]), add(node["right_child"])
        rows[here] = (node["split_feature"], node["threshold"], left, right, 0.0)
        return here

    add(root)
    feature, threshold, left, right, value = zip(*rows, strict=True)
    return {
        "feature": np.array(feature),
        "threshold": np.array(threshold, np.float64),
        "left": np.array(left),
        "right": np.array(right),
        "value": np.array(value)[:, None],
    }


def _joined(
    parts: Sequence[Mapping[str, NDArray[Any]]], *, columns: Sequence[int]
) -> Trees:
    starts = np.cumsum([0, *(len(part["feature"]) for part in parts)])
    left, right = (
        np.concatenate(
            [
                np.where(part[side] < 0, np.arange(len(part[side])), part[side]) + start
                for part, start in zip(parts, starts, strict=False)
            ]
        )
        for side in ("left", "right")
    )
    whole = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("feature", "threshold", "value")
    }
    return Trees(
        feature=whole["feature"].astype(np.int32),
        threshold=_not_above(whole["threshold"]),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        value=np.ascontiguousarray(whole["value"], np.float32),
        root=starts[:-1].astype(np.int32),
        column=np.array(columns, np.int32),
    )


def _not_above(threshold: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest float32 not above: float32 features compare the same."""
    near = threshold.astype(np.float32)
    below = np.nextafter(near, np.float32(-np.inf))
    return np.where(near.astype(np.float64) > threshold, below, near)


def _what_is_wrong(trees: Trees) -> str:
    """Return the first reason why arrays are no trees; later ones rely on those before."""
    n_nodes, here = len(trees.feature), np.arange(len(trees.feature))
    per_node = (trees.threshold, trees.left, trees.right, trees.value)
    reasons: dict[str, Callable[[], Any]] = {
        "arrays have other axes": lambda: (
            {a.ndim for a in (*per_node[:3], trees.feature, trees.root, trees.column)}
            != {1}
            or trees.value.ndim != 2
        ),
        "nodes are missing": lambda: not n_nodes or {len(a) for a in per_node} != {n_nodes},
        "trees are missing": lambda: not 0 < len(trees.root) == len(trees.column),
        "leaves have no values": lambda: not trees.value.size,
        "a number is not finite": lambda: (
            not (np.isfinite(trees.threshold).all() and np.isfinite(trees.value).all())
        ),
        "a number is negative": lambda: (
            min(trees.feature.min(), trees.column.min(), trees.root.min()) < 0
        ),
        "there are too many sums or trees": lambda: (
            trees.n_sums > _MOST_SUMS
            or len(trees.root) * trees.value.shape[1] > _MOST_VALUES
        ),
        "a root lies outside": lambda: trees.root.max() >= n_nodes,
        "a node leads outside or back": lambda: (
            not (
                ((trees.left == here) & (trees.right == here))
                | (
                    (np.minimum(trees.left, trees.right) > here)
                    & (np.maximum(trees.left, trees.right) < n_nodes)
                )
            ).all()
        ),
        f"a tree has more than {MOST_LEAVES} leaves": lambda: (
            _most_leaves(trees.left, trees.right, trees.root) > MOST_LEAVES
        ),
    }
    return next((reason for reason, is_so in reasons.items() if is_so()), "")


@numba.njit(cache=True, nogil=True)
def _most_leaves(
    left: NDArray[np.int32], right: NDArray[np.int32], root: NDArray[np.int32]
) -> int:
    """Return the leaves of the largest tree; children come after their parents."""
    leaves = np.ones(len(left), np.int64)
    for node in range(len(left) - 1, -1, -1):
        if left[node] != node:
            leaves[node] = min(leaves[left[node]] + leaves[right[node]], 1 << 30)
    return leaves[root].max()


@numba.njit(cache=True, nogil=True)
def _add_leaves(
    features: NDArray[np.float32],
    scorer: tuple[NDArray[Any], ...],
    column: NDArray[np.int32],
    found: NDArray[np.float32],
) -> None:
    feature, threshold, mask, end, value = scorer
    values = np.empty((features.shape[1], _BLOCK), np.float32)
    left_over = np.empty(_BLOCK, np.uint64)
    every, turn, one = np.uint64(_ALL), np.uint64(_DE_BRUIJN), np.uint64(1)
    for start in range(0, len(features), _BLOCK):
        n = min(_BLOCK, len(features) - start)
        for k in range(n):
            for f in range(features.shape[1]):
                values[f, k] = features[start + k, f]
        node = 0
        for tree in range(len(end)):
            left_over[:] = every
            while node < end[tree]:
                here, limit, allowed = values[feature[node]], threshold[node], mask[node]
                for k in range(_BLOCK):
                    left_over[k] &= allowed if here[k] > limit else every
                node += 1
            for k in range(n):
                lowest = left_over[k] & (~left_over[k] + one)
                leaf = np.int64((lowest * turn) >> np.uint64(58))
                for w in range(value.shape[2]):
                    found[start + k, column[tree] + w] += value[tree, leaf, w]
