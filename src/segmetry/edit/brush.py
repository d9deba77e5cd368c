"""Painting objects and taking pixels away from them."""

import numpy as np
from numpy.typing import NDArray

from segmetry.edit.act import Edit
from segmetry.edit.change import Seeds
from segmetry.edit.plan import Ground, Plan, becoming, parted, stroke_of, under
from segmetry.edit.runs import LABEL, Runs, components, order_of, place_in, read, touching
from segmetry.edit.spans import ROW, START, Spans, grow, join, subtract
from segmetry.edit.whole import runs_of

__all__ = ["draw", "erase"]


def erase(ground: Ground, edit: Edit) -> Plan:
    """Plan to take the pixels under a stroke away from all objects."""
    taken = under(ground, stroke_of(ground, edit))
    if len(taken) == 0:
        return Plan()
    parts, pending = parted(ground, taken, ground.next_id)
    return Plan(np.concatenate([becoming(taken, 0), *parts]), pending)


def draw(ground: Ground, edit: Edit) -> Plan:
    """Plan to paint under a stroke."""
    targets = _targets(ground, edit)
    painted = _paintable(ground, edit, targets)
    if len(painted) == 0:
        return Plan(into=tuple(targets.tolist()) or (0,))
    spans = join(painted[:, :LABEL])
    labels, joined = _labels_of(ground, spans, targets)
    painted = becoming(painted, labels[place_in(spans, painted[:, ROW], painted[:, START])])
    following = max(ground.next_id, int(labels.max()) + 1)
    parts, pending = _taken_from_others(ground, painted, following)
    into = np.unique(np.concatenate([targets[~np.isin(targets, joined[:, 0])], labels]))
    moved = [
        becoming(runs_of(ground, joined[k, :1]), joined[k, 1]) for k in range(len(joined))
    ]
    runs = np.concatenate([painted, *parts, *moved])
    return Plan(runs, pending, into=tuple(into.tolist()))


def _targets(ground: Ground, edit: Edit) -> NDArray[np.int64]:
    """Return the objects that the stroke goes on with, ascending."""
    if edit.ids:
        return ground.there(np.array(edit.ids, dtype=np.int64)).astype(np.int64)
    x, y = edit.points[0]
    if not (0 <= y < ground.shape[0] and 0 <= x < ground.shape[1]):
        return np.empty(0, dtype=np.int64)
    label = int(ground.data[y, x])
    return np.array([label] if label else [], dtype=np.int64)


def _paintable(ground: Ground, edit: Edit, targets: NDArray[np.int64]) -> Runs:
    """Return the runs that the stroke may paint, with the labels they have."""
    spans = stroke_of(ground, edit)
    if ground.excluded is not None:
        closed = read(ground.excluded, spans)
        spans = subtract(spans, join(closed[closed[:, LABEL] > 0, :LABEL]))
    runs = read(ground.data, spans)
    if edit.overwrite:
        return runs[~np.isin(runs[:, LABEL], targets)]
    return runs[runs[:, LABEL] == 0]


def _labels_of(
    ground: Ground, spans: Spans, targets: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the label of each painted span, and pairs of targets that become one.

    A pair is the target that ends, and the one that it becomes part of.
    """
    around = read(ground.data, subtract(grow(spans, shape=ground.shape), spans))
    beside = around[np.isin(around[:, LABEL], targets)]
    both = np.concatenate([np.pad(spans.astype(np.int64), [(0, 0), (0, 1)]), beside])
    order = order_of(both)
    first, second = (order[side] for side in touching(both[order]))
    n, n_targets = len(spans), len(targets)
    # Beside the painted spans stand the targets, as things that can be joined.
    node = np.append(np.arange(n), n + np.searchsorted(targets, beside[:, LABEL]))
    counts = (first < n) | (second < n)
    group = components(n + n_targets, node[first[counts]], node[second[counts]])
    label_of_group = np.zeros(n + n_targets, dtype=np.int64)
    label_of_group[group[n:][::-1]] = targets[::-1]  # of several, the smallest stays
    new = group[:n][label_of_group[group[:n]] == 0]
    new = new[np.sort(np.unique(new, return_index=True)[1])]
    label_of_group[new] = ground.next_id + np.arange(len(new))
    kept = label_of_group[group[n:]]
    ending = kept != targets
    return label_of_group[group[:n]], np.stack([targets[ending], kept[ending]], axis=1)


def _taken_from_others(
    ground: Ground, painted: Runs, first: int
) -> tuple[list[Runs], dict[int, Seeds]]:
    taken = painted[painted[:, LABEL] > 0, : LABEL + 1]
    return parted(ground, taken, first) if len(taken) else ([], {})
