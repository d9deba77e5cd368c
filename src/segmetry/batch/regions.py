"""The regions of the pictures of a run: finding their files, and what comes of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segmetry.batch.inputs import file_hash
from segmetry.calibrate import parse_length
from segmetry.errors import ReadError, RecipeError, RegionError
from segmetry.image import Image
from segmetry.io import REGION_COLUMNS
from segmetry.io.regions import read_regions
from segmetry.measure.abercrombie import Section
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.pooling import pool, without_failed
from segmetry.measure.region_summary import summarize_regions
from segmetry.measure.region_tables import ANIMAL, animals_table, regions_table
from segmetry.measure.regions import SEPARATOR, whole_picture
from segmetry.measure.wording import count_of, named
from segmetry.recipe import Recipe, Regions, Result
from segmetry.recipe import with_regions as count_in
from segmetry.recipe.regions import region_file, region_files
from segmetry.region import Region

if TYPE_CHECKING:
    from segmetry.batch.inputs import Picture
    from segmetry.batch.pictures import PictureResult

__all__ = [
    "FILES_COLUMN",
    "REGION_TABLES",
    "WHOLE_COLUMN",
    "PictureRegions",
    "RegionResults",
    "counted_in_regions",
    "drawn_in",
    "marked",
    "region_results",
    "with_regions",
]

FILES_COLUMN = "regions"  # of a sheet: the file with the regions of each picture
REGION_TABLES = ("regions", "animals")
WHOLE_COLUMN = "region"  # of a sheet: the region that the whole picture shows


@dataclass(frozen=True, eq=False)
class PictureRegions:
    """The regions of one picture.

    Parameters
    ----------
    regions : tuple of Region
    whole : str
        Name of the region that the whole picture shows; empty where it shows several.
    file : str
        Name of the file they are from; empty without one.
    sha256 : str
        Its hash.
    """

    regions: tuple[Region, ...] = ()
    whole: str = ""
    file: str = ""
    sha256: str = ""


@dataclass(frozen=True, eq=False)
class RegionResults:
    """What a run tells of regions.

    Parameters
    ----------
    regions : DataFrame
        One row per picture and region.
    animals : DataFrame or None
        One row per animal and region, where the sheet tells animals.
    summary : dict
        See `segmetry.measure.region_summary.summarize_regions`.
    files : mapping of str to str
        Hash of each file of regions, by its name.
    """

    regions: pd.DataFrame
    animals: pd.DataFrame | None
    summary: dict[str, Any]
    files: Mapping[str, str]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by the names of their files."""
        tables = {"regions": self.regions, "animals": self.animals}
        return {name: table for name, table in tables.items() if table is not None}


def with_regions(
    pictures: Sequence["Picture"],
    choices: Regions,
    conditions: pd.DataFrame,
    folder: Path,
) -> tuple[tuple["Picture", ...], pd.DataFrame, list[str]]:
    """Give each picture its regions, read and checked before any work begins.

    Parameters
    ----------
    pictures : sequence of Picture
    choices : Regions
        Of the recipe, its path as it is on this machine.
    conditions : DataFrame
        Of the sheet, indexed by the pictures' keys.
    folder : Path
        Folder of the sheet.

    Returns
    -------
    pictures : tuple of Picture
        Without regions all of them where none are asked for.
    conditions : DataFrame
        Without the column that names files of regions.
    remarks : list of str
        Which pictures have no regions.

    Raises
    ------
    RecipeError
        If regions are named in two ways, a file is not there or cannot be read, or a
        column of the sheet is called as one of the tables of regions.
    """
    _refuse_twofold(choices, conditions, len(pictures))
    if choices.path is not None:
        files = [region_file(one.path.name, Path(choices.path)) for one in pictures]
        found = [_read(file) for file in files]
    elif FILES_COLUMN in conditions:
        names = conditions[FILES_COLUMN]
        found = [_read(None if pd.isna(one) else folder / str(one)) for one in names]
    elif WHOLE_COLUMN in conditions:
        found = [_whole(one) for one in conditions[WHOLE_COLUMN]]
    else:
        return tuple(pictures), conditions, []
    _refuse_names_of_results(conditions)
    conditions = conditions.drop(columns=FILES_COLUMN, errors="ignore")
    pairs = list(zip(pictures, found, strict=True))
    without = [one.key for one, its in pairs if not (its.regions or its.whole)]
    remarks = []
    if without:
        remarks = [f"There are no regions for {_pictures(without)}."]
        remarks += _about_left(
            choices, [one for one, its in pairs if not its.regions], found
        )
    return tuple(replace(one, regions=its) for one, its in pairs), conditions, remarks


