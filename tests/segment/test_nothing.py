import numpy as np
import pytest

from segmetry import segmenter
from segmetry.image import Image


@pytest.mark.parametrize("shape", [(1, 1), (30, 40), (30, 40, 3)])
def test_nothing_is_found_anywhere(shape):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, shape).astype(np.uint8)
    image = Image(pixels, axes="YX" if len(shape) == 2 else "YXC")
    labels = segmenter("nothing")(image)
    assert labels.data.shape == shape[:2]
    assert not labels.data.any()
    assert labels.steps[-1].name == "nothing"
