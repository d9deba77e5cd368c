import numpy as np
import pytest
from scipy.cluster.hierarchy import ward

from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.hierarchical import Hierarchical, _joined
from segmetry.segment.kmeans import KMeans


@pytest.mark.parametrize("seed", range(5))
def test_the_groups_are_those_of_wards_tree(seed):
    rng = np.random.default_rng(seed)
    means = np.concatenate([rng.normal(at, 0.05, (20, 2)) for at in (0, 1, 3)])
    groups, n = _joined(means, 3)
    assert n == 3
    for first in (0, 20, 40):
        assert len(set(groups[first : first + 20])) == 1
    assert len(set(groups)) == 3
    assert ward(means)[-2, 2] > 10 * ward(means)[-4, 2]  # there are three, and no more


def test_pieces_that_do_not_count_belong_to_no_group():
    means = np.array([[0.0], [np.nan], [1.0], [np.nan], [0.1]])
    groups, n = _joined(means, 2)
    assert n == 2
    assert groups[[1, 3]].tolist() == [-1, -1]
    assert groups[0] == groups[4] != groups[2]


@pytest.mark.parametrize("means", [[[0.5]], [[0.5], [0.5]], [[np.nan], [0.5]]])
def test_one_mean_is_one_group(means):
    assert _joined(np.array(means), 4)[1] == 1


def test_where_one_piece_is_all_that_counts_nothing_is_found():
    pixels = np.tile(np.arange(60.0), (60, 1))
    excluded = np.ones((60, 60), bool)
    excluded[30, 30:32] = False
    image = Image(pixels, excluded=excluded)
    maps = Hierarchical(superpixels=10, denoise=0).maps(image)
    assert not maps.foreground.any()
    assert maps.found == {"found_clusters": 1}


def test_noise_that_takes_single_pixels_apart_leaves_pieces_whole(discs):
    image = Image(discs([14, 14, 14, 14], bright=120, dark=80, noise=25))
    options = {"min_area": 1, "fill_holes": False, "denoise": 0, "polarity": "bright"}
    alone = KMeans(**options, edges="cutoff")(image).data
    # A blur of two pixels is what a person would ask for in such noise.
    pieces = Hierarchical(**{**options, "denoise": 2}, superpixels=900)(image).data
    truth = discs([14, 14, 14, 14], noise=0) > 120
    assert dice(pieces > 0, truth) > dice(alone > 0, truth) + 0.05


def test_more_superpixels_find_smaller_objects(discs):
    image = Image(discs([4] * 9))
    few, many = (
        Hierarchical(superpixels=n, polarity="bright")(image).data.max() for n in (60, 1500)
    )
    assert many == 9
    assert few < 9


@pytest.mark.slow
def test_particles_in_a_real_picture_are_found(data):
    name = "Sc1Tile_001-001-000_0-000.png"
    folder = data("ampis_powder/train")
    part = np.s_[200:600, 300:800]
    truth = read_labels(folder / "masks" / name)[part] > 0
    image = Image(read(folder / "images" / name).pixels[part])
    found = Hierarchical(polarity="bright")(image).data > 0
    assert dice(found, truth) > 0.85
