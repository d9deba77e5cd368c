"""What the strokes of a project teach: the classes of the pixels that a person looks at.

Nothing is kept of it on the disk. The work needs no project, so that a process of its own
can do it, stroke after stroke: what it needs again stays in memory there.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np

from segmetry.errors import PictureError, RecipeError
from segmetry.models.pixel_classifier import PixelClassifier
from segmetry.project.previews import check_window
from segmetry.project.runs import Order
from segmetry.project.seen import TILE, SeenPictures
from segmetry.project.strokes import Stroke
from segmetry.recipe import Recipe, Rectangle

if TYPE_CHECKING:
    from segmetry.project.project import Project

__all__ = [
    "NOT_KNOWN",
    "ClassMap",
    "ClassMapOrder",
    "Lesson",
    "class_map",
    "lesson_of",
    "look_ahead",
    "order_to_teach",
    "taught_classifier",
]

NOT_KNOWN = 255  # in class maps: no part of the sample

_TRIAL = 200  # pixels; enough to load what learns and what it needs
_SEEN = SeenPictures()


@dataclass(frozen=True)
class Lesson:
    """All that was painted in a project.

    Parameters
    ----------
    class_ids : tuple of int
        In the order of the classes' numbers.
    class_names : tuple of str
    pictures : tuple of tuple
        Each picture that was painted on, and its strokes.
    """

    class_ids: tuple[int, ...]
    class_names: tuple[str, ...]
    pictures: tuple[tuple[Order, tuple[Stroke, ...]], ...]


@dataclass(frozen=True)
class ClassMapOrder:
    """What is to be looked at.

    Parameters
    ----------
    order : Order
        The picture.
    window : tuple of int
        x, y, width and height in its pixels.
    lesson : Lesson
    """

    order: Order
    window: Rectangle
    lesson: Lesson


@dataclass(frozen=True)
class ClassMap:
    """The classes of a window's pixels.

    Parameters
    ----------
    packed : bytes
        The class number of each pixel, row by row, packed with zstd; 255 where the picture
        is no part of the sample.
    seconds : float
        That it took.
    """

    packed: bytes
    seconds: float


def order_to_teach(project: "Project", picture: str) -> Order:
    """Return the order of a picture that is painted on.

    The method that is chosen does not count, and may be a model that is no more.

    Raises
    ------
    PictureError
        If the picture is a volume, or its file is gone or has changed.
    """
    record = project.pictures.record(picture)
    if record.is_volume:
        msg = f"{record.name} is a volume; classes are painted on single pictures only."
        raise PictureError(msg)
    plain = {"segmentation": Recipe().segmentation}
    return project.labels.order(picture, project.recipe.model_copy(update=plain))


def lesson_of(project: "Project") -> Lesson:
    """Return what was painted in a project.

    Raises
    ------
    PictureError
        If the file of a picture that was painted on is gone or has changed.
    RecipeError
        If strokes of fewer than two classes are there.
    """
    strokes, classes = project.strokes, project.strokes.classes()
    drawn = [(name, strokes.of(name)) for name in strokes.pictures()]
    used = {one.class_id for _, some in drawn for one in some} - {None}
    if len(used) < 2:
        msg = (
            f"Expected strokes of at least two classes, got {len(used) or 'none'}; paint "
            "some of the background and of another class."
        )
        raise RecipeError(msg)
    return Lesson(
        tuple(one.id for one in classes),
        tuple(one.name for one in classes),
        tuple((order_to_teach(project, name), some) for name, some in drawn),
    )


def class_map(asked: ClassMapOrder) -> ClassMap:
    """Learn from all strokes, and tell the classes of a window's pixels.

    Parameters
    ----------
    asked : ClassMapOrder

    Returns
    -------
    ClassMap

    Raises
    ------
    RecipeError
        As `segmetry.project.check_window` says, or if what was painted is erased again.
    SegmetryError
        As reading a picture does.
    """
    begun = time.perf_counter()
    classifier = taught_classifier(asked.lesson, asked.order)
    seen = _SEEN.picture(asked.order, classifier.channels)
    check_window(asked.window, seen.image.spatial_shape)
    x, y, width, height = asked.window
    classes = np.empty((height, width), np.uint8)
    for row, column in _tiles_in(asked.window):
        rows, columns = _part(row, y, height), _part(column, x, width)
        features = seen.features((row, column))[
            _moved(rows, row * TILE), _moved(columns, column * TILE)
        ]
        likely = classifier.probabilities(features)
        classes[_moved(rows, y), _moved(columns, x)] = likely.argmax(axis=-1)
    classes[~seen.image.included[y : y + height, x : x + width]] = NOT_KNOWN
    packed = bytes(imagecodecs.zstd_encode(classes.tobytes(), level=1))
    return ClassMap(packed, time.perf_counter() - begun)


def look_ahead(order: Order, window: Rectangle) -> None:
    """Get ready for class maps of a window: read the picture, load what learns.

    Raises
    ------
    SegmetryError
        As `class_map` does.
    """
    channels = _SEEN.channels(order)
    seen = _SEEN.picture(order, channels)
    check_window(window, seen.image.spatial_shape)
    for tile in _tiles_in(window):
        features = seen.features(tile)
    few = features.reshape(-1, features.shape[-1])[:_TRIAL]
    halves = np.arange(len(few)) * 2 // len(few)
    if len(few) > 1:
        PixelClassifier.fit_points(few, halves, channels=channels).probabilities(few)


def taught_classifier(lesson: Lesson, *others: Order) -> PixelClassifier:
    """Learn from all strokes.

    Parameters
    ----------
    lesson : Lesson
    *others : Order
        Pictures that the classifier must fit too, by their channels.

    Returns
    -------
    PixelClassifier

    Raises
    ------
    RecipeError
        If fewer than two classes are painted.
    SegmetryError
        As reading a picture does.
    """
    orders = [order for order, _ in lesson.pictures]
    _SEEN.forget((*orders, *others))
    channels = {_SEEN.channels(order) for order in (*orders, *others)}
    # Pictures of different channels have only their brightness in common.
    return _learned(lesson, channels.pop() if len(channels) == 1 else 1)


@lru_cache(maxsize=2)
def _learned(lesson: Lesson, channels: int) -> PixelClassifier:
    points = [
        _SEEN.points(order, strokes, lesson.class_ids, channels)
        for order, strokes in lesson.pictures
    ]
    known = [one for one in points if len(one[1])]
    classes = np.concatenate([np.empty(0, np.int64), *(one[1] for one in known)])
    if len(np.unique(classes)) < 2:
        msg = (
            "What is left of the strokes after erasing is of one class at most; paint some "
            "of the background and of another class."
        )
        raise RecipeError(msg)
    return PixelClassifier.fit_points(
        np.concatenate([features for features, _ in known]),
        classes,
        class_names=lesson.class_names,
        channels=channels,
    )


def _tiles_in(window: Rectangle) -> Iterator[tuple[int, int]]:
    x, y, width, height = window
    for row in range(y // TILE, (y + height - 1) // TILE + 1):
        for column in range(x // TILE, (x + width - 1) // TILE + 1):
            yield row, column


def _part(number: int, start: int, length: int) -> slice:
    """Return what lies both in a tile and between two rows or columns."""
    return slice(max(number * TILE, start), min((number + 1) * TILE, start + length))


def _moved(part: slice, by: int) -> slice:
    return slice(part.start - by, part.stop - by)
