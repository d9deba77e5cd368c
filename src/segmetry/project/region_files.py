"""The regions of a project's pictures as files that a recipe names."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import pandas as pd

from segmetry.batch import Picture
from segmetry.batch.regions import with_regions
from segmetry.errors import RecipeError
from segmetry.io.regions import write_regions
from segmetry.project.pictures import PictureRecord
from segmetry.project.regions import naming_regions, regions_of, told_regions
from segmetry.recipe import Recipe

__all__ = ["RegionFiles", "write_region_files"]

_FOLDER = "regions"


@dataclass(frozen=True, eq=False)
class RegionFiles:
    """The files of an export that hold regions.

    Parameters
    ----------
    folder : Path
    is_named : bool
        Whether a recipe can name them.
    remarks : list of str
        What a person should know of them.
    """

    folder: Path
    is_named: bool
    remarks: list[str]

    def named_in(self, recipe: Recipe, *, above: str = "") -> Recipe:
        """Return a recipe that counts in these regions, if it can name them.

        Parameters
        ----------
        recipe : Recipe
        above : str
            Where the folder's parent is from where the recipe is, if not on this machine.
        """
        if not self.is_named:
            return recipe
        path = f"{above}/{self.folder.name}" if above else str(self.folder)
        return naming_regions(recipe, path)


def write_region_files(
    out: Path,
    pictures: Sequence[tuple[Picture, PictureRecord]],
    conditions: pd.DataFrame,
) -> RegionFiles | None:
    """Write the regions of pictures into a folder, each file named like its picture.

    Parameters
    ----------
    out : Path
        Folder of the results.
    pictures : sequence of tuple
        Each as it is named in tables, and its record.
    conditions : DataFrame
        Of the sheet, indexed by the pictures' keys.

    Returns
    -------
    RegionFiles or None
        `None` where no picture has regions.
    """
    outlined = [one for one in pictures if told_regions(one[1])]
    if not outlined:
        return None
    folder = out / _FOLDER
    while folder.name in {picture.key for picture, _ in pictures}:
        folder = folder.with_name(f"{folder.name}_")  # a picture is called so
    folder.mkdir()
    names = Counter(PurePath(record.name).name for _, record in pictures)
    for picture, record in outlined:
        name = PurePath(record.name).name
        stem = name if names[name] == 1 else picture.key
        write_regions(folder / f"{stem}.geojson", regions_of(record))
    twins = [name for name, n in names.items() if n > 1]
    why_not = f"{names[twins[0]]} pictures are called {twins[0]}." if twins else ""
    remarks: list[str] = []
    found = [replace(one, path=out / record.name) for one, record in pictures]
    try:
        choice = naming_regions(Recipe(), str(folder)).regions
        remarks = with_regions(found, choice, conditions, out)[2]
    except RecipeError as error:
        why_not = str(error)
    if why_not:
        remarks = [f"The recipe does not name the regions: {why_not}"]
    return RegionFiles(folder, is_named=not why_not, remarks=remarks)
