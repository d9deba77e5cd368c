import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.ndimage import label as label_pieces
from skimage.measure import euler_number as skimage_euler
from skimage.measure import perimeter_crofton as skimage_crofton

from segmetry.measure.moments import moments
from segmetry.measure.neighbours import crofton_perimeter, neighbours
from segmetry.measure.runs import OBJECT, ROW, START, find_runs

EIGHT = np.ones((3, 3))


def joined_of(labels):
    view = np.ascontiguousarray(labels, dtype=np.uint32).view()
    view.flags.writeable = False
    runs, ids = find_runs(view)
    return runs, neighbours(runs, n_objects=len(ids))


def crofton_of(labels, *, dx=1.0, dy=1.0):
    runs, joined = joined_of(labels)
    area = moments(runs, n_objects=len(joined.n_runs)).area
    return crofton_perimeter(area, joined, dx=dx, dy=dy)


def blobs(seed, n=5, shape=(60, 70)):
    """Smooth shapes with holes, each number in several pieces, touching each other."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.normal(size=shape), rng.uniform(0.5, 3))
    numbers = gaussian_filter(rng.normal(size=shape), 3)
    edges = np.quantile(numbers, np.linspace(0, 1, n + 1)[1:-1])
    return (np.digitize(numbers, edges) + 1) * (field > 0.1 * field.std())


def numbers_in(labels):
    return [label for label in np.unique(labels) if label > 0]


@pytest.mark.parametrize(
    ("rows", "euler"),
    [
        (["#"], 1),
        (["#.#"], 2),
        (["#.", ".#"], 1),  # corners join
        (["###", "#.#", "###"], 0),
        (["#####", "#.#.#", "#####"], -1),
        ([".#.", "#.#", ".#."], 0),  # a hole closed by corners
        (["###", "#.#", "#.#"], 1),
        (["#####", "#...#", "#.#.#", "#...#", "#####"], 1),  # a piece in a hole
    ],
)
def test_the_euler_number_is_pieces_less_holes(rows, euler):
    labels = np.array([[letter == "#" for letter in row] for row in rows])
    _, joined = joined_of(labels)
    assert joined.euler_number.tolist() == [euler]


@pytest.mark.parametrize("seed", range(12))
def test_the_euler_number_is_scikit_images(seed):
    labels = blobs(seed)
    _, joined = joined_of(labels)
    expected = [skimage_euler(labels == k, connectivity=2) for k in numbers_in(labels)]
    assert joined.euler_number.tolist() == expected


@pytest.mark.parametrize("seed", range(12))
def test_pieces_start_at_their_first_pixel(seed):
    labels = blobs(seed)
    _, joined = joined_of(labels)
    expected = set()
    for i, number in enumerate(numbers_in(labels)):
        pieces, n_pieces = label_pieces(labels == number, EIGHT)
        for piece in range(1, n_pieces + 1):
            y, x = np.nonzero(pieces == piece)
            expected.add((x[0], y[0], i))
    assert {tuple(start) for start in joined.piece_starts.tolist()} == expected
    assert len(joined.piece_starts) == len(expected)


@pytest.mark.parametrize("seed", range(6))
def test_each_run_is_in_one_piece_from_top_to_bottom(seed):
    labels = blobs(seed)
    runs, joined = joined_of(labels)
    np.testing.assert_array_equal(np.sort(joined.piece_runs), np.arange(len(runs)))
    pieces = np.split(runs[joined.piece_runs], joined.piece_offsets[1:-1])
    assert len(pieces) == len(joined.piece_starts)
    for piece, (x, y, i) in zip(pieces, joined.piece_starts, strict=True):
        assert set(piece[:, OBJECT]) == {i}
        assert (np.diff(piece[:, ROW]) >= 0).all()
        assert (piece[0, START], piece[0, ROW]) == (x, y)


def test_a_comb_is_one_piece_though_its_teeth_start_apart():
    comb = np.ones((5, 9))
    comb[:-1, 1::2] = 0
    _, joined = joined_of(comb)
    assert joined.piece_starts.tolist() == [[0, 0, 0]]


def test_a_spiral_is_one_piece():
    rows = ["#######", "......#", "#####.#", "#...#.#", "#.###.#", "#.....#", "#######"]
    spiral = np.array([[letter == "#" for letter in row] for row in rows])
    _, joined = joined_of(spiral)
    assert len(joined.piece_starts) == 1


def test_objects_that_touch_are_not_joined():
    _, joined = joined_of([[1, 2], [2, 1]])
    assert joined.euler_number.tolist() == [1, 1]
    assert len(joined.piece_starts) == 2


@pytest.mark.parametrize("seed", range(12))
def test_croftons_perimeter_is_scikit_images(seed):
    labels = blobs(seed)
    expected = [skimage_crofton(labels == k, directions=4) for k in numbers_in(labels)]
    np.testing.assert_allclose(crofton_of(labels), expected, rtol=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_croftons_perimeter_does_not_depend_on_which_side_is_up(seed):
    labels = blobs(seed)
    expected = crofton_of(labels, dx=1, dy=1.7)
    np.testing.assert_allclose(crofton_of(labels.T, dx=1.7, dy=1), expected)
    np.testing.assert_allclose(crofton_of(labels[::-1], dx=1, dy=1.7), expected)


@pytest.mark.parametrize("dy", [0.5, 1.25, 2.0])
def test_croftons_perimeter_of_a_disc_of_flat_pixels(dy):
    y, x = np.mgrid[-120:121, -60:61]
    found = crofton_of(x**2 + (dy * y) ** 2 <= 50.3**2, dy=dy)
    assert found[0] == pytest.approx(2 * np.pi * 50.3, rel=0.01)


def test_croftons_perimeter_grows_with_the_pixel():
    labels = blobs(1)
    np.testing.assert_allclose(crofton_of(labels, dx=3, dy=3), 3 * crofton_of(labels))


def test_no_objects_have_no_neighbours():
    _, joined = joined_of(np.zeros((4, 4)))
    assert joined.euler_number.shape == (0,)
    assert joined.piece_starts.shape == (0, 3)
    assert joined.piece_offsets.tolist() == [0]
