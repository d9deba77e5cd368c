import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import PictureError
from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import PERIMETERS, measure, measure_some

SIZE = PixelSize(y=0.3, x=0.3, unit="um", source="typed")


def scene(seed, *, shape=(60, 80), channels=0, dtype=np.uint16, n=14, excluded=True):
    """Discs that touch and overlap, under noise, with a banner and numbers with gaps."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    data = np.zeros(shape, np.uint32)
    for label in rng.choice(np.arange(1, 99), n, replace=False):
        row, column, radius = rng.integers(0, shape[0]), rng.integers(0, shape[1]), 8
        data[np.hypot(y - row, x - column) <= rng.uniform(1, radius)] = label
    colours = (*shape, channels) if channels else shape
    pixels = rng.normal(1000, 300, colours).clip(0, 60_000)
    if np.dtype(dtype).kind == "u":
        pixels = pixels.clip(0, np.iinfo(dtype).max)
    banner = np.zeros(shape, bool)
    banner[-9:] = True
    return Labels(
        data,
        Image(
            pixels.astype(dtype),
            axes="YXC" if channels else "YX",
            pixel_size=SIZE,
            excluded=banner if excluded else None,
        ),
    )


def boxes_of(table):
    sides = [f"bbox_{side}_px" for side in ("x_min", "y_min", "x_max", "y_max")]
    return table[sides].to_numpy()


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 1000),
    st.sampled_from([(0, np.uint8), (0, np.uint16), (0, np.float32), (3, np.uint8)]),
    st.booleans(),
)
def test_rows_are_those_of_the_whole_table_to_the_last_bit(seed, kind, knows_boxes):
    labels = scene(seed, channels=kind[0], dtype=kind[1])
    whole = measure(labels, perimeters=PERIMETERS)
    rng = np.random.default_rng(seed)
    chosen = whole.sample(n=rng.integers(1, len(whole)), random_state=seed)
    boxes = boxes_of(chosen) if knows_boxes else None
    rows = measure_some(labels, chosen["label"], boxes=boxes, perimeters=PERIMETERS)
    expected = whole[whole["label"].isin(chosen["label"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, expected, check_exact=True)


@pytest.mark.parametrize("channels", [0, 2, 3])
def test_objects_far_apart_are_measured_in_windows_of_their_own(channels):
    labels = scene(5, shape=(700, 900), channels=channels, n=40)
    whole = measure(labels)
    rows = measure_some(labels, whole["label"], boxes=boxes_of(whole))
    pd.testing.assert_frame_equal(rows, whole, check_exact=True)


@pytest.mark.parametrize("boxes", [None, np.empty((0, 4))])
def test_no_objects_give_no_rows_but_all_columns(boxes):
    labels = scene(1)
    rows = measure_some(labels, [], boxes=boxes)
    assert len(rows) == 0
    assert rows.dtypes.equals(measure(labels).dtypes)


def test_numbers_that_are_not_there_get_no_row():
    labels = scene(2)
    some = int(labels.ids[0])
    assert measure_some(labels, [some, 12_345])["label"].tolist() == [some]
    assert len(measure_some(labels, [12_345])) == 0


def test_a_larger_box_does_no_harm():
    labels = scene(3)
    whole = measure(labels)
    wide = np.tile([0, 0, 80, 60], (len(whole), 1))
    rows = measure_some(labels, whole["label"], boxes=wide)
    pd.testing.assert_frame_equal(rows, whole, check_exact=True)


def test_a_crowded_object_has_the_background_of_the_whole_picture():
    data = np.full((90, 90), 1, np.uint32)
    data[20:30, 20:30] = 2
    data[:, 80:] = 0
    pixels = np.full((90, 90), 50, np.uint8)
    pixels[:, 80:] = 7
    labels = Labels(data, Image(pixels))
    rows = measure_some(labels, [2], boxes=np.array([[20, 20, 30, 30]]))
    assert rows["intensity_mean_above_background"].tolist() == [43]


def test_boxes_of_another_number_than_ids_are_refused():
    with pytest.raises(ValueError, match="one row of 4 for each of ids"):
        measure_some(scene(0), [1, 2], boxes=np.zeros((1, 4), int))


def test_a_stack_is_refused():
    stack = np.zeros((2, 3, 4), np.uint8)
    labels = Labels(stack.astype(np.uint32), Image(stack, axes="ZYX"))
    with pytest.raises(PictureError, match="stack"):
        measure_some(labels, [1])


def test_who_knows_the_background_of_the_picture_can_tell_it():
    data = np.ones((12, 12), np.uint32)
    data[0, 0] = 0
    labels = Labels(data, Image(np.full((12, 12), 50, np.uint8)))
    told = measure_some(labels, [1], background=lambda: 20.0)
    assert told["intensity_mean_above_background"].tolist() == [30.0]
