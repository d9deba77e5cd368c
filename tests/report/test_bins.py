import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segmetry.report.bins import is_wide, log_edges, log_histogram, shown_histogram
from segmetry.report.sample import SizeSample

SIZES = st.lists(st.floats(1e-4, 1e5), min_size=1, max_size=40)


@given(SIZES)
@example([np.nextafter(1e5, 0)])
@example([1e5])
@example([np.nextafter(1e5, np.inf)])
def test_every_object_is_in_one_bin(sizes):
    diameters = np.sort(np.array(sizes))
    bars = log_histogram(SizeSample(diameters, np.full(diameters.size, 1.5)))
    assert sum(bars["counts"]) == diameters.size
    assert sum(bars["weighted_counts"]) == pytest.approx(1.5 * diameters.size)


@given(SIZES)
def test_ten_bins_make_a_decade(sizes):
    ratios = np.diff(np.log10(log_edges(np.array(sizes))))
    assert ratios == pytest.approx(0.1)


@pytest.mark.parametrize(("factor", "wide"), [(19.0, False), (21.0, True)])
def test_sizes_over_a_factor_of_twenty_are_wide(factor, wide):
    assert is_wide(np.repeat([1.0, factor], 50)) is wide


def test_one_large_object_makes_no_wide_distribution():
    assert not is_wide(np.append(np.ones(1000), 1e4))
    assert not is_wide(np.array([]))


def test_one_rule_chooses_the_bins_that_are_shown():
    group = {"histogram": {"edges": [0, 1], "counts": [3]}}
    narrow = SizeSample(np.linspace(1, 2, 50), np.ones(50))
    assert shown_histogram(group, narrow) == group["histogram"]
    wide = SizeSample(np.geomspace(1, 1e3, 50), np.ones(50))
    assert shown_histogram(group, wide) == log_histogram(wide)
