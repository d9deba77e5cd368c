"""What a paired comparison of two predictions is worth, in words."""

import math
from collections.abc import Mapping
from typing import Any

from segmetry.evaluate import HEADLINES, SCORES, BesideObserver, MeanScore, Task
from segmetry.measure.intervals import FEWEST_UNITS

__all__ = ["beside_sentence", "comparison", "signed", "verdict"]

_SIGN = {"high": 1, "low": -1}


def verdict(name: str, difference: MeanScore) -> str:
    """Say in words what a paired difference of a score means.

    Parameters
    ----------
    name : str
        Name of a score that should be high or low.
    difference : MeanScore

    Examples
    --------
    >>> verdict("count_mae", MeanScore(-2.0, -3.0, -1.0, 30))
    'better'
    >>> verdict("dsb_score", MeanScore(0.1, -0.1, 0.3, 30))
    'no clear difference'
    """
    sign = _SIGN[SCORES[name].aim]
    low, high = sorted((sign * difference.low, sign * difference.high))
    return "better" if low > 0 else "worse" if high < 0 else "no clear difference"


def comparison(
    task: Task, other: str, gains: Mapping[str, MeanScore], *, n: int
) -> dict[str, Any]:
    """Return which of two predictions is better by the first score of a task.

    Parameters
    ----------
    task : {"objects", "pixels", "counts", "detection"}
    other : str
        What the prediction is compared with.
    gains : mapping of str to MeanScore
        Paired differences, prediction - other.
    n : int
        Number of pictures that both have.

    Returns
    -------
    dict
        "score": its name; "says": "better", "worse", "no clear difference" or "too few
        pictures"; "sentence": all of it for a person.

    Examples
    --------
    >>> gain = {"dsb_score": MeanScore(0.1, 0.05, 0.15, 30)}
    >>> comparison("objects", "the baseline", gain, n=30)["says"]
    'better'
    """
    score = next(iter(HEADLINES[task]))
    gain = gains.get(score)
    if gain is None or not math.isfinite(gain.low):
        have = "1 picture has" if n == 1 else f"{n} pictures have"
        sentence = (
            f"Against {other}: {have} both results; which is better can be said from "
            f"{FEWEST_UNITS} pictures (or clusters of them) on."
        )
        return {"score": score, "says": "too few pictures", "sentence": sentence}
    says = verdict(score, gain)
    worth = {
        "better": "this prediction is better",
        "worse": "this prediction is worse",
        "no clear difference": "these pictures do not tell which is better",
    }[says]
    value, low, high = (signed(score, end) for end in (gain.value, gain.low, gain.high))
    sentence = (
        f"Against {other}: {SCORES[score].title} differs by {value} (95 % interval "
        f"{low} to {high}, picture by picture, n = {gain.n}): {worth}."
    )
    return {"score": score, "says": says, "sentence": sentence}


def beside_sentence(beside: BesideObserver) -> str:
    """Say who finds more where the prediction is as specific as a second observer.

    Parameters
    ----------
    beside : BesideObserver

    Examples
    --------
    >>> one, other = MeanScore(0.8, 0.7, 0.9, 9), MeanScore(0.7, 0.6, 0.8, 9)
    >>> gain = MeanScore(0.1, 0.02, 0.18, 9)
    >>> beside_sentence(BesideObserver(0.9725, other, one, gain)).split(": ")[-1]
    'it finds more.'
    """
    gain = beside.difference
    start = (
        f"As specific as the second observer ({beside.specificity:.4f}, all pixels "
        f"together), the prediction has a sensitivity of {beside.prediction.value:.3f}, "
        f"the second observer {beside.observer.value:.3f}"
    )
    if not math.isfinite(gain.low):
        return f"{start}; who finds more can be said from {FEWEST_UNITS} pictures on."
    says = {
        "better": "it finds more",
        "worse": "it finds less",
        "no clear difference": "these pictures do not tell who finds more",
    }[verdict("sensitivity", gain)]
    value, low, high = (
        signed("sensitivity", number) for number in (gain.value, gain.low, gain.high)
    )
    return (
        f"{start}: {value} (95 % interval {low} to {high}, pictures resampled, "
        f"n = {gain.n}): {says}."
    )


def signed(name: str, value: float) -> str:
    """Return a difference of a score with its sign, which nothing has not.

    Examples
    --------
    >>> signed("f1_50", 0.25), signed("f1_50", -0.0001), signed("count_mae", 2.1)
    ('+0.250', '0.000', '+2.1')
    """
    text = f"{value:+.{3 if SCORES[name].high == 1 else 1}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "−")
