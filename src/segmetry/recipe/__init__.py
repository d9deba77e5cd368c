"""A run as data: what is done to each picture, and doing it."""

from segmetry.recipe.files import (
    changed,
    read_recipe,
    read_recipe_text,
    recipe_text,
    with_paths,
)
from segmetry.recipe.model import (
    Area,
    Banner,
    Calibration,
    Measurement,
    Recipe,
    Rectangle,
    Regions,
    Segmentation,
    Thin,
)
from segmetry.recipe.regions import with_regions
from segmetry.recipe.run import (
    Ready,
    Result,
    before_segmenting,
    check,
    doubts_of,
    files_used,
    find_objects,
    make_ready,
    run,
    with_thin,
)

__all__ = [
    "Area",
    "Banner",
    "Calibration",
    "Measurement",
    "Ready",
    "Recipe",
    "Rectangle",
    "Regions",
    "Result",
    "Segmentation",
    "Thin",
    "before_segmenting",
    "changed",
    "check",
    "doubts_of",
    "files_used",
    "find_objects",
    "make_ready",
    "read_recipe",
    "read_recipe_text",
    "recipe_text",
    "run",
    "with_paths",
    "with_regions",
    "with_thin",
]
