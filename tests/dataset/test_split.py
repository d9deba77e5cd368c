import csv
import itertools
import time
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.dataset.split import k_folds, leave_one_out, split_by_group
from segmetry.errors import DatasetError, SegmetryWarning

GROUPS = st.lists(st.sampled_from("abcdefghij"), min_size=2, max_size=60).filter(
    lambda groups: len(set(groups)) > 1
)
SEEDS = st.integers(0, 1000)


def quiet_split(*arguments, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        return split_by_group(*arguments, **options)


def parts_of(groups, marks):
    found = {}
    for group, mark in zip(groups, marks, strict=True):
        found.setdefault(group, set()).add(mark)
    return found


@given(GROUPS, st.floats(0.05, 0.95), SEEDS)
def test_no_group_is_divided_and_no_part_is_empty(groups, share, seed):
    chosen = quiet_split(groups, share, seed=seed)
    assert all(len(marks) == 1 for marks in parts_of(groups, chosen).values())
    assert 0 < chosen.sum() < len(groups)


@given(GROUPS, st.floats(0.05, 0.95), SEEDS)
def test_no_other_choice_of_groups_is_nearer_to_the_share(groups, share, seed):
    sizes = Counter(groups).values()
    reachable = {
        sum(part) for n in range(1, len(sizes)) for part in itertools.combinations(sizes, n)
    }
    wanted = share * len(groups)
    found = quiet_split(groups, share, seed=seed).sum()
    assert abs(found - wanted) == pytest.approx(min(abs(s - wanted) for s in reachable))


@given(GROUPS, SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_pictures_changes_nothing(groups, seed, random):
    order = list(range(len(groups)))
    random.shuffle(order)
    mixed = [groups[i] for i in order]
    chosen = quiet_split(groups, 0.3, seed=seed)
    assert quiet_split(mixed, 0.3, seed=seed).tolist() == chosen[order].tolist()


def test_the_choice_is_the_same_on_every_computer():
    groups = [f"field {n}" for n in range(10)]
    # Those with the three smallest values of sha256sum of "0:field n".
    assert np.flatnonzero(split_by_group(groups, 0.3)).tolist() == [0, 1, 6]


def test_another_seed_is_another_choice():
    groups = [str(number) for number in range(40)]
    choices = {split_by_group(groups, 0.5, seed=seed).tobytes() for seed in range(20)}
    assert len(choices) == 20


def test_each_group_is_chosen_as_often_as_the_share_says():
    groups = [str(number) for number in range(20)]
    often = sum(split_by_group(groups, 0.25, seed=seed) for seed in range(400))
    # 400 draws of 0.25: mean 100, standard deviation 8.7.
    assert np.all(np.abs(often - 100) < 5 * 8.7)


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("xyz")), min_size=10), SEEDS)
def test_every_class_is_split_in_the_same_share_where_groups_are_single(pictures, seed):
    groups = [f"{position}" for position in range(len(pictures))]
    classes = [kind for _, kind in pictures]
    chosen = quiet_split(groups, 0.4, seed=seed, classes=classes)
    for kind, n in Counter(classes).items():
        found = sum(c and k == kind for c, k in zip(chosen, classes, strict=True))
        assert abs(found - 0.4 * n) <= 1.5


def test_small_classes_make_up_for_each_other():
    # Five classes of two pictures: 20 % of each is nothing, of all it is two.
    classes = [kind for kind in "abcde" for _ in range(2)]
    groups = [str(number) for number in range(10)]
    assert split_by_group(groups, 0.2, classes=classes).sum() == 2


def test_a_group_belongs_to_the_class_of_most_of_its_pictures():
    groups = ["a", "a", "a", "b", "c", "c", "c", "d"]
    classes = ["x", "x", "y", "x", "y", "y", "x", "y"]
    chosen = split_by_group(groups, 0.5, classes=classes)
    assert chosen.sum() == 4
    assert chosen[0] != chosen[3]
    assert chosen[4] != chosen[7]


def test_a_group_too_big_for_the_share_is_told():
    groups = ["big"] * 9 + ["small"]
    with pytest.warns(SegmetryWarning, match="the biggest holds 9: the nearest is 10 %"):
        chosen = split_by_group(groups, 0.4)
    assert chosen.tolist() == [False] * 9 + [True]


def test_rounding_to_whole_pictures_is_not_worth_a_warning():
    assert split_by_group(["a", "b", "c"], 0.2).sum() == 1


