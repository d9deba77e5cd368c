import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.image import (
    LENGTH_IN_UM,
    NOT_KNOWN,
    ClassMap,
    Image,
    Labels,
    PixelSize,
    Step,
)


def blank(shape=(4, 6)):
    return Image(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("unit", "micrometres"),
    [("nm", 0.002), ("um", 2.0), ("mm", 2000.0), ("pm", 2e-6), ("angstrom", 2e-4)],
)
def test_a_pixel_size_is_told_in_micrometres(unit, micrometres):
    converted = PixelSize(y=2, x=2, unit=unit, source="typed").in_um
    assert converted.x == pytest.approx(micrometres)
    assert converted.unit == "um"
    assert converted.source == "typed"


@given(
    st.sampled_from(sorted(LENGTH_IN_UM)),
    st.floats(1e-3, 1e3),
    st.floats(1e-3, 1e3),
    st.floats(1e-3, 1e3),
)
def test_converting_twice_changes_nothing_more(unit, y, x, z):
    once = PixelSize(y=y, x=x, unit=unit, source="typed", z=z).in_um
    assert once.in_um == once
    assert once.y / once.x == pytest.approx(y / x)
    assert once.z / once.x == pytest.approx(z / x)


@pytest.mark.parametrize("size", [0.0, -1.0, float("nan"), float("inf")])
def test_a_pixel_size_that_is_not_positive_is_refused(size):
    with pytest.raises(ValueError, match="positive"):
        PixelSize(y=1, x=size, unit="nm", source="typed")
    with pytest.raises(ValueError, match="positive"):
        PixelSize(y=1, x=1, z=size, unit="nm", source="typed")


def test_dots_per_inch_are_no_unit_of_length():
    with pytest.raises(ValueError, match="unit must be one of"):
        PixelSize(y=1, x=1, unit="dpi", source="tiff")


@pytest.mark.parametrize("uncertainty", [-0.1, 1.0, float("nan")])
def test_an_uncertainty_is_a_share_of_the_value(uncertainty):
    with pytest.raises(ValueError, match="uncertainty must be relative"):
        PixelSize(y=1, x=1, unit="nm", source="typed", uncertainty=uncertainty)


def test_a_picture_cannot_be_changed_in_place():
    pixels = np.zeros((4, 6), np.uint8)
    picture = Image(pixels, excluded=np.zeros((4, 6), bool))
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        picture.excluded[0, 0] = True
    with pytest.raises(dataclasses.FrozenInstanceError):
        picture.name = "other"
    pixels[0, 0] = 1  # the caller's own array stays the caller's


@pytest.mark.parametrize(
    ("shape", "axes"), [((4, 6), "YXC"), ((4, 6, 3), "YX"), ((0, 6), "YX"), ((4, 6), "XY")]
)
def test_shape_and_axes_must_fit(shape, axes):
    with pytest.raises(ValueError, match="axes"):
        Image(np.zeros(shape), axes=axes)


@pytest.mark.parametrize("excluded", [np.zeros((4, 5), bool), np.zeros((4, 6), np.uint8)])
def test_an_excluded_area_is_a_mask_of_the_picture(excluded):
    with pytest.raises(ValueError, match="excluded must be boolean"):
        Image(np.zeros((4, 6)), excluded=excluded)


def test_included_is_the_rest():
    excluded = np.zeros((4, 6), bool)
    excluded[3] = True
    assert Image(np.zeros((4, 6)), excluded=excluded).included.sum() == 18
    assert blank().included.all()


def test_three_channels_become_luma_and_any_other_number_the_mean():
    white = Image(np.full((2, 2, 3), 255, np.uint8), axes="YXC")
    assert white.grey == pytest.approx(np.full((2, 2), 255), rel=1e-6)
    green = np.zeros((1, 1, 3), np.uint8)
    green[..., 1] = 100
    assert Image(green, axes="YXC").grey.item() == pytest.approx(58.7)
    two = Image(np.array([[[1.0, 3.0]]]), axes="YXC")
    assert two.grey.item() == 2
    assert two.grey.dtype == np.float32


def test_history_grows_and_the_old_picture_stays():
    before = blank()
    after = before.after(Step("invert", {"by": 255}), pixels=255 - before.pixels)
    assert [step.name for step in after.steps] == ["invert"]
    assert before.steps == ()
    assert before.pixels.max() == 0
    assert after.pixels.min() == 255


