"""A model's file serves the command line and recipes like any other segmenter."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import tifffile
from PIL import Image as PillowImage
from typer.testing import CliRunner

from segmetry.batch.manifest import fingerprint
from segmetry.cli import app
from segmetry.errors import RecipeError, SegmetryWarning
from segmetry.image import Image
from segmetry.recipe import Recipe, check, run

SURE = {"features": ["log_area"], "coefficients": [1.0], "intercept": -4.0}


@pytest.fixture
def picture(tmp_path, discs):
    path = tmp_path / "discs.png"
    PillowImage.fromarray(discs([6, 9, 9, 12, 14])).save(path)
    return path


def recipe(name, **options):
    return Recipe.model_validate(
        {
            "segmentation": {"name": str(name), "options": options},
            "calibration": {"scale_bar": False},
        }
    )


def test_the_table_of_objects_has_their_confidence(make_model, discs):
    chosen = recipe(make_model(confidence=SURE).path)
    with pytest.warns(SegmetryWarning, match=r"about \d+ % of the objects"):
        objects = run(chosen, Image(discs([6, 9, 9, 12, 14]))).objects
    expected = 1 / (1 + np.exp(4) / objects["area_px"])
    np.testing.assert_allclose(objects["confidence"], expected, rtol=1e-5)


def test_without_a_model_that_knows_there_is_no_confidence(make_model, discs):
    for name in (make_model().path, "threshold"):
        objects = run(recipe(name), Image(discs([9, 9]))).objects
        assert len(objects) == 2
        assert "confidence" not in objects


def test_a_model_that_is_not_there_fails_before_the_first_picture(tmp_path):
    with pytest.raises(RecipeError, match="gone.segmodel"):
        check(recipe(tmp_path / "gone.segmodel"))


@pytest.mark.slow
def test_the_command_line_runs_a_models_file(make_model, picture, tmp_path, monkeypatch):
    monkeypatch.chdir(make_model(confidence=SURE).path.parent)
    words = ["run", picture, "--segmenter", "blur.segmodel", "--out"]
    words += [tmp_path / "out", "--set", "min_confidence=0.7", "--no-scale-bar", "--json"]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["images"][0]["segmenter"] == "network"
    assert told["images"][0]["segmenter_reason"] == "Chosen: the model blur."
    objects = pd.read_csv(tmp_path / "out" / "objects.csv")
    assert (objects["confidence"] >= 0.7).all()
    assert len(objects) == 4
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert [item["path"] for item in manifest["inputs"]][1:] == ["blur.segmodel"]
    assert str(tmp_path) not in (tmp_path / "out" / "recipe.toml").read_text("utf-8")
    again = ["run", "--recipe", str(tmp_path / "out" / "recipe.toml")]
    monkeypatch.chdir(tmp_path / "out")
    done = CliRunner().invoke(app, [*again, "--out", str(tmp_path / "again")])
    assert done.exit_code == 0, done.output
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "again" / "objects.csv"), objects)


def test_another_model_under_the_same_name_counts_as_another_recipe(make_model):
    chosen = recipe(make_model(cutoffs={"foreground": 0.5}).path)
    before = fingerprint(chosen)
    assert fingerprint(chosen) == before
    make_model(cutoffs={"foreground": 0.6})
    assert fingerprint(chosen) != before


def test_a_model_may_be_moved_without_counting_as_another_recipe(make_model, tmp_path):
    path = make_model().path
    moved = tmp_path / "elsewhere" / path.name
    moved.parent.mkdir()
    moved.write_bytes(path.read_bytes())
    assert fingerprint(recipe(moved)) == fingerprint(recipe(path))


@pytest.mark.slow
def test_remarks_on_the_picture_reach_the_summary(make_model, picture, tmp_path):
    model = make_model(scale="match", diameter_px=18, pixel_size_um=0.5)
    words = ["run", picture, "--segmenter", model.path, "--out", tmp_path / "out"]
    words += ["--pixel-size", "1 mm", "--no-scale-bar", "--json"]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    log = (tmp_path / "out" / "run.log").read_text(encoding="utf-8")
    assert "check that the pixel size is right" in log


@pytest.mark.slow
def test_running_a_model_needs_no_torch(make_model, picture, tmp_path):
    code = (
        "import sys\n"
        "for name in ('torch', 'onnx', 'nncf', 'safetensors'): sys.modules[name] = None\n"
        "from segmetry.cli import app\n"
        "app(sys.argv[1:])\n"
    )
    words = ["run", picture, "--segmenter", make_model().path, "--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words), "--no-scale-bar"],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "out" / "objects.csv")) == 5


@pytest.mark.parametrize("what", ["renamed picture", "changed byte", "nothing"])
def test_a_bad_model_file_is_one_error_before_any_picture_is_read(
    make_model, picture, tmp_path, what
):
    path = make_model().path
    if what == "renamed picture":
        path.write_bytes(picture.read_bytes())
    if what == "changed byte":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    if what == "nothing":
        path.write_bytes(b"")
    out = tmp_path / "out"
    pictures = [str(picture), str(picture)]
    done = CliRunner().invoke(
        app, ["run", *pictures, "--segmenter", str(path), "--out", str(out)]
    )
    assert done.exit_code == 2
    assert done.stderr.count("Error: ") == 1
    assert path.name in done.stderr
    assert not out.exists()


def test_maps_of_classes_are_saved_a_page_for_each(
    make_model, small_networks, picture, tmp_path
):
    model = make_model(
        small_networks.classes(),
        task="classes",
        outputs=("class:background", "class:cell"),
    )
    out = tmp_path / "out"
    done = CliRunner().invoke(
        app,
        [
            *["run", str(picture), "--segmenter", str(model.path)],
            *["--out", str(out), "--save-maps"],
        ],
    )
    assert done.exit_code == 0
    classes = tifffile.imread(out / "discs" / "class_probabilities.tif")
    foreground = tifffile.imread(out / "discs" / "foreground.tif")
    assert classes.shape == (2, *foreground.shape)
    np.testing.assert_allclose(classes.sum(axis=0), 1, atol=1e-5)
    np.testing.assert_allclose(classes[1], foreground, atol=1e-5)


def test_objects_of_classes_that_touch_are_cut_apart_and_tell_their_class(
    make_model, small_networks, tmp_path
):
    model = make_model(
        small_networks.levels(0, 0.5, 1),
        task="classes",
        outputs=("class:background", "class:rod", "class:disc"),
    )
    pixels = np.zeros((60, 80), np.uint8)
    pixels[10:40, 10:40], pixels[10:40, 40:60], pixels[48:56, 4:12] = 100, 200, 200
    PillowImage.fromarray(pixels).save(tmp_path / "touching.png")
    out = tmp_path / "out"
    chosen = ["--segmenter", str(model.path), "--out", str(out)]
    done = CliRunner().invoke(app, ["run", str(tmp_path / "touching.png"), *chosen])
    assert done.exit_code == 0, done.output
    objects = pd.read_csv(out / "objects.csv")
    assert objects.columns[:3].tolist() == ["image", "label", "class"]
    assert objects["class"].tolist() == ["rod", "disc", "disc"]
    labels = tifffile.imread(out / "touching" / "labels.tif")
    assert labels[25, 36] == 1
    assert labels[25, 44] == 2
    classes = tifffile.imread(out / "touching" / "classes.tif")
    assert [classes[y, x] for y, x in ((2, 2), (25, 20), (25, 50))] == [0, 1, 2]
    assert pd.read_csv(out / "classes.csv")["class"].tolist() == [
        *("background", "rod", "disc")
    ]
