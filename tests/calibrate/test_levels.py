"""Text and bars are looked for on one scale of grey."""

import numpy as np
import pytest

from segmetry.calibrate.levels import grey_levels
from segmetry.image import Image


def test_bytes_stay_as_they_are():
    pixels = np.array([[3, 200]], np.uint8)
    assert np.array_equal(grey_levels(Image(pixels)), pixels)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32, np.float64])
def test_other_kinds_are_stretched_to_bytes(dtype):
    pixels = np.array([[1000, 2000, 3000]], dtype)
    assert grey_levels(Image(pixels)).tolist() == [[0, 127.5, 255]]


def test_broken_values_become_black():
    pixels = np.array([[np.nan, np.inf, 1.0, 2.0]])
    assert grey_levels(Image(pixels)).tolist() == [[0, 0, 0, 255]]


@pytest.mark.parametrize("value", [np.nan, 7.0])
def test_a_picture_of_one_value_is_black(value):
    assert not grey_levels(Image(np.full((2, 3), value))).any()
