import numpy as np
import pytest

from segmetry.edit.accounts import rows_after, tight_box
from segmetry.edit.change import AFTER, BEFORE
from segmetry.edit.runs import find
from segmetry.edit.table import DRAWN, EDITED, FOUND, ObjectTable


@pytest.mark.parametrize("whole", [1, 2**16])
@pytest.mark.parametrize("seed", range(12))
def test_the_tight_box_is_that_of_the_pixels(seed, whole, monkeypatch):
    monkeypatch.setattr("segmetry.edit.accounts._WHOLE", whole)
    monkeypatch.setattr("segmetry.edit.accounts._STRIP", 2)
    rng = np.random.default_rng(seed)
    data = np.zeros((40, 50), np.uint32)
    y, x = rng.integers(0, 40, 3), rng.integers(0, 50, 3)
    data[y, x] = 8
    expected = [x.min(), y.min(), x.max() + 1, y.max() + 1]
    assert tight_box(data, 8, np.array([0, 0, 50, 40])).tolist() == expected


def after(data, changed):
    """Rows before and after a picture became another."""
    data, changed = np.array(data, np.uint32), np.array(changed, np.uint32)
    both = find(data.astype(np.int64) * 100 + changed + 10_000)
    runs = np.column_stack([both, both[:, BEFORE] % 100])
    runs[:, BEFORE] = (both[:, BEFORE] - 10_000) // 100
    runs = runs[runs[:, BEFORE] != runs[:, AFTER]]
    labels = np.unique(runs[:, BEFORE:])
    before = ObjectTable(data).get(labels[labels > 0])
    return before, runs, changed


@pytest.mark.parametrize("seed", range(20))
def test_rows_after_a_change_are_those_of_a_recount(seed, objects):
    data, changed = objects(seed, (25, 35)), objects(seed + 99, (25, 35))
    rows = rows_after(*after(data, changed))
    counted = ObjectTable(changed).get(rows["label"])
    assert np.array_equal(rows["area"], counted["area"])
    assert np.array_equal(rows["box"], counted["box"])


def test_origins_follow_where_pixels_come_from():
    data = [[1, 1, 0, 2, 2, 0, 3, 3, 0, 0]]
    changed = [[1, 0, 4, 5, 2, 2, 3, 3, 3, 0]]
    before, runs, labels = after(data, changed)
    before["origin"][before["label"] == 3] = DRAWN
    rows = rows_after(before, runs, labels)
    origins = dict(zip(rows["label"].tolist(), rows["origin"].tolist(), strict=True))
    assert origins == {1: EDITED, 2: EDITED, 3: DRAWN, 4: DRAWN, 5: EDITED}


def test_what_takes_pixels_of_found_objects_is_no_longer_drawn():
    before, runs, labels = after([[1, 1, 2]], [[1, 2, 2]])
    before["origin"] = DRAWN, DRAWN
    assert rows_after(before, runs, labels)["origin"].tolist() == [DRAWN, DRAWN]
    before["origin"] = FOUND, DRAWN
    assert rows_after(before, runs, labels)["origin"].tolist() == [EDITED, EDITED]


def test_an_object_that_is_gone_leaves_an_empty_row():
    before, runs, labels = after([[1, 1, 0]], [[0, 0, 0]])
    before["accepted"] = True
    row = rows_after(before, runs, labels)[0]
    assert (row["area"], row["box"].tolist(), row["accepted"]) == (0, [0, 0, 0, 0], False)
