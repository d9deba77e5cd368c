import numpy as np
import pytest
from skimage.draw import polygon2mask

from segmetry.errors import ReadError, SegmetryWarning
from segmetry.io.exchange import fill_polygons, filling, trace_outlines
from segmetry.io.exchange.filling import paint_runs


def polygons_of(outlines):
    return [(number, rings) for number, parts in outlines.items() for rings in parts]


@pytest.mark.parametrize("seed", range(200))
def test_outlines_that_are_filled_again_are_the_same_objects(random_labels, seed):
    labels = random_labels(seed)
    filled = fill_polygons(polygons_of(trace_outlines(labels)), labels.shape)
    assert filled.dtype == np.uint32
    assert np.array_equal(filled, labels)


def test_many_objects_come_back(many):
    filled = fill_polygons(polygons_of(trace_outlines(many)), many.shape)
    assert np.array_equal(filled, many)


@pytest.mark.parametrize("seed", range(40))
def test_a_pixel_belongs_to_the_polygon_that_holds_its_centre(seed):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    corners = 20 + rng.uniform(4, 30, (9, 1)) * np.stack(
        [np.cos(angles), np.sin(angles)], axis=1
    )
    # Its pixels' centres are whole numbers, y first.
    expected = polygon2mask((40, 40), corners[:, ::-1] - 0.5)
    assert np.array_equal(fill_polygons([(1, [corners])], (40, 40)) > 0, expected)


@pytest.mark.parametrize("seed", range(40))
def test_polygons_that_share_an_edge_neither_overlap_nor_leave_a_gap(seed):
    rng = np.random.default_rng(seed)
    middle = rng.uniform(5, 25, 2)
    rim = np.array([[0, 0], [30, 0], [30, 30], [0, 30]])
    wedges = [
        (k + 1, [np.stack([middle, rim[k], rim[(k + 1) % 4]])[:: rng.choice([-1, 1])]])
        for k in range(4)
    ]
    filled = fill_polygons(wedges, (30, 30))  # a warning would tell of an overlap
    assert set(np.unique(filled)) == {1, 2, 3, 4}


def test_what_lies_outside_is_left_out():
    corners = np.array([[-5, -5], [2, -5], [2, 90], [-5, 90]])
    assert fill_polygons([(3, [corners])], (2, 3)).tolist() == [[3, 3, 0], [3, 3, 0]]


def test_of_overlapping_objects_the_first_keeps_the_pixels():
    left, right = (np.array([[x, 0], [x + 2, 0], [x + 2, 1], [x, 1]]) for x in (0, 1))
    with pytest.warns(SegmetryWarning, match="overlap in 1 pixels"):
        filled = fill_polygons([(9, [left]), (4, [right])], (1, 4))
    assert filled.tolist() == [[9, 9, 4, 0]]


def test_overlapping_parts_of_one_object_add_up():
    left, right = (np.array([[x, 0], [x + 2, 0], [x + 2, 1], [x, 1]]) for x in (0, 1))
    filled = fill_polygons([(9, [left]), (9, [right])], (1, 4))
    assert filled.tolist() == [[9, 9, 9, 0]]


def test_an_object_that_covers_no_pixel_is_told():
    speck = np.array([[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]])
    with pytest.warns(SegmetryWarning, match="1 objects cover no pixel"):
        assert not fill_polygons([(5, [speck])], (2, 2)).any()


def test_an_object_that_is_wholly_covered_is_told():
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    with pytest.warns(SegmetryWarning) as caught:
        fill_polygons([(5, [square]), (6, [square])], (2, 2))
    assert [str(one.message).split(":")[0] for one in caught][1].startswith("1 objects")


def test_nothing_gives_an_empty_picture():
    assert fill_polygons([], (2, 3)).tolist() == [[0] * 3] * 2


def test_runs_are_counted_along_the_rows():
    numbers = np.array([4_000_000_000], dtype=np.uint32)
    painted = paint_runs(numbers, np.array([0]), (np.array([2]), np.array([3])), (2, 3))
    assert painted.tolist() == [[0, 0, 4_000_000_000], [4_000_000_000] * 2 + [0]]


@pytest.mark.parametrize("far", [1e10, 1e200, 1e308])
def test_outlines_beyond_any_picture_are_refused(far):
    corners = np.array([[-far, -far], [far, far], [far, -far]])
    with pytest.raises(ReadError, match="beyond any picture"):
        fill_polygons([(1, [corners])], (10, 10))


def test_objects_upon_objects_are_refused_before_they_take_memory():
    whole = np.array([[0, 0], [9000, 0], [9000, 9000], [0, 9000]])
    with pytest.raises(ReadError, match="cover 100 times the pixels"):
        fill_polygons([(number, [whole]) for number in range(1, 101)], (9000, 9000))


def test_outlines_up_and_down_all_over_are_refused_before_they_take_memory():
    x = np.arange(100_000)
    zigzag = np.stack([x % 9000, 9000 * (x % 2)], axis=1)
    with pytest.raises(ReadError, match="cross rows of the picture 900,000,000 times"):
        fill_polygons([(1, [zigzag])], (9000, 9000))


def test_runs_are_painted_piece_by_piece_as_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    of, lengths = rng.integers(0, 9, 500), rng.integers(0, 40, 500)
    runs = rng.integers(0, 2400 - lengths), lengths
    numbers = rng.permutation(9).astype(np.uint32) + 1
    with pytest.warns(SegmetryWarning, match="overlap") as told:
        whole = paint_runs(numbers, of, runs, (40, 60))
    monkeypatch.setattr(filling, "_PIECE", 64)
    with pytest.warns(SegmetryWarning, match="overlap") as again:
        pieces = paint_runs(numbers, of, runs, (40, 60))
    assert np.array_equal(pieces, whole)
    assert [str(one.message) for one in again] == [str(one.message) for one in told]
