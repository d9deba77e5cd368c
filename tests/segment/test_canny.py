import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.canny import Canny, contrasts, edges_of, regions_within
from segmetry.segment.threshold import Threshold


def lines(seed, shape=(30, 40), n=6):
    """Straight lines across a picture, some of them with gaps."""
    rng = np.random.default_rng(seed)
    edges = np.zeros(shape, bool)
    for _ in range(n):
        if rng.random() < 0.5:
            edges[rng.integers(shape[0])] = True
        else:
            edges[:, rng.integers(shape[1])] = True
    edges[rng.random(shape) < 0.1] = False
    return edges


def test_objects_in_uneven_light_are_found_where_one_cutoff_fails(discs):
    truth = discs([12] * 12, noise=0) > 120
    light = np.linspace(0, 400, 300)[None, :]
    image = Image(60.0 * truth + light + np.random.default_rng(0).normal(0, 3, truth.shape))
    found = Canny()(image).data
    assert found.max() == 12
    assert dice(found > 0, truth) > 0.97
    assert dice(Threshold()(image).data > 0, truth) < 0.5


def test_a_dim_object_beside_bright_ones_is_found_if_more_edges_are_asked_for():
    y, x = np.mgrid[:80, :200]
    pixels = np.full((80, 200), 20.0)
    for column, grey in ((40, 220), (100, 200), (160, 80)):
        pixels[np.hypot(y - 40, x - column) < 18] = grey
    image = Image(pixels + np.random.default_rng(0).normal(0, 2, pixels.shape))
    assert Threshold(min_area=99)(image).data.max() == 2
    assert Canny(min_area=99)(image).data.max() == 2
    assert Canny(min_area=99, steepness="share")(image).data.max() == 3


@pytest.mark.parametrize("polarity", ["auto", "bright", "dark"])
@pytest.mark.parametrize("seed", range(3))
def test_white_noise_holds_no_objects(seed, polarity):
    pixels = np.random.default_rng(seed).normal(100, 10, (150, 200))
    assert not Canny(polarity=polarity)(Image(pixels)).data.any()


def test_a_slope_of_light_holds_no_objects():
    pixels = np.tile(np.linspace(0, 200, 150), (90, 1))
    pixels += np.random.default_rng(0).normal(0, 3, pixels.shape)
    assert not Canny()(Image(pixels)).data.any()


def test_inverted_contrast_gives_the_same_objects(discs):
    pixels = discs([9, 11, 13, 15])
    found = Canny()(Image(pixels)).data
    inverted = Canny()(Image(255 - pixels))
    assert np.mean((found > 0) == (inverted.data > 0)) > 0.999
    assert inverted.steps[0].options["found_polarity"] == "dark"


def test_a_ring_is_filled_or_left_open():
    y, x = np.mgrid[:90, :90]
    away = np.hypot(y - 45, x - 45)
    pixels = np.where((away > 14) & (away < 28), 200.0, 40)
    areas = [
        (Canny(fill_holes=fill, separate=False)(Image(pixels)).data > 0).sum()
        for fill in (True, False)
    ]
    assert areas[0] == pytest.approx(np.pi * 28**2, rel=0.03)
    assert areas[1] == pytest.approx(np.pi * (28**2 - 14**2), rel=0.05)


def test_an_object_that_the_frame_cuts_is_found():
    y, x = np.mgrid[:80, :120]
    pixels = np.where(np.hypot(y - 40, x) < 22, 200.0, 40)
    found = Canny()(Image(pixels)).data
    assert found.max() == 1
    assert (found > 0).sum() == pytest.approx(np.pi * 22**2 / 2, rel=0.04)


def outline(gap):
    edges = np.zeros((40, 60), bool)
    edges[10, 20:41] = edges[30, 20:41] = edges[10:31, 20] = edges[10:31, 40] = True
    edges[18 : 18 + gap, 40] = False
    return edges


