"""One method on one picture: taught where it learns, run, timed and judged."""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.compare.cost import Cost, measured
from segmetry.compare.methods import Method
from segmetry.compare.outcome import Outcome
from segmetry.compare.pictures import Entry, picture_of, read_truth
from segmetry.dataset.truths import check_shapes
from segmetry.errors import SegmetryError, SegmetryWarning
from segmetry.evaluate import Task, judge_objects, judge_pixels, match_objects
from segmetry.image import Image, Labels
from segmetry.recipe import Recipe
from segmetry.segment import Segmenter

__all__ = [
    "Found",
    "Job",
    "Judgeable",
    "Rules",
    "carried_out",
    "judgeable",
    "judged",
    "taught",
]

_SPECIFICITY = 0.95


@dataclass(frozen=True)
class Rules:
    """By what is judged.

    Parameters
    ----------
    task : {"objects", "pixels"}
    thin : bool
        Judge the skeletons too, for pixels.
    seed : int
        Of what is random in learning.
    """

    task: Task = "objects"
    thin: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Job:
    """A method, what it learns from, and the pictures it is then run on.

    Parameters
    ----------
    method : Method
    entries : tuple of Entry
        Pictures to be judged; for one that learns, those of a fold.
    teachers : tuple of Entry
        Pictures to learn from, none of them among `entries`; empty for one that does not
        learn.
    """

    method: Method
    entries: tuple[Entry, ...]
    teachers: tuple[Entry, ...] = ()


@dataclass(frozen=True, eq=False)
class Judgeable:
    """A picture that is ready, with its truth.

    Parameters
    ----------
    image : Image
    truth : ndarray of uint32
    view : ndarray of bool or None
        Field of view; `None` is all of the picture.
    """

    image: Image
    truth: NDArray[np.uint32]
    view: NDArray[np.bool_] | None


@dataclass(frozen=True, eq=False)
class Found:
    """What a method found in a picture, and how good that is."""

    labels: Labels
    scores: Mapping[str, float]
    cost: Cost


def carried_out(
    job: Job, rules: Rules
) -> Iterator[tuple[Outcome, NDArray[np.uint32] | None]]:
    """Teach a method where it learns, and yield what comes of each picture.

    Parameters
    ----------
    job : Job
    rules : Rules

    Yields
    ------
    Outcome
        One that failed says why: a bad picture or a method that breaks stops nothing.
    labels : ndarray of uint32 or None
        The objects found.
    """
    label, n = job.method.label, len(job.teachers)
    begun = time.process_time()
    try:
        segmenter = job.method.segmenter()
        if job.teachers:
            segmenter = taught(segmenter, job.teachers, job.method.recipe, seed=rules.seed)
    except Exception as error:  # noqa: BLE001 - one bad method must not stop the rest
        for entry in job.entries:
            yield Outcome(label, entry.name, reason=_reason(error)), None
        return
    seconds = time.process_time() - begun if job.teachers else 0.0
    for entry in job.entries:
        try:
            found = judged(segmenter, judgeable(entry, job.method.recipe), rules)
        except Exception as error:  # noqa: BLE001 - nor one bad picture
            yield Outcome(label, entry.name, reason=_reason(error)), None
            continue
        outcome = Outcome(
            label,
            entry.name,
            scores=found.scores,
            cost=found.cost,
            megapixels=found.labels.data.size / 1e6,
            teaching_cpu_s=seconds,
            taught_by=n,
        )
        yield outcome, found.labels.data


def judgeable(entry: Entry, recipe: Recipe) -> Judgeable:
    """Read a picture and its truth.

    Parameters
    ----------
    entry : Entry
    recipe : Recipe
        By which the picture is made ready.

    Returns
    -------
    Judgeable

    Raises
    ------
    SegmetryError
        If a file cannot be read, or the shapes differ.
    """
    truth, view = read_truth(entry)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        image = picture_of(entry, recipe)
    check_shapes(image.grey, truth)
    return Judgeable(image, truth, view)


def judged(segmenter: Segmenter, picture: Judgeable, rules: Rules) -> Found:
    """Run a method on a picture and compare what it found with the truth.

    Parameters
    ----------
    segmenter : Segmenter
    picture : Judgeable
    rules : Rules

    Returns
    -------
    Found

    Raises
    ------
    SegmetryError
        If nothing can be found in it.
    """
    truth, view = picture.truth, picture.view
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        (labels, maps), cost = measured(lambda: segmenter.labels_and_maps(picture.image))
    scores: Mapping[str, Any]
    if rules.task == "pixels":
        pixels = judge_pixels(
            labels.data > 0,
            truth > 0,
            probability=maps.foreground,
            included=view,
            thin=rules.thin,
        )
        scores = pixels.scores(specificity=_SPECIFICITY)
    else:
        inside = labels.data if view is None else np.where(view, labels.data, 0)
        scores = judge_objects(match_objects(inside, truth))
    return Found(labels, {name: float(one) for name, one in scores.items()}, cost)


def taught(
    segmenter: Any, teachers: Sequence[Entry], recipe: Recipe, *, seed: int
) -> Segmenter:
    """Return a segmenter that has learned from annotated pictures.

    Parameters
    ----------
    segmenter : Segmenter
        With a method `fit`.
    teachers : sequence of Entry
        Those that cannot be read are left out.
    recipe : Recipe
    seed : int

    Returns
    -------
    Segmenter

    Raises
    ------
    SegmetryError
        If none can be read, or it cannot learn from them.
    """
    images: list[Image] = []
    truths: list[NDArray[np.uint32]] = []
    last: SegmetryError | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegmetryWarning)
        for entry in teachers:
            try:
                one = judgeable(entry, recipe)
            except SegmetryError as error:
                last = error
                continue
            images.append(one.image)
            truths.append(one.truth)
        if not images and last is not None:
            raise last
        learned: Segmenter = segmenter.fit(images, truths, seed=seed)
    return learned


def _reason(error: Exception) -> str:
    if isinstance(error, SegmetryError):
        return str(error)
    if isinstance(error, MemoryError):
        return "Not enough memory for this picture."
    return f"{type(error).__name__}: {error}"
