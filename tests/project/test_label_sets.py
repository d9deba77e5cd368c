import shutil

import numpy as np
import pandas as pd
import pytest

from segmetry import io
from segmetry.edit import Edit
from segmetry.errors import PictureError, ProjectError, RecipeError, WriteError
from segmetry.project import Project, carry_out, label_sets, look_at, saved
from segmetry.recipe import Recipe, changed, run


@pytest.fixture
def name(project, picture):
    return project.pictures.add(picture)


def test_a_run_finds_what_the_recipe_finds(project, picture, name, simple):
    found = project.labels.run(name, simple)
    opened = project.labels.open(found)
    expected = run(simple, io.read(picture))
    assert np.array_equal(opened.labels.data, expected.labels.data)
    assert opened.table.equals(expected.objects)
    assert project.labels.open(found) is opened


def test_each_run_of_a_picture_is_kept(project, name, simple):
    other = changed(simple, {"banner": {"exclude": "40"}})
    kept = [project.labels.run(name, recipe) for recipe in (simple, other)]
    records = project.labels.records(name)
    assert [record.id for record in records] == kept
    assert [record.recipe for record in records] == [simple, other]
    assert [record.run["row"]["banner_rows"] for record in records] == ["", "160:200"]
    assert project.labels.record(kept[0]) == records[0]


def test_an_earlier_run_counts_again_with_what_was_corrected_in_it(project, name, simple):
    first, second, third = (project.labels.run(name, simple) for _ in range(3))
    erased = Edit("remove", ids=(1,))
    project.labels.open(first).edit(erased, op_id="a-single-one", base=0)
    project.labels.choose(first)
    assert [record.id for record in project.labels.records(name)] == [second, third, first]
    assert project.labels.n_objects(first) == 11
    assert project.labels.is_corrected(first)
    fourth = project.labels.run(name, simple)
    assert project.labels.records(name)[-1].id == fourth
    with pytest.raises(ProjectError, match="no such set of labels"):
        project.labels.choose("01JD3M0XZ6W8RT5Q4N7YV2KCAB")


def test_labels_that_nobody_asks_for_are_saved_and_leave_the_memory(
    project, name, simple, monkeypatch
):
    labels = project.labels
    found = [labels.run(name, simple) for _ in range(10)]
    opened = [labels.open(one) for one in found]
    opened[0].edit(Edit("remove", ids=(1,)), op_id="a-single-one", base=0)
    assert labels.open(found[0]) is opened[0]  # all were asked for just now
    monkeypatch.setattr(label_sets, "_LATELY", 0.0)
    assert labels.open(found[9]) is opened[9]
    with pytest.raises(ProjectError, match="were closed"):
        opened[1].edit(Edit("remove", ids=(2,)), op_id="another-one", base=0)
    assert labels.open(found[0]) is opened[0]  # it was asked for later than found[1]
    for one in found[1:]:
        labels.open(one)
    again = labels.open(found[0])
    assert again is not opened[0]
    assert (again.rev, again.n_objects) == (1, 11)


def no_room(*_, **__):
    msg = "the disk is full"
    raise WriteError(msg)


def test_labels_that_cannot_be_saved_stay_open_and_go_on(
    project, name, simple, monkeypatch
):
    found = project.labels.run(name, simple)
    labels = project.labels.open(found)
    labels.edit(Edit("remove", ids=(1,)), op_id="a-single-one", base=0)
    with monkeypatch.context() as disk:
        disk.setattr(saved, "write_checkpoint", no_room)
        with pytest.raises(WriteError, match="disk is full"):
            project.labels.close(found)
    assert project.labels.open(found) is labels
    assert labels.edit(Edit("remove", ids=(2,)), op_id="another-one", base=1).rev == 2
    project.labels.close(found)
    assert project.labels.open(found).rev == 2


def test_whoever_opens_labels_hears_nothing_of_others_that_cannot_be_saved(
    project, name, simple, monkeypatch, caplog
):
    monkeypatch.setattr(label_sets, "_LATELY", 0.0)
    monkeypatch.setattr(label_sets, "_MOST_OPEN", 1)
    first, second = (project.labels.run(name, simple) for _ in range(2))
    corrected = project.labels.open(first)
    corrected.edit(Edit("remove", ids=(1,)), op_id="a-single-one", base=0)
    with monkeypatch.context() as disk:
        disk.setattr(saved, "write_checkpoint", no_room)
        assert project.labels.open(second).n_objects == 12
        assert "labels stay open" in caplog.text
        assert project.labels.open(first) is corrected
    corrected.edit(Edit("remove", ids=(2,)), op_id="another-one", base=1)
    project.labels.open(second)
    assert project.labels.open(first) is not corrected
    assert project.labels.open(first).rev == 2


