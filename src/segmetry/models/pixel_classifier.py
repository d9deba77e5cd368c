"""Classifiers of pixels by their surroundings: fitted to a few points, run on pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, get_args

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.models.kernel_machine import KernelMachine
from segmetry.models.pixel_fit import SIZES, Kind, fit_kind, probabilities_of
from segmetry.models.trees import Trees
from segmetry.segment.pixel_features import SCALES, feature_names

__all__ = ["KINDS", "PixelClassifier", "points_of_strokes"]

KINDS: tuple[Kind, ...] = get_args(Kind)

_MOST_POINTS = 40_000  # of a fit; more change next to nothing and take longer


@dataclass(frozen=True, eq=False, kw_only=True)
class PixelClassifier:
    """What tells classes of pixels apart by their features.

    Parameters
    ----------
    kind : {"boosted", "forest", "svm"}
        See `segmetry.models.pixel_fit`.
    fitted : Trees or KernelMachine
    class_names : tuple of str
        Of all classes; the first one is the background.
    seen : tuple of int
        Numbers of the classes of which there were points; others have probability 0.
    priors : tuple of float
        How common each of `seen` is taken to be; they add up to 1. All are equally common
        to the fit itself, whatever the number of its points.
    scales : tuple of float
        See `segmetry.segment.pixel_features`; with `channels`, they say what the
        features are.
    channels : int
    pixel_size_um : float or None
        Of the pictures from which it learned; `None` if unknown.
    """

    kind: Kind
    fitted: Trees | KernelMachine
    class_names: tuple[str, ...]
    seen: tuple[int, ...]
    priors: tuple[float, ...]
    scales: tuple[float, ...] = SCALES
    channels: int = 1
    pixel_size_um: float | None = None

    @classmethod
    def fit_points(
        cls,
        features: NDArray[np.floating],
        classes: NDArray[np.integer],
        *,
        kind: Kind = "boosted",
        seed: int = 0,
        class_names: Sequence[str] = (),
        scales: Sequence[float] = SCALES,
        channels: int = 1,
        **sizes: int,
    ) -> Self:
        """Learn from points whose classes are known.

        Parameters
        ----------
        features : ndarray of float32 or float16, shape (N, F)
            Of `pixel_features`; see `points_of_strokes`.
        classes : ndarray of int, shape (N,)
            Number of each point's class; 0 is the background.
        kind : {"boosted", "forest", "svm"}
        seed : int
        class_names : sequence of str
            Of all classes; empty makes "background", "class 1" and so on.
        scales, channels
            See `PixelClassifier`.
        **sizes : int
            How large the classifier is: "trees" and "leaves" (at most 64), or
            "landmarks"; the usual ones are in `segmetry.models.pixel_fit.SIZES`.

        Returns
        -------
        PixelClassifier
            To which all classes are equally common, and that knows no pixel size.

        Raises
        ------
        RecipeError
            If there are points of fewer than two classes, or an option is not possible.
        ValueError
            If features and classes do not fit together.

        Examples
        --------
        >>> values = np.arange(100, dtype=np.float32)
        >>> bright = PixelClassifier.fit_points(
        ...     values[:, None] + np.zeros(36, np.float32), np.arange(100) // 50
        ... )
        >>> bright.probabilities(np.full((1, 36), 90, np.float32)).round().tolist()
        [[0.0, 1.0]]
        """
        names = _names(classes, class_names)
        _check(features, classes, names, kind, scales, channels)
        _check_sizes(kind, sizes)
        seen, ranks = np.unique(classes, return_inverse=True)
        if len(seen) < 2:
            got = "none" if not len(seen) else "one"
            msg = f"expected points of at least two classes, got {got}; mark another, too"
            raise RecipeError(msg)
        drawn = _drawn(ranks, seed)
        points = np.ascontiguousarray(features[drawn], np.float32)
        return cls(
            kind=kind,
            fitted=fit_kind(kind, points, ranks[drawn], sizes=sizes, seed=seed),
            class_names=names,
            seen=tuple(int(number) for number in seen),
            priors=(1 / len(seen),) * len(seen),
            scales=tuple(float(scale) for scale in scales),
            channels=channels,
        )

    @property
    def n_features(self) -> int:
        """Number of features of a pixel."""
        return len(feature_names(self.scales, channels=self.channels))

    def with_priors(self, shares: Sequence[float] | NDArray[np.floating]) -> Self:
        """Return a classifier to which classes are as common as these shares of pixels.

        Parameters
        ----------
        shares : sequence of float
            Of every class, in proportion.

        Examples
        --------
        >>> values = np.arange(100, dtype=np.float32)
        >>> bright = PixelClassifier.fit_points(
        ...     values[:, None] + np.zeros(36, np.float32), np.arange(100) // 50
        ... )
        >>> bright.with_priors([3, 1]).priors
        (0.75, 0.25)
        """
        own = np.asarray(shares, np.float64)[list(self.seen)]
        return replace(self, priors=tuple(float(share) for share in own / own.sum()))

    def probabilities(self, features: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return how likely pixels are of each class.

        Parameters
        ----------
        features : ndarray of float32 or float16, shape (..., F)

        Returns
        -------
        ndarray of float32, shape (..., C)
            They add up to 1.

        Raises
        ------
        ValueError
            If there is another number of features than was learned.
        """
        expected = self.n_features
        if features.shape[-1] != expected:
            msg = f"expected {expected} features a pixel, got {features.shape[-1]}"
            raise ValueError(msg)
        points = features.reshape(-1, expected)
        of_seen = probabilities_of(self.kind, self.fitted, points)
        if len(set(self.priors)) > 1:
            of_seen = of_seen * np.array(self.priors, np.float32)
            of_seen /= of_seen.sum(axis=1, keepdims=True)
        if len(self.seen) < len(self.class_names):
            whole = np.zeros((len(points), len(self.class_names)), np.float32)
            whole[:, self.seen] = of_seen
            of_seen = whole
        return of_seen.reshape(*features.shape[:-1], len(self.class_names))


