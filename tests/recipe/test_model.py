import pytest
from pydantic import ValidationError

from segmetry.recipe import Recipe


def test_a_recipe_cannot_be_changed_in_place():
    with pytest.raises(ValidationError):
        Recipe().format = 2


@pytest.mark.parametrize("rows", ["auto", "none", "0", "68", "0:20", "700:768"])
def test_rows_of_a_banner(rows):
    assert Recipe(banner={"exclude": rows}).banner.exclude == rows


@pytest.mark.parametrize("rows", ["", "-3", "3-9", "a:b", "1:2:3", "auto "])
def test_rows_that_are_none(rows):
    with pytest.raises(ValidationError):
        Recipe(banner={"exclude": rows})


def test_the_default_compares_all_sources_and_corrects_for_the_edge():
    recipe = Recipe()
    assert recipe.calibration.choice == "auto"
    assert recipe.calibration.scale_bar
    assert recipe.statistics.edge_rule == "miles-lantuejoul"


@pytest.mark.parametrize(
    "rectangle", [[0, 0, 0, 5], [-1, 0, 5, 5], [0, 0, 5], [0, 0.5, 5, 5]]
)
def test_rectangles_that_are_none(rectangle):
    with pytest.raises(ValidationError):
        Recipe(area={"exclude": [rectangle]})
