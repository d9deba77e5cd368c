"""Near-duplicates: pictures that show the same thing, told by a perceptual hash.

The hash is the usual one of 64 bits [1]_: the picture is reduced to 32 x 32 grey values,
and the signs of its 8 x 8 lowest cosine frequencies [2]_ are the bits. Brightness,
contrast, size and JPEG change few of them. A flip changes the sign of every other
frequency and a quarter turn exchanges rows and columns, so the hashes of all eight
symmetries come from one transform.

Pictures that are dark but for one bright patch have similar signs whatever the patch is, so
a pair that agrees in the hash is compared once more: the 32 x 32 grey values themselves
must be correlated in the matching orientation.

Both cuts were chosen on the 549 training pictures of two real sets (nuclei and particles).
Of 150,426 pairs of different pictures 2 differ in 10 bits or fewer, and their correlation
is 0.44 at most. Of copies changed in brightness, contrast, gamma, size or noise, blurred,
or saved as JPEG of quality 50, all are found; of copies cut at two sides, all at 1 % of the
side, 97 % at 2 %, 70 % at 3 % and 14 % at 5 %. A copy with light and dark exchanged is not
found.

References
----------
.. [1] C. Zauner, "Implementation and benchmarking of perceptual image hash functions",
       thesis, Upper Austria University of Applied Sciences, 2010 (pHash).
.. [2] N. Ahmed, T. Natarajan, K. R. Rao, "Discrete cosine transform", IEEE Transactions
       on Computers C-23, 1974. doi:10.1109/T-C.1974.223784
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segmetry.image import Image

__all__ = ["Fingerprint", "NearDuplicate", "fingerprint", "join_groups", "near_duplicates"]

_NEAR_BITS = 10
_LEAST_CORRELATION = 0.7

_SIDE = 32
_FREQUENCIES = 8
_ROUNDING = 1e-6  # of the strongest frequency: what is smaller has no sign to speak of


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """What a picture is recognised by.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (8,)
        The first is the hash of the picture as it stands; the others are those of its
        seven symmetries.
    small : ndarray of float32, shape (32, 32)
        The picture reduced, its mean taken off, of length 1; zeros if it is of one grey.
    """

    hashes: NDArray[np.uint64]
    small: NDArray[np.float32]


@dataclass(frozen=True)
class NearDuplicate:
    """Two pictures that show the same thing.

    Parameters
    ----------
    first, second : int
        Positions of the pictures; `first` is the smaller.
    bits : int
        Number of bits in which the hashes differ, from 0 to 10.
    """

    first: int
    second: int
    bits: int


def fingerprint(image: Image) -> Fingerprint:
    """Return what a picture is recognised by, in any orientation.

    Parameters
    ----------
    image : Image
        Of a stack, the middle slice is taken. Excluded pixels count as average grey.

    Returns
    -------
    Fingerprint

    Examples
    --------
    >>> ramp = Image(np.tile(np.arange(64, dtype=np.uint8), (64, 1)))
    >>> darker = Image(ramp.pixels // 2)
    >>> bool(fingerprint(ramp).hashes[0] == fingerprint(darker).hashes[0])
    True
    """
    small = _reduced(image)
    signs = _signs(small)
    hashes = np.packbits(np.stack(_symmetries(signs)).reshape(8, -1) > 0, axis=1)
    small -= small.mean()
    length = float(np.linalg.norm(small))
    flat = not signs.any()
    return Fingerprint(
        hashes=np.asarray(hashes.view(">u8")[:, 0].astype(np.uint64)),
        small=np.zeros_like(small) if flat else small / np.float32(length),
    )


def near_duplicates(fingerprints: Sequence[Fingerprint]) -> list[NearDuplicate]:
    """Find all pairs of pictures that show the same thing, in any orientation.

    Parameters
    ----------
    fingerprints : sequence of Fingerprint

    Returns
    -------
    list of NearDuplicate
        Ordered by position. Pictures of one grey are duplicates of each other.

    Examples
    --------
    >>> picture = np.arange(48).reshape(6, 8).astype(np.float32) ** 2
    >>> turned = np.ascontiguousarray(np.rot90(picture))
    >>> near_duplicates([fingerprint(Image(picture)), fingerprint(Image(turned))])
    [NearDuplicate(first=0, second=1, bits=0)]
    """
    found = []
    hashes = np.array([one.hashes for one in fingerprints], np.uint64).reshape(-1, 8)
    for first in range(len(hashes) - 1):
        # Of two symmetries it is enough to turn one.
        distances = np.bitwise_count(hashes[first, 0] ^ hashes[first + 1 :]).min(axis=1)
        for later in np.flatnonzero(distances <= _NEAR_BITS):
            second = first + 1 + int(later)
            if _are_correlated(fingerprints[first].small, fingerprints[second].small):
                found.append(NearDuplicate(first, second, int(distances[later])))
    return found


def join_groups(
    groups: Sequence[str], duplicates: Sequence[NearDuplicate]
) -> tuple[str, ...]:
    """Join the groups that near-duplicates link, so that no split can part them.

    Parameters
    ----------
    groups : sequence of str
        Group of each picture; where none is known, the picture's own name.
    duplicates : sequence of NearDuplicate

    Returns
    -------
    tuple of str
        New group of each picture: the alphabetically first of those that were joined.

    Examples
    --------
    >>> join_groups(["a", "b", "c", "b"], [NearDuplicate(2, 3, bits=1)])
    ('a', 'b', 'b', 'b')
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names, numbers = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    first = numbers[[pair.first for pair in duplicates]]
    second = numbers[[pair.second for pair in duplicates]]
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(names),) * 2)
    _, parts = connected_components(links, directed=False)
    # np.unique sorts, so the first name met in a part is its alphabetically first.
    _, heads = np.unique(parts, return_index=True)
    return tuple(str(names[heads[part]]) for part in parts[numbers])


def _reduced(image: Image) -> NDArray[np.float32]:
    """Return the picture as 32 x 32 grey values."""
    grey, excluded = image.grey, image.excluded
    if grey.ndim == 3:
        middle = len(grey) // 2
        grey = grey[middle]
        excluded = None if excluded is None else excluded[middle]
    if excluded is not None and not excluded.all():
        grey = np.where(excluded, grey[~excluded].mean(), grey)
    size = (_SIDE, _SIDE)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def _signs(small: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return the signs of the lowest cosine frequencies; that of the mean is 0."""
    frequencies = cv2.dct(small.astype(np.float64))
    smallest = _ROUNDING * np.abs(frequencies).max()
    low = frequencies[:_FREQUENCIES, :_FREQUENCIES]
    signs = np.sign(np.where(np.abs(low) > smallest, low, 0)).astype(np.int8)
    signs[0, 0] = 0
    return np.asarray(signs)


def _symmetries(signs: NDArray[np.int8]) -> list[NDArray[np.int8]]:
    """Return the signs of the frequencies of all flips and quarter turns."""
    rows = np.where(np.arange(_FREQUENCIES) % 2, -1, 1)
    flips = (1, rows[:, None], rows, rows[:, None] * rows)
    return [table * flip for table in (signs, signs.T) for flip in flips]


def _are_correlated(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    if not first.any() or not second.any():
        return first.any() == second.any()
    turned = [
        table[::down, ::right]
        for table in (second, second.T)
        for down in (1, -1)
        for right in (1, -1)
    ]
    return max(float((first * table).sum()) for table in turned) >= _LEAST_CORRELATION
