"""A drawn fluorescence picture of nuclei whose true outlines are known.

Needs NumPy and SciPy only, so that each contender can draw pictures in its own Python.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, gaussian_filter

__all__ = ["Nuclei", "draw"]

_TOUCHING = 0.35  # share of nuclei that are put against another one
_OVERLAP = 0.06  # of a nucleus that may be hidden behind the one it touches
_GAP = 2  # pixels around a nucleus that touches nothing
_SMALLEST = 0.5  # share of a nucleus that must be inside the picture


class Nuclei(NamedTuple):
    """A picture, uint8 of shape (Y, X), and its true labels, uint16 from 1 to n."""

    picture: NDArray[np.uint8]
    truth: NDArray[np.uint16]


def draw(*, side: int, n: int, diameter: float, seed: int) -> Nuclei:
    """Draw n nuclei of about one diameter, in pixels, some of which touch.

    Raises
    ------
    ValueError
        If there is no room for so many.
    """
    rng = np.random.default_rng(seed)
    truth = np.zeros((side, side), np.uint16)
    for number in range(1, n + 1):
        for _ in range(400):
            shape = _outline(rng, diameter)
            if rng.random() < _TOUCHING and number > 1:
                placed = _put_beside(truth, shape, rng, number)
            else:
                placed = _put_apart(truth, shape, rng, number)
            if placed:
                break
        else:
            msg = f"there is room for {number - 1} nuclei only, wanted {n}"
            raise ValueError(msg)
    return Nuclei(_exposed(truth, rng), truth)


def _outline(rng: np.random.Generator, diameter: float) -> NDArray[np.bool_]:
    """Return a smooth, roundish mask in a box of its own, its centre in the middle."""
    radius = diameter / 2 * rng.lognormal(0, 0.16)
    aspect = np.sqrt(rng.uniform(1, 1.5))
    reach = int(np.ceil(radius * 1.8))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    turn = rng.uniform(0, np.pi)
    along = (x * np.cos(turn) + y * np.sin(turn)) / aspect
    across = (y * np.cos(turn) - x * np.sin(turn)) * aspect
    angle = np.arctan2(across, along)
    edge = np.ones_like(angle)
    for wave in (2, 3, 4):
        edge += rng.normal(0, 0.08 / wave) * np.cos(wave * angle + rng.uniform(0, 6.3))
    return np.hypot(along, across) <= radius * edge


def _put_apart(
    truth: NDArray[np.uint16],
    shape: NDArray[np.bool_],
    rng: np.random.Generator,
    number: int,
) -> bool:
    """Write a nucleus where nothing is near, if a place taken at random is free."""
    centre = rng.integers(0, truth.shape[0], 2)
    around = binary_dilation(np.pad(shape, _GAP), iterations=_GAP)
    rows, columns, part = _window(truth.shape, around, centre)
    if truth[rows, columns][around[part]].any():
        return False
    return _write(truth, shape, centre, number, overlap=0.0)


def _put_beside(
    truth: NDArray[np.uint16],
    shape: NDArray[np.bool_],
    rng: np.random.Generator,
    number: int,
) -> bool:
    """Move a nucleus towards another one, from a side taken at random, until they touch."""
    ys, xs = np.nonzero(truth == rng.integers(1, number))
    turn = rng.uniform(0, 2 * np.pi)
    for distance in range(2 * shape.shape[0], 0, -1):
        centre = np.array([ys.mean(), xs.mean()])
        centre = (centre + distance * np.array([np.sin(turn), np.cos(turn)])).astype(int)
        rows, columns, part = _window(truth.shape, shape, centre)
        met = truth[rows, columns][shape[part]]
        if np.count_nonzero(met) > 0.02 * shape.sum():
            return _write(truth, shape, centre, number, overlap=_OVERLAP)
    return False


def _write(
    truth: NDArray[np.uint16],
    shape: NDArray[np.bool_],
    centre: NDArray[np.int_],
    number: int,
    *,
    overlap: float,
) -> bool:
    rows, columns, part = _window(truth.shape, shape, centre)
    inside = shape[part]
    below = truth[rows, columns]
    hidden = np.count_nonzero(below[inside])
    if inside.sum() < _SMALLEST * shape.sum() or hidden > overlap * shape.sum():
        return False
    below[inside & (below == 0)] = number
    return True


def _window(
    size: tuple[int, ...], shape: NDArray[np.bool_], centre: NDArray[np.int_]
) -> tuple[slice, slice, tuple[slice, slice]]:
    """Return the rows and columns that a box covers, and which part of it is inside."""
    wholes, parts = [], []
    for length, extent, middle in zip(size, shape.shape, centre.tolist(), strict=True):
        start = middle - extent // 2
        first, stop = max(start, 0), max(min(start + extent, length), 0)
        wholes.append(slice(first, max(stop, first)))
        parts.append(slice(first - start, max(stop, first) - start))
    return wholes[0], wholes[1], (parts[0], parts[1])


def _exposed(truth: NDArray[np.uint16], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the picture: uneven stain, haze, light that falls off, blur and noise."""
    stain = rng.lognormal(0, 0.25, int(truth.max()) + 1)
    stain[0] = 0
    texture = gaussian_filter(rng.normal(size=truth.shape), 2.5)
    light = stain[truth] * (1 + 0.12 * texture / texture.std())
    sharp = gaussian_filter(light, 1.2)
    haze = gaussian_filter(light, 12)
    y, x = np.mgrid[-1 : 1 : truth.shape[0] * 1j, -1 : 1 : truth.shape[1] * 1j]
    falloff = 1 - 0.25 * (x**2 + y**2) / 2
    photons = rng.poisson(np.maximum(8 + (90 * sharp + 12 * haze) * falloff, 0))
    grey = photons + rng.normal(0, 2, truth.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)
