"""Thin structures by the command line, from a drawn network to numbers that are known."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage
from scipy.ndimage import gaussian_filter
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.recipe import read_recipe

WIDTH, LENGTH, SPACING = 6, 200, 60


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def grid(tmp_path):
    """Three bright fibres across three, of 6 x 200 px: nine branch points, twelve ends."""
    pixels = np.full((260, 260), 60.0)
    for place in range(70, 70 + 3 * SPACING, SPACING):
        pixels[place - 3 : place + 3, 30 : 30 + LENGTH] = 180
        pixels[30 : 30 + LENGTH, place - 3 : place + 3] = 180
    noise = np.random.default_rng(1).normal(0, 3, pixels.shape)
    path = tmp_path / "grid.png"
    drawn = np.clip(gaussian_filter(pixels, 0.8) + noise, 0, 255)
    PillowImage.fromarray(drawn.astype(np.uint8)).save(path)
    return path


def pooled(out):
    return json.loads((out / "summary.json").read_text())["thin"]["pooled"]


@pytest.mark.parametrize(
    "options",
    [
        ["--segmenter", "threshold", "--set", "polarity=bright"],
        ["--segmenter", "ridge"],
        ["--segmenter", "local"],
    ],
)
def test_a_drawn_network_is_measured_whatever_finds_it(grid, tmp_path, options):
    out = tmp_path / "out"
    words = ["--thin-grey", "luma", "--pixel-size", "2 um", "--no-scale-bar"]
    done = run("run", grid, "--out", out, *words, *options)
    assert done.exit_code == 0, done.output
    numbers = pooled(out)
    assert numbers["n_branch_points"]["value"] == 9
    assert numbers["n_end_points"]["value"] == 12
    assert numbers["n_segments"]["value"] == 24
    # Patterns as long as those of `ridge` still answer a few pixels beyond an end.
    beyond = 12 * 10 * 2 if "ridge" in options else 0
    length = numbers["total_length_um"]["value"]
    assert 0.97 * 6 * LENGTH * 2 < length < 1.03 * 6 * LENGTH * 2 + beyond
    assert numbers["width_grey_mean_um"]["value"] == pytest.approx(WIDTH * 2, rel=0.03)
    segments = pd.read_csv(out / "segments.csv")
    between = segments[segments["length_um"] > 100]
    assert len(between) == 12
    assert between["length_um"].to_numpy() == pytest.approx(SPACING * 2, rel=0.03)
    assert between["tortuosity"].to_numpy() == pytest.approx(1, abs=0.01)
    assert (out / "grid" / "widths.png").is_file()
    assert run("verify", out).exit_code == 0


def test_the_mask_of_a_threshold_has_the_width_that_was_drawn(grid, tmp_path):
    out = tmp_path / "out"
    simple = ["--segmenter", "threshold", "--set", "polarity=bright", "--no-scale-bar"]
    done = run("run", grid, "--out", out, "--thin", *simple)
    assert done.exit_code == 0, done.output
    assert "Thin structures: 24 segments, 9 branch points" in done.stdout
    assert "px (" in done.stdout
    assert pooled(out)["width_mean_px"]["value"] == pytest.approx(WIDTH, rel=0.03)
    assert "width_grey_mean_px" not in pooled(out)
    report = (out / "report.html").read_text(encoding="utf-8")
    for sign in ("Thin structures", "10.1006/cgip.1994.1042", "data:image/jpeg"):
        assert sign in report
    assert "segmetry run grid.png --out DIR --segmenter threshold" in report
    assert read_recipe(out / "recipe.toml").thin.enabled


def test_a_recipe_has_lines_measured_and_an_option_turns_it_off(grid, tmp_path):
    recipe = tmp_path / "lines.toml"
    recipe.write_text(
        "[segmentation]\nname = 'threshold'\n[calibration]\nscale_bar = false\n"
        "[thin]\nenabled = true\nprune = 2.0\n"
    )
    asked = run("run", grid, "--out", tmp_path / "a", "--recipe", recipe, "--json")
    assert json.loads(asked.stdout)["summary"]["thin"]["n_pictures"] == 1
    assert json.loads(asked.stdout)["images"][0]["n_branch_points"] == 9
    assert read_recipe(tmp_path / "a" / "recipe.toml").thin.prune == 2
    words = ["--out", tmp_path / "b", "--recipe", recipe, "--no-thin", "--json"]
    assert "thin" not in json.loads(run("run", grid, *words).stdout)["summary"]


def test_a_channel_that_is_none_is_refused_at_once(grid, tmp_path):
    done = run("run", grid, "--out", tmp_path / "out", "--thin-grey", "violet")
    assert done.exit_code == 2
    assert "thin.grey" in done.stderr
    assert not (tmp_path / "out").exists()