def test_one_picture_too_few_in_a_big_set_is_not_worth_a_warning():
    assert split_by_group([str(n) for n in range(103)], 0.2).sum() == 21


@pytest.mark.parametrize("share", [0, 1, -0.1, 20])
def test_a_share_must_leave_something_on_both_sides(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        split_by_group(["a", "b"], share)


def test_one_group_cannot_be_split():
    with pytest.raises(DatasetError, match="form 1 group, and a group is never divided"):
        split_by_group(["a", "a"], 0.5)


def test_classes_must_be_as_many_as_groups():
    with pytest.raises(ValueError, match="got 1 and 2"):
        split_by_group(["a", "b"], 0.5, classes=["x"])


@given(GROUPS, st.integers(2, 10), SEEDS)
def test_folds_divide_no_group_and_none_is_empty(groups, k, seed):
    if len(set(groups)) < k:
        with pytest.raises(DatasetError, match=f"at least {k} are needed"):
            k_folds(groups, k, seed=seed)
        return
    folds = k_folds(groups, k, seed=seed, classes=[str(group < "e") for group in groups])
    assert all(len(marks) == 1 for marks in parts_of(groups, folds).values())
    assert sorted(set(folds.tolist())) == list(range(k))


@given(GROUPS, st.integers(2, 5), SEEDS)
def test_folds_differ_by_one_group_at_most(groups, k, seed):
    sizes = Counter(groups)
    if len(sizes) < k:
        return
    filled = np.bincount(k_folds(groups, k, seed=seed), minlength=k)
    assert filled.max() - filled.min() <= max(sizes.values())


@given(st.lists(st.sampled_from("xyz"), min_size=10), SEEDS)
def test_classes_are_spread_over_the_folds(classes, seed):
    groups = [str(position) for position in range(len(classes))]
    folds = k_folds(groups, 3, seed=seed, classes=classes)
    for kind in set(classes):
        filled = np.bincount(folds[np.array(classes) == kind], minlength=3)
        assert filled.max() - filled.min() <= 1


def test_folds_do_not_depend_on_the_order_of_the_pictures():
    groups = [str(number % 7) for number in range(30)]
    folds = k_folds(groups, 3, seed=4)
    assert k_folds(groups[::-1], 3, seed=4).tolist() == folds[::-1].tolist()


def test_one_fold_is_none():
    with pytest.raises(ValueError, match="at least 2 folds, got 1"):
        k_folds(["a", "b"], 1)


def test_leaving_one_out_leaves_one_group_out():
    folds = leave_one_out(["b", "a", "b", "c"])
    assert folds.tolist() == [1, 0, 1, 2]


def test_one_group_cannot_be_left_out():
    with pytest.raises(DatasetError, match="at least 2 are needed"):
        leave_one_out(["a", "a"])


@pytest.mark.slow
def test_a_real_set_is_split_in_every_class_and_through_no_mosaic(data):
    with data("dsb2018/train.csv").open() as file:
        rows = list(csv.DictReader(file))
    groups = [row["group"] for row in rows]
    classes = np.array([row["class"] for row in rows])
    chosen = split_by_group(groups, 0.2, seed=0, classes=classes.tolist())
    assert all(len(marks) == 1 for marks in parts_of(groups, chosen).values())
    assert chosen.mean() == pytest.approx(0.2, abs=0.005)
    for kind in np.unique(classes):
        n = int((classes == kind).sum())
        assert abs(chosen[classes == kind].sum() - 0.2 * n) <= 2


@pytest.mark.slow
def test_folds_of_a_real_set_are_of_about_equal_size(data):
    with data("dsb2018/train.csv").open() as file:
        rows = list(csv.DictReader(file))
    groups = [row["group"] for row in rows]
    folds = k_folds(groups, 5, classes=[row["class"] for row in rows])
    assert all(len(marks) == 1 for marks in parts_of(groups, folds).values())
    assert np.all(np.abs(np.bincount(folds) - 469 / 5) < 15)


def test_many_groups_are_split_at_once():
    sizes = np.random.default_rng(0).integers(1, 40, 1500)
    groups = [f"g{n}" for n, size in enumerate(sizes) for _ in range(size)]
    start = time.perf_counter()
    chosen = split_by_group(groups, 0.15)
    assert time.perf_counter() - start < 5
    assert chosen.sum() == round(0.15 * len(groups))


def test_names_of_any_script_and_broken_ones_are_split():
    groups = ["Größe", "大きさ", "\udcff", "", "\n"]
    assert 0 < split_by_group(groups, 0.4).sum() < 5
