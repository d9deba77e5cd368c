"""Objects from flows: each pixel follows the vectors that lead to its object's middle.

A heat source in an object's middle diffuses through the object, and each pixel's vector
points up the slope of the heat [1]_. A network learns these vectors. Pixels of the
foreground that follow them and end together are an object, so objects that touch are told
apart whatever their shape, as long as the way to the middle is shorter than the steps.

References
----------
.. [1] C. Stringer et al., Nature Methods 18, 2021. doi:10.1038/s41592-020-01018-x
"""

from dataclasses import dataclass

import cv2
import numba
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segmetry.segment.objects import fill_each, in_reading_order

__all__ = [
    "MARGIN",
    "FlowFrame",
    "end_cells",
    "ends",
    "follow_flows",
    "sinks",
    "towards_middles",
]

MARGIN = 8  # pixels of the flows around a piece of foreground that its points may enter

_FEWEST = 2  # pixels that end in a cell, for a sink to grow there; as in the paper
_GROWTH = 5  # cells by which a sink grows; as in the paper
_ALONE = 6  # steps, after which points that have met go on as one
_FINER = 2  # parts of a cell's side: points that are in one part have met
_FINEST = 2.0**20  # parts of a pixel to which places are told: sums of them are exact
_STEPS = (400, 1000)  # at least, as flows are slow near middles; and at most
_TOGETHER = 256  # points: one alone would wait at each step for its last one
_WIDEST = 128  # blocks across an object: the time that heat takes is the cube of them


