import numpy as np
import pytest

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment import segmenter_options
from segmetry.segment.clustering import Clustering
from segmetry.segment.spaces import in_space

SHARED = ("clusters", "taken", "space", "polarity", "denoise", "flatten")
NAMES = ("kmeans", "gmm", "hierarchical")


def test_methods_share_their_options_with_the_same_defaults():
    first, *others = (
        [option for option in segmenter_options(name) if option.name in SHARED]
        for name in NAMES
    )
    assert {option.name for option in first} == set(SHARED)
    assert all(other == first for other in others)


def test_some_group_must_be_left_as_background():
    Clustering(clusters=2, taken=1)
    for taken in (3, 4):
        with pytest.raises(RecipeError, match="below the number of clusters, 3"):
            Clustering(clusters=3, taken=taken)


def test_values_are_those_of_the_space(discs):
    image = Image(discs([12, 15, 9]))
    method = Clustering(space="features", flatten=40, denoise=2)
    expected = in_space(image, "features", flatten=40, denoise=2)
    assert np.array_equal(method.values(image), expected)


@pytest.mark.parametrize(("taken", "polarity", "last"), [(1, "bright", 1), (2, "dark", 2)])
def test_groups_are_sorted_and_the_last_ones_or_the_first_are_objects(
    taken, polarity, last
):
    pixels = np.repeat([90.0, 10.0, 50.0], 10)[None, :] * np.ones((12, 1))
    classes = (pixels[..., None] == [90, 10, 50]).astype(np.float32)
    method = Clustering(clusters=3, taken=taken, polarity=polarity)
    groups = method.sorted_groups(classes, Image(pixels))
    assert groups.order.tolist() == [1, 2, 0]
    assert groups.taken.sum() == last
    assert groups.taken[-1 if polarity == "bright" else 0]


def test_edges_are_placed_in_grey_values_only_where_groups_are_of_grey(discs):
    image = Image(discs([12, 15, 9]))
    groups = Clustering(polarity="dark").sorted_groups(
        np.stack([image.pixels > 120, image.pixels <= 120], axis=-1).astype(np.float32),
        image,
    )
    placed = Clustering().edge_grey(image, groups, "halfway")
    assert placed.mean() < 0  # of dark objects, turned round
    assert Clustering().edge_grey(image, groups, "cutoff") is None
    assert Clustering(space="lab").edge_grey(image, groups, "halfway") is None
