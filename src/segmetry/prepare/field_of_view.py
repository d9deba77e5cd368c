"""The round field of view of a fundus camera, and all beyond it struck out.

A fundus picture shows the retina as a bright disc on a dark surround; some cameras cut the
disc off at straight lines. What lies outside is no part of the sample: it would lower every
density, and raise every score of pixels.
"""

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image, Step

__all__ = ["exclude_outside", "find_field_of_view"]

_LONGEST = 640  # pixels of a side: the disc is large, so a larger picture is shrunk
_CORNER = 0.03  # of the shorter side: patches in which the surround is looked at
_FEWEST_DARK = 2  # corners; a disc that the picture cuts off may fill the others
_CONTRAST = 6.0  # times the noise, by which the disc is brighter than the surround
_LIFT = 0.35  # of the way from the surround to the retina: dim rims lie above it
_SPECK = 7  # pixels: what is smaller in the surround is noise
_SOLID = 0.95  # share of its convex hull that a disc fills, dark vessels at its rim or not
_LEAST_SHARE = 0.2  # of the picture
_MOST_SHARE = 0.97
_ROUND = 0.4  # share of the outline inside the picture that must lie on one circle
_ON_CIRCLE = 0.015  # of its radius
_TRIALS, _REFITS = 200, 4


def find_field_of_view(image: Image) -> NDArray[np.bool_] | None:
    """Return where a fundus picture shows the retina.

    The bright part is the field of view if it is the only one, if it is convex, and if most
    of its outline lies on one circle; the rest may be cut off by straight lines or by the
    frame of the picture. Fails where the camera's surround is not dark.

    Parameters
    ----------
    image : Image
        Axes YX or YXC; for a stack the answer is `None`.

    Returns
    -------
    ndarray of bool, shape (Y, X), or None
        `None` where there is no such disc, or no dark surround.

    Examples
    --------
    >>> y, x = np.mgrid[:240, :240]
    >>> disc = np.hypot(y - 120, x - 120) < 100
    >>> view = find_field_of_view(Image(np.where(disc, 90, 3)))
    >>> bool(view[disc].all()), round(float(view.sum() / disc.sum()), 1)
    (True, 1.0)
    """
    if image.axes.startswith("Z") or min(image.spatial_shape) < 4 * _SPECK:
        return None
    light, factor = _light(image)
    bright = _bright_part(light)
    if bright is None:
        return None
    hull = _hull(bright)
    circle = None if hull is None else _circle(hull, bright.shape)
    if hull is None or circle is None:
        return None
    # Pixels' middles lie at whole numbers, at both scales.
    hull, circle = (hull + 0.5) / factor - 0.5, circle / factor
    return _drawn(hull, circle, image.spatial_shape)


def exclude_outside(
    image: Image, view: NDArray[np.bool_], *, source: str = "typed"
) -> Image:
    """Return a picture in which all beyond the field of view is excluded.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    view : ndarray of bool, shape (Y, X)
        True inside the field of view.
    source : str
        Where the view is from, for the history: "found", or the name of a mask.

    Returns
    -------
    Image
        What was excluded before stays so. Its step tells the longer side of the view,
        `extent_px`, of which that which is excluded takes nothing away.

    Raises
    ------
    PictureError
        If the view has not the picture's height and width, or nothing is left in it.

    Examples
    --------
    >>> view = np.array([[True, True, False]])
    >>> exclude_outside(Image(np.array([[5, 6, 0]])), view).excluded
    array([[False, False,  True]])
    """
    if view.shape != image.spatial_shape:
        msg = (
            f"the field of view must have the picture's height and width, "
            f"{image.spatial_shape}, got {view.shape}; give the mask of this picture"
        )
        raise PictureError(msg)
    excluded = np.asarray(~(image.included & view))
    if excluded.all():
        msg = (
            "the field of view leaves nothing of the picture; expected a mask that is "
            "bright inside, check that it is not inverted"
        )
        raise PictureError(msg)
    share = round(1 - float(excluded.mean()), 4)
    inside = [np.flatnonzero(view.any(axis=axis)) for axis in (0, 1)]
    extent = max(int(np.ptp(places)) + 1 for places in inside)
    told = {"source": source, "share": share, "extent_px": extent}
    step = Step("field of view", told)
    return image.after(step, excluded=excluded)


def _light(image: Image) -> tuple[NDArray[np.float32], float]:
    """Return the brightest channel, quiet and not large, and its scale."""
    pixels = image.pixels.astype(np.float32)
    light = pixels.max(axis=2) if image.axes == "YXC" else pixels
    light = np.nan_to_num(light)
    if image.excluded is not None and image.included.any():
        light = np.where(image.included, light, light[image.included].min())
    factor = min(1.0, _LONGEST / max(light.shape))
    if factor < 1:
        light = cv2.resize(light, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 1.0), np.float32), factor


