import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from segmetry.measure.edge_contact import touches_edge
from segmetry.measure.moments import moments
from segmetry.measure.runs import find_runs

EIGHT = np.ones((3, 3))


def contacts(labels, excluded=None):
    view = np.ascontiguousarray(labels, dtype=np.uint32).view()
    view.flags.writeable = False
    runs, ids = find_runs(view)
    box = moments(runs, n_objects=len(ids)).box
    return touches_edge(runs, box, excluded, shape=view.shape)


@pytest.mark.parametrize(
    ("row", "column"), [(0, 4), (4, 0), (8, 4), (4, 10), (0, 0), (8, 10), (0, 10), (8, 0)]
)
def test_a_pixel_in_the_first_or_last_row_or_column_touches(row, column):
    labels = np.zeros((9, 11))
    labels[row, column] = 1
    assert contacts(labels).tolist() == [True]


def test_a_pixel_next_to_the_border_does_not_touch():
    labels = np.zeros((9, 11))
    labels[1, 1], labels[7, 9] = 1, 2
    assert contacts(labels).tolist() == [False, False]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_everything_touches_in_a_picture_one_pixel_wide(shape):
    labels = np.zeros(shape)
    labels.flat[labels.size // 2] = 1
    assert contacts(labels).tolist() == [True]


def test_an_object_on_a_banner_touches():
    labels = np.zeros((20, 20))
    labels[10:15, 5:9], labels[9:14, 12:15] = 1, 2
    banner = np.zeros((20, 20), dtype=bool)
    banner[15:] = True
    assert contacts(labels, banner).tolist() == [True, False]


def test_an_object_inside_what_is_excluded_touches():
    labels = np.zeros((9, 9))
    labels[4, 4] = 1
    excluded = np.zeros((9, 9), dtype=bool)
    excluded[4, 4] = True
    assert contacts(labels, excluded).tolist() == [True]


def test_a_corner_is_a_contact():
    labels = np.zeros((9, 9))
    labels[2:5, 2:5] = 1
    excluded = np.zeros((9, 9), dtype=bool)
    excluded[5, 5] = True
    assert contacts(labels, excluded).tolist() == [True]


def test_nothing_excluded_changes_nothing():
    labels = np.random.default_rng(0).integers(0, 9, (12, 12))
    nothing = np.zeros((12, 12), dtype=bool)
    assert contacts(labels, nothing).tolist() == contacts(labels).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_contacts_are_those_with_what_grows_by_one_pixel(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(1, 30, (40, 50)) * (rng.random((40, 50)) < 0.05)
    excluded = rng.random((40, 50)) < rng.choice([0.001, 0.02, 0.3])
    beyond = np.pad(excluded, 1, constant_values=True)
    reach = binary_dilation(beyond, EIGHT)[1:-1, 1:-1]
    numbers = np.unique(labels)[1:]
    expected = [bool(reach[labels == number].any()) for number in numbers]
    assert contacts(labels, excluded).tolist() == expected


def test_a_strided_exclusion_works():
    labels = np.zeros((9, 9))
    labels[4, 4] = 1
    excluded = np.zeros((18, 9), dtype=bool)
    excluded[10] = True
    assert contacts(labels, excluded[::2]).tolist() == [True]
