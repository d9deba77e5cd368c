"""Arrays side by side, each under its name: the quickest look at what a step did."""

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from segmetry.report.canvas import drawing_style
from segmetry.report.palette import SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_panels"]

_WIDTH = 2.1  # inches of one panel
_LINE = 0.15  # inches of a line of a title
_GAP = 0.12  # inches between rows
_DPI = 110
_FRAME = "#c5ced6"


def draw_panels(pictures: Mapping[str, NDArray[Any]], *, columns: int = 4) -> "Figure":
    """Return a figure with pictures side by side, each under its name.

    Parameters
    ----------
    pictures : mapping of str to ndarray
        By title. Of shape (Y, X): grey values of any float dtype or uint8, a mask (bool),
        or numbered objects (any other integer dtype), which get a colour each and white
        ground. Of shape (Y, X, 3): colours, uint8 or from 0 to 1. Grey values go from
        black at their smallest to white at their largest.
    columns : int
        How many stand beside each other before a new row begins.

    Returns
    -------
    matplotlib.figure.Figure
        Its method `savefig` writes a file.

    Raises
    ------
    ValueError
        If there is no picture, or one has another shape.

    Examples
    --------
    >>> slope = np.tile(np.arange(40.0), (30, 1))
    >>> figure = draw_panels({"a slope": slope, "its bright half": slope > 20})
    >>> [axes.get_title() for axes in figure.axes]
    ['a slope', 'its bright half']
    """
    if not pictures:
        msg = "expected at least one picture, got none"
        raise ValueError(msg)
    shown = {title: _as_colors(picture, title) for title, picture in pictures.items()}
    across = min(columns, len(shown))
    rows = ceil(len(shown) / across)
    height, width, _ = next(iter(shown.values())).shape
    with drawing_style():
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        above = _LINE * max(title.count("\n") + 1 for title in shown) + _GAP
        size = (_WIDTH * across, (_WIDTH * height / width + above) * rows)
        figure = Figure(figsize=size, dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        places = figure.subplots(rows, across, squeeze=False).ravel()
        for axes, (title, picture) in zip(places, shown.items(), strict=False):
            axes.set_title(title, loc="center", fontsize=9, fontweight="normal")
            axes.imshow(picture, interpolation="nearest")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set(visible=True, color=_FRAME)
        for axes in places[len(shown) :]:
            axes.remove()
    return figure


def _as_colors(picture: NDArray[Any], title: str) -> NDArray[Any]:
    """Return a picture as colours, shape (Y, X, 3)."""
    if picture.ndim == 3 and picture.shape[-1] == 3:
        return picture
    if picture.ndim != 2 or picture.size == 0:
        msg = f"{title!r} must have shape (Y, X) or (Y, X, 3), got {picture.shape}"
        raise ValueError(msg)
    if picture.dtype.kind in "iu" and picture.dtype != np.uint8:
        return _of_objects(picture)
    values = picture.astype(np.float64)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    grey = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    return np.repeat(np.nan_to_num(grey)[..., None], 3, axis=2)


def _of_objects(labels: NDArray[Any]) -> NDArray[Any]:
    colors = np.array([[*bytes.fromhex(color[1:])] for color in SERIES]) / 255
    return np.where((labels > 0)[..., None], colors[(labels - 1) % len(colors)], 1.0)
