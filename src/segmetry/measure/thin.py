"""From a mask of thin structures to their tables: `measure_thin`.

Vessels, fibres and cracks are measured along their centrelines. The mask is thinned to a
graph (`skeleton`), which is cleaned (`pruning`) and made smooth (`centreline`); widths come
from the mask (`mask_width`) and, where a picture is given, from its grey values
(`cross_section`). `docs/thin_structures.md` says how far each number is from the truth.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from segmetry.errors import PictureError
from segmetry.image import PixelSize
from segmetry.measure.centreline import Centrelines, trace_centrelines
from segmetry.measure.cross_section import widths_from_grey
from segmetry.measure.mask_width import widths_from_mask
from segmetry.measure.pruning import Network, clean_network, only_lines
from segmetry.measure.skeleton import RING, skeleton_graph, skeleton_of
from segmetry.measure.thin_picture import Findings, picture_table
from segmetry.measure.thin_segments import number_nodes, segment_table

__all__ = ["ThinStructures", "measure_thin"]

_LONGER = 1.5  # times as long as wide is a line that stands alone, at least
_SAME = 1e-3  # sides of a pixel that differ by a smaller share are equal

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ThinStructures:
    """Thin structures of a picture, measured.

    Parameters
    ----------
    segments : DataFrame
        One row for each line between two nodes, see `measure_thin`.
    nodes : DataFrame
        One row for each place where lines meet or end: `node`, `x_px`, `y_px`, `degree`
        (ends of lines that meet there; 1 is a free end) and `touches_edge`.
    picture : DataFrame
        One row for each number of the whole picture, see `measure_thin`.
    lines : Centrelines
        The centrelines, in the order of `segments`, in pixels.
    widths : ndarray of float64, shape (P,)
        Width at each point of the centrelines, in pixels; NaN where it was not measured.
    pixel_size : PixelSize or None
    grey_widths : ndarray of float64, shape (P,), or None
        Likewise from the grey values; `None` where none were given.
    """

    segments: pd.DataFrame
    nodes: pd.DataFrame
    picture: pd.DataFrame
    lines: Centrelines
    widths: _Floats
    pixel_size: PixelSize | None
    grey_widths: _Floats | None = None


def measure_thin(
    mask: _Bools,
    *,
    grey: NDArray[np.floating] | None = None,
    included: _Bools | None = None,
    pixel_size: PixelSize | None = None,
    prune: float = 1.0,
    seed: int = 0,
) -> ThinStructures:
    """Return lengths, widths and branching of the thin structures of a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (Y, X)
        Holes in a line make loops of its centreline: fill those that are none.
    grey : ndarray of float, shape (Y, X), or None
        The picture's grey values, in which the width is measured a second time.
    included : ndarray of bool, shape (Y, X), or None
        True where the picture shows the sample. `None` means everywhere.
    pixel_size : PixelSize or None
        `None` means unknown; `_um` is `_px` in the names then.
    prune : float
        Side branches shorter than this many widths of the line that they leave are left
        out, and junctions closer than that are one. 0 keeps all.
    seed : int
        The same seed gives the same intervals.

    Returns
    -------
    ThinStructures
        In `segments`:

        - `segment`, from 1; `start_node`, `end_node`: 0 for a closed line.
        - `start_x_px`, `start_y_px`, `end_x_px`, `end_y_px`: the centre of the first pixel
          is (0, 0).
        - `length_um` along the centreline, from junction to junction or to the tip;
          `chord_um`, the straight distance between its ends; `tortuosity`, length over
          chord. The last two are empty for a closed line.
        - `width_mean_um`, `width_median_um`, `width_sd_um`, `width_p5_um`, `width_p95_um`
          of `n_sections` widths along the line, a pixel apart, from the mask.
        - `width_grey_mean_um`, ..., `n_sections_grey`: the same from the grey values.
        - `orientation_deg`: mean direction from the x axis, counter-clockwise as seen on
          the screen, from 0 to below 180; empty where a line has none.
        - `touches_edge`: reaches the picture's border or excluded pixels.

        In `picture`: `quantity`, `value`, `low` and `high` (a 95 % interval, empty where
        none can be told), `unit` and `n`, the segments behind it. Means and percentiles
        are weighted by length.

    Raises
    ------
    PictureError
        If pixels are not square.
    ValueError
        If shapes differ, the mask is not boolean, or `prune` is negative.

    Examples
    --------
    A line of 30 x 3 px, in pixels of 2 µm.

    >>> bar = np.zeros((20, 40), bool)
    >>> bar[9:12, 5:35] = True
    >>> size = PixelSize(y=2, x=2, unit="um", source="typed")
    >>> found = measure_thin(bar, pixel_size=size).segments
    >>> found[["length_um", "width_mean_um", "tortuosity"]].round(1).to_numpy().tolist()
    [[60.0, 6.0, 1.0]]
    """
    _refuse(mask, {"grey": grey, "included": included}, pixel_size, prune)
    # Compiled loops want arrays of one kind: their own, and in one order.
    known = np.array(np.ones_like(mask) if included is None else included, bool, order="C")
    mask = np.ascontiguousarray(mask & known)
    distance = _distance(mask, known)
    network, lines, n_specks = _find_lines(mask, known, distance, prune)
    widths = {"width": widths_from_mask(lines, mask, known, distance)}
    notes: dict[str, float] = {"n_specks": n_specks}
    if grey is not None:
        sections = widths_from_grey(lines, grey, mask, known, widths=widths["width"])
        widths["width_grey"] = sections.widths
        notes["blur_px"] = np.nan if sections.blur is None else sections.blur
    at_edge = _near_edge(lines.points, known)
    segments = segment_table(network, lines, widths, at_edge, pixel_size)
    nodes = _nodes(network, lines, at_edge)
    findings = Findings(mask, known, lines, widths, segments, nodes, notes)
    picture = picture_table(findings, pixel_size, seed=seed)
    return ThinStructures(
        *(segments, nodes, picture, lines),
        widths["width"],
        pixel_size,
        widths.get("width_grey"),
    )


def _refuse(
    mask: _Bools,
    others: dict[str, NDArray[Any] | None],
    pixel_size: PixelSize | None,
    prune: float,
) -> None:
    if mask.dtype != bool or mask.ndim != 2:
        msg = (
            f"mask must be boolean with axes Y and X, got {mask.dtype} of shape "
            f"{mask.shape}; compare one picture with a cutoff first"
        )
        raise ValueError(msg)
    for name, other in others.items():
        if other is not None and other.shape != mask.shape:
            msg = f"{name} must have the mask's shape {mask.shape}, got {other.shape}"
            raise ValueError(msg)
    if not prune >= 0:
        msg = f"prune must be 0 or more widths, got {prune}"
        raise ValueError(msg)
    if pixel_size and abs(pixel_size.y / pixel_size.x - 1) > _SAME:
        msg = (
            "thin structures need square pixels, got pixels of "
            f"{pixel_size.x} x {pixel_size.y} {pixel_size.unit}; resample the picture first"
        )
        raise PictureError(msg)


def _distance(mask: _Bools, known: _Bools) -> NDArray[np.float32]:
    """Return the distance to the nearest pixel that is known to be background."""
    line = (mask | ~known).view(np.uint8)
    found = cv2.distanceTransform(line, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return found.astype(np.float32, copy=False)


def _find_lines(
    mask: _Bools, known: _Bools, distance: NDArray[np.float32], prune: float
) -> tuple[Network, Centrelines, int]:
    """Return the lines of a mask, and how many pieces of it are specks and no lines."""
    has_ground = np.any(known & ~mask)  # else no line has an edge
    skeleton = skeleton_of(mask if has_ground else np.zeros_like(mask))
    network = clean_network(skeleton_graph(skeleton), distance, prune=prune)
    lines = trace_centrelines(network, mask, distance)
    alone = (network.degree_at_ends == 1).all(axis=1)
    radius = [distance[tuple(path.astype(int).T)].max() for path in network.paths]
    wide = 2 * np.array(radius, dtype=np.float64)
    is_speck = alone & (lines.lengths < _LONGER * wide)
    pieces = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)[0] - 1
    lines, network = lines.only(~is_speck), only_lines(network, ~is_speck)
    return network, lines, pieces - _n_pieces(network)


def _n_pieces(network: Network) -> int:
    """Return how many pieces hang together by lines."""
    start, end = network.ends[(network.ends != RING).all(axis=1)].T
    used = np.unique(network.ends[network.ends != RING])
    shape = (len(network.nodes), len(network.nodes))
    links = coo_array((np.ones(len(start)), (start, end)), shape=shape)
    name = connected_components(links, directed=False)[1]
    n_rings = int(np.count_nonzero((network.ends == RING).all(axis=1)))
    return len(np.unique(name[used])) + n_rings


def _near_edge(points: _Floats, known: _Bools) -> _Bools:
    """Tell which points lie within a pixel of the border or of excluded pixels."""
    inner = cv2.erode(
        known.view(np.uint8),
        np.ones((3, 3), np.uint8),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    last = np.array(known.shape) - 1
    rows, columns = np.clip(np.rint(points).astype(np.intp), 0, last).T
    return inner[rows, columns] == 0


def _nodes(network: Network, lines: Centrelines, at_edge: _Bools) -> pd.DataFrame:
    """Return the table of nodes; a free end is where its line now ends."""
    first, last = lines.offsets[:-1], lines.offsets[1:] - 1
    ends = number_nodes(network.ends)
    points = np.stack([first, last], axis=1)[ends > 0]
    names, where = np.unique(ends[ends > 0], return_index=True)
    places = lines.points[points[where]]
    return pd.DataFrame(
        {
            "node": names,
            "x_px": places[:, 1],
            "y_px": places[:, 0],
            "degree": np.bincount(ends[ends > 0], minlength=len(names) + 1)[1:],
            "touches_edge": at_edge[points[where]],
        }
    )
