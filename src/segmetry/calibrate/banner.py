"""Finding the banner: the strip of instrument text that microscopes add to a picture."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening

from segmetry.calibrate.levels import grey_levels
from segmetry.image import Image

__all__ = ["Banner", "find_banner"]

_SAME = 12  # grey levels (of 255) by which JPEG and rescaling move a flat background
_INK = 50  # grey levels (of 255) by which text stands out, at the least
_FLAT_SHARE = 0.3  # share of a row that is plain background, even across dense text
_LINE = 4  # rows, per 600 rows of the picture; a thicker stripe is part of the picture
_FIRST_LOOK = 64  # rows; in most pictures no more are looked at
_TALLEST = 0.7  # share of the picture's height; a higher strip is the picture itself


@dataclass(frozen=True)
class Banner:
    """Rows of a picture that hold a banner.

    Parameters
    ----------
    top, bottom : int
        First row, and the row after the last: half-open, counted from 0 at the top.

    Examples
    --------
    >>> Banner(top=690, bottom=768).bottom
    768
    """

    top: int
    bottom: int


def find_banner(image: Image) -> Banner | None:
    """Return the rows of the banner at the bottom or the top of a picture.

    A banner is a strip as wide as the picture, of one flat grey with text in it, that ends
    with a straight edge. Rows that the file itself excludes at an edge are taken as they
    are. Text written straight onto the picture is no banner.

    Parameters
    ----------
    image : Image
        Axes YX or YXC; for a stack the answer is `None`.

    Returns
    -------
    Banner or None
        `None` if there is none, or if it cannot be told from the picture.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).integers(60, 200, (100, 200), dtype=np.uint8)
    >>> pixels[80:] = 0
    >>> pixels[86:94, 20:60:4] = 255
    >>> find_banner(Image(pixels))
    Banner(top=80, bottom=100)
    """
    if image.axes.startswith("Z"):
        return None
    stated = _excluded_rows(image)
    if stated is not None:
        return stated
    grey = grey_levels(image)
    height = len(grey)
    at_bottom = _strip_height(grey[::-1])
    if at_bottom:
        return Banner(height - at_bottom, height)
    at_top = _strip_height(grey)
    return Banner(0, at_top) if at_top else None


def _excluded_rows(image: Image) -> Banner | None:
    rows = ~np.any(image.included, axis=1, keepdims=True)[:, 0]
    if rows.all() or not rows.any():
        return None
    height = len(rows)
    if rows[-1]:
        return Banner(height - int(np.argmin(rows[::-1])), height)
    return Banner(0, int(np.argmin(rows))) if rows[0] else None


def _strip_height(grey: NDArray[np.float32]) -> int:
    """Return how many rows, from row 0 on, are a banner; 0 if none."""
    height = len(grey)
    if height < 32 or grey.shape[1] < 64:
        return 0
    level = _flat_level(grey[: max(12, height // 40)])
    thickest, reach = _thickest(height), _FIRST_LOOK
    while True:
        # Rows after the strip only show how thick its last line is.
        near = grey[: reach + 2 * thickest + 4]
        lines = _line_rows(near, level, thickest=thickest)
        inside = (np.abs(near - level) <= _SAME).mean(axis=1) >= _FLAT_SHARE
        inside |= lines
        # Some programs leave a row or two of the picture outside the frame of the banner.
        first = int(np.argmax(inside[:thickest]))
        stop = first + _leading(inside[first:])
        if stop < reach or reach > _TALLEST * height:
            break
        reach *= 2
    for end in _ends(stop, lines, height):
        if _is_banner(near, lines, slice(first, end), level, height=height):
            return end
    return 0


def _flat_level(rows: NDArray[np.float32]) -> float:
    """Return the grey level that is most frequent."""
    counts = np.bincount(rows.astype(np.uint8).ravel(), minlength=256)
    return float(np.argmax(np.convolve(counts, np.ones(5), mode="same")))


def _line_rows(
    grey: NDArray[np.float32], level: float, *, thickest: int
) -> NDArray[np.bool_]:
    """Return which rows are a thin straight line in another grey than the background."""
    own = np.median(grey, axis=1)
    flat = (np.abs(grey - own[:, None]) <= _SAME).mean(axis=1) >= 0.9
    other = flat & (np.abs(own - level) > _SAME)
    return np.asarray(other & ~binary_opening(other, np.ones(thickest + 1)))


def _thickest(height: int) -> int:
    """Return how many rows a line of a frame may take."""
    return max(_LINE, _LINE * height // 600)


def _leading(flags: NDArray[np.bool_]) -> int:
    return len(flags) if flags.all() else int(np.argmin(flags))


def _ends(stop: int, lines: NDArray[np.bool_], height: int) -> Iterator[int]:
    """Yield the rows at which the banner may end, likeliest first."""
    yield stop
    # Where the picture beside the banner is as flat as the banner, only a frame parts them.
    for row in np.flatnonzero(lines[: min(stop, int(_TALLEST * height))])[::-1]:
        yield int(row) + 1


def _is_banner(
    grey: NDArray[np.float32],
    lines: NDArray[np.bool_],
    rows: slice,
    level: float,
    *,
    height: int,
) -> bool:
    if not max(8, height // 60) <= rows.stop - rows.start <= _TALLEST * height:
        return False
    framed = bool(lines[rows.stop - 1 : rows.stop + 1].any())
    return _has_text(grey[rows][~lines[rows]], level) and (
        framed or _is_outside(grey[rows.stop : rows.stop + 3], level)
    )


def _has_text(rows: NDArray[np.float32], level: float) -> bool:
    if len(rows) < 6:
        return False
    ink = np.abs(rows - level) > _INK
    clear = (np.abs(rows - level) <= _SAME).mean(axis=1)
    edges = np.count_nonzero(ink[:, 1:] != ink[:, :-1], axis=1)
    return bool(
        0.003 < ink.mean() < 0.5
        and max(clear[:2]) > 0.8  # text stays clear of both edges, cut particles do not
        and max(clear[-3:]) > 0.8
        and np.median(clear) > 0.6
        and edges.max() >= 12  # a few letters side by side
    )


def _is_outside(rows: NDArray[np.float32], level: float) -> bool:
    """Return whether rows beyond a straight edge have left the banner's grey."""
    return bool(rows.size and (np.abs(rows - level) > _SAME).mean() > 0.7)
