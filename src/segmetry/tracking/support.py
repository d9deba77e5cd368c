"""Whether a shift is one of the scene, or only of some of the objects in it.

Objects that move on an empty ground shift the correlation of whole pictures as a drift of
the stage does. A drift moves everything: so the pictures are cut into tiles, and each that
shows something tells whether it moved so, stood still, or did something else. Where the
ground is empty, the objects that were found tell the same by their centres, which stay
where an object grows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

__all__ = ["Support", "centre_support", "shift_support"]

_TILE = 32  # px of a side
_FINEST, _COARSEST = 1.0, 8.0  # px: noise is smoothed, and uneven light is taken off
_ALIKE = 0.4  # correlation in a tile from which both pictures show the same there
_STRUCTURE = 3.0  # times the noise, from which a tile shows something
_MOST = 0.5  # of the tiles that show something
_STANDING = 3  # tiles that moved for each that stood still: dirt on the camera stands too
_TO_NOISE = 0.6745  # median of the absolute values of normal noise
_SURE, _ROUGHLY = 0.5, 0.25  # px, and share of a shift, by which a centre may be off
_Shift = tuple[float, float]


@dataclass(frozen=True)
class Support:
    """What the tiles or objects of two pictures tell of a shift.

    Parameters
    ----------
    moved, stood, other : int
        Those that agree better after the shift, that agree better without, and that agree
        with neither, or better with a shift of another length.
    """

    moved: int
    stood: int
    other: int

    @property
    def is_drift(self) -> bool:
        """Whether most of the scene moved so, and hardly anything of it stood still."""
        most = self.moved > _MOST * (self.moved + self.stood + self.other)
        return most and not self.is_against

    @property
    def is_against(self) -> bool:
        """Whether too much stood still for a drift."""
        return self.moved < _STANDING * self.stood


def shift_support(
    earlier: NDArray[np.floating], later: NDArray[np.floating], shift: _Shift
) -> Support:
    """Return how many tiles of the scene moved by a shift.

    A tile votes for the shift if its correlation with the earlier picture is higher after
    it than without, and not higher after twice the shift. Tiles have 32 pixels; noise finer
    than a pixel and light that changes over more than eight are taken off before.

    Parameters
    ----------
    earlier, later : ndarray of float, shape (Y, X)
    shift : (float, float)
        Down and to the right, in pixels.

    Returns
    -------
    Support

    Examples
    --------
    >>> scene = np.random.default_rng(0).random((80, 90))
    >>> support = shift_support(scene[5:75, 5:85], scene[2:72, 9:89], (3, -4))
    >>> support.is_drift, support.stood
    (True, 0)
    """
    first, second = _banded(earlier), _banded(later)
    still, once, twice = (
        _alike(first, second, (share * shift[0], share * shift[1])) for share in (0, 1, 2)
    )
    seen = ~np.isnan(once)
    shown = (np.fmax(still, once) >= _ALIKE) | (_tiled(second**2) > _least(later, second))
    moved = seen & (once >= _ALIKE) & (once > still) & ~(twice > once)
    stood = seen & (still >= _ALIKE) & (still >= once)
    other = seen & shown & ~moved & ~stood
    return Support(int(moved.sum()), int(stood.sum()), int(other.sum()))


def centre_support(
    earlier: NDArray[np.float64], later: NDArray[np.float64], shift: _Shift
) -> tuple[Support, _Shift]:
    """Return how many objects moved by a shift, and the median of what they moved.

    An object did so if one of the later picture has its centre within a quarter of the
    shift, or half a pixel, of where the shift brings it, and none is as near to where it
    was.

    Parameters
    ----------
    earlier, later : ndarray of float64, shape (n, 2) and (m, 2)
        Centres, y and x in pixels.
    shift : (float, float)
        Down and to the right, in pixels.

    Returns
    -------
    Support
    (float, float)
        The shift that was asked for where no object moved so.

    Examples
    --------
    >>> before = np.array([[10.0, 10], [30, 50], [60, 20], [80, 80]])
    >>> after = before + [[3, 1], [3, 1], [3, 1], [-4, 5]]
    >>> support, moved = centre_support(before, after, (2.8, 1.3))
    >>> support.moved, support.other, support.is_drift, moved
    (3, 1, True, (3.0, 1.0))
    """
    if not (len(earlier) and len(later)):
        return Support(0, 0, len(earlier)), shift
    tree = KDTree(later)
    once, places = tree.query(earlier + np.array(shift))
    still, _ = tree.query(earlier)
    tolerance = max(_SURE, _ROUGHLY * float(np.hypot(*shift)))
    moved = (once <= tolerance) & (once < still)
    stood = (still <= tolerance) & ~moved
    support = Support(int(moved.sum()), int(stood.sum()), int((~moved & ~stood).sum()))
    if not moved.any():
        return support, shift
    y, x = np.median(later[places[moved]] - earlier[moved], axis=0)
    return support, (float(y), float(x))


def _banded(picture: NDArray[np.floating]) -> NDArray[np.float32]:
    grey = np.asarray(picture, dtype=np.float32)
    fine = ndimage.gaussian_filter(grey, _FINEST)
    return np.asarray(fine - ndimage.gaussian_filter(grey, _COARSEST), dtype=np.float32)


def _least(picture: NDArray[np.floating], banded: NDArray[np.float32]) -> float:
    """Return the mean square from which a tile shows more than noise.

    The noise is that of neighbouring pixels, from the median of their absolute differences
    across a diagonal; smoothing leaves 1 / (2 sigma sqrt(pi)) of it.
    """
    grey = np.asarray(picture, dtype=np.float32)
    crossed = grey[1:, 1:] - grey[1:, :-1] - grey[:-1, 1:] + grey[:-1, :-1]
    noise = float(np.median(np.abs(crossed))) / _TO_NOISE / 2 if crossed.size else 0.0
    left = _STRUCTURE * noise / (2 * _FINEST * np.sqrt(np.pi))
    # Without noise, what is a thousandth of the strongest tile's is rounding or a far edge.
    return max(left**2, 1e-3 * float(_tiled(banded**2).max()))


def _alike(
    first: NDArray[np.float32], second: NDArray[np.float32], shift: _Shift
) -> NDArray[np.float64]:
    """Return the correlation of each tile; NaN where half of it was not seen or is flat."""
    there = ndimage.shift(np.ones_like(first), shift, order=1) > 1 - 1e-3
    one = ndimage.shift(first, shift, order=1) * there
    other = second * there
    share = _tiled(there.astype(np.float32))
    n = np.where(share >= _MOST, share, np.nan)
    middle, centre = _tiled(one) / n, _tiled(other) / n
    spread = _tiled(one**2) / n - middle**2
    spread = spread * (_tiled(other**2) / n - centre**2)
    product = _tiled(one * other) / n - middle * centre
    return np.asarray(product / np.sqrt(np.where(spread > 0, spread, np.nan)))


def _tiled(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean of each tile."""
    starts = [_starts(length) for length in values.shape]
    sums = np.asarray(values, dtype=np.float64)
    for axis, at in enumerate(starts):
        sums = np.add.reduceat(sums, at, axis=axis)
    sizes = [
        np.diff(np.append(at, length))
        for at, length in zip(starts, values.shape, strict=True)
    ]
    return np.asarray(sums / np.outer(*sizes))


def _starts(length: int) -> NDArray[np.intp]:
    """Return where the tiles of a side begin: even, and near 32 pixels apart."""
    n = max(1, round(length / _TILE))
    return (np.arange(n) * length // n).astype(np.intp)