def _bright_part(light: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """Return the largest part that is brighter than the surround, without holes."""
    side = max(round(_CORNER * min(light.shape)), 3)
    corners = [
        light[rows, columns]
        for rows in (slice(side), slice(-side, None))
        for columns in (slice(side), slice(-side, None))
    ]
    dark = min(float(np.median(corner)) for corner in corners)
    retina = float(np.percentile(light, 70))
    level = dark + _LIFT * (retina - dark)
    surround = [corner for corner in corners if np.median(corner) < level]
    noise = float(
        np.std(np.concatenate([corner.ravel() for corner in surround or corners]))
    )
    if len(surround) < _FEWEST_DARK or retina - dark <= _CONTRAST * noise:
        return None
    level = max(level, dark + 3 * noise)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_SPECK, _SPECK))
    padded = np.pad((light > level).astype(np.uint8), _SPECK, mode="edge")
    opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, disc)[_SPECK:-_SPECK, _SPECK:-_SPECK]
    n_parts, parts, facts, _ = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(opened)
    )
    if n_parts == 1:
        return None
    largest = 1 + int(facts[1:, cv2.CC_STAT_AREA].argmax())
    return np.asarray(parts == largest, np.uint8)


def _hull(bright: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Return the corners (n, 2), as x and y, of the convex hull of a part that fills it."""
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=len)
    hull = cv2.convexHull(outline)
    area, within = cv2.contourArea(outline), cv2.contourArea(hull)
    share = within / bright.size
    if not _LEAST_SHARE < share < _MOST_SHARE or area < _SOLID * within:
        return None
    return hull[:, 0].astype(np.float64)


def _circle(
    hull: NDArray[np.float64], shape: tuple[int, ...]
) -> NDArray[np.float64] | None:
    """Return x, y and radius of the circle on which most of an outline lies."""
    points = _along(hull)
    height, width = shape
    x, y = points.T
    inside = (x > 1.5) & (x < width - 2.5) & (y > 1.5) & (y < height - 2.5)
    points = points[inside]
    if len(points) < max(height, width) / 2:
        return None  # the picture's frame is all that bounds it
    random = np.random.default_rng(0)
    best = np.zeros(len(points), bool)
    for _ in range(_TRIALS):
        circle = _fitted(points[random.choice(len(points), 3, replace=False)])
        # A larger circle is a straight line.
        if min(shape) / 4 < circle[2] < max(shape):
            on = _on(points, circle)
            best = on if on.sum() > best.sum() else best
    if not best.any():
        return None
    for _ in range(_REFITS):
        circle = _fitted(points[best])
        best = _on(points, circle)
    return circle if best.mean() >= _ROUND and circle[2] < max(shape) else None


def _along(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points a pixel apart along a closed line."""
    closed = np.concatenate([corners, corners[:1]])
    pieces = []
    for start, end in pairwise(closed):
        n_points = max(round(float(np.hypot(*(end - start)))), 1)
        share = np.arange(n_points)[:, None] / n_points
        pieces.append(start + share * (end - start))
    return np.concatenate(pieces)


def _fitted(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return x, y and radius of the circle nearest to points, by least squares.

    References
    ----------
    I. Kåsa, IEEE Trans. Instrum. Meas. 25, 1976. doi:10.1109/TIM.1976.6312298
    """
    middle = points.mean(axis=0)
    own = points - middle
    system = np.column_stack([2 * own, np.ones(len(own))])
    (x, y, rest), *_ = np.linalg.lstsq(system, (own**2).sum(axis=1), rcond=None)
    radius = np.sqrt(max(rest + x**2 + y**2, 0))
    return np.array([x + middle[0], y + middle[1], radius])


def _on(points: NDArray[np.float64], circle: NDArray[np.float64]) -> NDArray[np.bool_]:
    distance = np.hypot(*(points - circle[:2]).T)
    return np.asarray(np.abs(distance - circle[2]) < _ON_CIRCLE * circle[2])


def _drawn(
    hull: NDArray[np.float64], circle: NDArray[np.float64], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Return the pixels of a hull that are within the circle, or hardly beyond it."""
    view = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(view, np.rint(hull * 16).astype(np.int32), 1, shift=4)
    y, x = np.ogrid[: shape[0], : shape[1]]
    reach = circle[2] * (1 + _ON_CIRCLE) + 0.5
    within = (x - circle[0]) ** 2 + (y - circle[1]) ** 2 <= reach**2
    return np.asarray((view > 0) & within)