@pytest.mark.parametrize("gap", [0, 1, 2, 3, 5])
def test_a_gap_is_closed_if_it_is_no_wider_than_told(gap):
    whole = np.ones((40, 60), bool)
    regions = regions_within(outline(gap), whole, gap)
    assert regions.max() == 2
    assert (regions == regions[20, 30]).sum() == pytest.approx(20**2, rel=0.11)
    assert regions_within(outline(gap + 2), whole, gap).max() == 1


def test_a_closed_outline_narrower_than_the_gap_is_a_region_of_its_own():
    edges = np.zeros((30, 30), bool)
    edges[10:14, 10:14] = True
    edges[11:13, 11:13] = False
    regions = regions_within(edges, np.ones((30, 30), bool), 8)
    assert regions.max() == 2
    assert (regions[11:13, 11:13] == regions[11, 11]).all()
    assert regions[11, 11] != regions[0, 0]


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), gap=st.integers(0, 6))
def test_every_pixel_that_counts_is_of_one_region(seed, gap):
    edges = lines(seed)
    included = np.random.default_rng(seed).random(edges.shape) > 0.1
    regions = regions_within(edges, included, gap)
    assert np.array_equal(regions > 0, included)
    assert np.array_equal(np.unique(regions[included]), np.arange(1, regions.max() + 1))


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000))
def test_no_region_crosses_a_line_without_gaps(seed):
    edges = lines(seed)
    edges[:, 17] = True
    regions = regions_within(edges, np.ones(edges.shape, bool), 0)
    left, right = regions[:, :17][~edges[:, :17]], regions[:, 18:][~edges[:, 18:]]
    assert not set(left) & set(right)


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 100), shift=st.floats(-50, 50))
def test_contrasts_follow_grey_values_and_cancel_over_all(seed, scale, shift):
    rng = np.random.default_rng(seed)
    regions = rng.integers(0, 5, (12, 15)).astype(np.int32)
    grey = rng.random(regions.shape).astype(np.float32)
    plain = contrasts(grey, regions)
    assert np.allclose(contrasts(-grey, regions), -plain)
    other = (scale * grey + shift).astype(np.float32)
    assert np.allclose(contrasts(other, regions), scale * plain, atol=1e-4)
    two = np.minimum(regions, 2)
    assert contrasts(grey, two)[1:].sum() == pytest.approx(0, abs=1e-9)


def test_a_region_is_as_bright_as_its_step():
    regions = np.ones((30, 30), np.int32)
    regions[10:20, 10:20] = 2
    grey = np.where(regions == 2, 7, 3).astype(np.float32)
    assert contrasts(grey, regions).tolist() == [0, -4, 4]
    assert contrasts(grey, np.ones_like(regions)).tolist() == [0, 0]


def test_edges_reach_the_frame_and_are_steep():
    grey = np.repeat(np.float32([[0, 0, 0, 1, 5, 6, 6, 6]]), 9, 0)
    found = edges_of(grey, steep=2)
    assert found[:, 3:5].any(axis=1).all()
    assert not found[:, [0, 1, 2, 5, 6, 7]].any()
    assert not edges_of(grey, steep=4).any()


def test_more_steep_pixels_give_more_edges(discs):
    image = Image(discs([9, 11, 13, 15]))
    some, more = (
        Canny(steepness="share", steepest=share).maps(image).found for share in (0.05, 0.5)
    )
    assert some["found_steepness"] > more["found_steepness"]
    assert some["found_regions"] < more["found_regions"]


def test_no_edge_runs_where_the_excluded_part_begins(discs):
    pixels = discs([12, 15, 9]).astype(float)
    excluded = np.zeros(pixels.shape, bool)
    excluded[:, 250:] = True
    excluded[:20] = True
    pixels[excluded] = 9000
    found = Canny()(Image(pixels, excluded=excluded)).data
    truth = (discs([12, 15, 9], noise=0) > 120) & ~excluded
    assert dice(found > 0, truth) > 0.97


@pytest.mark.slow
def test_particles_in_a_real_picture_are_found(data):
    name = "Sc1Tile_001-001-000_0-000.png"
    folder = data("ampis_powder/train")
    truth = read_labels(folder / "masks" / name) > 0
    found = Canny(polarity="bright")(read(folder / "images" / name)).data > 0
    assert dice(found, truth) > 0.93
