"""The first pass over tiles: where foreground is, and which of it is connected."""

from dataclasses import fields

import numpy as np

from segmetry.large.tile_parts import TileParts, parts_of_tile
from segmetry.large.units import join_parts
from segmetry.large.work import Work

__all__ = ["all_units", "look"]


def look(work: Work, tile: int) -> None:
    """Find the foreground of a tile, and keep it with its connected parts.

    Parameters
    ----------
    work : Work
    tile : int
        Number in the grid.
    """
    window = work.grid.core(tile)
    maps = work.without_edges().maps(window)
    foreground = (maps.foreground > maps.cutoff) & work.included(window)
    parts = parts_of_tile(
        foreground,
        window,
        work.shape,
        holes=work.segmenter.fill_holes,
        min_area=work.segmenter.min_area,
    )
    kept = {field.name: getattr(parts, field.name) for field in fields(parts)}
    work.store.write(
        f"foreground-{tile}", {"bits": np.packbits(foreground, axis=1), **kept}
    )


def all_units(work: Work) -> None:
    """Join the parts of all tiles, and keep the boxes of the units that they make."""
    names = [field.name for field in fields(TileParts)]
    tiles = []
    for tile in range(len(work.grid)):
        kept = work.store.read(f"foreground-{tile}")
        tiles.append(TileParts(**{name: kept[name] for name in names}))
    work.store.write("units", {"boxes": join_parts(work.grid, tiles)})
