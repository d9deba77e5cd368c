"""A volume made ready for segmenting: its voxel size, and what makes no sense in it."""

from segmetry import calibrate
from segmetry.errors import CalibrationError, PictureError
from segmetry.image import Image, PixelSize, Step
from segmetry.recipe.model import Recipe

__all__ = ["calibrated_volume"]


def calibrated_volume(
    recipe: Recipe, image: Image, *, takes_volumes: bool
) -> tuple[Image, calibrate.Calibration]:
    """Return a volume with its voxel size settled. It has no banner and no scale bar.

    Parameters
    ----------
    recipe : Recipe
    image : Image
        Axes ZYX or ZYXC.
    takes_volumes : bool
        Whether the method of the recipe does.

    Returns
    -------
    image : Image
    calibration : Calibration

    Raises
    ------
    PictureError
        If the method or another choice of the recipe is for single pictures.
    CalibrationError
        If sources of the voxel size disagree, or only the size in a slice is typed.
    """
    n_slices = image.spatial_shape[0]
    if not takes_volumes:
        msg = (
            "Expected a single picture for the method "
            f"{recipe.segmentation.called!r}, got a stack of {n_slices}; choose one with "
            "--page, counted from 0, or a method for volumes: threshold or lungs."
        )
        raise PictureError(msg)
    if (asked := _for_pictures(recipe)) is not None:
        msg = (
            f"{asked} for single pictures, and this is a volume of {n_slices} slices; "
            "leave it out, or choose one slice with --page, counted from 0."
        )
        raise PictureError(msg)
    typed = _typed(recipe.calibration.pixel_size)
    choice = recipe.calibration.choice
    found = calibrate.weigh(typed=typed, metadata=image.pixel_size, bar=None, choice=choice)
    step = Step("calibrate", {"note": found.note})
    return image.after(step, pixel_size=found.pixel_size), found


def _for_pictures(recipe: Recipe) -> str | None:
    """Return what of a recipe makes no sense in a volume."""
    if recipe.thin.enabled:
        return "Thin structures are measured in"
    if recipe.regions.path is not None:
        return "Regions are drawn"
    if recipe.area.only or recipe.area.exclude:
        return "Rectangles of the area are"
    if recipe.measurement.perimeters:
        return "Perimeters are"
    return None


def _typed(text: str | None) -> PixelSize | None:
    if text is None:
        return None
    size = calibrate.parse_pixel_size(text)
    if size.z is not None:
        return size
    if size.source != "typed":
        msg = "A drawn line tells the size in one slice only; type the size of a voxel."
        raise CalibrationError(msg)
    msg = (
        f"Expected the size of a voxel for a volume, got {text!r}; type the distances of "
        'slices, rows and columns, as --pixel-size "5 x 0.7 x 0.7 mm", or "2 x 2 x 2 mm" '
        "for cubes."
    )
    raise CalibrationError(msg)
