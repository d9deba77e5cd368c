"""Thin structures on their picture, coloured by width, and a histogram of widths."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.report.canvas import blank_figure, drawing_style
from segmetry.report.overlay import shown_picture
from segmetry.report.palette import SERIES
from segmetry.report.reading import ReadingUnit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from segmetry.measure.thin import ThinStructures

__all__ = ["thin_figure", "width_histogram"]

_COLORS = "viridis"  # even steps in brightness, for any colour vision and in grey
_FADED = 0.35  # of the picture's contrast is left, so that the lines are seen
_TOP = 98.0  # percent of the widths below the colour scale's end
_WIDTH = 5.0  # inches of the picture, beside its colour bar
_THINNEST = 0.8  # points
_SHARP = 1000  # px: about as many does the figure have along its longer side
_UNMEASURED = "#8793a0"


def thin_figure(image: Image, found: "ThinStructures") -> "Figure":
    """Return the picture with its centrelines, coloured and as thick as they are wide.

    Parts whose width was not measured (junctions, ends) are grey. Widths are those from
    grey values where they were measured, else those of the mask.

    Parameters
    ----------
    image : Image
        The picture that was measured, axes YX or YXC.
    found : ThinStructures

    Returns
    -------
    matplotlib.figure.Figure
        To be saved by `to_png` or `to_svg` of `segmetry.report.canvas`.

    Raises
    ------
    PictureError
        If the picture is a stack of slices.
    ValueError
        If the structures were measured in a picture of another shape.

    Examples
    --------
    >>> from segmetry.measure.thin import measure_thin
    >>> bar = np.zeros((20, 40), np.uint8)
    >>> bar[9:12, 5:35] = 200
    >>> figure = thin_figure(Image(bar), measure_thin(bar > 100))
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['', 'width (px)']
    """
    shape = image.spatial_shape
    shown = shown_picture(image)
    if len(found.lines.points) and np.any(found.lines.points.max(axis=0) > shape):
        msg = f"the structures were measured in a picture larger than this one of {shape}"
        raise ValueError(msg)
    from matplotlib import colormaps
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize

    size = 1.0 if found.pixel_size is None else found.pixel_size.in_um.x
    unit = "px" if found.pixel_size is None else "µm"
    from_grey = found.grey_widths is not None
    widths = found.widths if found.grey_widths is None else found.grey_widths
    width = widths * size
    measured = width[np.isfinite(width)]
    top = float(np.percentile(measured, _TOP)) if measured.size else size
    start, pieces = _pieces(found, step=max(1, max(shape) // _SHARP))
    points_per_px = 72 * _WIDTH / shape[1]
    thickness = np.nan_to_num(widths[start], nan=0.0) * points_per_px
    drawn = LineCollection(
        list(pieces),
        array=np.ma.masked_invalid(width[start]),
        cmap=colormaps[_COLORS].with_extremes(bad=_UNMEASURED),
        norm=Normalize(0, top),
        linewidths=np.maximum(thickness, _THINNEST),
        capstyle="round",
    )
    with drawing_style():
        figure, axes = blank_figure(height=max(_WIDTH * shape[0] / shape[1], 1.5))
        axes.imshow(np.uint8(128 + _FADED * (shown.astype(float) - 128)))
        axes.add_collection(drawn)
        axes.set(xlim=(-0.5, shape[1] - 0.5), ylim=(shape[0] - 0.5, -0.5))
        axes.set_axis_off()
        label = f"width from grey values ({unit})" if from_grey else f"width ({unit})"
        figure.colorbar(drawn, ax=axes, label=label, extend="max", shrink=0.8)
    return figure


def width_histogram(histogram: Mapping[str, Any], unit: ReadingUnit) -> "Figure":
    """Return how much length of line there is of each width.

    Parameters
    ----------
    histogram : mapping
        "histogram" of `segmetry.measure.thin_summary.summarize_thin`.
    unit : ReadingUnit
        In which widths are read.

    Returns
    -------
    matplotlib.figure.Figure
        Bars are widths from the mask; a line shows those from grey values, if any.
    """
    edges = np.asarray(histogram["edges"], dtype=float) * unit.factor
    total = sum(histogram["length"])
    with drawing_style():
        figure, axes = blank_figure()
        share = 100 * np.asarray(histogram["length"], dtype=float) / total
        axes.bar(
            *(edges[:-1], share, np.diff(edges)),
            align="edge",
            color="#9cc3dc",
            edgecolor="#ffffff",
            linewidth=0.6,
            label="from the mask",
        )
        if sum(histogram.get("length_grey", ())):
            grey = np.asarray(histogram["length_grey"], dtype=float)
            axes.stairs(
                *(100 * grey / grey.sum(), edges),
                color=SERIES[1],
                lw=1.8,
                label="from grey values",
            )
            axes.legend(loc="upper right")
        axes.grid(axis="x", visible=False)
        axes.set_xlabel(f"width / {unit.name}")
        axes.set_ylabel("share of the length per bin / %")
        axes.set_title("Widths, weighted by length")
    return figure


def _pieces(
    found: "ThinStructures", *, step: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the point that each short straight piece of a line begins at, and its ends.

    A piece goes over `step` points, fewer at the end of a line.
    """
    points = found.lines.points[:, ::-1]
    line, offsets = found.lines.line_of, found.lines.offsets
    first, last = offsets[:-1][line], offsets[1:][line] - 1
    place = np.arange(len(line))
    start = np.flatnonzero(((place - first) % step == 0) & (place < last))
    end = np.minimum(start + step, last[start])
    return start, np.stack([points[start], points[end]], axis=1)
