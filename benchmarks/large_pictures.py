"""Large drawn pictures, drawn window by window: their size on disk is the only limit.

Every pixel is a function of the seed and its place, so any window is the same whatever is
drawn around it, and a picture needs no file: `DrawnPicture` is a `TiledImage`. Run it with
`python benchmarks/large_pictures.py FILE.ome.zarr --side 20000 --objects 258000`.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Axes, Image, PixelSize
from segmetry.io import write_ome_tiff, write_ome_zarr
from segmetry.tiled import Window

_BACKGROUND, _OBJECT = 40.0, 150.0
_PIXEL_SIZE = PixelSize(0.5, 0.5, "um", "drawn")
_JITTER = 25.0  # of the brightness of objects
_NOISE = 6.0  # standard deviation
_BLOCK = 512  # noise is drawn in blocks, so that any window gets the same
_SHARES = (0.5, 0.25, 0.15, 0.1)  # of discs, ellipses, touching pairs, rings
_DIM = 0.35  # of the light is lost in the corners, where light is uneven
_REACH = 0.48  # of the side of a cell: farthest that an object goes from its middle


@dataclass(frozen=True, eq=False)
class Scene:
    """The objects of a picture: ellipses, of which some have a hole.

    Parameters
    ----------
    y, x : ndarray of float64, shape (n,)
        Centres, sorted by the row of cells that they lie in.
    long, short : ndarray of float64, shape (n,)
        Semi-axes.
    angle : ndarray of float64, shape (n,)
    hole : ndarray of float64, shape (n,)
        Share of the axes that is empty; 0 for most.
    value : ndarray of float64, shape (n,)
        Brightness.
    first : ndarray of intp
        For each row of cells the number of its first object, and the end.
    fibres : ndarray of float64, shape (m, columns)
        For each column the middle row of a fibre.
    half : float
        Half the width of fibres.
    n_touching : int
        Pairs of objects that touch.
    """

    y: NDArray[np.float64]
    x: NDArray[np.float64]
    long: NDArray[np.float64]
    short: NDArray[np.float64]
    angle: NDArray[np.float64]
    hole: NDArray[np.float64]
    value: NDArray[np.float64]
    first: NDArray[np.intp]
    fibres: NDArray[np.float64]
    half: float
    n_touching: int


@dataclass(frozen=True)
class DrawnPicture:
    """A drawn picture of discs, ellipses, touching pairs, rings and long fibres.

    Parameters
    ----------
    side : int
        Rows, and columns.
    n_objects : int
        About so many objects beside fibres.
    seed : int
    n_fibres : int
        Each runs from the left edge to the right one.
    uneven : bool
        Whether the corners get less light.
    noise : float
        Standard deviation in grey values.
    """

    side: int
    n_objects: int
    seed: int = 0
    n_fibres: int = 3
    uneven: bool = False
    noise: float = _NOISE

    axes: Axes = "YX"
    pixel_size: PixelSize = _PIXEL_SIZE

    @property
    def name(self) -> str:
        """What it is called."""
        return f"drawn {self.side} seed {self.seed}"

    @property
    def spatial_shape(self) -> tuple[int, int]:
        """Number of its rows and columns."""
        return self.side, self.side

    @property
    def scene(self) -> Scene:
        """Its objects."""
        return _scene(self.side, self.n_objects, self.n_fibres, self.seed)

    @property
    def n_drawn(self) -> int:
        """Number of objects, fibres too; objects that touch count one by one."""
        return len(self.scene.y) + len(self.scene.fibres)

    @property
    def n_connected(self) -> int:
        """Number of objects, where objects that touch are one."""
        return self.n_drawn - self.scene.n_touching

    def read(self, window: Window) -> Image:
        """Draw a window."""
        signal = self._signal(window)
        if self.uneven:
            signal *= _light(window, self.side)
        if self.noise:
            signal += self.noise * _noise(window, self.seed)
        pixels = np.clip(np.rint(signal), 0, 255).astype(np.uint8)
        return Image(pixels, pixel_size=self.pixel_size, name=self.name)

    def _signal(self, window: Window) -> NDArray[np.float32]:
        rows, columns = window
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        signal = np.full(shape, _BACKGROUND, np.float32)
        scene = self.scene
        for number in _touched(scene, window, self.side / (len(scene.first) - 1)):
            _draw(signal, scene, number, window)
        for middle in scene.fibres:
            _draw_fibre(signal, middle, scene.half, window)
        return signal


@lru_cache(maxsize=2)
def _scene(side: int, n_objects: int, n_fibres: int, seed: int) -> Scene:
    rng = np.random.default_rng([seed, 1])
    n_cells = _n_cells(n_objects)
    cell = side / n_cells
    reach = _REACH * cell
    fibres, half = _fibres(rng, side, n_fibres), max(1.5, cell / 12)
    row, column = (at.ravel().astype(float) for at in np.indices((n_cells, n_cells)))
    y, x = (row + 0.5) * cell, (column + 0.5) * cell
    free = np.ones(len(y), bool)
    for middle in fibres:
        free &= (y + cell + half < middle.min()) | (y - cell - half > middle.max())
    y, x = y[free], x[free]
    kind = rng.choice(4, len(y), p=_SHARES)
    long = rng.uniform(0.35, 0.75, len(y)) * reach
    short = np.where(kind == 1, long * rng.uniform(0.4, 0.8, len(y)), long)
    # The discs of a pair lie side by side and share a few pixels of their outlines.
    is_pair = kind == 2
    long[is_pair] = short[is_pair] = 0.45 * reach
    apart = np.where(is_pair, 0.42 * reach, 0)
    angle = rng.uniform(0, np.pi, len(y))
    y += rng.uniform(-1, 1, len(y)) * (reach - long - apart)
    x += rng.uniform(-1, 1, len(y)) * (reach - long - apart)
    value = _OBJECT + rng.uniform(-_JITTER, _JITTER, len(y))
    rest = (long, short, angle, np.where(kind == 3, 0.5, 0), value)
    shift_y, shift_x = apart * np.sin(angle), apart * np.cos(angle)
    ones = np.stack([y + shift_y, x + shift_x, *rest])
    others = np.stack([y - shift_y, x - shift_x, *rest])[:, is_pair]
    table = np.concatenate([ones, others], axis=1)
    in_row = table[0] // cell
    order = np.lexsort((table[1], in_row))
    first = np.searchsorted(in_row[order], np.arange(n_cells + 1))
    return Scene(*table[:, order], first, fibres, half, int(is_pair.sum()))


def _n_cells(n_objects: int) -> int:
    return max(1, round((n_objects / (1 + _SHARES[2])) ** 0.5))


def _fibres(rng: np.random.Generator, side: int, n_fibres: int) -> NDArray[np.float64]:
    columns = np.arange(side)
    middle = (np.arange(n_fibres) + rng.uniform(0.3, 0.7, n_fibres)) * side / n_fibres
    height = rng.uniform(0.001, 0.004, n_fibres) * side
    length = rng.uniform(0.15, 0.5, n_fibres) * side
    phase = rng.uniform(0, 2 * np.pi, n_fibres)
    waves = 2 * np.pi * columns / length[:, None] + phase[:, None]
    return middle[:, None] + height[:, None] * np.sin(waves)


def _touched(scene: Scene, window: Window, cell: float) -> Iterator[int]:
    """Yield the numbers of the objects that may reach into a window."""
    rows, columns = window
    n_rows = len(scene.first) - 1
    start = max(0, int((rows.start - cell) // cell))
    stop = min(n_rows, int((rows.stop + cell) // cell) + 1)
    for row in range(start, stop):
        first, end = scene.first[row : row + 2]
        sides = (columns.start - cell, columns.stop + cell)
        low, high = np.searchsorted(scene.x[first:end], sides)
        yield from range(first + low, first + high)


def _draw(signal: NDArray[np.float32], scene: Scene, number: int, window: Window) -> None:
    y, x, long, short = (
        float(part[number]) for part in (scene.y, scene.x, scene.long, scene.short)
    )
    top, bottom = _span(y, long, window[0])
    left, right = _span(x, long, window[1])
    if top >= bottom or left >= right:
        return
    down = (np.arange(top, bottom) - y)[:, None]
    across = np.arange(left, right) - x
    sine, cosine = np.sin(scene.angle[number]), np.cos(scene.angle[number])
    along = (across * cosine + down * sine) / long
    beside = (down * cosine - across * sine) / short
    apart = np.sqrt(along * along + beside * beside)
    share = np.clip((1 - apart) * short + 0.5, 0, 1)
    if scene.hole[number]:
        share *= np.clip((apart - scene.hole[number]) * short + 0.5, 0, 1)
    grey = _BACKGROUND + (scene.value[number] - _BACKGROUND) * share
    box = signal[
        top - window[0].start : bottom - window[0].start,
        left - window[1].start : right - window[1].start,
    ]
    np.maximum(box, grey.astype(np.float32), out=box)


def _span(middle: float, reach: float, side: slice) -> tuple[int, int]:
    start, stop = int(middle - reach) - 1, int(middle + reach) + 3
    return max(start, side.start), min(stop, side.stop)


def _draw_fibre(
    signal: NDArray[np.float32], middle: NDArray[np.float64], half: float, window: Window
) -> None:
    rows, columns = window
    here = middle[columns]
    top = max(rows.start, int(here.min() - half) - 1)
    bottom = min(rows.stop, int(here.max() + half) + 3)
    if top >= bottom:
        return
    apart = np.abs(np.arange(top, bottom)[:, None] - here)
    grey = _BACKGROUND + (_OBJECT - _BACKGROUND) * np.clip(half - apart + 0.5, 0, 1)
    box = signal[top - rows.start : bottom - rows.start]
    np.maximum(box, grey.astype(np.float32), out=box)


def _light(window: Window, side: int) -> NDArray[np.float32]:
    """Return the share of the light that is left: less with the square of the distance."""
    down, across = (np.arange(part.start, part.stop) / side - 0.5 for part in window)
    lost = 2 * _DIM * (down[:, None] ** 2 + across**2)
    return (1 - lost).astype(np.float32)


def _noise(window: Window, seed: int) -> NDArray[np.float32]:
    rows, columns = window
    found = np.empty((rows.stop - rows.start, columns.stop - columns.start), np.float32)
    for i in range(rows.start // _BLOCK, -(-rows.stop // _BLOCK)):
        for j in range(columns.start // _BLOCK, -(-columns.stop // _BLOCK)):
            rng = np.random.default_rng([seed, 2, i, j])
            block = rng.standard_normal((_BLOCK, _BLOCK), np.float32)
            down, part_down = _shared(i, rows)
            across, part_across = _shared(j, columns)
            found[down, across] = block[part_down, part_across]
    return found


def _shared(block: int, side: slice) -> tuple[slice, slice]:
    """Return where a block lies in a window, and which part of the block that is."""
    start, stop = max(block * _BLOCK, side.start), min((block + 1) * _BLOCK, side.stop)
    inside = slice(start - block * _BLOCK, stop - block * _BLOCK)
    return slice(start - side.start, stop - side.start), inside


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path, help="NAME.ome.zarr or NAME.ome.tif")
    parser.add_argument("--side", type=int, default=20_000, help="rows, and columns")
    parser.add_argument("--objects", type=int, default=258_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--uneven", action="store_true", help="less light in the corners")
    parser.add_argument("--version", choices=("0.4", "0.5"), default="0.4")
    asked = parser.parse_args()
    picture = DrawnPicture(asked.side, asked.objects, asked.seed, uneven=asked.uneven)
    start = time.process_time()
    if asked.out.suffix == ".zarr":
        write_ome_zarr(asked.out, picture, version=asked.version)
    else:
        write_ome_tiff(asked.out, picture)
    spent = time.process_time() - start
    print(
        f"{picture.n_drawn:,} objects, {picture.n_connected:,} where those that touch "
        f"are one; {spent:.0f} CPU s"
    )


if __name__ == "__main__":
    main()
