import json
import threading
import uuid

import imagecodecs
import numpy as np
import pytest

from segmetry.edit import Canvas, Edit
from segmetry.errors import EditError, OutdatedError, ProjectError, WriteError
from segmetry.io import write_png
from segmetry.measure import measure
from segmetry.project import Project
from segmetry.project import open_labels as module

KINDS = ("draw", "draw", "draw", "erase", "split", "merge", "fill", "remove", "accept")


def random_edit(rng, shape=(200, 300)):
    """A stroke of a few points anywhere, also a little outside."""
    kind = str(rng.choice(KINDS))
    points = rng.integers(-5, [shape[1] + 5, shape[0] + 5], (rng.integers(1, 4), 2))
    points = tuple((int(x), int(y)) for x, y in points)
    overwrite = bool(kind == "draw" and rng.random() < 0.3)
    return Edit(kind, points=points, width=int(rng.integers(1, 20)), overwrite=overwrite)


def make(labels, edit, stroke=""):
    return labels.edit(edit, op_id=str(uuid.uuid4()), base=labels.rev, stroke=stroke)


def undo(labels):
    return labels.undo(op_id=str(uuid.uuid4()), base=labels.rev)


def redo(labels):
    return labels.redo(op_id=str(uuid.uuid4()), base=labels.rev)


def restore(labels, version):
    return labels.restore(version, op_id=str(uuid.uuid4()), base=labels.rev)


def dot(x, y, width=5, **more):
    return Edit("draw", points=((x, y),), width=width, **more)


EMPTY = (3, 3)  # far from all discs


def state(labels):
    return labels.labels.data.copy(), labels.table, labels.origins


def assert_same(labels, expected):
    data, table, origins = expected
    assert np.array_equal(labels.labels.data, data)
    assert labels.table.equals(table)
    assert labels.origins == origins


def test_an_edit_is_answered_with_what_it_changed(labels):
    before = labels.labels.data.copy()
    answer = make(labels, dot(*EMPTY))
    assert (answer.rev, answer.n_objects, answer.gone) == (1, 13, ())
    assert answer.rows["label"].tolist() == [13]
    assert answer.rows["origin"].tolist() == ["drawn"]
    assert answer.rows["area_px"].tolist() == [21]  # a disc 5 px across
    assert (answer.can_undo, answer.can_redo) == (True, False)
    painted = paint(before, answer.patches)
    assert np.array_equal(painted, labels.labels.data)


def paint(data, patches):
    """Paint patches as a browser does."""
    data = data.copy()
    for patch in patches:
        x, y, width, height = (patch[name] for name in ("x", "y", "width", "height"))
        ids = np.repeat(*np.array(patch["runs"]).T).reshape(height, width)
        window = data[y : y + height, x : x + width]
        window[ids >= 0] = ids[ids >= 0]
    return data


def test_objects_that_go_are_named(labels):
    x, y = labels.table[["centroid_x_px", "centroid_y_px"]].iloc[4].round().astype(int)
    answer = make(labels, Edit("remove", points=((int(x), int(y)),)))
    assert answer.gone == (5,)
    assert len(answer.rows) == 0
    assert answer.n_objects == 11
    back = undo(labels)
    assert back.gone == ()
    assert back.rows["label"].tolist() == [5]
    assert back.rows["origin"].tolist() == ["found"]


def test_an_edit_that_hits_nothing_is_no_step(labels):
    answer = make(labels, Edit("erase", points=(EMPTY,)))
    assert (answer.rev, answer.patches, len(answer.rows)) == (0, (), 0)
    assert not answer.can_undo
    assert not labels.is_edited
    assert not labels.history()


def test_merged_objects_that_do_not_touch_are_remarked_upon(labels):
    answer = make(labels, Edit("merge", ids=(1, 12)))
    assert answer.remark == "apart"
    assert answer.gone == (12,)


def test_an_operation_that_is_sent_twice_is_made_once(labels):
    first = labels.edit(dot(*EMPTY), op_id="a", base=0)
    make(labels, dot(290, 190))
    again = labels.edit(dot(*EMPTY), op_id="a", base=0)
    assert labels.rev == 2
    assert again.patches[:1] == first.patches
    assert again.patches == labels.since(0).patches
    assert again.rows["label"].tolist() == [13, 14]
    labels.undo(op_id="b", base=2)
    assert labels.undo(op_id="b", base=2).rev == 3


