"""A kernel machine as arrays: distances to landmarks, a weighted sum, a logistic curve."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import ModelError

__all__ = ["KernelMachine"]

_PIECE = 2**15  # pixels at once
_MOST_SUMS, _MOST_LANDMARKS = 255, 10_000


@dataclass(frozen=True, eq=False)
class KernelMachine:
    """A support vector machine on a Nyström map of the Gaussian kernel.

    Parameters
    ----------
    mean, scale : ndarray of float32, shape (F,)
        Features less the mean and over the scale are compared.
    landmarks : ndarray of float32, shape (M, F)
        Points of the training, to which distances are taken.
    gamma : ndarray of float32, shape (1,)
        Of the kernel exp(-gamma * squared distance).
    weights : ndarray of float32, shape (M, S)
        Of the kernel's values in each of the sums: one for two classes, else one a class.
    bias, slope, offset : ndarray of float32, shape (S,)
        Added to the sums; and of the logistic curve 1 / (1 + exp(slope * sum + offset)).

    Raises
    ------
    ModelError
        If the arrays do not fit together: they may come from a file.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    gamma: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit together."""
        arrays = self.arrays()
        shape = (len(self.landmarks), len(self.mean), len(self.bias))
        wanted = {
            "landmarks": shape[:2],
            "weights": shape[::2],
            "gamma": (1,),
            **dict.fromkeys(("mean", "scale"), shape[1:2]),
            **dict.fromkeys(("bias", "slope", "offset"), shape[2:]),
        }
        fits = all(arrays[name].shape == size for name, size in wanted.items())
        small = 0 < shape[2] <= _MOST_SUMS and 0 < shape[0] <= _MOST_LANDMARKS
        finite = all(np.isfinite(values).all() for values in arrays.values())
        if not (fits and small and finite and (self.scale > 0).all()):
            msg = "the arrays of the model do not fit together; get the file again"
            raise ModelError(msg)

    @classmethod
    def from_scikit_learn(
        cls, nystroem: Any, machine: Any, *, mean: NDArray[Any], scale: NDArray[Any]
    ) -> Self:
        """Return what a fitted Nystroem and CalibratedClassifierCV of LinearSVC do.

        Parameters
        ----------
        nystroem : Nystroem
            With the Gaussian kernel ("rbf").
        machine : CalibratedClassifierCV
            Of a `LinearSVC`, with logistic curves ("sigmoid") and without an ensemble.
        mean, scale : ndarray of float, shape (F,)
            By which features were scaled before.
        """
        (calibrated,) = machine.calibrated_classifiers_
        linear, curves = calibrated.estimator, calibrated.calibrators
        values = {
            "mean": mean,
            "scale": scale,
            "landmarks": nystroem.components_,
            "gamma": [nystroem.gamma],
            "weights": nystroem.normalization_.T @ linear.coef_.T,
            "bias": linear.intercept_,
            "slope": [curve.a_ for curve in curves],
            "offset": [curve.b_ for curve in curves],
        }
        return cls(**{name: np.asarray(one, np.float32) for name, one in values.items()})

    @property
    def n_features(self) -> int:
        """Number of features of a pixel."""
        return len(self.mean)

    @property
    def n_sums(self) -> int:
        """Number of sums that are made for a pixel."""
        return len(self.bias)

    def probabilities(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the probability of each class.

        Parameters
        ----------
        points : ndarray of float, shape (N, F)

        Returns
        -------
        ndarray of float32, shape (N, K)

        Raises
        ------
        ValueError
            If there is another number of features than was learned.
        """
        if points.shape[1] != len(self.mean):
            msg = f"expected {len(self.mean)} features a pixel, got {points.shape[1]}"
            raise ValueError(msg)
        starts = range(0, len(points), _PIECE)
        pieces = [self._of_piece(points[start : start + _PIECE]) for start in starts]
        n_classes = max(len(self.bias), 2)
        return np.concatenate([np.empty((0, n_classes), np.float32), *pieces])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays under their names."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def _of_piece(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        from scipy.special import expit

        scaled = (points.astype(np.float32) - self.mean) / self.scale
        kernel = scaled @ self.landmarks.T
        kernel *= 2
        kernel -= (scaled**2).sum(axis=1, keepdims=True)
        kernel -= (self.landmarks**2).sum(axis=1)
        kernel *= self.gamma
        np.exp(kernel, out=kernel)
        sums = kernel @ self.weights + self.bias
        each = expit(-(self.slope * sums + self.offset))
        if each.shape[1] == 1:
            return np.concatenate([1 - each, each], axis=1)
        whole = each.sum(axis=1, keepdims=True)
        flat = np.float32(1 / each.shape[1])
        return np.where(whole > 0, each / np.where(whole > 0, whole, 1), flat)
