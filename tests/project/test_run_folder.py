"""A run whose objects are corrected: its project, its files, and the way back."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from segmetry.batch import BatchOptions, run_batch
from segmetry.batch.inputs import file_hash
from segmetry.edit import Edit
from segmetry.errors import PictureError, ProjectError, ReadError
from segmetry.io import read_labels, write_png
from segmetry.measure import measure
from segmetry.project import run_folder
from segmetry.project.run_folder import (
    labels_in_run,
    open_run,
    see_in_run,
    write_back,
)
from segmetry.recipe import Recipe

RECIPE = {
    "segmentation": {"name": "threshold"},
    "calibration": {"pixel_size": "50 nm", "scale_bar": False},
}


@pytest.fixture(scope="module")
def once(tmp_path_factory, discs):
    folder = tmp_path_factory.mktemp("once")
    write_png(folder / "a.png", discs([10] * 12))
    write_png(folder / "b.png", discs([8] * 20, seed=1))
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    run_batch(Recipe.model_validate(RECIPE), [folder], folder / "run")
    return folder


@pytest.fixture
def run(once, tmp_path):
    """The folder of a run on two pictures and a damaged one, which lie beside it."""
    shutil.copytree(once, tmp_path / "lab")
    return tmp_path / "lab" / "run"


def files(run):
    return {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file() and ".segmetry" not in path.parts and path.name != "run.log"
    }


def remove_some(run):
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a"))
        labels.edit(Edit("delete", ids=(2, 5)), op_id="a", base=0)
        labels.edit(Edit("draw", points=((3, 3),), width=5), op_id="b", base=1)
        return write_back(project, ["a"])


def test_corrections_are_in_every_table_of_the_run(run):
    before = pd.read_csv(run / "objects.csv")
    result = remove_some(run)
    objects, images = (pd.read_csv(run / f"{name}.csv") for name in ("objects", "images"))
    ours, others = objects[objects["image"] == "a"], objects[objects["image"] == "b"]
    assert ours["label"].tolist() == [1, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]
    assert ours["origin"].tolist() == ["found"] * 10 + ["drawn"]
    assert others["origin"].unique().tolist() == ["found"]
    kept = before[(before["image"] == "a") & before["label"].isin(ours["label"])]
    assert ours.drop(columns="origin").iloc[:10].equals(kept.reset_index(drop=True))
    assert list(objects.columns) == [*before.columns, "origin"]
    assert images["n_objects"].tolist() == [11, 20, 0]
    assert images["mask_origin"].tolist()[:2] == ["corrected", "draft"]
    assert images["status"].tolist() == ["done", "done", "failed"]
    summary = json.loads((run / "summary.json").read_text())
    assert "Corrected by hand: 1 of 31 objects were drawn or edited, in 1 of 2" in str(
        summary["warnings"]
    )
    assert len(result.objects) == 31
    manifest = json.loads((run / "manifest.json").read_text())
    assert "a/labels_found.tif" in manifest["outputs"]
    for name, sha256 in manifest["outputs"].items():
        assert file_hash(run / name) == sha256, name


def test_labels_and_table_of_a_corrected_picture_fit_each_other(run):
    remove_some(run)
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a")).labels
    assert np.array_equal(read_labels(run / "a" / "labels.tif"), labels.data)
    kept = pd.read_parquet(run / "a" / "objects.parquet")
    told = kept.drop(columns=["image", "origin"])
    pd.testing.assert_frame_equal(told, measure(labels), check_dtype=False)


def test_what_was_found_stays_beside(run):
    found = files(run)
    remove_some(run)
    now = files(run)
    for name in ("labels", "objects"):
        ending = "tif" if name == "labels" else "parquet"
        assert now[f"a/{name}_found.{ending}"] == found[f"a/{name}.{ending}"]
    assert now["b/labels.tif"] == found["b/labels.tif"]


def test_what_became_of_each_object_lies_beside_the_labels(run):
    before = pd.read_parquet(run / "a" / "objects.parquet").set_index("label")["area_px"]
    remove_some(run)
    told = pd.read_csv(run / "a" / "changes.csv").set_index("label")
    assert told["change"].to_dict() == {
        **dict.fromkeys(range(1, 13), "kept"),
        **dict.fromkeys([2, 5], "removed"),
        13: "drawn",
    }
    assert told["area_before_px"].drop(13).tolist() == before.tolist()
    assert told.loc[[2, 5, 13], "area_after_px"].tolist()[:2] == [0, 0]
    assert told.loc[13, ["area_before_px", "related_label"]].tolist() == [0, 0]
    manifest = json.loads((run / "manifest.json").read_text())
    assert "a/changes.csv" in manifest["outputs"]


def test_after_undo_the_run_is_as_it_was_to_the_byte(run):
    before = files(run)
    remove_some(run)
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a"))
        labels.undo(op_id="c", base=2)
        labels.undo(op_id="d", base=3)
        write_back(project, ["a"])
    after = files(run)
    assert after.keys() == before.keys()
    changed = {name for name in before if after[name] != before[name]}
    assert changed == set()


def test_a_second_session_goes_on_with_the_first(run):
    remove_some(run)
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a"))
        assert labels.rev == 2
        assert labels.n_objects == 11
        labels.edit(Edit("delete", ids=(1,)), op_id="c", base=2)
        write_back(project, ["a"])
        assert len(project.pictures.records()) == 1
    assert pd.read_csv(run / "images.csv")["n_objects"][0] == 10


def test_a_run_that_is_resumed_keeps_corrections(run):
    remove_some(run)
    corrected = files(run)
    recipe = Recipe.model_validate(RECIPE)
    run_batch(recipe, [run.parent], run, options=BatchOptions(resume=True))
    now = files(run)
    assert now["objects.csv"] == corrected["objects.csv"]
    assert now["summary.json"] == corrected["summary.json"]


def test_corrections_of_another_recipe_do_not_count_for_a_new_run(run):
    remove_some(run)
    recipe = Recipe.model_validate(
        RECIPE | {"segmentation": {"name": "threshold", "options": {"min_area": 300}}}
    )
    run_batch(recipe, [run.parent], run, options=BatchOptions(overwrite=True))
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a"))
        assert (labels.rev, labels.n_objects) == (0, 12)


def test_what_only_the_run_knew_of_objects_stays_with_those_that_were_found(run):
    path = run / "a" / "objects.parquet"
    table = pd.read_parquet(path)
    table.insert(2, "class", [f"kind {k % 2}" for k in range(len(table))])
    table.assign(confidence=np.linspace(0.5, 1, len(table))).to_parquet(path)
    remove_some(run)
    now = pd.read_csv(run / "objects.csv").query("image == 'a'").set_index("label")
    assert list(now.columns[:2]) == ["image", "class"]
    assert now["class"].loc[[1, 3, 4]].tolist() == ["kind 0", "kind 0", "kind 1"]
    assert now["confidence"].loc[12] == 1
    assert now.loc[13, ["class", "confidence"]].isna().all()


def test_lines_are_measured_anew(tmp_path):
    pixels = np.full((80, 120), 20, np.uint8)
    pixels[20:26, 10:110] = 200
    pixels[50:56, 10:60] = 200
    write_png(tmp_path / "a.png", pixels)
    recipe = Recipe.model_validate(RECIPE | {"thin": {"enabled": True}})
    run = tmp_path / "run"
    run_batch(recipe, [tmp_path / "a.png"], run)
    before = pd.read_csv(run / "images.csv")
    with open_run(run) as project:
        labels = project.labels.open(labels_in_run(project, "a"))
        shorter = int(labels.table.sort_values("area_px")["label"].iloc[0])
        labels.edit(Edit("delete", ids=(shorter,)), op_id="a", base=0)
        write_back(project, ["a"])
    after = pd.read_csv(run / "images.csv")
    assert 0.5 < after["total_length_um"][0] / before["total_length_um"][0] < 0.8
    assert len(pd.read_csv(run / "segments.csv")) == 1


def test_objects_are_counted_in_regions_anew(tmp_path, discs):
    write_png(tmp_path / "a.png", discs([10] * 12))
    (tmp_path / "sheet.csv").write_text("image,region\na.png,CA1\n")
    recipe = Recipe.model_validate(RECIPE | {"sheet": {"path": "sheet.csv"}})
    run = tmp_path / "run"
    run_batch(recipe, [tmp_path / "a.png"], run, folder=tmp_path)
    remove_some(run)
    assert pd.read_csv(run / "regions.csv")["n_objects"].tolist() == [11]
    assert pd.read_csv(run / "objects.csv")["region"].unique().tolist() == ["CA1"]


def test_looking_at_a_run_shows_corrections_and_writes_nothing(run):
    found = see_in_run(run, "a")
    objects = pd.read_csv(run / "objects.csv").query("image == 'a'")
    assert found.objects["label"].tolist() == objects["label"].tolist()
    assert (found.rev, found.labels.image.pixel_size.x) == (0, 0.05)
    assert run_folder.corrections_folder(run) is None
    remove_some(run)
    now = see_in_run(run, "a")
    assert now.rev == 2
    assert now.objects["label"].tolist() == now.labels.ids.tolist()
    assert see_in_run(run, "b").rev == 0
    with pytest.raises(ProjectError, match="has no picture c; it has a, b, broken"):
        see_in_run(run, "c")


def test_a_picture_that_changed_since_the_run_is_refused(run, discs):
    write_png(run.parent / "a.png", discs([9] * 12))
    with open_run(run) as project, pytest.raises(PictureError, match="changed since"):
        labels_in_run(project, "a")


def test_volumes_and_unknown_pictures_are_refused(run):
    with open_run(run) as project:
        with pytest.raises(ReadError, match="results of c"):
            labels_in_run(project, "c")
        (run / "c").mkdir()
        (run / "c" / "picture.json").write_text('{"row": {}, "remarks": []}')
        with pytest.raises(ProjectError, match="has no picture c"):
            labels_in_run(project, "c")


def test_another_folder_is_refused_and_left_alone(tmp_path):
    with pytest.raises(ProjectError, match="Expected the folder of a run"):
        open_run(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_was_only_looked_at_holds_no_project(run):
    assert run_folder.is_run(run)
    assert run_folder.corrections_folder(run) is None
