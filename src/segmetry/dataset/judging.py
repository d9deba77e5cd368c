"""Pictures judged one by one against their truth; a bad one is told, not counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.predictions import (
    Prediction,
    find_predictions,
    match_names,
    read_counts,
    read_map,
    read_mask,
)
from segmetry.errors import DatasetError, SegmetryError
from segmetry.evaluate import (
    Example,
    Task,
    examples,
    judge_objects,
    judge_pixels,
    match_objects,
)

__all__ = [
    "Judged",
    "Truths",
    "find_truths",
    "judge",
    "judge_found",
    "read_view",
    "second_truths",
]

_TABLE = ".csv"


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
    """

    masks: Mapping[str, Path]
    counts: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Path] | None = None
    thin: bool = False

    @property
    def names(self) -> list[str]:
        """Names of all pictures, in order."""
        return sorted({*self.masks, *self.counts})


@dataclass(frozen=True)
class Judged:
    """What became of each picture.

    Parameters
    ----------
    pictures : dict of str to Any
        What `segmetry.evaluate.evaluate_set` takes, by name.
    failed : dict of str to str
        Why a picture could not be judged.
    missing : tuple of str
        True pictures without a prediction.
    extra : tuple of str
        Predictions without a truth.
    mistakes : dict of str to list of Example
        The gravest mistakes of each picture, for objects.
    sources : dict of str to Prediction
        Files that were judged.
    """

    pictures: dict[str, Any]
    failed: dict[str, str]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    mistakes: dict[str, list[Example]] = field(default_factory=dict)
    sources: dict[str, Prediction] = field(default_factory=dict)


def find_truths(
    truth: Path, *, task: Task, fov: Path | None = None, thin: bool = False
) -> Truths:
    """Find the truth of a set of pictures.

    Parameters
    ----------
    truth : Path
        Folder of label images or masks, one file, or for counts a CSV table.
    task : {"objects", "pixels", "counts"}
    fov : Path or None
        Folder of masks, or one, of the pixels that count.
    thin : bool
        Judge the skeletons as well, for pixels.

    Returns
    -------
    Truths

    Raises
    ------
    DatasetError
        If nothing is there, a table is given for anything but counts, a field of view for
        counts, or thin structures are wanted for anything but pixels.
    """
    if thin and task != "pixels":
        msg = f"thin structures are judged by their pixels, not by {task}: --task pixels"
        raise DatasetError(msg)
    if task == "counts" and fov is not None:
        msg = "counts are of whole pictures; leave out the field of view"
        raise DatasetError(msg)
    if truth.suffix.lower() == _TABLE:
        _only_counts(truth, task)
        return Truths({}, read_counts(truth))
    masks = {name: found.labels for name, found in find_predictions(truth).items()}
    if fov is None:
        return Truths(masks, thin=thin)
    views = {name: found.labels for name, found in find_predictions(fov).items()}
    same = match_names(masks, views)
    fields = {name: views[other] for name, other in same.items()}
    return Truths(masks, fields=fields, thin=thin)


def second_truths(folder: Path, truths: Truths) -> Truths:
    """Find what a second observer marked in the same pictures.

    Parameters
    ----------
    folder : Path
        Folder of masks, or one.
    truths : Truths
        Of the first observer.

    Returns
    -------
    Truths
        By the names of the first; pictures that only one of them marked are left out.

    Raises
    ------
    DatasetError
        If nothing is there, or no mask has the name of a truth.
    """
    files = find_predictions(folder)
    same = match_names(truths.names, files)
    if len(files) == len(truths.names) == 1 and folder.is_file():
        same = dict(zip(truths.names, files, strict=True))
    _some(same, truths.names, list(files), what="second observer's mask")
    masks = {name: files[other].labels for name, other in same.items()}
    return replace(truths, masks=masks)


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
    _check_shapes(view, np.empty(shape, bool))
    return view


