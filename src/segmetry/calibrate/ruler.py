"""Dotted rulers: eleven ticks at equal distances, as Hitachi microscopes draw them."""

from collections import defaultdict
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.calibrate.bar_geometry import Bar

__all__ = ["find_rulers"]

_TICKS = 11  # ten equal parts of the length
_FEWEST = 9  # ticks that must be seen; objects may hide the others
_BRIGHT = 60  # grey levels above the median of the row
_ZONE = 0.25  # the share of the picture at the bottom where rulers stand


def find_rulers(grey: NDArray[np.float32]) -> list[Bar]:
    """Return the dotted rulers at the bottom of a picture, as bars.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
        Grey levels from 0 to 255.

    Returns
    -------
    list of Bar
        Their ends are the middles of the first and the last tick.

    Examples
    --------
    >>> grey = np.zeros((200, 400), np.float32)
    >>> grey[180:186, 100:311:20] = 255
    >>> grey[180:186, 101:312:20] = 255
    >>> [(bar.x_start, bar.x_stop, bar.kind) for bar in find_rulers(grey)]
    [(101.0, 301.0, 'ruler')]
    """
    first = int(len(grey) * (1 - _ZONE))
    zone = grey[first:]
    bright = zone > np.median(zone, axis=1, keepdims=True) + _BRIGHT
    if bright.mean() > 0.2:
        return []
    found = cv2.connectedComponentsWithStats(bright.astype(np.uint8), connectivity=8)
    stats, centres = np.asarray(found[2][1:]), np.asarray(found[3][1:])
    small = (stats[:, 2] <= 8) & (stats[:, 3] <= 40) & (stats[:, 4] >= 2)
    rows: dict[int, list[int]] = defaultdict(list)
    for index in np.flatnonzero(small):
        rows[int(stats[index, 1])].append(int(index))
    rulers = []
    for top in sorted(rows):
        near = [i for row in (top, top + 1) for i in rows.get(row, [])]
        ruler = _ruler(grey, first, stats[near], centres[near, 0])
        if ruler is not None and ruler not in rulers:
            rulers.append(ruler)
    return rulers


def _ruler(
    grey: NDArray[np.float32],
    first: int,
    stats: NDArray[Any],
    columns: NDArray[Any],
) -> Bar | None:
    if not _FEWEST <= len(columns) <= _TICKS:
        return None
    order = np.argsort(columns)
    steps = np.diff(columns[order])
    step = float(np.median(steps))
    parts = np.ptp(columns) / (_TICKS - 1)
    off = np.abs((columns - columns.min()) / parts % 1)
    if step < 4 or abs(step - parts) > 1 or np.minimum(off, 1 - off).max() * parts > 1:
        return None
    if np.ptp(stats[:, 3]) > 2 or np.ptp(stats[:, 2]) > 2:
        return None
    top, bottom = int(stats[:, 1].min()), int((stats[:, 1] + stats[:, 3]).max())
    start, stop = float(columns.min()) + 0.5, float(columns.max()) + 0.5
    level = float(grey[first + top : first + bottom, int(start)].max())
    return Bar(start, stop, first + top, first + bottom, level, kind="ruler")
