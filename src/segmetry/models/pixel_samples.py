"""Pixels drawn from annotated pictures: as many of each class from each picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.segment.grey import check_picture
from segmetry.segment.pixel_features import feature_strips

__all__ = ["Samples", "draw_samples"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Features and classes of drawn pixels, and what is to be known of their pictures.

    Parameters
    ----------
    features : ndarray of float32, shape (N, F)
    classes : ndarray of int64, shape (N,)
    counts : ndarray of int64, shape (P, K)
        Pixels of each class in each picture, all that are known.
    channels : int
        3 if all pictures are in colour, else 1.
    pixel_size_um : float or None
        Median of the pictures that have one.
    """

    features: NDArray[np.float32]
    classes: NDArray[np.int64]
    counts: NDArray[np.int64]
    channels: int
    pixel_size_um: float | None

    def shares(self, n_classes: int) -> NDArray[np.float64]:
        """Return the share of each class in a picture, on average, shape (n_classes,)."""
        shares = self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)
        mean = shares.mean(axis=0)
        return np.pad(mean, (0, max(n_classes - len(mean), 0)))


def draw_samples(
    images: Sequence[Image],
    maps: Sequence[NDArray[np.int64]],
    *,
    scales: Sequence[float],
    n_points: int,
    seed: int,
) -> Samples:
    """Draw pixels of known class, evenly by class and picture.

    Parameters
    ----------
    images : sequence of Image
    maps : sequence of ndarray of int64, shape (Y, X)
        The class of each pixel; below 0 it is not known. Excluded pixels are not drawn.
    scales : sequence of float
        See `segmetry.segment.pixel_features`.
    n_points : int
        Wanted in all; fewer where a picture has too few of a class.
    seed : int

    Returns
    -------
    Samples

    Raises
    ------
    RecipeError
        If pictures and maps do not fit together.
    PictureError
        If a picture cannot be learned from.
    """
    _check(images, maps)
    rng = np.random.default_rng(seed)
    known = [
        np.where(image.included, one, -1) for image, one in zip(images, maps, strict=True)
    ]
    n_classes = max(int(one.max(initial=0)) for one in known) + 1
    counts = np.stack([np.bincount(one[one >= 0], minlength=n_classes) for one in known])
    each = max(n_points // max(int((counts > 0).sum()), 1), 1)
    channels = 3 if all(_is_coloured(image) for image in images) else 1
    features, classes = [], []
    for image, one in zip(images, known, strict=True):
        drawn = _drawn(one, each, rng)
        features.append(_features_at(image, drawn, scales, channels))
        classes.append(one.ravel()[drawn])
    return Samples(
        np.concatenate(features),
        np.concatenate(classes),
        counts,
        channels,
        _pixel_um(images),
    )


def _check(images: Sequence[Image], maps: Sequence[NDArray[np.int64]]) -> None:
    if not images or len(images) != len(maps):
        msg = f"expected a truth for each picture, got {len(maps)} for {len(images)}"
        raise RecipeError(msg)
    for image, one in zip(images, maps, strict=True):
        check_picture(image)
        if one.shape != image.spatial_shape:
            name = image.name or "a picture"
            msg = (
                f"the truth of {name} must have its shape {image.spatial_shape}, got "
                f"{one.shape}"
            )
            raise RecipeError(msg)


def _drawn(one: NDArray[np.int64], each: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return places of pixels, at most so many of each class, in reading order."""
    flat = one.ravel()
    places = []
    for number in np.unique(flat[flat >= 0]):
        there = np.flatnonzero(flat == number)
        few = rng.choice(there, each, replace=False) if len(there) > each else there
        places.append(few)
    return np.sort(np.concatenate(places)) if places else np.empty(0, np.intp)


def _features_at(
    image: Image, places: NDArray[np.intp], scales: Sequence[float], channels: int
) -> NDArray[np.float32]:
    found = []
    width = image.spatial_shape[1]
    for rows, features in feature_strips(image, scales=scales, channels=channels):
        first, last = np.searchsorted(places, [rows.start * width, rows.stop * width])
        flat = features.reshape(-1, features.shape[-1])
        found.append(flat[places[first:last] - rows.start * width])
    return np.concatenate(found)


def _is_coloured(image: Image) -> bool:
    pixels = image.pixels
    if image.axes != "YXC" or pixels.shape[-1] != 3:
        return False
    return bool((pixels != pixels[..., :1]).any())


def _pixel_um(images: Sequence[Image]) -> float | None:
    sizes = [image.pixel_size.in_um for image in images if image.pixel_size is not None]
    return float(np.median([(size.y * size.x) ** 0.5 for size in sizes])) if sizes else None