def test_an_operation_on_other_labels_is_refused(project, labels, simple):
    labels.edit(dot(*EMPTY), op_id="a", base=0)
    picture = project.pictures.records()[0].id
    other = project.labels.open(project.labels.run(picture, simple))
    with pytest.raises(ProjectError, match="made on other labels"):
        other.edit(dot(*EMPTY), op_id="a", base=0)


def test_an_edit_on_an_old_state_is_refused_and_what_changed_is_told(labels):
    seen = labels.labels.data.copy()
    make(labels, dot(*EMPTY))
    with pytest.raises(OutdatedError, match="at revision 1, the edit was made on 0"):
        labels.edit(dot(290, 190), op_id="b", base=0)
    with pytest.raises(OutdatedError):
        labels.undo(op_id="c", base=0)
    answer = labels.since(0)
    assert answer.rev == 1
    assert np.array_equal(paint(seen, answer.patches), labels.labels.data)
    labels.edit(dot(290, 190), op_id="b", base=1)


def test_nothing_has_changed_since_now_and_the_future_is_unknown(labels):
    assert labels.since(0).patches == ()
    with pytest.raises(ProjectError, match="there is no 1 yet"):
        labels.since(1)


def test_undo_and_redo_without_steps_do_nothing(labels):
    assert undo(labels).rev == redo(labels).rev == 0


