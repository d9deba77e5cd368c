"""A model learns from pictures that a person answers for, and from no other."""

import numpy as np
import pytest

from segmetry import io
from segmetry.edit import Edit
from segmetry.errors import ProjectError
from segmetry.io.exchange import read_origins
from segmetry.project.annotated import (
    annotated_pictures,
    checked_pictures,
    mark_checked,
    write_annotated,
)


@pytest.fixture
def both(project, picture, home, discs, simple):
    """Open labels of two pictures, `a.png` and `b.png`."""
    io.write_png(home / "b.png", discs([12] * 6))
    found = [
        project.labels.run(project.pictures.add(path), simple)
        for path in (picture, home / "b.png")
    ]
    return [project.labels.open(labels) for labels in found]


@pytest.fixture
def folders(tmp_path):
    folders = [tmp_path / name for name in ("images", "masks")]
    for folder in folders:
        folder.mkdir()
    return folders


def names(project):
    return [one.picture.name for one in annotated_pictures(project)]


def check(project, *pictures):
    """Mark the newest labels of some pictures as checked."""
    for at in pictures:
        picture = project.pictures.records()[at].id
        mark_checked(project, picture, project.labels.records(picture)[-1].id)


def test_only_what_was_marked_as_checked_is_learned_from(project, both, simple):
    both[0].edit(Edit("delete", ids=(3,)), op_id="a", base=0)
    assert names(project) == ["a.png"]
    assert checked_pictures(project) == []
    check(project, 1)  # right as it was found
    assert names(project) == ["a.png", "b.png"]
    assert [one.picture.name for one in checked_pictures(project)] == ["b.png"]
    check(project, 0)
    both[0].edit(Edit("delete", ids=(4,)), op_id="b", base=1)
    assert len(checked_pictures(project)) == 2

    first, second = (record.id for record in project.pictures.records())
    mark_checked(project, first, None)
    old = project.labels.records(second)[-1].id
    project.labels.run(second, simple)
    assert checked_pictures(project) == []
    with pytest.raises(ProjectError, match="newer result"):
        mark_checked(project, second, old)
    project.labels.choose(old)
    assert [one.picture.name for one in checked_pictures(project)] == ["b.png"]


def test_a_mark_holds_through_corrections_until_a_version_is_restored(project, both):
    labels = both[0]
    labels.edit(Edit("delete", ids=(3,)), op_id="a", base=0)
    labels.keep_version("mine")
    check(project, 0)
    labels.edit(Edit("delete", ids=(4,)), op_id="b", base=1)
    labels.undo(op_id="c", base=2)
    assert len(checked_pictures(project)) == 1
    labels.restore(None, op_id="d", base=3)
    assert checked_pictures(project) == []
    assert names(project) == ["a.png"]  # for it was corrected
    check(project, 0)  # right as it was found, after all
    assert len(checked_pictures(project)) == 1
    labels.undo(op_id="e", base=4)
    assert checked_pictures(project) == []
    check(project, 0)
    labels.redo(op_id="f", base=5)
    assert checked_pictures(project) == []
    check(project, 0)
    labels.restore("mine", op_id="g", base=6)
    assert checked_pictures(project) == []


def test_what_was_restored_before_the_mark_takes_nothing_away(project, both):
    labels = both[0]
    labels.edit(Edit("delete", ids=(3,)), op_id="a", base=0)
    labels.restore(None, op_id="b", base=1)
    check(project, 0)
    labels.edit(Edit("delete", ids=(4,)), op_id="c", base=2)
    labels.undo(op_id="d", base=3)
    assert [one.picture.name for one in checked_pictures(project)] == ["a.png"]


@pytest.mark.usefixtures("both")
def test_a_mark_is_no_part_of_the_recipe_and_outlives_other_choices(project, simple):
    check(project, 0)
    picture = project.pictures.records()[0].id
    assert project.pictures.recipe(picture, simple) == simple
    project.pictures.choose(picture, {"banner": {"exclude": "none"}})
    assert len(checked_pictures(project)) == 1


def test_a_picture_counts_once_something_was_done_and_while_it_is_not_undone(project, both):
    first, second = both
    assert names(project) == []
    first.edit(Edit("delete", ids=(3,)), op_id="a", base=0)
    assert names(project) == ["a.png"]
    second.edit(Edit("accept", ids=(1,)), op_id="b", base=0)
    assert names(project) == ["a.png", "b.png"]
    first.undo(op_id="c", base=1)
    assert names(project) == ["b.png"]
    first.redo(op_id="d", base=2)
    assert names(project) == ["a.png", "b.png"]


def test_labels_of_a_newer_run_that_nobody_looked_at_do_not_count(project, both, simple):
    both[0].edit(Edit("delete", ids=(3,)), op_id="a", base=0)
    project.labels.run(project.pictures.records()[0].id, simple)
    assert names(project) == []


def test_files_hold_the_picture_and_its_objects_as_they_are_now(project, both, folders):
    for labels in both:
        labels.edit(Edit("delete", ids=(2,)), op_id=f"a{id(labels)}", base=0)
    check(project, 0, 1)
    assert write_annotated(project, *folders) == 2
    images, masks = folders
    for name, labels in zip("ab", both, strict=True):
        pixels = io.read(images / f"{name}.tif").pixels
        assert np.array_equal(pixels, labels.labels.image.pixels)
        data = io.read_labels(masks / f"{name}.tif")
        assert np.array_equal(data, labels.labels.data)
        assert 2 not in data


def test_the_writing_ends_where_its_tick_raises(project, both, folders):
    for labels in both:
        labels.edit(Edit("delete", ids=(2,)), op_id=f"a{id(labels)}", base=0)
    check(project, 0, 1)
    ticks = []

    def tick():
        ticks.append(1)
        if len(ticks) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_annotated(project, *folders, tick=tick)
    assert [file.name for file in folders[0].iterdir()] == ["a.tif"]


def test_one_picture_is_too_few_to_learn_from_and_to_judge(project, both, folders):
    for labels in both:
        labels.edit(Edit("delete", ids=(2,)), op_id=f"a{id(labels)}", base=0)
    check(project, 0)
    with pytest.raises(ProjectError, match="so far there are 1"):
        write_annotated(project, *folders)


def test_beside_the_masks_lies_where_each_comes_from(project, both, folders):
    for labels in both:
        labels.edit(Edit("delete", ids=(2,)), op_id=f"a{id(labels)}", base=0)
    check(project, 0, 1)
    write_annotated(project, *folders)
    origins = read_origins(folders[1])
    assert [one.kind for one in origins.values()] == ["corrected", "corrected"]
    assert [one.checked for one in origins.values()] == [True, True]
    assert list(origins["a"].objects) == [label for label in range(1, 13) if label != 2]
