"""What corrections say of the objects that were found: right, wrong, or not looked at."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.evaluate.matching import match_objects

__all__ = ["RIGHT", "UNSEEN", "WRONG", "Verdicts", "verdicts_of"]

UNSEEN, RIGHT, WRONG = -1, 0, 1


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a person's corrections say of each object of one picture.

    Parameters
    ----------
    ids : ndarray of uint32, shape (n,)
        Numbers of the objects as they were found, ascending.
    verdict : ndarray of int8, shape (n,)
        `RIGHT`, `WRONG`, or `UNSEEN`: nobody has looked at it.
    """

    ids: NDArray[np.uint32]
    verdict: NDArray[np.int8]


def verdicts_of(
    found: NDArray[np.uint32],
    corrected: NDArray[np.uint32],
    *,
    accepted: Iterable[int] = (),
    by_rule: Iterable[int] = (),
    all_seen: bool = False,
) -> Verdicts:
    """Read off corrected labels which objects a person found right and wrong.

    A person has looked at an object that was accepted, that is gone, or of which a pixel
    was changed. It was right if the corrected picture has the same object: one that shares
    over half of all their pixels with it (IoU > 0.5), and no second one that lies mostly
    inside it. So an object that was taken away, cut in two or joined to a larger one was
    wrong; one whose outline was touched up was right.

    Parameters
    ----------
    found, corrected : ndarray of uint32, shape (Y, X)
        Labels before and after; an object keeps its number.
    accepted : iterable of int
        Objects of `corrected` that a person said are right.
    by_rule : iterable of int
        Objects that were taken away many at once, as by a limit of size: nobody looked
        at each. Those that are gone are left out of the verdicts.
    all_seen : bool
        A person has looked at every object of the picture.

    Returns
    -------
    Verdicts

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> found = np.array([[1, 1, 0, 2, 2, 2, 0, 3]], np.uint32)
    >>> corrected = np.array([[1, 1, 0, 2, 0, 4, 0, 3]], np.uint32)
    >>> verdicts_of(found, corrected, accepted=[1]).verdict.tolist()  # 2 was cut in two
    [0, 1, -1]
    """
    pairs = match_objects(found, corrected)
    ids, n_objects = pairs.predicted_ids, pairs.n_predicted
    is_kept = np.zeros(n_objects, bool)
    is_kept[pairs.predicted_index[pairs.iou > 0.5]] = True
    inside = 2 * pairs.shared > pairs.true_areas[pairs.true_index]
    is_divided = np.bincount(pairs.predicted_index[inside], minlength=n_objects) > 1
    same = (pairs.iou == 1) & (pairs.predicted == pairs.truth)
    is_unchanged = np.zeros(n_objects, bool)
    is_unchanged[pairs.predicted_index[same]] = True
    is_seen = ~is_unchanged | np.isin(ids, _numbers(accepted)) | all_seen
    verdict = np.where(is_kept & ~is_divided, RIGHT, WRONG)
    verdict[~is_seen] = UNSEEN
    is_gone = ~np.isin(ids, pairs.true_ids)
    stays = ~(is_gone & np.isin(ids, _numbers(by_rule)))
    return Verdicts(ids[stays], verdict[stays].astype(np.int8))


def _numbers(ids: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(ids, np.int64)
