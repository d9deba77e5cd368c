from dataclasses import replace

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from segmetry.errors import ModelError
from segmetry.models.trees import Trees, trees_from_forest, trees_from_lightgbm


def drawn(n, seed, n_classes=2, n_features=7):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, n_features)).astype(np.float32)
    score = points[:, 0] * points[:, 1] + points[:, 2] + rng.normal(0, 0.3, n)
    edges = np.linspace(-1, 1, n_classes - 1) if n_classes > 2 else [0]
    return points, np.digitize(score, edges)


def boosted(points, classes, rounds=12, leaves=15):
    n_classes = int(classes.max()) + 1
    options = {
        "objective": "binary" if n_classes == 2 else "multiclass",
        "num_class": 1 if n_classes == 2 else n_classes,
        "num_leaves": leaves,
        "verbosity": -1,
        "num_threads": 1,
    }
    return lightgbm.train(options, lightgbm.Dataset(points, classes), rounds)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("leaves", [2, 15, 64])
def test_lightgbm_gives_the_same_scores(n_classes, leaves):
    points, classes = drawn(1500, 1, n_classes)
    booster = boosted(points, classes, leaves=leaves)
    trees = trees_from_lightgbm(booster.dump_model())
    others = drawn(3000, 2)[0]
    wanted = booster.predict(others, raw_score=True).reshape(len(others), -1)
    assert np.allclose(trees.sums(others), wanted, rtol=1e-5, atol=1e-5)
    # On the thresholds themselves, too: there a rounding would turn the way.
    limits = trees.threshold[np.abs(trees.threshold) > 1e-30]  # nearer to 0 is 0 to it
    limits = np.repeat(limits[:200, None], 7, axis=1)
    at = np.concatenate([limits, np.nextafter(limits, np.float32(np.inf))])
    wanted = booster.predict(at, raw_score=True).reshape(len(at), -1)
    assert np.allclose(trees.sums(at), wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
def test_scikit_learn_gives_the_same_probabilities(n_classes, kind):
    points, classes = drawn(1500, 3, n_classes)
    forest = kind(n_estimators=15, max_leaf_nodes=64, random_state=0)
    forest.fit(points, classes, sample_weight=1 + classes)
    trees = trees_from_forest(forest)
    others = drawn(3000, 4)[0]
    assert np.abs(trees.sums(others) - forest.predict_proba(others)).max() < 1e-5


def test_a_model_that_found_nothing_to_ask_gives_one_score():
    points = np.zeros((40, 3), np.float32)
    booster = boosted(points, np.arange(40) % 2)
    trees = trees_from_lightgbm(booster.dump_model())
    assert np.allclose(trees.sums(points), booster.predict(points, raw_score=True)[:, None])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 64), st.integers(0, 10_000), st.integers(1, 5))
def test_any_trees_give_what_walking_down_gives(n_leaves, seed, n_trees):
    rng = np.random.default_rng(seed)
    trees = any_trees(rng, n_leaves, n_trees)
    points = rng.integers(0, 4, (300, 4)).astype(np.float32)
    wanted = np.zeros((300, trees.n_sums))
    for number, point in enumerate(points):
        for root, column in zip(trees.root, trees.column, strict=True):
            node = root
            while trees.left[node] != node:
                right = point[trees.feature[node]] > trees.threshold[node]
                node = trees.right[node] if right else trees.left[node]
            wanted[number, column : column + 2] += trees.value[node]
    assert np.allclose(trees.sums(points), wanted, atol=1e-5)


def any_trees(rng, n_leaves, n_trees):
    """Trees of any shape, each grown by parting one of its leaves at a time."""
    left, right, roots = [], [], []
    for _ in range(n_trees):
        roots.append(len(left))
        leaves = [len(left)]
        left.append(len(left))
        right.append(len(right))
        while len(leaves) < n_leaves:
            parted = leaves.pop(rng.integers(len(leaves)))
            for side in (left, right):
                side[parted] = len(left)
                leaves.append(len(left))
                left.append(len(left))
                right.append(len(right))
    n = len(left)
    return Trees(
        feature=rng.integers(0, 4, n).astype(np.int32),
        threshold=rng.integers(0, 4, n).astype(np.float32),
        left=np.array(left, np.int32),
        right=np.array(right, np.int32),
        value=rng.normal(size=(n, 2)).astype(np.float32),
        root=np.array(roots, np.int32),
        column=rng.integers(0, 3, n_trees).astype(np.int32),
    )


def test_many_pixels_and_none_and_half_precision():
    trees = any_trees(np.random.default_rng(0), 20, 3)
    points = np.random.default_rng(1).integers(0, 4, (150_001, 4)).astype(np.float16)
    found = trees.sums(points)
    assert np.array_equal(found[-5:], trees.sums(points[-5:]))
    assert np.array_equal(found[70_000:70_010], trees.sums(points[70_000:70_010]))
    assert trees.sums(points[:0]).shape == (0, trees.n_sums)
    with pytest.raises(ValueError, match="at least 4 features a pixel, got 3"):
        trees.sums(points[:, :3])


HARM = {
    "a loop": {"left": lambda a: np.where(np.arange(len(a)) == 0, 0, a)},
    "back to the root": {"left": np.zeros_like},
    "beyond the end": {"right": lambda a: a + 1000},
    "a feature below 0": {"feature": lambda a: a - 5},
    "a column below 0": {"column": lambda a: a - 5},
    "very many sums": {"column": lambda a: a + 2**30},
    "a root outside": {"root": lambda a: a + 1000},
    "no trees": {"root": lambda a: a[:0], "column": lambda a: a[:0]},
    "another length": {"threshold": lambda a: a[:-1]},
    "more axes": {"feature": lambda a: a[:, None]},
    "not a number": {"value": lambda a: a * np.nan},
    "no values": {"value": lambda a: a[:, :0]},
    "flat values": {"value": lambda a: a[:, 0]},
}


@pytest.mark.parametrize("harm", HARM)
def test_arrays_that_are_no_trees_are_refused(harm):
    trees = any_trees(np.random.default_rng(0), 20, 3)
    changed = {name: change(getattr(trees, name)) for name, change in HARM[harm].items()}
    with pytest.raises(ModelError, match="damaged"):
        replace(trees, **changed)


def test_few_nodes_cannot_ask_for_very_much_memory():
    # A file of 0.4 MB whose trees are all the same leaf: 3 GB of values of leaves.
    here, trees = np.zeros(1, np.int32), np.zeros(50_000, np.int32)
    threshold, value = np.zeros(1, np.float32), np.zeros((1, 255), np.float32)
    with pytest.raises(ModelError, match="too many sums or trees"):
        Trees(here, threshold, here, here, value, trees, trees)


def test_as_many_trees_as_the_options_allow_are_fine():
    here, column = np.zeros(1, np.int32), np.arange(5000 * 12, dtype=np.int32) % 12
    value = np.ones((1, 1), np.float32)
    own = Trees(here, value[0], here, here, value, column * 0, column)
    assert (own.sums(np.zeros((2, 1), np.float32)) == 5000).all()


def test_a_node_that_has_one_child_twice_cannot_make_it_endless():
    # Each leads twice to the next: 2 to the power of 100 leaves.
    n = np.arange(101, dtype=np.int32)
    onward = np.minimum(n + 1, 100).astype(np.int32)
    one = np.zeros(1, np.int32)
    zeros = np.zeros(101, np.float32)
    with pytest.raises(ModelError, match="more than 64 leaves"):
        Trees(n * 0, zeros, onward, onward, zeros[:, None], one, one)
