"""Splits of a set that keep what belongs together in one part.

Neighbouring tiles of one field, frames of one film and slices of one block look alike: a
score on pictures whose neighbours were learned from is too good. A group is therefore never
divided. What falls where depends on the names of the groups and the seed alone, through
SHA-256: not on the order of files, nor on the computer.
"""

import hashlib
import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import DatasetError, SegmetryWarning

__all__ = ["k_folds", "leave_one_out", "split_by_group"]

_FAR = 0.25  # of the smaller part: farther from the wished share, the user should know


def split_by_group(
    groups: Sequence[str],
    share: float = 0.2,
    *,
    seed: int = 0,
    classes: Sequence[str] | None = None,
) -> NDArray[np.bool_]:
    """Choose groups that together hold a share of the pictures, at random but for ever.

    Parameters
    ----------
    groups : sequence of str
        Group of each picture.
    share : float
        Wished share of the pictures, between 0 and 1.
    seed : int
        Another number, another choice.
    classes : sequence of str or None
        Kind of each picture; every kind is then split in the same share, as far as its
        groups allow. A group is of the kind that most of its pictures have.

    Returns
    -------
    ndarray of bool, shape (n,)
        True for the pictures chosen. Of the choices that the sizes of the groups allow,
        one that is nearest to the share; both parts hold at least one group.

    Raises
    ------
    DatasetError
        If there are fewer than two groups.
    ValueError
        If `share` is not between 0 and 1, or `classes` has another length.

    Warns
    -----
    SegmetryWarning
        If groups are so big that the nearest share is far from the wished one.

    Examples
    --------
    >>> split_by_group(["a", "a", "b", "b", "c", "d"], 0.33).sum()
    np.int64(2)
    """
    if not 0 < share < 1:
        msg = f"share must be between 0 and 1, got {share}"
        raise ValueError(msg)
    sizes = Counter(groups)
    _refuse_too_few(len(sizes), 2)
    chosen: set[str] = set()
    target = 0.0
    for members in _by_class(groups, classes).values():
        # What rounding took from or gave to one class, the next one makes up for.
        target += share * sum(sizes[group] for group in members)
        wanted = target - sum(sizes[group] for group in chosen)
        chosen |= _nearest(_shuffled(members, seed), sizes, wanted)
    chosen = _both_parts(chosen, sizes, seed)
    mask = np.array([group in chosen for group in groups])
    _warn_if_far(float(mask.mean()), share, len(groups), max(sizes.values()))
    return mask


def k_folds(
    groups: Sequence[str],
    k: int = 5,
    *,
    seed: int = 0,
    classes: Sequence[str] | None = None,
) -> NDArray[np.intp]:
    """Deal groups into k folds of about equal size.

    Parameters
    ----------
    groups : sequence of str
        Group of each picture.
    k : int
        Number of folds, at least 2.
    seed : int
    classes : sequence of str or None
        As in `split_by_group`.

    Returns
    -------
    ndarray of int, shape (n,)
        Fold of each picture, from 0. No fold is empty.

    Raises
    ------
    DatasetError
        If there are fewer groups than folds.
    ValueError
        If `k` is below 2, or `classes` has another length.

    Examples
    --------
    >>> np.bincount(k_folds(["a", "a", "b", "c", "d", "e", "e"], k=3)).tolist()
    [3, 2, 2]
    """
    if k < 2:
        msg = f"there must be at least 2 folds, got {k}"
        raise ValueError(msg)
    sizes = Counter(groups)
    _refuse_too_few(len(sizes), k)
    fold_of: dict[str, int] = {}
    filled = np.zeros(k, dtype=int)
    for members in _by_class(groups, classes).values():
        of_class = np.zeros(k, dtype=int)
        # The biggest first: what comes last levels the folds. An empty fold is always next.
        for group in sorted(_shuffled(members, seed), key=lambda name: -sizes[name]):
            fold = fold_of[group] = int(np.lexsort((filled, of_class))[0])
            filled[fold] += sizes[group]
            of_class[fold] += sizes[group]
    return np.array([fold_of[group] for group in groups])


