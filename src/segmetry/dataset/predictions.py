"""What a program found, to be judged: label images, masks, probability maps or counts.

A prediction may be the folder of a run, with a folder for each picture that holds
`labels.tif` and perhaps `foreground.tif`; a folder of label images, masks or probability
maps; one such file; or a table of counts. It belongs to the truth of the same name, but
for the ending, capital letters and words such as "mask" (see `segmetry.dataset.pairs`).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from segmetry.dataset.pairs import MASK_WORDS, PICTURE_WORDS, list_pictures, plain_stem
from segmetry.errors import DatasetError
from segmetry.io import read, read_labels

__all__ = [
    "Prediction",
    "find_predictions",
    "match_names",
    "read_counts",
    "read_map",
    "read_mask",
]

_LABELS, _PROBABILITY = "labels.tif", "foreground.tif"
_NAMES = ("image", "file")  # columns that may name the picture of a row
_COUNTS = ("count", "n_objects")
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
    for key in (_folded, _bare):
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
        whole numbers are labels; fractions are always probabilities.

    Returns
    -------
    foreground : ndarray of bool
        Objects, or a probability of at least 0.5.
    probability : ndarray of float32 or None

    Raises
    ------
    ReadError
        If a file cannot be read.
    DatasetError
        If a map has several channels, or values that are no probabilities.
    """
    if prediction.probability is not None:
        return read_mask(prediction.labels) > 0, _values(prediction.probability)
    pixels = read(prediction.labels).pixels
    if probability or (pixels.dtype.kind == "f" and (pixels % 1).any()):
        values = _values(prediction.labels)
        return values >= _CUTOFF, values
    return read_mask(prediction.labels) > 0, None


def read_counts(path: Path) -> dict[str, float]:
    """Read the counts in a table, by the picture's name without ending.

    Parameters
    ----------
    path : Path
        A CSV file with a column "image" or "file" and a column "count" or "n_objects",
        such as the images.csv of a run.

    Returns
    -------
    dict of str to float
        Rows without a count are left out.

    Raises
    ------
    DatasetError
        If it cannot be read or lacks a column.
    """
    table = _table(path)
    column = next((name for name in _COUNTS if name in table.columns), None)
    if column is None:
        msg = f"{path.name} needs a column 'count' or 'n_objects'; got {_told(table)}"
        raise DatasetError(msg)
    counts = pd.to_numeric(table[column], errors="coerce")
    named = zip(table.index, counts, strict=True)
    return {name: float(count) for name, count in named if np.isfinite(count)}


def _table(path: Path) -> pd.DataFrame:
    """Return a table of texts, indexed by the picture's name."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a CSV file"
        msg = f"Cannot read the table {path.name}: {reason}"
        raise DatasetError(msg) from error
    column = next((name for name in _NAMES if name in table.columns), None)
    if column is None:
        msg = f"{path.name} needs a column 'image' or 'file'; got {_told(table)}"
        raise DatasetError(msg)
    table.index = pd.Index([_name(text) for text in table[column]])
    if table.index.has_duplicates:
        twice = table.index[table.index.duplicated()][0]
        msg = f"{path.name} names {twice} twice; keep one row"
        raise DatasetError(msg)
    return table


def _name(text: str) -> str:
    """Return a name without its ending; "day 1.5" has none, "day 1.tif" has."""
    path = Path(text)
    known = re.fullmatch(r"\.[A-Za-z][A-Za-z0-9]{1,4}", path.suffix)
    return plain_stem(path) if known else path.name


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


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _bare(name: str) -> str:
    """Return a name without the words, at either end, that only say what a file is."""
    words = re.split(r"[_. -]+", _folded(name))
    said = {part for word in (*MASK_WORDS, *PICTURE_WORDS) for part in word.split("_")}
    while len(words) > 1 and words[-1] in said:
        words.pop()
    while len(words) > 1 and words[0] in said:
        words.pop(0)
    return "_".join(words)


def _told(table: pd.DataFrame) -> str:
    return ", ".join(str(name) for name in table.columns) or "none"
