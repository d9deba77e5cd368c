"""A run as data: what is done to each picture, and doing it."""

from segmetry.recipe.files import changed, read_recipe, recipe_text, with_model_path
from segmetry.recipe.model import Banner, Calibration, Measurement, Recipe, Segmentation
from segmetry.recipe.run import (
    Ready,
    Result,
    check,
    files_used,
    find_objects,
    make_ready,
    run,
)

__all__ = [
    "Banner",
    "Calibration",
    "Measurement",
    "Ready",
    "Recipe",
    "Result",
    "Segmentation",
    "changed",
    "check",
    "files_used",
    "find_objects",
    "make_ready",
    "read_recipe",
    "recipe_text",
    "run",
    "with_model_path",
]
