import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation, gaussian_filter

from segmetry.errors import SegmetryWarning
from segmetry.evaluate import dice
from segmetry.image import Image
from segmetry.io import read, read_labels
from segmetry.segment.chanvese import ChanVese, moved_outline
from segmetry.segment.threshold import Threshold, cutoff_of


def texture(seed, shape=(50, 60)):
    """Smooth grey values without a plain outline, and where they are above the middle."""
    rng = np.random.default_rng(seed)
    grey = gaussian_filter(rng.random(shape), rng.uniform(1, 3)).astype(np.float32)
    return grey, grey > np.median(grey)


@pytest.mark.parametrize("smoothing", [0, 1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_a_round_is_two_iterations_of_scikit_image(seed, smoothing):
    from skimage.segmentation import morphological_chan_vese

    grey, start = texture(seed)
    # Away from the frame, where scikit-image takes all beyond it for outside.
    framed = np.pad(grey, 12, constant_values=grey.min())
    beginning = np.pad(start, 12)
    whole = np.ones(framed.shape, bool)
    moved = moved_outline(framed, beginning, whole, smoothing=smoothing, iterations=3)
    expected = morphological_chan_vese(
        framed, 2 * moved.iterations, beginning, smoothing=smoothing
    )
    assert np.array_equal(moved.bright, expected > 0)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), smoothing=st.integers(0, 3), turns=st.integers(1, 3))
def test_a_turned_picture_has_the_turned_outline(seed, smoothing, turns):
    grey, start = texture(seed, shape=(24, 31))
    given_ = (grey, start, np.ones(grey.shape, bool))
    plain = moved_outline(*given_, smoothing=smoothing)
    turned = moved_outline(*(np.rot90(one, turns) for one in given_), smoothing=smoothing)
    assert np.array_equal(np.rot90(plain.bright, turns), turned.bright)
    assert plain.iterations == turned.iterations


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_without_smoothing_each_side_gets_nearer_to_its_mean(seed):
    grey, _ = texture(seed, shape=(24, 31))
    start = grey > np.quantile(grey, 0.8)
    moved = moved_outline(grey, start, np.ones(grey.shape, bool), smoothing=0)
    assert spread(grey, moved.bright) <= spread(grey, start) + 1e-6


def spread(grey, bright):
    sides = (grey[bright], grey[~bright])
    return sum(float(((side - side.mean()) ** 2).sum()) for side in sides if side.size)


def test_an_outline_at_rest_takes_one_round_and_says_so():
    grey = np.zeros((30, 30), np.float32)
    grey[8:20, 8:20] = 5
    whole = np.ones((30, 30), bool)
    moved = moved_outline(grey, grey > 0, whole, smoothing=0)
    assert np.array_equal(moved.bright, grey > 0)
    assert (moved.iterations, moved.converged) == (1, True)
    assert moved.means == (0, 5)


def test_an_outline_moves_two_pixels_in_a_round_until_it_is_there():
    grey = np.zeros((60, 60), np.float32)
    grey[10:50, 10:50] = 5
    start = np.zeros((60, 60), bool)
    start[28:32, 28:32] = True
    whole = np.ones((60, 60), bool)
    short = moved_outline(grey, start, whole, smoothing=0, iterations=3)
    assert not short.converged
    assert np.array_equal(short.bright, binary_dilation(start, iterations=6))
    assert np.array_equal(moved_outline(grey, start, whole, smoothing=0).bright, grey > 0)


def test_too_few_rounds_are_told_in_a_sentence():
    image = Image(np.random.default_rng(0).random((80, 90)))
    with pytest.warns(SegmetryWarning, match="still moved after 1 rounds; ask for more"):
        found = ChanVese(iterations=1, denoise=0).maps(image).found
    assert found["found_converged"] is False
    assert found["found_iterations"] == 1


def test_noise_that_ruins_a_cutoff_is_borne(discs):
    truth = discs([9, 11, 13, 15, 22], shape=(200, 300), noise=0) > 120
    rng = np.random.default_rng(1)
    image = Image(np.where(truth, 200, 40) + rng.normal(0, 160, truth.shape))
    smooth = ChanVese(smoothing=3, edges="cutoff")(image).data
    assert dice(smooth > 0, truth) > 0.96
    assert smooth.max() == 5
    assert dice(Threshold()(image).data > 0, truth) < 0.7


def test_smoothing_takes_thin_lines_and_leaves_wide_ones():
    pixels = np.full((60, 80), 40.0)
    pixels[10:11] = pixels[30:45] = 200
    kept = [
        ChanVese(smoothing=smoothing, denoise=0, polarity="bright", separate=False)
        .maps(Image(pixels))
        .foreground
        > 0.5
        for smoothing in (0, 2)
    ]
    assert kept[0][10].all()
    assert kept[0][30:45].all()
    assert kept[1][32:43, 5:-5].all()


def test_the_map_agrees_with_the_outline_whatever_the_grey_value():
    grey, _ = texture(5)
    whole = np.ones(grey.shape, bool)
    moved = moved_outline(grey, grey > cutoff_of(grey, method="otsu"), whole, smoothing=3)
    maps = ChanVese(smoothing=3, denoise=0, polarity="bright").maps(Image(grey))
    assert np.array_equal(maps.foreground > 0.5, moved.bright)
    assert (moved.bright != (grey > sum(moved.means) / 2)).any()  # it is smoother
    assert grey[maps.foreground > 0.6].min() > grey[maps.foreground < 0.4].max()


def test_nothing_is_left_where_smoothing_takes_all_of_one_side():
    pixels = np.zeros((40, 40))
    pixels[10::9, 10::9] = 1  # single pixels
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for polarity in ("auto", "bright", "dark"):
            segment = ChanVese(denoise=0, polarity=polarity, smoothing=3, min_area=1)
            assert not segment(Image(pixels)).data.any()


@pytest.mark.slow
def test_particles_in_a_real_picture_are_found(data):
    name = "Sc1Tile_001-001-000_0-000.png"
    folder = data("ampis_powder/train")
    truth = read_labels(folder / "masks" / name) > 0
    labels = ChanVese(polarity="bright")(read(folder / "images" / name))
    assert labels.steps[0].options["found_converged"]
    assert dice(labels.data > 0, truth) > 0.95
