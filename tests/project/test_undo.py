"""Steps back and forth through the history of labels, and what settles them."""

import json

import numpy as np
import pytest

from segmetry.edit import Canvas, Edit
from segmetry.edit.parts import parts_of
from segmetry.errors import WriteError
from segmetry.io import write_png
from segmetry.measure import measure
from segmetry.project import measured as project_measured
from segmetry.project import open_labels as module


def test_undo_and_redo_without_steps_do_nothing(labels, hand):
    assert hand.undo(labels).rev == hand.redo(labels).rev == 0


def test_pieces_of_one_stroke_are_one_object_and_one_step(labels, hand):
    found = hand.state(labels)
    hand.make(labels, Edit("draw", points=((2, 2), (8, 2)), width=3), stroke="s")
    hand.make(labels, Edit("draw", points=((8, 2), (14, 2)), width=3), stroke="s")
    answer = hand.make(labels, Edit("draw", points=((14, 2), (20, 2)), width=3), stroke="s")
    assert answer.n_objects == 13
    drawn = hand.state(labels)
    hand.undo(labels)
    hand.assert_same(labels, found)
    hand.redo(labels)
    hand.assert_same(labels, drawn)
    assert [entry["kind"] for entry in labels.history()] == ["edit"] * 3 + ["undo", "redo"]
    assert labels.history()[3]["targets"] == [1, 2, 3]
    assert labels.history()[1]["edit"]["points"] == [[8, 2], [14, 2]]


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_stroke_whose_end_never_came_is_one_step_after_a_restart(
    project, labels, goes_on, hand
):
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    found = hand.state(labels)
    for left in (2, 8):
        points = ((left, 2), (left + 6, 2))
        hand.make(labels, Edit("draw", points=points, width=3), stroke="s")
    begun = hand.state(labels)
    project.labels._open.pop(name)  # the program dies: nothing is saved
    again = project.labels.open(name)
    hand.assert_same(again, begun)
    if goes_on:
        hand.make(again, Edit("draw", points=((14, 2), (20, 2)), width=3), stroke="s")
        assert again.n_objects == 13
    else:
        hand.make(again, Edit("draw", points=((2, 190), (20, 190)), width=3), stroke="t")
        assert again.n_objects == 14
        hand.undo(again)
        hand.assert_same(again, begun)
    hand.undo(again)
    hand.assert_same(again, found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_walk_equals_measuring_anew_and_survives_opening_again(
    project, labels, seed, monkeypatch, hand
):
    """Labels, table and origins go back and forth to the byte; so after a restart."""
    monkeypatch.setattr(module, "_SAVE_EVERY", 17)
    rng = np.random.default_rng(seed)
    seen, states = labels.labels.data.copy(), [hand.state(labels)]
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    for number in range(60):
        choice = rng.random()
        if choice < 0.2 and len(states) > 1:
            hand.undo(labels)
            states.pop()
        else:
            before = labels.rev
            answer = hand.make(labels, hand.random_edit(rng))
            seen = hand.paint(seen, answer.patches) if answer.rev > before else seen
            if answer.rev > before:
                states.append(hand.state(labels))
        seen = labels.labels.data.copy()
        hand.assert_same(labels, states[-1])
        assert labels.table.equals(measure(labels.labels))
        if number % 20 == 19:
            project.labels.close(name)
            labels = project.labels.open(name)
            hand.assert_same(labels, states[-1])
    while len(states) > 1:
        hand.undo(labels)
        states.pop()
        hand.assert_same(labels, states[-1])


def test_all_of_a_history_can_be_replayed_on_the_first_labels(labels, hand):
    rng = np.random.default_rng(7)
    for _ in range(15):
        hand.make(labels, hand.random_edit(rng))
    first = Canvas.of(labels.labels.__class__(labels.data_of(None), labels.labels.image))
    for entry in labels.history():
        first.apply(Edit.from_json(entry["edit"]))
    assert np.array_equal(first.labels().data, labels.labels.data)


def test_an_undo_that_cannot_be_stored_is_not_made(project, labels, monkeypatch, hand):
    hand.make(labels, hand.dot(*hand.empty))
    before = hand.state(labels)

    def full(*_):
        raise WriteError

    with monkeypatch.context() as patch:
        patch.setattr(project._database, "insert", full)
        with pytest.raises(WriteError):
            hand.undo(labels)
    hand.assert_same(labels, before)
    assert hand.undo(labels).rev == 2


def test_histories_are_json(labels, hand):
    hand.make(labels, hand.dot(*hand.empty))
    assert json.loads(json.dumps(labels.history())) == labels.history()


def test_edits_can_be_settled_when_there_is_time(labels, hand):
    answer = hand.make(labels, Edit("erase", points=((0, 100), (299, 100)), width=3))
    settled = labels.settle(op_id="s")
    assert settled.pending == ()
    assert settled.rev >= answer.rev
    assert labels.table.equals(measure(labels.labels))


def test_a_comb_that_was_cut_is_measured_anew_and_comes_back(home, project, simple, hand):
    """Long teeth on one back: whether a cut parts it shows only far away."""
    pixels = np.full((700, 1300), 30, np.uint8)
    pixels[20:680, 20:1280] = 200
    pixels[40:660, 24:1276:2] = 30
    write_png(home / "comb.png", pixels)
    name = project.pictures.add(home / "comb.png")
    labels = project.labels.open(project.labels.run(name, simple))
    before = hand.state(labels)
    answer = hand.make(labels, Edit("erase", points=((640, 10), (640, 690)), width=7))
    settled = labels.settle(op_id="s")
    assert settled.n_objects >= answer.n_objects
    assert settled.pending == ()
    assert labels.table.equals(measure(labels.labels))
    hand.undo(labels)
    hand.assert_same(labels, before)


KINDS = ("draw", "draw", "erase", "erase")


@pytest.fixture
def lines(home, project, simple, monkeypatch):
    """Labels of thin lines that cross, on which no cut is decided at once."""
    monkeypatch.setitem(parts_of.__kwdefaults__, "limit", 0)
    pixels = np.full((200, 300), 40, np.uint8)
    for at in (10, 90, 180):
        pixels[at : at + 9, 10:290] = pixels[10:189, at + 60 : at + 69] = 200
    write_png(home / "lines.png", pixels)
    name = project.pictures.add(home / "lines.png")
    return project.labels.run(name, simple)


def test_what_settles_a_step_is_undone_with_it_and_its_numbers_are_right(
    project, lines, hand
):
    labels = project.labels.open(lines)
    before = hand.state(labels)
    hand.make(labels, Edit("erase", points=((40, 0), (40, 199)), width=9))
    answer = hand.make(labels, Edit("erase", points=((110, 0), (110, 199)), width=9))
    assert answer.pending
    settled = hand.settle(labels)
    assert settled.pending == ()
    assert settled.n_objects > answer.n_objects
    assert settled.rev == answer.rev + 1
    assert labels.table.equals(measure(labels.labels))
    hand.undo(labels)
    hand.undo(labels)
    hand.assert_same(labels, before)


def test_settling_after_an_undo_leaves_nothing_pending_and_the_redo(project, lines, hand):
    labels = project.labels.open(lines)
    through = Edit("erase", points=((110, 0), (110, 199)), width=9)
    assert hand.make(labels, through).pending
    hand.make(labels, hand.dot(40, 50, 11))
    hand.settle(labels)
    both = hand.state(labels)
    assert hand.undo(labels).pending
    settled = hand.settle(labels)
    alone = hand.state(labels)
    assert (settled.pending, bool(settled.redo)) == ((), True)
    project.labels.close(lines)
    labels = project.labels.open(lines)
    hand.assert_same(labels, alone)
    hand.redo(labels)
    hand.assert_same(labels, both)
    back = hand.undo(labels)
    assert (back.pending, bool(back.redo)) == ((), True)
    hand.assert_same(labels, alone)


def test_the_row_of_a_very_large_object_follows_when_hands_rest(
    project, lines, hand, monkeypatch
):
    monkeypatch.setattr(project_measured, "_LARGE", 100)
    labels = project.labels.open(lines)
    before = hand.state(labels)
    area = before[1]["area_px"].iloc[0]
    cut = hand.make(labels, Edit("erase", points=((12, 12),), width=3))
    assert (len(cut.rows), cut.pending, cut.gone) == (0, (1,), ())
    settled = hand.settle(labels)
    assert settled.pending == ()
    assert settled.rows["area_px"].tolist() == [area - 9]  # three by three
    assert labels.since(cut.rev).rows.equals(settled.rows)
    assert hand.settle(labels).rev == settled.rev, "nothing is left to be settled"
    project.labels.close(lines)
    labels = project.labels.open(lines)
    assert labels.table.equals(measure(labels.labels))
    undone = hand.undo(labels)
    assert undone.pending == (1,)
    settled = hand.settle(labels)
    assert (settled.undo, settled.redo.kind) == (None, "erase"), "nobody did a step"
    assert not project.labels.is_corrected(lines)
    hand.assert_same(labels, before)
    hand.redo(labels)
    assert labels.table["area_px"].iloc[0] == area - 9


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_settling_at_any_time_keeps_every_step_in_both_directions(
    project, lines, seed, hand, monkeypatch
):
    """A walk of edits, undo, redo, settling, restored versions and restarts."""
    if seed % 2:
        monkeypatch.setattr(project_measured, "_LARGE", 100)
    rng = np.random.default_rng(seed)
    labels = project.labels.open(lines)
    hand.make(labels, hand.dot(*hand.empty))
    labels.keep_version("a")
    done, undone, n_settled = [None], [], 0  # states that undo and redo must bring back
    for _ in range(60):
        kind = rng.choice([*KINDS, "undo", "redo", "settle", "restore", "open"])
        now, rev = hand.state(labels), labels.rev
        if kind in {*KINDS, "restore"}:
            at = int(rng.integers(0, 200))
            across = ((0, at), (299, at)) if at % 2 else ((at, 0), (at, 199))
            if kind == "restore":
                answer = hand.restore(labels, "a")
            else:
                edit = Edit(kind, points=across, width=5)
                answer = hand.make(labels, edit if at % 3 else hand.random_edit(rng))
            if answer.rev > rev:
                done.append(now)
                undone.clear()
        elif kind == "undo" and len(done) > 1:
            hand.undo(labels)
            undone.append(now)
            hand.assert_same(labels, done.pop())
        elif kind == "redo" and undone:
            hand.redo(labels)
            done.append(now)
            hand.assert_same(labels, undone.pop())
        elif kind == "settle":
            assert hand.settle(labels).pending == ()
            n_settled += labels.rev > rev
        elif kind == "open":
            project.labels.close(lines)
            labels = project.labels.open(lines)
            hand.assert_same(labels, now)
        stands = labels.since(labels.rev)
        assert (bool(stands.undo), bool(stands.redo)) == (bool(done), bool(undone))
        assert labels.table.equals(measure(labels.labels))
    assert n_settled > 0
