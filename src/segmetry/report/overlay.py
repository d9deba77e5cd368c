"""The picture in grey with the outlines of its objects and its excluded area."""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Labels
from segmetry.report.coloring import choose_colors
from segmetry.report.palette import EXCLUDED, OUTLINES

__all__ = ["draw_overlay", "grey_picture"]

_OUTLINE_EVERY = 500  # px of the longer side for each px of outline, seen on a screen
_STRETCH = (0.3, 99.7)  # percent: a hot pixel must not set the contrast
_FLAT, _DIM = 1.5, 64.0  # grey values that an 8-bit picture spans: stretched in between
_SAMPLES = 200_000  # pixels are enough for a percentile, whatever the picture's size
_TINT = 0.5  # share of the tint in the excluded area: the banner stays legible
_HATCH = 24  # px between two stripes of the excluded area


def draw_overlay(labels: Labels, *, thickness: int | None = None) -> NDArray[np.uint8]:
    """Outline every object on its picture and highlight the excluded area.

    The picture is shown in grey. An outline is drawn inside its object; objects that
    touch have different colours, and those within 3 px of each other mostly. The
    excluded area (banner) is tinted blue and hatched.

    Parameters
    ----------
    labels : Labels
        Objects of a single picture, axes YX or YXC.
    thickness : int or None
        Width of an outline in pixels. `None` takes 1 px for each 500 px of the
        picture's longer side, from 1 to 4 px.

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
    overlay = np.repeat(grey_picture(labels.image)[..., None], 3, axis=2)
    if thickness is None:
        thickness = round(max(labels.data.shape) / _OUTLINE_EVERY)
    _tint_excluded(overlay, labels.image)
    _draw_outlines(overlay, labels.data, int(np.clip(thickness, 1, 4)))
    return overlay


def grey_picture(image: Image) -> NDArray[np.uint8]:
    """Return a picture as 8-bit grey values for the eye.

    Pictures of 8 bits keep their values unless those span less than a quarter of the
    range, as in dim fluorescence. They and all others are stretched so that nearly all
    included pixels fit; values that are no number become black.

    Parameters
    ----------
    image : Image
        A single picture, axes YX or YXC.

    Returns
    -------
    ndarray of uint8, shape (Y, X)

    Raises
    ------
    PictureError
        If the picture is a stack of slices.
    """
    if image.axes.startswith("Z"):
        msg = (
            f"an overlay shows a single picture, got axes {image.axes} of shape "
            f"{image.pixels.shape}; choose one slice"
        )
        raise PictureError(msg)
    grey = image.grey
    low, high = _contrast(grey, image)
    if image.pixels.dtype == np.uint8 and not _FLAT < high - low < _DIM:
        return np.rint(grey).astype(np.uint8)
    with np.errstate(invalid="ignore", over="ignore"):
        stretched = np.clip((grey - low) * (255 / (high - low)), 0, 255)
    return np.rint(np.nan_to_num(stretched, nan=0.0)).astype(np.uint8)


def _contrast(grey: NDArray[np.float32], image: Image) -> tuple[float, float]:
    """Return the grey values that become black and white."""
    values = grey if image.excluded is None else grey[~image.excluded]
    values = values.ravel()[:: max(1, values.size // _SAMPLES)]
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(values, _STRETCH))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _tint_excluded(overlay: NDArray[np.uint8], image: Image) -> None:
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


def _draw_outlines(
    overlay: NDArray[np.uint8], data: NDArray[np.uint32], thickness: int
) -> None:
    """Draw the rim of every object in its colour, in place."""
    edge = _rim(data, 1)
    ids, colors = choose_colors(data, edge, n_colors=len(OUTLINES))
    y, x = np.nonzero(edge if thickness == 1 else _rim(data, thickness))
    index = np.searchsorted(ids, data[y, x])
    overlay[y, x] = np.array(OUTLINES, np.uint8)[colors[index]]


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
