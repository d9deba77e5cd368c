"""Objects judged by where they are: found cells against true cells, or against dots.

By their centres every found and true object has one partner at most, within a distance.
Where both sides are label images, they are judged by an IoU of 0.4 as well, low enough for
cells with soft outlines, and one to one too.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.centres import match_centres
from segmetry.evaluate.counts import judge_counts
from segmetry.evaluate.matching import Matches

__all__ = ["judge_detection"]

_LEAST_IOU = 0.4


def judge_detection(
    predicted: NDArray[np.floating],
    truth: NDArray[np.floating],
    *,
    max_distance: float,
    matches: Matches | None = None,
) -> dict[str, float]:
    """Return how well the objects of one picture were detected, by name.

    Parameters
    ----------
    predicted, truth : ndarray of float, shapes (n, 2) and (m, 2)
        Centres as y, x, in one unit.
    max_distance : float
        Greatest distance of a found from its true centre, in that unit.
    matches : Matches or None
        Of the same objects; `None` where one side has no outlines.

    Returns
    -------
    dict of str to float
        Scores that end in "_centres" go by the distance, those in "_40" by an IoU over
        0.4; the latter only with `matches`.

    Raises
    ------
    ValueError
        As `match_centres`.

    Examples
    --------
    >>> cells = np.array([[5.0, 5.0], [5.0, 25.0]])
    >>> scores = judge_detection(cells[:1] + 2, cells, max_distance=10)
    >>> scores["precision_centres"], scores["recall_centres"], scores["count_bias"]
    (1.0, 0.5, -1)
    """
    n_predicted, n_true = len(predicted), len(truth)
    pairs = match_centres(predicted, truth, max_distance=max_distance)
    found = {"centres": len(pairs)}
    if matches is not None:
        found["40"] = matches.n_matched(_LEAST_IOU)
    scores: dict[str, float] = dict(judge_counts(n_predicted, n_true))
    for how, hits in found.items():
        scores |= {
            f"{name}_{how}": v for name, v in _scores(hits, n_predicted, n_true).items()
        }
    return scores


def _scores(hits: int, n_predicted: int, n_true: int) -> Mapping[str, float]:
    """Return scores; of nothing, 1 where both sides are empty, 0 where one is."""
    of_nothing = float(n_predicted == n_true)
    both = n_predicted + n_true
    return {
        "f1": 2 * hits / both if both else of_nothing,
        "precision": hits / n_predicted if n_predicted else of_nothing,
        "recall": hits / n_true if n_true else of_nothing,
        "tp": hits,
        "fp": n_predicted - hits,
        "fn": n_true - hits,
    }
