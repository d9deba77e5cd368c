"""Segmetry's tools of correction, on a layer of napari."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.edit import Canvas, Edit
from segmetry.edit.spans import ROW, START, STOP
from segmetry.errors import EditError
from segmetry.measure.wording import count_of
from segmetry.napari_plugin.layers import labels_of

if TYPE_CHECKING:
    from napari.layers import Labels as LabelsLayer
    from napari.layers import Shapes

__all__ = ["Tool", "correct", "strokes_of"]

Tool = Literal["split", "merge", "fill", "remove"]


def correct(
    layer: "LabelsLayer",
    tool: Tool,
    *,
    strokes: "Shapes | None" = None,
    numbers: Sequence[int] = (),
    width: int = 1,
) -> str:
    """Split, merge, fill or remove objects of a layer; napari's own undo takes it back.

    Parameters
    ----------
    layer : napari.layers.Labels
        Of a single picture.
    tool : {"split", "merge", "fill", "remove"}
        "split" cuts objects that a stroke crosses from side to side. The others act on
        the objects under a stroke, each stroke by itself, and on those of `numbers`.
    strokes : napari.layers.Shapes or None
        Lines and paths.
    numbers : sequence of int
    width : int
        Of a stroke, in pixels.

    Returns
    -------
    str
        What was done, in one sentence.

    Raises
    ------
    EditError
        If there is neither a stroke nor a number, the layer is a volume, or its type has
        no number left for a new object.
    """
    paths = [] if strokes is None else strokes_of(strokes, layer)
    edits = [Edit(tool, points=path, width=width) for path in paths]
    if numbers and tool != "split":
        edits.append(Edit(tool, ids=tuple(numbers)))
    if not edits:
        msg = f"{tool} needs a line drawn in a layer of shapes"
        msg += "." if tool == "split" else ", or numbers of objects."
        raise EditError(msg)
    canvas = Canvas.of(labels_of(layer))
    changed: set[int] = set()
    pixels: list[NDArray[np.int64]] = []
    for edit in edits:
        for change in (canvas.apply(edit), canvas.settle()):
            changed |= {*change.created, *change.changed, *change.gone}
            pixels.append(change.runs)
    _paint(layer, np.concatenate(pixels), canvas.labels().data)
    return f"{tool}: {count_of(len(changed), 'object')} changed."


def strokes_of(shapes: "Shapes", layer: "LabelsLayer") -> list[tuple[tuple[int, int], ...]]:
    """Return lines and paths as points x, y in pixels of a layer of labels.

    Parameters
    ----------
    shapes : napari.layers.Shapes
    layer : napari.layers.Labels
    """
    found = []
    for points in shapes.data:
        world = [shapes.data_to_world(point) for point in points]
        places = np.array([layer.world_to_data(point) for point in world])
        found.append(tuple((round(x), round(y)) for y, x in places[:, -2:].tolist()))
    return found


def _paint(layer: "LabelsLayer", runs: NDArray[np.int64], now: NDArray[np.uint32]) -> None:
    """Write what changed into a layer, as one step that napari can undo."""
    if len(runs) == 0:
        return
    lengths = runs[:, STOP] - runs[:, START]
    ends = np.cumsum(lengths)
    columns = np.arange(ends[-1]) + np.repeat(runs[:, STOP] - ends, lengths)
    places = np.repeat(runs[:, ROW], lengths), columns
    numbers, dtype = now[places], layer.data.dtype
    if numbers.max() > np.iinfo(dtype).max:
        msg = (
            f"A new object would have the number {numbers.max()}, and {layer.name} holds "
            f"numbers up to {np.iinfo(dtype).max} ({dtype}); convert it to uint32 first."
        )
        raise EditError(msg)
    layer.data_setitem(places, numbers.astype(dtype))
