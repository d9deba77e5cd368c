import numpy as np
import pytest

from segmetry.project.steps import Steps


def steps_after(*entries):
    """Steps after entries such as "edit" or ("edit", "stroke a")."""
    steps = Steps()
    for rev, entry in enumerate(entries, start=1):
        kind, stroke = entry if isinstance(entry, tuple) else (entry, "")
        steps.note(kind, rev, stroke=stroke)
    return steps


def test_each_edit_is_a_step_of_its_own():
    steps = steps_after("edit", "edit", "edit")
    assert steps.to_undo == (3,)
    assert steps.to_redo == ()


def test_nothing_done_leaves_nothing_to_undo():
    assert steps_after().to_undo == steps_after().to_redo == ()
    assert steps_after("edit", "undo").to_undo == ()


def test_chunks_of_one_stroke_are_one_step():
    steps = steps_after("edit", ("edit", "a"), ("edit", "a"), ("edit", "a"), ("edit", "b"))
    assert steps.to_undo == (5,)
    steps.note("undo", 6)
    assert steps.to_undo == (2, 3, 4)
    assert steps.to_redo == (5,)


def test_a_stroke_that_was_interrupted_goes_on_as_another_step():
    assert steps_after(("edit", "a"), "edit", ("edit", "a")).to_undo == (3,)


def test_a_redone_step_is_undone_again():
    steps = steps_after("edit", "edit", "undo", "undo", "redo")
    assert (steps.to_undo, steps.to_redo) == ((1,), (2,))
    steps.note("redo", 6)
    assert (steps.to_undo, steps.to_redo) == ((2,), ())


def test_a_new_edit_leaves_nothing_to_redo():
    steps = steps_after("edit", "undo", "edit")
    assert (steps.to_undo, steps.to_redo) == ((3,), ())


def test_what_finishes_an_edit_is_undone_with_it():
    steps = steps_after("edit", ("edit", "a"), "settle")
    assert steps.to_undo == (2, 3)


def test_what_nobody_did_is_no_step():
    assert steps_after("settle").to_undo == ()
    steps = steps_after("edit", "undo", "settle")
    assert (steps.to_undo, steps.to_redo) == ((), (-3, 1))
    steps = steps_after("settle", "undo", "redo", "edit")
    assert (steps.to_undo, steps.to_redo) == ((4,), ())


def test_a_settle_after_an_undo_leaves_the_redo_which_takes_it_back_first():
    steps = steps_after("edit", "edit", "edit", "undo", "undo", "settle")
    assert (steps.to_undo, steps.to_redo) == ((1, 6), (-6, 2))
    steps.note("redo", 7)
    assert (steps.to_undo, steps.to_redo) == ((-6, 2), (3,))
    steps.note("settle", 8)
    assert (steps.to_undo, steps.to_redo) == ((-6, 2, 8), (-8, 3))
    steps.note("undo", 9)
    assert (steps.to_undo, steps.to_redo) == ((1, 6), (-6, 2, 8))
    steps.note("edit", 10)
    assert (steps.to_undo, steps.to_redo) == ((10,), ())


@pytest.mark.parametrize("seed", range(20))
def test_undo_and_redo_walk_one_line(seed):
    """Whatever was done, walking back and forth meets the same steps in turn."""
    rng = np.random.default_rng(seed)
    steps, line, at = Steps(), [], 0
    for rev in range(1, 201):
        kind = rng.choice(["edit", "undo", "redo"])
        if kind == "undo" and at:
            at -= 1
            assert steps.to_undo == (line[at],)
            steps.note("undo", rev)
        elif kind == "redo" and at < len(line):
            assert steps.to_redo == (line[at],)
            at += 1
            steps.note("redo", rev)
        else:
            line[at:] = [rev]
            at += 1
            steps.note("edit", rev)
        assert steps.to_undo == ((line[at - 1],) if at else ())
        assert steps.to_redo == ((line[at],) if at < len(line) else ())