def test_pieces_of_one_stroke_are_one_object_and_one_step(labels):
    found = state(labels)
    make(labels, Edit("draw", points=((2, 2), (8, 2)), width=3), stroke="s")
    make(labels, Edit("draw", points=((8, 2), (14, 2)), width=3), stroke="s")
    answer = make(labels, Edit("draw", points=((14, 2), (20, 2)), width=3), stroke="s")
    assert answer.n_objects == 13
    drawn = state(labels)
    undo(labels)
    assert_same(labels, found)
    redo(labels)
    assert_same(labels, drawn)
    assert [entry["kind"] for entry in labels.history()] == ["edit"] * 3 + ["undo", "redo"]
    assert labels.history()[3]["targets"] == [1, 2, 3]
    assert labels.history()[1]["edit"]["points"] == [[8, 2], [14, 2]]


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_stroke_whose_end_never_came_is_one_step_after_a_restart(
    project, labels, goes_on
):
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    found = state(labels)
    for left in (2, 8):
        points = ((left, 2), (left + 6, 2))
        make(labels, Edit("draw", points=points, width=3), stroke="s")
    begun = state(labels)
    project.labels._open.pop(name)  # the program dies: nothing is saved
    again = project.labels.open(name)
    assert_same(again, begun)
    if goes_on:
        make(again, Edit("draw", points=((14, 2), (20, 2)), width=3), stroke="s")
        assert again.n_objects == 13
    else:
        make(again, Edit("draw", points=((2, 190), (20, 190)), width=3), stroke="t")
        assert again.n_objects == 14
        undo(again)
        assert_same(again, begun)
    undo(again)
    assert_same(again, found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_walk_equals_measuring_anew_and_survives_opening_again(
    project, labels, seed, monkeypatch
):
    """Labels, table and origins go back and forth to the byte; so after a restart."""
    monkeypatch.setattr(module, "_SAVE_EVERY", 17)
    rng = np.random.default_rng(seed)
    seen, states = labels.labels.data.copy(), [state(labels)]
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    for number in range(60):
        choice = rng.random()
        if choice < 0.2 and len(states) > 1:
            undo(labels)
            states.pop()
        else:
            before = labels.rev
            answer = make(labels, random_edit(rng))
            seen = paint(seen, answer.patches) if answer.rev > before else seen
            if answer.rev > before:
                states.append(state(labels))
        seen = labels.labels.data.copy()
        assert_same(labels, states[-1])
        assert labels.table.equals(measure(labels.labels))
        if number % 20 == 19:
            project.labels.close(name)
            labels = project.labels.open(name)
            assert_same(labels, states[-1])
    while len(states) > 1:
        undo(labels)
        states.pop()
        assert_same(labels, states[-1])


def test_all_of_a_history_can_be_replayed_on_the_first_labels(labels):
    rng = np.random.default_rng(7)
    for _ in range(15):
        make(labels, random_edit(rng))
    first = Canvas.of(labels.labels.__class__(labels.data_of(None), labels.labels.image))
    for entry in labels.history():
        first.apply(Edit.from_json(entry["edit"]))
    assert np.array_equal(first.labels().data, labels.labels.data)


def test_labels_are_saved_now_and_then_and_when_closed(project, labels, monkeypatch):
    monkeypatch.setattr(module, "_SAVE_EVERY", 3)
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    folder = project.folder / "labels" / name
    for x in (3, 13, 23, 33):
        make(labels, dot(x, 3))
    assert {file.name for file in folder.iterdir()} == {"0.labels", "3.labels"}
    project.labels.close(name)
    assert {file.name for file in folder.iterdir()} == {"0.labels", "4.labels"}
    assert project.labels.open(name).rev == 4


def test_closed_labels_take_no_edit(project, labels):
    project.labels.close()
    with pytest.raises(ProjectError, match="were closed"):
        make(labels, dot(*EMPTY))
    labels.close()


def test_a_named_version_stays_as_it_was(labels):
    make(labels, dot(*EMPTY))
    version = labels.keep_version(" before lunch ")
    assert (version.name, version.rev) == ("before lunch", 1)
    kept = labels.labels.data.copy()
    make(labels, dot(290, 190))
    labels.save()
    assert labels.versions() == [version]
    assert np.array_equal(labels.data_of("before lunch"), kept)
    assert labels.data_of(None).max() == 12
    with pytest.raises(ProjectError, match="no version 'after lunch'"):
        labels.data_of("after lunch")


@pytest.mark.parametrize("name", ["", "  ", "one"])
def test_a_version_needs_a_name_of_its_own(labels, name):
    labels.keep_version("one")
    with pytest.raises(ProjectError, match="needs a name"):
        labels.keep_version(name)


def test_tiles_tell_the_labels_and_when_they_changed(labels):
    data, rev = labels.tile(0, 0, 0)
    assert rev == 0
    assert imagecodecs.zstd_decode(data) == labels.labels.data.astype("<u4").tobytes()
    make(labels, dot(*EMPTY))
    data, rev = labels.tile(2, 0, 0)
    assert rev == 1
    expected = np.ascontiguousarray(labels.labels.data[::4, ::4])
    assert imagecodecs.zstd_decode(data) == expected.astype("<u4").tobytes()
    with pytest.raises(ProjectError, match="no tile 1, 0 at level 0"):
        labels.tile(0, 1, 0)


def test_an_edit_that_cannot_be_stored_is_not_made(project, labels):
    before = state(labels)
    pages = project._database.rows("PRAGMA page_count")[0][0]
    project._database.rows(f"PRAGMA max_page_count = {pages}")
    points = tuple(
        (int(x), int(y)) for x, y in np.random.default_rng(0).integers(300, size=(900, 2))
    )
    with pytest.raises(WriteError, match="disk is full"):
        make(labels, Edit("draw", points=points, width=1))
    assert labels.rev == 0
    assert_same(labels, before)
    project._database.rows(f"PRAGMA max_page_count = {pages + 1000}")
    assert make(labels, dot(*EMPTY)).rev == 1


def test_an_undo_that_cannot_be_stored_is_not_made(project, labels, monkeypatch):
    make(labels, dot(*EMPTY))
    before = state(labels)

    def full(*_):
        raise WriteError

    with monkeypatch.context() as patch:
        patch.setattr(project._database, "insert", full)
        with pytest.raises(WriteError):
            undo(labels)
    assert_same(labels, before)
    assert undo(labels).rev == 2


def test_an_edit_that_makes_no_sense_changes_nothing(labels):
    before = state(labels)
    with pytest.raises(EditError):
        make(labels, Edit("draw", points=((0, 0),), width=999))
    assert_same(labels, before)


def test_excluded_pixels_are_never_painted(project, picture, simple):
    name = project.pictures.add(picture)
    project.pictures.choose(name, {"area": {"exclude": [[0, 0, 300, 5]]}})
    labels = project.labels.open(project.labels.run(name, simple))
    make(labels, Edit("draw", points=((2, 2), (200, 7)), width=9))
    assert not labels.labels.data[:5].any()
    assert labels.labels.data[5:9].any()


def test_histories_are_json(labels):
    make(labels, dot(*EMPTY))
    assert json.loads(json.dumps(labels.history())) == labels.history()


def test_opened_again_a_project_goes_on_where_it_was(project, home, labels):
    make(labels, dot(*EMPTY))
    name = project.labels.records(project.pictures.records()[0].id)[0].id
    expected = state(labels)
    project.close()
    with Project.open(home) as again:
        opened = again.labels.open(name)
        assert_same(opened, expected)
        assert undo(opened).n_objects == 12


def test_two_windows_that_edit_at_once_come_to_one_result(labels):
    """Each takes what the other did, and sends again what was refused."""
    seen = {}

    def window(number):
        rng, base, picture = np.random.default_rng(number), 0, labels.data_of(None)
        for edit in [random_edit(rng) for _ in range(12)]:
            op_id = str(uuid.uuid4())
            while True:
                missed = labels.since(base)
                base, picture = missed.rev, paint(picture, missed.patches)
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
        told = paint(picture, labels.since(base).patches)
        assert np.array_equal(told, labels.labels.data)
    assert labels.table.equals(measure(labels.labels))
    assert [entry["rev"] for entry in labels.history()] == list(range(1, labels.rev + 1))


def test_edits_can_be_settled_when_there_is_time(labels):
    answer = make(labels, Edit("erase", points=((0, 100), (299, 100)), width=3))
    settled = labels.settle(op_id="s")
    assert settled.pending == ()
    assert settled.rev >= answer.rev
    assert labels.table.equals(measure(labels.labels))


def test_a_comb_that_was_cut_is_measured_anew_and_comes_back(home, project, simple):
    """Long teeth on one back: whether a cut parts it shows only far away."""
    pixels = np.full((700, 1300), 30, np.uint8)
    pixels[20:680, 20:1280] = 200
    pixels[40:660, 24:1276:2] = 30
    write_png(home / "comb.png", pixels)
    name = project.pictures.add(home / "comb.png")
    labels = project.labels.open(project.labels.run(name, simple))
    before = state(labels)
    answer = make(labels, Edit("erase", points=((640, 10), (640, 690)), width=7))
    settled = labels.settle(op_id="s")
    assert settled.n_objects >= answer.n_objects
    assert settled.pending == ()
    assert labels.table.equals(measure(labels.labels))
    undo(labels)
    assert_same(labels, before)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_version_and_what_was_found_come_back_and_that_can_be_undone(
    project, labels, seed
):
    rng = np.random.default_rng(seed)
    found = state(labels)
    for _ in range(8):
        make(labels, random_edit(rng))
    labels.keep_version("first look")
    kept = state(labels)
    make(labels, dot(*EMPTY))
    make(labels, random_edit(rng))
    last = state(labels)
    restore(labels, "first look")
    assert_same(labels, kept)
    restore(labels, None)
    assert_same(labels, found)
    (record,) = project.labels.records(project.pictures.records()[0].id)
    project.labels.close()
    labels = project.labels.open(record.id)
    assert_same(labels, found)
    undo(labels)
    assert_same(labels, kept)
    undo(labels)
    assert_same(labels, last)
    assert [entry["edit"] for entry in labels.history()[-4:-2]] == [
        {"kind": "restore", "version": "first look"},
        {"kind": "restore", "version": None},
    ]


def test_a_version_that_is_there_already_changes_nothing(labels):
    make(labels, dot(*EMPTY))
    labels.keep_version("mine")
    rev = labels.rev
    assert restore(labels, "mine").rev == rev
    with pytest.raises(ProjectError, match="no version 'yours'"):
        restore(labels, "yours")


def test_a_version_is_brought_back_once_however_often_it_is_asked_for(labels):
    make(labels, dot(*EMPTY))
    first = labels.restore(None, op_id="same-name", base=1)
    again = labels.restore(None, op_id="same-name", base=1)
    assert (first.rev, again.rev, labels.rev) == (2, 2, 2)
    assert again.gone == first.gone