def counted_in_regions(
    regions: PictureRegions | None, recipe: Recipe, original: Image, result: Result
) -> Result:
    """Return a result with its objects counted in the regions of its picture, if any.

    Parameters
    ----------
    regions : PictureRegions or None
    recipe : Recipe
    original : Image
        The picture as it was read.
    result : Result

    Raises
    ------
    RegionError
        If a region reaches beyond the picture.
    """
    if regions is None:
        return result
    return count_in(recipe, result, drawn_in(regions, original))


def drawn_in(regions: PictureRegions, original: Image) -> tuple[Region, ...]:
    """Return the regions of a picture, of which one may be all of it.

    Parameters
    ----------
    regions : PictureRegions
    original : Image
        The picture as it was read.
    """
    if regions.whole:
        return (whole_picture(regions.whole, original.spatial_shape),)
    return regions.regions


def marked(fingerprint: str, regions: PictureRegions | None) -> str:
    """Return what tells recipe, version and regions from others."""
    if regions is None:
        return fingerprint
    return f"{fingerprint}:{regions.whole}:{regions.sha256}"


def region_results(
    pictures: Sequence["Picture"],
    results: Sequence["PictureResult"],
    tables: tuple[pd.DataFrame, pd.DataFrame],
    recipe: Recipe,
    *,
    conditions: Sequence[str],
    statistics: StatisticsOptions,
) -> RegionResults | None:
    """Return the tables and the summary of all regions; `None` where there are none.

    Parameters
    ----------
    pictures : sequence of Picture
    results : sequence of PictureResult
    tables : tuple of DataFrame
        Objects and images.
    recipe : Recipe
    conditions : sequence of str
        Columns of the table of images that are from the sheet.
    statistics : StatisticsOptions
    """
    counted = {one.row["image"]: one.counted for one in results if one.counted is not None}
    if not any(len(table) for table in counted.values()):
        return None
    objects, images = tables
    section, remarks = _section(recipe.regions, objects)
    conditions = [name for name in conditions if name != WHOLE_COLUMN]
    regions = regions_table(counted, images, conditions=conditions, section=section)
    summary = summarize_regions(
        regions,
        conditions=conditions,
        uncertainty=pool(objects, without_failed(images))[0].relative_uncertainty,
        section=section,
        options=statistics,
    )
    n_found, n_outside = _outside(objects, regions)
    summary |= {"n_objects": n_found, "n_outside": n_outside}
    summary["warnings"] += [
        *remarks,
        *_about_outside(n_found, n_outside),
        *_about_absent(regions),
        *_about_shared(objects),
    ]
    animals = None
    if ANIMAL in regions and regions[ANIMAL].notna().any():
        animals = animals_table(regions, conditions=conditions, section=section)
    found = [one.regions for one in pictures if one.regions is not None]
    files = {one.file: one.sha256 for one in found if one.file}
    return RegionResults(regions, animals, summary, files)


def _refuse_twofold(choices: Regions, conditions: pd.DataFrame, n_pictures: int) -> None:
    named_by = {
        "--regions": choices.path is not None,
        f"the sheet's column {FILES_COLUMN!r}": FILES_COLUMN in conditions,
        f"the sheet's column {WHOLE_COLUMN!r}": WHOLE_COLUMN in conditions,
    }
    ways = [way for way, is_used in named_by.items() if is_used]
    if len(ways) > 1:
        msg = f"Regions are named in two ways, by {ways[0]} and by {ways[1]}; keep one."
        raise RecipeError(msg)
    if choices.path is not None and Path(choices.path).is_file() and n_pictures > 1:
        msg = (
            f"{Path(choices.path).name} holds the regions of one picture, but there are "
            f"{n_pictures}; give a folder of files named like the pictures."
        )
        raise RecipeError(msg)


