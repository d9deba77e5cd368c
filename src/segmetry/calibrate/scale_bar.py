"""A scale bar that was read from a picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.image import PixelSize

__all__ = ["ScaleBar", "scale_bar_area"]

_MARGIN = 5  # pixels around a bar: its slope, its shadow, and short end ticks


@dataclass(frozen=True)
class ScaleBar:
    """A burned-in scale bar: what its label says, and where it lies.

    Parameters
    ----------
    length : float
        What the label says, in `unit`.
    unit : str
        "angstrom", "nm", "um", "mm" or "cm".
    x_start, x_stop : float
        Ends of the bar in pixels, half-open: pixel 0 reaches from 0.0 to 1.0. Where a bar
        has thin end ticks, the middles of the ticks.
    y_top, y_bottom : int
        First row of the bar, and the row after the last.
    text : str
        The label, with its unit as people write it.
    method : str
        What the bar looks like: "bar", "bar with ticks", "split bar" or "ruler".
    uncertainty_px : float
        Standard uncertainty of the length in pixels: about a pixel, or half the width of
        its end ticks where that is more, since makers differ in what the ticks mean.
    label_box : tuple of float, or None
        Left, top, right and bottom of the label, in pixels.

    Examples
    --------
    >>> bar = ScaleBar(2.0, "um", 10.0, 120.0, 90, 94, text="2 µm", method="bar")
    >>> bar.length_px, round(bar.pixel_size.x, 4), round(bar.pixel_size.uncertainty, 4)
    (110.0, 0.0182, 0.0091)
    """

    length: float
    unit: str
    x_start: float
    x_stop: float
    y_top: int
    y_bottom: int
    text: str
    method: str
    uncertainty_px: float = 1.0
    label_box: tuple[float, float, float, float] | None = None

    @property
    def length_px(self) -> float:
        """Length of the bar in pixels."""
        return self.x_stop - self.x_start

    @property
    def pixel_size(self) -> PixelSize:
        """The pixel size that the bar gives, with its uncertainty."""
        size = self.length / self.length_px
        return PixelSize(
            y=size,
            x=size,
            unit=self.unit,
            source="scale bar",
            uncertainty=min(self.uncertainty_px / self.length_px, 0.5),
        )


def scale_bar_area(bar: ScaleBar, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where a scale bar and its label cover the sample.

    Parameters
    ----------
    bar : ScaleBar
    shape : tuple of int
        Height and width of the picture.

    Returns
    -------
    ndarray of bool, shape (Y, X)
        True on the bar, its end ticks and its label, each with a margin.

    Examples
    --------
    >>> bar = ScaleBar(2.0, "um", 10.0, 30.0, 40, 42, text="2 µm", method="bar")
    >>> int(scale_bar_area(bar, (60, 80)).sum())
    360
    """
    area = np.zeros(shape, dtype=bool)
    boxes = [(bar.x_start, float(bar.y_top), bar.x_stop, float(bar.y_bottom))]
    margin = float(_MARGIN)
    if bar.label_box is not None:
        boxes.append(bar.label_box)
        margin = max(margin, (bar.label_box[3] - bar.label_box[1]) / 3)
    for left, top, right, bottom in boxes:
        rows = slice(max(0, int(top - margin)), int(np.ceil(bottom + margin)))
        columns = slice(max(0, int(left - margin)), int(np.ceil(right + margin)))
        area[rows, columns] = True
    return area
