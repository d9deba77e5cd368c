import numpy as np
import pytest

from segmetry.errors import DatasetError
from segmetry.image import Image
from segmetry.learn.division import divide, nested
from segmetry.learn.examples import Example
from segmetry.learn.options import TrainingOptions

BLANK = np.zeros((4, 4), np.uint32)


def some(n, groups=None):
    return [
        Example(
            Image(BLANK), BLANK, name=f"p{k}", group="" if groups is None else groups[k]
        )
        for k in range(n)
    ]


def names(examples):
    return {example.name for example in examples}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "chosen", [{}, {"folds": 3}, {"folds": "leave-one-out"}, {"share": 0.4}]
)
def test_no_group_is_on_both_sides_and_no_picture_is_lost(seed, chosen):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 60))
    groups = [f"g{number}" for number in rng.integers(0, max(n // 2, 4), n)]
    groups[:4] = ["a", "b", "c", "d"]
    examples = some(n, groups)
    parts, _ = divide(examples, TrainingOptions(seed=seed, **chosen))
    for part in parts:
        of_training = {example.group for example in part.training}
        assert not of_training & {example.group for example in part.held_out}
        assert names(part.training) | names(part.held_out) == names(examples)
        assert part.training
        assert part.held_out
    if len(parts) > 1:
        held = [example.name for part in parts for example in part.held_out]
        assert sorted(held) == sorted(names(examples))


@pytest.mark.parametrize(
    ("n", "expected"), [(2, 2), (3, 3), (5, 5), (6, 5), (24, 5), (25, 1)]
)
def test_small_sets_are_divided_in_folds_and_others_once(n, expected):
    parts, sentence = divide(some(n), TrainingOptions())
    assert len(parts) == expected
    assert ("too few" in sentence) == (expected > 1)


def test_folds_that_are_asked_for_are_made_and_not_excused():
    parts, sentence = divide(some(40), TrainingOptions(folds=4))
    assert [len(part.held_out) for part in parts] == [10] * 4
    assert "too few" not in sentence
    assert len(divide(some(7), TrainingOptions(folds="leave-one-out"))[0]) == 7


def test_one_group_leaves_none_to_judge():
    with pytest.raises(DatasetError, match="none is left to judge"):
        divide(some(3, ["dish"] * 3), TrainingOptions())


def test_more_folds_than_groups_are_refused():
    with pytest.raises(DatasetError, match="at least 4 are needed"):
        divide(some(3), TrainingOptions(folds=4))


@pytest.mark.parametrize("seed", range(10))
def test_shares_are_nested_and_keep_groups_whole(seed):
    rng = np.random.default_rng(seed)
    examples = some(40, [f"g{number}" for number in rng.integers(0, 15, 40)])
    smaller = set()
    for share in (1 / 8, 1 / 4, 1 / 2, 1):
        chosen = nested(examples, share, seed=seed)
        groups = {example.group for example in chosen}
        assert names(chosen) == {e.name for e in examples if e.group in groups}
        assert smaller <= names(chosen)
        assert len(chosen) >= share * 40
        smaller = names(chosen)
    assert len(smaller) == 40
    assert len(nested(examples, 1e-6, seed=seed)) >= 1
