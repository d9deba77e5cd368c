"""Stains in a recipe: which of them a method looks at, and how dense each object is."""

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.image import Image, Labels
from segmetry.measure.intensity import mean_in_objects
from segmetry.prepare.stains import (
    SLIDES,
    Slide,
    Stains,
    estimate_stains,
    look_at_stain,
    published_stains,
    stain_density,
)
from segmetry.recipe.model import Staining
from segmetry.segment import Maps, Segmenter

__all__ = ["check_stains", "found_in_stains"]


def check_stains(choice: Staining) -> None:
    """Refuse to look at a stain that the section does not have.

    Raises
    ------
    RecipeError
        If the slide has no such stain.

    Examples
    --------
    >>> check_stains(Staining(look_at="dab"))
    """
    slide = _slide(choice)
    if slide is None or choice.look_at == "none" or choice.look_at in SLIDES[slide]:
        return
    msg = (
        f"A slide of {' and '.join(SLIDES[slide])} has no {choice.look_at}; expected "
        f"--stain {' or '.join(SLIDES[slide])}, or another --slide."
    )
    raise RecipeError(msg)


def found_in_stains(
    segmenter: Segmenter, choice: Staining, image: Image
) -> tuple[Labels, Maps, dict[str, NDArray[np.float64]]]:
    """Find objects in the stain that a recipe names, and how dense each stain is in them.

    Parameters
    ----------
    segmenter : Segmenter
    choice : Staining
    image : Image

    Returns
    -------
    labels : Labels
        Of the picture as it is: grey values and overlays are not those of the stain.
    maps : Maps
    densities : dict of str to ndarray of float64, shape (n,)
        Columns of the table of objects; empty where nothing is said of stains.

    Raises
    ------
    RecipeError
        If the slide has no such stain.
    PictureError
        If the picture is none in red, green and blue, or there is nothing to segment.
    """
    check_stains(choice)
    slide = _slide(choice)
    if slide is None:
        return *segmenter.labels_and_maps(image), {}
    estimated = choice.vectors == "picture"
    stains = estimate_stains(image, slide) if estimated else published_stains(slide)
    if choice.look_at == "none":
        labels, maps = segmenter.labels_and_maps(image)
    else:
        seen = look_at_stain(image, choice.look_at, stains)
        found, maps = segmenter.labels_and_maps(seen)
        labels = Labels(found.data, image, steps=(seen.steps[-1], *found.steps))
    return labels, maps, _densities(labels, stains)


def _slide(choice: Staining) -> Slide | None:
    if choice.slide != "auto":
        return choice.slide
    if choice.look_at == "none":
        return None
    return "haematoxylin-dab" if choice.look_at == "dab" else "haematoxylin-eosin"


def _densities(labels: Labels, stains: Stains) -> dict[str, NDArray[np.float64]]:
    density = stain_density(labels.image, stains)
    return {
        f"optical_density_{name}_mean": mean_in_objects(density[..., number], labels.data)
        for number, name in enumerate(stains.names)
    }