def points_of_strokes(
    features: NDArray[np.floating], strokes: NDArray[np.uint8]
) -> tuple[NDArray[np.floating], NDArray[np.int64]]:
    """Return the features and classes of the pixels that were painted.

    Parameters
    ----------
    features : ndarray of float32 or float16, shape (Y, X, F)
    strokes : ndarray of uint8, shape (Y, X)
        0 where nothing was painted, k + 1 where class k was: 1 is the background.

    Returns
    -------
    tuple of ndarray, shapes (N, F) and (N,)

    Examples
    --------
    >>> strokes = np.array([[0, 1, 2]], np.uint8)
    >>> points_of_strokes(np.zeros((1, 3, 36), np.float32), strokes)[1].tolist()
    [0, 1]
    """
    painted = strokes > 0
    return features[painted], strokes[painted].astype(np.int64) - 1


def _names(classes: NDArray[np.integer], names: Sequence[str]) -> tuple[str, ...]:
    if names:
        return tuple(names)
    most = int(classes.max()) if len(classes) else 0
    return ("background", *(f"class {number}" for number in range(1, most + 1)))


def _check(
    features: NDArray[np.floating],
    classes: NDArray[np.integer],
    names: Sequence[str],
    kind: str,
    scales: Sequence[float],
    channels: int,
) -> None:
    if kind not in KINDS:
        msg = f"kind must be one of {', '.join(KINDS)}, got {kind!r}"
        raise RecipeError(msg)
    n_features = len(feature_names(scales, channels=channels))
    if features.shape != (len(classes), n_features):
        msg = (
            f"expected {n_features} features for each of {len(classes)} points, got an "
            f"array of shape {features.shape}"
        )
        raise ValueError(msg)
    if len(classes) and not 0 <= classes.min() <= classes.max() < len(names):
        got = f"{classes.min()} to {classes.max()}"
        msg = f"classes must be numbers from 0 to {len(names) - 1}, got {got}"
        raise ValueError(msg)


def _check_sizes(kind: Kind, sizes: dict[str, int]) -> None:
    for name, value in sizes.items():
        if name not in SIZES[kind]:
            msg = f"{kind} has no size {name!r}; it has {', '.join(SIZES[kind])}"
            raise RecipeError(msg)
        most = 64 if name == "leaves" else 5000
        if not 2 <= value <= most:
            msg = f"{name} must be from 2 to {most}, got {value}"
            raise RecipeError(msg)


def _drawn(classes: NDArray[np.integer], seed: int) -> NDArray[np.intp]:
    """Return which points are taken: all, or of many as many of each class as can be."""
    counts = np.bincount(classes)
    if len(classes) <= _MOST_POINTS:
        return np.arange(len(classes))
    rng = np.random.default_rng(seed)
    each = max(_MOST_POINTS // len(counts), 1)
    drawn = [
        rng.permutation(np.flatnonzero(classes == number))[:each]
        for number in range(len(counts))
    ]
    return np.sort(np.concatenate(drawn))
