"""A set of pictures that commands judge methods on."""

import numpy as np
import pytest

from segmetry.io import write_labels, write_png


@pytest.fixture
def squares(tmp_path):
    """Five pictures of bright squares with masks, one more than intervals need."""
    rng = np.random.default_rng(0)
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    for k in range(5):
        labels = np.zeros((64, 64), np.uint16)
        pixels = rng.normal(50, 5, labels.shape)
        for number, cell in enumerate(rng.permutation(16)[:5], start=1):
            y, x = 16 * (cell // 4) + 2, 16 * (cell % 4) + 2
            labels[y : y + 11, x : x + 9 + number] = number
        pixels[labels > 0] += 120
        write_png(tmp_path / "images" / f"p{k}.png", pixels.clip(0, 255).astype(np.uint8))
        write_labels(tmp_path / "masks" / f"p{k}.tif", labels)
    return tmp_path
