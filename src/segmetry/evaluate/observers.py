"""A prediction beside a second person who marked the same pictures.

A mask has one sensitivity and one specificity; a probability map has a sensitivity at every
specificity. Both are compared where the person stands: at the person's specificity.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.intervals import MeanScore, draw_pictures, with_interval
from segmetry.evaluate.pixels import PixelCounts
from segmetry.evaluate.ranking import binned, merge_rankings, sensitivity_at
from segmetry.evaluate.scoring import JudgedPixels

__all__ = ["BesideObserver", "beside_observer"]

Floats = NDArray[np.float64]
_N_BINS = 1000  # a bin moves the sensitivity by far less than pictures differ


@dataclass(frozen=True)
class BesideObserver:
    """Sensitivity of a prediction and of a person, at the person's specificity.

    All pixels of all pictures are taken together.

    Parameters
    ----------
    specificity : float
        Of the person.
    observer, prediction : MeanScore
        Their sensitivities.
    difference : MeanScore
        Prediction - observer, both resampled on the same pictures.
    """

    specificity: float
    observer: MeanScore
    prediction: MeanScore
    difference: MeanScore

    def as_json(self) -> dict[str, Any]:
        """Return a dictionary of JSON values."""
        return {
            "specificity": self.specificity,
            "sensitivity": self.observer.as_json(),
            "prediction": self.prediction.as_json(),
            "difference": self.difference.as_json(),
        }


def beside_observer(
    judged: Sequence[JudgedPixels],
    observer: Sequence[JudgedPixels],
    *,
    clusters: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> BesideObserver | None:
    """Compare a prediction with a second observer at the observer's specificity.

    The prediction's one cutoff for all pictures is the one of the greatest sensitivity
    among those that are at least as specific as the observer; nothing is interpolated.

    Parameters
    ----------
    judged, observer : sequence of JudgedPixels
        Of the same pictures in the same order, against the same truth.
    clusters, level, seed
        As in `mean_score`.

    Returns
    -------
    BesideObserver or None
        `None` where a picture has no probabilities, or no foreground or background is true.

    Raises
    ------
    ValueError
        If there are not as many pictures of both.

    Examples
    --------
    >>> from segmetry.evaluate import judge_pixels
    >>> truth = np.array([True, True, False, False])
    >>> values = np.array([0.9, 0.8, 0.3, 0.1])
    >>> one = judge_pixels(values > 0.5, truth, probability=values)
    >>> person = judge_pixels(np.array([True, False, False, False]), truth)
    >>> found = beside_observer([one], [person])
    >>> found.specificity, found.observer.value, found.prediction.value
    (1.0, 0.5, 1.0)
    """
    if len(judged) != len(observer):
        msg = f"both need the same pictures, got {len(judged)} and {len(observer)}"
        raise ValueError(msg)
    rankings = [item.ranking for item in judged if item.ranking is not None]
    counts = [item.counts for item in observer]
    whole = PixelCounts(
        *(sum(getattr(c, k) for c in counts) for k in ("tp", "fp", "fn", "tn"))
    )
    if len(rankings) < len(judged) or math.isnan(whole.sensitivity + whole.specificity):
        return None
    pooled = merge_rankings(rankings)
    positives, negatives = binned(rankings, pooled, n_bins=_N_BINS)
    parts = np.array([(c.tp, c.fn, c.tn, c.fp) for c in counts], dtype=np.float64)

    def of_observer(draws: Floats) -> Floats:
        return _share(draws @ parts[:, 0], draws @ parts[:, 1])

    def of_prediction(draws: Floats) -> Floats:
        specificity = _share(draws @ parts[:, 2], draws @ parts[:, 3])
        at = specificity[:, np.newaxis]
        return sensitivity_at(draws @ positives, draws @ negatives, at)

    drawn = draw_pictures(len(judged), clusters=clusters, level=level, seed=seed)
    reached = pooled.sensitivity_at(whole.specificity)
    return BesideObserver(
        specificity=whole.specificity,
        observer=with_interval(of_observer, drawn, bounds=(0, 1)),
        prediction=with_interval(of_prediction, drawn, value=reached, bounds=(0, 1)),
        difference=with_interval(
            lambda draws: of_prediction(draws) - of_observer(draws),
            drawn,
            value=reached - whole.sensitivity,
            bounds=(-1, 1),
        ),
    )


def _share(part: Floats, rest: Floats) -> Floats:
    """Return parts of a whole; NaN where a draw holds none of it."""
    whole = part + rest
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), math.nan)
