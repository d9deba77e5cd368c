"""Drawn label images with all that formats fail on."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def random_labels():
    """Return small label images: touching objects of any form, in parts, with holes."""

    def drawn(seed):
        rng = np.random.default_rng(seed)
        shape = tuple(rng.integers(1, 24, 2))
        numbers = rng.choice([0, 1, 2, 7, 300, 70_000, 4_000_000_000], rng.integers(2, 6))
        side = rng.integers(1, 4)
        blocks = rng.choice(numbers, shape).astype(np.uint32)
        return np.kron(blocks, np.ones((side, side), np.uint32))

    return drawn


@pytest.fixture
def labels():
    """A ring with an object in its hole, two parts, a corner touch, and neighbours."""
    drawn = np.zeros((14, 17), np.uint32)
    drawn[1:8, 1:8] = 5
    drawn[2:7, 2:7] = 0
    drawn[4, 4] = 300
    drawn[1:3, 9:12] = 7
    drawn[6:9, 9:12] = 7
    drawn[3:6, 9:12] = 8
    drawn[10, 3] = drawn[11, 4] = 70_000
    drawn[9:14, 14:17] = 2
    return drawn


@pytest.fixture(scope="session")
def many():
    """More than 65,535 objects, each of which touches others."""
    return np.arange(1, 260 * 256 + 1, dtype=np.uint32).reshape(260, 256)
