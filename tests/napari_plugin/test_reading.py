import numpy as np
import pandas as pd
import pytest
import tifffile

from segmetry.batch import run_batch
from segmetry.edit import Edit
from segmetry.io import read, read_labels, write_png
from segmetry.napari_plugin import reading
from segmetry.napari_plugin.reading import get_reader
from segmetry.project import Project
from segmetry.project.run_folder import labels_in_run, open_run, write_back
from segmetry.recipe import Recipe


def test_each_picture_has_its_objects_and_its_regions(viewer, run):
    viewer.open(str(run), plugin="segmetry")
    assert [layer.name for layer in viewer.layers] == [
        *("a", "a objects", "a regions", "b", "b objects")
    ]
    assert [layer.visible for layer in viewer.layers] == [True] * 3 + [False] * 2
    assert np.array_equal(viewer.layers["a"].data, read(run.parent / "a.png").pixels)
    labels = read_labels(run / "a" / "labels.tif")
    assert np.array_equal(viewer.layers["a objects"].data, labels)


def test_layers_lie_on_each_other_in_micrometres(viewer, run):
    viewer.open(str(run), plugin="segmetry")
    for layer in viewer.layers:
        assert layer.scale == pytest.approx([0.05, 0.05])
        assert {str(unit) for unit in layer.units} == {"micrometer"}


def test_the_table_of_objects_is_the_features_by_their_numbers(opened, run):
    objects = pd.read_csv(run / "objects.csv").query("image == 'a'")
    assert opened.features["index"].tolist() == objects["label"].tolist()
    assert np.allclose(opened.features["area_um2"], objects["area_um2"])
    y, x = np.argwhere(opened.data == 7)[0] * 0.05
    assert "area_um2" in opened.get_status((y, x), world=True)["coordinates"]


def test_a_region_lies_where_it_was_drawn(viewer, run):
    viewer.open(str(run), plugin="segmetry")
    layer = viewer.layers["a regions"]
    # The corner of pixel (10, 20) is half a pixel before its centre.
    assert layer.data[0][0].tolist() == [19.5, 9.5]
    assert layer.features["region"].tolist() == ["CA1"]


@pytest.mark.parametrize("name", ["manifest.json", "images.csv", "recipe.toml"])
def test_a_file_of_a_run_opens_the_run(viewer, run, name):
    assert len(viewer.open(str(run / name), plugin="segmetry")) == 5


def test_the_folder_of_one_picture_opens_that_one(viewer, run):
    viewer.open(str(run / "b"), plugin="segmetry")
    assert [layer.name for layer in viewer.layers] == ["b", "b objects"]
    assert viewer.layers["b"].visible


def test_other_folders_and_stacks_are_left_to_others(tmp_path, run):
    assert get_reader(str(tmp_path)) is None
    assert get_reader([str(run), str(run)]) is None
    assert get_reader(str(run.parent / "a.png")) is None


def test_looking_leaves_nothing_behind(viewer, run):
    before = sorted(run.rglob("*"))
    viewer.open(str(run), plugin="segmetry")
    assert sorted(run.rglob("*")) == before


def test_of_many_pictures_the_first_are_opened(viewer, run, monkeypatch):
    told = []
    monkeypatch.setattr(reading, "MOST_PICTURES", 1)
    monkeypatch.setattr("napari.utils.notifications.show_info", told.append)
    viewer.open(str(run), plugin="segmetry")
    assert [layer.name for layer in viewer.layers] == ["a", "a objects", "a regions"]
    assert told[0].startswith("1 of 2 pictures are open")


def test_pictures_with_and_without_a_pixel_size_are_not_mixed(viewer, tmp_path, discs):
    write_png(tmp_path / "a.png", discs([10] * 12))
    tifffile.imwrite(
        tmp_path / "b.tif",
        discs([10] * 12),
        imagej=True,
        resolution=(20, 20),
        metadata={"unit": "um"},
    )
    simple = {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}
    run_batch(Recipe.model_validate(simple), [tmp_path], tmp_path / "run")
    viewer.open(str(tmp_path / "run"), plugin="segmetry")
    assert [layer.name for layer in viewer.layers] == ["a", "a objects"]
    viewer.open(str(tmp_path / "run" / "b"), plugin="segmetry")
    assert viewer.layers["b"].scale == pytest.approx([0.05, 0.05])


def test_corrections_made_before_are_shown(viewer, run):
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a"))
        labels.edit(Edit("delete", ids=(2, 5)), op_id="a", base=0)
        write_back(project, ["a"])
    viewer.open(str(run), plugin="segmetry")
    layer = viewer.layers["a objects"]
    assert not np.isin([2, 5], layer.data).any()
    assert layer.metadata["segmetry"].rev == 1
    assert layer.features["origin"].unique().tolist() == ["found"]


@pytest.fixture
def project_folder(run):
    home = run.parent
    simple = Recipe.model_validate(
        {"segmentation": {"name": "threshold"}, "calibration": {"scale_bar": False}}
    )
    with Project.create(home, "Powder") as project:
        for name in ("a", "b"):
            project.labels.run(project.pictures.add(home / f"{name}.png"), simple)
        project.pictures.add(run / "a" / "overlay.png")  # nothing was looked for in it
    return home


@pytest.mark.parametrize("below", [".", ".segmetry", ".segmetry/project.db"])
def test_a_project_of_the_app_is_opened_too(viewer, project_folder, below):
    viewer.open(str(project_folder / below), plugin="segmetry")
    assert [layer.name for layer in viewer.layers] == [
        "a",
        "a objects",
        "b",
        "b objects",
    ]
    assert [str(unit) for unit in viewer.layers["a"].units] == ["pixel", "pixel"]
    assert len(viewer.layers["a objects"].features) == 12


def test_a_project_that_the_app_has_open_is_refused_in_one_sentence(viewer, project_folder):
    from segmetry.errors import ProjectError

    with (
        Project.open(project_folder),
        pytest.raises(ProjectError, match="already open"),
    ):
        viewer.open(str(project_folder), plugin="segmetry")
