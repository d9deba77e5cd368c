import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.evaluate.choosing import choose_pictures


def test_a_choice_does_not_depend_on_the_order_of_names():
    names = [f"slice {k}" for k in range(20)]
    assert choose_pictures(names, 6, seed=3) == choose_pictures(names[::-1], 6, seed=3)


def test_a_larger_choice_holds_the_smaller_one():
    names = [f"slice {k}" for k in range(20)]
    assert set(choose_pictures(names, 6, seed=1)) < set(choose_pictures(names, 11, seed=1))


def test_every_picture_is_as_likely_to_be_chosen():
    names = [str(k) for k in range(10)]
    times = dict.fromkeys(names, 0)
    for seed in range(2000):
        for name in choose_pictures(names, 3, seed=seed):
            times[name] += 1
    # 600 expected each, standard deviation 20.5
    assert all(510 < n < 690 for n in times.values())


@pytest.mark.parametrize("n", [0, 4])
def test_no_more_pictures_are_chosen_than_there_are(n):
    with pytest.raises(ValueError, match="n must be from 1 to"):
        choose_pictures(["a", "b", "c"], n)


def grouped(*sizes):
    names = [f"{group}{k}" for group, size in enumerate(sizes) for k in range(size)]
    return names, [name[0] for name in names]


@settings(deadline=None, max_examples=60)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=5),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_each_group_has_its_share_but_for_a_picture_and_more_hold_fewer(sizes, seed, data):
    names, groups = grouped(*sizes)
    n = data.draw(st.integers(1, len(names)))
    chosen = choose_pictures(names, n, groups=groups, seed=seed)
    assert len(set(chosen)) == n
    assert set(choose_pictures(names, n - 1 or 1, groups=groups, seed=seed)) <= set(chosen)
    found = [sum(name[0] == str(group) for name in chosen) for group in range(len(sizes))]
    for one, number in zip(sizes, found, strict=True):
        for other, beside in zip(sizes, found, strict=True):
            # Where one group is an even step further, the other has had its step as well.
            assert (number - 1) / one < (beside + 1) / other


def test_groups_of_one_size_have_equally_many_chosen():
    names, groups = grouped(10, 10, 10)
    for seed in range(50):
        chosen = choose_pictures(names, 9, groups=groups, seed=seed)
        assert sorted(name[0] for name in chosen) == [*"000111222"]


def test_a_picture_of_a_small_group_is_as_likely_to_be_chosen():
    names, groups = grouped(2, 8)
    times = dict.fromkeys(names, 0)
    for seed in range(2000):
        for name in choose_pictures(names, 3, groups=groups, seed=seed):
            times[name] += 1
    # 600 expected each, as without groups
    assert all(510 < n < 690 for n in times.values()), times


def test_one_group_is_as_none():
    names, _ = grouped(12)
    for seed in range(20):
        one = choose_pictures(names, 5, groups=["a"] * 12, seed=seed)
        assert one == choose_pictures(names, 5, seed=seed)


def test_groups_go_by_the_names_of_the_pictures_not_by_their_order():
    names, groups = grouped(6, 9)
    turned = choose_pictures(names[::-1], 5, groups=groups[::-1], seed=4)
    assert turned == choose_pictures(names, 5, groups=groups, seed=4)


def test_every_picture_needs_its_group():
    with pytest.raises(ValueError, match="a group for each of 3 pictures, got 2"):
        choose_pictures(["a", "b", "c"], 1, groups=["x", "y"])