def test_labels_can_be_removed_where_the_disk_is_full(project, name, simple, monkeypatch):
    found = project.labels.run(name, simple)
    labels = project.labels.open(found)
    labels.edit(Edit("remove", ids=(1,)), op_id="a-single-one", base=0)
    monkeypatch.setattr(saved, "write_checkpoint", no_room)
    project.labels.remove(found)
    assert not project.labels.records(name)
    with pytest.raises(ProjectError, match="were closed"):
        labels.settle(op_id="late")


def test_what_was_chosen_for_a_picture_holds_in_its_runs(project, name, simple):
    project.pictures.choose(name, {"calibration": {"pixel_size": "3 nm"}})
    found = project.labels.run(name, simple)
    assert project.labels.record(found).recipe.calibration.pixel_size == "3 nm"
    assert not project.labels.record(found).recipe.calibration.scale_bar
    assert "area_um2" in project.labels.open(found).table


def test_a_run_can_be_done_elsewhere_and_kept_here(project, name, simple):
    order = project.labels.order(name, simple)
    found = project.labels.keep(order, carry_out(order))
    assert len(project.labels.open(found).table) == 12


def test_a_recipe_that_must_fail_is_refused_before_it_runs(project, name):
    with pytest.raises(RecipeError, match="no_such"):
        project.labels.order(name, Recipe(segmentation={"name": "no_such"}))


def test_a_picture_that_changed_is_not_run_and_its_labels_not_opened(
    project, picture, name, simple, discs
):
    found = project.labels.run(name, simple)
    io.write_png(picture, discs([10] * 12, seed=5))
    with pytest.raises(PictureError, match="has changed"):
        project.labels.run(name, simple)
    with pytest.raises(PictureError, match="has changed"):
        project.labels.open(found)


def test_labels_that_are_not_there_are_told(project):
    with pytest.raises(ProjectError, match="no such set of labels"):
        project.labels.open("01JD3M0XZ6W8RT5Q4N7YV2KCAB")


def test_removed_labels_leave_nothing(project, name, simple):
    found = project.labels.run(name, simple)
    project.labels.open(found)
    project.labels.remove(found)
    assert not project.labels.records(name)
    assert not list((project.folder / "labels").iterdir())
    with pytest.raises(ProjectError, match="no such set of labels"):
        project.labels.remove(found)


def test_a_run_that_is_just_being_kept_is_not_swept_away_with_other_labels(
    project, name, simple, monkeypatch
):
    """Its folder is there, and its row not yet."""
    other = project.labels.run(name, simple)
    order = project.labels.order(name, simple)
    found = carry_out(order)
    write = label_sets.write_checkpoint

    def write_while_others_are_removed(path, checkpoint):
        write(path, checkpoint)
        project.labels.remove(other)

    monkeypatch.setattr(label_sets, "write_checkpoint", write_while_others_are_removed)
    kept = project.labels.keep(order, found)
    assert project.labels.open(kept).n_objects == 12
    assert [path.name for path in (project.folder / "labels").iterdir()] == [kept]


def test_a_run_on_a_picture_that_was_removed_meanwhile_leaves_nothing(
    project, name, simple
):
    order = project.labels.order(name, simple)
    found = carry_out(order)
    project.pictures.remove(name)
    with pytest.raises(ProjectError, match="no such picture"):
        project.labels.keep(order, found)
    assert not list((project.folder / "labels").iterdir())


def test_a_pixel_size_that_was_chosen_during_a_run_holds_for_what_it_found(
    project, picture, name, simple
):
    project.pictures.keep_look(name, look_at(picture, simple))
    order = project.labels.order(name, simple)
    found = carry_out(order)
    project.calibrate(name, choice="typed", pixel_size="50 nm")
    kept = project.labels.keep(order, found)
    again = project.labels.run(name, simple)
    assert project.labels.record(kept).recipe == project.labels.record(again).recipe
    assert project.labels.record(kept).run == project.labels.record(again).run
    table = project.labels.open(kept).table
    assert "area_um2" in table
    assert table.equals(project.labels.open(again).table)


