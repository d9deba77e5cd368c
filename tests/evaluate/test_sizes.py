import math

import numpy as np
import pytest

from segmetry.evaluate import count_error, equivalent_diameters, size_errors
from segmetry.evaluate.sizes import area_errors, typical_of_set


def squares(sides):
    """Squares of these sides in a row, numbered with gaps."""
    labels = np.zeros((max(sides) + 2, sum(sides) + 2 * len(sides)), np.uint32)
    x = 1
    for number, side in enumerate(sides):
        labels[1 : 1 + side, x : x + side] = 3 * number + 5
        x += side + 2
    return labels


@pytest.mark.parametrize(
    ("n_predicted", "n_true", "expected"),
    [(10, 10, 0), (12, 10, 20), (0, 10, -100), (0, 0, 0), (30, 10, 200)],
)
def test_count_errors_are_in_percent_of_the_truth(n_predicted, n_true, expected):
    assert count_error(n_predicted, n_true) == pytest.approx(expected)


def test_objects_where_there_are_none_have_no_percentage():
    assert math.isnan(count_error(3, 0))


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        count_error(-1, 3)


def test_a_diameter_is_that_of_the_disc_of_equal_area():
    sizes = equivalent_diameters(squares([3, 7]))
    assert sizes == pytest.approx(np.sqrt(4 * np.array([9, 49]) / np.pi))


@pytest.mark.parametrize("sides", [[4, 6, 8], [5, 5, 9, 3], [10, 2]])
def test_twice_the_size_is_an_error_of_100_percent_in_all_measures(sides):
    errors = size_errors(squares([2 * side for side in sides]), squares(sides))
    for value in (errors.mean, errors.median, errors.sd, errors.d50_volume):
        assert value == pytest.approx(100)


def test_equal_objects_have_no_error():
    errors = size_errors(squares([3, 5, 8]), squares([8, 3, 5]))
    assert (errors.mean, errors.median, errors.sd, errors.d50_volume) == (0, 0, 0, 0)


def test_half_of_the_volume_lies_in_the_large_object():
    errors = size_errors(squares([2, 2, 2, 10]), squares([2, 2, 2, 5]))
    assert errors.median == 0
    assert errors.d50_volume == pytest.approx(100)


def test_without_objects_there_is_no_size():
    empty = np.zeros((3, 3), int)
    errors = size_errors(empty, squares([3, 5]))
    assert all(math.isnan(value) for value in (errors.mean, errors.median, errors.sd))
    assert math.isnan(size_errors(squares([3]), empty).d50_volume)


def test_one_object_has_no_standard_deviation():
    errors = size_errors(squares([4]), squares([2]))
    assert errors.mean == pytest.approx(100)
    assert math.isnan(errors.sd)


def test_a_truth_without_spread_has_no_percentage_of_it():
    assert math.isnan(size_errors(squares([3, 5]), squares([4, 4])).sd)


def test_the_distance_of_distributions_is_the_greatest_gap_between_their_steps():
    # Two of four, then three of four are smaller: the gap is one half at most.
    assert size_errors(squares([3, 5, 9, 9]), squares([3, 8, 9, 9])).ks == 0.25
    assert size_errors(squares([3, 4, 5]), squares([6, 7])).ks == 1
    assert size_errors(squares([3, 5]), squares([5, 3, 3, 5])).ks == 0


@pytest.mark.parametrize("seed", range(10))
def test_the_distance_of_distributions_has_no_direction_and_no_scale(seed):
    rng = np.random.default_rng(seed)
    one, two = rng.integers(1, 12, 6).tolist(), rng.integers(1, 12, 9).tolist()
    distance = size_errors(squares(one), squares(two)).ks
    assert size_errors(squares(two), squares(one)).ks == pytest.approx(distance)
    doubled = [[2 * side for side in sides] for sides in (one, two)]
    assert size_errors(*(squares(sides) for sides in doubled)).ks == pytest.approx(distance)
    by_hand = max(
        abs(np.mean(np.array(one) <= at) - np.mean(np.array(two) <= at)) for at in range(13)
    )
    assert distance == pytest.approx(by_hand)


def test_without_objects_there_is_no_distance():
    assert math.isnan(size_errors(np.zeros((3, 3), int), squares([3])).ks)


def test_the_d50_by_volume_is_where_half_of_the_volume_is_and_not_of_the_area():
    # Five discs of diameter 2 have more area than one of 4, and less volume.
    found = area_errors(np.array([4] * 5 + [16]), np.array([16]))
    assert found.d50_volume == 0


def test_the_typical_diameter_of_a_set_counts_each_picture_once():
    assert typical_of_set([10.0, 20.0, 90.0]) == 20
    assert typical_of_set([math.nan, 20.0]) == 20
    assert math.isnan(typical_of_set([math.nan]))
    assert math.isnan(typical_of_set([]))
