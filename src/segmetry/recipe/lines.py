"""Thin structures in a recipe: lines stay whole, and are measured along their middle."""

import warnings
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmetry import measure
from segmetry.errors import PictureError, SegmetryWarning
from segmetry.image import Image, Labels
from segmetry.recipe.model import Thin
from segmetry.segment import Segmenter

if TYPE_CHECKING:
    from segmetry.measure.thin import ThinStructures

__all__ = ["kept_whole", "measure_lines"]

_CHANNELS = ("red", "green", "blue")
_WHOLE = ("separate", "fill_holes")  # what would cut a network, or fill its meshes


def kept_whole(segmenter: Segmenter, said: Mapping[str, Any]) -> Segmenter:
    """Return a segmenter that leaves lines connected and their meshes open.

    Parameters
    ----------
    segmenter : Segmenter
    said : mapping
        Options that were given: they stay as they are.

    Returns
    -------
    Segmenter

    Examples
    --------
    >>> from segmetry.segment import segmenter
    >>> kept = kept_whole(segmenter("threshold", separate=True), {"separate": True})
    >>> kept.separate, kept.fill_holes
    (True, False)
    """
    known = {field.name for field in fields(segmenter)}
    changes = {name: False for name in _WHOLE if name in known and name not in said}
    return replace(segmenter, **changes)


def measure_lines(choice: Thin, labels: Labels) -> "ThinStructures":
    """Measure the objects of a picture as thin structures.

    Parameters
    ----------
    choice : Thin
    labels : Labels
        Axes YX. All objects together are one mask, whatever their numbers.

    Returns
    -------
    ThinStructures
        The same for the same labels: its intervals have a seed of their own.

    Raises
    ------
    PictureError
        If the picture lacks the channel asked for, or its pixels are not square.

    Warns
    -----
    SegmetryWarning
        If the mask is one of `ridge`, which tells where lines are and not how wide.
    """
    image = labels.image
    if labels.steps and labels.steps[-1].name == "ridge":
        warnings.warn(_ridge_widths(choice.grey), SegmetryWarning, stacklevel=2)
    # Looked up here: runs that measure no lines need not load what measures them.
    return measure.measure_thin(
        labels.data > 0,
        grey=_grey(image, choice.grey),
        included=np.asarray(image.included),
        pixel_size=image.pixel_size,
        prune=choice.prune,
    )


def _ridge_widths(grey: str) -> str:
    how = (
        "have them measured in the picture with --thin-grey luma (or green)"
        if grey == "none"
        else "take those from grey values"
    )
    return (
        "The segmenter 'ridge' finds where lines are, not how wide: widths of its mask are "
        f"too large for thin lines and too small for wide ones; {how}."
    )


def _grey(image: Image, channel: str) -> NDArray[np.float32] | None:
    if channel == "none":
        return None
    if channel == "luma":
        return image.grey
    if image.axes != "YXC" or image.pixels.shape[-1] != len(_CHANNELS):
        msg = (
            f"Widths were to be fitted in the {channel} channel, but the picture has no "
            "red, green and blue; take grey = 'luma' (--thin-grey luma)."
        )
        raise PictureError(msg)
    return image.pixels[..., _CHANNELS.index(channel)].astype(np.float32)
