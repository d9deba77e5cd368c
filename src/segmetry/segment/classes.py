"""Pixels of several classes: the class of each pixel, and objects of one class each.

A class map holds the number of each pixel's class as one byte: 0 is the background, and
`NOT_KNOWN` stands where nothing is known, as outside the sample. It is what programs call
a semantic segmentation. Numbered objects with a class each are a panoptic one [1]_.

References
----------
.. [1] A. Kirillov, K. He, R. Girshick, C. Rother, P. Dollár, "Panoptic segmentation", CVPR
       2019. doi:10.1109/CVPR.2019.00963
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from segmetry.image import NOT_KNOWN, Image
from segmetry.segment.segmenter import Maps

__all__ = [
    "NOT_KNOWN",
    "against_background",
    "class_map",
    "cut_by_class",
    "has_class_map",
    "has_kinds",
    "kinds_of",
    "kinds_of_objects",
    "names_of_classes",
]


def class_map(maps: Maps, image: Image) -> NDArray[np.uint8]:
    """Return the likeliest class of each pixel.

    Parameters
    ----------
    maps : Maps
        Where they know no classes, foreground is class 1.
    image : Image
        The picture, or volume, that the maps are of.

    Returns
    -------
    ndarray of uint8, shape of the picture's spatial axes
        Of classes that are equally likely the first; `NOT_KNOWN` where the picture is
        excluded.

    Raises
    ------
    ValueError
        If there are more than 255 classes, or the maps are of another picture.

    Examples
    --------
    >>> chances = np.float32([[[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]]])
    >>> picture = Image(np.zeros((1, 2), np.uint8))
    >>> class_map(Maps(1 - chances[..., 0], classes=chances), picture)
    array([[0, 2]], dtype=uint8)
    """
    if maps.classes is None:
        numbers = np.asarray(maps.foreground > maps.cutoff, np.uint8)
    else:
        if maps.classes.shape[-1] > NOT_KNOWN:
            msg = f"a class map has at most 255 classes, got {maps.classes.shape[-1]}"
            raise ValueError(msg)
        numbers = maps.classes.argmax(axis=-1).astype(np.uint8)
    if numbers.shape != image.spatial_shape:
        msg = (
            f"maps must have the picture's shape {image.spatial_shape}, got {numbers.shape}"
        )
        raise ValueError(msg)
    return np.where(image.included, numbers, np.uint8(NOT_KNOWN))


def against_background(classes: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return how likely each pixel is of an object: the likeliest class or the background.

    It is over 0.5 where the likeliest class is not the background, as in the class map: a
    pixel that is background with 0.4, and each of two others with 0.3, is background. Of
    two classes it is the probability of the second.

    Parameters
    ----------
    classes : ndarray of float, shape (..., C)
        Probability of each class, the background first.

    Returns
    -------
    ndarray of float32, shape (...)

    Examples
    --------
    >>> against_background(np.float32([[0.4, 0.3, 0.3], [0.2, 0.0, 0.8]])).round(2)
    array([0.43, 0.8 ], dtype=float32)
    """
    other = classes[..., 1:].max(axis=-1).astype(np.float32, copy=False)
    both = classes[..., 0] + other
    return np.divide(other, both, out=np.zeros_like(other), where=both > 0)


def names_of_classes(maps: Maps) -> tuple[str, ...]:
    """Return what the classes of maps are called, in the order of their numbers.

    Classes without a name are called by their number; where maps know no classes and no
    names, there are background and foreground.

    Examples
    --------
    >>> nothing = np.zeros((2, 3, 3), np.float32)
    >>> names_of_classes(Maps(nothing[..., 0], classes=nothing))
    ('class 0', 'class 1', 'class 2')
    """
    if maps.classes is None:
        return maps.class_names or ("background", "foreground")
    return maps.class_names or tuple(f"class {k}" for k in range(maps.classes.shape[-1]))


def has_class_map(maps: Maps) -> bool:
    """Return whether maps know more than foreground and background."""
    return maps.classes is not None and maps.classes.shape[-1] > 2


