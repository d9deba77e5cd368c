import numpy as np
import pytest

from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.kmeans import KMeans
from segmetry.segment.threshold import Threshold


def blobs(seed, levels, shape=(60, 80), noise=4.0):
    """Columns of several grey values or colours under noise, and their numbers."""
    rng = np.random.default_rng(seed)
    numbers = np.sort(rng.integers(0, len(levels), shape), axis=1)
    values = np.asarray(levels, float)[numbers]
    return values + rng.normal(0, noise, values.shape), numbers


@pytest.mark.parametrize("seed", range(4))
def test_two_groups_of_grey_meet_halfway_between_their_means(seed):
    pixels, _ = blobs(seed, [40, 180], noise=40)
    maps = KMeans(denoise=0, polarity="bright").maps(Image(pixels))
    found = maps.foreground > 0.5
    middle = (pixels[found].mean() + pixels[~found].mean()) / 2
    assert pixels[found].min() > middle - 0.5
    assert pixels[~found].max() < middle + 0.5


def test_two_groups_of_grey_are_those_of_otsu(discs):
    # Otsu's cutoff has the least variance within the two classes: what k-means seeks.
    image = Image(discs([9, 11, 13, 15, 10], shape=(120, 170)))
    found, expected = KMeans()(image).data, Threshold()(image).data
    assert np.mean((found > 0) == (expected > 0)) > 0.999


@pytest.mark.parametrize("space", ["rgb", "hsv", "lab"])
@pytest.mark.parametrize("seed", range(2))
def test_colours_are_found_again(space, seed):
    colours = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (230, 230, 230)]
    pixels, numbers = blobs(seed, colours)
    segment = KMeans(space=space, clusters=4, denoise=0, polarity="bright")
    classes = segment.maps(Image(pixels, axes="YXC")).classes.argmax(axis=-1)
    grey = np.asarray(colours) @ [0.299, 0.587, 0.114]
    assert np.array_equal(classes, np.argsort(np.argsort(grey))[numbers])


def test_texture_is_told_from_even_ground_of_the_same_grey():
    rng = np.random.default_rng(0)
    mask = np.zeros((120, 160), bool)
    mask[30:90, 40:120] = True
    pixels = 100 + np.where(
        mask, rng.normal(0, 30, mask.shape), rng.normal(0, 2, mask.shape)
    )
    by_grey, by_features = (
        np.mean(
            (KMeans(space=space, denoise=3).maps(Image(pixels)).foreground > 0.5) == mask
        )
        for space in ("grey", "features")
    )
    assert max(by_features, 1 - by_features) > 0.93
    assert max(by_grey, 1 - by_grey) < 0.88


def test_every_class_is_0_or_1_and_the_foreground_agrees_with_the_taken_one():
    pixels, _ = blobs(1, [20, 90, 220])
    maps = KMeans(clusters=3, polarity="dark").maps(Image(pixels))
    assert set(np.unique(maps.classes)) == {0, 1}
    assert np.array_equal(maps.foreground > 0.5, maps.classes[..., 0] == 1)


@pytest.mark.parametrize("space", ["rgb", "features"])
def test_another_seed_gives_nearly_the_same(space, discs):
    pixels = np.stack([discs([12, 15, 9])] * 3, axis=-1)
    image = Image(pixels, axes="YXC")
    first, second = (KMeans(space=space, seed=seed)(image).data for seed in (0, 5))
    assert np.mean((first > 0) == (second > 0)) > 0.99


def test_a_sample_gives_what_all_pixels_give(discs):
    image = Image(discs([12, 15, 9]))
    few, many = (KMeans(sample=sample).maps(image).foreground for sample in (2000, 0))
    assert dice(few > 0.5, many > 0.5) > 0.998


@pytest.mark.parametrize("n", [2, 3])
def test_there_are_no_more_groups_than_grey_values(n):
    pixels = np.tile(np.arange(30) % n, (30, 1))
    maps = KMeans(clusters=8, denoise=0).maps(Image(pixels))
    assert maps.found["found_clusters"] == n
    assert maps.found["found_brightness"] == list(range(n))


def test_one_bright_pixel_of_thousands_is_a_group():
    pixels = np.zeros((200, 200, 3))
    pixels[50, 60] = 1
    segment = KMeans(space="rgb", denoise=0, min_area=1, polarity="bright", sample=100)
    found = segment(Image(pixels, axes="YXC")).data
    assert np.argwhere(found).tolist() == [[50, 60]]


def test_edges_lie_halfway_in_grey_if_asked_for(discs):
    image = Image(discs([12, 15, 9]))
    assert KMeans(edges="cutoff").maps(image).edge_grey is None
    assert KMeans(space="features").maps(image).edge_grey is None
    assert KMeans().maps(image).edge_grey is not None


def test_light_may_be_made_even_before(discs):
    light = np.linspace(0, 250, 300)[None, :]
    image = Image(discs([12] * 12) + light)
    uneven, even = (
        KMeans(flatten=flatten, polarity="bright", min_area=99)(image).data
        for flatten in (0, 150)
    )
    assert even.max() == 12
    assert uneven.max() != 12


@pytest.mark.slow
def test_particles_in_a_real_picture_are_found(data):
    name = "Sc1Tile_001-001-000_0-000.png"
    folder = data("ampis_powder/train")
    truth = read_labels(folder / "masks" / name) > 0
    found = KMeans(polarity="bright")(read(folder / "images" / name)).data > 0
    assert dice(found, truth) > 0.7
