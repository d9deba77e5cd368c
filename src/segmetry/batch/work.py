"""What a run has to do: its recipe, its pictures, and what the sheet tells of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from segmetry.batch.inputs import Picture, file_hash, find_pictures, recipe_inputs
from segmetry.batch.regions import with_regions
from segmetry.batch.sheet import read_sheet
from segmetry.errors import RecipeError
from segmetry.io import (
    COUNT_COLUMN,
    IMAGE_COLUMNS,
    THIN_IMAGE_COLUMNS,
    VOLUME_IMAGE_COLUMNS,
)
from segmetry.recipe import Recipe, check, with_paths

__all__ = ["Work", "work_of"]


@dataclass(frozen=True, eq=False)
class Work:
    """What a run has to do.

    Parameters
    ----------
    recipe : Recipe
        Its paths as they are on this machine.
    pictures : sequence of Picture
    conditions : DataFrame
        Of the sheet, indexed by the pictures' keys.
    remarks : sequence of str
        What a person should know of the sheet and of regions.
    sheet : Path or None
    """

    recipe: Recipe
    pictures: Sequence[Picture]
    conditions: pd.DataFrame
    remarks: Sequence[str]
    sheet: Path | None


def work_of(
    recipe: Recipe, inputs: str | Path | Sequence[str | Path], out: Path, folder: Path
) -> Work:
    """Return what a run has to do, checked before any work begins.

    Parameters
    ----------
    recipe : Recipe
    inputs : path-like or sequence of path-like
        Files, folders and patterns. Empty: the pictures that the recipe names.
    out : Path
        Folder of the results.
    folder : Path
        Folder that the recipe's own paths are relative to.

    Raises
    ------
    RecipeError
        If nothing is found to work on, or the sheet is wrong.
    """
    recipe = with_paths(recipe, lambda path: str(folder / path))
    check(recipe)
    sheet = _sheet(recipe, folder)
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    pictures = (
        find_pictures(inputs, out=out) if inputs else recipe_inputs(recipe.inputs, folder)
    )
    conditions, remarks = _conditions(sheet, pictures)
    beside = folder if sheet is None else sheet.parent
    pictures, conditions, more = with_regions(pictures, recipe.regions, conditions, beside)
    return Work(recipe, pictures, conditions, [*remarks, *more], sheet)


def _sheet(recipe: Recipe, folder: Path) -> Path | None:
    if recipe.sheet is None:
        return None
    path = folder.resolve() / recipe.sheet.path
    if recipe.sheet.sha256 and path.is_file() and file_hash(path) != recipe.sheet.sha256:
        msg = (
            f"{path.name} is not the sheet that the recipe was written for: its content "
            "has changed. Give it with --sheet to use it as it is now."
        )
        raise RecipeError(msg)
    return path


def _conditions(
    sheet: Path | None, pictures: Sequence[Picture]
) -> tuple[pd.DataFrame, list[str]]:
    if sheet is None:
        return pd.DataFrame(index=pd.Index([picture.key for picture in pictures])), []
    reserved = (
        *(*IMAGE_COLUMNS, COUNT_COLUMN),
        *(*THIN_IMAGE_COLUMNS, *VOLUME_IMAGE_COLUMNS),
    )
    return read_sheet(sheet, pictures, reserved=reserved)
