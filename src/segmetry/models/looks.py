"""Finding the scale at which a network sees the objects of a picture best."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from segmetry.models.confidence import flow_features
from segmetry.models.scale import SMALLEST_FACTOR, allowed_factor
from segmetry.segment.segmenter import Maps

__all__ = [
    "SCALE_POWERS",
    "Evidence",
    "Fitted",
    "Picture",
    "Window",
    "evidence",
    "fitted",
]

SCALE_POWERS = (0.5, 1.0, 1.5)  # see `evidence`; a card without one means the first
_CLOSE = 1.1  # networks bear such a difference in scale
_CLOSE_IN_PART = 1.2  # fewer objects tell their typical diameter less exactly
_MOST_REFINED = 2
_WHOLE_PIXELS = 2**20  # a picture that is larger in a look is looked at in part only
_SIDE = 640  # pixels of that part, as the network sees it
_FEWEST_PIXELS = 2**12  # a picture seen smaller than this shows nothing
_FEWEST_TO_CONVINCE = 5  # objects
_SURE = 0.2  # median sureness; at wrong scales it stayed below on validation pictures
_CERTAIN, _LED = 6, 8  # powers: nearly all of an object must be sure, not half of it
_OCTAVES = 0.5  # standard deviation of diameters that speak for a scale
_OVERSHOOT = 1.3  # objects seen too small look larger than they are, and the reverse
_REFINED = 0.8  # of the evidence before, that a look at the right scale must have
_MOST_CENTRES = 200  # objects around which a window is tried

Found = TypeVar("Found")
Window = tuple[slice, slice]  # rows and columns, in pixels of the picture


@dataclass(frozen=True, eq=False)
class Evidence:
    """The objects of one look, and how much each speaks for its scale.

    Parameters
    ----------
    centres : ndarray of float64, shape (n_objects, 2)
        Rows and columns in pixels of the picture.
    areas : ndarray of float64, shape (n_objects,)
        In pixels of the picture.
    weights : ndarray of float64, shape (n_objects,)
    sureness : ndarray of float64, shape (n_objects,), or None
        From 0 to 1, whatever the size; `None` where it is not known.
    """

    centres: NDArray[np.float64]
    areas: NDArray[np.float64]
    weights: NDArray[np.float64]
    sureness: NDArray[np.float64] | None = None

    def inside(self, window: Window) -> "Evidence":
        """Return that of the objects whose centre lies in a window."""
        rows, columns = window
        y, x = self.centres.T
        kept = (y >= rows.start) & (y < rows.stop)
        kept &= (x >= columns.start) & (x < columns.stop)
        sureness = None if self.sureness is None else self.sureness[kept]
        return Evidence(self.centres[kept], self.areas[kept], self.weights[kept], sureness)

    def convinces(self, wanted: float) -> bool:
        """Return whether sure objects that fit make other looks needless."""
        if self.sureness is None or len(self.areas) < _FEWEST_TO_CONVINCE:
            return False
        ratio = (self.diameter or 0) / wanted
        return 1 / _CLOSE < ratio < _CLOSE and bool(np.median(self.sureness) > _SURE)

    @property
    def total(self) -> float:
        """Return how much all objects speak for the scale; 0 without objects."""
        return float(self.weights.sum())

    @property
    def diameter(self) -> float | None:
        """Return the median diameter in pixels of the picture; `None` without objects."""
        if not len(self.areas):
            return None
        return float(2 * np.sqrt(np.median(self.areas) / np.pi))


def evidence(
    labels: NDArray[np.uint32],
    maps: Maps,
    *,
    wanted: float,
    factor: float = 1.0,
    power: float = 0.5,
    origin: tuple[int, int] = (0, 0),
) -> Evidence:
    """Return how much speaks for the scale at which objects were found.

    Sure objects of about the wanted diameter speak for it, each with a power of its
    diameter in the picture: many specks, and a few doubtful clumps, say less than objects
    that fit. Where the network gives flows, an object is sure if they lead to its middle.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects 1 to n.
    maps : Maps
        Of the same grid.
    wanted : float
        Diameter at which the network was trained, in pixels.
    factor : float
        Pixels of these arrays per pixel of the picture.
    power : float
        The larger, the more a large object outweighs many small ones; a model's card
        tells the one chosen on validation data.
    origin : tuple of int
        Row and column of the picture at which these arrays begin.

    Returns
    -------
    Evidence

    Examples
    --------
    >>> squares = np.zeros((40, 40), np.uint32)
    >>> squares[2:20, 2:20], squares[22:25, 22:25] = 1, 2
    >>> sure = Maps(np.ones((40, 40), np.float32))
    >>> told = evidence(squares, sure, wanted=20, power=1)
    >>> round(told.total, 1), told.centres[0].tolist()
    (20.3, [11.0, 11.0])
    """
    places = np.flatnonzero(labels)
    number = labels.ravel()[places]
    area = np.bincount(number).astype(np.float64)[1:]
    doubt = np.abs(2 * maps.foreground.ravel()[places] - 1)
    sums = [
        np.bincount(number, values)[1:]
        for values in (doubt, places // labels.shape[1], places % labels.shape[1])
    ]
    kept = area > 0
    certainty, y, x = (total[kept] / area[kept] for total in sums)
    diameter = 2 * np.sqrt(area[kept] / np.pi)
    fits = np.exp(-0.5 * (np.log2(diameter / wanted) / _OCTAVES) ** 2)
    sureness = certainty**_CERTAIN
    if maps.flows is not None:
        sureness *= flow_features(labels, maps.flows)[1][kept].clip(0, 1) ** _LED
    return Evidence(
        (np.stack([y, x], axis=1) + 0.5) / factor + origin,
        area[kept] / factor**2,
        (diameter / factor) ** power * sureness * fits,
        sureness if maps.flows is not None else None,
    )


@dataclass(frozen=True, eq=False)
class Look(Generic[Found]):
    """What one look at a picture gave.

    Parameters
    ----------
    found : object
    factor : float
        Pixels of the look per pixel of the picture.
    told : Evidence
        Of its objects.
    counted : tuple of slice
        Where their centres lie; objects that the edge of a part may have cut are not
        counted.
    is_whole : bool
    """

    found: Found
    factor: float
    told: Evidence
    counted: Window
    is_whole: bool

    def speaks(self, where: "Look[Found]") -> float:
        """Return how much speaks for this scale in what another look saw too."""
        narrower = min(self.counted, where.counted, key=_extent)
        return self.told.inside(narrower).total


@dataclass(frozen=True)
class Fitted(Generic[Found]):
    """What was found at the scale that fits best.

    Parameters
    ----------
    found : object or None
        What the whole picture gave at that scale; `None` where only a part was looked at.
    factor : float
        Its pixels per pixel of the picture.
    diameter : float or None
        Typical diameter of the objects looked at, in pixels of the picture; `None`
        without objects.
    """

    found: Found | None
    factor: float
    diameter: float | None


@dataclass(frozen=True, eq=False)
class Picture(Generic[Found]):
    """A picture that can be looked at.

    Parameters
    ----------
    shape : tuple of int
        Its height and width.
    run : callable
        Takes a factor, pixels per pixel of the picture, and the part to look at; returns
        anything.
    judge : callable
        Takes what `run` returned, and its factor and part; returns the evidence.
    liveliest : callable
        Takes the side of a square in pixels; returns the row and column of the middle of
        the one to look at where far looks found nothing.
    """

    shape: tuple[int, int]
    run: Callable[[float, Window], Found]
    judge: Callable[[Found, float, Window], Evidence]
    liveliest: Callable[[int], tuple[float, float]]


def fitted(picture: Picture[Found], *, wanted: float) -> Fitted[Found]:
    """Look at a picture until its objects have the diameter that is wanted.

    A picture of at most a megapixel is first seen as it is: sure objects of the diameter
    wanted are enough. Else it is seen from far, then nearer by octaves, up to its own
    scale, and the best one is refined by the diameter of the objects found there. Near
    looks at a large picture see only the part where the far ones found most.

    Fails where objects are found at a wrong scale, such as the parts of a large one, and
    where that part is not like the rest.

    Parameters
    ----------
    picture : Picture
    wanted : float
        The diameter at which the network was trained, in pixels.

    Returns
    -------
    Fitted
        Without any objects, the picture's own scale.
    """
    search = _Search(picture)
    n_pixels = picture.shape[0] * picture.shape[1]
    factors = _octaves(n_pixels)
    if n_pixels <= _WHOLE_PIXELS:
        own = search.see(factors.pop())
        if own.told.convinces(wanted):
            return Fitted(own.found, own.factor, own.told.diameter)
    for factor in factors:
        search.see(factor)
    if search.best().told.diameter is None:
        search.see(allowed_factor(2.0, n_pixels))  # objects of a few pixels
    chosen = search.best()
    for _ in range(_MOST_REFINED):
        diameter = chosen.told.diameter
        if diameter is None:
            break
        ratio = wanted / (diameter * chosen.factor)
        following = allowed_factor(chosen.factor * ratio**_OVERSHOOT, n_pixels)
        close = _CLOSE if chosen.is_whole else _CLOSE_IN_PART
        if 1 / close <= following / chosen.factor <= close:
            break
        latest = search.see(following)
        if latest.speaks(chosen) < _REFINED * chosen.speaks(latest):
            break
        chosen = latest
    found = chosen.found if chosen.is_whole else None
    return Fitted(found, chosen.factor, chosen.told.diameter)


class _Search(Generic[Found]):
    """The looks at one picture."""

    def __init__(self, picture: Picture[Found]) -> None:
        self._picture = picture
        self._looks: list[Look[Found]] = []
        self._middle: tuple[float, float] | None = None

    def see(self, factor: float) -> Look[Found]:
        """Look at the picture, or at a part of it where all would be many pixels."""
        height, width = self._picture.shape
        n_pixels = height * width * min(factor, 1.0) ** 2
        is_whole = not self._looks or n_pixels <= _WHOLE_PIXELS
        window = counted = _everywhere(self._picture.shape)
        if not is_whole:
            window, counted = self._part(factor)
        found = self._picture.run(factor, window)
        told = self._picture.judge(found, factor, window)
        one = Look(found, factor, told.inside(counted), counted, is_whole)
        self._looks.append(one)
        return one

    def best(self) -> Look[Found]:
        """Return the look for which most speaks; of equal ones, that nearest to 1."""

        def better(one: Look[Found], other: Look[Found]) -> Look[Found]:
            own = (one.speaks(other), -abs(np.log2(one.factor)))
            return one if own >= (other.speaks(one), -abs(np.log2(other.factor))) else other

        return reduce(better, self._looks)

    def _part(self, factor: float) -> tuple[Window, Window]:
        """Return the part of the picture to look at, and where objects are whole."""
        if self._middle is None:
            self._middle = self._busiest()
        side, margin = round(_SIDE / factor), round(_SIDE / factor / 16)
        spans = [
            _span(middle, side, length)
            for middle, length in zip(self._middle, self._picture.shape, strict=True)
        ]
        rows, columns = (
            slice(
                span.start + margin * (span.start > 0),
                span.stop - margin * (span.stop < length),
            )
            for span, length in zip(spans, self._picture.shape, strict=True)
        )
        return (spans[0], spans[1]), (rows, columns)

    def _busiest(self) -> tuple[float, float]:
        """Return the middle of the part in which the best look found most."""
        told = self.best().told
        if not told.total:
            return self._picture.liveliest(_SIDE)
        centres = told.centres[np.argsort(-told.weights)[:_MOST_CENTRES]]
        apart = np.abs(centres[:, None] - told.centres[None]).max(axis=2)
        y, x = centres[np.argmax((apart < _SIDE / 2) @ told.weights)]
        return float(y), float(x)


def _everywhere(shape: tuple[int, int]) -> Window:
    return slice(0, shape[0]), slice(0, shape[1])


def _extent(window: Window) -> int:
    rows, columns = window
    return int((rows.stop - rows.start) * (columns.stop - columns.start))


def _span(middle: float, side: int, length: int) -> slice:
    """Return a span of an axis around a place, moved to lie within the axis."""
    start = max(min(round(middle - side / 2), length - side), 0)
    return slice(start, min(start + side, length))


def _octaves(n_pixels: int) -> list[float]:
    """Return factors from far to near, a power of two apart."""
    factors = [1.0]
    while (
        n_pixels * (factors[-1] / 2) ** 2 >= _FEWEST_PIXELS
        and factors[-1] / 2 >= SMALLEST_FACTOR
    ):
        factors.append(factors[-1] / 2)
    return factors[::-1]
