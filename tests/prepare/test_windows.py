import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.image import Image
from segmetry.prepare.windows import WINDOWS, fitting_window, window


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_centre_is_grey_and_the_ends_are_black_and_white(name):
    chosen = WINDOWS[name]
    far = 5000.0
    values = [chosen.centre, chosen.low, chosen.high, -far, far]
    shown = window(Image(np.array([values])), name)
    assert np.allclose(shown, [[0.5, 0, 1, 0, 1]])
    assert shown.dtype == np.float32


@given(st.floats(-2000, 3000), st.floats(-2000, 3000), st.sampled_from(sorted(WINDOWS)))
def test_denser_is_never_darker(one, other, name):
    low, high = sorted((one, other))
    shown = window(Image(np.array([[low, high]])), name)
    assert shown[0, 0] <= shown[0, 1]


def test_published_windows_are_as_published():
    found = {name: (one.centre, one.width) for name, one in WINDOWS.items()}
    assert found["lung"] == (-600, 1500)
    assert found["bone"] == (400, 1800)
    assert found["brain"] == (40, 80)


def test_an_unknown_window_is_refused():
    with pytest.raises(ValueError, match="lung, mediastinum"):
        window(Image(np.zeros((2, 2))), "lungs")


def test_a_chest_is_shown_as_lungs_and_other_pictures_have_no_window(chest):
    values, _ = chest()
    assert fitting_window(Image(values, axes="ZYX")) == "lung"
    soft = np.where(values < -950, values, np.maximum(values, 0))
    assert fitting_window(Image(soft, axes="ZYX")) == "soft tissue"
    assert (
        fitting_window(Image(np.clip(values, 0, 255).astype(np.uint8), axes="ZYX")) is None
    )
