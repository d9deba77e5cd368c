"""One picture through a recipe: calibrate, exclude the banner, segment, measure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry import calibrate, segment
from segmetry.errors import CalibrationError, ModelError, RecipeError
from segmetry.image import Image, Labels, Step
from segmetry.measure import measure
from segmetry.prepare import remove_banner
from segmetry.recipe.area import within_area
from segmetry.recipe.lines import kept_whole, measure_lines
from segmetry.recipe.model import BannerFill, Recipe
from segmetry.recipe.regions import (
    check_section,
    region_hashes,
    regions_of,
    with_regions,
)
from segmetry.recipe.stains import check_stains, found_in_stains
from segmetry.recipe.view import mask_hashes, within_field_of_view
from segmetry.recipe.volume import calibrated_volume
from segmetry.segment.classes import names_of_classes

if TYPE_CHECKING:
    from segmetry.measure.regions import Counted
    from segmetry.measure.thin import ThinStructures

__all__ = [
    "Ready",
    "Result",
    "before_segmenting",
    "check",
    "doubts_of",
    "files_used",
    "find_objects",
    "make_ready",
    "run",
    "segmenter_of",
    "with_thin",
]


@dataclass(frozen=True)
class Result:
    """What a recipe makes of one picture.

    Parameters
    ----------
    image : Image
        The picture as it was segmented, with its pixel size and excluded area.
    labels : Labels
        The objects found.
    objects : DataFrame
        One row per object; see `segmetry.measure.measure`. Has the columns `class` and
        `confidence` where the segmenter knows them.
    maps : Maps
        Probability per pixel, as the segmenter gave it.
    calibration : Calibration
        The pixel size with all the evidence for it.
    banner : Banner or None
        Rows taken for a banner, in the picture as read.
    thin : ThinStructures or None
        The objects measured as lines, where the recipe asks for it.
    counted : Counted or None
        The objects counted in regions, where the recipe asks for it.
    """

    image: Image
    labels: Labels
    objects: pd.DataFrame
    maps: segment.Maps
    calibration: calibrate.Calibration
    banner: calibrate.Banner | None
    thin: "ThinStructures | None" = None
    counted: "Counted | None" = None


def check(recipe: Recipe) -> None:
    """Refuse a recipe that would fail on every picture.

    Raises
    ------
    RecipeError
        If the segmenter or one of its options is not known, its model's file is damaged,
        a length that was typed cannot be understood, or a slide lacks its stain.

    Examples
    --------
    >>> check(Recipe())
    """
    try:
        files_used(recipe)
    except ModelError as error:
        raise RecipeError(str(error)) from error
    if recipe.calibration.choice == "typed" and recipe.calibration.pixel_size is None:
        msg = "--calibration typed needs a size: add --pixel-size '12.3 nm'."
        raise RecipeError(msg)
    first, _, last = recipe.banner.exclude.partition(":")
    if recipe.banner.exclude == "0" or (last and int(first) >= int(last)):
        msg = (
            f"--exclude-banner {recipe.banner.exclude} names no rows: expected a number "
            "of rows at the bottom, or FIRST:STOP counted from the top."
        )
        raise RecipeError(msg)
    try:
        calibrate.parse_length(recipe.statistics.limit)
        check_section(recipe.regions)
        check_stains(recipe.stains)
        if recipe.calibration.pixel_size is not None:
            calibrate.parse_pixel_size(recipe.calibration.pixel_size)
    except CalibrationError as error:
        raise RecipeError(str(error)) from error


def files_used(recipe: Recipe) -> Mapping[str, str]:
    """Return the SHA-256 of each file, besides pictures, that decides what is found.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    mapping
        From the name of the file, such as that of a model, to its hash.

    Raises
    ------
    RecipeError
        If the segmenter or one of its options is not known, or a mask or the regions are
        not there.

    Examples
    --------
    >>> files_used(Recipe())
    {}
    """
    models = segmenter_of(recipe).files()
    masks = mask_hashes(recipe.area.field_of_view)
    return {**models, **masks, **region_hashes(recipe.regions.path)}


@dataclass(frozen=True)
class Ready:
    """A picture whose pixel size, banner and scale bar are settled.

    Parameters
    ----------
    image : Image
        With its pixel size, and all that is excluded.
    calibration : Calibration
    banner : Banner or None
        Rows taken for a banner, in the picture as read.
    """

    image: Image
    calibration: calibrate.Calibration
    banner: calibrate.Banner | None


def run(recipe: Recipe, image: Image) -> Result:
    """Find and measure the objects of one picture.

    Parameters
    ----------
    recipe : Recipe
    image : Image
        As `segmetry.read` gives it: axes YX or YXC, for methods that take volumes ZYX.

    Returns
    -------
    Result

    Raises
    ------
    PictureError
        If the picture is a volume and the method is for pictures, holds nothing to
        segment, or cannot be measured as the recipe asks.
    RegionError
        If its regions cannot be read, or do not lie in it.
    CalibrationError
        If sources of the pixel size disagree, or the typed one cannot be understood.
    RecipeError
        If the segmenter or one of its options is not known.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.full((60, 80), 20, np.uint8)
    >>> pixels[20:40, 20:40] = 200
    >>> result = run(Recipe(), Image(pixels, name="square"))
    >>> len(result.objects), result.image.pixel_size is None
    (1, True)
    """
    result = with_thin(recipe, find_objects(recipe, make_ready(recipe, image)))
    if recipe.regions.path is None:
        return result
    regions = regions_of(image.name, recipe.regions.path)
    return with_regions(recipe, result, regions)


def make_ready(recipe: Recipe, image: Image) -> Ready:
    """Settle the pixel size of a picture, and strike out all that is no sample.

    Raises
    ------
    PictureError
        If the picture is a volume and the method is for pictures.
    CalibrationError
        If sources of the pixel size disagree.
    RecipeError
        If the rows of the banner or a rectangle of the area lie outside the picture.
    """
    if image.axes.startswith("Z"):
        takes = segmenter_of(recipe).takes_volumes
        return Ready(*calibrated_volume(recipe, image, takes_volumes=takes), None)
    if recipe.banner.exclude == "none":
        image = replace(image, excluded=None)
    banner = _banner(recipe, image)
    calibration = _calibration(recipe, image, banner)
    image = image.after(
        Step("calibrate", {"note": calibration.note}), pixel_size=calibration.pixel_size
    )
    if recipe.banner.exclude != "none":
        image = _without_scale_bar(image, calibration.bar)
    # Of the whole picture: what a person strikes out does not make the eye smaller.
    image = within_field_of_view(
        image, recipe.area.field_of_view, wanted=segmenter_of(recipe).has_field_of_view
    )
    image = within_area(image, recipe.area)
    image = _without_banner(image, banner, recipe.banner.fill)
    return Ready(image, calibration, banner)


def before_segmenting(recipe: Recipe) -> Recipe:
    """Return only those choices of a recipe by which `make_ready` goes.

    Recipes that differ in the options of their method give the same, so that a picture can
    be made ready once for all of them.

    Raises
    ------
    RecipeError
        If the segmenter or one of its options is not known.

    Examples
    --------
    >>> chosen = {"name": "threshold", "options": {"min_area": 30}}
    >>> before_segmenting(Recipe(segmentation=chosen)) == Recipe()
    True
    """
    parts = recipe.model_dump(include={"reading", "calibration", "banner", "area"})
    # Of its method, all that counts is whether a field of view is looked for.
    name = "ridge" if segmenter_of(recipe).has_field_of_view else "auto"
    return Recipe.model_validate(parts | {"segmentation": {"name": name}})


def find_objects(recipe: Recipe, ready: Ready) -> Result:
    """Find and measure the objects of a picture that is ready for it.

    Raises
    ------
    PictureError
        If there is nothing to segment.
    RecipeError
        If the segmenter or one of its options is not known.
    """
    labels, maps, densities = found_in_stains(
        segmenter_of(recipe), recipe.stains, ready.image
    )
    perimeters = recipe.measurement.perimeters
    objects = measure(labels, perimeters=perimeters).assign(**densities)
    if maps.object_classes is not None:
        names = np.asarray(names_of_classes(maps), dtype=object)
        objects.insert(1, "class", names[maps.object_classes])
    if maps.confidence is not None:
        objects["confidence"] = maps.confidence
    return Result(ready.image, labels, objects, maps, ready.calibration, ready.banner)


def doubts_of(recipe: Recipe, result: Result) -> NDArray[np.float64] | None:
    """Return how likely each object that was found is wrong.

    Parameters
    ----------
    recipe : Recipe
    result : Result
        What it made of a picture.

    Returns
    -------
    ndarray of float64, shape (n,), or None
        In the order of `result.objects`; see `segmetry.segment.doubt`. `None` for objects
        that are measured as lines: they are whole networks, which nobody accepts or not.
    """
    if recipe.thin.enabled:
        return None
    from segmetry.segment.doubt import doubts

    return doubts(segmenter_of(recipe), result.labels, result.maps)


def with_thin(recipe: Recipe, result: Result) -> Result:
    """Measure the objects as thin structures too, where the recipe asks for it.

    Raises
    ------
    PictureError
        If the picture lacks the channel asked for, or its pixels are not square.
    """
    if not recipe.thin.enabled:
        return result
    return replace(result, thin=measure_lines(recipe.thin, result.labels))


def segmenter_of(recipe: Recipe) -> segment.Segmenter:
    """Return the segmenter of a recipe, with its options.

    Raises
    ------
    RecipeError
        If the segmenter or one of its options is not known.

    Examples
    --------
    >>> segmenter_of(Recipe()).name
    'auto'
    """
    chosen = recipe.segmentation
    found = segment.segmenter(chosen.name, **chosen.options)
    return kept_whole(found, chosen.options) if recipe.thin.enabled else found


def _banner(recipe: Recipe, image: Image) -> calibrate.Banner | None:
    choice = recipe.banner.exclude
    if choice == "none":
        return None
    if choice == "auto":
        return calibrate.find_banner(image)
    height = image.spatial_shape[0]
    first, _, last = choice.rpartition(":")
    top, bottom = (int(first), int(last)) if first else (height - int(last), height)
    if not 0 <= top < bottom <= height or bottom - top == height:
        msg = (
            f"--exclude-banner {choice} leaves no picture or lies outside it: expected "
            f"rows within 0:{height}."
        )
        raise RecipeError(msg)
    return calibrate.Banner(top=top, bottom=bottom)


def _calibration(
    recipe: Recipe, image: Image, banner: calibrate.Banner | None
) -> calibrate.Calibration:
    options = recipe.calibration
    text = options.pixel_size
    # The distance of slices means nothing in a single picture.
    typed = None if text is None else replace(calibrate.parse_pixel_size(text), z=None)
    return calibrate.calibrate(
        image,
        typed=typed,
        choice=options.choice,
        read_bar=options.scale_bar,
        banner=banner,
    )


def _without_scale_bar(image: Image, bar: calibrate.ScaleBar | None) -> Image:
    if bar is None:
        return image
    excluded = ~image.included | calibrate.scale_bar_area(bar, image.spatial_shape)
    return image.after(Step("exclude scale bar", {"label": bar.text}), excluded=excluded)


def _without_banner(
    image: Image, banner: calibrate.Banner | None, fill: BannerFill
) -> Image:
    if banner is None:
        return image
    rows = (banner.top, banner.bottom)
    if fill != "none":
        return remove_banner(image, rows, method=fill)
    excluded = np.array(~image.included)
    excluded[slice(*rows)] = True
    step = Step("exclude banner", {"first_row": rows[0], "stop_row": rows[1]})
    return image.after(step, excluded=excluded)
