"""Pictures judged one by one against their truth; a bad one is told, not counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.class_truths import (
    FoundClasses,
    coding_of_found,
    name_classes,
    read_found_classes,
)
from segmetry.dataset.detection import Marked, judge_marked, marked
from segmetry.dataset.dots import read_dots
from segmetry.dataset.predictions import (
    Prediction,
    find_predictions,
    read_counts,
    read_map,
    read_mask,
)
from segmetry.dataset.truths import (
    TABLE,
    Truths,
    check_shapes,
    no_table,
    paired_names,
    read_view,
)
from segmetry.errors import DatasetError, SegmetryError
from segmetry.evaluate import (
    Example,
    Task,
    examples,
    judge_classes,
    judge_objects,
    judge_pixels,
    match_objects,
)
from segmetry.image import LENGTH_IN_UM
from segmetry.io import read, read_class_map

__all__ = ["Judged", "judge", "judge_found"]


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


def judge(
    predicted: Path, truths: Truths, *, task: Task, probability: bool = False
) -> Judged:
    """Judge a folder of predictions, a file, or a table of counts or dots.

    Parameters
    ----------
    predicted : Path
    truths : Truths
    task : {"objects", "pixels", "classes", "counts", "detection"}
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
    if predicted.suffix.lower() == TABLE:
        table = _table(predicted, task)
        same = paired_names(truths.names, table)
        judged = judge_found(lambda name: table[same[name]], truths, list(same), task=task)
        return _with_others(judged, truths, same, list(table))
    files = find_predictions(predicted)
    same = paired_names(truths.names, files, one_file=predicted.is_file())
    if truths.classes is not None:
        coding = coding_of_found(truths.classes, [files[other] for other in same.values()])
        names = name_classes(truths.classes, coding)
        truths = replace(truths, classes=replace(truths.classes, names=names))

    def found(name: str) -> Any:
        if task == "pixels":
            return read_map(files[same[name]], probability=probability)
        if truths.classes is not None:
            return read_found_classes(files[same[name]], truths.classes, coding)
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
        From a name to labels (objects, counts, detection), a number (counts), `Marked`
        (detection), `FoundClasses`, or a mask with a probability or `None` (pixels).
        Errors a user can mend end with that picture.
    truths : Truths
    names : list of str
    task : {"objects", "pixels", "classes", "counts", "detection"}

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
    check_shapes(labels, truth)
    view = read_view(truths, name, truth.shape)
    if view is not None:
        labels, truth = np.where(view, labels, 0), np.where(view, truth, 0)
    matches = match_objects(labels, truth)
    return judge_objects(matches), examples(matches)


def _pixels(
    found: tuple[NDArray[np.bool_], NDArray[np.float32] | None], truths: Truths, name: str
) -> tuple[Any, list[Example]]:
    truth = read_mask(truths.masks[name]) > 0
    check_shapes(found[0], truth)
    view = read_view(truths, name, truth.shape)
    spacing = None if truth.ndim == 2 else _spacing_in_mm(truths.masks[name])
    judged = judge_pixels(
        *(found[0], truth),
        probability=found[1],
        included=view,
        thin=truths.thin,
        spacing=spacing,
    )
    return judged, []


def _spacing_in_mm(path: Path) -> tuple[float, float, float] | None:
    """Return the distance of voxels along z, y and x; `None` where it is not known."""
    size = read(path).pixel_size
    if size is None or size.z is None:
        return None
    scale = LENGTH_IN_UM[size.unit] / LENGTH_IN_UM["mm"]
    return (size.z * scale, size.y * scale, size.x * scale)


def _classes(found: FoundClasses, truths: Truths, name: str) -> tuple[Any, list[Example]]:
    known = truths.classes
    if known is None:
        msg = "classes need truths that know what they are called"
        raise ValueError(msg)
    truth = read_class_map(truths.masks[name], known.coding)
    check_shapes(found.data, truth)
    objects = None
    if found.objects is not None and name in known.objects:
        objects = found.objects, read_mask(known.objects[name])
    judged = judge_classes(
        found.data,
        truth,
        names=known.names,
        included=read_view(truths, name, truth.shape),
        objects=objects,
        things=known.things,
    )
    return judged, []


def _counts(
    found: NDArray[np.uint32] | float, truths: Truths, name: str
) -> tuple[Any, list[Example]]:
    true = truths.counts.get(name)
    if true is None:
        true = _n_objects(read_mask(truths.masks[name]))
    return (_n_objects(found) if isinstance(found, np.ndarray) else found, true), []


def _detection(
    found: NDArray[np.uint32] | Marked, truths: Truths, name: str
) -> tuple[Any, list[Example]]:
    dots = truths.dots.get(name)
    truth = marked(read_mask(truths.masks[name])) if dots is None else Marked(dots)
    one = found if isinstance(found, Marked) else marked(found)
    if one.labels is not None and truth.labels is not None:
        check_shapes(one.labels, truth.labels)
        if (view := read_view(truths, name, truth.labels.shape)) is not None:
            labels = np.where(view, one.labels, 0), np.where(view, truth.labels, 0)
            one, truth = map(marked, labels)
    elif truths.fields is not None:
        msg = "dots have no field of view; leave out --fov, or give label images"
        raise DatasetError(msg)
    if truths.distance is None:
        msg = "detection needs truths that know a distance"
        raise ValueError(msg)
    size = truths.pixel_sizes.get(name)
    return judge_marked(one, truth, distance=truths.distance, pixel_size=size)


_JUDGES: Mapping[Task, Callable[..., tuple[Any, list[Example]]]] = {
    "objects": _objects,
    "pixels": _pixels,
    "classes": _classes,
    "counts": _counts,
    "detection": _detection,
}


def _n_objects(labels: NDArray[np.uint32]) -> int:
    return match_objects(labels, labels).n_true


def _table(path: Path, task: Task) -> Mapping[str, Any]:
    """Read a table of predictions."""
    no_table(path, task)
    if task == "detection":
        return {name: Marked(dots) for name, dots in read_dots(path).items()}
    return read_counts(path)


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