def test_labels_keep_their_numbers():
    data = np.zeros((4, 6), np.int64)
    data[0, 0], data[3, 5] = 7, 4_000_000_000
    labels = Labels(data, blank())
    assert labels.data.dtype == np.uint32
    assert labels.ids.tolist() == [7, 4_000_000_000]
    with pytest.raises(ValueError, match="read-only"):
        labels.data[0, 0] = 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (np.zeros((4, 5), np.uint8), "picture's shape"),
        (np.zeros((4, 6), np.float32), "integers"),
        (np.full((4, 6), -1), "negative"),
        (np.full((4, 6), 2**32), "32 bits"),
    ],
)
def test_broken_labels_are_refused(data, said):
    with pytest.raises(ValueError, match=said):
        Labels(data, blank())


SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 6))


@given(SHAPES, st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_grey_lies_between_the_darkest_and_the_brightest_channel(shape, n_channels, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (*shape, n_channels), np.uint8)
    picture = Image(pixels, axes="YXC")
    assert picture.grey.shape == picture.spatial_shape == shape
    assert (picture.grey >= pixels.min(axis=-1) - 1e-3).all()
    assert (picture.grey <= pixels.max(axis=-1) + 1e-3).all()


@given(SHAPES, st.integers(1, 3), st.booleans())
def test_channels_are_no_part_of_space_and_slices_are(shape, n_slices, has_channels):
    axes = "ZYX" + "C" * has_channels
    pixels = np.zeros((n_slices, *shape, *([2] * has_channels)), np.uint16)
    picture = Image(pixels, axes=axes)
    assert picture.spatial_shape == (n_slices, *shape)
    assert picture.included.shape == picture.spatial_shape
    Labels(np.zeros((n_slices, *shape), np.uint8), picture)


@given(SHAPES, st.integers(0, 2**32 - 1))
def test_each_pixel_is_excluded_or_included(shape, seed):
    excluded = np.random.default_rng(seed).random(shape) < 0.5
    picture = Image(np.zeros(shape), excluded=excluded)
    assert np.array_equal(picture.included, ~picture.excluded)


@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=24, max_size=24),
    st.sampled_from([np.uint32, np.int64, np.uint64]),
)
def test_numbers_of_objects_are_those_in_the_picture_whatever_their_type(values, dtype):
    data = np.array(values, dtype=dtype).reshape(4, 6)
    labels = Labels(data, blank())
    assert labels.ids.tolist() == sorted({*values} - {0})
    assert np.array_equal(labels.data, data)


@given(st.lists(st.text(max_size=5), max_size=6))
def test_steps_stand_in_the_order_in_which_they_were_made(names):
    picture = blank()
    for name in names:
        picture = picture.after(Step(name), name=name)
    assert [step.name for step in picture.steps] == names
    assert picture.name == (names[-1] if names else "")


@given(
    st.sampled_from(sorted(LENGTH_IN_UM)),
    st.sampled_from(sorted(LENGTH_IN_UM)),
    st.floats(1e-3, 1e3),
)
def test_the_same_length_in_two_units_is_the_same_pixel_size(unit, other, length):
    one = PixelSize(y=length, x=length, unit=unit, source="typed")
    written = length * LENGTH_IN_UM[unit] / LENGTH_IN_UM[other]
    two = PixelSize(y=written, x=written, unit=other, source="typed")
    assert two.in_um.x == pytest.approx(one.in_um.x)
    assert one.in_um.z is None


def test_a_class_map_knows_which_pixels_it_knows_and_cannot_be_changed_in_place():
    data = np.uint8([[0, 1, NOT_KNOWN]])
    classes = ClassMap(data, blank((1, 3)), ("ground", "vessel"))
    assert classes.known.tolist() == [[True, True, False]]
    with pytest.raises(ValueError, match="read-only"):
        classes.data[0, 0] = 1


@pytest.mark.parametrize(
    ("data", "names", "said"),
    [
        (np.zeros((1, 2), np.uint8), ("ground",), "picture's shape"),
        (np.zeros((1, 3), np.uint32), ("ground",), "must be uint8"),
        (np.uint8([[0, 1, 2]]), ("ground", "vessel"), "got 2 names and the class 2"),
        (np.zeros((1, 3), np.uint8), ("x",) * 256, "at most 255 classes, got 256"),
    ],
)
def test_a_class_map_that_means_nothing_is_refused(data, names, said):
    with pytest.raises(ValueError, match=said):
        ClassMap(data, blank((1, 3)), names)
