import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.measure.histogram import histogram

SIZES = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=40)


@given(x=SIZES)
def test_every_object_lies_in_one_bin(x):
    found = histogram(x)
    assert found.counts.sum() == len(x)
    assert found.edges[0] <= min(x) * (1 + 1e-9)
    assert found.edges[-1] >= max(x)
    assert found.edges.size == found.counts.size + 1


@given(x=SIZES)
def test_the_width_is_1_2_or_5_times_a_power_of_ten(x):
    width = histogram(x).bin_width
    digit = width / 10 ** np.floor(np.log10(width) + 1e-9)
    assert min(abs(digit - d) for d in (1, 2, 5)) < 1e-9


@given(x=SIZES)
def test_bins_start_at_whole_multiples_of_their_width(x):
    found = histogram(x)
    steps = found.edges / found.bin_width
    assert np.allclose(steps, np.rint(steps))
    assert np.allclose(np.diff(found.edges), found.bin_width)


def test_a_chosen_width_is_kept():
    found = histogram([10, 20, 30, 80], bin_width=25)
    assert found.bin_width == 25
    assert found.edges.tolist() == [0, 25, 50, 75, 100]
    assert found.counts.tolist() == [2, 1, 0, 1]


def test_a_size_on_an_edge_lies_in_the_bin_that_starts_there():
    found = histogram([0.1, 0.2, 0.3], bin_width=0.1)
    assert found.counts.tolist() == [1, 1, 1]


def test_weights_are_summed_beside_the_counts():
    found = histogram([1.0, 1.5, 3.0], weights=[1, 2, 4], bin_width=1)
    assert found.counts.tolist() == [2, 0, 1]
    assert found.weighted.tolist() == [3, 0, 4]


def test_the_width_follows_freedman_and_diaconis():
    x = np.linspace(0, 100, 1001)
    # 2 * 50 / 10 = 10.
    assert histogram(x).bin_width == 10


def test_equal_sizes_are_one_narrow_bar():
    found = histogram([50.0] * 9)
    assert found.counts.tolist() == [9]
    assert found.bin_width == 5


def test_sizes_that_are_mostly_equal_still_have_a_width():
    found = histogram([5.0] * 10 + [6.0])
    assert found.counts.sum() == 11
    assert found.bin_width == 0.5


def test_sizes_of_nothing_fall_into_one_bin():
    assert histogram([0.0, 0.0]).counts.tolist() == [2]


def test_a_width_that_would_make_thousands_of_bins_is_widened():
    found = histogram([1.0, 1e6], bin_width=1)
    assert found.counts.size <= 501
    assert found.bin_width == 2000


def test_no_objects_give_one_empty_bin():
    found = histogram([])
    assert found.counts.tolist() == [0]
    assert histogram([], bin_width=3).edges.tolist() == [0, 3]


@pytest.mark.parametrize("width", [0, -1, np.nan, np.inf])
def test_a_width_that_means_nothing_is_refused(width):
    with pytest.raises(ValueError, match="bin_width must be positive"):
        histogram([1.0], bin_width=width)
