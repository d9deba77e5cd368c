"""The pixel size of a picture, with all the evidence for it."""

from dataclasses import dataclass
from typing import Literal

from segmetry.calibrate.banner import Banner, find_banner
from segmetry.calibrate.conflicts import (
    difference_of,
    difference_text,
    kind_of,
    length_text,
    reconcile,
)
from segmetry.calibrate.read_bar import read_scale_bar
from segmetry.calibrate.scale_bar import ScaleBar
from segmetry.calibrate.typed import DRAWN
from segmetry.image import Image, PixelSize

__all__ = ["Calibration", "Choice", "calibrate", "weigh"]

Choice = Literal["auto", "metadata", "bar", "scale bar", "typed", "none"]


@dataclass(frozen=True)
class Calibration:
    """The pixel size to use, and what it was compared with.

    Parameters
    ----------
    pixel_size : PixelSize or None
        `None` means unknown: results are in pixels.
    candidates : tuple of PixelSize
        All that is known: typed, metadata, scale bar, as far as present.
    bar : ScaleBar or None
        The scale bar that was read from the picture.
    note : str
        What was compared and how well it agrees, in words.
    """

    pixel_size: PixelSize | None
    candidates: tuple[PixelSize, ...]
    bar: ScaleBar | None
    note: str


def calibrate(
    image: Image,
    *,
    typed: PixelSize | None = None,
    choice: Choice = "auto",
    read_bar: bool = True,
    banner: Banner | None = None,
) -> Calibration:
    """Return the pixel size of a picture after comparing all that is known about it.

    Parameters
    ----------
    image : Image
        Its `pixel_size` is what the file's metadata says.
    typed : PixelSize or None
        What a person typed; see `parse_pixel_size`.
    choice : {"auto", "metadata", "bar", "scale bar", "typed", "none"}
        "auto" compares all and refuses when two disagree; the others settle it.
    read_bar : bool
        Look for a scale bar in the picture. Without a bar this takes milliseconds.
    banner : Banner or None
        Where the banner is; `None` looks for it.

    Returns
    -------
    Calibration

    Raises
    ------
    CalibrationConflictError
        If two sources disagree by more than 3 % and than twice the bar's uncertainty.
    CalibrationError
        If the chosen source is not there.

    Examples
    --------
    >>> import numpy as np
    >>> picture = Image(np.zeros((64, 64), np.uint8))
    >>> calibrate(picture, typed=PixelSize(y=2, x=2, unit="nm", source="typed")).note
    'typed 2 nm'
    """
    bar = None
    if read_bar and choice != "none":
        bar = read_scale_bar(image, banner=banner or find_banner(image))
    return weigh(typed=typed, metadata=image.pixel_size, bar=bar, choice=choice)


def weigh(
    *,
    typed: PixelSize | None,
    metadata: PixelSize | None,
    bar: ScaleBar | None,
    choice: Choice = "auto",
) -> Calibration:
    """Return the pixel size to use, of all that is known, without looking at the picture.

    Raises
    ------
    CalibrationConflictError
        If two sources disagree.
    CalibrationError
        If the chosen source is not there.

    Examples
    --------
    >>> typed = PixelSize(y=2, x=2, unit="nm", source="typed")
    >>> weigh(typed=typed, metadata=None, bar=None).note
    'typed 2 nm'
    """
    found = (typed, metadata, None if bar is None else bar.pixel_size)
    candidates = tuple(size for size in found if size is not None)
    size = reconcile(candidates, choice=choice)
    return Calibration(size, candidates, bar, _note(size, candidates, bar))


def _note(
    size: PixelSize | None, candidates: tuple[PixelSize, ...], bar: ScaleBar | None
) -> str:
    if size is None:
        return "pixel size set aside" if candidates else "pixel size unknown"
    others = [_compared(size, other, bar) for other in candidates if other is not size]
    return "; ".join([_told(size, bar), *others])


def _compared(size: PixelSize, other: PixelSize, bar: ScaleBar | None) -> str:
    difference = difference_of(size, other)
    limit = max(0.03, 2 * (other.uncertainty or 0), 2 * (size.uncertainty or 0))
    verb = "agrees within" if difference <= limit else "disagrees by"
    return f"{_told(other, bar)} {verb} {difference_text(difference)}"


def _told(size: PixelSize, bar: ScaleBar | None) -> str:
    kind = kind_of(size)
    if kind == "bar" and bar is not None:
        return f"bar {bar.text} = {bar.length_px:.4g} px"
    if kind == "metadata":
        return f"metadata ({size.source}) {length_text(size)}"
    if size.source.startswith(DRAWN):
        return f"{size.source} ({length_text(size)})"
    return f"{kind} {length_text(size)}"
