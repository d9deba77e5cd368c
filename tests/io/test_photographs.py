import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from segmetry.errors import MaskError, ReadError
from segmetry.io import read_labels
from segmetry.io.photographs import is_photograph
from segmetry.io.reading import read_stored
from segmetry.io.stored import arranged

_SETS = (
    "dsb2018",
    "emps",
    "ampis_powder",
    "usiigaci_phase",
    "fluocells",
    "drive",
    "isbi2012_em",
    "lung_ct",
)
_MOST = 12  # of each set: all 607 were tried once, see docs/datasets.md


def photograph(seed, *, blur=1.0, levels=255, shape=(64, 80)):
    smooth = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), blur)
    scaled = (smooth - smooth.min()) / np.ptp(smooth)
    return np.rint(scaled * levels).astype(np.uint32)


def numbered_squares(side, *, gap, n=6):
    cell = np.zeros((side + gap, side + gap), int)
    cell[:side, :side] = 1
    numbers = np.arange(1, n * n + 1).reshape(n, n)
    return np.kron(numbers, cell)


@given(st.integers(0, 1000), st.floats(0, 4), st.sampled_from([60, 255, 4095, 65535]))
def test_a_picture_of_any_depth_and_sharpness_is_a_photograph(seed, blur, levels):
    assert is_photograph(photograph(seed, blur=blur, levels=levels))


@given(st.integers(3, 20), st.integers(0, 6))
def test_numbered_objects_are_no_photograph(side, gap):
    assert not is_photograph(numbered_squares(side, gap=gap))


def test_the_dark_ground_of_a_picture_does_not_make_it_a_mask():
    picture = photograph(0)
    picture[:, :40] = 0
    assert is_photograph(picture)


def test_points_and_thin_lines_with_numbers_are_no_photograph():
    assert not is_photograph(numbered_squares(1, gap=3))
    lines = np.zeros((60, 60), int)
    lines[::3] = np.arange(1, 21)[:, None]
    assert not is_photograph(lines)


def test_a_drawing_in_few_greys_may_be_labels():
    assert not is_photograph(photograph(0, blur=3, levels=15))


def test_a_stack_is_told_like_its_slices():
    slices = np.stack([photograph(seed) for seed in range(3)])
    assert is_photograph(slices)
    assert not is_photograph(np.stack([numbered_squares(5, gap=1)] * 3))


def test_turning_and_mirroring_changes_nothing():
    picture = photograph(3, blur=2)
    for turned in (np.rot90(picture), picture[::-1], picture.T):
        assert is_photograph(turned) == is_photograph(picture)


@pytest.mark.slow
@pytest.mark.parametrize("name", _SETS)
def test_no_real_mask_is_taken_for_a_photograph_and_every_picture_is_refused(data, name):
    folder = data(f"{name}/train")
    for path in spread(folder / "masks"):
        stored = read_stored(path)
        assert not is_photograph(arranged(stored.pixels, stored.dims)[0]), path.name
        read_labels(path, allow_empty=True)
    for path in spread(folder / "images"):
        with pytest.raises((MaskError, ReadError)):
            read_labels(path)


def spread(folder):
    """Some files of a folder, evenly spaced."""
    paths = sorted(path for path in folder.iterdir() if path.suffix != ".csv")
    return paths[:: -(-len(paths) // _MOST)]
