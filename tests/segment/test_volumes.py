import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import PictureError
from segmetry.image import Image, PixelSize
from segmetry.segment import SEGMENTERS, segmenter
from segmetry.segment.volumes import fill_enclosed, number_in_volume, spacing_of

MASKS = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).random((5, 7, 6)) > 0.6
)
# Those that run a model need one before they can say anything.
FOR_PICTURES = sorted(
    name
    for name, place in SEGMENTERS.items()
    if place.startswith("segmetry.segment.") and name not in {"threshold", "lungs"}
)


def two_balls(gap, spacing=(1.0, 1.0, 1.0), radius=8.0):
    """Return two balls whose middles are `gap` apart along x."""
    sides = [
        int(np.ceil(side / step)) for side, step in zip((24, 24, 50), spacing, strict=True)
    ]
    z, y, x = (
        (np.arange(n) * step - half).reshape([-1 if k == axis else 1 for k in range(3)])
        for axis, (n, step, half) in enumerate(
            zip(sides, spacing, (12, 12, 25), strict=True)
        )
    )
    balls = [z**2 + y**2 + (x - side * gap / 2) ** 2 <= radius**2 for side in (-1, 1)]
    return balls[0] | balls[1]


def volume(pixels, spacing=(4.0, 1.0, 1.0), **changes):
    z, y, x = spacing
    size = PixelSize(z=z, y=y, x=x, unit="mm", source="typed")
    return Image(pixels, axes="ZYX", pixel_size=size, **changes)


@given(MASKS, st.booleans())
@settings(max_examples=25)
def test_no_voxel_is_lost_and_numbers_are_in_the_order_of_first_voxels(mask, separate):
    data = number_in_volume(mask, separate=separate)
    assert np.array_equal(data > 0, mask)
    ids, first = np.unique(data, return_index=True)
    ids, first = ids[ids > 0], first[ids > 0]
    assert ids.tolist() == list(range(1, len(ids) + 1))
    assert (np.diff(first) > 0).all()


@given(MASKS, st.permutations(range(3)))
@settings(max_examples=20)
def test_turning_changes_no_object(mask, order):
    spacing = (3.0, 1.0, 2.0)
    sides = tuple(spacing[axis] for axis in order)
    before = np.bincount(number_in_volume(mask, spacing=spacing).ravel())[1:]
    turned = number_in_volume(mask.transpose(order), spacing=sides)
    assert sorted(before) == sorted(np.bincount(turned.ravel())[1:])


def test_corners_join_objects_and_sides_alone_join_background():
    corner = np.zeros((2, 2, 2), bool)
    corner[0, 0, 0] = corner[1, 1, 1] = True
    assert number_in_volume(corner).max() == 1
    shell = np.ones((3, 3, 3), bool)
    shell[1, 1, 1] = shell[0, 0, 0] = False
    assert fill_enclosed(shell).sum() == 26
    shell[1, 1, 0] = False
    assert not fill_enclosed(shell)[1, 1, 1]


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 1.0, 1.0), (1.0, 2.0, 2.0)])
def test_balls_that_touch_are_cut_in_two_whatever_the_shape_of_voxels(spacing):
    mask = two_balls(13, spacing)
    data = number_in_volume(mask, spacing=spacing)
    assert data.max() == 2
    one, two = np.bincount(data.ravel())[1:]
    assert one == pytest.approx(two, rel=0.06)
    assert number_in_volume(mask, spacing=spacing, separate=False).max() == 1


def test_one_ball_and_two_that_overlap_much_stay_whole():
    assert number_in_volume(two_balls(0)).max() == 1
    assert number_in_volume(two_balls(4)).max() == 1


def test_small_objects_are_dropped_by_voxels():
    mask = np.zeros((5, 5, 5), bool)
    mask[0, 0, :2] = mask[3, 3, :3] = True
    data = number_in_volume(mask, min_volume=3)
    assert np.bincount(data.ravel()).tolist() == [122, 3]


def test_wrong_arrays_are_refused():
    with pytest.raises(ValueError, match="axes Z, Y and X"):
        number_in_volume(np.ones((3, 3), bool))
    with pytest.raises(ValueError, match="boolean"):
        fill_enclosed(np.ones((3, 3, 3), np.uint8))
    with pytest.raises(ValueError, match="at least 1 voxel"):
        number_in_volume(np.ones((3, 3, 3), bool), min_volume=0)


@pytest.mark.parametrize("dark", [False, True])
def test_threshold_finds_balls_in_a_volume(dark):
    spacing = (2.0, 1.0, 1.0)
    mask = two_balls(20, spacing)
    rng = np.random.default_rng(0)
    values = np.where(mask, 150, 50) + rng.normal(0, 12, mask.shape)
    pixels = (200 - values if dark else values).astype(np.float32)
    labels = segmenter("threshold")(volume(pixels, spacing))
    assert labels.ids.tolist() == [1, 2]
    found = labels.data > 0
    assert 2 * (found & mask).sum() / (found.sum() + mask.sum()) > 0.95
    assert labels.steps[0].options["found_polarity"] == ("dark" if dark else "bright")


def test_holes_in_a_volume_are_filled_or_kept():
    values = np.zeros((9, 9, 9), np.uint8)
    values[1:8, 1:8, 1:8] = 200
    values[4, 4, 4] = 0
    options = {"denoise": 0, "separate": False}
    filled = segmenter("threshold", **options)(volume(values))
    kept = segmenter("threshold", fill_holes=False, **options)(volume(values))
    assert (filled.data > 0).sum() - (kept.data > 0).sum() == 1


def test_nothing_is_found_where_a_volume_is_excluded():
    values = np.zeros((6, 10, 20), np.uint8)
    values[2:5, 2:8, 2:8] = values[2:5, 2:8, 12:18] = 200
    excluded = np.zeros(values.shape, bool)
    excluded[..., 10:] = True
    labels, maps = segmenter("threshold").labels_and_maps(volume(values, excluded=excluded))
    assert labels.ids.tolist() == [1]
    assert not maps.foreground[excluded].any()


@pytest.mark.parametrize("name", FOR_PICTURES)
def test_methods_for_pictures_say_what_to_do_with_a_volume(name):
    with pytest.raises(PictureError, match="--page, or a method for volumes") as caught:
        segmenter(name)(volume(np.arange(60).reshape(3, 4, 5)))
    assert "\n" not in str(caught.value)


def test_what_cannot_be_segmented_is_refused():
    threshold = segmenter("threshold")
    with pytest.raises(PictureError, match="one flat value"):
        threshold(volume(np.zeros((3, 4, 5))))
    with pytest.raises(PictureError, match="too small"):
        threshold(volume(np.arange(12).reshape(3, 2, 2)))
    with pytest.raises(PictureError, match="all of the volume is excluded"):
        threshold(volume(np.arange(27).reshape(3, 3, 3), excluded=np.ones((3, 3, 3), bool)))
    with pytest.raises(PictureError, match="flatten is for single pictures"):
        segmenter("threshold", flatten=5)(volume(np.arange(27).reshape(3, 3, 3)))
    colours = Image(np.zeros((3, 4, 5, 2)), axes="ZYXC")
    with pytest.raises(PictureError, match="one channel"):
        threshold(colours)


def test_spacing_is_relative_and_1_where_it_is_not_known():
    flat = Image(np.zeros((2, 3, 4)), axes="ZYX", pixel_size=PixelSize(1, 1, "mm", "typed"))
    assert spacing_of(flat) == (1, 1, 1)
    assert spacing_of(volume(np.zeros((2, 3, 4)), (6.0, 2.0, 3.0))) == (3, 1, 1.5)
