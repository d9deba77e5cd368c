"""The picture as the eye sees it, with outlines of its objects and its excluded area."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Labels
from segmetry.report.coloring import choose_colors
from segmetry.report.contrast import color_range, grey_range
from segmetry.report.palette import EXCLUDED, OUTLINES, SPARE_OUTLINES

__all__ = ["draw_overlay", "shown_picture", "tint_excluded"]

_OUTLINE_EVERY = 400  # px of the longer side for each px of outline, seen on a screen
_OBJECT_EVERY = 8  # px of an object's side for each px of outline: its inside stays seen
_COLORED = 0.15  # of the brightest channel's mean: from here on a picture has a hue
_SAMPLES = 200_000  # pixels are enough for a mean colour, whatever the picture's size
_SHADE = 0.3  # of the ground beside an outline is left: yellow is seen on white as well
_TINT = 0.5  # share of the tint in the excluded area: the banner stays legible
_HATCH = 24  # px between two stripes of the excluded area


def draw_overlay(labels: Labels, *, thickness: int | None = None) -> NDArray[np.uint8]:
    """Outline every object on its picture and highlight the excluded area.

    A picture in colour keeps its colours, any other is shown in grey. An outline is drawn
    inside its object, and the ground beside it darkened, so that it is seen on dark and
    bright grounds; objects that touch have different colours, and those within 3 px of
    each other mostly. The excluded area (banner) is tinted blue and hatched.

    Parameters
    ----------
    labels : Labels
        Objects of a single picture, axes YX or YXC.
    thickness : int or None
        Width of an outline in pixels. `None` takes 1 px for each 400 px of the
        picture's longer side, from 1 to 4 px, and less where objects are small.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
        RGB at full resolution.

    Raises
    ------
    PictureError
        If the picture is a stack of slices.

    Examples
    --------
    >>> picture = Image(np.full((5, 5), 100, np.uint8))
    >>> square = np.zeros((5, 5), np.uint8)
    >>> square[1:4, 1:4] = 1
    >>> draw_overlay(Labels(square, picture))[1:4, 1:4, 0]
    array([[255, 255, 255],
           [255, 100, 255],
           [255, 255, 255]], dtype=uint8)
    """
    overlay = shown_picture(labels.image)
    colors = _outline_colors(overlay)
    tint_excluded(overlay, labels.image)
    _draw_outlines(overlay, labels.data, thickness, colors)
    return overlay


def shown_picture(image: Image) -> NDArray[np.uint8]:
    """Return a picture as 8-bit colours for the eye.

    Pictures of 8 bits keep their values unless those span less than half of the
    range, as in dim fluorescence. They and all others are stretched so that nearly all
    included pixels fit, those in colour from zero on, so that no hue changes; values that
    are no number become black.

    Parameters
    ----------
    image : Image
        A single picture, axes YX or YXC; any number of channels but three as grey.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
        RGB, of its own.

    Raises
    ------
    PictureError
        If the picture is a stack of slices.

    Examples
    --------
    >>> purple = np.full((2, 2, 3), (150, 80, 160), np.uint8)
    >>> shown_picture(Image(purple, axes="YXC"))[0, 0].tolist()
    [150, 80, 160]
    """
    if image.axes.startswith("Z"):
        msg = (
            f"an overlay shows a single picture, got axes {image.axes} of shape "
            f"{image.pixels.shape}; choose one slice"
        )
        raise PictureError(msg)
    in_color = image.axes == "YXC" and image.pixels.shape[-1] == 3
    values: NDArray[Any] = image.pixels if in_color else image.grey[..., None]
    counted = values if image.excluded is None else values[~image.excluded]
    is_8_bit = image.pixels.dtype == np.uint8
    low, high = (
        color_range(counted) if in_color else grey_range(counted, keep_8_bits=is_8_bit)
    )
    if (low, high) != (0.0, 255.0) or not is_8_bit:
        with np.errstate(invalid="ignore", over="ignore"):
            values = np.clip((values - np.float32(low)) * (255 / (high - low)), 0, 255)
    if values.dtype != np.uint8:
        values = np.rint(np.nan_to_num(values, nan=0.0)).astype(np.uint8)
    return np.repeat(values, 3 // values.shape[-1], axis=2)


def tint_excluded(overlay: NDArray[np.uint8], image: Image) -> None:
    """Tint the excluded area and hatch it, in place."""
    if image.excluded is None or not image.excluded.any():
        return
    rows = np.flatnonzero(image.excluded.any(axis=1))
    band = slice(rows[0], rows[-1] + 1)
    excluded = image.excluded[band]
    y, x = np.ogrid[band, : excluded.shape[1]]
    # A second, stronger tint in stripes: an even one is lost on a banner of one colour.
    share = np.where((x + y) % _HATCH < _HATCH // 8, 0.85, _TINT)[excluded][:, None]
    area = overlay[band]
    area[excluded] = np.rint(area[excluded] * (1 - share) + np.array(EXCLUDED) * share)


def _outline_colors(shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return six colours for outlines, those least like the hue of the picture."""
    every = max(1, shown.size // (3 * _SAMPLES))
    mean = shown.reshape(-1, 3)[::every].mean(axis=0)
    if np.ptp(mean) <= _COLORED * mean.max():
        return np.array(OUTLINES, np.uint8)
    colors = np.array([*OUTLINES, *SPARE_OUTLINES], np.uint8)
    hues = colors - colors.mean(axis=1, keepdims=True)
    likeness = hues @ (mean - mean.mean()) / np.maximum(np.linalg.norm(hues, axis=1), 1)
    return colors[np.sort(np.argsort(likeness, kind="stable")[: len(OUTLINES)])]


def _draw_outlines(
    overlay: NDArray[np.uint8],
    data: NDArray[np.uint32],
    thickness: int | None,
    palette: NDArray[np.uint8],
) -> None:
    """Draw the rim of every object in its colour and shade the ground, in place."""
    edge = _rim(data, 1)
    ids, colors = choose_colors(data, edge, n_colors=len(palette))
    width = _thickness(data, len(ids)) if thickness is None else thickness
    beside = _beside(data, width)
    overlay[beside] = np.rint(overlay[beside] * _SHADE)
    y, x = np.nonzero(edge if width == 1 else _rim(data, width))
    index = np.searchsorted(ids, data[y, x])
    overlay[y, x] = palette[colors[index]]


def _thickness(data: NDArray[np.uint32], n_objects: int) -> int:
    """Return a width that is seen when the picture fills a screen, and hides no object."""
    side = np.sqrt(np.count_nonzero(data) / max(n_objects, 1))
    wide = min(max(data.shape) / _OUTLINE_EVERY, side / _OBJECT_EVERY)
    return int(np.clip(round(wide), 1, 4))


def _beside(data: NDArray[np.uint32], thickness: int) -> NDArray[np.bool_]:
    """Mark the background within a step of an object, two where outlines are wide."""
    found = (data > 0).view(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    wide = cv2.dilate(found, cross, iterations=(thickness + 1) // 2)
    return np.asarray(wide > found)


def _rim(data: NDArray[np.uint32], thickness: int) -> NDArray[np.bool_]:
    """Mark the pixels of an object within `thickness` steps of another number."""
    same = np.ones(data.shape, dtype=np.uint8)
    across = data[:, 1:] == data[:, :-1]
    down = data[1:] == data[:-1]
    same[:, 1:] &= across
    same[:, :-1] &= across
    same[1:] &= down
    same[:-1] &= down
    if thickness > 1:
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        same = np.asarray(cv2.erode(same, cross, iterations=thickness - 1))
    return (same == 0) & (data > 0)
