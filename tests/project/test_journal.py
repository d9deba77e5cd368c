"""The name of the step that an undo takes back, read off the journal."""

from segmetry.edit import Edit


def test_a_step_is_told_by_what_began_it(labels, hand):
    stroke = hand.dot(*hand.empty)
    hand.make(labels, stroke, stroke="a")
    answer = hand.make(labels, hand.dot(*hand.empty, width=9), stroke="a")
    assert (answer.undo.kind, answer.undo.n_ids, answer.redo) == ("draw", 0, None)
    answer = labels.edit(Edit("accept", ids=(7,)), op_id="mine-1", base=labels.rev)
    told = answer.undo
    assert (told.kind, told.n_ids, told.first_id) == ("accept", 1, 7)
    assert told.op_id == "mine-1"
    answer = hand.make(labels, Edit("delete", ids=(3, 5, 8)))
    assert (answer.undo.kind, answer.undo.n_ids, answer.undo.first_id) == ("delete", 3, 3)


def test_undo_and_redo_are_told_in_both_directions_and_after_a_restart(
    project, labels, hand
):
    hand.make(labels, Edit("accept", ids=(7,)))
    hand.make(labels, Edit("reject", ids=(2,)))
    answer = hand.undo(labels)
    assert (answer.undo.kind, answer.redo.kind) == ("accept", "reject")
    (picture,) = project.pictures.records()
    (record,) = project.labels.records(picture.id)
    project.labels.close()
    opened = project.labels.open(record.id)
    again = opened.since(opened.rev)
    assert (again.undo, again.redo) == (answer.undo, answer.redo)
    assert hand.redo(opened).undo.first_id == 2
    hand.undo(opened)
    last = hand.undo(opened)
    assert (last.undo, last.redo.kind) == (None, "accept")


def test_a_version_that_was_brought_back_is_a_step_and_what_settles_one_is_not(
    labels, hand
):
    hand.make(labels, hand.dot(*hand.empty))
    assert hand.restore(labels, None).undo.kind == "restore"
    hand.undo(labels)
    ends = [(20, y) for y in (0, 199)]
    hand.make(labels, Edit("erase", points=tuple(ends), width=3))
    assert hand.settle(labels).undo.kind == "erase"
