from dataclasses import replace

import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.image import Image, PixelSize, Step
from segmetry.io import read, read_labels
from segmetry.segment import segmenter
from segmetry.segment.lung_parts import closed, enclosed_air, small_holes_filled, two_lungs
from segmetry.segment.working_grid import enlarged, reduced

SPACING = (5.0, 3.0, 3.0)


def scan(values, spacing=SPACING, orientation="LPS", unit="mm", scale=1.0):
    z, y, x = (side * scale for side in spacing)
    size = PixelSize(z=z, y=y, x=x, unit=unit, source="typed")
    steps = (Step("read", {"orientation": orientation}),) if orientation else ()
    return Image(values, axes="ZYX", pixel_size=size, steps=steps)


def dice(found, true):
    return 2 * np.count_nonzero(found & true) / (found.sum() + true.sum())


@pytest.fixture(scope="module")
def drawn(chest):
    return chest(SPACING)


def test_both_lungs_are_found_without_windpipe_bowel_and_air_outside(drawn):
    values, lungs = drawn
    labels = segmenter("lungs")(scan(values))
    assert dice(labels.data > 0, lungs > 0) > 0.975
    for number in (1, 2):
        assert dice(labels.data == number, lungs == number) > 0.97
    windpipe = values[35, 50, 73]
    assert windpipe < -900
    assert labels.data[35, 50, 73] == 0
    assert labels.data[2, 50, 73] == 0  # the bowel
    assert labels.data[:, :5].max() == 0


def test_vessels_belong_to_a_lung(drawn):
    values, lungs = drawn
    labels = segmenter("lungs")(scan(values))
    vessels = (lungs > 0) & (values > -200)
    assert vessels.sum() > 100
    assert (labels.data > 0)[vessels].mean() > 0.95


def test_the_windpipe_is_kept_on_demand(drawn):
    values, _ = drawn
    with_air = segmenter("lungs", airways=False)(scan(values))
    without = segmenter("lungs")(scan(values))
    assert (with_air.data > 0).sum() > (without.data > 0).sum() + 100


@pytest.mark.parametrize(("orientation", "first"), [("LPS", 1), ("LAS", 1), ("RAS", 2)])
def test_the_right_lung_is_number_1_where_the_file_tells_sides(drawn, orientation, first):
    values, lungs = drawn
    labels, maps = segmenter("lungs").labels_and_maps(scan(values, orientation=orientation))
    assert dice(labels.data == 1, lungs == first) > 0.95
    assert maps.class_names == ("background", "right lung", "left lung")
    assert maps.object_classes.tolist() == [1, 2]


def test_without_orientation_lungs_are_numbered_by_columns_and_not_named(drawn):
    values, lungs = drawn
    labels, maps = segmenter("lungs").labels_and_maps(scan(values, orientation=""))
    assert dice(labels.data == 1, lungs == 1) > 0.95
    assert maps.object_classes is None
    assert labels.steps[0].options["found_sides"] == "not known"


def test_a_turned_scan_has_the_turned_lungs(drawn):
    values, _ = drawn
    found = segmenter("lungs")(scan(values)).data
    mirrored = segmenter("lungs")(scan(values[:, :, ::-1], orientation="RPS")).data
    assert dice(mirrored[:, :, ::-1] == 1, found == 1) > 0.995
    down = segmenter("lungs")(scan(values[::-1])).data
    assert dice(down[::-1] > 0, found > 0) > 0.995


def test_lengths_are_in_mm_whatever_the_unit_of_the_file(drawn):
    values, _ = drawn
    found = segmenter("lungs")(scan(values)).data
    again = segmenter("lungs")(scan(values, unit="um", scale=1000)).data
    assert np.array_equal(found, again)


def test_finer_voxels_give_the_same_lungs(chest):
    spacing = (5.0, 1.5, 1.5)
    values, lungs = chest(spacing)
    labels = segmenter("lungs")(scan(values, spacing))
    assert dice(labels.data > 0, lungs > 0) > 0.975
    assert dice(labels.data == 1, lungs == 1) > 0.97


def test_lungs_that_touch_are_cut_apart(chest):
    values, lungs = chest(SPACING, noise=0)
    values = values.copy()
    values[15:22, 38:42, 60:88] = -860  # the two meet in front
    labels = segmenter("lungs", airways=False)(scan(values))
    assert labels.ids.tolist() == [1, 2]
    assert dice(labels.data == 1, lungs == 1) > 0.93


