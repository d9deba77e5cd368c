"""Pixels of several classes: the class of each pixel, and what classes are called.

A class map holds the number of each pixel's class as one byte: 0 is the background, and
`NOT_KNOWN` stands where nothing is known, as outside the sample. It is what programs call
a semantic segmentation.
"""

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.segment.segmenter import Maps

__all__ = ["NOT_KNOWN", "class_map", "names_of_classes"]

NOT_KNOWN = 255  # in a class map: excluded, or not annotated


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


def names_of_classes(maps: Maps) -> tuple[str, ...]:
    """Return what the classes of maps are called, in the order of their numbers.

    Classes without a name are called by their number; where maps know no classes, there
    are background and foreground.

    Examples
    --------
    >>> nothing = np.zeros((2, 3, 3), np.float32)
    >>> names_of_classes(Maps(nothing[..., 0], classes=nothing))
    ('class 0', 'class 1', 'class 2')
    """
    if maps.classes is None:
        return ("background", "foreground")
    return maps.class_names or tuple(f"class {k}" for k in range(maps.classes.shape[-1]))
