"""What all tests share: real pictures, drawn round particles, and no models of the user."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

REPOSITORY = Path(__file__).parents[1]
_DATA = Path(os.environ.get("SEGMETRY_DATA", REPOSITORY.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """Path of something in the folder of real pictures; skips where it is absent."""

    def find(name: str) -> Path:
        path = _DATA / name
        if not path.exists():
            pytest.skip(f"real pictures are absent: set SEGMETRY_DATA to see {name}")
        return path

    return find


@pytest.fixture(autouse=True)
def _no_models_of_the_user(tmp_path_factory, monkeypatch):
    """Tests see the models that come with Segmetry, and those that they add themselves."""
    monkeypatch.setenv("SEGMETRY_MODELS", str(tmp_path_factory.getbasetemp() / "models"))


def draw_discs(
    radii, *, shape=(200, 300), bright=200, dark=40, noise=4, seed=0
) -> NDArray[np.uint8]:
    """Discs on a grid, apart from each other and from the edge, under a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.full(shape, float(dark))
    pitch = 2 * max(radii) + 8
    columns = (shape[1] - 8) // pitch
    for number, radius in enumerate(radii):
        row, column = divmod(number, columns)
        centre = (8 + pitch * (row + 0.5), 8 + pitch * (column + 0.5))
        assert centre[0] + pitch / 2 <= shape[0], "the picture is too small for the discs"
        picture[(y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2] = bright
    return np.clip(picture + rng.normal(0, noise, shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def discs():
    """Draw discs of given radii, in pixels: see `draw_discs`."""
    return draw_discs