@dataclass(frozen=True)
class FlowFrame:
    """Where a window of a picture and a window of its flows lie.

    Parameters
    ----------
    shape, grid_shape : tuple of int
        Rows and columns of the whole picture, and of all its flows.
    origin, grid_origin : tuple of int
        Row and column at which the window begins, and that of the flows.
    """

    shape: tuple[int, int]
    grid_shape: tuple[int, int]
    origin: tuple[int, int] = (0, 0)
    grid_origin: tuple[int, int] = (0, 0)

    @property
    def ratio(self) -> tuple[float, float]:
        """Pixels of the flows per pixel of the picture, down and across."""
        down, across = (
            fine / length for fine, length in zip(self.grid_shape, self.shape, strict=True)
        )
        return down, across

    def places(self, pixels: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return where pixels of the window lie in the grid of all flows.

        Multiples of a power of two, so that it does not matter where the window begins.
        """
        middles = (pixels + np.array(self.origin) + 0.5) * np.array(self.ratio) - 0.5
        return np.asarray(np.rint(middles * _FINEST) / _FINEST)


def follow_flows(
    foreground: NDArray[np.bool_],
    flows: NDArray[np.float32],
    *,
    least: float = 10,
    min_area: int = 1,
    steps: int | None = None,
    frame: FlowFrame | None = None,
) -> NDArray[np.uint32]:
    """Give pixels of the foreground that end together the number of an object.

    Each connected piece of the foreground is cut by itself, so that it is cut alike in a
    window of the picture that holds it and `MARGIN` pixels of the flows around it. No
    pixel outside the foreground is numbered. A pixel of the foreground stays 0

    - if it ends where too few others end, unless one object alone encloses it;
    - if its object is smaller than `min_area`.

    Takes about 0.3 s of one core for a megapixel with 500 nuclei on a fifth of it.

    Parameters
    ----------
    foreground : ndarray of bool, shape (Y, X)
    flows : ndarray of float32, shape (Y', X', 2)
        Rows and columns by which a pixel moves in a step. Of length 1 where a network is
        certain; see `towards_middles`. They may be finer or coarser than the foreground,
        of which they cover the same field.
    least : float
        An object needs a cell where more pixels than this end. In pixels of the flows.
    min_area : int
        Smaller objects are dropped. In pixels.
    steps : int or None
        Pixels are followed for so many steps; `None` takes the longer side of their piece
        of the foreground, in pixels of the flows, from 400 to 1000.
    frame : FlowFrame or None
        Where these arrays lie in a picture and its flows; `None` where they are all of it.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        0 is background; objects are 1 to n without gaps, in reading order.

    Raises
    ------
    ValueError
        If `foreground` is not boolean with two axes, or `flows` are not two finite
        numbers for each of its pixels.

    Examples
    --------
    >>> labels = np.repeat(np.array([[1, 2]], np.uint32), 5, axis=1).repeat(5, axis=0)
    >>> found = follow_flows(labels > 0, towards_middles(labels))
    >>> np.array_equal(found, labels)
    True
    """
    _check(foreground, flows)
    flows = np.ascontiguousarray(flows, dtype=np.float32)
    if frame is None:
        frame = FlowFrame(foreground.shape, flows.shape[:2])
    pieces, boxes = cv2.connectedComponentsWithStats(
        np.ascontiguousarray(foreground).view(np.uint8), connectivity=8
    )[1:3]
    labels = np.zeros(foreground.shape, np.uint32)
    n_objects = 0
    for number, (left, top, width, height, _) in enumerate(boxes[1:], start=1):
        box = slice(top, top + height), slice(left, left + width)
        piece = pieces[box] == number
        places = frame.places(np.argwhere(piece) + np.array((top, left)))
        owners = _owners(places, flows, frame, least=least, steps=steps)
        found = np.zeros(piece.shape, np.uint32)
        found[piece] = owners
        if not owners.all():
            found = np.where(piece, fill_each(found), np.uint32(0))
        labels[box][piece] = np.where(found > 0, found + n_objects, 0)[piece]
        n_objects += int(owners.max())
    return in_reading_order(labels, min_area=min_area)


def _owners(
    places: NDArray[np.float64],
    flows: NDArray[np.float32],
    frame: FlowFrame,
    *,
    least: float,
    steps: int | None,
) -> NDArray[np.uint32]:
    """Return the number of the object of each point of a piece, 0 where it has none."""
    ends_of_grid = np.array(frame.grid_shape) - 1
    first = np.maximum(np.floor(places.min(axis=0)).astype(np.intp) - MARGIN, 0)
    last = np.minimum(np.ceil(places.max(axis=0)).astype(np.intp) + MARGIN, ends_of_grid)
    if steps is None:
        steps = int(np.clip(np.ceil(np.ptp(places, axis=0).max()) + 1, *_STEPS))
    rows, columns = (
        slice(start - origin, stop + 1 - origin)
        for start, stop, origin in zip(first, last, frame.grid_origin, strict=True)
    )
    around = np.ascontiguousarray(flows[rows, columns])
    cells = end_cells(places - first, around, steps=steps)
    weight = frame.ratio[0] * frame.ratio[1]
    return sinks(cells, around.shape[:2], least=least, weight=weight).ravel()[cells]


def end_cells(
    starts: NDArray[np.float64] | NDArray[np.intp],
    flows: NDArray[np.float32],
    *,
    steps: int,
) -> NDArray[np.intp]:
    """Return the cells in which points are after all steps, nearly those of `ends`.

    Points that are in one quarter of a cell after some steps go on together: most have met
    by then, and few are left to follow.

    Parameters
    ----------
    starts, flows, steps
        As for `ends`.

    Returns
    -------
    ndarray of intp, shape (n_points,)
        Index of each one's cell in the flattened grid.

    Examples
    --------
    >>> end_cells(np.array([[1, 0]]), np.full((3, 9, 2), (0, 0.5), np.float32), steps=4)
    array([11])
    """
    places = np.ascontiguousarray(starts, dtype=np.float64)
    return np.asarray(_end_cells(places, np.ascontiguousarray(flows), steps))


@numba.njit(cache=True)
def _end_cells(starts, flows, steps):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 # pragma: no cover
    height, width = flows.shape[:2]
    row_of_parts = _FINER * width
    number = np.full(_FINER * height * row_of_parts, -1, np.int32)
    member = np.arange(len(starts))
    places, left = starts, steps
    while left > _ALONE:
        moved = _ends(places, flows, _ALONE)
        met = np.empty(len(moved), np.int64)
        meets = np.empty(len(moved), np.int64)
        n_met = 0
        for k in range(len(moved)):
            row = int(np.rint(_FINER * moved[k, 0]))
            part = row * row_of_parts + int(np.rint(_FINER * moved[k, 1]))
            if number[part] < 0:
                number[part] = n_met
                met[n_met] = part
                n_met += 1
            meets[k] = number[part]
        places = np.empty((n_met, 2))
        for k in range(n_met):
            number[met[k]] = -1
            places[k, 0] = (met[k] // row_of_parts) / _FINER
            places[k, 1] = (met[k] % row_of_parts) / _FINER
        for k in range(len(member)):
            member[k] = meets[member[k]]
        left -= _ALONE
    moved = _ends(places, flows, left)
    cells = np.empty(len(moved), np.int64)
    for k in range(len(moved)):
        cells[k] = int(np.rint(moved[k, 0])) * width + int(np.rint(moved[k, 1]))
    return cells[member]


def ends(
    starts: NDArray[np.float64] | NDArray[np.intp],
    flows: NDArray[np.float32],
    *,
    steps: int,
) -> NDArray[np.float64]:
    """Return where points are after all steps; between pixels, vectors are interpolated.

    Parameters
    ----------
    starts : ndarray, shape (n_points, 2)
        Row and column, between pixels too.
    flows : ndarray of float32, shape (Y, X, 2)
    steps : int

    Returns
    -------
    ndarray of float64, shape (n_points, 2)
        A point that would leave the picture stays at its edge.

    Examples
    --------
    >>> ends(np.array([[1, 0]]), np.full((3, 9, 2), (0, 0.5), np.float32), steps=4)
    array([[1., 2.]])
    """
    places = np.ascontiguousarray(starts, dtype=np.float64)
    return np.asarray(_ends(places, np.ascontiguousarray(flows), steps))


@numba.njit(cache=True)
def _ends(starts, flows, steps):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 # pragma: no cover
    height, width = flows.shape[:2]
    bottom, right = height - 1.0, width - 1.0
    places = np.empty_like(starts)
    for k in range(len(starts)):
        places[k, 0] = min(max(starts[k, 0], 0.0), bottom)
        places[k, 1] = min(max(starts[k, 1], 0.0), right)
    for first in range(0, len(starts), _TOGETHER):
        some = places[first : first + _TOGETHER]
        for _ in range(steps):
            for k in range(len(some)):
                row, column = some[k]
                # A picture of one row has none below: -1 is that row too, of weight 0.
                y, x = min(int(row), height - 2), min(int(column), width - 2)
                v, u = row - y, column - x
                a, b, c, d = (1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u
                near, far = flows[y, x], flows[y, x + 1]
                below, beyond = flows[y + 1, x], flows[y + 1, x + 1]
                down = a * near[0] + b * far[0] + c * below[0] + d * beyond[0]
                along = a * near[1] + b * far[1] + c * below[1] + d * beyond[1]
                row += np.rint(down * _FINEST) / _FINEST
                column += np.rint(along * _FINEST) / _FINEST
                some[k, 0] = min(max(row, 0.0), bottom)
                some[k, 1] = min(max(column, 0.0), right)
    return places


def sinks(
    cells: NDArray[np.intp], shape: tuple[int, ...], *, least: float, weight: float = 1.0
) -> NDArray[np.uint32]:
    """Return the number of the sink of each cell, 0 where too few pixels end.

    A sink begins where more pixels end than in any other cell within 2, or in the cells
    there that tie, and grows by up to 5 cells where at least 3 pixels end. Where two meet,
    the fuller one takes the cell, so that the answer turns with the picture.

    Parameters
    ----------
    cells : ndarray of intp, shape (n_pixels,)
        Where each pixel ends: indices in the flattened grid.
    shape : tuple of int
        (Y, X) of the picture.
    least : float
        A sink needs a cell where more pixels than this end.
    weight : float
        What one of them counts: where they are finer than the cells, less than 1.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        1 to n, the fullest last.

    Examples
    --------
    >>> sinks(np.array([0] * 8 + [1] * 4 + [5] * 9), (1, 6), least=7)
    array([[1, 1, 0, 0, 0, 2]], dtype=uint32)
    """
    # OpenCV dilates no integers of 32 bits; float32 holds numbers up to 16 million.
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).astype(np.float32)
    counts = counts.reshape(shape) * np.float32(weight)
    highest = cv2.dilate(counts, np.ones((5, 5), np.uint8))
    peaks = (counts == highest) & (counts > least)
    # Widened by one to one side, cells are neighbours where they were within 2.
    joined = cv2.dilate(peaks.view(np.uint8), np.ones((2, 2), np.uint8))
    count, regions = cv2.connectedComponents(joined, connectivity=8)
    regions[~peaks] = 0
    fullness = np.zeros(count, np.float32)
    fullness[regions[peaks]] = counts[peaks]
    names = np.argsort(np.argsort(fullness, kind="stable"), kind="stable")
    grown = names.astype(np.float32)[regions]
    empty = np.flatnonzero((counts > _FEWEST) & (grown == 0))
    for _ in range(_GROWTH):
        wider = cv2.dilate(grown, np.ones((3, 3), np.uint8))
        grown.ravel()[empty] = wider.ravel()[empty]
        empty = empty[grown.ravel()[empty] == 0]
    return grown.astype(np.uint32)


def towards_middles(labels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return unit vectors (row, column) towards the middles of objects.

    Heat spreads through objects wider than 126 pixels in blocks of 2 x 2 pixels or more:
    there, the way may cross gaps that are narrower than a block. Takes about 0.09 s of one
    core for a disc 1000 pixels wide.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)

    Returns
    -------
    ndarray of float32, shape (Y, X, 2)
        0 in the background, and where no way leads to the middle within the object.

    Examples
    --------
    >>> towards_middles(np.ones((1, 3), np.uint32))[..., 1]
    array([[ 1.,  0., -1.]], dtype=float32)
    """
    vectors = np.zeros((*labels.shape, 2), np.float32)
    for number, box in enumerate(ndimage.find_objects(labels.astype(np.int64)), start=1):
        if box is None:
            continue
        inside = np.pad(labels[box] == number, 1)
        slopes = np.stack(np.gradient(_warmth(inside)), axis=-1)
        lengths = np.linalg.norm(slopes, axis=-1, keepdims=True)
        units = (slopes / np.maximum(lengths, 1e-20))[1:-1, 1:-1]
        here = inside[1:-1, 1:-1]
        vectors[box][here] = units[here]
    return vectors


def _warmth(inside: NDArray[np.bool_]) -> NDArray[np.floating]:
    """Return the logarithm of the heat in an object that is framed by background."""
    side = -(-max(inside.shape) // _WIDEST)
    if side == 1:
        return _heat(inside, *_middle(inside))
    # The same frame in blocks, and as many more behind as fill the last ones.
    fill = [(side - 1, side - 1 + -(length - 2) % side) for length in inside.shape]
    framed = np.pad(inside, fill)
    rows, columns = framed.shape[0] // side, framed.shape[1] // side
    blocks = np.any(framed.reshape(rows, side, columns, side), axis=(1, 3))
    heat = _heat(blocks, *_middle(blocks)).astype(np.float32)
    wide = cv2.resize(heat, framed.shape[::-1], interpolation=cv2.INTER_LINEAR)
    height, width = inside.shape
    return wide[side - 1 : side - 1 + height, side - 1 : side - 1 + width]


def _middle(inside: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the pixel of an object that is nearest to the median of all."""
    pixels = np.argwhere(inside)
    away = ((pixels - np.median(pixels, axis=0)) ** 2).sum(axis=1)
    row, column = pixels[away.argmin()]
    return int(row), int(column)


@numba.njit(cache=True)
def _heat(inside, row, column):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 # pragma: no cover
    """Return the logarithm of the heat in an object whose mask is framed by background."""
    height, width = inside.shape
    share = np.where(inside, 1 / 9, 0.0)  # a factor, as a branch costs more
    heat = np.zeros((height, width))
    after = np.zeros((height, width))
    for _ in range(2 * (height + width)):
        heat[row, column] += 1
        for y in range(1, height - 1):
            above, own, below = heat[y - 1], heat[y], heat[y + 1]
            for x in range(1, width - 1):
                total = above[x - 1] + above[x] + above[x + 1]
                total += own[x - 1] + own[x] + own[x + 1]
                total += below[x - 1] + below[x] + below[x + 1]
                after[y, x] = share[y, x] * total
        heat, after = after, heat
    return np.log1p(heat)


def _check(foreground: NDArray[np.bool_], flows: NDArray[np.float32]) -> None:
    if foreground.dtype != bool or foreground.ndim != 2:
        msg = (
            "foreground must be boolean with the two axes Y and X, got "
            f"{foreground.dtype} of shape {foreground.shape}"
        )
        raise ValueError(msg)
    if flows.ndim != 3 or flows.shape[-1] != 2 or not np.isfinite(flows).all():
        msg = f"flows must be finite numbers of shape (Y, X, 2), got {flows.shape}"
        raise ValueError(msg)
