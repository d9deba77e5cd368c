"""Choosing, on validation pictures, how maps become objects and which are believed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.dataset import k_folds
from segmetry.evaluate import Matches, dsb_score, match_objects
from segmetry.learn.confidence import fit_confidence
from segmetry.models import Confidence
from segmetry.models.confidence import FEATURES
from segmetry.models.outputs import Cutoffs

__all__ = [
    "CHOICES",
    "believed",
    "best_cutoffs",
    "fitted_confidence",
    "held_out_confidence",
    "matched_objects",
]

CHOICES: Mapping[str, Sequence[float]] = {
    "foreground": (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8),
    "least": (10.0, 20.0, 40.0, 60.0),
}

_ROUNDS = 2
_FOLDS = 5
_LEAST = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)


def best_cutoffs(
    score: Callable[[Cutoffs], float],
    *,
    start: Cutoffs | None = None,
    choices: Mapping[str, Sequence[float]] = CHOICES,
) -> tuple[Cutoffs, float]:
    """Return the cutoffs with the highest score, changed one by one until none helps.

    Parameters
    ----------
    score : callable
        Of cutoffs, on validation pictures; higher is better.
    start : Cutoffs or None
    choices : mapping
        Values tried for each cutoff.

    Returns
    -------
    Cutoffs
    float
        Their score.

    Examples
    --------
    >>> best, value = best_cutoffs(lambda cutoffs: -abs(cutoffs.least - 20))
    >>> best.least, value
    (20.0, -0.0)
    """
    best = start or Cutoffs()
    value = score(best)
    for _ in range(_ROUNDS):
        before = best
        for name, candidates in choices.items():
            for candidate in candidates:
                if candidate == getattr(best, name):
                    continue
                tried = replace(best, **{name: candidate})
                its_value = score(tried)
                if its_value > value:
                    best, value = tried, its_value
        if best == before:
            break
    return best, value


def held_out_confidence(
    features: Sequence[NDArray[np.float64]],
    matched: Sequence[NDArray[np.bool_]],
    groups: Sequence[str],
) -> list[NDArray[np.float64]]:
    """Return how sure each object is, told by a model fitted without its own group.

    Parameters
    ----------
    features : sequence of ndarray of float64, shape (n_objects, n_features)
        One array a picture.
    matched : sequence of ndarray of bool, shape (n_objects,)
        Whether each object is a true one.
    groups : sequence of str
        Group of each picture.

    Returns
    -------
    list of ndarray of float64, shape (n_objects,)
        1 where the other groups have no objects to learn from.
    """
    folds = k_folds(groups, min(_FOLDS, len(set(groups))))
    answer = [np.ones(len(one)) for one in features]
    for fold in np.unique(folds):
        others = [k for k in np.flatnonzero(folds != fold).tolist() if len(matched[k])]
        own = np.flatnonzero(folds == fold).tolist()
        if not others:
            continue
        fitted = fitted_confidence(
            [features[k] for k in others], [matched[k] for k in others]
        )
        for k in own:
            answer[k] = fitted.probability(features[k])
    return answer


def fitted_confidence(
    features: Iterable[NDArray[np.float64]], matched: Iterable[NDArray[np.bool_]]
) -> Confidence:
    """Fit the confidence on the objects of several pictures together."""
    return fit_confidence(
        np.concatenate(list(features)), np.concatenate(list(matched)), features=FEATURES
    )


def believed(
    matches: Sequence[Matches], probabilities: Sequence[NDArray[np.float64]]
) -> tuple[float, float]:
    """Return the least confidence with which objects are kept, and the score it gives.

    Parameters
    ----------
    matches : sequence of Matches
        Of each picture, with its objects numbered 1 to n.
    probabilities : sequence of ndarray of float64, shape (n_objects,)

    Returns
    -------
    float
        0 where dropping objects does not help.
    float
        Mean `dsb_score` of the pictures with objects below it dropped.
    """
    scores = {
        least: float(
            np.mean(
                [
                    dsb_score(_without(one, probability >= least))
                    for one, probability in zip(matches, probabilities, strict=True)
                ]
            )
        )
        for least in _LEAST
    }
    best = max(scores, key=lambda least: scores[least])
    return best, scores[best]


def _without(matches: Matches, keep: NDArray[np.bool_]) -> Matches:
    """Return the matches as they are without the objects that are not kept."""
    kept = keep[matches.predicted_index]
    return replace(
        matches,
        predicted=matches.predicted[kept],
        truth=matches.truth[kept],
        shared=matches.shared[kept],
        predicted_ids=matches.predicted_ids[keep],
        predicted_areas=matches.predicted_areas[keep],
    )


def matched_objects(
    found: NDArray[np.uint32], truth: NDArray[Any]
) -> tuple[Matches, NDArray[np.bool_]]:
    """Return the matches of objects 1 to n, and whether each is a true one (IoU > 0.5)."""
    matches = match_objects(found, truth)
    is_true = np.zeros(matches.n_predicted, bool)
    is_true[matches.predicted_index[matches.iou > 0.5]] = True
    return matches, is_true
