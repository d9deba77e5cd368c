"""Crops of mistakes: the true outline and the found one over the picture."""

from collections.abc import Mapping, Sequence
from itertools import chain, zip_longest

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.evaluate import KINDS, Example
from segmetry.image import Image
from segmetry.report.overlay import shown_picture

__all__ = ["FOUND", "TRUE", "choose_examples", "draw_example"]

TRUE = (50, 180, 255)  # sky blue
FOUND = (255, 150, 0)  # orange

_MARGIN = 0.45  # of the objects' longer side, around them
_LEAST_SIDE = 32  # px: an object is seen among what is around it
_SHOWN = 300  # px: side of a crop on the page
_FAINT = 0.4  # strength of the outlines of other objects


def choose_examples(
    mistakes: Mapping[str, Sequence[Example]], *, most: int = 8
) -> dict[str, list[tuple[str, Example]]]:
    """Choose the mistakes to show: the gravest of each picture in turn.

    Parameters
    ----------
    mistakes : mapping of str to sequence of Example
        Mistakes of each picture, the gravest of a kind first.
    most : int
        Crops of one kind at most.

    Returns
    -------
    dict of str to list of (str, Example)
        For each kind of `KINDS` that occurs: picture and mistake.

    Examples
    --------
    >>> one, two = (Example("missed", (), (k,), weight=k) for k in (1, 2))
    >>> chosen = choose_examples({"a": [two, one], "b": [one]}, most=2)
    >>> [(name, example.truth) for name, example in chosen["missed"]]
    [('a', (2,)), ('b', (1,))]
    """
    chosen = {}
    for kind in KINDS:
        of_picture = [
            [(name, each) for each in found if each.kind == kind]
            for name, found in mistakes.items()
        ]
        in_turn = (
            sorted((pair for pair in turn if pair), key=lambda pair: -pair[1].weight)
            for turn in zip_longest(*of_picture)
        )
        if best := list(chain.from_iterable(in_turn))[:most]:
            chosen[kind] = best
    return chosen


def draw_example(
    example: Example,
    predicted: NDArray[np.uint32],
    truth: NDArray[np.uint32],
    *,
    image: Image | None = None,
) -> NDArray[np.uint8]:
    """Draw the neighbourhood of a mistake, enlarged.

    The true outline is blue, the found one orange; other objects are drawn faintly.

    Parameters
    ----------
    example : Example
    predicted, truth : ndarray of uint32, shape (Y, X)
    image : Image or None
        The picture, axes YX or YXC. `None` draws on grey.

    Returns
    -------
    ndarray of uint8, shape (Y, X, 3)
        RGB, the longer side about 300 px.

    Raises
    ------
    PictureError
        If the labels are of a stack of slices.

    Examples
    --------
    >>> truth = np.zeros((40, 40), np.uint32)
    >>> truth[10:20, 10:20] = 1
    >>> missed = Example("missed", (), (1,), weight=1.0)
    >>> draw_example(missed, np.zeros_like(truth), truth).shape
    (288, 288, 3)
    """
    if truth.ndim != 2:
        msg = f"mistakes are shown in single pictures, got shape {truth.shape}"
        raise PictureError(msg)
    window = _window(np.isin(predicted, example.predicted) | np.isin(truth, example.truth))
    side = max(part.stop - part.start for part in window)
    factor, width = max(1, round(_SHOWN / side)), max(1, round(side / _SHOWN))
    canvas = _background(image, truth.shape, window, factor)
    for labels, own, color in (
        (truth[window], example.truth, TRUE),
        (predicted[window], example.predicted, FOUND),
    ):
        large = labels.repeat(factor, axis=0).repeat(factor, axis=1)
        others = np.where(np.isin(large, own), 0, large)
        _outline(canvas, others, color, strength=_FAINT, thickness=width)
    for labels, own, color, thickness in (
        (truth[window], example.truth, TRUE, 3),
        (predicted[window], example.predicted, FOUND, 2),
    ):
        large = labels.repeat(factor, axis=0).repeat(factor, axis=1)
        own_only = np.where(np.isin(large, own), large, 0)
        _outline(canvas, own_only, color, strength=1.0, thickness=thickness * width)
    return canvas


def _window(objects: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return a square about the objects, moved inside the picture where it would leave."""
    rows, columns = (np.flatnonzero(objects.any(axis=axis)) for axis in (1, 0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    side = max(_LEAST_SIDE, round(longer * (1 + 2 * _MARGIN)))
    height, width = objects.shape
    return _span(rows, side, height), _span(columns, side, width)


def _span(at: NDArray[np.intp], side: int, size: int) -> slice:
    start = int(at[0] + at[-1] + 1 - side) // 2
    start = max(0, min(start, size - side))
    return slice(start, min(start + side, size))


def _background(
    image: Image | None, shape: tuple[int, ...], window: tuple[slice, slice], factor: int
) -> NDArray[np.uint8]:
    if image is None or image.spatial_shape != shape:
        colors = np.full((*shape, 3), 90, np.uint8)[window]
    else:
        colors = _stretched(shown_picture(image)[window])
    size = (colors.shape[1] * factor, colors.shape[0] * factor)
    return np.asarray(cv2.resize(colors, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _stretched(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a crop with a contrast of its own: what is there must be seen."""
    low, high = (float(value) for value in np.percentile(colors, (0.5, 99.5)))
    # A crop of nothing but noise stays dull.
    low = min(low, high - 24)
    scaled = (colors - low) * (235 / (high - low)) + 10
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _outline(
    canvas: NDArray[np.uint8],
    labels: NDArray[np.uint32],
    color: tuple[int, int, int],
    *,
    strength: float,
    thickness: int = 1,
) -> None:
    """Draw the inner rim of every object, in place."""
    rim = _rim(labels)
    if thickness > 1:
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        wide = cv2.dilate(rim.view(np.uint8), cross, iterations=thickness - 1)
        rim = (wide > 0) & (labels > 0)
    canvas[rim] = np.rint((1 - strength) * canvas[rim] + strength * np.array(color))


def _rim(labels: NDArray[np.uint32]) -> NDArray[np.bool_]:
    rim = np.zeros(labels.shape, dtype=bool)
    across = labels[:, 1:] != labels[:, :-1]
    down = labels[1:] != labels[:-1]
    rim[:, 1:] |= across
    rim[:, :-1] |= across
    rim[1:] |= down
    rim[:-1] |= down
    return rim & (labels > 0)
