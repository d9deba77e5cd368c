"""What the values of a picture are like, and pictures in which nothing can be found."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import PictureError
from segmetry.image import Image
from segmetry.segment.histogram import Histogram, histogram, joined
from segmetry.tiled import InMemory, TiledImage, Window

__all__ = [
    "Values",
    "check_shape",
    "check_values",
    "in_memory",
    "joined_values",
    "values_in",
]

_SMALLEST = 3
_LARGEST = 1e15  # its square is still far from the largest float32
_FINEST = 1e-5  # of the largest grey value: about a hundred steps of float32


@dataclass(frozen=True, eq=False)
class Values:
    """What is known of the values of a picture or a part of it, but for excluded pixels.

    Parameters
    ----------
    n_broken : int
        Number of values that are NaN or infinite.
    low, high : float
        Smallest and largest value of all channels; infinite and minus infinite where
        there is none.
    grey : Histogram
        Of the grey values; empty where values are broken or too large for them.
    rows, columns : tuple of int, or None
        First and last of them in which something is not excluded; `None` where all is.
    is_cut : bool
        Whether any pixel is excluded.
    """

    n_broken: int
    low: float
    high: float
    grey: Histogram
    rows: tuple[int, int] | None
    columns: tuple[int, int] | None
    is_cut: bool


def values_in(tiled: TiledImage, window: Window) -> Values:
    """Return what is known of the values in a window.

    Examples
    --------
    >>> from segmetry.tiled import InMemory
    >>> picture = InMemory(Image(np.array([[2, 9], [4, 4]])))
    >>> found = values_in(picture, (slice(0, 1), slice(0, 2)))
    >>> found.low, found.high, found.rows
    (2.0, 9.0, (0, 0))
    """
    image = tiled.read(window)
    included = None if image.excluded is None else image.included
    values = image.pixels if included is None else image.pixels[included]
    if not values.size:
        nothing = histogram(np.zeros(0, np.float32))
        return Values(0, np.inf, -np.inf, nothing, None, None, is_cut=True)
    n_broken = 0
    if values.dtype.kind == "f":
        n_broken = values.size - int(np.isfinite(values).sum())
    low, high = float(values.min()), float(values.max())
    grey = np.zeros(0, np.float32)
    if not n_broken and max(-low, high) <= _LARGEST:
        grey = image.grey if included is None else image.grey[included]
    return Values(
        n_broken=n_broken,
        low=low,
        high=high,
        grey=histogram(grey),
        rows=_ends(included, window, 0),
        columns=_ends(included, window, 1),
        is_cut=included is not None and not included.all(),
    )


def _ends(included: NDArray[np.bool_] | None, window: Window, axis: int) -> tuple[int, int]:
    """Return the first and last row (or column) with something in it."""
    side = window[axis]
    if included is None:
        return side.start, side.stop - 1
    places = np.flatnonzero(included.any(axis=1 - axis))
    return side.start + int(places[0]), side.start + int(places[-1])


def joined_values(parts: Iterable[Values]) -> Values:
    """Return what is known of the values of a picture, from all of its parts."""
    known = list(parts)
    return Values(
        n_broken=sum(part.n_broken for part in known),
        low=min(part.low for part in known),
        high=max(part.high for part in known),
        grey=joined(part.grey for part in known),
        rows=_joined_ends([part.rows for part in known]),
        columns=_joined_ends([part.columns for part in known]),
        is_cut=any(part.is_cut for part in known),
    )


def _joined_ends(parts: list[tuple[int, int] | None]) -> tuple[int, int] | None:
    ends = [part for part in parts if part is not None]
    if not ends:
        return None
    return min(first for first, _ in ends), max(last for _, last in ends)


def in_memory(image: Image) -> InMemory:
    """Return a picture as one that is read window by window.

    Raises
    ------
    PictureError
        If it is a stack or too small.
    """
    check_shape(image)
    return InMemory(image)


def check_shape(image: Image | TiledImage) -> None:
    """Refuse a picture that is a stack or too small.

    Raises
    ------
    PictureError
    """
    if image.axes.startswith("Z"):
        msg = (
            f"expected one picture, got a stack of {image.spatial_shape[0]}; "
            "choose one picture of it"
        )
        raise PictureError(msg)
    if min(image.spatial_shape) < _SMALLEST:
        height, width = image.spatial_shape
        msg = (
            f"a picture of {width} x {height} pixels is too small to segment; "
            f"at least {_SMALLEST} x {_SMALLEST} are needed"
        )
        raise PictureError(msg)


def check_values(values: Values) -> None:
    """Refuse pictures without numbers, without contrast, or beyond single precision.

    Raises
    ------
    PictureError
    """
    if values.rows is None:
        msg = "all of the picture is excluded; leave some of it to segment"
        raise PictureError(msg)
    if values.n_broken:
        msg = (
            f"expected a number in every pixel, got {values.n_broken} that are NaN or "
            "infinite; exclude or repair them"
        )
        raise PictureError(msg)
    low, high = values.low, values.high
    if low == high:
        msg = f"the picture has one flat value ({low:g}); nothing to segment"
        raise PictureError(msg)
    largest = max(-low, high)
    if largest > _LARGEST:
        msg = (
            f"grey values must lie within {_LARGEST:g} of 0, got {low:g} to {high:g}; "
            "divide them by a constant"
        )
        raise PictureError(msg)
    if high - low < _FINEST * largest:
        msg = (
            f"grey values from {low:.9g} to {high:.9g} differ by too little against their "
            f"size to be told apart; subtract {low:.9g} from them"
        )
        raise PictureError(msg)