def has_kinds(maps: Maps) -> bool:
    """Return whether objects are of several kinds, so that each has a class.

    Groups of pixels without a name, such as clusters, are no kinds: a bright particle has
    a rim of the middle group, which is no other object.
    """
    return has_class_map(maps) and bool(maps.class_names)


def kinds_of(foreground: NDArray[np.bool_], maps: Maps) -> NDArray[np.uint8]:
    """Return of which class each pixel of the foreground is; 0 outside of it.

    Parameters
    ----------
    foreground : ndarray of bool, spatial shape of the maps
        Where it was filled, beyond the foreground of the maps, a pixel is of the class of
        the nearest one that was there.
    maps : Maps
        With classes, the background first.

    Returns
    -------
    ndarray of uint8, same shape

    Examples
    --------
    >>> chances = np.float32([[[0.9, 0.1, 0.0], [0.4, 0.3, 0.3]]])
    >>> kinds_of(np.array([[False, True]]), Maps(1 - chances[..., 0], classes=chances))
    array([[0, 1]], dtype=uint8)
    """
    if maps.classes is None:
        return foreground.astype(np.uint8)
    kinds = (maps.classes[..., 1:].argmax(axis=-1) + 1).astype(np.uint8)
    kinds[~foreground] = 0
    seen = foreground & (maps.foreground > maps.cutoff)
    filled = foreground & ~seen
    if filled.any() and seen.any():
        from scipy.ndimage import distance_transform_edt

        places = distance_transform_edt(~seen, return_distances=False, return_indices=True)
        kinds[filled] = kinds[tuple(places[:, filled])]
    return kinds


def cut_by_class(
    kinds: NDArray[np.uint8], cut: Callable[[NDArray[np.bool_]], NDArray[np.uint32]]
) -> NDArray[np.uint32]:
    """Return the objects of each class by itself, so that none is of two classes.

    Parameters
    ----------
    kinds : ndarray of uint8
        As `kinds_of` gives them.
    cut : callable
        Gives the objects, 1 to n, of a foreground.

    Returns
    -------
    ndarray of uint32, same shape
        0 is background; objects are 1 to n in reading order.

    Examples
    --------
    >>> from segmetry.segment.objects import number_objects
    >>> cut_by_class(np.uint8([[2, 2, 1, 0, 2]]), number_objects)
    array([[1, 1, 2, 0, 3]], dtype=uint32)
    """
    labels = np.zeros(kinds.shape, np.uint32)
    n_objects = 0
    for kind in np.unique(kinds[kinds > 0]):
        own = cut(kinds == kind)
        there = own > 0
        labels[there] = own[there] + n_objects
        n_objects = int(max(n_objects, labels.max()))
    return _in_reading_order(labels, n_objects)


def kinds_of_objects(
    labels: NDArray[np.uint32], kinds: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return the class of each object: that of most of its pixels.

    Parameters
    ----------
    labels : ndarray of uint32
        Objects 1 to n.
    kinds : ndarray of uint8, same shape
        As `kinds_of` gives them; 0 tells of no class.

    Returns
    -------
    ndarray of uint8, shape (n,)
        Of classes with equally many pixels the first; 0 where no pixel tells any.
    """
    n_objects, n_kinds = int(labels.max(initial=0)), int(kinds.max(initial=0)) + 1
    told = (labels > 0) & (kinds > 0)
    places = labels[told].astype(np.intp) * n_kinds + kinds[told]
    counts = np.bincount(places, minlength=(n_objects + 1) * n_kinds)
    return counts.reshape(n_objects + 1, n_kinds)[1:].argmax(axis=1).astype(np.uint8)


def _in_reading_order(labels: NDArray[np.uint32], n_objects: int) -> NDArray[np.uint32]:
    flat = labels.ravel()
    places = np.flatnonzero(flat)[::-1]
    first = np.zeros(n_objects + 1, np.intp)
    first[flat[places]] = (
        places  # the last that is written counts: the first in the picture
    )
    names = np.zeros(n_objects + 1, np.uint32)
    names[1 + np.argsort(first[1:], kind="stable")] = np.arange(1, n_objects + 1)
    return names[labels]
