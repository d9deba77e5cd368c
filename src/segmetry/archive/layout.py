"""Where what a run read lies in its archive: the same places, wherever it was before.

A recipe names pictures relative to the folder of its run, and such a path can tell the
name of a person or a machine. In an archive, all that a recipe names lies below `inputs`.
"""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from segmetry.archive.zips import is_safe
from segmetry.batch.inputs import recipe_pictures
from segmetry.batch.regions import FILES_COLUMN
from segmetry.errors import RecipeError
from segmetry.io.sheets import opened_sheet
from segmetry.io.zarr_files import url_of
from segmetry.recipe import Recipe, with_paths

__all__ = ["INPUTS", "Layout", "layout_of"]

INPUTS = "inputs"

_PICTURES = f"{INPUTS}/pictures"
_SHEET = f"{INPUTS}/sheet"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A recipe as it is in an archive, and where its files are now.

    Parameters
    ----------
    recipe : Recipe
        Its paths are relative to the archive.
    pictures : mapping of str to Path
        Where each picture is now, by its place in the archive. A folder is one volume, or
        OME-Zarr; an address stays what it is.
    others : mapping of str to Path
        The same of the sheet, regions, masks and model, of which a folder is all its
        files.
    moved : mapping of str to str
        Place in the archive by the path in the recipe.
    """

    recipe: Recipe
    pictures: Mapping[str, Path]
    others: Mapping[str, Path]
    moved: Mapping[str, str]


def layout_of(recipe: Recipe, folder: Path) -> Layout:
    """Return how the files that a recipe names lie in an archive.

    Parameters
    ----------
    recipe : Recipe
    folder : Path
        That its paths are relative to. The files need not be there.

    Returns
    -------
    Layout

    Raises
    ------
    RecipeError
        If the sheet names regions outside of its own folder, or a path names no file.
    """
    named = [one.path for one in recipe.inputs]
    shown = [one.shown for one in recipe_pictures(recipe.inputs, folder)]
    if len(set(shown)) < len(shown):  # of pictures on several drives
        shown = [f"{number}/{name}" for number, name in enumerate(shown, start=1)]
    places = [
        _kept(path) or f"{_PICTURES}/{name}"
        for path, name in zip(named, shown, strict=True)
    ]
    others: dict[str, Path] = {}
    renamed = dict(zip(named, places, strict=True))

    def placed(path: str) -> str:
        place = _kept(path) or _place(path, recipe)
        others[place], renamed[path] = _at(folder, path), place
        return place

    moved = with_paths(recipe, placed)
    inputs = tuple(
        one.model_copy(update={"path": place})
        for one, place in zip(recipe.inputs, places, strict=True)
    )
    sheet = recipe.sheet
    if sheet is not None:
        place = _kept(sheet.path) or _placed(_SHEET, sheet.path)
        others[place], renamed[sheet.path] = _at(folder, sheet.path), place
        others |= _regions_of_sheet(others[place], PurePosixPath(place).parent)
        sheet = sheet.model_copy(update={"path": place})
    return Layout(
        recipe=moved.model_copy(update={"inputs": inputs, "sheet": sheet}),
        pictures={renamed[path]: _at(folder, path) for path in named},
        others=others,
        moved=renamed,
    )


def _kept(path: str) -> str | None:
    """Return a path that is one of an archive already, or an address."""
    is_within = path.startswith(f"{INPUTS}/") and is_safe(path)
    is_kept = is_within or url_of(Path(path)) is not None
    return path if is_kept else None


def _place(path: str, recipe: Recipe) -> str:
    """Return where a model, regions or masks lie in an archive."""
    if path.endswith(".segmodel"):
        return _placed(f"{INPUTS}/models", path)
    kind = "regions" if path == recipe.regions.path else "field_of_view"
    return _placed(f"{INPUTS}/{kind}", path)


def _placed(folder: str, path: str) -> str:
    name = PurePosixPath(path).name
    if not is_safe(name):
        msg = f"The recipe names {path}, which is no file; name one."
        raise RecipeError(msg)
    return f"{folder}/{name}"


def _at(folder: Path, path: str) -> Path:
    if url_of(Path(path)) is not None:
        return Path(path)
    return Path(os.path.normpath(folder.resolve() / path))


def _regions_of_sheet(sheet: Path, place: PurePosixPath) -> dict[str, Path]:
    """Return the files of regions that a sheet names, beside its own place."""
    if not sheet.is_file():
        return {}
    with opened_sheet(sheet, error=RecipeError) as (lines, mark):
        rows = csv.DictReader(lines, delimiter=mark)
        names = {row[FILES_COLUMN] for row in rows if row.get(FILES_COLUMN)}
    outside = [name for name in names if not is_safe(name)]
    if outside:
        msg = (
            f"{sheet.name} names the regions {outside[0]}, which lie outside of its "
            "folder; put them beside the sheet, and run again."
        )
        raise RecipeError(msg)
    return {
        (place / name.replace("\\", "/")).as_posix(): sheet.parent / name for name in names
    }
