"""Random edits, undone and made again, against counts from scratch; and each promise."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from segmetry.edit import Canvas, Change, Edit
from segmetry.edit.table import ORIGINS
from segmetry.errors import EditError
from segmetry.image import Image, Labels, Step
from segmetry.measure import measure, measure_some
from segmetry.measure.some import MARGIN

SHAPE = (26, 34)

point = st.tuples(st.integers(-3, SHAPE[1] + 3), st.integers(-3, SHAPE[0] + 3))
strokes = st.lists(point, min_size=1, max_size=3).map(tuple)
some_ids = st.lists(st.integers(1, 12), max_size=3).map(tuple)


@pytest.fixture(scope="module", autouse=True)
def _tools(objects, recount, state):
    Edits.draw_objects, Edits.recount = staticmethod(objects), staticmethod(recount)
    Edits.state_of = staticmethod(state)


class Edits(RuleBasedStateMachine):
    """Edits, undo and redo in any order, as an application keeps them."""

    @initialize(seed=st.integers(0, 10_000), banner=st.integers(0, 4))
    def start(self, seed, banner):
        excluded = np.zeros(SHAPE, bool)
        excluded[SHAPE[0] - banner :] = True
        self.data = self.draw_objects(seed, SHAPE)
        grey = np.random.default_rng(seed).integers(0, 99, SHAPE).astype(np.uint8)
        labels = Labels(self.data.copy(), Image(grey, excluded=excluded))
        self.canvas = Canvas.of(labels)
        self.changes, self.undone = [], []
        self.states = [self.state_of(self.canvas)]
        self.given = set(labels.ids.tolist())
        self.table = measure(labels)
        self.past = [(labels.data, None, self.states[0])]

    def edit(self, edit):
        change = self.canvas.apply(edit)
        assert not set(change.created) & self.given, "a number was given again"
        self.given |= set(change.created)
        self.done(change)
        book = self.canvas.bookkeeping()
        self.past.append((self.canvas.labels().data, book, self.states[-1]))

    def done(self, change):
        self.changes.append(change)
        self.states = [*self.states[: len(self.changes)], self.state_of(self.canvas)]
        self.undone.clear()
        self.follow(change)

    def follow(self, change):
        """Do what a client does: put the patch into a picture, and rows into a table."""
        for patch in change.patches():
            rows = slice(patch["y"], patch["y"] + patch["height"])
            part = self.data[rows, patch["x"] : patch["x"] + patch["width"]]
            runs = np.repeat(*np.array(patch["runs"]).T).reshape(part.shape)
            np.copyto(part, runs.astype(np.uint32), where=runs >= 0)
        near = self.canvas.near(change, margin=MARGIN)
        rows = self.canvas.objects
        boxes = rows["box"][np.isin(rows["label"], near)]
        new = measure_some(self.canvas.labels(), near, boxes=boxes)
        kept = self.table[~self.table["label"].isin([*near, *change.gone])]
        both = [table for table in (kept, new) if len(table)]
        self.table = pd.concat(both) if both else new
        self.table = self.table.sort_values("label", ignore_index=True)

    @rule(stroke=strokes, width=st.integers(1, 7), over=st.booleans(), ids=some_ids)
    def draw(self, stroke, width, over, ids):
        self.edit(Edit("draw", stroke, width, ids=ids[:2], overwrite=over))

    @rule(kind=st.sampled_from(["erase", "split"]), stroke=strokes, w=st.integers(1, 7))
    def cut(self, kind, stroke, w):
        self.edit(Edit(kind, stroke, w))

    @rule(
        kind=st.sampled_from(["remove", "merge", "fill", "accept", "reject", "delete"]),
        stroke=strokes,
        ids=some_ids,
    )
    def whole(self, kind, stroke, ids):
        self.edit(Edit(kind, stroke[:2], 2, ids=ids))

    @rule()
    def undo(self):
        if self.changes:
            change = self.changes.pop()
            self.follow(self.canvas.revert(change))
            self.undone.append(change)
            assert self.state_of(self.canvas) == self.states[len(self.changes)]

    @rule()
    def redo(self):
        if self.undone:
            change = Change.from_bytes(self.undone.pop().to_bytes())
            self.follow(self.canvas.reapply(change))
            self.changes.append(change)
            assert self.state_of(self.canvas) == self.states[len(self.changes)]

    @rule(k=st.integers(0, 99))
    def restore(self, k):
        data, book, then = self.past[k % len(self.past)]
        self.done(self.canvas.restore(data, bookkeeping=book))
        assert self.state_of(self.canvas) == then

    @invariant()
    def pixels_counts_and_rows_are_those_of_a_recompute(self):
        self.recount(self.canvas)
        labels = self.canvas.labels()
        assert np.array_equal(labels.data, self.data)
        # A crowded object's background is that of the whole picture: any edit moves it.
        of_all = ["intensity_mean_above_background"]
        pd.testing.assert_frame_equal(
            self.table.drop(columns=of_all),
            measure(labels).drop(columns=of_all),
            check_exact=True,
        )

    def teardown(self):
        counter = self.canvas.next_id
        for k in range(len(self.changes) - 1, -1, -1):
            self.canvas.revert(self.changes[k])
            assert self.state_of(self.canvas) == self.states[k]
        for k, change in enumerate(self.changes):
            self.canvas.reapply(change)
            assert self.state_of(self.canvas) == self.states[k + 1]
        assert self.canvas.next_id == counter


TestEdits = pytest.mark.slow(Edits.TestCase)
TestEdits.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)


# SAEMI's faults (its editor spoiled counts), as its users met them.


def test_saemi_fault_4_a_stroke_that_extends_a_particle_makes_no_new_one(canvas_of):
    data = np.zeros((40, 60), np.uint32)
    data[10:30, 10:30] = 1
    canvas = canvas_of(data)
    change = canvas.apply(Edit("draw", ((25, 20), (40, 20)), 7))
    assert (change.created, change.changed) == ((), (1,))
    assert canvas.labels().ids.tolist() == [1]
    assert len(measure(canvas.labels())) == 1


def test_saemi_fault_5_remove_keeps_what_was_just_drawn(canvas_of):
    data = np.zeros((40, 60), np.uint32)
    data[10:20, 10:20] = 1
    canvas = canvas_of(data)
    drawn = canvas.apply(Edit("draw", ((40, 20), (50, 20)), 5))
    removed = canvas.apply(Edit("remove", ((0, 15), (30, 15)), 3))
    assert removed.gone == (1,)
    assert canvas.labels().ids.tolist() == list(drawn.created)


# Numbers, origins, snapshots.


@pytest.mark.parametrize("kind", ["erase", "split", "merge", "remove", "fill", "accept"])
def test_an_edit_that_hits_nothing_is_no_error(canvas_of, kind, state):
    data = np.zeros((20, 30), np.uint32)
    data[2:6, 2:6] = 3
    canvas = canvas_of(data)
    before = state(canvas)
    change = canvas.apply(Edit(kind, ((20, 15),), 3))
    assert change.is_empty
    assert (change.patches(), change.created, change.gone) == ([], (), ())
    assert state(canvas) == before
    assert canvas.revert(change).is_empty


def test_a_new_object_has_its_own_box_at_once(canvas_of):
    canvas = canvas_of(np.zeros((100, 100), np.uint32))
    canvas.apply(Edit("draw", ((50, 40),), 9))
    assert canvas.objects["box"].tolist() == [[46, 36, 55, 45]]


def test_a_number_is_never_given_again_also_after_undo(canvas_of):
    canvas = canvas_of(np.zeros((30, 30), np.uint32))
    first = canvas.apply(Edit("draw", ((5, 5),), 3))
    canvas.revert(first)
    assert canvas.apply(Edit("draw", ((20, 20),), 3)).created == (2,)
    assert canvas.next_id == 3


def test_origins_say_whether_an_object_was_found_edited_or_drawn(canvas_of):
    data = np.zeros((40, 60), np.uint32)
    data[2:12, 2:12], data[20:30, 2:12], data[20:30, 30:50] = 1, 2, 3
    canvas = canvas_of(data)
    canvas.apply(Edit("draw", ((50, 5), (55, 5)), 3))
    canvas.apply(Edit("erase", ((40, 15), (40, 35)), 3))
    canvas.apply(Edit("draw", ((5, 25), (15, 25)), 3))
    names = [ORIGINS[origin] for origin in canvas.objects["origin"].tolist()]
    assert names == ["found", "edited", "edited", "drawn", "edited"]
    erased = canvas.apply(Edit("erase", ((52, 0), (52, 9)), 1))
    assert set(erased.origins.values()) == {"drawn"}
    merged = canvas.apply(Edit("merge", ids=(1, 4)))
    assert merged.origins == {1: "edited"}


def test_accepting_marks_objects_and_can_be_undone(canvas_of):
    canvas = canvas_of(np.array([[1, 0, 2, 0, 3]]))
    change = canvas.apply(Edit("accept", ids=(1, 3, 9)))
    assert (change.changed, canvas.objects["accepted"].tolist()) == (
        (1, 3),
        [True, False, True],
    )
    assert canvas.apply(Edit("accept", ids=(1,))).is_empty
    canvas.revert(change)
    assert canvas.bookkeeping()["accepted"] == []


def test_a_rejected_object_comes_back_as_it_was(canvas_of, state):
    canvas = canvas_of(np.array([[1, 0, 2, 0, 3]]))
    canvas.apply(Edit("accept", ids=(3,)))
    before = state(canvas)
    rejected = canvas.apply(Edit("reject", ids=(3,)))
    assert rejected.gone == (3,)
    assert canvas.revert(rejected).created == (3,)
    assert state(canvas) == before


def test_labels_given_out_stay_as_they_are(canvas_of):
    canvas = canvas_of(np.ones((9, 9), np.uint32))
    kept = canvas.labels()
    pixels = canvas.labels().data
    canvas.apply(Edit("erase", ((4, 4),), 3))
    assert (kept.data == 1).all()
    assert (pixels == 1).all()
    assert canvas.labels().data[4, 4] == 0


def test_labels_that_nobody_holds_are_not_copied(canvas_of):
    canvas = canvas_of(np.ones((9, 9), np.uint32))
    place = canvas.labels().data.ctypes.data
    canvas.apply(Edit("erase", ((4, 4),), 3))
    canvas.settle()
    assert canvas.labels().data.ctypes.data == place


def test_the_labels_that_were_given_are_not_changed():
    data = np.ones((9, 9), np.uint32)
    canvas = Canvas.of(Labels(data, Image(np.zeros((9, 9), np.uint8))))
    canvas.apply(Edit("remove", ids=(1,)))
    assert (data == 1).all()


def test_the_history_says_how_many_objects_were_found_edited_and_drawn():
    step = Step("threshold", {"cutoff": 3})
    image = Image(np.zeros((1, 9), np.uint8))
    data = np.array([[1, 0, 0, 0, 2, 2, 0, 0, 0]])
    canvas = Canvas.of(Labels(data, image, (step,)))
    canvas.apply(Edit("draw", ((8, 0),)))
    canvas.apply(Edit("erase", ((5, 0),)))
    counts = Step("edit", {"found": 1, "edited": 1, "drawn": 1})
    assert canvas.labels().steps == (step, counts)
    assert Canvas.of(canvas.labels()).labels().steps[-1].options["found"] == 3


def test_bookkeeping_brings_a_canvas_back(objects, canvas_of, state):
    canvas = canvas_of(objects(3, SHAPE))
    for edit in (
        Edit("draw", ((3, 3), (9, 3)), 3),
        Edit("accept", ids=(1, 2)),
        Edit("split", ((0, 13), (33, 13)), 3),
        Edit("remove", ids=(canvas.next_id,)),
    ):
        canvas.apply(edit)
    book = json.loads(json.dumps(canvas.bookkeeping()))
    again = canvas_of(canvas.labels().data, bookkeeping=book)
    assert state(again) == state(canvas)
    assert again.next_id == canvas.next_id


def test_numbers_that_were_given_then_are_not_given_again_after_a_restore(canvas_of):
    """Also where the canvas of now was opened on labels as they were found."""
    data = np.array([[1, 0, 0, 0, 0]], np.uint32)
    then = canvas_of(data)
    then.apply(Edit("draw", ((4, 0),)))
    then.apply(Edit("delete", ids=(2,)))
    canvas = canvas_of(data)
    change = canvas.restore(then.labels().data, bookkeeping=then.bookkeeping())
    assert (change.next_id, canvas.next_id) == (3, 3)
    assert canvas.apply(Edit("draw", ((4, 0),))).created == (3,)


def test_a_change_fits_only_the_labels_that_it_was_made_on(canvas_of, state):
    canvas = canvas_of(np.ones((9, 20), np.uint32))
    first = canvas.apply(Edit("erase", ((5, 4),), 3))
    second = canvas.apply(Edit("draw", ((5, 4),), 1))
    before = state(canvas)
    with pytest.raises(EditError, match="reverse order"):
        canvas.revert(first)
    with pytest.raises(EditError, match="in their order"):
        canvas.reapply(second)
    assert state(canvas) == before


def test_an_undone_removal_finds_its_place_after_a_restart(canvas_of):
    canvas = canvas_of(np.array([[1, 0, 2, 0, 3]]))
    removed = canvas.apply(Edit("delete", ids=(1, 2)))
    again = canvas_of(canvas.labels().data, bookkeeping=canvas.bookkeeping())
    again.revert(removed)
    assert again.objects["label"].tolist() == [1, 2, 3]
    assert again.labels().data.tolist() == [[1, 0, 2, 0, 3]]


def test_labels_without_numbers_left_are_refused(canvas_of):
    canvas = canvas_of(np.array([[2**32 - 1, 0, 0, 0]]))
    with pytest.raises(EditError, match="used up all numbers"):
        canvas.apply(Edit("draw", ((3, 0),)))
    assert canvas.apply(Edit("draw", ((0, 0), (3, 0)))).changed == (2**32 - 1,)


def test_a_stack_cannot_be_edited():
    stack = np.zeros((2, 3, 4), np.uint32)
    with pytest.raises(EditError, match="one slice"):
        Canvas.of(Labels(stack, Image(stack.astype(np.uint8), axes="ZYX")))
