"""Whether the objects of a picture are its bright or its dark part."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.segment.objects import fill_holes, large_objects, number_objects
from segmetry.segment.quality import object_sums, score, traits

__all__ = ["LONG_SIDE", "polarity_of", "reduction"]

LONG_SIDE = 560  # pixels; choices are made on a picture reduced to this size

_MIN_AREA = 12  # pixels of the reduced picture
_MIN_SHARE = 0.02  # of the typical area; specks say nothing about polarity


def polarity_of(
    bright: NDArray[np.bool_], grey: NDArray[np.float32], included: NDArray[np.bool_]
) -> Literal["bright", "dark"]:
    """Return which part of a picture is the objects.

    The part that falls into more regular objects on a more even ground wins; see
    `segmetry.segment.quality`. Where neither part has objects, the one that holds less of
    the picture and of its frame wins. Fails for networks and sponges, whose pores are as
    round as particles.

    Parameters
    ----------
    bright : ndarray of bool, shape (Y, X)
        True in the bright part.
    grey : ndarray of float32, shape (Y, X)
    included : ndarray of bool, shape (Y, X)
        True where a pixel belongs to the sample.

    Returns
    -------
    {"bright", "dark"}

    Examples
    --------
    >>> grey = np.full((40, 40), 200, np.float32)
    >>> grey[10:20, 10:30] = 50
    >>> polarity_of(grey > 100, grey, np.ones((40, 40), bool))
    'dark'
    """
    factor = reduction(bright.shape)
    small_bright = _reduced(bright.astype(np.float32), factor) > 0.5
    small_grey = _reduced(grey, factor)
    small_included = _reduced(included.astype(np.float32), factor) > 0.5
    if not small_included.any():  # what is included is thinner than a reduced pixel
        return _by_frame(bright, included)
    bright_score = _score(small_bright, small_grey, small_included)
    dark_score = _score(~small_bright, small_grey, small_included)
    if bright_score == dark_score:
        return _by_frame(bright, included)
    return "bright" if bright_score > dark_score else "dark"


def reduction(shape: tuple[int, ...]) -> float:
    """Return by how much a picture is reduced before choices are made, at least 1."""
    return max(max(shape) / LONG_SIDE, 1.0)


def _reduced(values: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    if factor == 1:
        return values
    height, width = (max(round(side / factor), 1) for side in values.shape)
    small = cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32)


def _score(
    foreground: NDArray[np.bool_],
    grey: NDArray[np.float32],
    included: NDArray[np.bool_],
) -> float:
    foreground = foreground & included
    filled = fill_holes(foreground) & included
    labels = number_objects(filled, min_area=_MIN_AREA)
    objects = object_sums(labels, grey, before_filling=foreground, included=included)
    return score(traits(objects, large_objects(objects.area, _MIN_SHARE)))


def _by_frame(
    bright: NDArray[np.bool_], included: NDArray[np.bool_]
) -> Literal["bright", "dark"]:
    rows = np.flatnonzero(included.any(axis=1))
    columns = np.flatnonzero(included.any(axis=0))
    frame = np.zeros(included.shape, dtype=bool)
    frame[[rows[0], rows[-1]], :] = True
    frame[:, [columns[0], columns[-1]]] = True
    on_frame = bright[frame & included].mean()
    return "dark" if on_frame + bright[included].mean() > 1 else "bright"
