import numpy as np
import pytest

from segmetry.measure.mode import log_bandwidth, log_grid, mode, modes_on_grid


def test_the_mode_of_log_normal_sizes_is_found():
    # The mode of a log-normal is exp(mu - sigma^2).
    samples = np.random.default_rng(0).lognormal(np.log(50), 0.4, size=(30, 2000))
    found = np.mean([mode(x) for x in samples])
    assert found == pytest.approx(50 * np.exp(-(0.4**2)), rel=0.03)


def test_the_mode_lies_at_the_higher_of_two_peaks():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(10, 0.5, 300), rng.normal(20, 0.5, 100)])
    assert mode(x) == pytest.approx(10, abs=0.5)
    heavy = np.repeat([0.1, 10.0], [300, 100])
    assert mode(x, weights=heavy) == pytest.approx(20, abs=1)


@pytest.mark.parametrize("seed", range(10))
def test_the_mode_scales_with_the_sizes_and_forgets_their_order(seed):
    rng = np.random.default_rng(seed)
    x = rng.lognormal(sigma=0.3, size=80)
    assert mode(2 * x) == pytest.approx(2 * mode(x))
    assert mode(rng.permutation(x)) == pytest.approx(mode(x))


@pytest.mark.parametrize("seed", range(40))
def test_the_mode_lies_within_the_sizes(seed):
    # Few sizes over decades: the kernels reach far below the smallest of them, where the
    # density over x, which has a factor 1/x, is highest.
    rng = np.random.default_rng(seed)
    x = rng.lognormal(5, rng.uniform(0.05, 3), size=rng.integers(2, 60))
    w = rng.uniform(1, 3, size=x.size)
    assert x.min() <= mode(x, weights=w) <= x.max()


def test_the_mode_of_sizes_that_only_fall_is_the_smallest():
    assert mode([121.0, 300.0, 900.0, 2700.0]) == 121.0


def test_an_end_of_the_sizes_is_told_to_the_step_of_the_grid():
    x = np.array([1.0, 10.0, 100.0, 1000.0])
    width = log_bandwidth(x, np.ones(4))
    grid, index = log_grid(x, width)
    counts = np.bincount(index, minlength=grid.size)[np.newaxis].astype(float)
    assert modes_on_grid(counts, grid, width) == pytest.approx(1.0, rel=width / 4)


def test_one_size_is_its_own_mode():
    assert mode([7.0]) == 7.0
    assert mode([7.0] * 5) == 7.0
    assert np.isnan(mode([]))


def test_many_equal_sizes_and_one_other_still_have_a_width():
    x = np.array([5.0] * 30 + [6.0])
    assert log_bandwidth(x, np.ones(31)) > 0
    assert mode(x) == pytest.approx(5, rel=0.03)


def test_silvermans_width_of_a_normal_sample():
    u = np.random.default_rng(3).normal(0, 0.2, 1000)
    width = log_bandwidth(np.exp(u), np.ones(1000))
    assert width == pytest.approx(0.9 * 0.2 * 1000**-0.2, rel=0.05)


def test_a_grid_stays_small_when_one_size_lies_far_out():
    x = np.append(np.full(50, 1.0) + np.linspace(0, 1e-3, 50), 1e6)
    grid, index = log_grid(x, log_bandwidth(x, np.ones(51)))
    assert grid.size < 2200
    assert index.max() < grid.size


def test_all_rows_are_searched_at_once():
    grid = np.linspace(0, 5, 501)
    counts = np.zeros((2, 501))
    counts[0, 100] = counts[1, 300] = 1
    # A kernel of width h on ln x gives a density over x that peaks h^2 lower.
    expected = np.exp(np.array([1.0, 3.0]) - 0.1**2)
    assert modes_on_grid(counts, grid, 0.1) == pytest.approx(expected, rel=1e-3)