def leave_one_out(groups: Sequence[str]) -> NDArray[np.intp]:
    """Make every group a fold of its own, in the order of their names.

    Parameters
    ----------
    groups : sequence of str
        Group of each picture.

    Returns
    -------
    ndarray of int, shape (n,)
        Fold of each picture, from 0.

    Raises
    ------
    DatasetError
        If there are fewer than two groups.

    Examples
    --------
    >>> leave_one_out(["b", "a", "b", "c"]).tolist()
    [1, 0, 1, 2]
    """
    names, folds = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    _refuse_too_few(len(names), 2)
    return np.asarray(folds, dtype=np.intp)


def _refuse_too_few(n_groups: int, n_needed: int) -> None:
    if n_groups < n_needed:
        what = "1 group" if n_groups == 1 else f"{n_groups} groups"
        msg = (
            f"The pictures form {what}, and a group is never divided; at least {n_needed} "
            f"are needed: add pictures, or state finer groups"
        )
        raise DatasetError(msg)


def _by_class(groups: Sequence[str], classes: Sequence[str] | None) -> dict[str, list[str]]:
    """Return the groups of each class, the class with the most pictures first."""
    if classes is None:
        return {"": sorted(set(groups))}
    if len(classes) != len(groups):
        msg = f"classes must be as many as groups, got {len(classes)} and {len(groups)}"
        raise ValueError(msg)
    votes: dict[str, Counter[str]] = {}
    for group, kind in zip(groups, classes, strict=True):
        votes.setdefault(group, Counter())[kind] += 1
    members: dict[str, list[str]] = {}
    for group in sorted(votes):
        kind = min(votes[group], key=lambda name: (-votes[group][name], name))
        members.setdefault(kind, []).append(group)
    n_pictures = {
        kind: sum(votes[group].total() for group in names)
        for kind, names in members.items()
    }
    return {
        kind: members[kind] for kind in sorted(members, key=lambda k: (-n_pictures[k], k))
    }


def _shuffled(groups: Sequence[str], seed: int) -> list[str]:
    def place(group: str) -> bytes:
        name = f"{seed}:{group}".encode("utf-8", "surrogatepass")
        return hashlib.sha256(name).digest()

    return sorted(groups, key=place)


def _nearest(groups: Sequence[str], sizes: Counter[str], wanted: float) -> set[str]:
    """Choose groups that hold as nearly `wanted` pictures as any choice can."""
    # Bit s of sums[i] says that some of the groups from i on hold s pictures together.
    sums = [1]
    for group in reversed(groups):
        sums.append(sums[-1] | sums[-1] << sizes[group])
    sums.reverse()
    possible = [s for s in range(sums[0].bit_length()) if sums[0] >> s & 1]
    rest = min(possible, key=lambda s: abs(s - wanted))
    chosen = set()
    for group, later in zip(groups, sums[1:], strict=True):
        left = rest - sizes[group]
        if left >= 0 and later >> left & 1:
            chosen.add(group)
            rest = left
    return chosen


def _both_parts(chosen: set[str], sizes: Counter[str], seed: int) -> set[str]:
    """Move one group where a part is empty: the smallest."""
    smallest = min(_shuffled(sorted(sizes), seed), key=lambda group: sizes[group])
    if not chosen:
        return {smallest}
    return chosen - {smallest} if len(chosen) == len(sizes) else chosen


def _warn_if_far(found: float, share: float, n_pictures: int, biggest: int) -> None:
    # Half a picture is rounding, and no fault of the groups.
    allowed = max(_FAR * min(share, 1 - share), 0.5 / n_pictures)
    if abs(found - share) > allowed + 1e-9:
        warnings.warn(
            f"{100 * share:.0f} % of {n_pictures} pictures were wished, but groups are "
            f"never divided and the biggest holds {biggest}: the nearest is "
            f"{100 * found:.0f} %",
            SegmetryWarning,
            stacklevel=3,
        )
