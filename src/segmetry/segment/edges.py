"""Where the edge of an object lies: halfway between its brightness and the ground beside.

A cutoff for the whole picture finds objects, but it places their edges too far out where
it is nearer to the ground than to the object, and too far in elsewhere: by a pixel and
more, since every edge is a slope. Halfway up the slope is where a blurred step has its
middle, whatever the blur. On small discs the middle lies a little inside: a blur of
standard deviation s shrinks a radius r by about s**2 / (2 r).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONTEXT",
    "ROUNDS",
    "distance_inside",
    "halfway_levels",
    "mean_inside",
    "move_edges",
    "nearest_object",
    "one_piece_each",
    "place_edges",
]

CONTEXT = 36  # pixels around a pixel that a round looks at: _REACH, half a _WINDOW, _RING
ROUNDS = 2  # the second starts from better edges, so that inside and outside are pure

_REACH = 4  # pixels an edge may move in a round; a slope is rarely longer
_SLOPE = 2.5  # pixels on both sides of an edge that belong to its slope
_RIM = 8  # pixels inside an edge that tell how bright the object is there
_RING = 12  # pixels beside an object that count as the ground beside it
_WINDOW = 31  # pixels over which the ground is averaged
_CONTRAST = 0.3  # of the whole picture's: fainter edges have no halfway and stay


def place_edges(
    labels: NDArray[np.uint32],
    grey: NDArray[np.float32],
    included: NDArray[np.bool_],
    *,
    holes: NDArray[np.bool_] | None = None,
    contrast: float | None = None,
) -> NDArray[np.uint32]:
    """Move the edges of objects to halfway between their brightness and the ground's.

    Objects keep their numbers and stay apart, each in one piece; none vanishes. Edges
    between objects that touch stay where they are, and so do those of objects that are
    too small or too faint to tell how bright they are.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
        Objects with edges that are right to a few pixels.
    grey : ndarray of float32, shape (Y, X)
        Objects are bright; for dark ones, give the negative.
    included : ndarray of bool, shape (Y, X)
        True where a pixel belongs to the sample.
    holes : ndarray of bool, shape (Y, X), or None
        Where objects were filled: these pixels do not tell how bright an object is.
    contrast : float or None
        By how much objects are brighter than the ground in the whole picture; `None`
        where that is this one.

    Returns
    -------
    ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> step = np.repeat(np.float32([[10, 10, 10, 10, 40, 100, 110, 110, 110, 110]]), 9, 0)
    >>> place_edges((step > 30).astype(np.uint32), step, np.ones(step.shape, bool))[4]
    array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], dtype=uint32)
    """
    for _ in range(ROUNDS):
        labels = move_edges(labels, grey, included, holes=holes, contrast=contrast)
    return one_piece_each(labels)


def move_edges(
    labels: NDArray[np.uint32],
    grey: NDArray[np.float32],
    included: NDArray[np.bool_],
    *,
    holes: NDArray[np.bool_] | None = None,
    contrast: float | None = None,
    known: NDArray[np.float32] | None = None,
) -> NDArray[np.uint32]:
    """Move edges once; see `place_edges`. What comes of a pixel depends on `CONTEXT`.

    Parameters
    ----------
    labels, grey, included, holes, contrast
        As for `place_edges`.
    known : ndarray of float32, shape (n_objects + 1,), or None
        See `halfway_levels`.

    Returns
    -------
    ndarray of uint32, shape (Y, X)
    """
    nearest = nearest_object(labels)
    levels = halfway_levels(
        grey,
        labels,
        included,
        holes=holes,
        contrast=contrast,
        known=known,
        nearest=nearest,
    )
    below, above = grey <= levels, grey > levels
    return np.where(below, 0, np.where(above & included, nearest, labels))


def halfway_levels(
    grey: NDArray[np.float32],
    labels: NDArray[np.uint32],
    included: NDArray[np.bool_],
    *,
    holes: NDArray[np.bool_] | None = None,
    contrast: float | None = None,
    known: NDArray[np.float32] | None = None,
    nearest: NDArray[np.uint32] | None = None,
) -> NDArray[np.float32]:
    """Return the grey value at which the edge of an object lies.

    Parameters
    ----------
    grey : ndarray of float32, shape (Y, X)
        Objects are bright.
    labels : ndarray of uint32, shape (Y, X)
    included : ndarray of bool, shape (Y, X)
    holes : ndarray of bool, shape (Y, X), or None
        Pixels of objects that do not tell how bright they are.
    contrast : float or None
        By how much objects are brighter than the ground in the whole picture; `None`
        where that is this one.
    known : ndarray of float32, shape (n_objects + 1,), or None
        How bright objects are that lie here in part only, by their numbers; infinite for
        those of which all is here. See `mean_inside`.
    nearest : ndarray of uint32, shape (Y, X), or None
        What `nearest_object` gives, for who has it.

    Returns
    -------
    ndarray of float32, shape (Y, X)
        Near an edge, halfway between the nearest object and the ground beside it; NaN
        elsewhere, and where an object is too faint or too small for two sides.

    Examples
    --------
    >>> step = np.repeat(np.float32([[10, 10, 10, 10, 40, 100, 110, 110, 110, 110]]), 9, 0)
    >>> objects = (step > 30).astype(np.uint32)
    >>> levels = halfway_levels(step, objects, np.ones(step.shape, bool))
    >>> levels[4, 3:6].round().tolist()
    [60.0, 60.0, 60.0]
    """
    if contrast is None:
        contrast = _contrast(grey, labels > 0, included)
    if contrast is None:
        return np.full(grey.shape, np.nan, np.float32)
    depth, distance = distance_inside(labels > 0), distance_inside(labels == 0)
    inside = mean_inside(labels, grey, included, holes=holes, depth=depth)
    if known is not None:
        inside = np.where(np.isinf(known), inside, known)
    object_side = inside[nearest_object(labels) if nearest is None else nearest]
    beside = (distance > _SLOPE) & (distance <= _RING) & included
    ground_side = _local_mean(grey, beside)
    near = (depth <= _REACH) & (distance <= _REACH)
    clear = object_side - ground_side > _CONTRAST * max(contrast, 0.0)
    return np.where(near & clear, (object_side + ground_side) / 2, np.float32(np.nan))


def mean_inside(
    labels: NDArray[np.uint32],
    grey: NDArray[np.float32],
    included: NDArray[np.bool_],
    *,
    holes: NDArray[np.bool_] | None = None,
    depth: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return how bright each object is beyond the slope of its edge.

    Parameters
    ----------
    labels, grey, included, holes
        As for `place_edges`.
    depth : ndarray of float32, shape (Y, X), or None
        What `distance_inside` gives of all objects, for who has it.

    Returns
    -------
    ndarray of float32, shape (n_objects + 1,)
        NaN for an object that is too small to tell.

    Examples
    --------
    >>> step = np.repeat(np.float32([[10, 10, 10, 10, 40, 100, 110, 110, 110, 110]]), 9, 0)
    >>> objects = (step > 30).astype(np.uint32)
    >>> mean_inside(objects, step, np.ones(step.shape, bool))
    array([ nan, 110.], dtype=float32)
    """
    foreground = labels > 0
    depth = distance_inside(foreground) if depth is None else depth
    solid = depth
    if holes is not None and holes.any():
        solid = distance_inside(foreground & ~holes)
    core = (solid > _SLOPE) & (depth <= _RIM) & included
    return _mean_of_each(grey, labels, core)


