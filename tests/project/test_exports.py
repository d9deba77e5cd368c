import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from segmetry import io
from segmetry.archive import recompute, verify
from segmetry.edit import Edit
from segmetry.errors import ProjectError, WriteError
from segmetry.project import look_at
from segmetry.project.exports import export_run
from segmetry.project.open_labels import OpenLabels
from segmetry.project.regions import set_regions
from segmetry.recipe import Recipe, changed, read_recipe, recipe_text
from segmetry.region import Region

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
def test_corrections_are_in_the_files_and_told(project, home, labels, quick, tmp_path):
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
    told = recompute(tmp_path / "app", pictures=home, jobs=1)
    assert told.differences == ()
    assert told.corrected[0].startswith("a, as it was corrected: 1 of 12 objects")


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
    found = verify(tmp_path / "app")
    assert found.findings == found.additional == ()


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


@pytest.fixture
def outlined(project, home, discs, quick):
    """Three segmented pictures of a sheet with animals; two have regions."""
    lines = ["image,animal,group"]
    for n, name in enumerate(("a.png", "b.png", "c.png")):
        io.write_png(home / name, discs([10] * (9 + n), seed=n))
        picture = project.pictures.add(home / name)
        project.pictures.keep_look(picture, look_at(home / name, quick))
        project.labels.run(picture, quick)
        lines.append(f"{name},m{n},{'treated' if n else 'control'}")
        if n < 2:
            halves = ("left", 0, 150), ("right", 150, 300)
            set_regions(project, picture, [half(*one) for one in halves])
    (home / "conditions.csv").write_text("\n".join(lines), encoding="utf-8")
    return [record.id for record in project.pictures.records()]


def half(name, left, right):
    corners = [[left, 0], [right, 0], [right, 199.5], [left, 199.5]]
    return Region(name, (np.array(corners, float),))


def run_again(home, results, out):
    """Repeat the run of downloaded results where the pictures lie; returns its folder."""
    command = [
        sys.executable,
        "-m",
        "segmetry",
        "run",
        *map(str, sorted(home.glob("*.png"))),
    ]
    command += ["--recipe", str(results / "recipe.toml"), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return out


@pytest.mark.slow
@pytest.mark.usefixtures("outlined")
def test_counts_by_region_are_those_of_the_command_line_to_the_byte(
    project, home, tmp_path
):
    export_run(project, tmp_path / "app")
    run = run_again(home, tmp_path / "app", tmp_path / "run")
    names = ["regions.csv", "animals.csv", "objects.csv", "images.csv", "summary.json"]
    for file in [*names, "schema.json"]:
        assert (tmp_path / "app" / file).read_bytes() == (run / file).read_bytes(), file
    found = pd.read_csv(run / "regions.csv")
    assert found["image"].tolist() == ["a", "a", "b", "b"]
    assert found["n_objects"].sum() == 9 + 10
    own = (tmp_path / "app" / "b" / "recipe.toml").read_text(encoding="utf-8")
    assert 'path = "../regions"' in own


@pytest.mark.usefixtures("outlined")
def test_corrections_are_counted_in_their_region(project, outlined, hand, tmp_path):
    labels = project.labels.open(project.labels.records(outlined[1])[-1].id)
    hand.make(labels, hand.dot(295, 195))
    export_run(
        project, tmp_path / "app", labels=[project.labels.records(outlined[1])[-1].id]
    )
    counts = pd.read_csv(tmp_path / "app" / "regions.csv")
    assert counts["n_objects"].sum() == 11
    objects = pd.read_csv(tmp_path / "app" / "objects.csv")
    assert objects["region"].value_counts().to_dict() == dict(
        zip(counts["region"], counts["n_objects"], strict=True)
    )


@pytest.mark.slow
def test_regions_that_no_recipe_can_name_are_counted_and_it_is_said(
    project, outlined, home, discs, quick, tmp_path
):
    (home / "regions").mkdir()
    for path in (home / "regions" / "a.png", home / "regions.png"):
        io.write_png(path, discs([10] * 4))
        project.labels.run(project.pictures.add(path), quick)
    export_run(project, tmp_path / "app")
    summary = json.loads((tmp_path / "app" / "summary.json").read_text(encoding="utf-8"))
    told = "The recipe does not name the regions: 2 pictures are called a.png."
    assert told in summary["warnings"]
    assert read_recipe(tmp_path / "app" / "recipe.toml").regions.path is None
    assert len(pd.read_csv(tmp_path / "app" / "regions.csv")) == 4
    files = sorted(path.name for path in (tmp_path / "app" / "regions_").iterdir())
    assert files == ["a.geojson", "b.png.geojson"]
    assert outlined


@pytest.mark.usefixtures("outlined")
def test_a_sheet_that_names_regions_too_is_told_of(project, home, tmp_path):
    sheet = "image,regions,rule\na.png,a.roi,x\nb.png,b.roi,x\nc.png,,y\n"
    (home / "conditions.csv").write_text(sheet, encoding="utf-8")
    export_run(project, tmp_path / "app")
    summary = json.loads((tmp_path / "app" / "summary.json").read_text(encoding="utf-8"))
    assert any("named in two ways" in told for told in summary["warnings"])
    columns = pd.read_csv(tmp_path / "app" / "regions.csv").columns
    assert columns[:3].tolist() == ["image", "region", "rule"]
