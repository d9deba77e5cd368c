import numpy as np
import pytest

from segmetry.edit.runs import find
from segmetry.edit.table import OBJECT, ObjectTable, extents


def row(label, area=3, box=(0, 0, 1, 3)):
    return np.array([(label, box, area, 1, False)], dtype=OBJECT)


@pytest.mark.parametrize("seed", range(20))
def test_areas_and_boxes_are_those_counted_pixel_by_pixel(seed, objects):
    data = objects(seed, (25, 35))
    labels, areas, boxes = extents(find(data))
    assert labels.tolist() == sorted(set(data[data > 0].tolist()))
    for label, area, box in zip(labels, areas, boxes, strict=True):
        y, x = np.nonzero(data == label)
        assert area == len(y)
        assert box.tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]


def test_an_empty_picture_has_an_empty_table():
    table = ObjectTable(np.zeros((4, 5), np.uint32))
    assert len(table.alive) == 0
    assert table.get(np.array([3]))["area"].tolist() == [0]


def test_rows_are_found_and_written_by_number(objects):
    table = ObjectTable(objects(1, (25, 35)))
    known = table.alive["label"].astype(int)
    asked = np.array([known[0], 500])
    rows = table.get(asked)
    assert rows["label"].tolist() == asked.tolist()
    assert (rows["area"] > 0).tolist() == [True, False]
    rows["area"] = 0
    table.put(rows)
    assert table.alive["label"].tolist() == known[1:].tolist()


@pytest.mark.parametrize("order", [(4, 9, 30, 31), (31, 4, 30, 9), (30, 31, 9, 4)])
def test_new_numbers_come_at_the_end_or_between(order):
    table = ObjectTable(np.array([[5, 0, 20]], np.uint32))
    for label in order:
        table.put(row(label))
        assert table.get(np.array([label]))["area"].tolist() == [3]
    assert table.alive["label"].tolist() == sorted({5, 20, *order})


def test_rows_that_were_given_out_are_no_way_into_the_table():
    table = ObjectTable(np.array([[5, 0, 20]], np.uint32))
    with pytest.raises(ValueError, match="read-only"):
        table.alive["area"] = 9
    table.get(np.array([5]))["area"] = 9
    assert table.alive["area"].tolist() == [1, 1]
