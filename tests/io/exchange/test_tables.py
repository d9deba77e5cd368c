import csv

import numpy as np
import pytest

from segmetry.io.exchange import Annotation, write_boxes, write_counts, write_dots


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table))[1:]


@pytest.mark.parametrize("seed", range(20))
def test_a_box_is_the_smallest_that_holds_its_object(tmp_path, random_labels, seed):
    labels = random_labels(seed)
    write_boxes(tmp_path / "boxes.csv", [Annotation("a", labels)])
    rows = rows_of(tmp_path / "boxes.csv")
    assert [int(row[1]) for row in rows] == [n for n in np.unique(labels) if n]
    for name, number, *box in rows:
        x0, y0, x1, y1 = map(int, box)
        inside = labels[y0:y1, x0:x1] == int(number)
        assert name == "a"
        assert inside.sum() == (labels == int(number)).sum()
        assert all(side.any() for side in (inside[0], inside[-1], *inside.T[[0, -1]]))


def test_a_dot_is_the_mean_of_its_objects_pixels(tmp_path, labels):
    write_dots(tmp_path / "dots.csv", [Annotation("a", labels)])
    for _, number, x, y in rows_of(tmp_path / "dots.csv"):
        expected = np.argwhere(labels == int(number)).mean(axis=0)
        assert [float(y), float(x)] == pytest.approx(expected.tolist())


def test_a_picture_without_objects_has_a_row_of_dots_and_a_count(tmp_path, labels):
    empty = Annotation("b", np.zeros((2, 2), np.uint8))
    write_dots(tmp_path / "dots.csv", [empty, Annotation("a", labels)])
    assert rows_of(tmp_path / "dots.csv")[0] == ["b", "", "", ""]
    write_counts(tmp_path / "counts.csv", [Annotation("a", labels), empty])
    assert rows_of(tmp_path / "counts.csv") == [["a", "6"], ["b", "0"]]


def test_more_than_65535_objects_are_counted(tmp_path, many):
    write_counts(tmp_path / "counts.csv", [Annotation("a", many)])
    assert rows_of(tmp_path / "counts.csv") == [["a", str(many.size)]]


def test_objects_of_a_stack_are_counted(tmp_path):
    stack = np.arange(8).reshape(2, 2, 2)
    write_counts(tmp_path / "counts.csv", [Annotation("a", stack)])
    assert rows_of(tmp_path / "counts.csv") == [["a", "7"]]
