import hashlib
from dataclasses import replace

import numpy as np
import pytest

from segmetry.errors import CalibrationError, RecipeError, RegionError
from segmetry.image import Image, Step
from segmetry.io.regions import write_regions
from segmetry.prepare import remove_banner
from segmetry.recipe import Recipe, check, files_used, run, with_paths, with_regions
from segmetry.recipe.model import Regions
from segmetry.recipe.regions import (
    below_banner,
    check_section,
    region_file,
    region_hashes,
    regions_of,
)
from segmetry.region import Region

SQUARE = Region("CA1", (np.array([[2, 2], [30, 2], [30, 30], [2, 30]], dtype=float),))


def picture(name="s1.tif"):
    pixels = np.full((40, 60), 20, np.uint8)
    pixels[8:20, 8:20], pixels[8:20, 40:52] = 200, 200
    return Image(pixels, name=name)


@pytest.mark.parametrize(
    "file",
    [
        "s1.roi",
        "S1.ROI",
        "s1_RoiSet.zip",
        "s1.zip",
        "s1.geojson",
        "s1.tif.geojson",
        "s1.json",
    ],
)
@pytest.mark.parametrize("name", ["s1.tif", "s1.ome.tif"])
def test_a_file_is_known_by_the_name_of_its_picture(tmp_path, file, name):
    file = file.replace("s1.tif", name)
    for other in (file, "s10.geojson", "s1_2.geojson", "s1.tif", ".s1.geojson"):
        (tmp_path / other).touch()
    assert region_file(name, tmp_path).name == file


def test_a_picture_may_have_no_file(tmp_path):
    assert region_file("s1.tif", tmp_path) is None
    assert regions_of("s1.tif", str(tmp_path)) == ()
    assert regions_of("s1.tif", None) == ()


def test_two_files_for_one_picture_are_refused(tmp_path):
    (tmp_path / "s1.roi").touch()
    (tmp_path / "s1.geojson").touch()
    with pytest.raises(
        RecipeError, match=r"one file of regions for s1\.tif in .*, got s1\.geo"
    ):
        region_file("s1.tif", tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="There are no regions at gone"):
        region_file("s1.tif", tmp_path / "gone")


def test_objects_are_counted_where_a_recipe_names_regions(tmp_path):
    write_regions(tmp_path / "s1.geojson", [SQUARE])
    recipe = Recipe(regions={"path": str(tmp_path)})
    result = run(recipe, picture())
    assert result.counted.table["n_objects"].tolist() == [1]
    assert result.counted.names.tolist() == ["CA1", ""]
    assert run(recipe, picture("s2.tif")).counted.table.empty
    assert run(Recipe(), picture()).counted is None


def test_a_bad_file_is_told(tmp_path):
    (tmp_path / "s1.roi").write_bytes(b"Iout")
    with pytest.raises(RegionError, match="no whole ROI"):
        run(Recipe(regions={"path": str(tmp_path)}), picture())


def test_hashes_are_those_of_files_of_regions_alone(tmp_path):
    (tmp_path / "s1.roi").write_bytes(b"one")
    (tmp_path / "s1.tif").write_bytes(b"two")
    expected = {"s1.roi": hashlib.sha256(b"one").hexdigest()}
    assert region_hashes(str(tmp_path)) == expected
    assert region_hashes(str(tmp_path / "s1.roi")) == expected
    assert region_hashes(None) == {}
    assert files_used(Recipe(regions={"path": str(tmp_path)})) == expected


def test_a_recipe_without_its_regions_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="There are no regions at"):
        check(Recipe(regions={"path": str(tmp_path / "gone")}))


def test_paths_of_regions_move_with_the_recipe():
    moved = with_paths(Recipe(regions={"path": "rois"}), lambda path: f"a/{path}")
    assert moved.regions.path == "a/rois"
    assert with_paths(Recipe(), lambda path: f"a/{path}").regions.path is None


def test_lengths_of_sections_are_checked():
    check_section(Regions(section_thickness="40 um", object_height="10 um"))
    with pytest.raises(RecipeError, match="--object-height needs the thickness"):
        check_section(Regions(object_height="10 um"))
    with pytest.raises(CalibrationError):
        check_section(Regions(section_thickness="thick"))
    with pytest.raises(RecipeError):
        check(Recipe(regions={"section_thickness": "thick"}))


@pytest.mark.parametrize(
    ("rows", "method", "moved"),
    [((0, 10), "crop", 10), ((30, 40), "crop", 0), ((0, 10), "reflect", 0)],
)
def test_only_a_banner_cut_off_above_moves_regions(rows, method, moved):
    cut = remove_banner(picture(), rows, method=method)
    (region,) = below_banner([SQUARE], cut)
    assert np.array_equal(region.rings[0], SQUARE.rings[0] - [0, moved])


def test_a_model_that_counts_without_finding_has_no_objects_in_regions():
    result = run(Recipe(), picture())
    step = Step("network", {"count_regressed": 41.7})
    counted = replace(result, labels=replace(result.labels, steps=(step,)))
    with pytest.raises(RegionError, match="counts without finding objects"):
        with_regions(Recipe(), counted, [SQUARE])
