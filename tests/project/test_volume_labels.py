"""Labels of a volume in a project: kept, opened, measured, given out, never corrected."""

import subprocess
import sys

import nibabel
import numpy as np
import pytest
import tifffile

from segmetry.errors import ProjectError
from segmetry.project import look_at
from segmetry.project.annotated import mark_checked
from segmetry.project.checkpoints import Checkpoint, read_shape
from segmetry.project.exchange import export_objects
from segmetry.project.exports import export_run
from segmetry.project.tables import project_tables
from segmetry.project.volume_labels import VolumeLabels
from segmetry.recipe import Recipe

SHAPE = (6, 20, 30)


def boxes():
    """Two boxes of 3 x 5 x 7 and 2 x 4 x 4 voxels."""
    data = np.zeros(SHAPE, np.uint32)
    data[1:4, 2:7, 3:10] = 1
    data[3:5, 12:16, 20:24] = 7
    return data


@pytest.fixture
def volume(project, home):
    """Identifier of a drawn stack, voxels of 3 x 2 x 2 mm, that was looked at."""
    path = home / "drawn.tif"
    values = (100 * (boxes() > 0) + 20).astype(np.int16)
    about = {"axes": "ZYX", "spacing": 3.0, "unit": "mm"}
    tifffile.imwrite(path, values, imagej=True, metadata=about, resolution=(0.5, 0.5))
    picture = project.pictures.add(path)
    project.pictures.keep_look(picture, look_at(path, Recipe()))
    return picture


def row_of(data):
    """What a run tells of a volume, as far as labels need it."""
    n = len(np.unique(data)) - 1
    return {"n_objects": n, "included_area_px": data.size, "segmenter": "threshold"}


@pytest.fixture
def label(project, volume):
    """Identifier of labels of the two boxes."""
    record = project.pictures.record(volume)
    facts = {
        "row": row_of(boxes()),
        "remarks": [],
        "pixel_size": record.look["pixel_size"],
        "banner": None,
        "image_steps": [],
        "steps": [{"name": "threshold", "options": {}}],
    }
    order = project.labels.order(volume, Recipe())
    return project.labels.keep(order, Checkpoint(boxes(), facts))


def test_a_look_at_a_volume_tells_its_slices_and_its_voxels(project, volume):
    record = project.pictures.record(volume)
    assert record.status == "ready"
    assert record.is_volume
    assert record.look["n_slices"] == SHAPE[0]
    size = record.look["pixel_size"]
    assert (size["z"], size["y"], size["x"]) == pytest.approx((3, 2, 2))
    assert record.look["banner_rows"] is None


def test_typed_and_told_sizes_that_disagree_are_told_of_a_volume(project, volume):
    path = project.pictures.file(volume)
    recipe = Recipe.model_validate({"calibration": {"pixel_size": "5 mm"}})
    look = look_at(path, recipe)
    assert look.facts["conflict"]
    assert "5 mm" in look.facts["error"]


def test_labels_of_a_volume_come_back_as_they_were_found(project, label):
    found = project.labels.look_at(label)
    assert isinstance(found, VolumeLabels)
    assert np.array_equal(found.labels.data, boxes())
    assert found.labels.data.dtype == np.uint32
    assert np.array_equal(found.data_of(None), boxes())
    assert found.n_objects == project.labels.n_objects(label) == 2
    assert found.n_foreground == 3 * 5 * 7 + 2 * 4 * 4
    assert found.origins == {1: "found", 7: "found"}
    assert found.versions() == []
    assert found.since(0).rev == 0


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_slice_is_that_of_the_labels(project, label, axis):
    found = project.labels.look_at(label)
    for index in range(SHAPE[axis]):
        assert np.array_equal(found.slice(axis, index), boxes().take(index, axis))
    for outside in (-1, SHAPE[axis]):
        with pytest.raises(ProjectError, match=f"none is {outside}"):
            found.slice(axis, outside)


