import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.image import Image
from segmetry.models.card import Normalization
from segmetry.models.normalization import scaling_of
from segmetry.models.scaling import scaling_in
from segmetry.segment import windows
from segmetry.tiled import InMemory


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Read small pictures in several blocks, as large ones are."""
    monkeypatch.setattr(windows, "_BLOCK", 24)


def both(image, told, channels):
    """Return the scaling by blocks, and that of the picture in memory."""
    by_blocks = scaling_in(InMemory(image), told, channels=channels)
    return by_blocks, scaling_of(image, channels=channels, **told.model_dump())


@given(
    st.integers(0, 2**31),
    st.sampled_from(["percentiles", "range", "mean", "none"]),
    st.sampled_from([np.uint8, np.uint16, np.float32]),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_picture_read_in_blocks_is_scaled_as_one_in_memory(seed, kind, dtype, is_cut):
    rng = np.random.default_rng(seed)
    pixels = (rng.gamma(2, 20, (60, 70))).astype(dtype)
    excluded = np.arange(70)[None, :] + np.zeros((60, 1)) > 50 if is_cut else None
    told = Normalization(kind=kind)
    found, usual = both(Image(pixels, excluded=excluded), told, 1)
    assert found.limited == usual.limited
    assert found.offsets == pytest.approx(usual.offsets, rel=1e-3, abs=0.02)
    assert found.divisors == pytest.approx(usual.divisors, rel=1e-3)
    if is_cut:
        assert found.filling == pytest.approx(usual.filling, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("per_channel", [False, True])
def test_channels_are_scaled_together_or_each_by_itself(per_channel):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, (50, 100, 200), (60, 70, 3)).astype(np.uint8)
    told = Normalization(per_channel=per_channel)
    found, usual = both(Image(pixels, axes="YXC"), told, 3)
    assert len(found.offsets) == (3 if per_channel else 1)
    assert found.divisors == pytest.approx(usual.divisors, rel=1e-6)


def test_a_hot_pixel_does_not_make_percentiles_coarse():
    rng = np.random.default_rng(0)
    pixels = rng.random((60, 70)).astype(np.float32)
    pixels[5, 5] = 1e9
    found, usual = both(Image(pixels), Normalization(), 1)
    assert found.divisors == pytest.approx(usual.divisors, rel=1e-3)
    assert found.offsets == pytest.approx(usual.offsets, abs=1e-3)
