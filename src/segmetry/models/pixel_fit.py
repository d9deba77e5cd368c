"""Fitting pixel classifiers, and what is kept of them: arrays, never pickles.

Three kinds. "boosted" is LightGBM's gradient boosting of small trees [1]_, "forest" is
scikit-learn's random forest [2]_, "svm" is a linear support vector machine on a Nyström map
of the Gaussian kernel [3]_: it bends like a kernel machine, and takes time in proportion to
the pixels. Its distances become probabilities by Platt's logistic curves [4]_, fitted on
points that were held out in three parts.

Each class has the same weight, however many points it has.

References
----------
.. [1] G. Ke et al., "LightGBM: a highly efficient gradient boosting decision tree",
       Advances in Neural Information Processing Systems 30, 2017.
.. [2] L. Breiman, "Random forests", Machine Learning 45, 2001.
       doi:10.1023/A:1010933404324
.. [3] C. K. I. Williams and M. Seeger, "Using the Nyström method to speed up kernel
       machines", Advances in Neural Information Processing Systems 13, 2000.
.. [4] J. Platt, "Probabilistic outputs for support vector machines", Advances in Large
       Margin Classifiers, 1999.
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmetry.errors import RecipeError
from segmetry.models.kernel_machine import KernelMachine
from segmetry.models.trees import Trees, trees_from_forest, trees_from_lightgbm

__all__ = ["SIZES", "Kind", "fit_kind", "n_classes_of", "probabilities_of"]

Kind = Literal["boosted", "forest", "svm"]

SIZES: Mapping[str, Mapping[str, int]] = {
    "boosted": {"trees": 30, "leaves": 15},
    "forest": {"trees": 50, "leaves": 64},
    "svm": {"landmarks": 200},
}
"""Of each kind: how large it is, if nothing is said; small enough to repaint at once."""

_TURNS = 6.0  # trees times the step of each
_STEPS = (0.05, 0.3)
_FEWEST_IN_LEAF = 20
_PARTS = 3  # held out in turn


def fit_kind(
    kind: Kind,
    points: NDArray[np.float32],
    classes: NDArray[np.integer],
    *,
    sizes: Mapping[str, int],
    seed: int,
) -> Trees | KernelMachine:
    """Fit a classifier of a kind to points.

    Parameters
    ----------
    kind : {"boosted", "forest", "svm"}
    points : ndarray of float32, shape (N, F)
    classes : ndarray of int, shape (N,)
        Numbers 0 to K - 1; each is there at least once, and there are at least two.
    sizes : mapping
        Values for those of `SIZES`.
    seed : int

    Returns
    -------
    Trees or KernelMachine
    """
    sizes = {**SIZES[kind], **sizes}
    if kind == "svm":
        enough = np.concatenate([_enough(classes, number) for number in np.unique(classes)])
        points, classes = points[enough], classes[enough]
    weights = 1 / np.bincount(classes)[classes]
    weights *= len(classes) / weights.sum()
    return _FITS[kind](points, classes, weights, sizes, seed)


def probabilities_of(
    kind: Kind, fitted: Trees | KernelMachine, points: NDArray[np.floating]
) -> NDArray[np.float32]:
    """Return the probability of each class of points, as the libraries tell it.

    Parameters
    ----------
    kind : {"boosted", "forest", "svm"}
    fitted : Trees or KernelMachine
    points : ndarray of float32 or float16, shape (N, F)

    Returns
    -------
    ndarray of float32, shape (N, K)
    """
    if isinstance(fitted, KernelMachine):
        return fitted.probabilities(points)
    sums = fitted.sums(points)
    return sums if kind == "forest" else _from_scores(sums)


def n_classes_of(kind: Kind, fitted: Trees | KernelMachine) -> int:
    """Return the number of classes that a classifier tells apart."""
    n_sums = fitted.n_sums
    return 2 if n_sums == 1 and kind != "forest" else n_sums


def _from_scores(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities that LightGBM's raw scores mean."""
    from scipy.special import expit, softmax

    if scores.shape[1] > 1:
        return np.asarray(softmax(scores, axis=1))
    second = expit(scores)
    return np.concatenate([1 - second, second], axis=1)


def _boosted(
    points: NDArray[np.float32],
    classes: NDArray[np.integer],
    weights: NDArray[np.float64],
    sizes: Mapping[str, int],
    seed: int,
) -> Trees:
    lightgbm = _lightgbm()
    n_classes = int(classes.max()) + 1
    fewest = int(np.bincount(classes).min())
    options = {
        "objective": "binary" if n_classes == 2 else "multiclass",
        "num_class": 1 if n_classes == 2 else n_classes,
        "num_leaves": sizes["leaves"],
        "learning_rate": float(np.clip(_TURNS / sizes["trees"], *_STEPS)),
        "min_data_in_leaf": int(np.clip(fewest // 10, 1, _FEWEST_IN_LEAF)),
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    data = lightgbm.Dataset(points, classes, weight=weights)
    booster = lightgbm.train(options, data, num_boost_round=sizes["trees"])
    return trees_from_lightgbm(booster.dump_model())


def _lightgbm() -> Any:
    try:
        import lightgbm
    except OSError as error:
        msg = (
            "LightGBM cannot be loaded: the system lacks a library for threads; install "
            "libgomp1 (Linux) or libomp (macOS), or take the method forest"
        )
        raise RecipeError(msg) from error
    return lightgbm


def _forest(
    points: NDArray[np.float32],
    classes: NDArray[np.integer],
    weights: NDArray[np.float64],
    sizes: Mapping[str, int],
    seed: int,
) -> Trees:
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        n_estimators=sizes["trees"],
        max_leaf_nodes=sizes["leaves"],
        random_state=seed,
        n_jobs=1,
    )
    return trees_from_forest(forest.fit(points, classes, sample_weight=weights))


def _svm(
    points: NDArray[np.float32],
    classes: NDArray[np.integer],
    weights: NDArray[np.float64],
    sizes: Mapping[str, int],
    seed: int,
) -> KernelMachine:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.kernel_approximation import Nystroem
    from sklearn.model_selection import StratifiedKFold
    from sklearn.svm import LinearSVC
    from threadpoolctl import threadpool_limits

    mean, spread = points.mean(axis=0), points.std(axis=0)
    scale = np.where(spread > 0, spread, 1).astype(np.float32)
    scaled = (points - mean) / scale
    gamma = 1 / points.shape[1]
    count = min(sizes["landmarks"], len(points))
    nystroem = Nystroem(gamma=gamma, n_components=count, random_state=seed)
    parts = StratifiedKFold(_PARTS, shuffle=True, random_state=seed)
    machine = CalibratedClassifierCV(LinearSVC(random_state=seed), cv=parts, ensemble=False)
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the curves take what it has
        machine.fit(nystroem.fit_transform(scaled), classes, sample_weight=weights)
    return KernelMachine.from_scikit_learn(nystroem, machine, mean=mean, scale=scale)


def _enough(classes: NDArray[np.integer], number: int) -> NDArray[np.intp]:
    """Return places of a class: one point for each part at least, even if repeated."""
    places = np.flatnonzero(classes == number)
    return np.resize(places, max(len(places), _PARTS))


_FITS: Mapping[str, Callable[..., Trees | KernelMachine]] = {
    "boosted": _boosted,
    "forest": _forest,
    "svm": _svm,
}
