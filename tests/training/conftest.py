"""The scripts in training/ are no package: they find each other in their own folder."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Picture

sys.path.insert(0, str(Path(__file__).parents[2] / "training"))


@pytest.fixture(autouse=True, scope="package")
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def draw_ellipses(*ellipses, shape=(72, 96)):
    y, x = np.ogrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number, (row, column, high, wide) in enumerate(ellipses, start=1):
        labels[((y - row) / high) ** 2 + ((x - column) / wide) ** 2 <= 1] = number
    return labels


@pytest.fixture(scope="session")
def ellipses():
    """Draw labels 1 to n of ellipses, each (row, column, half height, half width)."""
    return draw_ellipses


@pytest.fixture(scope="session")
def crowd():
    """Draw labels of a dozen ellipses on a jittered grid; some touch."""

    def draw(seed):
        rng = np.random.default_rng(seed)
        places = [(row, column) for row in (14, 37, 60) for column in (14, 36, 58, 80)]
        return draw_ellipses(
            *((*rng.normal(place, 1), *rng.uniform(8, 12.5, 2)) for place in places)
        )

    return draw


@pytest.fixture(scope="session")
def write_drive():
    """Write examples as a copy of DRIVE's training pictures."""

    def write(folder, examples):
        for kind in ("images", "masks", "fov"):
            (folder / "train" / kind).mkdir(parents=True)
        for one in examples:
            view = np.where(one.image.included, 255, 0).astype(np.uint8)
            arrays = (one.image.pixels, (255 * one.labels).astype(np.uint8), view)
            for kind, array in zip(("images", "masks", "fov"), arrays, strict=True):
                Picture.fromarray(array).save(folder / "train" / kind / one.name)

    return write
