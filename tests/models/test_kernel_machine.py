from dataclasses import replace

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.kernel_approximation import Nystroem
from sklearn.svm import LinearSVC

from segmetry.errors import ModelError
from segmetry.models.kernel_machine import KernelMachine


def fitted(n_classes):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(400, 5)).astype(np.float32)
    classes = np.digitize(
        points[:, 0] * points[:, 1], np.linspace(-0.5, 0.5, n_classes - 1)
    )
    mean, scale = np.full(5, 0.2, np.float32), np.full(5, 1.5, np.float32)
    nystroem = Nystroem(gamma=0.2, n_components=40, random_state=0)
    mapped = nystroem.fit_transform((points - mean) / scale)
    machine = CalibratedClassifierCV(LinearSVC(), cv=3, ensemble=False).fit(mapped, classes)
    return nystroem, machine, mean, scale


@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_scikit_learn_gives_the_same_probabilities(n_classes):
    nystroem, machine, mean, scale = fitted(n_classes)
    ours = KernelMachine.from_scikit_learn(nystroem, machine, mean=mean, scale=scale)
    points = np.random.default_rng(1).normal(size=(40_000, 5)).astype(np.float32)
    wanted = machine.predict_proba(nystroem.transform((points - mean) / scale))
    assert np.abs(ours.probabilities(points) - wanted).max() < 1e-4  # of float32
    assert ours.probabilities(points).dtype == np.float32
    assert ours.probabilities(points[:0]).shape == (0, n_classes)


def test_arrays_that_do_not_fit_are_refused():
    nystroem, machine, mean, scale = fitted(2)
    ours = KernelMachine.from_scikit_learn(nystroem, machine, mean=mean, scale=scale)
    with pytest.raises(ValueError, match="expected 5 features a pixel, got 4"):
        ours.probabilities(np.zeros((3, 4), np.float32))
    for harm in (
        {"weights": ours.weights[:-1]},
        {"mean": ours.mean[:-1]},
        {"scale": ours.scale * 0},
        {"landmarks": ours.landmarks * np.float32(np.nan)},
        {"gamma": ours.gamma[:0]},
        {"bias": np.zeros(0, np.float32)},
    ):
        with pytest.raises(ModelError, match="do not fit together"):
            replace(ours, **harm)
