import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.project.same_objects import with_known_numbers


@st.composite
def label_images(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numbers = np.array([0, 0, 1, 2, 9, 70_000, 2**32 - 1], np.uint32)
    blocks = rng.choice(numbers, rng.integers(1, 8, 2))
    return np.kron(blocks, np.ones((3, 3), np.uint32)), rng


def same_partition(one, other):
    """Whether two label images have the same objects, whatever their numbers."""
    pairs = {
        (a, b) for a, b in zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
    }
    firsts, seconds = zip(*pairs, strict=True)
    ground = [pair for pair in pairs if 0 in pair]
    return len(set(firsts)) == len(set(seconds)) == len(pairs) and ground in ([], [(0, 0)])


def row(*numbers):
    return np.array([numbers], np.uint32)


@given(label_images(), st.booleans())
@settings(deadline=None)
def test_what_nobody_edited_stays_as_it_is_however_it_is_numbered(drawn, told):
    before, rng = drawn
    assert np.array_equal(with_known_numbers(before, before), before)
    ids = np.unique(before[before > 0])
    numbers = rng.permutation(np.arange(5, 5 + ids.size)).astype(np.uint32)
    places = np.searchsorted(ids, before)
    again = np.where(before > 0, np.append(numbers, 0)[places], 0).astype(np.uint32)
    unnamed = () if told else set(numbers.tolist())
    if told:  # numbers that the file tells are believed where they share a pixel
        again = np.where(before > 0, again + 10, 0).astype(np.uint32)
    assert np.array_equal(with_known_numbers(before, again, unnamed=unnamed), before)


@given(label_images(), label_images(), st.booleans())
@settings(deadline=None)
def test_only_numbers_change_and_none_is_given_twice(one, other, are_told):
    before, edited = one[0], np.resize(other[0], one[0].shape)
    unnamed = () if are_told else set(np.unique(edited).tolist())
    found = with_known_numbers(before, edited, unnamed=unnamed)
    assert found.dtype == np.uint32
    assert same_partition(found, edited)
    known = set(np.unique(before).tolist())
    for number in set(np.unique(found).tolist()) & known - {0}:
        assert ((found == number) & (before == number)).any()  # it shares a pixel at least
    if are_told:
        for number in set(np.unique(edited).tolist()) & known - {0}:
            if ((edited == number) & (before == number)).any():
                assert np.array_equal(found == number, edited == number)


@pytest.mark.parametrize(
    ("edited", "unnamed", "wanted"),
    [
        (row(4, 4, 0, 0, 0, 9, 9), (), row(4, 4, 0, 0, 0, 9, 9)),  # shrunk: by its number
        (row(0, 0, 4, 4, 0, 9, 9), {4, 9}, row(0, 0, 4, 4, 0, 9, 9)),  # and by its place
        (row(4, 4, 5, 5, 0, 9, 9), (), row(4, 4, 1, 1, 0, 9, 9)),  # split: named part keeps
        (row(1, 2, 2, 2, 0, 9, 9), {1, 2, 9}, row(1, 4, 4, 4, 0, 9, 9)),  # else the larger
        (row(5, 5, 5, 5, 5, 5, 5), {5}, row(4, 4, 4, 4, 4, 4, 4)),  # joined: gave most
        (row(9, 9, 9, 9, 9, 9, 9), (), row(9, 9, 9, 9, 9, 9, 9)),  # joined: by its number
        (row(9, 9, 9, 9, 0, 4, 4), (), row(4, 4, 4, 4, 0, 9, 9)),  # numbers exchanged
        (row(0, 0, 0, 0, 4, 9, 9), (), row(0, 0, 0, 0, 1, 9, 9)),  # elsewhere: another one
        (row(0, 0, 0, 0, 0, 0, 0), (), row(0, 0, 0, 0, 0, 0, 0)),
        (row(0, 0, 0, 6, 6, 6, 0), {6}, row(0, 0, 0, 1, 1, 1, 0)),  # a third of it: new
    ],
)
def test_which_object_is_which(edited, unnamed, wanted):
    before = row(4, 4, 4, 4, 0, 9, 9)
    found = with_known_numbers(before, edited, unnamed=unnamed)
    assert found.tolist() == wanted.tolist()


def test_the_first_of_equal_parts_keeps_the_number():
    before = row(3, 3, 0, 3, 3)
    found = with_known_numbers(before, row(7, 7, 0, 8, 8), unnamed={7, 8})
    assert found.tolist() == row(3, 3, 0, 1, 1).tolist()