def test_nothing_of_a_volume_is_corrected(project, volume, label):
    with pytest.raises(ProjectError, match="not corrected here yet"):
        project.labels.open(label)
    with pytest.raises(ProjectError, match="cannot be corrected"):
        mark_checked(project, volume, label)
    found = project.labels.look_at(label)
    with pytest.raises(ProjectError, match="not corrected"):
        found.data_of("a version")
    with pytest.raises(ProjectError, match="revision 0"):
        found.since(3)
    assert not project.labels.is_corrected(label)


def test_labels_that_were_closed_are_opened_again(project, label):
    first = project.labels.look_at(label)
    project.labels.close(label)
    assert not project.labels.is_open(label)
    second = project.labels.look_at(label)
    assert second is not first
    assert np.array_equal(second.labels.data, first.labels.data)


def test_labels_larger_than_a_byte_are_kept_whole(project, volume):
    data = boxes()
    data[0, 0, 0] = 2**32 - 1
    facts = {"row": row_of(data), "remarks": [], "pixel_size": None, "banner": None}
    facts |= {"image_steps": [], "steps": []}
    kept = project.labels.keep(
        project.labels.order(volume, Recipe()), Checkpoint(data, facts)
    )
    assert read_shape(project.folder / "labels" / kept / "0.labels") == SHAPE
    assert project.labels.look_at(kept).slice(0, 0)[0, 0] == 2**32 - 1


def test_formats_of_single_pictures_refuse_a_volume(project, label, tmp_path):
    assert label
    with pytest.raises(ProjectError, match=r"drawn\.tif is a volume"):
        export_objects(project, tmp_path, to="coco")


def test_volumes_are_measured_in_real_units(project, label):
    table = project.labels.look_at(label).table
    assert table["label"].tolist() == [1, 7]
    assert table["volume_um3"].tolist() == pytest.approx([105 * 12e9, 32 * 12e9])
    again = project.labels.look_at(label).table
    assert again is table


def test_the_tables_of_a_project_have_the_objects_of_a_volume(project, label):
    tables = project_tables(project)
    assert tables.objects["image"].tolist() == ["drawn", "drawn"]
    assert tables.images["n_objects"].tolist() == [2]
    assert label == project.labels.records(project.pictures.records()[0].id)[-1].id


@pytest.mark.slow
def test_files_of_a_volume_are_those_of_the_command_line_to_the_byte(
    project, home, tmp_path
):
    path = home / "boxes.nii.gz"
    scan = nibabel.Nifti1Image(
        (1000 * (boxes() > 0)).astype(np.int16).T, np.diag([-2.0, -2, 3, 1])
    )
    scan.header.set_xyzt_units("mm")
    nibabel.save(scan, path)
    recipe = Recipe.model_validate(
        {"segmentation": {"name": "threshold"}, "statistics": {"resamples": 200}}
    )
    picture = project.pictures.add(path)
    project.pictures.keep_look(picture, look_at(path, recipe))
    kept = project.labels.run(picture, recipe)
    assert project.labels.look_at(kept).n_objects == 2
    export_run(project, tmp_path / "app")
    words = [sys.executable, "-m", "segmetry", "run", str(path), "--out"]
    words += [str(tmp_path / "run"), "--recipe", str(tmp_path / "app" / "recipe.toml")]
    subprocess.run(words, check=True, capture_output=True)
    names = ["objects.csv", "images.csv", "summary.json", "boxes/labels.tif"]
    for file in [*names, "boxes/overlay.png", "boxes/labels.nii.gz"]:
        app, run = (tmp_path / place / file for place in ("app", "run"))
        assert app.read_bytes() == run.read_bytes(), file


def test_objects_of_a_volume_keep_the_names_of_their_classes(project, volume):
    data, record = boxes(), project.pictures.record(volume)
    facts = {"row": row_of(data), "remarks": [], "banner": None}
    facts |= {"pixel_size": record.look["pixel_size"], "image_steps": [], "steps": []}
    arrays = {"class": np.array(["right lung", "left lung"])}
    kept = project.labels.keep(
        project.labels.order(volume, Recipe()), Checkpoint(data, facts, arrays)
    )
    table = project.labels.look_at(kept).table
    assert table["class"].tolist() == ["right lung", "left lung"]
