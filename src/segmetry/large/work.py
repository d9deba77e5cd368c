"""What every worker has to know of a picture that is segmented tile by tile."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.large.boxes import Grid, within
from segmetry.large.store import Store
from segmetry.segment.segmenter import Maps, Segmenter
from segmetry.segment.windows import part_of
from segmetry.tiled import TiledImage, Window

__all__ = ["Work"]

_SHOWN = 2000  # pixels along the longer side of the copy that people look at


@dataclass(frozen=True)
class Work:
    """A picture, the method, and where what was found is kept.

    It holds no pixels and can be sent to other processes.

    Parameters
    ----------
    tiled : TiledImage
        With its pixel size, and all that is excluded.
    segmenter : Segmenter
    survey : Survey
        Of the picture, by the same segmenter.
    side : int
        Rows and columns of a tile.
    store : Store
        What is known so far.
    perimeters : tuple of str
        See `segmetry.measure.measure`.
    places_edges : bool
        Whether edges are placed halfway between an object and the ground.
    cuts_by_maps : bool
        Whether it takes more than the foreground to cut objects that touch.
    """

    tiled: TiledImage
    segmenter: Segmenter
    survey: Any
    side: int
    store: Store
    perimeters: tuple[str, ...] = ()
    places_edges: bool = True
    cuts_by_maps: bool = False

    @property
    def grid(self) -> Grid:
        """The tiles."""
        return Grid(self.tiled.spatial_shape, self.side)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the picture."""
        return self.tiled.spatial_shape

    @property
    def every(self) -> int:
        """Of so many rows and columns, one is in the reduced copy that people look at."""
        return -(-max(self.shape) // _SHOWN)

    @property
    def longest(self) -> int:
        """Pixels along a side up to which an object is seen with the tile it begins in."""
        return max(self.side // 8, 8)

    def maps(self, window: Window) -> Maps:
        """Return the maps of a window."""
        return self.segmenter.maps_in(self.tiled, window, self.survey)

    def included(self, window: Window) -> NDArray[np.bool_]:
        """Return which pixels of a window are part of the sample."""
        return self.tiled.read(window).included

    def foreground(self, window: Window) -> NDArray[np.bool_]:
        """Return the foreground of a window, which the first pass has kept."""
        found = np.zeros([side.stop - side.start for side in window], np.bool_)
        grid = self.grid
        for tile in grid.tiles_in(window):
            core = grid.core(tile)
            shared = _shared(core, window)
            bits = self.store.read_one(f"foreground-{tile}", "bits")
            own = within(shared, core)
            width = core[1].stop - core[1].start
            rows = np.unpackbits(bits[own[0]], axis=1, count=width)
            found[within(shared, window)] = rows[:, own[1]]
        return found

    def cut(self, foreground: NDArray[np.bool_], window: Window) -> NDArray[np.uint32]:
        """Return the objects of a foreground, touching ones cut apart."""
        nothing = Maps(np.zeros((0, 0), np.float32))
        maps = self.maps(window) if self.cuts_by_maps else nothing
        return self.segmenter.cut_apart(foreground, maps)

    def edge_grey(self, window: Window) -> tuple[NDArray[np.float32], float | None]:
        """Return the grey values in which edges of a window lie, and their contrast."""
        edges = getattr(self.survey, "edges", None)
        if edges is not None:  # to find the foreground once more would take twice as long
            part = part_of(self.tiled, window, edges.reach)
            return edges.of(part), self.survey.contrast
        maps = self.maps(window)
        assert maps.edge_grey is not None  # noqa: S101 - for the type checker
        return maps.edge_grey, maps.contrast

    def without_edges(self) -> "Work":
        """Return the same without what places edges, where only foreground is wanted."""
        if getattr(self.survey, "edges", None) is None:
            return self
        return replace(self, survey=replace(self.survey, edges=None))


def _shared(one: Window, other: Window) -> Window:
    rows, columns = (
        slice(max(a.start, b.start), min(a.stop, b.stop))
        for a, b in zip(one, other, strict=True)
    )
    return rows, columns