def judge(
    predicted: Path, truths: Truths, *, task: Task, probability: bool = False
) -> Judged:
    """Judge a folder of predictions, a file, or a table of counts.

    Parameters
    ----------
    predicted : Path
    truths : Truths
    task : {"objects", "pixels", "counts"}
    probability : bool
        Take whole numbers as probabilities; see `read_map`.

    Returns
    -------
    Judged

    Raises
    ------
    DatasetError
        If nothing is there, or no prediction has the name of a truth.
    """
    if predicted.suffix.lower() == _TABLE:
        _only_counts(predicted, task)
        counts = read_counts(predicted)
        same = match_names(truths.names, counts)
        _some(same, truths.names, list(counts))
        judged = judge_found(lambda name: counts[same[name]], truths, list(same), task=task)
        return _with_others(judged, truths, same, list(counts))
    files = find_predictions(predicted)
    same = match_names(truths.names, files)
    if len(files) == len(truths.names) == 1 and predicted.is_file():
        same = dict(zip(truths.names, files, strict=True))
    _some(same, truths.names, list(files))

    def found(name: str) -> Any:
        if task == "pixels":
            return read_map(files[same[name]], probability=probability)
        return read_mask(files[same[name]].labels)

    judged = judge_found(found, truths, list(same), task=task)
    judged.sources.update({name: files[other] for name, other in same.items()})
    return _with_others(judged, truths, same, list(files))


def judge_found(
    found: Callable[[str], Any], truths: Truths, names: list[str], *, task: Task
) -> Judged:
    """Judge what a function finds in each picture.

    Parameters
    ----------
    found : callable
        From a name to labels (objects, counts), a number (counts), or a mask with a
        probability or `None` (pixels). Errors a user can mend end with that picture.
    truths : Truths
    names : list of str
    task : {"objects", "pixels", "counts"}

    Returns
    -------
    Judged
    """
    judged = Judged({}, {})
    for name in names:
        try:
            item = _JUDGES[task](found(name), truths, name)
        except SegmetryError as error:
            judged.failed[name] = str(error)
            continue
        judged.pictures[name], judged.mistakes[name] = item
    return judged


def _objects(
    labels: NDArray[np.uint32], truths: Truths, name: str
) -> tuple[Any, list[Example]]:
    truth = read_mask(truths.masks[name])
    _check_shapes(labels, truth)
    view = read_view(truths, name, truth.shape)
    if view is not None:
        labels, truth = np.where(view, labels, 0), np.where(view, truth, 0)
    matches = match_objects(labels, truth)
    return judge_objects(matches), examples(matches)


def _pixels(
    found: tuple[NDArray[np.bool_], NDArray[np.float32] | None], truths: Truths, name: str
) -> tuple[Any, list[Example]]:
    truth = read_mask(truths.masks[name]) > 0
    _check_shapes(found[0], truth)
    view = read_view(truths, name, truth.shape)
    judged = judge_pixels(
        found[0], truth, probability=found[1], included=view, thin=truths.thin
    )
    return judged, []


def _counts(
    found: NDArray[np.uint32] | float, truths: Truths, name: str
) -> tuple[Any, list[Example]]:
    true = truths.counts.get(name)
    if true is None:
        true = _n_objects(read_mask(truths.masks[name]))
    return (_n_objects(found) if isinstance(found, np.ndarray) else found, true), []


_JUDGES: Mapping[Task, Callable[..., tuple[Any, list[Example]]]] = {
    "objects": _objects,
    "pixels": _pixels,
    "counts": _counts,
}


def _n_objects(labels: NDArray[np.uint32]) -> int:
    return match_objects(labels, labels).n_true


def _check_shapes(found: NDArray[Any], truth: NDArray[Any]) -> None:
    if found.shape != truth.shape:
        msg = (
            f"it has {_size(found.shape)} pixels and its truth {_size(truth.shape)}; check "
            f"that they are of one picture and that none was resized"
        )
        raise DatasetError(msg)


def _size(shape: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in reversed(shape))


def _only_counts(path: Path, task: Task) -> None:
    if task != "counts":
        msg = f"{path.name} is a table; judging {task} needs label images, or a run"
        raise DatasetError(msg)


def _some(
    same: Mapping[str, str], names: list[str], others: list[str], what: str = "prediction"
) -> None:
    if not same:
        msg = (
            f"No {what} has the name of a truth: the {what}s are {_told(others)}, "
            f"the truths {_told(names)}; give both the same names, endings apart"
        )
        raise DatasetError(msg)


def _with_others(
    judged: Judged, truths: Truths, same: Mapping[str, str], others: list[str]
) -> Judged:
    """Return the same with the names that stand alone."""
    used = set(same.values())
    return Judged(
        judged.pictures,
        judged.failed,
        missing=tuple(name for name in truths.names if name not in same),
        extra=tuple(sorted(name for name in others if name not in used)),
        mistakes=judged.mistakes,
        sources=judged.sources,
    )


def _told(names: list[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (", ..." if len(names) > 3 else "")
