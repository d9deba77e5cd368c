import numpy as np
import pytest

from segmetry.image import Image
from segmetry.measure.intensity import grey_values, intensities, local_background
from segmetry.measure.moments import moments
from segmetry.measure.runs import find_runs

LIMITS = {"uint8": (0, 255), "uint16": (0, 65535), "int32": (-(2**31), 2**31 - 1)}
DTYPES = [
    "uint8",
    "uint16",
    ">u2",
    "int16",
    "int32",
    "uint32",
    "float16",
    "float32",
    "float64",
]


def read_only(array, dtype=None):
    view = np.ascontiguousarray(array, dtype=dtype).view()
    view.flags.writeable = False
    return view


def prepared(labels):
    labels = read_only(labels, np.uint32)
    runs, ids = find_runs(labels)
    return labels, runs, moments(runs, n_objects=len(ids))


def intensities_of(labels, pixels):
    _, runs, sums = prepared(labels)
    values = grey_values(Image(np.asarray(pixels)))
    return intensities(values, runs, sums.first_pixel, sums.area)


def background_of(labels, pixels, excluded=None):
    labels, _, sums = prepared(labels)
    values = grey_values(Image(np.asarray(pixels)))
    return local_background(values, labels, sums.box, excluded)


def scene(seed, shape=(30, 40)):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 5, shape), rng.integers(0, 200, shape)


@pytest.mark.parametrize("dtype", DTYPES)
def test_grey_values_are_those_of_the_pixels(dtype):
    labels, pixels = scene(1)
    pixels = pixels.astype(dtype)
    found = intensities_of(labels, pixels)
    for i in range(4):
        inside = pixels[labels == i + 1].astype(np.float64)
        assert found.mean[i] == pytest.approx(inside.mean(), rel=1e-12)
        assert found.std[i] == pytest.approx(inside.std(), rel=1e-9)
        assert (found.minimum[i], found.maximum[i]) == (inside.min(), inside.max())


def test_true_and_false_are_one_and_zero():
    found = intensities_of([[1, 1, 1, 1]], np.array([[True, False, False, False]]))
    assert found.mean[0] == 0.25
    assert found.maximum[0] == 1


def test_negative_values_stay_negative():
    found = intensities_of([[1, 1]], np.array([[-5, 3]], dtype=np.int16))
    assert (found.mean[0], found.minimum[0]) == (-1, -5)


def test_large_integers_are_not_rounded():
    pixels = np.array([[2**24 + 1, 2**24 + 3]], dtype=np.uint32)
    assert intensities_of([[1, 1]], pixels).mean[0] == 2**24 + 2


def test_a_small_spread_on_a_large_value_is_kept():
    pixels = 1e8 + np.random.default_rng(0).normal(0, 0.01, (50, 50))
    found = intensities_of(np.ones((50, 50)), pixels)
    assert found.std[0] == pytest.approx(pixels.std(), rel=1e-5)


def test_an_even_object_has_no_spread():
    found = intensities_of(np.ones((9, 9)), np.full((9, 9), 0.1))
    assert found.std[0] == 0


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_an_object_with_a_broken_pixel_has_no_grey_values(broken, place):
    pixels = np.array([[1.0, 2.0, 3.0]])
    pixels[0, place] = broken
    found = intensities_of([[4, 4, 9]], pixels)
    for part in (found.mean, found.std, found.minimum, found.maximum):
        assert np.isnan(part[0])
        assert np.isfinite(part[1])


def test_colours_are_weighted_to_grey():
    pixels = np.zeros((2, 2, 3), dtype=np.uint8)
    pixels[..., 1] = 100
    image = Image(pixels, axes="YXC")
    np.testing.assert_allclose(grey_values(image), 58.7, rtol=1e-6)


def test_stored_grey_values_are_not_copied():
    image = Image(np.zeros((4, 5), dtype=np.uint16))
    values = grey_values(image)
    assert np.shares_memory(values, image.pixels)
    assert not values.flags.writeable


def test_strided_pictures_work():
    pixels = np.arange(200, dtype=np.uint8).reshape(10, 20)[::2, ::3]
    found = intensities_of(np.ones(pixels.shape), pixels)
    assert found.mean[0] == pytest.approx(pixels.mean())


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
@pytest.mark.parametrize("seed", range(4))
def test_the_background_is_the_median_of_the_frame(seed, dtype):
    rng = np.random.default_rng(seed)
    labels = np.zeros((60, 60), dtype=np.uint32)
    labels[20:31, 15:28], labels[36:45, 30:50] = 1, 2
    pixels = (rng.random((60, 60)) * 250).astype(dtype)
    found = background_of(labels, pixels)
    for i in range(2):
        y, x = np.nonzero(labels == i + 1)
        frame = np.zeros((60, 60), dtype=bool)
        frame[y.min() - 5 : y.max() + 6, x.min() - 5 : x.max() + 6] = True
        frame[y.min() - 3 : y.max() + 4, x.min() - 3 : x.max() + 4] = False
        expected = np.median(pixels[frame & (labels == 0)].astype(np.float64))
        assert found[i] == pytest.approx(expected, rel=1e-6)


def frame_of_one_pixel(values):
    """A picture whose only object's frame holds these values, and its labels."""
    labels = np.zeros((11, 11), dtype=np.uint32)
    labels[5, 5] = 1
    rows, columns = np.indices(labels.shape)
    distance = np.maximum(abs(rows - 5), abs(columns - 5))
    is_frame = (distance == 4) | (distance == 5)
    pixels = np.zeros((11, 11))
    pixels[is_frame] = np.resize(values, is_frame.sum())
    return labels, pixels


