import struct
import zlib

import numpy as np
import pytest

from segmetry.edit import Change, Edit
from segmetry.edit.change import pending_from_json, pending_to_json
from segmetry.errors import EditError


@pytest.fixture
def change(objects, canvas_of):
    """A stroke that cuts, extends and overwrites."""
    canvas = canvas_of(objects(4, (30, 40)))
    found = canvas.apply(Edit("draw", ((0, 12), (39, 14)), 5, overwrite=True))
    assert found.created
    assert found.changed
    return found


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("runs", "before", "after", "pending_before", "pending_after")
    )


def test_a_change_goes_through_bytes_and_back(change):
    again = Change.from_bytes(change.to_bytes())
    assert same(again, change)
    assert (again.next_id, again.into, again.remark) == (
        change.next_id,
        change.into,
        change.remark,
    )
    assert len(change.to_bytes()) < 900


def test_what_is_pending_goes_through_json_and_back():
    pending = {7: (((1, 2), (3, 4)), ((5, 6), (7, 8))), 2: (((0, 0), (9, 9)),)}
    assert pending_from_json(pending_to_json(pending)) == pending
    change = Change(pending_before=pending, pending_after={2: pending[2]})
    assert same(Change.from_bytes(change.to_bytes()), change)
    assert change.pending == (2,)


def test_the_inverse_of_the_inverse_is_the_change(change):
    assert same(change.inverse().inverse(), change)
    assert change.inverse().gone == change.created
    assert change.inverse().created == change.gone


def test_the_box_holds_all_changed_pixels_and_no_row_or_column_more(change):
    (patch,) = change.patches()
    rows, columns = change.box
    assert (rows.start, rows.stop) == (patch["y"], patch["y"] + patch["height"])
    assert (columns.start, columns.stop) == (patch["x"], patch["x"] + patch["width"])


def test_an_empty_change_changes_nothing():
    assert Change().is_empty
    assert Change().patches() == []
    assert (Change().created, Change().changed, Change().gone) == ((), (), ())
    assert Change.from_bytes(Change().to_bytes()).is_empty


def test_a_patch_is_the_box_of_what_changed(canvas_of):
    data = np.zeros((9, 9), np.uint32)
    data[4, 4] = 5
    canvas = canvas_of(data)
    change = canvas.apply(Edit("draw", ((2, 4), (6, 4)), 1))
    # The stroke is cut by the object in its way: two pieces, two objects.
    runs = [(6, 2), (-1, 1), (7, 2)]
    assert change.patches() == [{"x": 2, "y": 4, "width": 5, "height": 1, "runs": runs}]
    undone = canvas.revert(change).patches()[0]["runs"]
    assert undone == [(0, 2), (-1, 1), (0, 2)]


def record(text, body=b""):
    return struct.pack("<I", len(text)) + zlib.compress(text + body)


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (b"", "damaged"),
        (b"\x04\0\0\0not compressed", "damaged"),
        (record(b"no json"), "damaged"),
        (record(b"[]"), "damaged"),
        (record(b'{"format": 1}'), "damaged"),
        (record(b'{"format":1,"runs":3,"objects":0,"pending":[[],[]]}', b"1"), "damaged"),
        (record(b'{"format": 2}'), "newer Segmetry"),
    ],
)
def test_a_damaged_record_is_refused_in_a_sentence(damaged, words):
    with pytest.raises(EditError, match=words):
        Change.from_bytes(damaged)