def test_what_a_crash_left_half_kept_is_removed(project, home, name, simple):
    found = project.labels.run(name, simple)
    folder = project.folder / "labels"
    (folder / "half").mkdir()
    (folder / "half" / "0.labels").write_bytes(b"half")
    (folder / found / "9.labels").write_bytes(b"half")
    project.close()
    with Project.open(home) as again:
        assert len(again.labels.open(found).table) == 12
        assert [path.name for path in folder.rglob("*.labels")] == ["0.labels"]


def test_a_damaged_file_of_labels_is_told_and_kept(project, name, simple):
    found = project.labels.run(name, simple)
    path = project.folder / "labels" / found / "0.labels"
    path.write_bytes(path.read_bytes()[:-30])
    before = path.read_bytes()
    with pytest.raises(ProjectError, match=r"0.labels .* missing or damaged"):
        project.labels.open(found)
    assert path.read_bytes() == before


def test_removing_a_picture_removes_its_labels(project, home, name, simple):
    project.labels.run(name, simple)
    project.pictures.remove(name)
    project.close()
    with Project.open(home):
        assert not list((project.folder / "labels").iterdir())


def test_another_pixel_size_is_that_of_a_run_with_it_and_keeps_corrections(
    project, picture, simple
):
    identifier = project.pictures.add(picture)
    project.pictures.keep_look(identifier, look_at(picture, simple))
    found = project.labels.run(identifier, simple)
    labels = project.labels.open(found)
    labels.edit(Edit("delete", ids=(3,)), op_id="one", base=0)
    typed = {"pixel_size": "2 nm", "choice": "typed", "scale_bar": False}
    project.pictures.choose(identifier, {"calibration": typed})
    project.labels.recalibrate(identifier)

    reopened = project.labels.open(found)
    assert reopened is not labels
    again = project.labels.run(identifier, simple)
    whole = project.labels.open(again)
    assert "area_nm2" in whole.table or "area_um2" in whole.table
    pd.testing.assert_frame_equal(
        reopened.table.reset_index(drop=True),
        whole.table[whole.table["label"] != 3].reset_index(drop=True),
    )
    old, new = project.labels.record(found), project.labels.record(again)
    assert (old.run, old.recipe) == (new.run, new.recipe)
    reopened.undo(op_id="two", base=1)
    assert np.array_equal(reopened.labels.data, whole.labels.data)
    assert reopened.labels.image.steps == whole.labels.image.steps


def test_objects_are_counted_without_opening_their_labels(project, picture, simple):
    found = project.labels.run(project.pictures.add(picture), simple)
    assert project.labels.n_objects(found) == 12
    labels = project.labels.open(found)
    labels.edit(Edit("delete", ids=(3, 4)), op_id="one", base=0)
    assert project.labels.n_objects(found) == 10
    project.labels.close()
    assert project.labels.n_objects(found) == 10
    for file in (project.folder / "labels" / found).iterdir():
        file.write_bytes(b"no labels")
    with pytest.raises(ProjectError, match="damaged"):
        project.labels.n_objects(found)


def test_on_an_upload_nothing_is_run_before_it_was_read_with_care(project, picture, simple):
    upload = project.pictures.upload("a.png", [picture.read_bytes()])
    with pytest.raises(PictureError, match=r"a\.png yet\. It is still being read"):
        project.labels.run(upload, simple)
    look = look_at(project.pictures.file(upload), simple)
    project.pictures.keep_look(upload, look)
    assert project.labels.n_objects(project.labels.run(upload, simple)) == 12
    bad = project.pictures.upload("bad.png", [b"\x89PNG\r\n\x1a\n" + b"x" * 99])
    project.pictures.keep_look(bad, look_at(project.pictures.file(bad), simple))
    with pytest.raises(PictureError, match=r"on bad\.png yet\. .*copy it again"):
        project.labels.run(bad, simple)


def test_labels_whose_picture_is_gone_have_the_number_that_was_saved_last(
    home, picture, simple, tmp_path
):
    folder = tmp_path / "projects" / "copy"
    with Project.create(home, "Powder") as project:
        found = project.labels.run(project.pictures.add(picture), simple)
        labels = project.labels.open(found)
        labels.edit(Edit("delete", ids=(3,)), op_id="a", base=0)
        project.labels.close()
        labels = project.labels.open(found)
        labels.edit(Edit("delete", ids=(4,)), op_id="b", base=1)
        shutil.copytree(project.folder, folder, ignore=shutil.ignore_patterns("lock"))
    picture.unlink()
    with Project.open(folder) as copy:
        assert copy.labels.n_objects(found) == 11
