"""Corrections of labels: what they are answered with, and that none is lost."""

import threading
import uuid

import imagecodecs
import numpy as np
import pytest

from segmetry.edit import Edit
from segmetry.errors import EditError, OutdatedError, ProjectError, WriteError
from segmetry.measure import measure
from segmetry.project import Project
from segmetry.project import open_labels as module


def test_an_edit_is_answered_with_what_it_changed(labels, hand):
    before = labels.labels.data.copy()
    answer = hand.make(labels, hand.dot(*hand.empty))
    assert (answer.rev, answer.n_objects, answer.gone) == (1, 13, ())
    assert answer.rows["label"].tolist() == [13]
    assert answer.rows["origin"].tolist() == ["drawn"]
    assert answer.rows["area_px"].tolist() == [21]  # a disc 5 px across
    assert (answer.undo.kind, answer.redo) == ("draw", None)
    painted = hand.paint(before, answer.patches)
    assert np.array_equal(painted, labels.labels.data)


def test_objects_that_go_are_named(labels, hand):
    x, y = labels.table[["centroid_x_px", "centroid_y_px"]].iloc[4].round().astype(int)
    answer = hand.make(labels, Edit("remove", points=((int(x), int(y)),)))
    assert answer.gone == (5,)
    assert len(answer.rows) == 0
    assert answer.n_objects == 11
    back = hand.undo(labels)
    assert back.gone == ()
    assert back.rows["label"].tolist() == [5]
    assert back.rows["origin"].tolist() == ["found"]


def test_an_edit_that_hits_nothing_is_no_step(labels, hand):
    answer = hand.make(labels, Edit("erase", points=(hand.empty,)))
    assert (answer.rev, answer.patches, len(answer.rows)) == (0, (), 0)
    assert answer.undo is None
    assert not labels.is_edited
    assert not labels.history()


def test_merged_objects_that_do_not_touch_are_remarked_upon(labels, hand):
    answer = hand.make(labels, Edit("merge", ids=(1, 12)))
    assert answer.remark == "apart"
    assert answer.gone == (12,)


def test_an_operation_that_is_sent_twice_is_made_once(labels, hand):
    first = labels.edit(hand.dot(*hand.empty), op_id="a", base=0)
    hand.make(labels, hand.dot(290, 190))
    again = labels.edit(hand.dot(*hand.empty), op_id="a", base=0)
    assert labels.rev == 2
    assert again.patches[:1] == first.patches
    assert again.patches == labels.since(0).patches
    assert again.rows["label"].tolist() == [13, 14]
    labels.undo(op_id="b", base=2)
    assert labels.undo(op_id="b", base=2).rev == 3


def test_an_operation_on_other_labels_is_refused(project, labels, simple, hand):
    labels.edit(hand.dot(*hand.empty), op_id="a", base=0)
    picture = project.pictures.records()[0].id
    other = project.labels.open(project.labels.run(picture, simple))
    with pytest.raises(ProjectError, match="made on other labels"):
        other.edit(hand.dot(*hand.empty), op_id="a", base=0)


def test_an_edit_on_an_old_state_is_refused_and_what_changed_is_told(labels, hand):
    seen = labels.labels.data.copy()
    hand.make(labels, hand.dot(*hand.empty))
    with pytest.raises(OutdatedError, match="at revision 1, the edit was made on 0"):
        labels.edit(hand.dot(290, 190), op_id="b", base=0)
    with pytest.raises(OutdatedError):
        labels.undo(op_id="c", base=0)
    answer = labels.since(0)
    assert answer.rev == 1
    assert np.array_equal(hand.paint(seen, answer.patches), labels.labels.data)
    labels.edit(hand.dot(290, 190), op_id="b", base=1)


def test_nothing_has_changed_since_now_and_the_future_is_unknown(labels):
    assert labels.since(0).patches == ()
    with pytest.raises(ProjectError, match="there is no 1 yet"):
        labels.since(1)


def test_labels_are_saved_now_and_then_and_when_closed(project, labels, monkeypatch, hand):
    monkeypatch.setattr(module, "_SAVE_EVERY", 3)
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    folder = project.folder / "labels" / name
    for x in (3, 13, 23, 33):
        hand.make(labels, hand.dot(x, 3))
    assert {file.name for file in folder.iterdir()} == {"0.labels", "3.labels"}
    project.labels.close(name)
    assert {file.name for file in folder.iterdir()} == {"0.labels", "4.labels"}
    assert project.labels.open(name).rev == 4


