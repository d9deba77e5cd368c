"""Running a network over a picture of any size, tile by tile, without visible seams.

Tiles overlap, and each pixel takes its value from tiles in whose middle it lies: within
an overlap, a short smooth ramp in its centre leads from one tile to the next, and what
lies nearer to a tile's cut edge is not used. So a network that looks no further than 7/16
of the overlap gives the same maps tile by tile as on the whole picture, but for rounding.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from segmetry.models.card import Card
from segmetry.tiled import Window

__all__ = ["Predict", "Read", "TileSizes", "blended", "blended_in", "tile_sizes"]

Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]
Read = Callable[[Window], NDArray[np.float32]]  # of a window of a picture

_RAMP = 8  # the ramp is this part of an overlap, the rest of it is context
_TILE, _OVERLAP = 1024, 128


@dataclass(frozen=True, eq=False)
class _Span:
    """Where a tile lies along one axis.

    Parameters
    ----------
    start, stop : int
        Its pixels of the picture.
    size : int
        Its length, of which what lies outside the picture is filled by reflection.
    weight : ndarray of float32, shape (stop - start,)
        Those of all tiles add up to 1 at each pixel.
    """

    start: int
    stop: int
    size: int
    weight: NDArray[np.float32]

    def shows(self, side: slice) -> bool:
        """Return whether it gives anything to a stretch of the picture."""
        start, stop = max(self.start, side.start), min(self.stop, side.stop)
        return start < stop and bool(
            self.weight[start - self.start : stop - self.start].any()
        )


_Place = tuple[_Span, _Span]


class TileSizes(TypedDict):
    """What `blended` has to know of a network; see there."""

    tile: int
    overlap: int
    multiple: int
    shortest: int


def tile_sizes(card: Card) -> TileSizes:
    """Return the sizes of tiles that suit a network.

    Parameters
    ----------
    card : Card

    Returns
    -------
    TileSizes
        1024 pixels with an overlap of 128 where the network takes that, else the most
        that it takes with an overlap of up to half of it.

    Examples
    --------
    >>> card = Card(
    ...     name="cells",
    ...     created="2026-01-31",
    ...     architecture={},
    ...     channels=1,
    ...     outputs=["foreground"],
    ...     multiple=1,
    ...     scale="native",
    ...     shortest_px=200,
    ...     longest_px=200,
    ... )
    >>> tile_sizes(card)
    {'tile': 200, 'overlap': 100, 'multiple': 1, 'shortest': 200}
    """
    most = card.longest_px or max(_TILE, card.shortest_px, 2 * card.multiple)
    tile = most if card.shortest_px == most else most // card.multiple * card.multiple
    fitting = tile // 2 // card.multiple * card.multiple
    return TileSizes(
        tile=tile,
        overlap=min(_OVERLAP, fitting),
        multiple=card.multiple,
        shortest=card.shortest_px,
    )


def blended(
    predict: Predict,
    pixels: NDArray[np.float32],
    *,
    n_outputs: int,
    tile: int = _TILE,
    overlap: int = _OVERLAP,
    multiple: int = 16,
    shortest: int = 1,
) -> NDArray[np.float32]:
    """Return the maps of a picture, at its full resolution.

    Memory holds the maps once, and one tile.

    Parameters
    ----------
    predict : callable
        Takes a batch (N, C, y, x) of float32 and gives its maps (N, n_outputs, y, x).
    pixels : ndarray of float32, shape (Y, X, C)
    n_outputs : int
        How many maps there are.
    tile : int
        Longest side of a tile, in pixels. A picture that fits is one tile.
    overlap : int
        How far neighbouring tiles overlap at least, in pixels; rounded up to `multiple`.
        At most half of `tile`.
    multiple : int
        Tiles start at multiples of this and have sides of them, so that a network that
        halves its resolution does so in step. What the picture lacks is reflected.
    shortest : int
        Least side of a tile; where it is `tile`, all tiles are of that size.

    Returns
    -------
    ndarray of float32, shape (Y, X, n_outputs)

    Raises
    ------
    ValueError
        If tile, overlap and multiple do not fit together, or `predict` gives another
        shape than it should.

    Examples
    --------
    >>> ramp = np.linspace(0, 1, 50, dtype=np.float32)[None, :, None]
    >>> maps = blended(lambda x: x, ramp, n_outputs=1, tile=32, overlap=8, multiple=4)
    >>> bool(np.allclose(maps, ramp))
    True
    """
    height, width = pixels.shape[:2]
    return blended_in(
        predict,
        lambda window: pixels[window],
        (height, width),
        (slice(0, height), slice(0, width)),
        n_outputs=n_outputs,
        sizes={
            "tile": tile,
            "overlap": overlap,
            "multiple": multiple,
            "shortest": shortest,
        },
    )


def blended_in(
    predict: Predict,
    read: Read,
    shape: tuple[int, int],
    window: Window,
    *,
    n_outputs: int,
    sizes: TileSizes,
    kept: Path | None = None,
) -> NDArray[np.float32]:
    """Return the maps of a window of a picture: those of the whole, to the last bit.

    Tiles lie where they lie in the whole picture; those that the window shows are run.

    Parameters
    ----------
    predict : callable
        As for `blended`.
    read : callable
        Returns the pixels of a window of the picture, shape (y, x, C).
    shape : tuple of int
        Rows and columns of the picture.
    window : Window
    n_outputs : int
    sizes : TileSizes
        As for `blended`.
    kept : Path or None
        A folder in which the maps of tiles are kept, for other windows that show them.

    Returns
    -------
    ndarray of float32, shape (y, x, n_outputs)
    """
    tile, multiple, shortest = sizes["tile"], sizes["multiple"], sizes["shortest"]
    overlap = sizes["overlap"]
    overlap = _rounded_up(overlap, max(multiple, 1))
    if min(multiple, n_outputs) < 1 or overlap < 0 or tile < max(2 * overlap, multiple):
        msg = (
            "expected a tile of at least two overlaps and one multiple, got "
            f"tile={tile}, overlap={overlap}, multiple={multiple}, n_outputs={n_outputs}"
        )
        raise ValueError(msg)
    spans = (
        _spans(length, tile // multiple * multiple, overlap, multiple, shortest)
        for length in shape
    )
    rows, columns = (
        [span for span in along if span.shows(side)]
        for along, side in zip(spans, window, strict=True)
    )
    maps = np.zeros((n_outputs, *(side.stop - side.start for side in window)), np.float32)
    for down, across in product(rows, columns):
        # One by one: a batch of several may be computed otherwise, in the last bit.
        run = partial(_predicted, predict, read, down, across, n_outputs)
        _add(maps, window, (down, across), _once(run, kept, f"{down.start}-{across.start}"))
    return np.moveaxis(maps, 0, -1)


def _once(
    run: Callable[[], NDArray[np.float32]], kept: Path | None, name: str
) -> NDArray[np.float32]:
    """Return what a function gives, kept in a folder when it has been run once."""
    if kept is None:
        return run()
    path = kept / f"{name}.npy"
    if path.exists():
        return np.asarray(np.load(path, mmap_mode="r"))
    maps = run()
    # Whole or not at all, whoever else computes the same tile.
    unfinished = kept / f"{name}-{os.getpid()}.unfinished"
    with unfinished.open("wb") as file:
        np.save(file, maps)
    unfinished.replace(path)
    return maps


def _predicted(
    predict: Predict, read: Read, down: _Span, across: _Span, n_outputs: int
) -> NDArray[np.float32]:
    """Return the maps of a tile, shape (n_outputs, y, x)."""
    part = read((slice(down.start, down.stop), slice(across.start, across.stop)))
    lacking = [(0, span.size - (span.stop - span.start)) for span in (down, across)]
    if any(after for _, after in lacking):
        part = np.pad(part, [*lacking, (0, 0)], mode="reflect")
    tile = np.ascontiguousarray(np.moveaxis(part, -1, 0))[None]
    answer = predict(tile)
    expected = (1, n_outputs, *tile.shape[2:])
    if answer.shape != expected:
        msg = f"the network must give maps of shape {expected}, got {answer.shape}"
        raise ValueError(msg)
    return answer[0, :, : len(down.weight), : len(across.weight)]


def _add(
    maps: NDArray[np.float32], window: Window, place: _Place, answer: NDArray[np.float32]
) -> None:
    """Add what a tile gives to a window."""
    own, there, weights = [], [], []
    for span, side in zip(place, window, strict=True):
        start, stop = max(span.start, side.start), min(span.stop, side.stop)
        own.append(slice(start - span.start, stop - span.start))
        there.append(slice(start - side.start, stop - side.start))
        weights.append(span.weight[own[-1]])
    maps[:, there[0], there[1]] += answer[:, own[0], own[1]] * (
        weights[0][:, None] * weights[1]
    )


def _spans(
    length: int, tile: int, overlap: int, multiple: int, shortest: int = 1
) -> list[_Span]:
    """Lay tiles of one size along an axis, as few and as small as will do."""
    padded = _rounded_up(max(length, shortest), multiple)
    n_tiles = max(math.ceil((padded - overlap) / (tile - overlap)), 1)
    needed = math.ceil((padded + (n_tiles - 1) * overlap) / n_tiles)
    size = _rounded_up(max(needed, shortest), multiple)
    starts = [min(k * (size - overlap), padded - size) for k in range(n_tiles)]
    # Neighbours change over in the middle of their overlap.
    seams = [(after + before + size) / 2 for before, after in pairwise(starts)]
    ramp = overlap / _RAMP
    risen = [_risen(np.arange(length), seam, ramp) for seam in seams]
    spans = []
    for k, start in enumerate(starts):
        weight = np.ones(length)
        if k > 0:
            weight *= risen[k - 1]
        if k < len(seams):
            weight *= 1 - risen[k]
        stop = min(start + size, length)
        spans.append(_Span(start, stop, size, weight[start:stop].astype(np.float32)))
    return spans


def _risen(places: NDArray[np.intp], seam: float, ramp: float) -> NDArray[np.float64]:
    """Return 0 before a seam and 1 behind it, with half a wave of a cosine between."""
    share = np.clip((places + 0.5 - seam) / max(ramp, 1e-9) + 0.5, 0, 1)
    return np.asarray((1 - np.cos(np.pi * share)) / 2)


def _rounded_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
