"""Stains in a recipe: objects of one stain, densities of both."""

import numpy as np
import pytest

from segmetry.errors import PictureError, RecipeError
from segmetry.image import Image
from segmetry.prepare.stains import published_stains
from segmetry.recipe import Recipe, changed, check, read_recipe_text, recipe_text, run
from segmetry.recipe.model import Staining
from segmetry.recipe.stains import check_stains

SEGMENTATION = {"name": "threshold", "options": {"denoise": 0, "separate": False}}


def section(slide="haematoxylin-dab"):
    """Return a picture of two nuclei, one of which lies in a broad stripe of the other."""
    vectors = published_stains(slide).vectors
    amounts = np.zeros((60, 80, 2))
    amounts[10:30, 10:30, 0] = 0.6
    amounts[10:30, 50:70, 0] = 0.6
    amounts[:, 40:, 1] = 0.9
    light = 10 ** -(amounts @ vectors)
    return Image((255 * light).round().astype(np.uint8), axes="YXC", name="section")


def recipe(**stains):
    return Recipe(segmentation=SEGMENTATION, stains=stains, banner={"exclude": "none"})


def test_nuclei_are_found_in_their_stain_whatever_lies_over_them():
    result = run(recipe(look_at="haematoxylin", slide="haematoxylin-dab"), section())
    assert result.objects["area_px"].tolist() == [400, 400]
    np.testing.assert_allclose(
        result.objects["optical_density_haematoxylin_mean"], 0.6, atol=0.02
    )
    np.testing.assert_allclose(
        result.objects["optical_density_dab_mean"], [0, 0.9], atol=0.02
    )


def test_the_labels_are_those_of_the_picture_and_tell_the_stain():
    picture = section()
    result = run(recipe(look_at="dab"), picture)
    assert result.labels.image is result.image
    assert result.labels.image.axes == "YXC"
    assert [step.name for step in result.labels.steps] == ["look at stain", "threshold"]
    assert result.objects["area_px"].tolist() == [60 * 40]


def test_without_stains_nothing_is_different():
    plain = run(recipe(), section())
    assert not [name for name in plain.objects if name.startswith("optical_density")]


def test_densities_are_measured_without_looking_at_a_stain():
    told = run(recipe(slide="haematoxylin-dab"), section())
    plain = run(recipe(), section())
    assert np.array_equal(told.labels.data, plain.labels.data)
    assert {"optical_density_haematoxylin_mean", "optical_density_dab_mean"} <= set(
        told.objects
    )


def test_colours_of_the_picture_can_be_taken():
    result = run(recipe(look_at="haematoxylin", vectors="picture"), section())
    assert result.labels.steps[0].options["source"] == "picture"


def test_no_object_gives_empty_columns():
    none = {**SEGMENTATION, "options": {**SEGMENTATION["options"], "min_area": 5000}}
    chosen = recipe(look_at="haematoxylin").model_copy()
    chosen = changed(chosen, {"segmentation": none})
    objects = run(chosen, section("haematoxylin-eosin")).objects
    assert len(objects) == 0
    assert "optical_density_eosin_mean" in objects


def test_a_stain_that_the_slide_lacks_is_told_before_the_run():
    wrong = recipe(look_at="dab", slide="haematoxylin-eosin")
    with pytest.raises(RecipeError, match="has no dab"):
        check(wrong)
    with pytest.raises(RecipeError, match="has no dab"):
        run(wrong, section())


@pytest.mark.parametrize("look_at", ["none", "haematoxylin", "eosin", "dab"])
def test_a_stain_alone_tells_the_slide(look_at):
    check_stains(Staining(look_at=look_at))


def test_a_grey_picture_is_refused_in_one_sentence():
    grey = Image(section().pixels[..., 0], name="grey")
    with pytest.raises(PictureError, match="red, green and blue"):
        run(recipe(look_at="haematoxylin"), grey)


def test_a_recipe_keeps_the_choice():
    chosen = recipe(look_at="eosin", vectors="picture")
    assert read_recipe_text(recipe_text(chosen)) == chosen