def test_closed_labels_take_no_edit(project, labels, hand):
    project.labels.close()
    with pytest.raises(ProjectError, match="were closed"):
        hand.make(labels, hand.dot(*hand.empty))
    labels.close()


def test_tiles_tell_the_labels_and_when_they_changed(labels, hand):
    data, rev = labels.tile(0, 0, 0)
    assert rev == 0
    assert imagecodecs.zstd_decode(data) == labels.labels.data.astype("<u4").tobytes()
    hand.make(labels, hand.dot(*hand.empty))
    data, rev = labels.tile(2, 0, 0)
    assert rev == 1
    expected = np.ascontiguousarray(labels.labels.data[::4, ::4])
    assert imagecodecs.zstd_decode(data) == expected.astype("<u4").tobytes()
    with pytest.raises(ProjectError, match="no tile 1, 0 at level 0"):
        labels.tile(0, 1, 0)


def test_an_edit_that_cannot_be_stored_is_not_made(project, labels, hand):
    before = hand.state(labels)
    pages = project._database.rows("PRAGMA page_count")[0][0]
    project._database.rows(f"PRAGMA max_page_count = {pages}")
    points = tuple(
        (int(x), int(y)) for x, y in np.random.default_rng(0).integers(300, size=(900, 2))
    )
    with pytest.raises(WriteError, match="disk is full"):
        hand.make(labels, Edit("draw", points=points, width=1))
    assert labels.rev == 0
    hand.assert_same(labels, before)
    project._database.rows(f"PRAGMA max_page_count = {pages + 1000}")
    assert hand.make(labels, hand.dot(*hand.empty)).rev == 1


def test_an_edit_that_makes_no_sense_changes_nothing(labels, hand):
    before = hand.state(labels)
    with pytest.raises(EditError):
        hand.make(labels, Edit("draw", points=((0, 0),), width=999))
    hand.assert_same(labels, before)


def test_excluded_pixels_are_never_painted(project, picture, simple, hand):
    name = project.pictures.add(picture)
    project.pictures.choose(name, {"area": {"exclude": [[0, 0, 300, 5]]}})
    labels = project.labels.open(project.labels.run(name, simple))
    hand.make(labels, Edit("draw", points=((2, 2), (200, 7)), width=9))
    assert not labels.labels.data[:5].any()
    assert labels.labels.data[5:9].any()


def test_opened_again_a_project_goes_on_where_it_was(project, home, labels, hand):
    hand.make(labels, hand.dot(*hand.empty))
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    expected = hand.state(labels)
    project.close()
    with Project.open(home) as again:
        opened = again.labels.open(name)
        hand.assert_same(opened, expected)
        assert hand.undo(opened).n_objects == 12


def test_two_windows_that_edit_at_once_come_to_one_result(labels, hand):
    """Each takes what the other did, and sends again what was refused."""
    seen = {}

    def window(number):
        rng, base, picture = np.random.default_rng(number), 0, labels.data_of(None)
        for edit in [hand.random_edit(rng) for _ in range(12)]:
            op_id = str(uuid.uuid4())
            while True:
                missed = labels.since(base)
                base, picture = missed.rev, hand.paint(picture, missed.patches)
                try:
                    labels.edit(edit, op_id=op_id, base=base)
                except OutdatedError:
                    continue
                break
        seen[number] = picture, base

    threads = [threading.Thread(target=window, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for picture, base in seen.values():
        told = hand.paint(picture, labels.since(base).patches)
        assert np.array_equal(told, labels.labels.data)
    assert labels.table.equals(measure(labels.labels))
    assert [entry["rev"] for entry in labels.history()] == list(range(1, labels.rev + 1))


def test_an_edit_is_answered_where_no_checkpoint_can_be_written(
    project, labels, monkeypatch, caplog
):
    monkeypatch.setattr(module, "_SAVE_EVERY", 3)
    (folder,) = (project.folder / "labels").iterdir()
    away = folder.rename(folder.with_name("away"))
    for rev in range(5):
        answer = labels.edit(Edit("delete", ids=(rev + 1,)), op_id=f"{rev}", base=rev)
    assert (answer.rev, answer.n_objects) == (5, 7)
    assert caplog.text.count("tried again later") == 1  # not with each edit
    away.rename(folder)
    labels.edit(Edit("delete", ids=(6,)), op_id="5", base=5)
    assert (folder / "6.labels").is_file()
