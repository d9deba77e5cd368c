"""Sections through a volume with the outlines of its objects, as one picture."""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image, Labels
from segmetry.prepare.windows import fitting_window, window
from segmetry.report.overlay import draw_overlay

__all__ = ["draw_montage"]

_SHARES = (0.2, 0.35, 0.5, 0.65, 0.8)  # of the way through the objects, for slices
_SIDE = 420  # px: height of a section
_WIDEST = 840  # px: width of a section; of few slices they would be metres wide
_GAP = 6  # px between sections


def draw_montage(labels: Labels) -> NDArray[np.uint8]:
    """Draw slices through the objects of a volume, and sections from front and side.

    Sections are as wide and high as in the sample, however long the voxels are. What is
    shown is the lung or soft-tissue window of a CT scan, of other volumes all values. Where
    the file tells how the patient lay, front and head are up.

    Parameters
    ----------
    labels : Labels
        Axes ZYX.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
        RGB: slices in the first row; in the second the sections across rows and columns.

    Examples
    --------
    >>> ball = sum(part**2 for part in np.ogrid[-5:6, -9:10, -9:10]) < 20
    >>> volume = Image(ball * np.uint8(200), axes="ZYX")
    >>> draw_montage(Labels(ball.astype(np.uint32), volume)).ndim
    3
    """
    image = labels.image
    grey = _shown(image)
    data = labels.data
    orientation = _orientation(image)
    steps = _steps(image)
    places = [_places(data, axis) for axis in range(3)]
    rows = [
        [_section(grey, data, 0, k, steps, orientation) for k in places[0]],
        [
            _section(grey, data, axis, k, steps, orientation)
            for axis in (1, 2)
            for k in places[axis][1:4:2]
        ],
    ]
    drawn = [_joined(row) for row in rows]
    width = max(row.shape[1] for row in drawn)
    gap = np.zeros((_GAP, width, 3), np.uint8)
    padded = [np.pad(row, [(0, 0), (0, width - row.shape[1]), (0, 0)]) for row in drawn]
    return np.concatenate([padded[0], gap, padded[1]])


def _shown(image: Image) -> NDArray[np.uint8]:
    name = fitting_window(image)
    if name is not None:
        return np.rint(window(image, name) * 255).astype(np.uint8)
    grey = image.grey
    low, high = np.percentile(grey[image.included], [0.5, 99.5])
    scaled = (grey - low) / max(float(high - low), 1e-30)
    return np.rint(np.clip(scaled, 0, 1) * 255).astype(np.uint8)


def _orientation(image: Image) -> str:
    """Return to which side z, y and x count up; as pictures are shown where not known."""
    told = [step.options.get("orientation", "") for step in image.steps]
    return next((letters[::-1] for letters in told if letters), "SPL")


def _steps(image: Image) -> tuple[float, float, float]:
    size = image.pixel_size
    if size is None or size.z is None:
        return (1.0, 1.0, 1.0)
    return (size.z, size.y, size.x)


def _places(data: NDArray[np.uint32], axis: int) -> list[int]:
    """Return the numbers of five sections through the objects along an axis."""
    others = tuple(other for other in range(3) if other != axis)
    filled = np.flatnonzero(data.any(axis=others))
    first, last = (filled[0], filled[-1]) if len(filled) else (0, data.shape[axis] - 1)
    return [round(first + share * (last - first)) for share in _SHARES]


def _section(
    grey: NDArray[np.uint8],
    data: NDArray[np.uint32],
    axis: int,
    place: int,
    steps: tuple[float, float, float],
    orientation: str,
) -> NDArray[np.uint8]:
    """Draw one section, its first axis down and its second to the right."""
    down, right = (other for other in range(3) if other != axis)
    shape = [data.shape[down] * steps[down], data.shape[right] * steps[right]]
    scale = min(_SIDE / shape[0], _WIDEST / shape[1])
    size = (max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale)))
    plane = cv2.resize(np.take(grey, place, axis), size, interpolation=cv2.INTER_LINEAR)
    # Numbers may need more bits than OpenCV resizes: places are taken instead.
    index = np.ix_(
        _nearest(data.shape[down], size[1]), _nearest(data.shape[right], size[0])
    )
    numbers = np.take(data, place, axis)[index]
    # Head and front of a patient are up; his right is on the left, as doctors stand.
    if orientation[down] in "SA":
        plane, numbers = plane[::-1], numbers[::-1]
    if orientation[right] in "RA":
        plane, numbers = plane[:, ::-1], numbers[:, ::-1]
    shown = Image(np.ascontiguousarray(plane))
    return draw_overlay(Labels(np.ascontiguousarray(numbers), shown), thickness=1)


def _nearest(n: int, wanted: int) -> NDArray[np.intp]:
    return np.minimum(((np.arange(wanted) + 0.5) * n / wanted).astype(np.intp), n - 1)


def _joined(sections: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    height = max(section.shape[0] for section in sections)
    below = [[(0, height - one.shape[0]), (0, 0), (0, 0)] for one in sections]
    gap = np.zeros((height, _GAP, 3), np.uint8)
    parts = [
        part
        for section, rest in zip(sections, below, strict=True)
        for part in (np.pad(section, rest), gap)
    ][:-1]
    return np.concatenate(parts, axis=1)