@pytest.mark.parametrize("seed", range(20))
def test_medians_of_odd_values_are_exact(seed):
    rng = np.random.default_rng(seed)
    values = np.exp(rng.normal(0, 4, 72)) * rng.choice([-1, 1], 72)
    labels, pixels = frame_of_one_pixel(values)
    assert background_of(labels, pixels)[0] == np.median(values)


@pytest.mark.parametrize("n_ones", [1, 35, 36, 37, 71])
def test_medians_of_two_values_fall_on_one_or_between(n_ones):
    values = np.array([1.0] * n_ones + [0.0] * (72 - n_ones))
    labels, pixels = frame_of_one_pixel(values)
    assert background_of(labels, pixels)[0] == np.median(values)


def test_one_outlier_moves_no_median():
    values = np.full(72, 10.0)
    values[7] = 1e12
    labels, pixels = frame_of_one_pixel(values)
    assert background_of(labels, pixels)[0] == 10


@pytest.mark.parametrize("n", [71, 72])
@pytest.mark.parametrize("scale", [5e-324, 1e-310, 1e-306, 1e-300, 1e300])
def test_medians_of_the_smallest_and_largest_numbers_are_exact(scale, n):
    values = np.random.default_rng(n).integers(1, 1000, 72) * scale
    labels, pixels = frame_of_one_pixel(values)
    excluded = np.zeros(labels.shape, dtype=bool)
    excluded[0, 0] = n == 71
    free = pixels[(pixels > 0) & ~excluded]
    assert background_of(labels, pixels, excluded)[0] == np.median(free)


@pytest.mark.parametrize("n_low", [1, 30, 36, 42, 71])
def test_a_range_wider_than_the_largest_number_has_a_median(n_low):
    values = np.array([-1.7e308] * n_low + [1.6e308] * (72 - n_low))
    labels, pixels = frame_of_one_pixel(values)
    middle = np.sort(values)[35:37]
    assert background_of(labels, pixels)[0] == (middle / 2).sum()


def test_an_object_on_a_slope_stands_out_by_its_own_height():
    y, x = np.mgrid[:80, :80]
    pixels = 2.0 * x + y
    inside = (x - 40) ** 2 + (y - 35) ** 2 <= 64
    pixels[inside] += 25
    found = intensities_of(inside, pixels).mean - background_of(inside, pixels)
    assert found[0] == pytest.approx(25, abs=0.5)


def test_other_objects_are_no_background():
    labels = np.zeros((40, 40), dtype=np.uint32)
    labels[15:25, 15:25], labels[5:35, 28:31] = 1, 2
    pixels = np.where(labels == 2, 250, 10)
    assert background_of(labels, pixels)[0] == 10


def test_excluded_pixels_are_no_background():
    labels = np.zeros((40, 40), dtype=np.uint32)
    labels[15:25, 15:25] = 1
    excluded = np.zeros((40, 40), dtype=bool)
    excluded[:, 12:] = True
    pixels = np.where(excluded, 250, 10)
    assert background_of(labels, pixels, excluded)[0] == 10


def test_broken_pixels_are_no_background():
    labels = np.zeros((30, 30), dtype=np.uint32)
    labels[10:20, 10:20] = 1
    pixels = np.full((30, 30), 4.0)
    pixels[::2] = np.nan
    pixels[1::4] = np.inf
    assert background_of(labels, pixels)[0] == 4


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_crowded_object_has_the_background_of_the_picture(dtype):
    labels = np.ones((50, 50), dtype=np.uint32)
    labels[20:30, 20:30] = 2
    labels[0, :15] = 0
    pixels = np.full((50, 50), 90, dtype=dtype)
    pixels[0, :15] = np.arange(15)
    assert background_of(labels, pixels).tolist() == [7, 7]


def test_the_background_of_the_picture_leaves_out_what_is_excluded():
    labels = np.ones((20, 20), dtype=np.uint32)
    labels[0, :8] = 0
    excluded = np.zeros((20, 20), dtype=bool)
    excluded[0, :4] = True
    pixels = np.full((20, 20), 50.0)
    pixels[0, :8] = [1, 1, 1, 1, 8, 8, np.nan, 8]
    assert background_of(labels, pixels, excluded)[0] == 8


def test_a_picture_full_of_objects_has_no_background():
    assert np.isnan(background_of(np.ones((9, 9)), np.ones((9, 9)))[0])


@pytest.mark.parametrize("seed", range(3))
def test_the_background_turns_with_the_picture(seed):
    rng = np.random.default_rng(seed)
    labels = np.zeros((50, 60), dtype=np.uint32)
    labels[15:22, 10:25], labels[30:44, 40:46] = 1, 2
    pixels = rng.random((50, 60)).astype(np.float32)
    expected = background_of(labels, pixels)
    np.testing.assert_array_equal(
        background_of(np.rot90(labels), np.rot90(pixels)), expected
    )
    np.testing.assert_array_equal(background_of(labels.T, pixels.T), expected)


def test_no_objects_have_no_grey_values():
    found = intensities_of(np.zeros((3, 3)), np.zeros((3, 3)))
    assert found.mean.shape == (0,)
    assert background_of(np.zeros((3, 3)), np.zeros((3, 3))).shape == (0,)
