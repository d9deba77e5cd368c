import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from segmetry import io
from segmetry.edit import Edit
from segmetry.errors import ProjectError, WriteError
from segmetry.project.exports import export_run
from segmetry.project.open_labels import OpenLabels
from segmetry.recipe import Recipe, changed, recipe_text

QUICK = {"resamples": 200}


@pytest.fixture
def quick(simple):
    """A recipe whose intervals are quick."""
    return Recipe.model_validate(simple.model_dump() | {"statistics": QUICK})


@pytest.mark.slow
def test_files_are_those_of_the_command_line_to_the_byte(project, picture, quick, tmp_path):
    name = project.pictures.add(picture)
    parts = {
        "calibration": {"pixel_size": "3.5 nm", "choice": "typed"},
        "banner": {"exclude": "20"},
        "area": {"exclude": [[0, 0, 40, 60]]},
    }
    project.pictures.choose(name, parts)
    project.labels.run(name, quick)
    export_run(project, tmp_path / "app")
    recipe = tmp_path / "app" / "a" / "recipe.toml"
    command = [sys.executable, "-m", "segmetry", "run", str(picture), "--recipe"]
    command += [str(recipe), "--out", str(tmp_path / "run")]
    subprocess.run(command, check=True, capture_output=True)
    names = ["objects.csv", "images.csv", "schema.json", "summary.json", "a/labels.tif"]
    for file in [*names, "a/overlay.png"]:
        app, run = (tmp_path / place / file for place in ("app", "run"))
        assert app.read_bytes() == run.read_bytes(), file
    assert (
        len(pd.read_csv(tmp_path / "app" / "objects.csv")) == 10
    )  # a corner with two is out


@pytest.mark.slow
def test_corrections_are_in_the_files_and_told(project, labels, quick, tmp_path):
    labels.edit(Edit("draw", points=((3, 3),), width=5), op_id="a", base=0)
    labels.edit(Edit("delete", ids=(2,)), op_id="b", base=1)
    export_run(project, tmp_path / "app", recipe=quick)
    objects = pd.read_csv(tmp_path / "app" / "objects.csv")
    assert objects["label"].tolist() == [1, *range(3, 14)]
    assert objects["origin"].tolist() == ["found"] * 11 + ["drawn"]
    images = pd.read_csv(tmp_path / "app" / "images.csv")
    assert images["n_objects"].tolist() == [12]
    written = io.read_labels(tmp_path / "app" / "a" / "labels.tif")
    assert np.array_equal(written, labels.labels.data)
    assert images["foreground_fraction"][0] == (written > 0).mean()
    summary = (tmp_path / "app" / "summary.json").read_text(encoding="utf-8")
    assert "Corrected by hand: 1 of 12 objects" in summary


@pytest.mark.slow
def test_pictures_of_one_name_and_of_different_recipes_stand_apart(
    project, picture, home, quick, discs, tmp_path
):
    (home / "b").mkdir()
    io.write_png(home / "b" / "a.png", discs([12] * 6))
    recipes = [quick, changed(quick, {"reading": {"page": 0}})]
    for path, recipe in zip((picture, home / "b" / "a.png"), recipes, strict=True):
        found = project.labels.run(project.pictures.add(path), recipe)
    project.labels.open(found).edit(Edit("delete", ids=(1,)), op_id="a", base=0)
    export_run(project, tmp_path / "app", recipe=quick)
    images = pd.read_csv(tmp_path / "app" / "images.csv")
    assert images["image"].tolist() == ["a", "a-2"]
    assert images["n_objects"].tolist() == [12, 5]
    objects = pd.read_csv(tmp_path / "app" / "objects.csv")
    assert objects["origin"].tolist() == ["found"] * 17
    for key, recipe in zip(("a", "a-2"), recipes, strict=True):
        text = (tmp_path / "app" / key / "recipe.toml").read_text(encoding="utf-8")
        assert text == recipe_text(recipe)
    summary = (tmp_path / "app" / "summary.json").read_text(encoding="utf-8")
    assert "run with different recipes" in summary


def test_an_empty_project_gives_no_files(project, picture, tmp_path):
    project.pictures.add(picture)
    with pytest.raises(ProjectError, match="no picture was segmented"):
        export_run(project, tmp_path / "app")
    assert not (tmp_path / "app").exists()


def test_a_folder_that_holds_something_is_left_alone(project, labels, tmp_path):
    assert labels.rev == 0
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(WriteError, match="is not empty"):
        export_run(project, tmp_path)
    with pytest.raises(WriteError, match="Cannot make the folder"):
        export_run(project, tmp_path / "mine.txt" / "deeper")


@pytest.mark.slow
def test_a_sheet_parts_the_statistics_as_on_the_command_line(
    project, picture, home, quick, discs, tmp_path
):
    io.write_png(home / "b.png", discs([12] * 6))
    sheet = home / "conditions.csv"
    sheet.write_text("image,time_h\na.png,2\nb.png,1\n", encoding="utf-8")
    for path in (picture, home / "b.png"):
        project.labels.run(project.pictures.add(path), quick)
    export_run(project, tmp_path / "app")
    recipe = tmp_path / "app" / "a" / "recipe.toml"
    command = [sys.executable, "-m", "segmetry", "run", str(picture), str(home / "b.png")]
    command += ["--recipe", str(recipe), "--out", str(tmp_path / "run")]
    subprocess.run([*command, "--sheet", str(sheet)], check=True, capture_output=True)
    for file in ("images.csv", "summary.json", "schema.json"):
        app, run = (tmp_path / place / file for place in ("app", "run"))
        assert app.read_bytes() == run.read_bytes(), file
    summary = json.loads((tmp_path / "app" / "summary.json").read_text(encoding="utf-8"))
    assert [group["name"] for group in summary["groups"]] == ["time_h=1", "time_h=2"]


def test_labels_of_many_pictures_are_open_one_after_another(
    project, home, discs, quick, tmp_path, monkeypatch
):
    for seed in range(3):
        io.write_png(home / f"{seed}.png", discs([10] * 4, seed=seed))
        project.labels.run(project.pictures.add(home / f"{seed}.png"), quick)
    n_open = []
    of = OpenLabels.labels.fget

    def counted(opened):
        n_open.append(len(project.labels._open))
        return of(opened)

    monkeypatch.setattr(OpenLabels, "labels", property(counted))
    export_run(project, tmp_path / "app")
    assert len(n_open) >= 3
    assert max(n_open) == 1
    assert not project.labels._open
    assert len(pd.read_csv(tmp_path / "app" / "objects.csv")) == 12