def _contrast(
    grey: NDArray[np.float32], foreground: NDArray[np.bool_], included: NDArray[np.bool_]
) -> float | None:
    """Return by how much objects are brighter than the ground; `None` without either."""
    objects, ground = foreground & included, included & ~foreground
    if not objects.any() or not ground.any():
        return None
    return float(grey[objects].mean() - grey[ground].mean())


def distance_inside(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return how far each pixel of a mask is from what is not of it, nearly exactly.

    Parameters
    ----------
    mask : ndarray of bool, shape (Y, X)

    Returns
    -------
    ndarray of float32, shape (Y, X)
        In pixels; 0 outside the mask, and very large where nothing is outside.
    """
    inside = np.ascontiguousarray(mask).view(np.uint8)
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_5))


def nearest_object(labels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the number of the nearest object for every pixel; 0 where there is none.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)

    Returns
    -------
    ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> nearest_object(np.array([[0, 3, 0, 0, 0, 0, 9]], np.uint32))
    array([[3, 3, 3, 3, 9, 9, 9]], dtype=uint32)
    """
    if not labels.any():
        return labels
    ground = (labels == 0).astype(np.uint8)
    _, places = cv2.distanceTransformWithLabels(
        ground, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    numbers = np.zeros(places.max() + 1, np.uint32)
    numbers[places[labels > 0]] = labels[labels > 0]
    return np.asarray(numbers[places])


def _mean_of_each(
    grey: NDArray[np.float32], labels: NDArray[np.uint32], mask: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Average each object over the pixels of a mask; NaN for one that has none."""
    n_bins = int(labels.max()) + 1
    owners = labels[mask]
    count = np.bincount(owners, minlength=n_bins)
    total = np.bincount(owners, grey[mask], minlength=n_bins)
    mean = np.full(n_bins, np.nan)
    return np.divide(total, count, out=mean, where=count > 0).astype(np.float32)


def _local_mean(grey: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Average over the pixels of a mask in a window; NaN where it holds none."""
    weight = mask.astype(np.float32)
    window = (_WINDOW, _WINDOW)
    share = cv2.boxFilter(weight, -1, window, borderType=cv2.BORDER_REFLECT)
    total = cv2.boxFilter(grey * weight, -1, window, borderType=cv2.BORDER_REFLECT)
    share[share < 0.5 / _WINDOW**2] = np.nan
    return np.asarray(total / share)


def one_piece_each(labels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return labels in which only the largest piece of every object is left.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)

    Returns
    -------
    ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> one_piece_each(np.array([[4, 0, 4, 4, 0, 7]], np.uint32))
    array([[0, 0, 4, 4, 0, 7]], dtype=uint32)
    """
    from skimage.measure import label

    pieces = label(labels, connectivity=2)
    sizes = np.bincount(pieces.ravel())
    owners = np.zeros(sizes.size, np.uint32)
    owners[pieces.ravel()] = labels.ravel()
    by_size = np.lexsort((sizes, owners))
    is_largest = np.append(owners[by_size][1:] != owners[by_size][:-1], True)
    largest = by_size[is_largest & (owners[by_size] > 0)]
    names = np.zeros(sizes.size, np.uint32)
    names[largest] = owners[largest]
    return names[pieces]
