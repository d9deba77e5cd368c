"""The truth of a set of pictures: masks, counts or dots, and what belongs to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.class_truths import ClassTruths, find_class_truths
from segmetry.dataset.detection import Distance, parse_distance
from segmetry.dataset.dots import read_dots
from segmetry.dataset.predictions import (
    find_predictions,
    match_names,
    read_counts,
    read_mask,
)
from segmetry.errors import DatasetError, SegmetryError
from segmetry.evaluate import Task
from segmetry.image import PixelSize
from segmetry.io import read

__all__ = [
    "TABLE",
    "Truths",
    "check_shapes",
    "find_truths",
    "no_table",
    "paired_names",
    "read_view",
    "second_truths",
    "with_pixel_sizes",
]

TABLE = ".csv"


@dataclass(frozen=True)
class Truths:
    """The truth of a set of pictures.

    Parameters
    ----------
    masks : dict of str to Path
        Label image or mask of each picture; empty where only counts are known.
    counts : dict of str to float
        Known counts, from a table.
    fields : dict of str to Path
        Field of view of each picture, where given.
    thin : bool
        Judge the skeletons of the structures as well.
    dots : dict of str to ndarray of float64, shape (n, 2)
        y, x of each object, from a table.
    distance : Distance or None
        How far the centres of a detection may lie apart.
    pixel_sizes : dict of str to PixelSize
        For a distance in µm; see `with_pixel_sizes`.
    classes : ClassTruths or None
        What the classes are, where the masks are class maps.
    """

    masks: Mapping[str, Path]
    counts: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Path] | None = None
    thin: bool = False
    dots: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    distance: Distance | None = None
    pixel_sizes: Mapping[str, PixelSize] = field(default_factory=dict)
    classes: ClassTruths | None = None

    @property
    def names(self) -> list[str]:
        """Names of all pictures, in order."""
        return sorted({*self.masks, *self.counts, *self.dots})


def find_truths(
    truth: Path,
    *,
    task: Task,
    fov: Path | None = None,
    thin: bool = False,
    distance: str | None = None,
    class_names: str | None = None,
    objects: Path | None = None,
) -> Truths:
    """Find the truth of a set of pictures.

    Parameters
    ----------
    truth : Path
        Folder of label images or masks, one file, or a CSV table: of counts, or for
        detection of dots.
    task : {"objects", "pixels", "classes", "counts", "detection"}
    fov : Path or None
        Folder of masks, or one, of the pixels that count.
    thin : bool
        Judge the skeletons as well, for pixels.
    distance : str or None
        How far the centres of a detection may lie apart: "50px", "12.6um".
    class_names : str or None
        What classes are called, joined by commas, the background first.
    objects : Path or None
        Label images of true objects, each of which is of one class, for classes.

    Returns
    -------
    Truths

    Raises
    ------
    DatasetError
        If nothing is there, a table is given for objects or pixels, a field of view for
        counts, thin structures are wanted for anything but pixels, a distance is missing,
        wrong, or given for anything but detection, or class maps do not fit together.
    """
    if thin and task != "pixels":
        msg = f"thin structures are judged by their pixels, not by {task}: --task pixels"
        raise DatasetError(msg)
    if task == "counts" and fov is not None:
        msg = "counts are of whole pictures; leave out the field of view"
        raise DatasetError(msg)
    if task != "classes" and (class_names or objects):
        msg = f"names of classes and objects of classes are for --task classes, not {task}"
        raise DatasetError(msg)
    truths = replace(_truths(truth, task), thin=thin, distance=_distance(distance, task))
    if task == "classes":
        known = find_class_truths(truths.masks, names=class_names, objects=objects)
        truths = replace(truths, classes=known)
    if fov is None:
        return truths
    views = {name: found.labels for name, found in find_predictions(fov).items()}
    same = match_names(truths.names, views)
    return replace(truths, fields={name: views[other] for name, other in same.items()})


def _truths(source: Path, task: Task) -> Truths:
    if source.suffix.lower() != TABLE:
        found = find_predictions(source)
        return Truths({name: one.labels for name, one in found.items()})
    no_table(source, task)
    if task == "detection":
        return Truths({}, dots=read_dots(source))
    return Truths({}, read_counts(source))


def _distance(text: str | None, task: Task) -> Distance | None:
    if task == "detection" and text is None:
        msg = (
            "--task detection needs --distance, how far a found centre may lie from the "
            "true one: --distance 50px, or 12.6um"
        )
        raise DatasetError(msg)
    if task != "detection" and text is not None:
        msg = f"--distance is for --task detection, not for {task}; leave it out"
        raise DatasetError(msg)
    return None if text is None else parse_distance(text)


def with_pixel_sizes(truths: Truths, sources: Iterable[Path | None]) -> Truths:
    """Return truths that know the pixel size of each picture, where a file tells it.

    Parameters
    ----------
    truths : Truths
    sources : iterable of Path or None
        Folders or files of predictions, masks or pictures; the first that tells counts.
        Tables tell none.

    Returns
    -------
    Truths
    """
    known: dict[str, PixelSize] = {}
    for source in sources:
        if source is None or source.suffix.lower() == TABLE:
            continue
        files = find_predictions(source)
        for name, other in match_names(truths.names, files).items():
            if name not in known and (size := _pixel_size(files[other].labels)):
                known[name] = size
    return replace(truths, pixel_sizes=known)


def _pixel_size(path: Path) -> PixelSize | None:
    try:
        return read(path).pixel_size
    except SegmetryError:  # told where it is judged
        return None


def second_truths(folder: Path, truths: Truths, *, task: Task) -> Truths:
    """Find what a second observer marked in the same pictures.

    Parameters
    ----------
    folder : Path
        Folder of masks, or one; a table where the task takes one.
    truths : Truths
        Of the first observer.
    task : {"objects", "pixels", "classes", "counts", "detection"}

    Returns
    -------
    Truths
        By the names of the first; pictures that only one of them marked are left out.

    Raises
    ------
    DatasetError
        If nothing is there, or no mask has the name of a truth.
    """
    second = _truths(folder, task)
    one_file = folder.is_file() and folder.suffix.lower() != TABLE
    same = paired_names(
        truths.names, second.names, one_file=one_file, what="second observer's mask"
    )

    def renamed(known: Mapping[str, Any]) -> dict[str, Any]:
        return {name: known[other] for name, other in same.items() if other in known}

    return replace(
        truths,
        masks=renamed(second.masks),
        counts=renamed(second.counts),
        dots=renamed(second.dots),
    )


def read_view(
    truths: Truths, name: str, shape: tuple[int, ...]
) -> NDArray[np.bool_] | None:
    """Read the field of view of a picture.

    Parameters
    ----------
    truths : Truths
    name : str
    shape : tuple of int
        Of the picture.

    Returns
    -------
    ndarray of bool, or None
        `None` where all of every picture counts.

    Raises
    ------
    DatasetError
        If there is none of this name, or it has another shape.
    """
    if truths.fields is None:
        return None
    if name not in truths.fields:
        msg = "there is no field of view of its name"
        raise DatasetError(msg)
    view = read_mask(truths.fields[name]) > 0
    check_shapes(view, np.empty(shape, bool))
    return view


def check_shapes(found: NDArray[Any], truth: NDArray[Any]) -> None:
    """Refuse a prediction of another shape than its truth.

    Raises
    ------
    DatasetError
    """
    if found.shape != truth.shape:
        msg = (
            f"it has {_size(found.shape)} pixels and its truth {_size(truth.shape)}; check "
            f"that they are of one picture and that none was resized"
        )
        raise DatasetError(msg)


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in reversed(shape))


def no_table(path: Path, task: Task) -> None:
    """Refuse a table where label images are needed.

    Raises
    ------
    DatasetError
    """
    if task in ("objects", "pixels", "classes"):
        msg = f"{path.name} is a table; judging {task} needs label images, or a run"
        raise DatasetError(msg)


def paired_names(
    names: Sequence[str],
    others: Iterable[str],
    *,
    one_file: bool = False,
    what: str = "prediction",
) -> dict[str, str]:
    """Return, for each truth that has one, the other name that means the same picture.

    Parameters
    ----------
    names : sequence of str
        Of the truths.
    others : iterable of str
    one_file : bool
        The other is one file, which belongs to a lone truth whatever its name.
    what : str
        What the others are, for the message.

    Raises
    ------
    DatasetError
        If no other has the name of a truth.
    """
    others = list(others)
    if one_file and len(others) == len(names) == 1:
        return dict(zip(names, others, strict=True))
    same = match_names(names, others)
    if not same:
        msg = (
            f"No {what} has the name of a truth: the {what}s are {_told(others)}, "
            f"the truths {_told(names)}; give both the same names, endings apart"
        )
        raise DatasetError(msg)
    return same


def _told(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")