def _refuse_names_of_results(conditions: pd.DataFrame) -> None:
    results = {name for table in REGION_COLUMNS.values() for name in table}
    clash = sorted(results.intersection(conditions.columns) - {ANIMAL, WHOLE_COLUMN})
    if clash:
        msg = f"The sheet's column {clash[0]!r} has the name of a result; rename it."
        raise RecipeError(msg)


def _read(file: Path | None) -> PictureRegions:
    if file is None:
        return PictureRegions()
    try:
        sha256 = file_hash(file)
        return PictureRegions(read_regions(file), file=file.name, sha256=sha256)
    except (ReadError, RegionError) as error:
        raise RecipeError(str(error)) from error


def _about_left(
    choices: Regions, without: Sequence["Picture"], found: Sequence[PictureRegions]
) -> Iterator[str]:
    """Yield which files of a folder belong to no picture, and how they would be called."""
    if choices.path is None or not Path(choices.path).is_dir():
        return
    used = {one.file for one in found}
    left = [one.name for one in region_files(Path(choices.path)) if one.name not in used]
    if not left:
        return
    belong = "belongs" if len(left) == 1 else "belong"
    expected = [f"{one.path.stem}.geojson" for one in without]
    yield (
        f"{named(left)} in {Path(choices.path).name} {belong} to no picture: files of "
        f"regions are called like their pictures, here {named(expected)} (or .roi, or "
        "_RoiSet.zip)."
    )


def _whole(name: Any) -> PictureRegions:
    return PictureRegions() if pd.isna(name) else PictureRegions(whole=str(name).strip())


def _section(choices: Regions, objects: pd.DataFrame) -> tuple[Section | None, list[str]]:
    if choices.section_thickness is None:
        return None, []
    thickness = parse_length(choices.section_thickness).in_um.x
    if choices.object_height is not None:
        height = parse_length(choices.object_height).in_um.x
        return Section(thickness, height, measured=False), []
    height = float("nan")
    if "equivalent_diameter_um" in objects:
        height = float(objects["equivalent_diameter_um"].mean())
    if not height > 0:
        told = (
            "Counts are not corrected for the thickness of sections: without a pixel size "
            "and objects their height is not known; add --object-height."
        )
        return None, [told]
    return Section(thickness, height, measured=True), []


def _outside(objects: pd.DataFrame, regions: pd.DataFrame) -> tuple[int, int]:
    """Return how many objects pictures with regions have, and how many no region counts."""
    if WHOLE_COLUMN not in objects:
        return 0, 0
    here = objects.loc[objects["image"].isin(regions["image"]), WHOLE_COLUMN]
    return len(here), int(here.eq("").sum())


def _about_outside(n_found: int, n_outside: int) -> Iterator[str]:
    if n_outside:
        yield (
            f"{n_outside} of the {count_of(n_found, 'object')} that pictures with regions "
            f"have {'is' if n_outside == 1 else 'are'} in no region, and so in no number "
            "by region; objects.csv has them."
        )


def _about_absent(regions: pd.DataFrame) -> Iterator[str]:
    total = regions["image"].nunique()
    present = regions.groupby("region", sort=False)["image"].nunique()
    absent = [str(name) for name, number in present.items() if number < total]
    if absent:
        yield (
            f"Not every picture with regions has {named(absent)}: where a region was not "
            "drawn it is missing, not 0."
        )


def _about_shared(objects: pd.DataFrame) -> Iterator[str]:
    if WHOLE_COLUMN not in objects:
        return
    shared = Counter(SEPARATOR in str(names) for names in objects[WHOLE_COLUMN])[True]
    if shared:
        yield (
            f"{count_of(shared, 'object')} in overlapping regions count in each of them: "
            "sums over regions count them more than once."
        )


def _pictures(keys: Iterable[str]) -> str:
    keys = list(keys)
    return f"{count_of(len(keys), 'picture')} ({named(keys)})"
