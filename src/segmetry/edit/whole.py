"""What is done to objects as a whole: remove, merge, fill, accept."""

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.edit.act import Edit
from segmetry.edit.plan import Ground, Plan, becoming, stroke_of, under
from segmetry.edit.runs import LABEL, Runs, components, find, in_order, read, touching
from segmetry.edit.spans import grow, join, n_pixels, subtract

__all__ = ["accept", "fill", "merge", "remove", "runs_of"]

_COST_OF_OBJECT = 4000  # px of a picture that can be searched in the time one object takes


def remove(ground: Ground, edit: Edit) -> Plan:
    """Plan to take objects away."""
    return Plan(becoming(runs_of(ground, _meant(ground, edit)), 0))


def accept(ground: Ground, edit: Edit) -> Plan:
    """Plan to mark objects as reviewed."""
    labels = _meant(ground, edit)
    is_new = ~ground.table.get(labels)["accepted"]
    return Plan(accepted=tuple(labels[is_new].tolist()))


def merge(ground: Ground, edit: Edit) -> Plan:
    """Plan to give objects the smallest of their numbers."""
    labels = _meant(ground, edit)
    if len(labels) < 2:
        return Plan()
    runs = runs_of(ground, labels[1:])
    pending = {label: () for label in labels.tolist() if label in ground.pending}
    remark = "" if _all_touch(ground, runs, labels) else "apart"
    return Plan(becoming(runs, labels[0]), pending, remark=remark)


def fill(ground: Ground, edit: Edit) -> Plan:
    """Plan to fill the holes of objects: background that they enclose.

    A hole that holds another object is filled around it. Of objects inside each other,
    the inner one fills its own holes.
    """
    labels = _meant(ground, edit)
    boxes = ground.table.get(labels)["box"].astype(np.int64)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    holes = [_holes(ground, int(labels[k])) for k in np.argsort(areas, kind="stable")]
    runs = np.concatenate([np.empty((0, LABEL + 1), dtype=np.int64), *holes])
    if n_pixels(join(runs[:, :LABEL])) < n_pixels(runs):
        runs = _first_come(holes)
    return Plan(
        np.column_stack([runs[:, :LABEL], np.zeros_like(runs[:, 0]), runs[:, LABEL]])
    )


def runs_of(ground: Ground, labels: NDArray[np.integer]) -> Runs:
    """Return the runs of objects, in reading order.

    Parameters
    ----------
    ground : Ground
    labels : ndarray of integers, shape (n,)
    """
    boxes = ground.table.get(labels)["box"].astype(np.int64)
    sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    if sizes.sum() + _COST_OF_OBJECT * len(labels) > ground.data.size:
        runs = find(ground.data)
        return runs[np.isin(runs[:, LABEL], labels)]
    parts = [np.empty((0, LABEL + 1), dtype=np.int64)]
    for label, (x0, y0, x1, y1) in zip(labels.tolist(), boxes.tolist(), strict=True):
        mask = ground.data[y0:y1, x0:x1] == label
        parts.append(find(mask, row=y0, column=x0, label=label))
    return in_order(np.concatenate(parts))


def _meant(ground: Ground, edit: Edit) -> NDArray[np.int64]:
    """Return the objects under the stroke and those of the edit's numbers, ascending."""
    touched = under(ground, stroke_of(ground, edit))[:, LABEL]
    ids = np.array(edit.ids, dtype=np.int64)
    return ground.there(np.concatenate([touched, ids])).astype(np.int64)


def _all_touch(ground: Ground, runs: Runs, labels: NDArray[np.int64]) -> bool:
    """Tell whether objects hang together; `runs` are those of all labels but the first."""
    around = read(ground.data, grow(join(runs[:, :LABEL]), shape=ground.shape))
    beside = around[np.isin(around[:, LABEL], labels)]
    number = np.searchsorted(labels, beside[:, LABEL])
    first, second = touching(beside)
    return bool(components(len(labels), number[first], number[second]).max() == 0)


def _holes(ground: Ground, label: int) -> Runs:
    """Return runs, with its label, of the background that an object encloses."""
    x0, y0, x1, y1 = ground.box(label)
    window = ground.data[y0:y1, x0:x1]
    # Where objects are joined by corners, background is joined by sides only.
    reached = np.pad((window == label).view(np.uint8), 1)
    cv2.floodFill(reached, None, (0, 0), 2, flags=4)
    is_hole = (reached[1:-1, 1:-1] == 0) & (window == 0)
    if ground.excluded is not None:
        is_hole &= ground.excluded[y0:y1, x0:x1] == 0
    return find(is_hole, row=y0, column=x0, label=label)


def _first_come(holes: list[Runs]) -> Runs:
    """Return runs of which each pixel is in the first that holds it only."""
    filled = np.empty((0, 3), dtype=np.int32)
    kept = []
    for runs in holes:
        spans = join(runs[:, :LABEL])
        left = subtract(spans, filled).astype(np.int64)
        filled = join(np.concatenate([filled, spans]))
        kept.append(np.column_stack([left, np.full(len(left), runs[:1, LABEL].sum())]))
    return np.concatenate(kept)
