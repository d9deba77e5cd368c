"""Volumes as numbers of 16 bits, slice by slice."""

import nibabel
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as some

from segmetry.errors import MissingError, PictureError
from segmetry.image import Image
from segmetry.web.volumes import (
    AXES,
    VolumeDrawing,
    _kept,
    draw_volume,
    read_slice,
    stored_values,
)

SHAPE = (4, 6, 5)


def drawn(tmp_path, values, *, affine=None):
    """Write values as a NIfTI file, draw it, and return the folder."""
    path = tmp_path / "a.nii.gz"
    nibabel.save(
        nibabel.Nifti1Image(values.T, np.eye(4) if affine is None else affine), path
    )
    folder = tmp_path / "drawn"
    draw_volume(VolumeDrawing(path, folder))
    return folder


def test_hounsfield_units_are_kept_as_they_are(tmp_path):
    values = np.linspace(-1024, 3071, np.prod(SHAPE)).astype(np.int16).reshape(SHAPE)
    folder = drawn(tmp_path, values)
    kept = stored_values(folder)
    assert (kept.shape, kept.slope, kept.intercept) == (SHAPE, 1.0, 0.0)
    assert (kept.low, kept.high) == (-1024, 3071)
    for axis, n in enumerate(SHAPE):
        for index in range(n):
            assert np.array_equal(read_slice(folder, axis, index), values.take(index, axis))
        for index in (-1, n):
            with pytest.raises(MissingError, match=f"across {AXES[axis]}"):
                read_slice(folder, axis, index)


@given(
    kind=some.sampled_from([np.uint8, np.int16, np.uint16, np.int32, np.float32]),
    numbers=some.lists(some.integers(-(2**31), 2**31 - 1), min_size=8, max_size=8),
    divisor=some.sampled_from([1, 3, 2**14, 2**20]),
)
def test_values_come_back_within_half_a_step(kind, numbers, divisor):
    values = (np.array(numbers) / divisor).astype(kind).reshape(2, 2, 2)
    kept = _kept(Image(values, axes="ZYX"))
    stored = kept.stored(values)
    assert stored.dtype == np.int16
    back = stored.astype(np.float64) * kept.slope + kept.intercept
    error = np.abs(back - values.astype(np.float64))
    if kept.slope == 1 and kind != np.float32:
        assert not error.any()
    assert (error <= kept.slope * 0.5001 + 1e-9 * np.abs(values)).all()


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16])
def test_whole_numbers_of_16_bits_are_exact(kind):
    about = np.iinfo(kind)
    values = np.array([[[about.min, about.max]]], kind).repeat(2, axis=0)
    kept = _kept(Image(values, axes="ZYX"))
    assert kept.slope == 1
    assert np.array_equal(kept.stored(values) + kept.intercept, values)


def test_pages_of_a_stack_and_colours_are_volumes_too(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 256, (3, 6, 5, 3), dtype=np.uint8)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, values, photometric="rgb", metadata={"axes": "ZYXS"})
    draw_volume(VolumeDrawing(path, tmp_path / "drawn"))
    kept = stored_values(tmp_path / "drawn")
    shown = read_slice(tmp_path / "drawn", 0, 1) * kept.slope + kept.intercept
    assert shown == pytest.approx(Image(values[1], axes="YXC").grey, abs=kept.slope)
    assert kept.orientation == ""


def test_a_single_picture_is_no_volume(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((6, 5), np.uint8))
    with pytest.raises(PictureError, match="single picture"):
        draw_volume(VolumeDrawing(path, tmp_path / "drawn"))
    assert not (tmp_path / "drawn").exists()


@pytest.mark.parametrize(
    ("signs", "letters"), [((1, 1, 1), "RAS"), ((-1, -1, 1), "LPS"), ((-1, 1, -1), "LAI")]
)
def test_the_orientation_is_that_of_the_header(tmp_path, signs, letters):
    affine = np.diag([3.0 * signs[0], 3.0 * signs[1], 5.0 * signs[2], 1])
    folder = drawn(tmp_path, np.zeros(SHAPE, np.int16), affine=affine)
    assert stored_values(folder).orientation == letters


def test_a_volume_is_drawn_anew_in_place_of_an_older_one(tmp_path):
    drawn(tmp_path, np.zeros(SHAPE, np.int16))
    folder = drawn(tmp_path, np.ones(SHAPE, np.int16))
    assert read_slice(folder, 0, 0).all()
