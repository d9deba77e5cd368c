import shlex

from segmetry.batch.command import command_of
from segmetry.recipe import Recipe


def test_only_choices_that_were_made_are_named():
    assert command_of(Recipe(), ["a.tif"]) == "segmetry run a.tif --out DIR"


def test_every_choice_is_named():
    recipe = Recipe(
        reading={"page": 2},
        calibration={"pixel_size": "12 nm", "choice": "typed", "scale_bar": False},
        banner={"exclude": "60", "fill": "crop"},
        segmentation={"name": "local", "options": {"min_area": 9}},
        measurement={"perimeters": ["crofton"]},
        statistics={"edge_rule": "drop", "limit": "50 nm", "seed": 3},
        sheet={"path": "../samples.csv"},
    )
    words = shlex.split(command_of(recipe, ["a.tif", "b.tif", "c.tif", "d.tif"]))
    assert words[2] == "PICTURES"
    for option, value in [
        ("--page", "2"),
        ("--pixel-size", "12 nm"),
        ("--calibration", "typed"),
        ("--exclude-banner", "60"),
        ("--fill-banner", "crop"),
        ("--segmenter", "local"),
        ("--set", "min_area=9"),
        ("--perimeter", "crofton"),
        ("--edge-rule", "drop"),
        ("--limit", "50 nm"),
        ("--seed", "3"),
        ("--sheet", "samples.csv"),
    ]:
        assert words[words.index(option) + 1] == value
    assert "--no-scale-bar" in words


def test_lines_and_where_their_widths_are_fitted_are_named():
    recipe = Recipe.model_validate({"thin": {"enabled": True, "grey": "green"}})
    assert command_of(recipe, ["a.tif"]).endswith("--out DIR --thin-grey green --thin")
    pruned = Recipe.model_validate({"thin": {"enabled": True, "prune": 2}})
    assert command_of(pruned, ["a.tif"]).endswith("--thin --recipe recipe.toml")


def test_an_area_is_told_by_the_recipe_file():
    recipe = Recipe.model_validate({"area": {"only": [[5, 5, 90, 90]]}})
    assert command_of(recipe, ["a.tif"]).endswith("--recipe recipe.toml")


def test_regions_and_how_they_count_are_named():
    regions = {"path": "../rois", "section_thickness": "40 um", "object_height": "9 um"}
    recipe = Recipe.model_validate({"regions": regions | {"counting_frames": True}})
    assert command_of(recipe, ["a.tif"]).endswith(
        "--out DIR --regions rois --section-thickness '40 um' --object-height '9 um' "
        "--counting-frames"
    )


def test_stains_are_named():
    stains = {"look_at": "dab", "slide": "haematoxylin-dab", "vectors": "picture"}
    recipe = Recipe.model_validate({"stains": stains})
    assert command_of(recipe, ["a.tif"]).endswith(
        "--out DIR --stain dab --slide haematoxylin-dab --stain-vectors picture"
    )
