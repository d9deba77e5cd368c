"""What a method finds in the part of a picture that a person looks at.

Nothing is kept. The work needs no project, so that a process of its own can do it, again
and again while a person moves a slider: the picture stays read and calibrated there.
"""

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import imagecodecs
import numpy as np

from segmetry import io
from segmetry.errors import RecipeError
from segmetry.project.identifiers import called
from segmetry.project.runs import Order
from segmetry.recipe import (
    Ready,
    Recipe,
    Rectangle,
    before_segmenting,
    find_objects,
    make_ready,
    read_recipe_text,
    recipe_text,
)

__all__ = [
    "MOST_PIXELS",
    "Preview",
    "PreviewOrder",
    "check_window",
    "prepare",
    "preview",
    "ready_for",
]

MOST_PIXELS = 2**20  # of a window: what most methods need less than a second for
_TRIAL = 128  # px, of a window in which a method is tried: enough to load what it needs


@dataclass(frozen=True)
class PreviewOrder:
    """What is to be looked at, and how.

    Parameters
    ----------
    order : Order
        What would be run on the whole picture.
    window : tuple of int
        x, y, width and height in pixels of the picture.
    with_map : bool
        Also give the map in which objects were found.
    """

    order: Order
    window: Rectangle
    with_map: bool = False


@dataclass(frozen=True)
class Preview:
    """What was found in a window.

    Parameters
    ----------
    packed : bytes
        Little-endian uint32 for each pixel of the window, row by row, packed with zstd;
        where the map was asked for, one byte more for each: how likely it belongs to an
        object, from 0 to 255.
    n_objects : int
    cutoff : float
        Probability over which pixels belong to objects.
    seconds : float
        That finding them took.
    """

    packed: bytes
    n_objects: int
    cutoff: float
    seconds: float


def preview(asked: PreviewOrder) -> Preview:
    """Find the objects of a window, by the recipe and within the area of a run.

    The banner and the pixel size are those of the whole picture. What a method itself
    derives from grey values, as a threshold, it derives from the window.

    Parameters
    ----------
    asked : PreviewOrder

    Returns
    -------
    Preview

    Raises
    ------
    RecipeError
        As `check_window` says.
    SegmetryError
        As `segmetry.recipe.run` does.
    """
    recipe = read_recipe_text(asked.order.recipe)
    ready = ready_for(asked.order)
    begun = time.perf_counter()
    result = find_objects(recipe, _windowed(ready, asked.window))
    seconds = time.perf_counter() - begun
    shown = result.labels.data.astype("<u4").tobytes()
    if asked.with_map:
        likely = np.rint(255 * np.clip(result.maps.foreground, 0, 1))
        shown += likely.astype(np.uint8).tobytes()
    packed = bytes(imagecodecs.zstd_encode(shown, level=1))
    return Preview(packed, len(result.objects), float(result.maps.cutoff), seconds)


def prepare(order: Order) -> None:
    """Read and calibrate a picture, and load a method, for previews that follow.

    Parameters
    ----------
    order : Order

    Raises
    ------
    SegmetryError
        As `preview` does.
    """
    height, width = ready_for(order).image.spatial_shape
    window = (0, 0, min(width, _TRIAL), min(height, _TRIAL))
    preview(PreviewOrder(order, window))


def check_window(window: Rectangle, shape: tuple[int, ...]) -> None:
    """Refuse a window that is too large, or not inside a picture.

    Parameters
    ----------
    window : tuple of int
        x, y, width and height.
    shape : tuple of int
        Height and width of the picture.

    Raises
    ------
    RecipeError
        If it has more than `MOST_PIXELS`, or pixels outside the picture.

    Examples
    --------
    >>> check_window((0, 0, 300, 200), (200, 300))
    """
    x, y, width, height = window
    if x + width > shape[1] or y + height > shape[0] or width * height > MOST_PIXELS:
        msg = (
            f"A preview shows at most {MOST_PIXELS:,} pixels inside the picture of "
            f"{shape[1]} x {shape[0]}; this window has {width} x {height} from {x}, {y}."
        )
        raise RecipeError(msg)


def ready_for(order: Order) -> Ready:
    """Return a picture as a run would have it; the one before stays read.

    Parameters
    ----------
    order : Order

    Returns
    -------
    Ready

    Raises
    ------
    SegmetryError
        As `preview` does.
    """
    before = before_segmenting(read_recipe_text(order.recipe))
    with called(order.path, order.name):
        modified = order.path.stat().st_mtime_ns
        with order.care:
            return _ready(order.path, modified, recipe_text(before))


@lru_cache(maxsize=1)
def _ready(path: Path, modified: int, recipe: str) -> Ready:  # noqa: ARG001 - a new file
    chosen: Recipe = read_recipe_text(recipe)
    return make_ready(chosen, io.read(path, **chosen.reading.model_dump()))


def _windowed(ready: Ready, window: Rectangle) -> Ready:
    image = ready.image
    check_window(window, image.spatial_shape)
    x, y, width, height = window
    part = slice(y, y + height), slice(x, x + width)
    excluded = None if image.excluded is None else image.excluded[part]
    image = replace(image, pixels=image.pixels[part], excluded=excluded)
    return replace(ready, image=image)
