"""The final shape of objects: their edges placed as in the whole picture.

What comes of an edge depends on what lies within `segmetry.segment.edges.CONTEXT` pixels,
and on how bright whole objects there are. So an object is seen in a window that holds all
of that: most of them with the others that begin in the same tile, and long ones alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.large.boxes import Boxes, grown, hull, meet, together, within
from segmetry.large.cutting import Known, Scene, cut_window
from segmetry.large.painting import boxes_of, first_pixels_of, runs_of
from segmetry.large.work import Work
from segmetry.segment.edges import CONTEXT, ROUNDS, mean_inside, move_edges, one_piece_each
from segmetry.segment.objects import fill_each
from segmetry.tiled import Window

__all__ = ["areas_in_tile", "brightness_of", "place_long", "place_tile", "reach_of"]

_GROWTH = 5  # pixels by which an object may grow in a round
_REACH = ROUNDS * (CONTEXT + _GROWTH)


@dataclass(frozen=True, eq=False)
class _Owned:
    """The objects that a window is looked at for: numbers, ascending, and boxes."""

    ids: NDArray[np.uint32]
    boxes: Boxes


def place_tile(work: Work, known: Known, tile: int) -> None:
    """Find the final shape of the objects that begin in a tile, and keep it."""
    core = work.grid.core(tile)
    scene = _scene_of_tile(work, known, core)
    if scene is None:
        _keep(work, f"tile-{tile}", np.zeros((0, 4), np.int32), 0)
        return
    owned = _beginning_in(scene, known, core)
    _keep(work, f"tile-{tile}", *_final_runs(work, known, scene, owned))


def place_long(work: Work, known: Known, piece: int) -> None:
    """Find the final shape of one long object, and keep it."""
    window = grown(hull(known.pieces[piece][None]), reach_of(work), work.shape)
    scene = cut_window(work, known, known.around(window, work.shape))
    number = scene.n_small + 1 + int(np.searchsorted(scene.pieces, piece))
    owned = _Owned(np.array([number], np.uint32), known.pieces[piece][None])
    if known.area[piece] < known.least_area:
        owned = _Owned(owned.ids[:0], owned.boxes[:0])
    _keep(work, f"long-{piece}", *_final_runs(work, known, scene, owned))


def areas_in_tile(work: Work, known: Known, tile: int) -> None:
    """Keep the areas of the objects that begin in a tile, before edges are placed."""
    core = work.grid.core(tile)
    scene = _scene_of_tile(work, known, core)
    areas = np.zeros(0, np.int64)
    if scene is not None:
        ids = _beginning_in(scene, known, core).ids
        areas = np.bincount(scene.labels.ravel(), minlength=scene.n_labels + 1)[ids]
    work.store.write(f"areas-{tile}", {"area": areas})


def brightness_of(work: Work, known: Known, piece: int) -> None:
    """Keep how bright a long object is inside, which decides where its edges lie."""
    box = hull(known.pieces[piece][None])
    window = grown(box, 1, work.shape)
    scene = cut_window(work, known, known.around(window, work.shape))
    inner = within(window, scene.window)
    labels = scene.labels[inner]
    number = scene.n_small + 1 + int(np.searchsorted(scene.pieces, piece))
    ordered = np.where(labels == number, 1, (labels > 0) * np.uint32(2)).astype(np.uint32)
    grey, _ = work.edge_grey(window)
    holes = scene.holes[inner]
    mean = mean_inside(ordered, grey, scene.included[inner], holes=holes)
    work.store.write(f"bright-{piece}", {"mean": np.append(mean, np.float32(np.nan))[1]})


def _scene_of_tile(work: Work, known: Known, core: Window) -> Scene | None:
    """Return the objects around a tile; `None` where none can begin in it."""
    met = known.short[meet(known.short, core)]
    if not len(met):
        return None
    window = grown(hull(met), reach_of(work), work.shape)
    return cut_window(work, known, known.around(window, work.shape))


def reach_of(work: Work) -> int:
    """Return how far around an object all has to be seen, in pixels."""
    return _REACH if work.places_edges else 0


def _beginning_in(scene: Scene, known: Known, core: Window) -> _Owned:
    """Return the objects whose first pixel lies in a tile, but for long ones."""
    ids = np.arange(1, scene.n_labels + 1, dtype=np.uint32)
    runs = runs_of(scene.labels, scene.window, ids)
    firsts = first_pixels_of(runs, len(ids))
    boxes = boxes_of(runs, len(ids))
    is_owned = boxes[:, 2] > 0
    for side, first in zip(core, firsts.T, strict=True):
        is_owned &= (side.start <= first) & (first < side.stop)
    is_owned[scene.n_small :] &= ~known.is_long[scene.pieces]
    return _Owned(ids[is_owned], boxes[is_owned])


def _final_runs(
    work: Work, known: Known, scene: Scene, owned: _Owned
) -> tuple[NDArray[np.int32], int]:
    """Return the runs of objects in their final shape, and how many there are."""
    labels, window, ids = scene.labels, scene.window, owned.ids
    if work.places_edges and len(ids):
        labels, window = _placed(work, known, scene, hull(owned.boxes))
        areas = np.bincount(labels.ravel(), minlength=scene.n_labels + 1)[ids]
        ids = ids[areas >= max(work.segmenter.min_area, 1)]
    return runs_of(labels, window, ids), len(ids)


def _placed(
    work: Work, known: Known, scene: Scene, objects: Window
) -> tuple[NDArray[np.uint32], Window]:
    """Return labels with placed edges in a window around objects, and the window."""
    brightness = np.full(scene.n_labels + 1, np.inf, np.float32)
    is_long = known.is_long[scene.pieces]
    brightness[scene.n_small + 1 :][is_long] = known.brightness[scene.pieces[is_long]]
    # The second round looks at `last`; the first at what decides that, with all objects
    # whose brightness it asks for.
    last = grown(objects, _REACH - CONTEXT, work.shape)
    whole = known.around(grown(last, _GROWTH, work.shape), work.shape)
    wide = together(grown(objects, _REACH, work.shape), whole)
    inner = within(wide, scene.window)
    grey, contrast = work.edge_grey(wide)
    labels = move_edges(
        np.ascontiguousarray(scene.labels[inner]),
        grey,
        scene.included[inner],
        holes=scene.holes[inner],
        contrast=contrast,
        known=brightness[: int(scene.labels[inner].max()) + 1],
    )
    own = within(last, wide)
    included = scene.included[inner][own]
    labels = move_edges(
        np.ascontiguousarray(labels[own]),
        np.ascontiguousarray(grey[own]),
        included,
        holes=scene.holes[inner][own],
        contrast=contrast,
    )
    labels = one_piece_each(labels)
    if work.segmenter.fill_holes:
        labels = np.where(included, fill_each(labels), np.uint32(0))
    return labels, last


def _keep(work: Work, name: str, runs: NDArray[np.int32], n_objects: int) -> None:
    work.store.write_runs(name, runs)
    boxes = boxes_of(runs, n_objects)
    firsts = first_pixels_of(runs, n_objects)
    work.store.write(name, {"boxes": boxes, "firsts": firsts})
