from functools import partial

import numpy as np
import pytest

from segmetry.learn.targets import class_targets, foreground_targets


@pytest.mark.parametrize("seed", range(5))
def test_foreground_and_classes_say_of_each_pixel_what_it_is(seed):
    labels = np.random.default_rng(seed).choice([0, 3, 5], (6, 9)).astype(np.uint32)
    foreground = foreground_targets(labels)
    assert foreground.shape == (6, 9, 1)
    assert foreground.dtype == np.float32
    assert np.array_equal(foreground[..., 0], labels > 0)
    maps = class_targets(labels, numbers=(0, 3, 5))
    assert maps.dtype == np.float32
    assert np.array_equal(np.array([0, 3, 5])[maps.argmax(axis=-1)], labels)
    assert (maps.sum(axis=-1) == 1).all()


def test_a_number_that_is_no_class_is_in_no_map():
    labels = np.array([[0, 2, 4_000_000_000]], np.uint32)
    maps = class_targets(labels, numbers=(2, 4_000_000_000))
    assert maps[0].tolist() == [[0, 0], [1, 0], [0, 1]]


@pytest.mark.parametrize("seed", range(5))
def test_targets_turn_with_the_labels(seed):
    labels = np.random.default_rng(seed).choice([0, 1, 6], (7, 11)).astype(np.uint32)
    for of in (foreground_targets, partial(class_targets, numbers=(0, 1, 6))):
        assert np.array_equal(of(np.rot90(labels)), np.rot90(of(labels)))


def test_numbers_of_objects_do_not_matter_to_their_foreground():
    labels = np.array([[0, 3, 3], [9, 0, 4_000_000_000]], np.uint32)
    assert foreground_targets(labels)[..., 0].tolist() == [[0, 1, 1], [1, 0, 1]]
