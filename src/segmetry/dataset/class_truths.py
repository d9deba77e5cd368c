"""Class maps as truth and as predictions, and the objects that go with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset.predictions import (
    Prediction,
    find_predictions,
    match_names,
    read_mask,
)
from segmetry.errors import DatasetError
from segmetry.evaluate import true_things
from segmetry.image import NOT_KNOWN
from segmetry.io import Coding, find_coding, read_class_map

__all__ = [
    "ClassTruths",
    "FoundClasses",
    "class_names",
    "coding_of_found",
    "find_class_truths",
    "name_classes",
    "read_found_classes",
]

_OF_RUN = "classes.tif"
_MOST = NOT_KNOWN
_NUMBERS = Coding()


@dataclass(frozen=True)
class ClassTruths:
    """What is known of true class maps as a whole.

    Parameters
    ----------
    coding : Coding
        How the files tell classes.
    names : tuple of str
        What the classes are called.
    objects : mapping of str to Path
        True label images by the picture's name, where objects have classes.
    things : tuple of int
        Classes that have objects.
    """

    coding: Coding
    names: tuple[str, ...] = ()
    objects: Mapping[str, Path] = field(default_factory=dict)
    things: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class FoundClasses:
    """What was found in a picture: the class of each pixel, and objects where asked for.

    Parameters
    ----------
    data : ndarray of uint8
    objects : ndarray of uint32, same shape, or None
    """

    data: NDArray[np.uint8]
    objects: NDArray[np.uint32] | None = None


def find_class_truths(
    masks: Mapping[str, Path], *, names: str | None = None, objects: Path | None = None
) -> ClassTruths:
    """Look how true class maps tell classes, and which classes have objects.

    Parameters
    ----------
    masks : mapping of str to Path
        Class maps by the picture's name.
    names : str or None
        What the classes are called, joined by commas, the background first.
    objects : Path or None
        Folder of label images, or one.

    Returns
    -------
    ClassTruths

    Raises
    ------
    MaskError
        If the files tell classes in different ways.
    DatasetError
        If there are fewer names than classes, or a picture has no label image.
    """
    coding = find_coding(masks.values())
    told = class_names(names)
    if told and len(told) <= coding.highest:
        msg = (
            f"There are {len(told)} names of classes ({', '.join(told)}), but the class "
            f"maps hold classes up to {coding.highest}: name all of them, 0 first"
        )
        raise DatasetError(msg)
    if objects is None:
        return ClassTruths(coding, told)
    found = {name: one.labels for name, one in find_predictions(objects).items()}
    same = match_names(masks, found)
    lonely = sorted(set(masks) - set(same))
    if lonely:
        msg = f"{objects.name} has no label image for {lonely[0]}"
        raise DatasetError(msg)
    labels = {name: found[other] for name, other in same.items()}
    things: set[int] = set()
    for name, path in masks.items():
        data, own = read_class_map(path, coding), read_mask(labels[name])
        if data.shape != own.shape:
            msg = f"The class map and the label image of {name} have not the same size"
            raise DatasetError(msg)
        things |= set(true_things(data, own))
    return ClassTruths(coding, told, labels, tuple(sorted(things)))


def class_names(text: str | None) -> tuple[str, ...]:
    """Return names of classes that were typed with commas between them.

    Raises
    ------
    DatasetError
        If a name is empty, or two are alike.

    Examples
    --------
    >>> class_names("background, epithelium,stroma")
    ('background', 'epithelium', 'stroma')
    """
    if text is None:
        return ()
    names = tuple(part.strip() for part in text.split(","))
    if "" in names or len(set(names)) < len(names) or len(names) > _MOST:
        msg = (
            f"The names of classes are {text!r}; expected names that differ, joined by "
            "commas, the background first: background,epithelium,stroma"
        )
        raise DatasetError(msg)
    return names


def coding_of_found(truths: ClassTruths, predictions: Iterable[Prediction]) -> Coding:
    """Look how predictions tell classes.

    Parameters
    ----------
    truths : ClassTruths
    predictions : iterable of Prediction

    Returns
    -------
    Coding
        That of the truth, where predictions have colours too.

    Raises
    ------
    MaskError
        If the files tell classes in different ways.
    DatasetError
        If a run has no class maps, or predictions have colours and the truth numbers.
    """
    found = list(predictions)
    own = find_coding(one.labels for one in found if not _is_of_run(one))
    if own.colors and not truths.coding.colors:
        msg = (
            "The predictions tell classes by colours and the truth by numbers, so nobody "
            "knows which colour is which class; save both as numbers, the background as 0"
        )
        raise DatasetError(msg)
    if own.colors:
        return truths.coding
    # A run's maps are numbers, also where all is background and what does not count.
    of_run = [
        read_class_map(_class_file(one), _NUMBERS) for one in found if _is_of_run(one)
    ]
    highest = (int(data[data != NOT_KNOWN].max(initial=0)) for data in of_run)
    return Coding((), max(own.highest, *highest, 0))


def name_classes(truths: ClassTruths, found: Coding = _NUMBERS) -> tuple[str, ...]:
    """Return the names of all classes that are true or were found.

    Parameters
    ----------
    truths : ClassTruths
    found : Coding
        As `coding_of_found` gives it.

    Returns
    -------
    tuple of str

    Raises
    ------
    DatasetError
        If a class that was found has no name.
    """
    highest = max(truths.coding.highest, found.highest)
    if not truths.names:
        return tuple(f"class {number}" for number in range(highest + 1))
    if highest >= len(truths.names):
        msg = (
            f"The prediction holds class {highest}, but only {len(truths.names)} classes "
            f"have a name ({', '.join(truths.names)}): name all of them"
        )
        raise DatasetError(msg)
    return truths.names


def read_found_classes(
    prediction: Prediction, truths: ClassTruths, coding: Coding
) -> FoundClasses:
    """Read the class map of a prediction, and its objects where the truth has any.

    Parameters
    ----------
    prediction : Prediction
    truths : ClassTruths
    coding : Coding
        As `coding_of_found` gives it.

    Returns
    -------
    FoundClasses

    Raises
    ------
    ReadError, MaskError
        If a file cannot be read as what it should be.
    DatasetError
        If a run has no class maps, or there are no objects.
    """
    path = _class_file(prediction)
    data = read_class_map(path, coding)
    if not truths.objects:
        return FoundClasses(data)
    if path == prediction.labels:
        msg = (
            f"{path.name} is a class map without objects; to judge objects of classes, "
            "give the folder of a run, which has both"
        )
        raise DatasetError(msg)
    return FoundClasses(data, read_mask(prediction.labels))


def _is_of_run(prediction: Prediction) -> bool:
    path = prediction.labels
    return path.name == "labels.tif" and (path.parent / "picture.json").is_file()


def _class_file(prediction: Prediction) -> Path:
    """Return the class map of a prediction: its own file, or that of a run."""
    if not _is_of_run(prediction):
        return prediction.labels
    beside = prediction.labels.with_name(_OF_RUN)
    if not beside.is_file():
        msg = (
            f"The run's folder {beside.parent.name} holds no {_OF_RUN}: its method tells "
            "no more than two classes"
        )
        raise DatasetError(msg)
    return beside
