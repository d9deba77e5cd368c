"""How many errors are left among objects that nobody has looked at, and how sure that is.

A method says of each object how likely it is wrong. A person's verdicts bring that in
line: the log odds of an error are a line of the score, as Platt has it [1]_, with a level
and a slope, a level of its own for each picture, and a share of errors that no score
foretells. All of these have a prior under which what the method says is true on average,
so that few verdicts change little and none changes nothing. Nothing is set to its best
value: the numbers are averages over all values, as likely as the verdicts make them.

The most doubtful objects are looked at first, so those looked at are no random sample. That
does no harm here, since what is learned is how errors depend on the score: it is assumed
that objects of one picture and one score are alike, whether they were looked at or not.

References
----------
.. [1] J. C. Platt, "Probabilistic outputs for support vector machines", in Advances in
       Large Margin Classifiers, MIT Press, 2000.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaincc, logit

from segmetry.evaluate.score_lines import SCALE, Floats, Lines, likely_lines
from segmetry.evaluate.verdicts import UNSEEN, WRONG

__all__ = ["Errors", "Review", "review_objects"]

_SURE = 0.003  # doubts nearer to 0 or 1 are not believed before there are verdicts
_ENDS = (0.025, 0.975)
_TINY = 1e-12


@dataclass(frozen=True)
class Errors:
    """How many objects are wrong.

    Parameters
    ----------
    value : float
        As many as are expected.
    low, high : int
        Ends of the 95 % interval.
    """

    value: float
    low: int
    high: int


@dataclass(frozen=True, eq=False)
class Review:
    """What verdicts on some objects say of the others; made by `review_objects`.

    Parameters
    ----------
    verdict : ndarray of int8, shape (n,)
    probability : ndarray of float64, shape (n,)
        Of being wrong; 0 or 1 for objects that were looked at.
    """

    verdict: NDArray[np.int8]
    probability: Floats
    _picture: NDArray[np.intp]
    _place: Floats
    _lines: Lines

    def errors_left(self, chosen: NDArray[np.bool_] | None = None) -> Errors:
        """Return how many of the objects that nobody has looked at are wrong.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n,), or None
            Objects that count; `None` counts all.

        Returns
        -------
        Errors
            For the objects at hand, not for a population that they were drawn from: with
            every object looked at, it is exactly 0.
        """
        is_left = self.verdict == UNSEEN
        if chosen is not None:
            is_left &= chosen
        n_left = int(is_left.sum())
        if n_left == 0:
            return Errors(0.0, 0, 0)
        lines = self._lines
        counts = _counts(self._place, self._picture, is_left, len(lines.nodes))
        means, variances = lines.moments(counts)
        low, high = (_quantile(q, means, variances, lines.weights, n_left) for q in _ENDS)
        return Errors(float(lines.weights @ means), low, high)

    def only(self, chosen: NDArray[np.bool_]) -> "Review":
        """Return what is said of some of the objects, by the verdicts on all of them.

        Parameters
        ----------
        chosen : ndarray of bool, shape (n,)
        """
        return Review(
            self.verdict[chosen],
            self.probability[chosen],
            self._picture[chosen],
            self._place[chosen],
            self._lines,
        )


def review_objects(
    doubt: ArrayLike, verdict: ArrayLike, *, picture: ArrayLike | None = None
) -> Review:
    """Bring what a method says of its objects in line with a person's verdicts.

    Parameters
    ----------
    doubt : array of float, shape (n,)
        How likely each object is wrong, as the method says: 0 to 1. It is the order that
        must be right; by how much it is off, the verdicts tell.
    verdict : array of int, shape (n,)
        `RIGHT`, `WRONG` or `UNSEEN` of `segmetry.evaluate.verdicts`.
    picture : array of int, shape (n,), or None
        Number of each object's picture; `None` stands for one picture.

    Returns
    -------
    Review

    Raises
    ------
    ValueError
        If the arrays are not equally long, or a doubt is no probability.

    Examples
    --------
    >>> doubt = np.full(50, 0.1)
    >>> before = review_objects(doubt, np.full(50, -1)).errors_left()
    >>> verdict = np.where(np.arange(50) < 30, 0, -1)  # 30 were looked at, and right
    >>> after = review_objects(doubt, verdict).errors_left()
    >>> round(before.value, 2), after.value < 1
    (5.0, True)
    """
    doubts, verdicts = np.asarray(doubt, np.float64), np.asarray(verdict, np.int8)
    pictures = np.zeros(doubts.shape) if picture is None else np.asarray(picture)
    if not doubts.shape == verdicts.shape == pictures.shape or doubts.ndim != 1:
        msg = (
            "doubt, verdict and picture must have one value for each object, got shapes "
            f"{doubts.shape}, {verdicts.shape} and {pictures.shape}"
        )
        raise ValueError(msg)
    if not ((doubts >= 0) & (doubts <= 1)).all():
        msg = "a doubt must be a probability from 0 to 1; got another value or none"
        raise ValueError(msg)
    believed = np.clip(doubts, _SURE, 1 - _SURE)
    usual = float(logit(believed).mean()) if len(believed) else 0.0
    places = _places(believed, usual)
    numbers = np.unique(pictures, return_inverse=True)[1]
    lines = _lines(places, numbers, verdicts, usual)
    told = lines.told
    below = np.minimum(places.astype(np.intp), len(SCALE) - 2)
    rest = places - below
    probability = (1 - rest) * told[numbers, below] + rest * told[numbers, below + 1]
    is_seen = verdicts != UNSEEN
    probability[is_seen] = verdicts[is_seen] == WRONG
    return Review(verdicts, probability, numbers, places, lines)


def _places(doubts: Floats, usual: float) -> Floats:
    """Return where on the scale the prior says of an error what the method says."""
    nothing = np.zeros((1, len(SCALE)))
    said = likely_lines(nothing, nothing, usual=usual).told[0]
    return np.interp(doubts, said, np.arange(len(SCALE)))


def _counts(
    places: Floats,
    pictures: NDArray[np.intp],
    chosen: NDArray[np.bool_],
    n_pictures: int,
) -> Floats:
    """Return objects by picture and place; one between two places counts for both."""
    below = np.minimum(places[chosen].astype(np.intp), len(SCALE) - 2)
    rest, row = places[chosen] - below, pictures[chosen] * len(SCALE)
    size = n_pictures * len(SCALE)
    counts = np.bincount(row + below, 1 - rest, size)
    counts = counts + np.bincount(row + below + 1, rest, size)
    return np.asarray(counts.reshape(n_pictures, len(SCALE)), np.float64)


def _lines(
    places: Floats, pictures: NDArray[np.intp], verdicts: NDArray[np.int8], usual: float
) -> Lines:
    n_pictures = int(pictures.max(initial=0)) + 1
    is_wrong = verdicts == WRONG
    is_right = (verdicts != UNSEEN) & ~is_wrong
    wrong = _counts(places, pictures, is_wrong, n_pictures)
    right = _counts(places, pictures, is_right, n_pictures)
    return likely_lines(wrong, right, usual=usual)


def _quantile(
    wanted: float, means: Floats, variances: Floats, weights: Floats, most: int
) -> int:
    """Return the least number that holds a share of all likely numbers of errors."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        if weights @ _at_most(middle, means, variances) >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _at_most(number: int, means: Floats, variances: Floats) -> Floats:
    """Return how likely a count is no greater, from its mean and variance.

    The count is binomial, Poisson or negative binomial, as its variance asks.
    """
    answer = np.ones(len(means))
    share = variances / np.maximum(means, _TINY)
    some = means > _TINY
    narrow, wide = some & (share < 1 - 1e-6), some & (share > 1 + 1e-6)
    even = some & ~narrow & ~wide
    answer[even] = gammaincc(number + 1, means[even])
    trials = means[narrow] / (1 - share[narrow])
    open_ones = np.maximum(trials - number, _TINY)
    answer[narrow] = np.where(
        trials > number, betainc(open_ones, number + 1, share[narrow]), 1.0
    )
    shape = means[wide] / (share[wide] - 1)
    answer[wide] = betainc(shape, number + 1, 1 / share[wide])
    return answer
