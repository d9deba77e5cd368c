"""Whether the objects of a picture are its bright or its dark part."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.segment.ground import Smooth
from segmetry.segment.objects import fill_holes, large_objects, number_objects
from segmetry.segment.quality import object_sums, score, traits
from segmetry.segment.reducing import Patch, patch, reduced_shape, whole
from segmetry.segment.windows import Over, blocks, everywhere, part_of
from segmetry.tiled import TiledImage, Window

__all__ = ["LONG_SIDE", "polarity_in", "polarity_of", "reduction"]

LONG_SIDE = 560  # pixels; choices are made on a picture reduced to this size

_MIN_AREA = 12  # pixels of the reduced picture
_MIN_SHARE = 0.02  # of the typical area; specks say nothing about polarity

_Ends = tuple[tuple[int, int], tuple[int, int]]


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
    height, width = bright.shape
    rows, columns = (np.flatnonzero(included.any(axis=axis)) for axis in (1, 0))
    ends = (int(rows[0]), int(rows[-1])), (int(columns[0]), int(columns[-1]))
    window = everywhere((height, width))
    seen = None if included.all() else included
    halves = _halves(bright, grey, seen, window, _Frame((height, width), ends))
    return _polarity_by([halves], (height, width))


def polarity_in(
    tiled: TiledImage, smooth: Smooth, cutoff: float, *, over: Over = map
) -> Literal["bright", "dark"]:
    """Return which side of a cutoff is the objects, after one pass; see `polarity_of`.

    Parameters
    ----------
    tiled : TiledImage
    smooth : Smooth
        The grey values that the cutoff is for.
    cutoff : float
    over : callable
        `map`, or what does the same in several processes.

    Returns
    -------
    {"bright", "dark"}
    """
    shape, values = tiled.spatial_shape, smooth.ground.values
    ends = (values.rows or (0, 0)), (values.columns or (0, 0))
    work = partial(_halves_in, tiled, smooth, cutoff, _Frame(shape, ends))
    return _polarity_by(over(work, blocks(shape)), shape)


def reduction(shape: tuple[int, ...]) -> float:
    """Return by how much a picture is reduced before choices are made, at least 1."""
    return max(max(shape) / LONG_SIDE, 1.0)


@dataclass(frozen=True)
class _Frame:
    """Shape of a picture, and the first and last rows and columns of its sample."""

    shape: tuple[int, int]
    ends: _Ends

    def within(self, window: Window) -> NDArray[np.bool_]:
        """Return which pixels of a window are in the first or last row or column."""
        down, across = (
            np.isin(np.arange(side.start, side.stop), ends)
            for side, ends in zip(window, self.ends, strict=True)
        )
        return np.asarray(down[:, None] | across)


@dataclass(frozen=True, eq=False)
class _Halves:
    """What a window tells about the bright and the dark part of a picture.

    Parameters
    ----------
    bright, grey, included : Patch
    n, n_bright, on_frame, bright_on_frame : int
        Numbers of pixels of the sample.
    """

    bright: Patch
    grey: Patch
    included: Patch
    n: int
    n_bright: int
    on_frame: int
    bright_on_frame: int


def _halves_in(
    tiled: TiledImage, smooth: Smooth, cutoff: float, frame: _Frame, window: Window
) -> _Halves:
    part = part_of(tiled, window, smooth.reach)
    grey = smooth.of(part)
    return _halves(grey > np.float32(cutoff), grey, part.included, window, frame)


def _halves(
    bright: NDArray[np.bool_],
    grey: NDArray[np.float32],
    included: NDArray[np.bool_] | None,
    window: Window,
    frame: _Frame,
) -> _Halves:
    included = np.ones(bright.shape, bool) if included is None else included
    small = reduced_shape(frame.shape, reduction(frame.shape))
    is_frame = frame.within(window) & included
    return _Halves(
        bright=patch(bright, window, frame.shape, small),
        grey=patch(grey, window, frame.shape, small),
        included=patch(included, window, frame.shape, small),
        n=int(included.sum()),
        n_bright=int(bright[included].sum()),
        on_frame=int(is_frame.sum()),
        bright_on_frame=int(bright[is_frame].sum()),
    )


def _polarity_by(
    halves: Iterable[_Halves], shape: tuple[int, int]
) -> Literal["bright", "dark"]:
    known = list(halves)
    small = reduced_shape(shape, reduction(shape))
    bright = whole((part.bright for part in known), small) > 0.5
    grey = whole((part.grey for part in known), small)
    included = whole((part.included for part in known), small) > 0.5
    if not included.any():  # what is included is thinner than a reduced pixel
        return _by_frame(known)
    bright_score = _score(bright, grey, included)
    dark_score = _score(~bright, grey, included)
    if bright_score == dark_score:
        return _by_frame(known)
    return "bright" if bright_score > dark_score else "dark"


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


def _by_frame(halves: list[_Halves]) -> Literal["bright", "dark"]:
    bright = sum(part.n_bright for part in halves) / sum(part.n for part in halves)
    n_frame = sum(part.on_frame for part in halves)
    on_frame = sum(part.bright_on_frame for part in halves) / n_frame
    return "dark" if on_frame + bright > 1 else "bright"
