"""Traps of editing large pictures, of which no edit may look at the whole."""

import numpy as np
import pytest

from segmetry.edit import Canvas, Edit
from segmetry.errors import EditTooLargeError
from segmetry.image import Image, Labels


@pytest.fixture(scope="module")
def large():
    """A picture of 17 megapixels, which no edit may look at as a whole."""
    data = np.zeros((4125, 4125), np.uint32)
    data[100:140, 100:140], data[2000:2040, 2000:2040] = 1, 2
    return Labels(data, Image(np.zeros(data.shape, np.uint8)))


@pytest.mark.slow
def test_a_stroke_across_the_whole_picture_touches_its_own_pixels_only(large):
    canvas = Canvas.of(large)
    change = canvas.apply(Edit("draw", ((0, 4124), (4124, 0)), 60))
    row = canvas.objects[-1]
    # A band of 60 px along the diagonal.
    assert row["area"] == pytest.approx(60 * 4125 * 2**0.5, rel=0.01)
    assert len(change.to_bytes()) < 40_000
    assert canvas.apply(Edit("erase", ((0, 4124), (4124, 0)), 60)).gone == change.created
    assert canvas.objects["label"].tolist() == [1, 2]


@pytest.mark.slow
def test_a_giant_object_is_pending_until_it_is_settled(large, recount):
    canvas = Canvas.of(large)
    ring = ((900, 900), (3200, 900), (3200, 3200), (900, 3200), (900, 900))
    (label,) = canvas.apply(Edit("draw", ring, 9)).created
    cut = canvas.apply(Edit("erase", ((2000, 880), (2000, 920)), 5))
    assert (cut.created, cut.pending) == ((), (label,))
    settled = canvas.settle()
    assert (settled.created, settled.changed, canvas.pending) == ((), (label,), ())
    again = canvas.apply(Edit("erase", ((2500, 3180), (2500, 3220)), 5))
    assert again.pending == (label,)
    parted = canvas.settle([label, 77])
    assert parted.created == (label + 1,)
    assert not canvas.pending
    recount(canvas)
    for change in (parted, again, settled, cut):
        canvas.revert(change)
    assert (canvas.objects["label"].tolist(), canvas.pending) == ([1, 2, label], ())


def test_a_nibble_at_a_giant_object_is_decided_at_once(large):
    canvas = Canvas.of(large)
    canvas.apply(Edit("draw", ((900, 900), (3200, 900), (3200, 3200)), 40))
    assert canvas.apply(Edit("erase", ((2000, 880),), 9)).pending == ()
    twig = canvas.apply(Edit("draw", ((2100, 900), (2100, 840)), 5))
    assert (twig.created, len(twig.changed)) == ((), 1)
    cut = canvas.apply(Edit("erase", ((2090, 870), (2110, 870)), 3))
    assert (len(cut.created), cut.pending) == (1, ())


def test_labels_as_they_were_come_back_with_what_is_pending_and_accepted(large, state):
    canvas = Canvas.of(large)
    ring = ((900, 900), (3200, 900), (3200, 3200), (900, 3200), (900, 900))
    (label,) = canvas.apply(Edit("draw", ring, 9)).created
    canvas.apply(Edit("erase", ((2000, 880), (2000, 920)), 5))
    canvas.apply(Edit("accept", ids=(1,)))
    then, kept, book = state(canvas), canvas.labels().data, canvas.bookkeeping()
    canvas.settle()
    canvas.apply(Edit("remove", ids=(1, label)))
    now = state(canvas)
    change = canvas.restore(kept, bookkeeping=book)
    assert (change.created, change.pending) == ((1, label), (label,))
    assert state(canvas) == then
    assert canvas.restore(kept, bookkeeping=book).is_empty
    canvas.revert(change)
    assert state(canvas) == now
    found = canvas.restore(large.data)
    assert found.gone == ()
    assert canvas.bookkeeping() | {"next_id": 0} == {
        "next_id": 0,
        "edited": [],
        "drawn": [],
        "accepted": [],
        "pending": [],
    }


def test_a_stroke_that_is_refused_changes_nothing(large):
    canvas = Canvas.of(large)
    zigzag = tuple((k % 2 * 4000, 100 * k) for k in range(42))
    with pytest.raises(EditTooLargeError):
        canvas.apply(Edit("draw", zigzag * 2, 200))
    assert canvas.objects["label"].tolist() == [1, 2]
