"""The last pass: final labels written, and objects measured in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image, Labels
from segmetry.large.boxes import Boxes, as_boxes, grown, hull, meet, together, within
from segmetry.large.numbering import Finds
from segmetry.large.painting import paint
from segmetry.large.work import Work
from segmetry.measure.exposure import exposure_of
from segmetry.measure.objects import columns_of, find_objects
from segmetry.measure.some import MARGIN
from segmetry.tiled import Window

__all__ = [
    "COLUMN",
    "Lookup",
    "Writer",
    "labels_in",
    "lookup_of",
    "measure_long",
    "measure_tile",
    "mosaic",
]

COLUMN = "column "  # before the names of columns of the table, among what is kept

Columns = dict[str, NDArray[Any]]


class Writer(Protocol):
    """Where final labels go: it can be sent to other processes."""

    def write(self, window: Window, labels: NDArray[np.uint32]) -> None:
        """Write a window."""


@dataclass(frozen=True, eq=False)
class Lookup:
    """Where objects are kept: what a worker has to know to draw the labels of a window.

    Parameters
    ----------
    names : tuple of str
        Of the pieces of work that found objects.
    hulls : ndarray of int64, shape (n, 4)
        Around the objects of each.
    """

    names: tuple[str, ...]
    hulls: Boxes


def lookup_of(work: Work, finds: Finds) -> Lookup:
    """Keep the numbers of all objects, and return where they are."""
    for name, numbers in zip(finds.names, finds.numbers, strict=True):
        if len(numbers) and not work.store.has(f"numbers-{name}"):
            work.store.write(f"numbers-{name}", {"numbers": numbers})
    return Lookup(tuple(finds.names), finds.hulls)


def labels_in(work: Work, lookup: Lookup, window: Window) -> NDArray[np.uint32]:
    """Return the final labels of a window."""
    canvas = np.zeros([side.stop - side.start for side in window], np.uint32)
    for k in np.flatnonzero(meet(lookup.hulls, window)).tolist():
        name = lookup.names[k]
        numbers = work.store.read_one(f"numbers-{name}", "numbers")
        paint(canvas, window, work.store.read_runs(name, window[0]), numbers)
    return canvas


def measure_tile(work: Work, lookup: Lookup, writer: Writer | None, tile: int) -> None:
    """Write the labels of a tile, measure the objects that begin in it, and keep all.

    Objects whose background is that of the whole picture have none yet: see
    `segmetry.measure.intensity.local_background`.
    """
    core, name = work.grid.core(tile), f"tile-{tile}"
    boxes = as_boxes(work.store.read_one(name, "boxes"))
    window = core
    if len(boxes):
        around = grown(hull(boxes), MARGIN, work.shape)
        window = together(core, around)
    image = work.tiled.read(window)
    labels = labels_in(work, lookup, window)
    own = within(core, window)
    if writer is not None:
        writer.write(core, labels[own])
    rows = _rows(work, name, image, labels, window) if len(boxes) else {}
    work.store.write(f"rows-{tile}", rows | _seen(work, image, labels, core, window))


def measure_long(work: Work, lookup: Lookup, piece: int) -> None:
    """Measure one long object, and keep its row."""
    name = f"long-{piece}"
    boxes = as_boxes(work.store.read_one(name, "boxes"))
    rows: Columns = {}
    if len(boxes):
        window = grown(hull(boxes), MARGIN, work.shape)
        image, labels = work.tiled.read(window), labels_in(work, lookup, window)
        rows = _rows(work, name, image, labels, window)
    work.store.write(f"rows-{name}", rows)


def _rows(
    work: Work, name: str, image: Image, labels: NDArray[np.uint32], window: Window
) -> Columns:
    numbers = work.store.read_one(f"numbers-{name}", "numbers")
    objects = find_objects(
        Labels(labels, image),
        chosen=numbers,
        corner=(window[0].start, window[1].start),
    )
    columns = columns_of(
        objects,
        image,
        perimeters=work.perimeters,
        shape=work.shape,
        background=lambda: float("nan"),
    )
    return {f"{COLUMN}{column}": values for column, values in columns.items()}


def _of(excluded: NDArray[np.bool_] | None, own: Window) -> NDArray[np.bool_] | None:
    return None if excluded is None else excluded[own]


def _seen(
    work: Work, image: Image, labels: NDArray[np.uint32], core: Window, window: Window
) -> Columns:
    """Return what is told of a tile as a part of the picture."""
    own = within(core, window)
    inside = labels[own]
    few = tuple(
        slice(part.start + -side.start % work.every, part.stop, work.every)
        for side, part in zip(core, own, strict=True)
    )
    included = image.included
    part = replace(image, pixels=image.pixels[own], excluded=_of(image.excluded, own))
    exposure = exposure_of(part, inside > 0, core, work.shape)
    return {
        "counts": exposure.counts,
        "highest": np.array(exposure.highest),
        "values": exposure.values,
        "few_pixels": image.pixels[few],
        "few_labels": labels[few],
        "few_excluded": ~included[few],
    }


def mosaic(kept: Sequence[Columns], name: str, work: Work) -> NDArray[Any]:
    """Return the reduced copy of which each tile has a part."""
    n = work.grid.n_columns
    parts = [part[name] for part in kept]
    rows = [np.concatenate(parts[k : k + n], axis=1) for k in range(0, len(parts), n)]
    return np.concatenate(rows, axis=0)
