import pytest

from segmetry.errors import RecipeError
from segmetry.tune.candidates import candidate_of
from segmetry.tune.training import NetworkTraining


def test_only_what_differs_from_the_defaults_goes_into_the_recipe():
    found = candidate_of("threshold", {"polarity": "dark"})
    values = {**found.defaults, "min_area": 30}
    assert found.recipe(values).segmentation.options == {"polarity": "dark", "min_area": 30}
    assert found.segmenter(values).min_area == 30


def test_lines_stay_whole_and_nothing_that_cuts_them_is_tried():
    found = candidate_of("threshold", whole=True)
    assert not {"separate", "fill_holes"} & set(found.defaults)
    made = found.segmenter(found.defaults)
    assert (made.separate, made.fill_holes) == (False, False)
    assert found.recipe(found.defaults).thin.enabled


def test_a_model_is_tuned_by_what_comes_after_it(tmp_path):
    with pytest.raises(Exception, match=r"cells\.segmodel"):
        candidate_of(str(tmp_path / "cells.segmodel"))
    found = candidate_of("nuclei")
    assert {"cutoff", "diameter", "min_area"} <= set(found.defaults)
    assert not {"model", "flips", "precision"} & set(found.defaults)


def test_a_network_is_tuned_by_its_training():
    objects = candidate_of("network", network=NetworkTraining(folder="models"))
    assert set(objects.defaults) == {"size", "learning_rate", "augmentation"}
    pixels = candidate_of("network", network=NetworkTraining(task="pixels"))
    assert "loss" in pixels.defaults
    assert objects.learns
    changed = objects.segmenter({**objects.defaults, "size": "small"})
    assert (changed.size, changed.folder) == ("small", "models")


@pytest.mark.parametrize(
    ("name", "settled", "said"),
    [
        ("otsu", {}, "no segmenter 'otsu'"),
        ("threshold", {"metod": "li"}, "did you mean 'method'"),
        ("threshold", {"min_area": "large"}, "whole number"),
        ("threshold", {"method": "best"}, "one of otsu"),
        ("network", {"size": "huge"}, "one of auto"),
    ],
)
def test_what_cannot_be_tuned_is_told(name, settled, said):
    with pytest.raises(RecipeError, match=said):
        candidate_of(name, settled)
