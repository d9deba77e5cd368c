"""Pictures compared by the command line."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.io import write_png


def compare(*words):
    return CliRunner().invoke(app, ["similarity", *map(str, words)])


@pytest.fixture
def folders(tmp_path):
    """Two folders of six pictures: as they are, and with noise."""
    random = np.random.default_rng(0)
    for name in ("clean", "noisy"):
        (tmp_path / name).mkdir()
    for number in range(6):
        scene = random.integers(60, 190, (40, 50)).astype(np.uint8)
        rough = random.normal(0, 3 + number, scene.shape)
        write_png(tmp_path / "clean" / f"p{number}.png", scene)
        noisy = (scene + rough).round().astype(np.uint8)
        write_png(tmp_path / "noisy" / f"p{number}.png", noisy)
    return tmp_path / "clean", tmp_path / "noisy"


def test_two_folders_are_compared_by_name(folders):
    told = json.loads(compare(*folders, "--json").stdout)
    assert list(told["pictures"]) == [f"p{n}" for n in range(6)]
    values = [one["psnr_db"] for one in told["pictures"].values()]
    assert values == sorted(values, reverse=True)
    mean = told["means"]["psnr_db"]
    assert mean["value"] == pytest.approx(np.mean(values))
    assert mean["low"] < mean["value"] < mean["high"]


def test_two_pictures_are_told_in_a_table(folders):
    result = compare(folders[0] / "p0.png", folders[1] / "p0.png", "--data-range", "1000")
    assert result.exit_code == 0
    assert "SSIM" in result.output
    assert "1000" in result.output


def test_means_are_told_with_intervals(folders):
    assert " to " in compare(*folders).output


def test_equal_pictures_are_valid_json(folders):
    told = json.loads(compare(folders[0], folders[0], "--json").stdout)
    assert told["pictures"]["p0"]["psnr_db"] is None
    assert told["means"]["psnr_db"]["value"] is None
    assert "–" in compare(folders[0], folders[0]).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("clean", "noisy/p0.png"), "not one of each"),
        (("clean", "empty"), "No picture of clean"),
        (("clean/p0.png", "small.png"), "one shape"),
        (("clean", "noisy", "--data-range", "0"), "positive number"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(folders, words, said):
    root = folders[0].parent
    write_png(root / "small.png", np.zeros((20, 20), np.uint8))
    (root / "empty").mkdir()
    write_png(root / "empty" / "other.png", np.zeros((20, 20), np.uint8))
    paths = [root / word if "-" not in word and word != "0" else word for word in words]
    result = compare(*paths)
    assert result.exit_code == 2
    assert said in result.output
