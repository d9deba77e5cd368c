"""Scores of pixels while a network learns: the Dice of a foreground and of classes."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate import MeanScore, dice, mean_score
from segmetry.learn.examples import Example

__all__ = ["class_dice", "foreground_dice", "mean_scores"]


def foreground_dice(
    chances: NDArray[np.float32], example: Example, *, cutoff: float
) -> float:
    """Return the Dice of a foreground, over the pixels that are not excluded.

    Parameters
    ----------
    chances : ndarray of float32, shape (Y, X)
    example : Example
    cutoff : float
        Pixels above it are foreground.
    """
    included = example.counted
    return dice(chances > cutoff, example.labels > 0, included=included)


def class_dice(
    chances: NDArray[np.float32],
    example: Example,
    *,
    numbers: Sequence[int],
    names: Sequence[str] | None = None,
) -> dict[str, float]:
    """Return the Dice of each class in a picture's mask, and their mean.

    A pixel belongs to its likeliest class. The background is not counted: it is large, and
    easily right. Of a picture that is all background, "dice" is 1 where nothing else was
    found, and 0 otherwise.

    Parameters
    ----------
    chances : ndarray of float32, shape (Y, X, K)
    example : Example
        Its labels hold the numbers of classes.
    numbers : sequence of int
        That of each map; 0 is the background.
    names : sequence of str or None
        What they are called; `None` takes the numbers.

    Returns
    -------
    dict of str to float
        "dice", and for each class in the mask "dice_" with its name.
    """
    included = example.counted
    found = np.asarray(numbers)[chances.argmax(axis=-1)]
    truth = example.labels
    scores = {
        f"dice_{name}": dice(found == number, truth == number, included=included)
        for number, name in zip(numbers, names or numbers, strict=True)
        if number and (truth == number)[included].any()
    }
    whole = list(scores.values()) or [dice(found > 0, truth > 0, included=included)]
    return {"dice": float(np.mean(whole)), **scores}


def mean_scores(
    rows: Sequence[Mapping[str, float]], examples: Sequence[Example]
) -> dict[str, MeanScore]:
    """Return the mean of each score over the pictures that have it, with its interval.

    Parameters
    ----------
    rows : sequence of mapping
        Scores of each picture.
    examples : sequence of Example
        Those of one group hang together.
    """
    clusters = [example.group or example.name for example in examples]
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        name: mean_score(
            [row.get(name, np.nan) for row in rows], clusters=clusters, bounds=(0, 1)
        )
        for name in names
    }
