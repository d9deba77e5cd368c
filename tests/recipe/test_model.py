import pytest
from hypothesis import given
from hypothesis import strategies as st
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


@pytest.mark.parametrize(
    ("name", "called"),
    [("auto", "auto"), ("a.b", "a.b"), ("/x y/cells-2.segmodel", "cells-2")],
)
def test_a_method_is_called_by_its_name_without_a_folder(name, called):
    recipe = Recipe(segmentation={"name": name})
    assert recipe.segmentation.called == called
    assert set(recipe.model_dump()["segmentation"]) == {"name", "options"}


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


LIMITS = [
    ("reading", "page", [0, 7], [-1, 0.5, "a"]),
    ("reading", "channel", [0, 3], [-1]),
    ("thin", "prune", [0, 2.5], [-0.1, float("inf"), float("nan")]),
    ("statistics", "bin_width", [1e-9, 50], [0, -1, float("inf")]),
    ("statistics", "target", [1e-4, 0.05, 0.999], [0, 1, 5]),
    ("statistics", "level", [0.51, 0.95, 0.999], [0.5, 1, 95]),
    ("statistics", "resamples", [200, 1_000_000], [199, 1_000_001, 2.5]),
    ("statistics", "seed", [0, 12], [-1]),
    ("area", "field_of_view", ["auto", "masks"], [""]),
    ("banner", "fill", ["none", "inpaint"], ["blur"]),
    ("calibration", "choice", ["bar", "none"], ["ocr"]),
]


@pytest.mark.parametrize(("part", "name", "right", "wrong"), LIMITS)
def test_each_choice_has_its_limits(part, name, right, wrong):
    for value in right:
        assert getattr(getattr(Recipe(**{part: {name: value}}), part), name) == value
    for value in wrong:
        with pytest.raises(ValidationError, match=name):
            Recipe(**{part: {name: value}})


@pytest.mark.parametrize("part", [name for name in Recipe.model_fields if name != "format"])
def test_no_part_takes_a_name_that_it_does_not_have(part):
    wrong = [{"nonsense": 1}] if part == "inputs" else {"nonsense": 1}
    with pytest.raises(ValidationError, match="nonsense"):
        Recipe(**{part: wrong})


sides = st.tuples(*[st.integers(0, 99)] * 2, *[st.integers(1, 99)] * 2)


@given(st.lists(sides, max_size=4), st.lists(sides, max_size=4))
def test_rectangles_are_kept_in_their_order(only, exclude):
    area = Recipe(area={"only": only, "exclude": exclude}).area
    assert (area.only, area.exclude) == (tuple(only), tuple(exclude))
    assert Recipe.model_validate_json(Recipe(area=area).model_dump_json()).area == area


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_any_number_or_range_of_rows_is_a_banner(first, last):
    for rows in (f"{first}", f"{first}:{last}"):
        assert Recipe(banner={"exclude": rows}).banner.exclude == rows
        with pytest.raises(ValidationError):
            Recipe(banner={"exclude": f"-{rows}"})
