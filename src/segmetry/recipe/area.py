"""The rectangles of a recipe, and all outside them struck out."""

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.image import Image, Step
from segmetry.recipe.model import Area, Rectangle

__all__ = ["within_area"]


def within_area(image: Image, area: Area) -> Image:
    """Return a picture in which all outside the rectangles of a recipe is excluded.

    Parameters
    ----------
    image : Image
    area : Area

    Returns
    -------
    Image
        The same where there are no rectangles.

    Raises
    ------
    RecipeError
        If a rectangle lies outside the picture.

    Examples
    --------
    >>> picture = Image(np.zeros((4, 6), np.uint8))
    >>> int(within_area(picture, Area(only=[[1, 1, 2, 2]])).included.sum())
    4
    """
    if not area.only and not area.exclude:
        return image
    excluded = np.array(~image.included)
    if area.only:
        excluded |= ~_covered(area.only, image.spatial_shape)
    excluded |= _covered(area.exclude, image.spatial_shape)
    told = area.model_dump(mode="json", include={"only", "exclude"})
    return image.after(Step("area", told), excluded=excluded)


def _covered(
    rectangles: tuple[Rectangle, ...], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    covered = np.zeros(shape, dtype=bool)
    for x, y, width, height in rectangles:
        if x >= shape[1] or y >= shape[0]:
            msg = (
                f"the rectangle {[x, y, width, height]} of the area lies outside the "
                f"picture: expected x below {shape[1]} and y below {shape[0]}."
            )
            raise RecipeError(msg)
        covered[y : y + height, x : x + width] = True
    return covered
