"""Scores of classes: which class each pixel is of, and objects of one class each.

Pixels whose true class is not known (255) count for nothing. A pixel for which no class was
found counts as wrong. For the scores of segments see `segmetry.evaluate.panoptic`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.catalogue import SCORES
from segmetry.evaluate.intervals import MeanScore, draw_pictures, mean_score, with_interval
from segmetry.evaluate.panoptic import Objects, Segments, match_segments, true_things
from segmetry.image import NOT_KNOWN

__all__ = ["ClassTable", "JudgedClasses", "class_table", "judge_classes", "score_classes"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class JudgedClasses:
    """What is kept of the classes of a picture.

    Parameters
    ----------
    confusion : ndarray of int64, shape (C, C + 1)
        Pixels by true class (rows) and found class (columns); the last column is of those
        for which none was found.
    names : tuple of str
        What the classes are called.
    segments : Segments
    """

    confusion: NDArray[np.int64]
    names: tuple[str, ...]
    segments: Segments

    def scores(self) -> dict[str, float]:
        """Return the scores of this picture by name; NaN where it has none."""
        return {
            name: float(score(self.confusion[None].astype(np.float64))[0])
            for name, score in _OF_PIXELS.items()
        }


@dataclass(frozen=True, eq=False)
class ClassTable:
    """The scores of each class by itself, all pixels of all pictures together.

    Parameters
    ----------
    scores : mapping of str to mapping
        By the name of the class: "dice", "iou", "sensitivity" and "precision" of its
        pixels; "pq", "sq" and "rq" of its segments. NaN where there is nothing of it.
    confusion : ndarray of int64, shape (C, C + 1)
        Pixels by true class and found class; the last column is of those without one.
    """

    scores: Mapping[str, Mapping[str, MeanScore]]
    confusion: NDArray[np.int64]

    def as_json(self) -> dict[str, Any]:
        """Return "classes" and "confusion" as JSON values."""
        scores = {
            name: {key: score.as_json() for key, score in own.items()}
            for name, own in self.scores.items()
        }
        found = [*self.scores, None]
        pixels = self.confusion.tolist()
        told = {"true": [*self.scores], "found": found, "pixels": pixels}
        return {"classes": scores, "confusion": told}


def judge_classes(
    predicted: NDArray[np.uint8],
    truth: NDArray[np.uint8],
    *,
    names: Sequence[str],
    included: NDArray[np.bool_] | None = None,
    objects: Objects | None = None,
    things: Sequence[int] | None = None,
) -> JudgedClasses:
    """Compare the class map of one picture or volume with the truth.

    Parameters
    ----------
    predicted, truth : ndarray of uint8, same shape
        Numbers of classes; 255 is not known.
    names : sequence of str
        What the classes are called.
    included : ndarray of bool, same shape, or None
        The field of view; `None` is all of the picture.
    objects : (ndarray of integers, ndarray of integers) or None
        Labels of the found and of the true objects, 0 is background. The class of an
        object is that of most of its pixels. `None`: all classes are stuff.
    things : sequence of int or None
        Classes that have objects. `None`: those in which any of the true ones lies.

    Returns
    -------
    JudgedClasses

    Raises
    ------
    ValueError
        If shapes differ, or a class has no name.

    Examples
    --------
    >>> truth = np.uint8([[0, 0, 1, 1, 255]])
    >>> found = judge_classes(np.uint8([[0, 1, 1, 1, 1]]), truth, names=("ground", "rod"))
    >>> found.confusion.tolist(), round(found.scores()["mean_iou"], 3)
    ([[1, 1, 0], [0, 2, 0]], 0.583)
    """
    n_classes = len(names)
    for data in (predicted, truth):
        highest = int(data[data != NOT_KNOWN].max(initial=0))
        if data.shape != truth.shape or highest >= n_classes:
            msg = (
                f"class maps must have one shape and a name for each class, got shapes "
                f"{predicted.shape} and {truth.shape}, {n_classes} names, class {highest}"
            )
            raise ValueError(msg)
    known = truth != NOT_KNOWN
    if included is not None:
        known &= included
    found = np.where(predicted == NOT_KNOWN, n_classes, predicted).astype(np.int64)
    places = truth[known].astype(np.int64) * (n_classes + 1) + found[known]
    counts = np.bincount(places, minlength=n_classes * (n_classes + 1))
    confusion = counts.reshape(n_classes, n_classes + 1)
    is_thing = np.zeros(n_classes, bool)
    if objects is not None:
        own = true_things(truth, objects[1]) if things is None else things
        is_thing[list(own)] = True
    segments = match_segments(found, truth, known, is_thing, objects)
    return JudgedClasses(confusion, tuple(names), segments)


def score_classes(
    judged: Sequence[JudgedClasses],
    *,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, MeanScore]:
    """Return the scores of the classes of a set of pictures.

    Parameters
    ----------
    judged : sequence of JudgedClasses
        With the same names.
    clusters, level, seed
        As in `mean_score`.

    Returns
    -------
    dict of str to MeanScore
        In the order of `SCORES`.
    """
    how: dict[str, Any] = {"clusters": clusters, "level": level, "seed": seed}
    rows = [item.scores() for item in judged]
    scores = {
        name: mean_score([row[name] for row in rows], bounds=(0, 1), **how)
        for name in _OF_PIXELS
    }
    drawn = draw_pictures(len(judged), **how)
    if judged:
        parts = np.array([item.confusion for item in judged], np.float64)
        sums = _sums(judged)
        things = np.any([item.segments.things for item in judged], axis=0)
        pooled: dict[str, Callable[[Floats], Floats]] = {
            f"{name}_pooled": lambda d, score=score: score(_total(d, parts))  # type: ignore[misc]
            for name, score in _OF_PIXELS.items()
        }
        for name, score in _OF_SEGMENTS.items():
            pooled[f"{name}_classes"] = lambda d, score=score: _mean(  # type: ignore[misc]
                score(_total(d, sums))
            )
        for name, own in (("pq_things", things), ("pq_stuff", ~things)):
            if own.any() and things.any():
                pooled[name] = lambda d, own=own: _mean(_pq(_total(d, sums))[..., own])  # type: ignore[misc]
        scores |= {
            name: with_interval(statistic, drawn, bounds=(0, 1))
            for name, statistic in pooled.items()
        }
    return {name: scores[name] for name in SCORES if name in scores}


def class_table(
    judged: Sequence[JudgedClasses],
    *,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> ClassTable:
    """Return the scores of each class by itself, and which is taken for which.

    Parameters
    ----------
    judged : sequence of JudgedClasses
        With the same names; at least one.
    clusters, level, seed
        As in `mean_score`.

    Returns
    -------
    ClassTable
    """
    drawn = draw_pictures(len(judged), clusters=clusters, level=level, seed=seed)
    parts = np.array([item.confusion for item in judged], np.float64)
    sums = _sums(judged)
    scores = {
        name: {
            key: with_interval(
                lambda d, score=score, all_=all_, k=k: score(_total(d, all_))[..., k],  # type: ignore[misc]
                drawn,
                bounds=(0, 1),
            )
            for known, all_ in ((_OF_CLASS, parts), (_OF_SEGMENTS, sums))
            for key, score in known.items()
        }
        for k, name in enumerate(judged[0].names)
    }
    return ClassTable(scores, np.sum([item.confusion for item in judged], axis=0))


def _sums(judged: Sequence[JudgedClasses]) -> Floats:
    """Return what segments of each picture add, shape (n, 4, C)."""
    return np.array(
        [
            [each.iou, each.tp, each.fp, each.fn]
            for each in (item.segments for item in judged)
        ],
        np.float64,
    )


def _total(draws: Floats, parts: Floats) -> Floats:
    """Return the sums of each draw, of parts of each picture."""
    return np.tensordot(draws, parts, axes=1)


def _overlaps(confusion: Floats) -> tuple[Floats, Floats, Floats]:
    """Return right, true and found pixels of each class, shape (..., C)."""
    square = confusion[..., :-1]
    right = np.diagonal(square, axis1=-2, axis2=-1)
    return right, confusion.sum(axis=-1), square.sum(axis=-2)


def _accuracy(confusion: Floats) -> Floats:
    right, true, _ = _overlaps(confusion)
    return _ratio(right.sum(axis=-1), true.sum(axis=-1))


def _iou(confusion: Floats) -> Floats:
    right, true, found = _overlaps(confusion)
    return _ratio(right, true + found - right)


def _dice(confusion: Floats) -> Floats:
    right, true, found = _overlaps(confusion)
    return _ratio(2 * right, true + found)


def _sensitivity(confusion: Floats) -> Floats:
    right, true, _ = _overlaps(confusion)
    return _ratio(right, true)


def _precision(confusion: Floats) -> Floats:
    right, _, found = _overlaps(confusion)
    return _ratio(right, found)


def _pq(sums: Floats) -> Floats:
    iou, tp, fp, fn = np.moveaxis(sums, -2, 0)
    return _ratio(iou, tp + fp / 2 + fn / 2)


def _rq(sums: Floats) -> Floats:
    _, tp, fp, fn = np.moveaxis(sums, -2, 0)
    return _ratio(tp, tp + fp / 2 + fn / 2)


def _sq(sums: Floats) -> Floats:
    iou, tp, *_ = np.moveaxis(sums, -2, 0)
    return _ratio(iou, tp)


def _mean(values: Floats) -> Floats:
    """Return the mean over classes that have the score; NaN where none has."""
    there = np.isfinite(values)
    return _ratio(np.where(there, values, 0).sum(axis=-1), there.sum(axis=-1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    some = whole > 0
    return np.asarray(np.where(some, part / np.where(some, whole, 1), math.nan))


_OF_CLASS: Mapping[str, Callable[[Floats], Floats]] = {
    "dice": _dice,
    "iou": _iou,
    "sensitivity": _sensitivity,
    "precision": _precision,
}
_OF_SEGMENTS: Mapping[str, Callable[[Floats], Floats]] = {"pq": _pq, "sq": _sq, "rq": _rq}
_OF_PIXELS: Mapping[str, Callable[[Floats], Floats]] = {
    "mean_iou": lambda confusion: _mean(_iou(confusion)),
    "mean_dice": lambda confusion: _mean(_dice(confusion)),
    "accuracy": _accuracy,
}
