"""Regions by the command line: from files of QuPath to tables, words and exit status."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.io.regions import write_regions
from segmetry.recipe import read_recipe
from segmetry.region import Region


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def slices(tmp_path):
    """Two slices with 3 and 5 cells in the left half, and 2 in the right one."""
    y, x = np.mgrid[:120, :200]
    half = np.array([[0, 0], [100, 0], [100, 120], [0, 120]], float)
    for name, n in (("a", 3), ("b", 5)):
        picture = np.full((120, 200), 40, np.uint8)
        for k in range(n):
            picture[np.hypot(y - 15 - 20 * k, x - 50) < 6] = 200
        for k in range(2):
            picture[np.hypot(y - 30 - 40 * k, x - 150) < 6] = 200
        PillowImage.fromarray(picture).save(tmp_path / f"{name}.png")
        regions = [Region("left", (half,)), Region("right", (half + np.array([100, 0]),))]
        write_regions(tmp_path / f"{name}.geojson", regions)
    (tmp_path / "sheet.csv").write_text("image,animal,group\na,m1,WT\nb,m2,KO\n")
    return tmp_path


WORDS = (
    *("--segmenter", "threshold", "--set", "polarity=bright", "--pixel-size", "1 um"),
    *("--no-scale-bar", "--exclude-banner", "none"),
)


def test_counts_by_region_and_animal_are_written_and_told(slices, tmp_path):
    out = tmp_path / "out"
    words = ("--regions", slices, "--sheet", slices / "sheet.csv", *WORDS)
    done = run("run", slices / "a.png", slices / "b.png", "--out", out, *words)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out / "regions.csv").set_index(["animal", "region"])["n_objects"]
    expected = {
        ("m1", "left"): 3,
        ("m1", "right"): 2,
        ("m2", "left"): 5,
        ("m2", "right"): 2,
    }
    assert table.to_dict() == expected
    animals = pd.read_csv(out / "animals.csv").set_index(["animal", "region"])
    assert animals["n_objects"].to_dict() == expected
    assert "By region" in done.output
    assert "group=KO, left: 5 objects in 1 animal, 417 per mm²" in done.output
    assert "fewer than 5 animals have no interval" in " ".join(done.output.split())


def test_options_of_sections_and_frames_go_into_the_recipe(slices, tmp_path):
    out = tmp_path / "out"
    words = ("--section-thickness", "40um", "--object-height", "10 um", "--counting-frames")
    file = slices / "a.geojson"
    done = run("run", slices / "a.png", "--out", out, "--regions", file, *words, *WORDS)
    assert done.exit_code == 0, done.output
    regions = read_recipe(out / "recipe.toml").regions
    assert (regions.path, regions.counting_frames) == ("../a.geojson", True)
    assert (regions.section_thickness, regions.object_height) == ("40um", "10 um")
    table = pd.read_csv(out / "regions.csv")
    assert table["n_objects_abercrombie"].tolist() == pytest.approx(
        0.8 * table["n_objects"]
    )
    assert "after Abercrombie, 0.8 of them" in done.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--regions", "nowhere"), "There are no regions at nowhere"),
        (("--object-height", "9 um"), "--object-height needs the thickness too"),
        (("--section-thickness", "thick"), "thick"),
    ],
)
def test_a_wrong_command_line_ends_with_status_2_and_a_sentence(
    slices, tmp_path, words, told
):
    done = run("run", slices / "a.png", "--out", tmp_path / "out", *words)
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())
