import numpy as np
import pytest
from scipy.ndimage import label

from segmetry.models.bioimageio.specimen import specimen


@pytest.mark.parametrize("diameter", [10, 24])
def test_discs_have_the_diameter_that_is_asked_for(diameter):
    picture = specimen(240, diameter, channels=1)[..., 0]
    pitch = 1.5 * diameter
    inside = (np.arange(240) // pitch + 1) * pitch <= 110
    discs, n = label(picture[:, :120][inside][:, inside[:120]] > 105)
    areas = np.bincount(discs.ravel())[1:]
    assert n == round(110 // pitch) ** 2
    np.testing.assert_allclose(areas, np.pi * diameter**2 / 4, rtol=0.1)


def test_it_is_always_the_same_in_every_channel():
    first, second = (specimen(64, 12, channels=3) for _ in range(2))
    assert np.array_equal(first, second)
    assert (first == first[..., :1]).all()
    assert np.array_equal(first, first.round().clip(0, 255))
