"""A mirror image of a picture gives the mirror image of its maps."""

import numpy as np
import pytest
from scipy.ndimage import correlate

from segmetry.models.card import FLOWS
from segmetry.models.flips import over_flips

AXES = [(2,), (3,), (2, 3)]


def network(seed, n_outputs):
    """Return a function that correlates pictures with random patterns, one for each map."""
    weights = np.random.default_rng(seed).normal(0, 0.3, (n_outputs, 5, 5))

    def predict(tensor):
        maps = [correlate(tensor[:, 0], weight[None]) for weight in weights]
        return np.stack(maps, axis=1).astype(np.float32)

    return predict


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("seed", range(3))
def test_the_mean_over_flips_has_no_side(axes, seed):
    picture = np.random.default_rng(seed).random((2, 1, 30, 41)).astype(np.float32)
    plain = network(seed, 1)
    averaged = over_flips(plain, ["foreground"])
    mirrored = np.flip(averaged(np.flip(picture, axes)), axes)
    np.testing.assert_allclose(mirrored, averaged(picture), atol=1e-5)
    four = [np.flip(plain(np.flip(picture, one)), one) for one in [(), *AXES]]
    np.testing.assert_allclose(averaged(picture), np.mean(four, axis=0), atol=1e-5)


@pytest.mark.parametrize("axes", AXES)
def test_flows_turn_round_in_the_mirror(axes):
    picture = np.random.default_rng(0).random((1, 1, 20, 25)).astype(np.float32)
    averaged = over_flips(network(0, 3), ["foreground", *FLOWS])
    there, here = averaged(np.flip(picture, axes)), averaged(picture)
    there = np.flip(there, axes).copy()
    for axis in axes:
        channel = 1 + (axis - 2)
        there[:, channel] = 1 - there[:, channel]
    np.testing.assert_allclose(there, here, atol=1e-5)


def test_pictures_given_are_left_as_they_are():
    picture = np.random.default_rng(0).random((1, 1, 9, 9)).astype(np.float32)
    before = picture.copy()
    over_flips(network(0, 1), ["foreground"])(picture)
    assert np.array_equal(picture, before)
