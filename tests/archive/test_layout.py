import pytest

from segmetry.archive.layout import INPUTS, layout_of
from segmetry.errors import RecipeError
from segmetry.recipe import Recipe
from segmetry.recipe.model import Input


def recipe_of(*pictures, sheet=None, **parts):
    inputs = tuple(Input(path=path, sha256="1") for path in pictures)
    sheet = None if sheet is None else Input(path=sheet)
    recipe = Recipe.model_validate(parts)
    return recipe.model_copy(update={"inputs": inputs, "sheet": sheet})


def paths(layout):
    return [one.path for one in layout.recipe.inputs]


def test_pictures_keep_what_tells_them_apart_and_nothing_else(tmp_path):
    home = "../../home/anna/pictures"
    recipe = recipe_of(f"{home}/a/1.tif", f"{home}/b/1.tif", f"{home}/2.tif")
    layout = layout_of(recipe, tmp_path / "x" / "out")
    assert paths(layout) == [
        f"inputs/pictures/{name}" for name in ("a/1.tif", "b/1.tif", "2.tif")
    ]
    assert layout.pictures["inputs/pictures/2.tif"] == tmp_path / "home/anna/pictures/2.tif"


def test_a_layout_of_an_archive_is_itself(tmp_path):
    once = layout_of(recipe_of("/data/a.tif", sheet="/data/a.csv"), tmp_path).recipe
    twice = layout_of(once, tmp_path)
    assert twice.recipe == once
    assert twice.pictures == {"inputs/pictures/a.tif": tmp_path / "inputs/pictures/a.tif"}


def test_all_that_a_recipe_names_has_its_place(tmp_path):
    recipe = recipe_of(
        "a.tif",
        sheet="../sheets/samples.csv",
        segmentation={"name": "/models/cells.segmodel"},
        area={"field_of_view": "../masks"},
        regions={"path": "/home/anna/regions"},
    )
    layout = layout_of(recipe, tmp_path)
    moved = layout.recipe
    assert moved.segmentation.name == "inputs/models/cells.segmodel"
    assert moved.area.field_of_view == "inputs/field_of_view/masks"
    assert moved.regions.path == "inputs/regions/regions"
    assert moved.sheet.path == "inputs/sheet/samples.csv"
    assert set(layout.others) == {
        *("inputs/models/cells.segmodel", "inputs/field_of_view/masks"),
        *("inputs/regions/regions", "inputs/sheet/samples.csv"),
    }


def test_regions_that_a_sheet_names_lie_beside_it(tmp_path):
    (tmp_path / "s.csv").write_text("image;regions\na;rois/a.zip\nb;\nc;c.roi\n")
    layout = layout_of(recipe_of("a.tif", sheet="s.csv"), tmp_path)
    assert layout.others == {
        "inputs/sheet/s.csv": tmp_path / "s.csv",
        "inputs/sheet/rois/a.zip": tmp_path / "rois" / "a.zip",
        "inputs/sheet/c.roi": tmp_path / "c.roi",
    }


@pytest.mark.parametrize("name", ["/home/anna/a.roi", "../a.roi", "c:\\a.roi"])
def test_regions_outside_of_the_folder_of_the_sheet_are_told(tmp_path, name):
    (tmp_path / "s.csv").write_text(f"image,regions\na,{name}\n")
    with pytest.raises(RecipeError, match="outside of its folder"):
        layout_of(recipe_of("a.tif", sheet="s.csv"), tmp_path)


def test_every_place_is_below_one_folder(tmp_path):
    layout = layout_of(recipe_of("/a.tif", "b/c.tif", sheet="s.csv"), tmp_path)
    places = [*layout.pictures, *layout.others]
    assert all(place.startswith(f"{INPUTS}/") for place in places)


@pytest.mark.parametrize("path", ["inputs/../../a.tif", "inputs/x/../../../b/a.tif"])
def test_a_place_that_leads_out_of_the_archive_is_not_kept(tmp_path, path):
    layout = layout_of(recipe_of(path, sheet=path), tmp_path / "x" / "out")
    assert paths(layout) == ["inputs/pictures/a.tif"]
    assert list(layout.others) == ["inputs/sheet/a.tif"]


def test_a_path_that_names_no_file_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="is no file"):
        layout_of(recipe_of("a.tif", sheet="../samples/.."), tmp_path)


def test_addresses_stay_what_they_are(tmp_path):
    layout = layout_of(recipe_of("s3://bucket/a.zarr", "b.tif"), tmp_path)
    assert paths(layout) == ["s3://bucket/a.zarr", "inputs/pictures/b.tif"]
