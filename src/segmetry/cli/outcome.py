"""A prediction judged beside what it is compared with: the work behind `evaluate`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry import io
from segmetry.dataset.class_truths import FoundClasses, name_classes
from segmetry.dataset.judging import Judged, judge, judge_found
from segmetry.dataset.predictions import find_predictions, match_names, read_mask
from segmetry.dataset.sheet import read_column
from segmetry.dataset.truths import Truths, second_truths, with_pixel_sizes
from segmetry.errors import DatasetError, RecipeError
from segmetry.evaluate import (
    BesideObserver,
    Evaluation,
    MeanScore,
    Task,
    beside_observer,
    better_of_each,
    differences,
    evaluate_set,
    other_means,
)
from segmetry.io import read_class_map
from segmetry.measure.wording import named
from segmetry.segment import segmenter

__all__ = ["LEVEL", "OBSERVER", "Outcome", "Request", "judge_request"]

LEVEL = 0.95
OBSERVER = "second_observer"
_CLASSICAL = "Otsu threshold, holes filled, cut at waists"
_BASELINE: Mapping[Task, str] = {
    "objects": _CLASSICAL,
    "detection": _CLASSICAL,
    "pixels": "background or foreground everywhere, each score the better one",
    "classes": "the most common class everywhere",
    "counts": "mean count of the other pictures",
}


@dataclass(frozen=True)
class Request:
    """What is to be judged, and how; see `segmetry evaluate --help`."""

    predicted: Path
    truth: Path
    task: Task
    fov: Path | None = None
    images: Path | None = None
    against: Path | None = None
    second_observer: Path | None = None
    thin: bool = False
    distance: str | None = None
    class_names: str | None = None
    true_objects: Path | None = None
    groups: Path | None = None
    by: str | None = None
    cluster: str | None = None
    specificity: float = 0.95
    probability: bool = False
    seed: int = 0
    out: Path | None = None
    overwrite: bool = False


@dataclass(frozen=True)
class Outcome:
    """A prediction and what it is compared with, judged against one truth.

    Parameters
    ----------
    judged : Judged
    evaluation : Evaluation
    others : dict of str to Evaluation
        "baseline", "second_observer" and "against", those that there are.
    names : dict of str to str
        What each of them is.
    gains : dict of str to dict
        By how much the prediction scores higher than each of them.
    images : dict of str to Path
    beside : BesideObserver or None
        The prediction at the specificity of the second observer.
    second : Outcome or None
        The same judged against what the second observer marked.
    """

    judged: Judged
    evaluation: Evaluation
    others: dict[str, Evaluation]
    names: dict[str, str]
    gains: dict[str, dict[str, MeanScore]]
    images: dict[str, Path] = field(default_factory=dict)
    beside: BesideObserver | None = None
    second: "Outcome | None" = None


def judge_request(request: Request, truths: Truths) -> Outcome:
    """Judge a prediction and all that it is to be compared with.

    Parameters
    ----------
    request : Request
    truths : Truths

    Returns
    -------
    Outcome

    Raises
    ------
    SegmetryError
        If no picture can be judged, or the request is wrong.
    """
    observer = request.second_observer
    if truths.distance is not None and truths.distance.unit == "um":
        files = request.predicted, request.truth, request.images
        truths = with_pixel_sizes(truths, files)
    if observer is None:
        return _judged(request, truths, None)
    second = second_truths(observer, truths, task=request.task)
    return _judged(request, truths, second)


def _judged(request: Request, truths: Truths, second: Truths | None) -> Outcome:
    judged = judge(
        request.predicted, truths, task=request.task, probability=request.probability
    )
    if not judged.pictures:
        pictures: dict[str, list[str]] = {}
        for name, why in judged.failed.items():
            pictures.setdefault(why, []).append(name)
        reasons = (f"{named(names)}: {why}" for why, names in pictures.items())
        msg = f"No picture could be judged: {'; '.join(reasons)}"
        raise DatasetError(msg)
    names = list(judged.pictures)
    images = _images(request, names)
    scoring: dict[str, Any] = {
        "task": request.task,
        "groups": _column(request, names, request.by or "group"),
        "clusters": _clusters(request, names),
        "specificity": request.specificity,
        "level": LEVEL,
        "seed": request.seed,
    }
    found = {
        key: (name, pictures)
        for key, name, pictures in _rivals(request, truths, names, images, second)
    }
    evaluation = evaluate_set(judged.pictures, **scoring)
    others = {key: evaluate_set(each, **scoring) for key, (_, each) in found.items()}
    if request.task == "pixels":
        full = evaluate_set(_everywhere(1, truths, names), **scoring)
        others["baseline"] = better_of_each(others["baseline"], full)
    return Outcome(
        judged,
        evaluation,
        others,
        names={key: name for key, (name, _) in found.items()},
        gains={key: differences(evaluation, other) for key, other in others.items()},
        images=images,
        beside=(
            _beside(judged.pictures, found[OBSERVER][1], scoring)
            if second and request.task == "pixels"
            else None
        ),
        second=_judged(request, second, None) if second else None,
    )


def _rivals(
    request: Request,
    truths: Truths,
    names: list[str],
    images: Mapping[str, Path],
    second: Truths | None,
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what the prediction is compared with: key, name, and pictures judged."""
    task = request.task
    if base := _baseline(task, truths, names, images):
        yield "baseline", _BASELINE[task], base
    if second is not None and request.second_observer is not None:
        person = _person(request.second_observer, truths, second, names, task)
        yield OBSERVER, request.second_observer.name, person
    if request.against is not None:
        rival = judge(request.against, truths, task=task, probability=request.probability)
        common = {name: rival.pictures[name] for name in names if name in rival.pictures}
        yield "against", request.against.name, common


