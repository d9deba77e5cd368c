"""In which order to look at objects, and when to stop.

The objects most likely wrong come first. Every tenth is one drawn at random from the rest:
so the verdicts also tell of objects that the method is sure of, where its errors would
else never be seen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmetry.evaluate.review import Errors, Review
from segmetry.evaluate.verdicts import UNSEEN, WRONG

__all__ = ["RANDOM_EVERY", "Advice", "advise", "review_order"]

RANDOM_EVERY = 10


@dataclass(frozen=True)
class Advice:
    """How far a review has come, and whether to go on.

    Only objects that were found count. Those that were missed are in no queue.

    Parameters
    ----------
    n_seen, n_wrong : int
        Objects that a person has looked at, and how many of these were wrong.
    n_left : int
        Objects that nobody has looked at.
    errors_left : Errors
        How many of these are wrong.
    precision, precision_low, precision_high : float or None
        Share of right objects among those that stay if one stops now, with its 95 %
        interval; `None` where none stay.
    n_next : int
        So many come next, or as many as are left.
    errors_next : Errors
        How many of these are wrong.
    n_to_stop : int
        After so many more, the precision that was asked for is as good as certain: the
        lower end of its interval reaches it. 0 means to stop now.
    """

    n_seen: int
    n_wrong: int
    n_left: int
    errors_left: Errors
    precision: float | None
    precision_low: float | None
    precision_high: float | None
    n_next: int
    errors_next: Errors
    n_to_stop: int


def review_order(
    probability: ArrayLike,
    *,
    names: ArrayLike,
    n_before: int = 0,
    random_every: int = RANDOM_EVERY,
) -> NDArray[np.intp]:
    """Return the places of objects in the order in which a person should look at them.

    Parameters
    ----------
    probability : array of float, shape (n,)
        Of being wrong; see `Review.probability`.
    names : array of int, shape (n,)
        A number of its own for each object. It decides among equals, and which objects
        come at random: so the order does not hang on that of the arrays.
    n_before : int
        Objects that were looked at already; places are counted on from them.
    random_every : int
        Each so many-th place goes to an object drawn at random; 0 draws none.

    Returns
    -------
    ndarray of int, shape (n,)

    Raises
    ------
    ValueError
        If the arrays are not equally long.

    Examples
    --------
    >>> review_order([0.1, 0.9, 0.5], names=[1, 2, 3]).tolist()
    [1, 2, 0]
    """
    doubts, numbers = np.asarray(probability, np.float64), np.asarray(names, np.uint64)
    if doubts.shape != numbers.shape or doubts.ndim != 1:
        msg = (
            "probability and names must have one value for each object, got shapes "
            f"{doubts.shape} and {numbers.shape}"
        )
        raise ValueError(msg)
    drawn = _scattered(numbers)
    doubtful = np.lexsort([drawn, -doubts])
    if random_every <= 0:
        return doubtful
    places = np.arange(n_before, n_before + len(doubts))
    is_random = (places + 1) % random_every == 0
    return _dealt(doubtful, np.argsort(drawn, kind="stable"), is_random)


def _dealt(
    doubtful: NDArray[np.intp], drawn: NDArray[np.intp], is_random: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Return two orders of the same objects as one, each object once."""
    queues = (iter(doubtful.tolist()), iter(drawn.tolist()))
    seen: set[int] = set()
    order = []
    for chosen in is_random.tolist():
        place = next(place for place in queues[chosen] if place not in seen)
        seen.add(place)
        order.append(place)
    return np.array(order, np.intp)


def _scattered(names: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers without order, other ones for other names.

    References
    ----------
    G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators",
    OOPSLA 2014. doi:10.1145/2660193.2660195
    """
    mixed = names + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def advise(
    review: Review, order: NDArray[np.intp], *, n_next: int = 20, precision: float = 0.98
) -> Advice:
    """Say how many errors are left, and whether it is worth to go on.

    Parameters
    ----------
    review : Review
    order : ndarray of int
        Places of the objects that nobody has looked at, as `review_order` gives them.
    n_next : int
        Of how many objects the errors are foretold.
    precision : float
        Share of right objects, among those that stay, at which to stop; below 1.

    Returns
    -------
    Advice

    Raises
    ------
    ValueError
        If the precision is not between 0 and 1.

    Examples
    --------
    >>> from segmetry.evaluate.review import review_objects
    >>> doubt = np.repeat([0.9, 0.01], [5, 200])
    >>> seen = review_objects(doubt, np.repeat([1, 0, -1], [5, 60, 140]))
    >>> told = advise(seen, np.arange(65, 205))
    >>> told.n_wrong, told.errors_left.low, told.n_to_stop
    (5, 0, 29)
    """
    if not 0 < precision < 1:
        msg = f"precision must lie between 0 and 1, got {precision}"
        raise ValueError(msg)
    is_wrong = review.verdict == WRONG
    n_seen, n_left = int((review.verdict != UNSEEN).sum()), len(order)
    n_wrong = int(is_wrong.sum())
    errors_left = review.errors_left()
    n_stay = n_seen - n_wrong + n_left
    shares = [
        None if n_stay == 0 else 1 - number / n_stay
        for number in (errors_left.value, errors_left.high, errors_left.low)
    ]
    return Advice(
        n_seen=n_seen,
        n_wrong=n_wrong,
        n_left=n_left,
        errors_left=errors_left,
        precision=shares[0],
        precision_low=shares[1],
        precision_high=shares[2],
        n_next=min(n_next, n_left),
        errors_next=review.errors_left(_among(review, order[:n_next])),
        n_to_stop=_n_to_stop(review, order, n_seen - n_wrong, precision),
    )


def _n_to_stop(
    review: Review, order: NDArray[np.intp], n_right: int, precision: float
) -> int:
    """Return after how many more the precision is as good as certain."""

    def suffices(n_more: int) -> bool:
        rest = order[n_more:]
        found_right = n_more - float(review.probability[order[:n_more]].sum())
        stay = n_right + found_right + len(rest)
        return review.errors_left(_among(review, rest)).high <= (1 - precision) * stay

    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if suffices(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _among(review: Review, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    chosen = np.zeros(len(review.verdict), bool)
    chosen[places] = True
    return chosen
