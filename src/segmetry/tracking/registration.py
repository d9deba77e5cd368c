"""How the scene moved between two pictures: one shift for all of it, and what is left.

The shift comes from the phase of the Fourier transforms, to a twentieth of a pixel [1]_;
what a shift does not explain, such as tissue that stretches, from dense optical flow [2]_.

References
----------
.. [1] M. Guizar-Sicairos, S. T. Thurman and J. R. Fienup, "Efficient subpixel image
       registration algorithms", Optics Letters 33, 2008. doi:10.1364/OL.33.000156
.. [2] T. Kroeger et al., "Fast optical flow using dense inverse search", European
       Conference on Computer Vision, 2016. doi:10.1007/978-3-319-46493-0_29
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.signal.windows import tukey

from segmetry.tracking.support import centre_support, shift_support

__all__ = ["Motion", "find_motion", "find_shift", "move_labels"]

_UPSAMPLED = 20  # steps per pixel
_LEAST_OVERLAP = 0.25  # of the picture that must still be seen after the shift
_FADE = 0.2  # of a side; the middle stays even, or what grows there would seem to move
_SMALLEST_PART = 8  # px of a side in common: less says nothing on parts of a pixel
_SMALLEST_FLOW = 32  # px of a side: the search has no room in a smaller picture
_TOLD_APART = 1  # px of a shift, from which centres tell moving from standing

_Centres = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Motion:
    """How the scene moved from one picture to a later one.

    Parameters
    ----------
    y, x : float
        Shift of all of it in pixels, down and to the right.
    flow : ndarray of float32, shape (Y, X, 2), or None
        What each pixel of the later picture moved beyond that, as x and y.
    """

    y: float = 0.0
    x: float = 0.0
    flow: NDArray[np.float32] | None = None


def find_shift(
    earlier: NDArray[np.floating],
    later: NDArray[np.floating],
    *,
    centres: tuple[_Centres, _Centres] | None = None,
) -> Motion:
    """Return by how many pixels the scene is shifted in the later picture.

    Two estimates are made, from the phase alone and with the strength of each frequency,
    each to whole pixels and then, where both pictures show the scene, to parts of them. The
    one is taken after which the pictures agree best, by their normalised correlation where
    they overlap times the root of the share of that part, if most of the scene moved so and
    hardly anything stood still: by tiles of the pictures (`shift_support`), or else by the
    centres of the objects (`centre_support`), and then it is the median of theirs. Of a
    pixel or more, it is none where too many objects stood, whatever the tiles say. Objects
    that go their own ways on an empty ground are no drift. None is taken where no shift is
    better than without.

    Parameters
    ----------
    earlier, later : ndarray of float, shape (Y, X)
        Grey values, or masks as 0 and 1.
    centres : (ndarray of float64, shape (n, 2), ndarray of float64, shape (m, 2)) or None
        y and x of the objects in both pictures, where they are known.

    Returns
    -------
    Motion
        Without a flow. No shift where less than a quarter of the picture is left in
        common, or a picture is flat.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> scene = np.random.default_rng(0).random((40, 50))
    >>> found = find_shift(scene[5:35, 5:45], scene[2:32, 9:49])
    >>> round(found.y, 1), round(found.x, 1)
    (3.0, -4.0)
    """
    from skimage.registration import phase_cross_correlation

    if earlier.shape != later.shape:
        msg = f"pictures must have one shape, got {earlier.shape} and {later.shape}"
        raise ValueError(msg)
    first = np.asarray(earlier, dtype=np.float32) - np.float32(np.mean(earlier))
    second = np.asarray(later, dtype=np.float32) - np.float32(np.mean(later))
    if not (first.any() and second.any()):
        return Motion()
    guesses = [(0.0, 0.0)]
    for normalization in ("phase", None):
        shift, *_ = phase_cross_correlation(
            second, first, upsample_factor=1, normalization=normalization
        )
        rough = float(shift[0]), float(shift[1])
        guesses += [rough, _refined(first, second, rough)]
    agreements = [_agreement(first, second, guess) for guess in guesses]
    # Of rows of cells, those of a far shift agree nearly as well: what is near goes first.
    shares = [np.sqrt(_common(first.shape, guess)) for guess in guesses]
    scores = [one * share for one, share in zip(agreements, shares, strict=True)]
    for place in sorted(range(len(guesses)), key=lambda at: -scores[at]):
        guess = guesses[place]
        if guess == (0, 0):  # the first of equal ones: no shift
            break
        common = _drift(first, second, guess, centres)
        if common is not None:
            return Motion(*common)
    return Motion()


def _drift(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    guess: tuple[float, float],
    centres: tuple[_Centres, _Centres] | None,
) -> tuple[float, float] | None:
    """Return the drift near a guess, or None where the scene does not support it."""
    objects = None if centres is None else centre_support(*centres, guess)
    far = float(np.hypot(*guess)) >= _TOLD_APART
    if objects and far and objects[0].is_against:
        return None
    if shift_support(first, second, guess).is_drift:
        return guess
    return objects[1] if objects and objects[0].is_drift else None


def _common(shape: tuple[int, ...], shift: tuple[float, float]) -> float:
    """Return the share of the picture that is seen before and after a shift."""
    sides = [max(1 - abs(s) / n, 0.0) for s, n in zip(shift, shape, strict=True)]
    return float(np.prod(sides))


def _refined(
    first: NDArray[np.float32], second: NDArray[np.float32], shift: tuple[float, float]
) -> tuple[float, float]:
    """Return a whole shift to a part of a pixel, from what both pictures show.

    The edges of that part fade out: their jumps would pull the shift towards whole pixels.
    """
    from skimage.registration import phase_cross_correlation

    before, after = [], []
    for step, length in zip(shift, first.shape, strict=True):
        whole = round(step)
        before.append(slice(max(-whole, 0), length - max(whole, 0)))
        after.append(slice(max(whole, 0), length - max(-whole, 0)))
    one, other = first[tuple(before)], second[tuple(after)]
    if min(one.shape) < _SMALLEST_PART:
        return shift
    fade = np.outer(*(tukey(length + 2, _FADE)[1:-1] for length in one.shape))
    rest, *_ = phase_cross_correlation(
        *((part - part.mean()) * fade for part in (other, one)),
        upsample_factor=_UPSAMPLED,
        normalization=None,
    )
    return round(shift[0]) + float(rest[0]), round(shift[1]) + float(rest[1])


def find_motion(
    earlier: NDArray[np.floating],
    later: NDArray[np.floating],
    *,
    centres: tuple[_Centres, _Centres] | None = None,
) -> Motion:
    """Return the shift of the scene, and by optical flow what it leaves unexplained.

    Parameters
    ----------
    earlier, later : ndarray of float, shape (Y, X)
        Grey values. The flow is found at 256 grey levels.
    centres : (ndarray of float64, shape (n, 2), ndarray of float64, shape (m, 2)) or None
        y and x of the objects in both pictures, where they are known.

    Returns
    -------
    Motion
        Without a flow where a side is under 32 pixels.

    Examples
    --------
    >>> scene = np.random.default_rng(0).random((64, 64))
    >>> find_motion(scene, scene).flow.shape
    (64, 64, 2)
    """
    shift = find_shift(earlier, later, centres=centres)
    if min(earlier.shape) < _SMALLEST_FLOW:
        return shift
    brought = ndimage.shift(
        np.asarray(earlier, np.float32), (shift.y, shift.x), order=1, mode="nearest"
    )
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    bounds = np.percentile(later, [0.5, 99.5])
    # From later to earlier: for each pixel of the later picture, where it came from.
    nothing = np.zeros((*earlier.shape, 2), np.float32)
    back = search.calc(_levels(later, bounds), _levels(brought, bounds), nothing)
    return Motion(shift.y, shift.x, np.asarray(-back, dtype=np.float32))


def move_labels(labels: NDArray[np.uint32], motion: Motion) -> NDArray[np.uint32]:
    """Return the objects of the earlier picture where they are in the later one.

    Parameters
    ----------
    labels : ndarray of uint32, shape (Y, X)
    motion : Motion

    Returns
    -------
    ndarray of uint32, shape (Y, X)
        To whole pixels. What leaves the frame is gone; what comes in is background.

    Examples
    --------
    >>> move_labels(np.array([[0, 7, 0, 0]], np.uint32), Motion(x=1.2)).tolist()
    [[0, 0, 7, 0]]
    """
    height, width = labels.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    if motion.flow is not None:
        x, y = x - motion.flow[..., 0], y - motion.flow[..., 1]
    rows = np.rint(y).astype(np.intp) - round(motion.y)
    columns = np.rint(x).astype(np.intp) - round(motion.x)
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    moved = labels[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return np.where(inside, moved, 0).astype(np.uint32)


def _agreement(
    first: NDArray[np.float32], second: NDArray[np.float32], shift: tuple[float, float]
) -> float:
    """Return the correlation where the pictures overlap; -1 where too little does."""
    if _common(first.shape, shift) < _LEAST_OVERLAP:
        return -1.0
    there = ndimage.shift(np.ones_like(first), shift, order=1) > 1 - 1e-3
    moved, fixed = ndimage.shift(first, shift, order=1)[there], second[there]
    moved, fixed = moved - moved.mean(), fixed - fixed.mean()
    size = float(np.linalg.norm(moved) * np.linalg.norm(fixed))
    return float(moved @ fixed) / size if size > 0 else -1.0


def _levels(grey: NDArray[np.floating], bounds: NDArray[np.floating]) -> NDArray[np.uint8]:
    low, high = bounds
    return np.asarray(
        (255 * np.clip((grey - low) / max(high - low, 1e-12), 0, 1)).round(), np.uint8
    )
