import numpy as np
import pytest

from segmetry.errors import DatasetError
from segmetry.evaluate.corrections import compare

SHAPE = (60, 80)


def row(name="a", *, pixel_size=None, frame=(0, 0, 80, 60), **more):
    x_min, y_min, x_max, y_max = frame
    area = (x_max - x_min) * (y_max - y_min)
    return {
        "image": name,
        "frame_x_min_px": x_min,
        "frame_y_min_px": y_min,
        "frame_x_max_px": x_max,
        "frame_y_max_px": y_max,
        "included_area_px": area,
        "pixel_size": pixel_size,
        "unit": "" if pixel_size is None else "um",
        **more,
    }


def squares(*corners, side=6):
    labels = np.zeros(SHAPE, np.uint32)
    for number, (y, x) in enumerate(corners, 1):
        labels[y : y + side, x : x + side] = number
    return labels


def test_an_object_added_one_deleted_and_one_kept_are_told_apart():
    change = compare(
        squares((10, 10), (30, 30)), squares((10, 10), (30, 50), (20, 60)), row()
    )
    assert (len(change.before), len(change.after), change.n_matched) == (2, 3, 1)
    assert change.before["image"].tolist() == ["a", "a"]


def test_a_redrawn_outline_is_the_same_object():
    wider = squares((10, 10))
    wider[10:16, 16] = 1
    change = compare(squares((10, 10)), wider, row())
    assert change.n_matched == 1
    assert change.after["area_px"].tolist() == [42]


def test_lengths_are_in_micrometres_where_the_run_knew_them():
    change = compare(squares((10, 10)), squares((10, 10)), row(pixel_size=0.5))
    assert change.after["area_um2"].tolist() == [9.0]
    unlike = row(pixel_size=0.5, pixel_size_y=1.0)
    assert compare(squares((9, 9)), squares((9, 9)), unlike).after["area_um2"][0] == 18


def test_the_edge_is_that_of_the_frame():
    labels = squares((10, 10), (30, 30))
    inside = compare(labels, labels, row()).after["touches_edge"].tolist()
    cut = compare(labels, labels, row(frame=(10, 0, 80, 60))).after["touches_edge"].tolist()
    assert (inside, cut) == ([False, False], [True, False])


def test_a_picture_without_objects_can_be_corrected():
    change = compare(squares(), squares((10, 10)), row())
    assert (len(change.before), len(change.after), change.n_matched) == (0, 1, 0)


@pytest.mark.parametrize(
    ("shape", "said"), [((60, 81), "81 × 60"), ((2, 60, 80), "3-dimensional")]
)
def test_labels_of_another_shape_are_refused(shape, said):
    with pytest.raises(DatasetError, match=said):
        compare(squares(), np.zeros(shape, np.uint32), row())
