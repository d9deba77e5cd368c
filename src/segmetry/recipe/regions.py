"""The regions of a picture: which file has them, and where they lie in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segmetry.calibrate import parse_length
from segmetry.errors import RecipeError, RegionError
from segmetry.image import Image, Labels
from segmetry.io.regions import read_regions
from segmetry.recipe.model import Recipe, Regions
from segmetry.region import Region

if TYPE_CHECKING:
    from pandas import DataFrame

    from segmetry.measure.regions import Counted
    from segmetry.recipe.run import Result

__all__ = [
    "below_banner",
    "check_section",
    "count_objects",
    "region_file",
    "region_files",
    "region_hashes",
    "regions_of",
    "with_regions",
]

_ENDINGS = (".roi", ".zip", ".geojson", ".json")
_IMAGEJ = "_RoiSet"  # what people put behind the picture's name in ImageJ
_COUNT = "count_regressed"  # in a step, where a model counts without finding
_LAST = ".ome"  # of a.ome.tif, the name is "a"


def regions_of(name: str, choice: str | None) -> tuple[Region, ...]:
    """Return the regions of a picture; none where no file has any.

    Parameters
    ----------
    name : str
        Of the picture.
    choice : str or None
        `Regions.path` of a recipe.

    Raises
    ------
    RecipeError
        If there is no such file or folder, or several files fit the picture.
    RegionError
        If the file cannot be read.
    """
    path = None if choice is None else region_file(name, Path(choice))
    return () if path is None else read_regions(path)


def region_file(name: str, path: Path) -> Path | None:
    """Return the file with the regions of a picture, or `None` where a folder has none.

    Parameters
    ----------
    name : str
        Of the picture.
    path : Path
        A file, or a folder of files named like the pictures: `NAME.roi`,
        `NAME_RoiSet.zip`, `NAME.geojson`, with or without the picture's own ending.

    Raises
    ------
    RecipeError
        If there is no such file or folder, or several files fit the picture.
    """
    if path.is_file():
        return path
    stem = Path(name).stem
    names = {known.casefold() for known in (name, stem, stem.removesuffix(_LAST))}
    names |= {f"{known}{_IMAGEJ}".casefold() for known in names}
    fitting = [one for one in region_files(path) if one.stem.casefold() in names]
    if len(fitting) > 1:
        got = ", ".join(one.name for one in fitting)
        msg = (
            f"Expected one file of regions for {name} in {path.name}, got {got}; put "
            f"several regions into one file, such as {stem}{_IMAGEJ}.zip."
        )
        raise RecipeError(msg)
    return fitting[0] if fitting else None


def region_files(folder: Path) -> list[Path]:
    """Return all files of regions in a folder, by their names.

    Raises
    ------
    RecipeError
        If there is no such folder.
    """
    if not folder.is_dir():
        msg = (
            f"There are no regions at {folder.name}: expected a file, or a folder of files "
            "named like the pictures."
        )
        raise RecipeError(msg)
    return sorted(
        one
        for one in folder.iterdir()
        if one.suffix.lower() in _ENDINGS and one.is_file() and not one.name.startswith(".")
    )


def region_hashes(choice: str | None) -> dict[str, str]:
    """Return the SHA-256 of each file of regions that a choice names, by its name.

    Raises
    ------
    RecipeError
        If there is no such file or folder.
    """
    if choice is None:
        return {}
    path = Path(choice)
    files = [path] if path.is_file() else region_files(path)
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


def with_regions(recipe: Recipe, result: "Result", regions: Sequence[Region]) -> "Result":
    """Count the objects in regions of the picture, drawn in it as it was read.

    Parameters
    ----------
    recipe : Recipe
    result : Result
    regions : sequence of Region

    Raises
    ------
    RegionError
        If a region reaches beyond the picture, or the segmenter counts without finding.
    """
    counted = count_objects(recipe, result.labels, result.objects, regions)
    return replace(result, counted=counted)


def count_objects(
    recipe: Recipe, labels: Labels, objects: "DataFrame", regions: Sequence[Region]
) -> "Counted":
    """Return objects counted in regions of their picture, drawn in it as it was read.

    Parameters
    ----------
    recipe : Recipe
    labels : Labels
    objects : DataFrame
        Their table.
    regions : sequence of Region

    Raises
    ------
    RegionError
        As of `with_regions`.
    """
    from segmetry.measure.regions import count_in_regions

    if any(_COUNT in step.options for step in labels.steps):
        msg = (
            "This model counts without finding objects, so that they are in no region; "
            "choose a method that finds them."
        )
        raise RegionError(msg)
    return count_in_regions(
        labels,
        objects,
        below_banner(regions, labels.image),
        counting_frames=recipe.regions.counting_frames,
    )


def below_banner(regions: Sequence[Region], image: Image) -> tuple[Region, ...]:
    """Return regions where they lie once a banner above the picture is cut off.

    Parameters
    ----------
    regions : sequence of Region
        In the picture as it was read.
    image : Image
        As it was segmented.
    """
    cut = [
        step.options["stop_row"]
        for step in image.steps
        if step.name == "remove banner"
        and step.options["method"] == "crop"
        and step.options["first_row"] != image.spatial_shape[0]
    ]
    if not cut:
        return tuple(regions)
    return tuple(
        replace(one, rings=tuple(ring - [0.0, cut[-1]] for ring in one.rings))
        for one in regions
    )


def check_section(choices: Regions) -> None:
    """Refuse lengths that cannot be understood.

    Raises
    ------
    RecipeError
        If a height is told without a thickness.
    CalibrationError
        If one is no length.
    """
    if choices.object_height is not None and choices.section_thickness is None:
        msg = "--object-height needs the thickness too: add --section-thickness '40 um'."
        raise RecipeError(msg)
    for length in (choices.section_thickness, choices.object_height):
        if length is not None:
            parse_length(length)
