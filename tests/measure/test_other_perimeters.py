import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from skimage.measure import perimeter as from_skimage

from segmetry.measure.neighbours import neighbours
from segmetry.measure.other_perimeters import imagej_perimeter, skimage_perimeter
from segmetry.measure.runs import find_runs

CUT = 2 - np.sqrt(2)  # by which ImageJ shortens a corner


def prepared(labels):
    view = np.ascontiguousarray(labels, dtype=np.uint32).view()
    view.flags.writeable = False
    runs, ids = find_runs(view)
    return view, runs, len(ids)


def imagej_of(labels, *, dx=1.0, dy=1.0):
    data, runs, n = prepared(labels)
    starts = neighbours(runs, n_objects=n).piece_starts
    return imagej_perimeter(data, starts, n_objects=n, dx=dx, dy=dy)


def skimage_of(labels):
    data, runs, n = prepared(labels)
    return skimage_perimeter(data, runs, n_objects=n)


def blobs(seed, n=4, shape=(50, 60)):
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=shape), rng.uniform(0.5, 3))
    numbers = gaussian_filter(rng.normal(size=shape), 3)
    edges = np.quantile(numbers, np.linspace(0, 1, n + 1)[1:-1])
    return (np.digitize(numbers, edges) + 1) * (field > 0.1 * field.std())


def disc(radius, shift):
    reach = radius + 3
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return (x - shift[0]) ** 2 + (y - shift[1]) ** 2 <= radius**2


@pytest.mark.parametrize("seed", range(12))
def test_scikit_images_perimeter_is_scikit_images(seed):
    labels = blobs(seed)
    expected = [from_skimage(labels == number) for number in np.unique(labels)[1:]]
    np.testing.assert_allclose(skimage_of(labels), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (2, 2), (7, 1), (5, 8)])
def test_scikit_images_perimeter_of_rectangles_that_fill_the_picture(shape):
    assert skimage_of(np.ones(shape))[0] == pytest.approx(from_skimage(np.ones(shape)))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 2), (5, 3), (40, 40)])
def test_imagej_cuts_the_corners_of_a_rectangle(width, height):
    # Of corners one pixel apart only every second is cut.
    n_cut = {(1, 1): 2, (1, 2): 2}.get((width, height), 4)
    expected = 2 * (width + height) - n_cut * CUT
    assert imagej_of(np.ones((height, width)))[0] == pytest.approx(expected)


def test_imagej_follows_the_diagonal_of_a_staircase():
    # Two sides and every second corner cut for each step: its diagonal, on both sides.
    n = 50
    found = imagej_of(np.eye(n) + np.eye(n, k=1))[0]
    assert found == pytest.approx(2 * n * np.sqrt(2), abs=4)


@pytest.mark.parametrize(
    ("radius", "circularity"), [(5, 0.99), (10, 0.95), (20, 0.92), (50, 0.91)]
)
def test_imagej_drifts_with_size_as_it_is_known_to(radius, circularity):
    shifts = np.random.default_rng(radius).uniform(-0.5, 0.5, (100, 2))
    masks = [disc(radius, shift) for shift in shifts]
    found = [4 * np.pi * mask.sum() / imagej_of(mask)[0] ** 2 for mask in masks]
    assert np.mean(found) == pytest.approx(circularity, abs=0.02)


def test_imagej_counts_neither_holes_nor_what_is_outside():
    full = np.ones((9, 9))
    holed = full.copy()
    holed[3:6, 3:6] = 0
    assert imagej_of(holed)[0] == imagej_of(full)[0] == imagej_of(np.pad(full, 2))[0]


def test_imagej_adds_pieces():
    labels = np.zeros((8, 20))
    labels[1:5, 1:6] = labels[2:7, 10:14] = 1
    assert imagej_of(labels)[0] == pytest.approx(2 * (18 - 4 * CUT))


def test_imagej_follows_squares_that_meet_in_a_corner_as_one():
    labels = np.zeros((8, 8))
    labels[:4, :4] = labels[4:, 4:] = 1
    # Eight corners: the meeting point is passed twice.
    assert imagej_of(labels)[0] == pytest.approx(32 - 8 * CUT)


def test_imagej_uses_both_sides_of_flat_pixels():
    found = imagej_of(np.ones((5, 7)), dx=2, dy=3)[0]
    assert found == pytest.approx(2 * 7 * 2 + 2 * 5 * 3 - 4 * (5 - np.sqrt(13)))


@pytest.mark.parametrize("seed", range(4))
def test_turning_changes_scikit_images_not_at_all_and_imagejs_hardly(seed):
    labels = blobs(seed)
    turned = np.rot90(labels)
    np.testing.assert_allclose(skimage_of(turned), skimage_of(labels))
    n_pieces = np.bincount(neighbours_of(labels)[:, 2])
    # Where ImageJ's rule starts on a staircase can cost one corner for each piece.
    assert (np.abs(imagej_of(turned) - imagej_of(labels)) <= 2 * CUT * n_pieces).all()


def neighbours_of(labels):
    _, runs, n = prepared(labels)
    return neighbours(runs, n_objects=n).piece_starts


def test_no_objects_have_no_perimeter():
    assert imagej_of(np.zeros((3, 3))).shape == (0,)
    assert skimage_of(np.zeros((3, 3))).shape == (0,)