def _person(
    folder: Path, truths: Truths, second: Truths, names: list[str], task: Task
) -> dict[str, Any]:
    """Judge a second observer like a prediction; masks of pixels have no probability."""
    if task == "pixels":
        both = [name for name in names if name in second.masks]
        return judge_found(
            lambda name: (read_mask(second.masks[name]) > 0, None), truths, both, task=task
        ).pictures
    person = judge(folder, truths, task=task).pictures
    return {name: person[name] for name in names if name in person}


def _baseline(
    task: Task, truths: Truths, names: list[str], images: Mapping[str, Path]
) -> dict[str, Any]:
    """Judge what needs no skill, on the same pictures."""
    if task == "counts":
        true = judge_found(lambda _: 0.0, truths, names, task=task).pictures
        guesses = other_means({name: pair[1] for name, pair in true.items()})
        return {name: (guess, true[name][1]) for name, guess in guesses.items()}
    if task == "classes":
        return _commonest_class(truths, names)
    if task == "pixels":
        return _everywhere(0, truths, names)
    classical = segmenter("threshold")
    with_image = [name for name in names if name in images]
    found = judge_found(
        lambda name: classical(io.read(images[name])).data, truths, with_image, task=task
    )
    return found.pictures


def _everywhere(value: int, truths: Truths, names: list[str]) -> dict[str, Any]:
    """Judge a mask that is all foreground (1) or all background (0)."""

    def found(name: str) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        shape = read_mask(truths.masks[name]).shape
        return np.full(shape, value, dtype=bool), np.full(shape, value, dtype=np.float32)

    return judge_found(found, truths, names, task="pixels").pictures


def _commonest_class(truths: Truths, names: list[str]) -> dict[str, Any]:
    """Judge a prediction that has the class of most true pixels everywhere."""
    if truths.classes is None:
        return {}
    coding = truths.classes.coding
    called = name_classes(truths.classes)
    known = replace(truths, classes=replace(truths.classes, names=called, objects={}))

    def everywhere(number: int) -> dict[str, Any]:
        def found(name: str) -> FoundClasses:
            shape = read_class_map(truths.masks[name], coding).shape
            return FoundClasses(np.full(shape, number, np.uint8))

        return judge_found(found, known, names, task="classes").pictures

    pixels = sum(item.confusion.sum(axis=1) for item in everywhere(0).values())
    return everywhere(int(np.argmax(pixels)))


def _beside(
    found: Mapping[str, Any], person: Mapping[str, Any], scoring: Mapping[str, Any]
) -> BesideObserver | None:
    names = [name for name in found if name in person]
    return beside_observer(
        [found[name] for name in names],
        [person[name] for name in names],
        clusters=[scoring["clusters"].get(name, f"picture {name}") for name in names],
        level=scoring["level"],
        seed=scoring["seed"],
    )


def _images(request: Request, names: list[str]) -> dict[str, Path]:
    if request.images is None:
        return {}
    found = find_predictions(request.images)
    return {name: found[other].labels for name, other in match_names(names, found).items()}


def _column(request: Request, names: list[str], column: str) -> dict[str, str]:
    if request.groups is None:
        if request.by or request.cluster:
            msg = "--by and --cluster name columns of a table: give it with --groups"
            raise RecipeError(msg)
        return {}
    return read_column(request.groups, names, column)


def _clusters(request: Request, names: list[str]) -> dict[str, str]:
    if request.cluster is None:
        return {}
    return _column(request, names, request.cluster)
