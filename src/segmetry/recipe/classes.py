"""The class map of a result, where its method knows more than foreground."""

from segmetry.image import ClassMap, Image
from segmetry.segment import Maps
from segmetry.segment.classes import class_map, has_class_map, names_of_classes

__all__ = ["class_map_of"]


def class_map_of(maps: Maps, image: Image) -> ClassMap | None:
    """Return the class of each pixel.

    Parameters
    ----------
    maps : Maps
    image : Image
        Of which they are.

    Returns
    -------
    ClassMap or None
        `None` of a method that knows at most two classes: its objects tell as much.

    Examples
    --------
    >>> import numpy as np
    >>> chances = np.float32([[[0.9, 0.1, 0.0], [0.2, 0.3, 0.5]]])
    >>> picture = Image(np.zeros((1, 2), np.uint8))
    >>> found = class_map_of(Maps(1 - chances[..., 0], classes=chances), picture)
    >>> found.data.tolist(), found.names
    ([[0, 2]], ('class 0', 'class 1', 'class 2'))
    >>> class_map_of(Maps(chances[..., 0]), picture) is None
    True
    """
    if not has_class_map(maps):
        return None
    return ClassMap(class_map(maps, image), image, names_of_classes(maps))
