"""What the surroundings of pixels look like, held from one look to the next.

Features are computed tile by tile, those of one picture at a time are held, and the ones
used last the longest. Of the pixels that a person painted, features are held for all
pictures: so that a stroke on one does not need the others again.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image
from segmetry.models.pixel_classifier import points_of_strokes
from segmetry.project.previews import ready_for
from segmetry.project.runs import Order
from segmetry.project.strokes import Stroke, painted
from segmetry.recipe import before_segmenting, read_recipe_text, recipe_text
from segmetry.segment.pixel_features import (
    SCALES,
    channels_of,
    feature_levels,
    feature_reach,
    pixel_features,
)

__all__ = ["TILE", "SeenPicture", "SeenPictures", "thinned"]

TILE = 512  # px of a tile's side

_MOST_BYTES = 2**29  # of features of tiles
_MOST_POINTS = 10_000  # of a class in a picture: more would hardly teach more
_SCATTERED = 2_654_435_761  # odd: its multiples modulo 2**32 lie as if thrown at random

_Tile = tuple[int, int]
_Points = tuple[NDArray[np.floating], NDArray[np.int64]]


class SeenPicture:
    """A picture with the features of those tiles of it that were looked at lately.

    Parameters
    ----------
    image : Image
        Axes YX or YXC.
    channels : int
        Of the features, see `segmetry.segment.pixel_features`.
    """

    def __init__(self, image: Image, channels: int) -> None:
        self.image = image
        self._channels = channels
        self._levels = feature_levels(image, channels=channels)
        self._tiles: OrderedDict[_Tile, NDArray[np.float32]] = OrderedDict()

    def features(self, tile: _Tile) -> NDArray[np.float32]:
        """Return the features of a tile, the same as those of the whole picture.

        Parameters
        ----------
        tile : tuple of int
            Its row and column, counted in tiles of `TILE` pixels.

        Returns
        -------
        ndarray of float32, shape (Y, X, F)
        """
        if tile not in self._tiles:
            self._tiles[tile] = self._computed(tile)
            held = sum(one.nbytes for one in self._tiles.values())
            while held > _MOST_BYTES and len(self._tiles) > 1:
                held -= self._tiles.popitem(last=False)[1].nbytes
        self._tiles.move_to_end(tile)
        return self._tiles[tile]

    def _computed(self, tile: _Tile) -> NDArray[np.float32]:
        image, reach = self.image, feature_reach(SCALES)
        y, x = (number * TILE for number in tile)
        top, left = max(y - reach, 0), max(x - reach, 0)
        part = slice(top, y + TILE + reach), slice(left, x + TILE + reach)
        excluded = None if image.excluded is None else image.excluded[part]
        piece = Image(image.pixels[part], axes=image.axes, excluded=excluded)
        found = pixel_features(piece, channels=self._channels, levels=self._levels)
        y, x = y - top, x - left
        return np.ascontiguousarray(found[y : y + TILE, x : x + TILE])


@dataclass
class _Taught:
    """The features of the painted pixels of a picture."""

    strokes: tuple[Stroke, ...] = ()
    class_ids: tuple[int, ...] = ()
    tiles: dict[_Tile, tuple[bytes, _Points]] = field(default_factory=dict)


class SeenPictures:
    """What is held of pictures between two looks; for one process and one thread."""

    def __init__(self) -> None:
        self._newest: tuple[object, SeenPicture] | None = None
        self._taught: dict[tuple[object, int], _Taught] = {}
        self._channels: dict[object, int] = {}

    def picture(self, order: Order, channels: int) -> SeenPicture:
        """Return a picture; another one that was returned before is let go."""
        key = _key(order), channels
        if self._newest is None or self._newest[0] != key:
            self._newest = None  # its memory first
            self._newest = key, SeenPicture(ready_for(order).image, channels)
        return self._newest[1]

    def channels(self, order: Order) -> int:
        """Return the number of channels of a picture."""
        key = _key(order)
        if key not in self._channels:
            self._channels[key] = channels_of(ready_for(order).image)
        return self._channels[key]

    def forget(self, orders: Iterable[Order]) -> None:
        """Let go what is held of all pictures but these."""
        keys = {_key(order) for order in orders}
        self._taught = {key: one for key, one in self._taught.items() if key[0] in keys}
        self._channels = {key: n for key, n in self._channels.items() if key in keys}

    def points(
        self,
        order: Order,
        strokes: tuple[Stroke, ...],
        class_ids: tuple[int, ...],
        channels: int,
    ) -> _Points:
        """Return the features and the classes of the painted pixels of a picture.

        Parameters
        ----------
        order : Order
        strokes : tuple of Stroke
        class_ids : tuple of int
            In the order of the classes' numbers.
        channels : int

        Returns
        -------
        tuple of ndarray, shapes (N, F) and (N,)
            None of pixels that are no part of the sample. Of a class at most 10,000, the
            same ones as long as the strokes on them stay.
        """
        taught = self._taught.setdefault((_key(order), channels), _Taught())
        if (taught.strokes, taught.class_ids) != (strokes, class_ids):
            taught.tiles = self._tiles_of(order, strokes, class_ids, channels, taught.tiles)
            taught.strokes, taught.class_ids = strokes, class_ids
        parts = [points for _, points in taught.tiles.values()]
        if not parts:
            return np.empty((0, 0), np.float32), np.empty(0, np.int64)
        return (
            np.concatenate([features for features, _ in parts]),
            np.concatenate([classes for _, classes in parts]),
        )

    def _tiles_of(
        self,
        order: Order,
        strokes: tuple[Stroke, ...],
        class_ids: tuple[int, ...],
        channels: int,
        before: dict[_Tile, tuple[bytes, _Points]],
    ) -> dict[_Tile, tuple[bytes, _Points]]:
        seen = self.picture(order, channels)
        height, width = seen.image.spatial_shape
        paint = painted(strokes, class_ids, (height, width))
        paint = thinned(paint * seen.image.included, len(class_ids))
        tiles = {}
        for tile in np.ndindex(-(-height // TILE), -(-width // TILE)):
            y, x = tile[0] * TILE, tile[1] * TILE
            piece = paint[y : y + TILE, x : x + TILE]
            if not piece.any():
                continue
            mark = hashlib.blake2b(piece.tobytes()).digest()
            known = before.get((tile[0], tile[1]))
            if known is None or known[0] != mark:
                known = mark, points_of_strokes(seen.features((tile[0], tile[1])), piece)
            tiles[tile[0], tile[1]] = known
        return tiles


def thinned(paint: NDArray[np.uint8], n_classes: int) -> NDArray[np.uint8]:
    """Return what was painted with at most 10,000 pixels of each class.

    Parameters
    ----------
    paint : ndarray of uint8, shape (Y, X)
        See `segmetry.project.strokes.painted`.
    n_classes : int

    Returns
    -------
    ndarray of uint8, shape (Y, X)
        Which pixels are kept depends on where they are and on nothing else, but for their
        number: what is painted later moves few of those that were there.

    Examples
    --------
    >>> np.bincount(thinned(np.ones((300, 300), np.uint8), 1).ravel()).tolist()
    [80000, 10000]
    """
    flat = paint.ravel().copy()
    for number in range(1, n_classes + 1):
        places = np.flatnonzero(flat == number)
        if len(places) > _MOST_POINTS:
            thrown = places.astype(np.uint64) * np.uint64(_SCATTERED) % np.uint64(2**32)
            flat[places[np.argpartition(thrown, _MOST_POINTS)[_MOST_POINTS:]]] = 0
    return flat.reshape(paint.shape)


def _key(order: Order) -> object:
    return order.path, order.path.stat().st_mtime_ns, _before(order.recipe)


@lru_cache(maxsize=256)
def _before(recipe: str) -> str:
    """Return what of a recipe counts here, so that choosing a method costs nothing."""
    return recipe_text(before_segmenting(read_recipe_text(recipe)))
