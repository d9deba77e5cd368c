import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.evaluate.review_sizes import doubts_by_size

SEEDS = st.integers(0, 2**32 - 1)


def slices(rng, n=30, *, each=20, typical=900.0):
    """Areas of alike objects in pictures, and the picture of each."""
    return typical * np.exp(rng.normal(0, 0.3, n * each)), np.repeat(np.arange(n), each)


def doubted(area, picture, doubt=0.03):
    return doubts_by_size(np.full(len(area), doubt), area, picture=picture)


@pytest.mark.parametrize("typical", [40.0, 25_000.0], ids=["specks", "glows"])
def test_a_picture_with_objects_of_another_size_than_all_others_is_doubted(typical):
    area, picture = slices(np.random.default_rng(0))
    failed = picture == 7
    area[failed] = typical * np.exp(np.random.default_rng(1).normal(0, 0.3, failed.sum()))
    told = doubted(area, picture)
    assert told[failed].min() > 0.25
    assert np.mean(told[~failed] < 0.04) > 0.95


def test_objects_of_a_usual_size_are_doubted_as_before():
    area, picture = slices(np.random.default_rng(2))
    usual = np.abs(np.log(area / 900)) < 0.5
    assert np.array_equal(doubted(area, picture)[usual], np.full(usual.sum(), 0.03))


def test_a_kind_of_pictures_that_is_a_third_of_the_set_is_not_doubted():
    area, picture = slices(np.random.default_rng(3))
    area[picture % 3 == 0] *= 10
    assert np.median(doubted(area, picture)) == 0.03
    assert np.mean(doubted(area, picture) > 0.06) < 0.05


def test_few_pictures_say_little_of_sizes_and_more_pictures_more():
    def of_the_odd_one(n):
        area, picture = slices(np.random.default_rng(4), n)
        area[picture == 0] = 40.0
        return doubted(area, picture)[0]

    told = [of_the_odd_one(n) for n in (1, 2, 5, 20, 80)]
    assert told[0] == 0.03  # nothing to compare with
    assert told[1] < 0.07
    assert (np.diff(told) > 0).all()


def test_pictures_count_alike_however_many_objects_they_hold():
    rng = np.random.default_rng(5)
    area, picture = slices(rng)
    area[picture == 3] = 40.0
    crowd = np.append(area, np.full(5000, 42.0)), np.append(picture, np.full(5000, 3))
    few, many = doubted(area, picture), doubted(*crowd)
    assert many[np.flatnonzero(picture == 3)[0]] > 0.4
    assert few[np.flatnonzero(picture == 3)[0]] > 0.4


def test_doubtful_objects_do_not_vouch_for_others_of_their_size():
    area, picture = slices(np.random.default_rng(6))
    area[picture < 3] = 40.0

    def told(doubt_of_others):
        doubt = np.where((picture == 1) | (picture == 2), doubt_of_others, 0.03)
        return doubts_by_size(doubt, area, picture=picture)[0]

    assert told(0.95) > 1.5 * told(0.03)


def test_a_doubt_near_0_is_raised_as_well():
    area, picture = slices(np.random.default_rng(7), 60)
    area[picture == 3] = 40.0
    told = doubted(area, picture, doubt=0.0)
    assert told[picture == 3].min() > 0.05
    assert np.median(told) == 0


def test_no_objects_have_no_doubts():
    assert doubts_by_size([], [], picture=[]).shape == (0,)


def test_where_all_are_surely_wrong_nothing_changes():
    area, picture = slices(np.random.default_rng(8), 4)
    assert np.array_equal(doubted(area, picture, doubt=1.0), np.ones(80))


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_doubts_are_never_lowered_nor_hang_on_unit_order_or_names(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 80))
    doubt, picture = rng.random(n), rng.integers(0, rng.integers(1, 12), n)
    area = np.exp(rng.normal(6, rng.uniform(0, 3), n))
    told = doubts_by_size(doubt, area, picture=picture)
    assert (told >= doubt).all()
    assert (told <= 1).all()
    order, names = rng.permutation(n), rng.permutation(100)
    other = doubts_by_size(doubt[order], 4.0 * area[order], picture=names[picture][order])
    assert other == pytest.approx(told[order], abs=1e-6)


@pytest.mark.parametrize(
    ("doubt", "area", "picture", "message"),
    [
        ([0.1], [5.0, 6.0], [0], "one value for each"),
        ([0.1], [5.0], [0, 1], "one value for each"),
        ([[0.1]], [[5.0]], [[0]], "one value for each"),
        ([0.1], [0.0], [0], "above 0"),
        ([0.1], [np.nan], [0], "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(doubt, area, picture, message):
    with pytest.raises(ValueError, match=message):
        doubts_by_size(doubt, area, picture=picture)
