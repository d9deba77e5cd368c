"""What kind of mistake each wrong object is: missed, invented, split, merged, outline.

With "within" for "by more than half of its own pixels inside", and IoU for the pixels two
objects share over those of either:

- A true object is *split* when two or more predicted objects lie within it, each covering
  at least a tenth of it.
- True objects are *merged* when two or more lie within one predicted object, each covering
  at least a tenth of that one. It is the same with the roles exchanged.
- A pair has a *poor outline* when each is the other's best partner, and neither is part of
  a split or merge. The worst is the one of the lowest IoU, at least a tenth.
- A true object is *missed* when it is none of these: it is unmatched, no part of a split
  or merge, and has no such partner. A predicted object that is none of these is *invented*.

A split object may still be matched, when one of its pieces covers more than half of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.matching import Matches

__all__ = ["KINDS", "Example", "Mistakes", "Outline", "examples", "find_mistakes"]

KINDS = ("missed", "invented", "split", "merged", "outline")
_SMALLEST_PART = 0.1  # of the whole: below, a part is a speck beside it, not a piece of it
_LOWEST_IOU = 0.1  # below, two objects have hardly more in common than a place


@dataclass(frozen=True)
class Outline:
    """A predicted and a true object that are each other's best partner."""

    predicted: int
    truth: int
    iou: float


@dataclass(frozen=True)
class Mistakes:
    """The wrong objects of a picture, by kind.

    Parameters
    ----------
    missed : tuple of int
        Numbers of true objects that nothing was found for.
    invented : tuple of int
        Numbers of predicted objects with nothing true to them.
    split : dict of int to tuple of int
        True objects and the predicted objects they were cut into.
    merged : dict of int to tuple of int
        Predicted objects and the true objects they hold.
    outlines : tuple of Outline
        Pairs that are neither split nor merged, the lowest IoU first.
    """

    missed: tuple[int, ...]
    invented: tuple[int, ...]
    split: dict[int, tuple[int, ...]]
    merged: dict[int, tuple[int, ...]]
    outlines: tuple[Outline, ...]


@dataclass(frozen=True)
class Example:
    """One mistake, to be looked at.

    Parameters
    ----------
    kind : {"missed", "invented", "split", "merged", "outline"}
    predicted, truth : tuple of int
        Numbers of the objects involved.
    weight : float
        How grave it is among those of its kind: the share of a wrong outline, else the
        area in mean true objects of the picture.
    iou : float or None
        Of a poor outline.
    """

    kind: str
    predicted: tuple[int, ...]
    truth: tuple[int, ...]
    weight: float
    iou: float | None = None


def find_mistakes(matches: Matches) -> Mistakes:
    """Tell the mistakes of a prediction apart by kind.

    Parameters
    ----------
    matches : Matches

    Returns
    -------
    Mistakes

    Examples
    --------
    >>> from segmetry.evaluate import match_objects
    >>> truth = np.array([[1, 1, 1, 1, 0, 2, 2, 0, 0]])
    >>> found = find_mistakes(match_objects(np.array([[5, 5, 6, 6, 0, 0, 0, 0, 7]]), truth))
    >>> found.split, found.missed, found.invented
    ({1: (5, 6)}, (2,), (7,))
    """
    of_predicted = matches.shared / matches.predicted_areas[matches.predicted_index]
    of_true = matches.shared / matches.true_areas[matches.true_index]
    pieces = (of_predicted > 0.5) & (of_true >= _SMALLEST_PART)
    swallowed = (of_true > 0.5) & (of_predicted >= _SMALLEST_PART)
    split = _wholes(matches.truth[pieces], matches.predicted[pieces])
    merged = _wholes(matches.predicted[swallowed], matches.truth[swallowed])
    involved_true = set(split).union(*merged.values())
    involved_predicted = set(merged).union(*split.values())
    outlines = tuple(
        pair
        for pair in _partners(matches)
        if pair.truth not in involved_true and pair.predicted not in involved_predicted
    )
    kept = matches.iou > 0.5
    involved_true.update(pair.truth for pair in outlines)
    involved_true.update(matches.truth[kept].tolist())
    involved_predicted.update(pair.predicted for pair in outlines)
    involved_predicted.update(matches.predicted[kept].tolist())
    return Mistakes(
        missed=_others(matches.true_ids, involved_true),
        invented=_others(matches.predicted_ids, involved_predicted),
        split=split,
        merged=merged,
        outlines=outlines,
    )


def examples(matches: Matches, *, most: int = 4) -> list[Example]:
    """Return the gravest mistakes of each kind.

    Parameters
    ----------
    matches : Matches
    most : int
        Mistakes of one kind at most.

    Returns
    -------
    list of Example
        By kind, the gravest first.

    Examples
    --------
    >>> from segmetry.evaluate import match_objects
    >>> truth = np.array([[1, 1, 0, 2]])
    >>> examples(match_objects(np.zeros_like(truth), truth), most=1)
    [Example(kind='missed', predicted=(), truth=(1,), weight=1.3333333333333333, iou=None)]
    """
    found = find_mistakes(matches)
    true_area = dict(
        zip(matches.true_ids.tolist(), matches.true_areas.tolist(), strict=True)
    )
    area = dict(
        zip(matches.predicted_ids.tolist(), matches.predicted_areas.tolist(), strict=True)
    )
    mean = float(matches.true_areas.mean()) if matches.n_true else 1.0
    every = [
        *(Example("missed", (), (k,), true_area[k] / mean) for k in found.missed),
        *(Example("invented", (k,), (), area[k] / mean) for k in found.invented),
        *(
            Example("split", parts, (k,), true_area[k] / mean)
            for k, parts in found.split.items()
        ),
        *(
            Example("merged", (k,), parts, area[k] / mean)
            for k, parts in found.merged.items()
        ),
        *(
            Example("outline", (pair.predicted,), (pair.truth,), 1 - pair.iou, pair.iou)
            for pair in found.outlines
            if pair.iou < 1
        ),
    ]
    every.sort(key=lambda example: -example.weight)
    return [
        example
        for kind in KINDS
        for example in [each for each in every if each.kind == kind][:most]
    ]


def _wholes(
    wholes: NDArray[np.uint32], parts: NDArray[np.uint32]
) -> dict[int, tuple[int, ...]]:
    """Return the wholes of two parts or more, with their parts."""
    found: dict[int, list[int]] = {}
    for whole, part in zip(wholes.tolist(), parts.tolist(), strict=True):
        found.setdefault(whole, []).append(part)
    return {
        whole: tuple(sorted(found[whole]))
        for whole in sorted(found)
        if len(found[whole]) > 1
    }


def _partners(matches: Matches) -> list[Outline]:
    """Return the pairs in which each is the other's best partner, lowest IoU first."""
    iou = matches.iou
    best_true = np.zeros(matches.n_true)
    best_predicted = np.zeros(matches.n_predicted)
    np.maximum.at(best_true, matches.true_index, iou)
    np.maximum.at(best_predicted, matches.predicted_index, iou)
    mutual = (
        (iou == best_true[matches.true_index])
        & (iou == best_predicted[matches.predicted_index])
        & (iou >= _LOWEST_IOU)
    )
    places = np.flatnonzero(mutual)
    places = places[np.argsort(iou[places], kind="stable")]
    return [
        Outline(int(matches.predicted[k]), int(matches.truth[k]), float(iou[k]))
        for k in places
    ]


def _others(ids: NDArray[np.uint32], known: set[int]) -> tuple[int, ...]:
    return tuple(number for number in ids.tolist() if number not in known)