def test_what_is_no_scan_of_a_chest_is_refused_in_one_sentence(drawn):
    values, _ = drawn
    lungs = segmenter("lungs")
    cases = {
        "not known": replace(scan(values), pixel_size=None),
        "voxel size": replace(scan(values), pixel_size=PixelSize(1, 1, "mm", "typed")),
        "this is one picture": Image(values[0]),
        "Hounsfield units": scan(np.uint8(np.clip(values / 10 + 100, 0, 255))),
        "no lung was found": scan(np.where(values < -900, values, 40)[:4]),
    }
    for said, image in cases.items():
        with pytest.raises(PictureError, match=said) as caught:
            lungs(image)
        assert "\n" not in str(caught.value)


def test_what_is_excluded_is_no_lung(drawn):
    values, _ = drawn
    excluded = np.zeros(values.shape, bool)
    excluded[:, :, :73] = True
    labels, maps = segmenter("lungs").labels_and_maps(
        replace(scan(values), excluded=excluded)
    )
    assert not labels.data[excluded].any()
    assert not maps.foreground[excluded].any()
    assert labels.data.any()


def test_air_that_leaves_by_the_sides_is_outside_but_above_and_below_is_not():
    air = np.zeros((3, 9, 9), bool)
    air[:, 4, 4] = True
    air[1, 0, :] = True
    inside = enclosed_air(air)
    assert inside[:, 4, 4].all()
    assert inside.sum() == 3


@pytest.mark.parametrize("sides", [(1.0, 1.0, 1.0), (3.0, 1.0, 1.0)])
def test_closing_fills_gaps_that_no_ball_enters_and_loses_nothing(sides):
    mask = np.ones((9, 30, 30), bool)
    mask[:, :, 10:13] = False
    mask[:, :, 20:28] = False
    whole = closed(mask, 3.0, sides)
    assert whole[mask].all()
    assert whole[4, 15, 10:13].all()
    assert not whole[4, 15, 23:25].any()
    assert np.array_equal(closed(mask, 0, sides), mask)
    again = closed(whole, 3.0, sides)
    assert (again & ~whole).sum() <= 0.001 * whole.sum()


def test_small_holes_are_filled_and_the_dome_of_the_liver_is_not():
    mask = np.zeros((1, 60, 60), bool)
    mask[0, 5:55, 5:55] = True
    mask[0, 10:14, 10:14] = False  # 16 mm²
    mask[0, 15:50, 15:50] = False  # 12 cm²
    filled = small_holes_filled(mask, (1.0, 1.0, 1.0))
    assert filled[0, 11, 11]
    assert not filled[0, 30, 30]


def test_one_part_alone_is_one_lung_and_none_is_none():
    ball = np.zeros((11, 11, 11), bool)
    ball[3:8, 3:8, 3:8] = True
    assert len(two_lungs(ball, (1.0, 1.0, 1.0))) == 1
    assert two_lungs(np.zeros((3, 3, 3), bool), (1.0, 1.0, 1.0)) == []


def test_a_coarser_grid_and_back_keeps_a_slope_in_its_place():
    slope = np.arange(64, dtype=np.float32).reshape(1, 1, 64)
    back = enlarged(reduced(slope, (1, 1, 4), fill=0), (1, 1, 4), slope.shape)
    assert np.allclose(back[..., 2:-2], slope[..., 2:-2])
    assert reduced(slope, (1, 1, 1), fill=0) is slope
    uneven = np.ones((5, 7, 9), np.float32)
    assert enlarged(reduced(uneven, (2, 2, 2), fill=1), (2, 2, 2), (5, 7, 9)).shape == (
        5,
        7,
        9,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "floor"),
    [("train/id002", 0.985), ("train/id003", 0.99), ("test/id004", 0.987)],
)
def test_real_lungs_are_found_as_well_as_the_page_says(data, place, floor):
    split, name = place.split("/")
    folder = data("lung_ct") / split
    image = read(folder / "images" / f"{name}.nii.gz")
    true = read_labels(folder / "masks" / f"{name}.nii.gz") > 0
    labels = segmenter("lungs")(image)
    assert dice(labels.data > 0, true) >= floor
    assert labels.steps[0].options["found_sides"] == "right lung, left lung"
    right, left = np.bincount(labels.data.ravel())[1:]
    assert right > left
