"""What programs of others have in common: their files, their noise, their labels."""

import contextlib
import hashlib
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment.objects import in_reading_order

__all__ = ["hashes", "not_there", "objects_of", "quietly"]


def not_there(program: str, model: str, *, place: Path, source: str, terms: str) -> str:
    """Return the sentence for a model that is not on this machine.

    Examples
    --------
    >>> said = not_there("A", "m", place=Path("p"), source="s", terms="it is free")
    >>> said.startswith("A's model 'm' is not on this machine")
    True
    """
    return (
        f"{program}'s model {model!r} is not on this machine, and Segmetry fetches "
        f"nothing: get it from {source} to {place} ({terms}), or name another with "
        "--set model=PATH"
    )


def hashes(paths: Iterable[Path]) -> Mapping[str, str]:
    """Return the SHA-256 of files by their names.

    Raises
    ------
    RecipeError
        If one cannot be read.
    """
    try:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    except OSError as error:
        msg = f"{error.filename} cannot be read; may you read it?"
        raise RecipeError(msg) from error


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep another program from printing, and its warnings from the user."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def objects_of(labels: NDArray[Any], image: Image, *, min_area: int) -> NDArray[np.uint32]:
    """Return another program's objects, numbered in reading order.

    Parameters
    ----------
    labels : ndarray of int, shape (Y, X)
        By whatever numbers; 0 is the background.
    image : Image
        No object is where it is excluded.
    min_area : int
        Smaller objects are dropped, in pixels.

    Returns
    -------
    ndarray of uint32, shape (Y, X)

    Examples
    --------
    >>> objects_of(np.array([[0, 7, 7, 0, 3]]), Image(np.zeros((1, 5))), min_area=1)
    array([[0, 1, 1, 0, 2]], dtype=uint32)
    """
    # Large numbers first become small ones: memory grows with the largest.
    numbers, places = np.unique(labels, return_inverse=True)
    compact = places.reshape(labels.shape).astype(np.uint32)
    if not len(numbers) or numbers[0] != 0:
        compact += 1
    compact[~image.included] = 0
    return in_reading_order(compact, min_area=min_area)
