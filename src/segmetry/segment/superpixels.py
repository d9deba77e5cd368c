"""Small pieces of a picture whose pixels are alike, and what is in them.

References
----------
.. [1] R. Achanta et al., "SLIC superpixels compared to state-of-the-art superpixel
       methods", IEEE Trans. Pattern Anal. Mach. Intell. 34, 2012.
       doi:10.1109/TPAMI.2012.120
.. [2] P. F. Felzenszwalb and D. P. Huttenlocher, "Efficient graph-based image
       segmentation", Int. J. Comput. Vis. 59, 2004.
       doi:10.1023/B:VISI.0000022288.19776.77
"""

import numpy as np
from numpy.typing import NDArray

from segmetry.segment.options import about

__all__ = ["SUPERPIXELS", "felzenszwalb_regions", "means_of_pieces", "superpixels"]

SUPERPIXELS = about(
    "Number of pieces into which the picture is divided; smaller objects are lost.",
    low=10,
    high=5000,  # memory and time of a tree over them go with the square
)

_COMPACT = 0.1  # weight of the distance in space, where values span 0 to 1
_TAILS = (0.5, 99.5)  # per cent: a few hot pixels must not set the scale


def superpixels(
    values: NDArray[np.float32], included: NDArray[np.bool_], n: int
) -> NDArray[np.intp]:
    """Divide a picture into about `n` compact pieces of alike pixels, after SLIC [1]_.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, C)
    included : ndarray of bool, shape (Y, X)
        Pixels that tell between which values the picture lies.
    n : int

    Returns
    -------
    ndarray of int, shape (Y, X)
        Numbers from 0, without gaps.

    Examples
    --------
    >>> values = np.zeros((20, 30, 1), np.float32)
    >>> values[:, 15:] = 1
    >>> pieces = superpixels(values, np.ones((20, 30), bool), 6)
    >>> set(pieces[:, :15].flat) & set(pieces[:, 15:].flat)
    set()
    """
    from skimage.segmentation import slic

    found = slic(
        _from_0_to_1(values, included),
        n_segments=n,
        compactness=_COMPACT,
        channel_axis=-1,
        convert2lab=False,
        start_label=0,
    )
    return _without_gaps(found)


def felzenszwalb_regions(
    values: NDArray[np.float32],
    included: NDArray[np.bool_],
    *,
    scale: float,
    min_area: int,
) -> NDArray[np.intp]:
    """Divide a picture where steps are large against the spread within pieces [2]_.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, C)
    included : ndarray of bool, shape (Y, X)
    scale : float
        Larger gives larger pieces.
    min_area : int
        Smaller pieces are joined to a neighbour. In pixels.

    Returns
    -------
    ndarray of int, shape (Y, X)
        Numbers from 0, without gaps.
    """
    from skimage.segmentation import felzenszwalb

    found = felzenszwalb(
        _from_0_to_1(values, included), scale, sigma=0, min_size=min_area, channel_axis=-1
    )
    return _without_gaps(found)


def means_of_pieces(
    values: NDArray[np.float32], pieces: NDArray[np.intp], included: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the mean values of each piece over the pixels that count.

    Parameters
    ----------
    values : ndarray of float32, shape (Y, X, C)
    pieces : ndarray of int, shape (Y, X)
        Numbers from 0 to n - 1.
    included : ndarray of bool, shape (Y, X)

    Returns
    -------
    ndarray of float64, shape (n, C)
        NaN in pieces without a pixel that counts.

    Examples
    --------
    >>> values = np.array([[[1.0], [3.0], [8.0]]], np.float32)
    >>> means_of_pieces(values, np.array([[0, 0, 1]]), np.ones((1, 3), bool)).tolist()
    [[2.0], [8.0]]
    """
    n = int(pieces.max()) + 1
    inside = pieces[included]
    area = np.bincount(inside, minlength=n).astype(np.float64)
    area[area == 0] = np.nan
    sums = [
        np.bincount(inside, weights=channel[included], minlength=n)
        for channel in np.moveaxis(values, -1, 0)
    ]
    return np.stack(sums, axis=1) / area[:, None]


def _from_0_to_1(
    values: NDArray[np.float32], included: NDArray[np.bool_]
) -> NDArray[np.float64]:
    low, high = np.percentile(values[included], _TAILS)
    if low == high:  # what differs is less than the tails
        low, high = values[included].min(), values[included].max()
    return np.clip((values.astype(np.float64) - low) / (high - low), 0, 1)


def _without_gaps(numbers: NDArray[np.integer]) -> NDArray[np.intp]:
    inverse = np.unique(numbers, return_inverse=True)[1]
    return np.asarray(inverse.reshape(numbers.shape), dtype=np.intp)
