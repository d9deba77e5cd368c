"""What may be wrong with pictures and their masks, each in one plain sentence.

Nothing is repaired and nothing is left out here: a finding says what a person should look
at. One bad pair never stops the others.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from segmetry.dataset.pairs import AnnotatedPicture, Pair, Pairing, read_pair
from segmetry.errors import DatasetError, SegmetryError

__all__ = [
    "Finding",
    "FindingKind",
    "check_pairs",
    "check_picture",
    "content_digest",
    "find_copies",
    "find_lonely",
    "refusal",
    "unusable",
]

FindingKind = Literal[
    "unreadable",
    "shape",
    "alone",
    "empty",
    "covers all",
    "picture as mask",
    "classes",
    "pieces",
    "specks",
    "misplaced",
    "same picture",
    "same mask",
]

_COVERS = 0.95  # of the pixels; of 560 real masks the fullest covers 0.94
_MANY_PIECES = 5  # per number; of 560 real masks the most split has 1.4
_FEW_NUMBERS = 12  # as many classes as people name; a photograph has more greys
_SPECK_PX = 9  # a square of 3 x 3: nothing of a shape
_SPECK_SHARE = 0.01  # of the median area; in 469 real masks of nuclei none is below
_ENOUGH = 5  # objects, for a median to mean something

# Of 560 real masks, none of five sets fits its picture worse than one shift in 1,000 does;
# of 2,116 wrong ones (of another picture, or turned over), 98.7 % do.
_BETTER_SHIFTS = 0.001
_FIT_SIDE = 256  # px: enough to tell whether a mask fits
_SMALL = 4096  # pixels: a smaller picture has too few shifts to compare with


@dataclass(frozen=True)
class Finding:
    """Something about a picture or its mask that a person should look at.

    Parameters
    ----------
    name : str
        Stem of the picture.
    kind : str
        One of `FindingKind`.
    sentence : str
        What was found, with numbers.
    usable : bool
        Whether the pair can be learned from at all.
    """

    name: str
    kind: FindingKind
    sentence: str
    usable: bool = True


def check_pairs(pairs: Iterable[Pair]) -> list[Finding]:
    """Read all pairs and return what may be wrong with them.

    Parameters
    ----------
    pairs : iterable of Pair

    Returns
    -------
    list of Finding
        In the order of the pairs; copies come last. A pair that cannot be read is a
        finding that is not `usable`, and the others are still checked.

    Examples
    --------
    >>> from pathlib import Path
    >>> check_pairs([Pair(Path("a.png"), Path("a.tif"), "a")])[0].kind
    'unreadable'
    """
    findings: list[Finding] = []
    digests: dict[str, tuple[str, str]] = {}
    for pair in pairs:
        try:
            picture = read_pair(pair)
        except SegmetryError as error:
            findings.append(refusal(pair.stem, error))
            continue
        findings += check_picture(picture)
        digests[pair.stem] = (
            content_digest(picture.image.pixels),
            content_digest(picture.labels),
        )
    return findings + find_copies(digests)


def check_picture(picture: AnnotatedPicture) -> list[Finding]:
    """Return what may be wrong with one picture's mask.

    Parameters
    ----------
    picture : AnnotatedPicture

    Returns
    -------
    list of Finding
        Empty where nothing is odd. After a mask that is empty or no mask at all, nothing
        else is looked for.

    Examples
    --------
    >>> from segmetry.image import Image
    >>> blank = np.zeros((9, 9), np.uint32)
    >>> bare = AnnotatedPicture(Image(np.ones((9, 9), np.uint8)), blank, "a", "a")
    >>> check_picture(bare)[0].sentence
    'The mask marks no object.'
    """
    labels = picture.labels
    if not labels.any():
        return [Finding(picture.name, "empty", "The mask marks no object.")]
    broken = list(_what_numbers_mean(picture.name, labels))
    if any(finding.kind != "pieces" for finding in broken):
        return broken
    return [*broken, *_specks(picture.name, labels), *_cover(picture), *_misplaced(picture)]


def refusal(name: str, error: SegmetryError) -> Finding:
    """Return the finding of a pair that could not be read.

    Parameters
    ----------
    name : str
    error : SegmetryError
        What `read_pair` raised.
    """
    kind: FindingKind = "shape" if isinstance(error, DatasetError) else "unreadable"
    sentence = f"{str(error).rstrip('.')}."
    if sentence.startswith(f"{name}: "):
        rest = sentence.removeprefix(f"{name}: ")
        sentence = rest[:1].upper() + rest[1:]
    return Finding(name, kind, sentence, usable=False)


def find_lonely(pairing: Pairing) -> list[Finding]:
    """Return the files that have no partner.

    Parameters
    ----------
    pairing : Pairing
    """
    pictures = [
        Finding(path.name, "alone", "The picture has no mask.")
        for path in pairing.images_alone
    ]
    masks = [
        Finding(path.name, "alone", "The mask has no picture.")
        for path in pairing.masks_alone
    ]
    return pictures + masks


def content_digest(array: NDArray[Any]) -> str:
    """Return the SHA-256 of what an array holds, whatever file it came from.

    Parameters
    ----------
    array : ndarray
        Equal values of another type have another digest.
    """
    described = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(described + np.ascontiguousarray(array).tobytes()).hexdigest()


def find_copies(digests: dict[str, tuple[str, str]]) -> list[Finding]:
    """Return the pictures and masks that are exact copies of an earlier one.

    Parameters
    ----------
    digests : dict
        Digests of picture and mask by name; an empty digest is no copy of anything.

    Returns
    -------
    list of Finding
        One for each copied picture, and one for each mask that serves two pictures that
        differ.

    Examples
    --------
    >>> find_copies({"a": ("1", "2"), "b": ("1", "3")})[0].sentence
    'The picture is an exact copy of a.'
    """
    findings = []
    pictures: dict[str, str] = {}
    masks: dict[str, str] = {}
    for name, (picture, mask) in digests.items():
        if picture and pictures.setdefault(picture, name) != name:
            sentence = f"The picture is an exact copy of {pictures[picture]}."
            findings.append(Finding(name, "same picture", sentence))
            masks.setdefault(mask, name)
        elif mask and masks.setdefault(mask, name) != name:
            sentence = f"The mask is that of {masks[mask]}, but the pictures differ."
            findings.append(Finding(name, "same mask", sentence))
    return findings


def unusable(findings: Sequence[Finding]) -> set[str]:
    """Return the names of the pictures that cannot be learned from.

    Parameters
    ----------
    findings : sequence of Finding
    """
    return {finding.name for finding in findings if not finding.usable}


def _what_numbers_mean(name: str, labels: NDArray[np.uint32]) -> Iterator[Finding]:
    """Tell objects in pieces from classes and from a photograph, by pieces per number."""
    from skimage.measure import label

    pieces = label(labels, background=0, connectivity=labels.ndim)
    _, first = np.unique(pieces, return_index=True)
    owners = labels.ravel()[first]
    numbers, n_pieces = np.unique(owners[owners > 0], return_counts=True)
    total = int(n_pieces.sum())
    if total > _MANY_PIECES * len(numbers):
        if len(numbers) <= _FEW_NUMBERS:
            sentence = (
                f"The mask has only {_plural(len(numbers), 'number')} in {total:,} pieces: "
                "they seem to be classes, not objects."
            )
            yield Finding(name, "classes", sentence)
            return
        sentence = (
            f"The mask has {len(numbers):,} numbers in {total:,} pieces: it looks like a "
            "picture, not like a mask."
        )
        yield Finding(name, "picture as mask", sentence, usable=False)
        return
    split = numbers[n_pieces > 1]
    if len(split):
        which = ", ".join(str(number) for number in split[:5])
        which = f"{which} and others" if len(split) > 5 else which
        objects = "1 object is" if len(split) == 1 else f"{len(split):,} objects are"
        yield Finding(name, "pieces", f"{objects} in several pieces: {which}.")


def _specks(name: str, labels: NDArray[np.uint32]) -> Iterator[Finding]:
    """Find objects too small to be any, but for what the edge of the picture cuts off."""
    ids, areas = np.unique(labels[labels > 0], return_counts=True)
    limit = float(_SPECK_PX)
    if len(areas) >= _ENOUGH:
        limit = max(limit, _SPECK_SHARE * float(np.median(areas)))
    small = ids[areas <= limit]
    n_specks = len(np.setdiff1d(small, _numbers_at_edge(labels)))
    if n_specks:
        objects = "1 object has" if n_specks == 1 else f"{n_specks:,} objects have"
        sentence = (
            f"{objects} at most {limit:.0f} pixels; the median is {np.median(areas):.0f}."
        )
        yield Finding(name, "specks", sentence)


def _numbers_at_edge(labels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    sides = [labels.take(at, axis) for axis in range(labels.ndim) for at in (0, -1)]
    return np.unique(np.concatenate([side.ravel() for side in sides]))


def _cover(picture: AnnotatedPicture) -> Iterator[Finding]:
    share = float((picture.labels > 0).mean())
    if share > _COVERS:
        sentence = (
            f"The mask covers {share:.1%} of the picture; objects and background may be "
            "exchanged."
        )
        yield Finding(picture.name, "covers all", sentence)


def _misplaced(picture: AnnotatedPicture) -> Iterator[Finding]:
    """Ask whether the mask would fit the picture better somewhere else.

    A mask of this picture agrees with it in place, be it in brightness or along the
    outlines, better than nearly all cyclic shifts of itself.
    """
    grey, mask = _plane(picture)
    if mask.all() or not mask.any():
        return
    small, covered = _shrunk(grey), _shrunk(mask.astype(np.float32))
    if small.size < _SMALL:
        return
    by_brightness = np.abs(_agreement(small, covered))
    by_outline = _agreement(np.sqrt(_slope(small)), _slope(covered))
    better = min(
        float((values > values[0, 0]).mean()) for values in (by_brightness, by_outline)
    )
    if better > _BETTER_SHIFTS:
        sentence = (
            "The mask does not fit the picture: moved elsewhere, it agrees with it as well "
            f"or better in {better:.1%} of all places."
        )
        yield Finding(picture.name, "misplaced", sentence)


def _plane(picture: AnnotatedPicture) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return picture and mask; of a stack, the slice with the most foreground."""
    grey, mask = picture.image.grey, picture.labels > 0
    if mask.ndim == 2:
        return grey, mask
    fullest = int(mask.sum(axis=(1, 2)).argmax())
    return grey[fullest], mask[fullest]


def _shrunk(values: NDArray[np.float32]) -> NDArray[np.float32]:
    share = _FIT_SIDE / max(values.shape)
    if share >= 1:
        return values
    size = [max(1, round(length * share)) for length in values.shape[::-1]]
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))


def _slope(values: NDArray[np.float32]) -> NDArray[np.float32]:
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0)
    return np.hypot(across, cv2.Sobel(values, cv2.CV_32F, 0, 1))


def _agreement(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[Any]:
    """Return the covariance of two maps for every cyclic shift; [0, 0] is in place."""
    one, other = (fft.rfft2(values - values.mean()) for values in (first, second))
    return np.asarray(fft.irfft2(one * np.conj(other), s=first.shape))


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
