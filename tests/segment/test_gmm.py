import warnings

import numpy as np
import pytest

from segmetry.errors import SegmetryWarning
from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.gmm import Mixture
from segmetry.segment.kmeans import KMeans


def two_bells(seed, shape=(150, 200)):
    """A narrow dark group, and a wide bright one that holds a quarter of the pixels."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(shape, bool)
    mask[:, : shape[1] // 4] = True
    values = np.where(mask, rng.normal(130, 30, shape), rng.normal(50, 5, shape))
    return values, mask


@pytest.mark.parametrize("seed", range(4))
def test_probabilities_are_those_of_the_bell_curves(seed):
    pixels, _ = two_bells(seed)
    maps = Mixture(denoise=0, polarity="bright").maps(Image(pixels))
    bright = 0.25 / 30 * np.exp(-0.5 * ((pixels - 130) / 30) ** 2)
    dark = 0.75 / 5 * np.exp(-0.5 * ((pixels - 50) / 5) ** 2)
    assert np.abs(maps.foreground - bright / (bright + dark)).max() < 0.12
    assert np.abs(maps.foreground - bright / (bright + dark)).mean() < 0.005


@pytest.mark.parametrize("seed", range(4))
def test_groups_of_different_spread_are_cut_where_they_are_equally_likely(seed):
    pixels, mask = two_bells(seed)
    mixture, means = (
        np.mean(
            (kind(denoise=0, polarity="bright").maps(Image(pixels)).foreground > 0.5)
            == mask
        )
        for kind in (Mixture, KMeans)
    )
    assert mixture > means + 0.01
    assert mixture > 0.98


def test_the_history_says_how_the_fit_ended():
    pixels, _ = two_bells(0)
    found = Mixture().maps(Image(pixels)).found
    assert found["found_converged"] is True
    assert 1 <= found["found_iterations"] <= 500
    assert found["found_clusters"] == 2


def test_a_fit_that_did_not_end_is_told_in_a_sentence():
    image = Image(np.random.default_rng(0).random((60, 60)))
    with pytest.warns(SegmetryWarning, match="still moved after 1 rounds; ask for more"):
        found = Mixture(iterations=1, clusters=4).maps(image).found
    assert found["found_converged"] is False


@pytest.mark.parametrize(
    "make",
    [
        lambda grey: [grey, grey, grey],
        lambda grey: [grey, grey * 0, grey],
        lambda grey: [grey, 255 - grey, grey * 0 + 9],
        lambda grey: [grey, 0.5 * grey + 20, 2 * grey],
        lambda grey: [grey, grey],
        lambda grey: [grey * 0 + 3, grey, grey * 0 + 5, grey],
    ],
)
def test_channels_that_are_constant_or_follow_from_others_are_left_out(make, discs):
    grey = discs([12, 15, 9]).astype(float)
    image = Image(np.stack(make(grey), axis=-1), axes="YXC")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        labels = Mixture(space="rgb", denoise=0, min_area=99)(image)
    assert labels.data.max() == 3


def test_a_channel_that_is_the_sum_of_two_others_is_left_out():
    rng = np.random.default_rng(0)
    one, two = rng.normal(0, 1, (2, 80, 90))
    one[20:50] += 9
    image = Image(np.stack([one, two, one + two], axis=-1), axes="YXC")
    maps = Mixture(space="rgb", denoise=0, polarity="bright").maps(image)
    assert (maps.foreground[20:50] > 0.5).all()
    assert not (maps.foreground[:20] > 0.5).any()


@pytest.mark.parametrize("n", [2, 3])
def test_there_are_no_more_groups_than_grey_values(n):
    pixels = np.tile(np.arange(30) % n, (30, 1))
    found = Mixture(clusters=8, denoise=0).maps(Image(pixels)).found
    assert found["found_clusters"] == n
    assert np.allclose(found["found_brightness"], range(n), atol=0.01)


@pytest.mark.parametrize("space", ["grey", "rgb"])
def test_a_sample_gives_what_all_pixels_give(space):
    pixels, _ = two_bells(3)
    image = Image(np.stack([pixels, pixels**2 / 200, 255 - pixels], axis=-1), axes="YXC")
    few, many = (
        Mixture(space=space, sample=sample, polarity="bright").maps(image).foreground
        for sample in (4000, 0)
    )
    assert dice(few > 0.5, many > 0.5) > 0.99


def test_edges_lie_halfway_in_grey_if_asked_for(discs):
    image = Image(discs([12, 15, 9]))
    wide, halfway = (Mixture(edges=edges)(image).data for edges in ("cutoff", "halfway"))
    assert (wide > 0).sum() > 1.1 * (halfway > 0).sum()
    areas = np.bincount(halfway.ravel())[1:]
    assert np.allclose(np.sort(areas), np.pi * np.array([9, 12, 15]) ** 2, rtol=0.04)


@pytest.mark.slow
def test_particles_in_a_real_picture_are_found(data):
    name = "Sc1Tile_001-001-000_0-000.png"
    folder = data("ampis_powder/train")
    truth = read_labels(folder / "masks" / name) > 0
    maps = Mixture(polarity="bright").maps(read(folder / "images" / name))
    assert maps.classes.shape == (*truth.shape, 2)
    assert dice(maps.foreground > 0.5, truth) > 0.95
