import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.edit.plan import Ground, becoming, numbered, parted, stroke_of, under
from segmetry.edit.table import ObjectTable


@pytest.fixture
def ground():
    data = np.zeros((9, 20), np.uint32)
    data[2:7, 2:18], data[8, 0:3] = 4, 9
    return Ground(data, None, ObjectTable(data), 10, {})


def test_only_objects_that_are_there_count(ground):
    assert ground.there(np.array([9, 4, 77, 4, 0])).tolist() == [4, 9]
    assert ground.box(4) == (2, 2, 18, 7)


def test_an_edit_without_points_has_no_stroke(ground):
    assert len(stroke_of(ground, Edit("fill", ids=(4,)))) == 0


def test_background_under_a_stroke_is_left_out(ground):
    runs = under(ground, stroke_of(ground, Edit("erase", ((0, 4), (19, 4)), 1)))
    assert runs.tolist() == [[4, 2, 18, 4]]


def test_each_run_may_become_something_else():
    runs = np.array([[0, 1, 2, 7], [0, 4, 6, 7]])
    assert becoming(runs, np.array([8, 9])).tolist() == [[0, 1, 2, 7, 8], [0, 4, 6, 7, 9]]


def test_new_numbers_follow_reading_order_over_all_objects():
    parts = [
        np.array([[5, 9, 10, 2]]),
        np.array([[5, 3, 4, 7]]),
        np.array([[1, 20, 30, 2]]),
    ]
    assert [part[0, 4] for part in numbered(parts, 50)] == [50, 51, 52]
    assert [part[0, 0] for part in numbered(parts, 50)] == [1, 5, 5]


def test_what_pixels_are_taken_from_falls_into_parts(ground):
    middle = np.array([[row, 6, 8, 4] for row in range(2, 7)])
    parts, pending = parted(ground, middle, 10)
    assert pending == {}
    (part,) = parts
    assert part[:, 1:].tolist() == [[2, 6, 4, 10]] * 5
