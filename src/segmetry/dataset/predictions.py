"""What a program found, to be judged: label images, masks, probability maps or counts.

A prediction may be the folder of a run, with a folder for each picture that holds
`labels.tif` and perhaps `foreground.tif`; a folder of label images, masks or probability
maps; one such file; or a table of counts. It belongs to the truth of the same name, but
for the ending, capital letters and words such as "mask" (see `segmetry.dataset.names`).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.names import bare_name, folded_name, key_without_parts
from segmetry.dataset.pairs import list_pictures
from segmetry.dataset.sheet import read_values
from segmetry.errors import DatasetError, MaskError
from segmetry.io import read, read_labels
from segmetry.io.names import picture_name, plain_stem

__all__ = [
    "Prediction",
    "find_predictions",
    "match_names",
    "read_counts",
    "read_map",
    "read_mask",
]

_LABELS, _PROBABILITY = "labels.tif", "foreground.tif"
_COUNTS = ("count_regressed", "count", "n_objects")
_CUTOFF = 0.5  # a probability from here on is foreground


@dataclass(frozen=True)
class Prediction:
    """The files that say what was found in one picture.

    Parameters
    ----------
    labels : Path
        Label image, mask or probability map.
    probability : Path or None
        Probability map that goes with the label image of a run.
    """

    labels: Path
    probability: Path | None = None


def find_predictions(source: Path) -> dict[str, Prediction]:
    """Return the predictions in a folder, or of a file, by the picture's name.

    Parameters
    ----------
    source : Path
        Folder of a run, folder of files, or a file.

    Returns
    -------
    dict of str to Prediction

    Raises
    ------
    DatasetError
        If nothing is there, or two files have the same name but for the ending.
    """
    if source.is_file():
        return {plain_stem(source): Prediction(source)}
    if not source.is_dir():
        msg = f"{source} is not there; give a folder of label images, of a run, or a file"
        raise DatasetError(msg)
    if run := sorted(source.glob(f"*/{_LABELS}")):
        maps = [path.with_name(_PROBABILITY) for path in run]
        return {
            path.parent.name: Prediction(path, known if known.is_file() else None)
            for path, known in zip(run, maps, strict=True)
        }
    found: dict[str, Prediction] = {}
    for path in list_pictures(source):
        name = plain_stem(path)
        if name in found:
            msg = (
                f"{found[name].labels.name} and {path.name} have the same name but for "
                f"the ending; keep one of them"
            )
            raise DatasetError(msg)
        found[name] = Prediction(path)
    if not found:
        msg = (
            f"The folder {source.name or source} holds neither the results of a run nor "
            f"label images of a known format"
        )
        raise DatasetError(msg)
    return found


def match_names(names: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """Return, for each name that has one, the other name that means the same picture.

    Parameters
    ----------
    names, others : iterable of str
        File names without ending.

    Returns
    -------
    dict of str to str
        No other name twice: of two names that mean the same, the first has it.

    Examples
    --------
    >>> match_names(["a_1", "b_mask"], ["A_1", "b", "c"])
    {'a_1': 'A_1', 'b_mask': 'b'}
    """
    found: dict[str, str] = {}
    left = list(names)
    free = list(others)
    for key in (folded_name, bare_name, key_without_parts([*left, *free])):
        known = {key(other): other for other in reversed(free)}
        for name in left:
            if key(name) in known:
                found[name] = known.pop(key(name))
        taken = set(found.values())
        left = [name for name in left if name not in found]
        free = [other for other in free if other not in taken]
    return found


def read_mask(path: Path) -> NDArray[np.uint32]:
    """Read a label image or mask; one without objects is allowed.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ndarray of uint32
        0 is background.

    Raises
    ------
    ReadError
        If it cannot be read as labels.
    """
    return read_labels(path, allow_empty=True)


def read_map(
    prediction: Prediction, *, probability: bool = False
) -> tuple[NDArray[np.bool_], NDArray[np.float32] | None]:
    """Read which pixels were found, and the probability behind it where it is known.

    Parameters
    ----------
    prediction : Prediction
    probability : bool
        Take whole numbers as probabilities too: 0 to 255 or 65535 for 0 to 1. Without it
        whole numbers are labels; fractions, and numbers of a floating-point type up to 1,
        are always probabilities.

    Returns
    -------
    foreground : ndarray of bool
        Objects, or a probability of at least 0.5.
    probability : ndarray of float32 or None

    Raises
    ------
    ReadError
        If a file cannot be read.
    MaskError
        If whole numbers are neither labels nor said to be probabilities.
    DatasetError
        If a map has several channels, or values that are no probabilities.
    """
    if prediction.probability is not None:
        return read_mask(prediction.labels) > 0, _values(prediction.probability)
    pixels = read(prediction.labels).pixels
    if probability or _is_probability(pixels):
        values = _values(prediction.labels)
        return values >= _CUTOFF, values
    try:
        return read_mask(prediction.labels) > 0, None
    except MaskError as error:
        msg = f"{error}; if its whole numbers are probabilities, say --probability"
        raise MaskError(msg) from error


def _is_probability(pixels: NDArray[Any]) -> bool:
    # A network that is sure of an empty field gives a map of zeros, without a fraction.
    return pixels.dtype.kind == "f" and bool((pixels % 1).any() or pixels.max() <= 1)


def read_counts(path: Path) -> dict[str, float]:
    """Read the counts in a table, by the picture's name without ending.

    Parameters
    ----------
    path : Path
        A CSV file with the columns "image" and "count" or "n_objects", such as the
        images.csv of a run; see `read_column` for what else is allowed.

    Returns
    -------
    dict of str to float
        Rows without a count are left out.

    Raises
    ------
    DatasetError
        If it cannot be read, lacks a column, names a picture twice, or a count is no
        number from 0 up.
    """
    counts: dict[str, float] = {}
    seen: set[str] = set()
    for text, count in read_values(path, _COUNTS):
        name = picture_name(text)
        if name in seen:
            msg = f"{path.name} names {name} twice; keep one row"
            raise DatasetError(msg)
        seen.add(name)
        if count:
            counts[name] = _number(count, name, path.name)
    return counts


def _number(text: str, name: str, file: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number >= 0):
        msg = f"{file} has the count {text!r} for {name}; a count is a number from 0 up"
        raise DatasetError(msg)
    return number


def _values(path: Path) -> NDArray[np.float32]:
    image = read(path)
    pixels = image.pixels
    if image.axes.endswith("C"):
        msg = f"{path.name} has several channels; a probability map has one"
        raise DatasetError(msg)
    if pixels.dtype.kind in "iu":
        return (pixels / np.float32(np.iinfo(pixels.dtype).max)).astype(np.float32)
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 1:
        msg = f"{path.name} holds {low:.4g} to {high:.4g}; probabilities are 0 to 1"
        raise DatasetError(msg)
    return pixels.astype(np.float32, copy=False)
