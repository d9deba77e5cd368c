"""A run as data: what is done to each picture, and doing it."""

from segmetry.recipe.files import changed, read_recipe, recipe_text
from segmetry.recipe.model import Banner, Calibration, Measurement, Recipe, Segmentation
from segmetry.recipe.run import Result, check, run

__all__ = [
    "Banner",
    "Calibration",
    "Measurement",
    "Recipe",
    "Result",
    "Segmentation",
    "changed",
    "check",
    "read_recipe",
    "recipe_text",
    "run",
]
