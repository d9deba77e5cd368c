"""The table of segments: one row for each line between two nodes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.image import PixelSize
from segmetry.measure.centreline import Centrelines
from segmetry.measure.pruning import Network
from segmetry.measure.skeleton import RING

__all__ = ["number_nodes", "orientations", "segment_table"]

_DIRECTED = 0.05  # length of the mean direction; below, a line has none
_SMALLEST_CHORD = 1.0  # px; below, both ends are one place

_Floats = NDArray[np.float64]


def segment_table(
    network: Network,
    lines: Centrelines,
    widths: Mapping[str, _Floats],
    at_edge: NDArray[np.bool_],
    pixel_size: PixelSize | None,
) -> pd.DataFrame:
    """Return the table of segments that `segmetry.measure.thin.measure_thin` describes.

    Parameters
    ----------
    network : Network
    lines : Centrelines
        Its lines, in its order.
    widths : mapping of str to ndarray of float64, shape (P,)
        Widths at each point in pixels, by the name that their columns begin with.
    at_edge : ndarray of bool, shape (P,)
        Which points are at the edge of what the picture shows.
    pixel_size : PixelSize or None
    """
    size, unit = (1.0, "px") if pixel_size is None else (pixel_size.in_um.x, "um")
    ends = number_nodes(network.ends)
    first = lines.points[lines.offsets[:-1]]
    last = np.where(ends[:, 1:] == 0, first, lines.points[lines.offsets[1:] - 1])
    chord = np.hypot(*(last - first).T)
    chord[(ends[:, 0] == ends[:, 1]) | (chord < _SMALLEST_CHORD)] = np.nan
    columns: dict[str, Any] = {
        "segment": np.arange(1, len(ends) + 1),
        "start_node": ends[:, 0],
        "end_node": ends[:, 1],
        "start_x_px": first[:, 1],
        "start_y_px": first[:, 0],
        "end_x_px": last[:, 1],
        "end_y_px": last[:, 0],
        f"length_{unit}": lines.lengths * size,
        f"chord_{unit}": chord * size,
        "tortuosity": lines.lengths / chord,
    }
    for name, values in widths.items():
        columns |= _along(values * size, lines, name, unit)
    columns["orientation_deg"] = orientations(lines)
    at_edge_of = np.bincount(lines.line_of[at_edge], minlength=len(ends))
    columns["touches_edge"] = at_edge_of > 0
    return pd.DataFrame(columns)


def number_nodes(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ends with nodes in use numbered from 1, and 0 for closed lines.

    Examples
    --------
    >>> number_nodes(np.array([[7, 2], [RING, RING]])).tolist()
    [[2, 1], [0, 0]]
    """
    used = np.unique(ends[ends != RING])
    return np.where(ends == RING, 0, np.searchsorted(used, ends) + 1)


def orientations(lines: Centrelines) -> _Floats:
    """Return the mean direction of each line, in degrees from 0 to below 180.

    Directions are those of lines without arrows: angles are doubled, averaged by length
    along the line, and halved. From the x axis, counter-clockwise as seen on the screen.

    Parameters
    ----------
    lines : Centrelines

    Returns
    -------
    ndarray of float64, shape (S,)
        NaN where directions cancel, as on a circle.
    """
    n = len(lines.offsets) - 1
    twice = 2 * np.arctan2(-lines.tangents[:, 0], lines.tangents[:, 1])
    total = [
        np.bincount(lines.line_of, part * lines.steps, minlength=n)
        for part in (np.cos(twice), np.sin(twice))
    ]
    angle = np.rad2deg(np.arctan2(total[1], total[0])) / 2 % 180 % 180  # -0 gives 180
    is_directed = np.hypot(*total) > _DIRECTED * lines.lengths
    return np.where(is_directed, angle, np.nan)


def _along(values: _Floats, lines: Centrelines, name: str, unit: str) -> dict[str, Any]:
    """Return the columns of the widths along each line."""
    n = len(lines.offsets) - 1
    measured = np.isfinite(values)
    line, values = lines.line_of[measured], values[measured]
    count = np.bincount(line, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(line, values, n) / count
        squares = np.bincount(line, (values - mean[line]) ** 2, n)
        sd = np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan)
    p5, median, p95 = _quantiles(values, line, count, (0.05, 0.5, 0.95))
    return {
        f"{name}_mean_{unit}": mean,
        f"{name}_median_{unit}": median,
        f"{name}_sd_{unit}": sd,
        f"{name}_p5_{unit}": p5,
        f"{name}_p95_{unit}": p95,
        f"n_sections{name.removeprefix('width')}": count,
    }


def _quantiles(
    values: _Floats,
    line: NDArray[np.int64],
    count: NDArray[np.int64],
    shares: tuple[float, ...],
) -> list[_Floats]:
    """Return quantiles of the values of each line, between values where they fall there."""
    ordered = np.append(values[np.lexsort((values, line))], np.nan)
    first = np.cumsum(count) - count
    found = []
    for share in shares:
        place = share * np.maximum(count - 1, 0)
        below = np.floor(place).astype(np.intp)
        low = ordered[first + below]
        high = ordered[np.minimum(first + below + 1, first + np.maximum(count - 1, 0))]
        between = low + (place - below) * (high - low)
        found.append(np.where(count > 0, between, np.nan))
    return found
