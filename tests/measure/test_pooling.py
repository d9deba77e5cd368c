import numpy as np
import pandas as pd
import pytest

from segmetry.measure.pooling import pool


def test_lengths_are_in_micrometres_where_the_pixel_size_is_known(
    object_table, image_table
):
    sample, used = pool(object_table([20, 40]), image_table(pixel_size=0.01))
    assert sample.unit == "um"
    assert sample.diameters == pytest.approx([0.2, 0.4])
    assert sample.boxes == pytest.approx(np.array([[0.2, 0.2], [0.4, 0.4]]))
    assert sample.frames == pytest.approx(np.array([[10.0, 10.0]]))
    assert sample.included_areas == pytest.approx([100.0])
    assert (sample.n, sample.n_images, len(used)) == (2, 1, 1)


def test_lengths_are_in_pixels_where_no_pixel_size_is_known(object_table, image_table):
    sample, _ = pool(object_table([20], pixel_size=None), image_table(pixel_size=None))
    assert sample.unit == "px"
    assert sample.diameters == pytest.approx([20.0])
    assert sample.areas == pytest.approx([100 * np.pi])
    assert sample.frames == pytest.approx(np.array([[1000.0, 1000.0]]))
    assert sample.feret_min is None


def test_pixels_that_are_not_square_scale_each_side_by_its_own(object_table, image_table):
    images = image_table(pixel_size=0.02, pixel_size_y=0.01)
    sample, _ = pool(object_table([10]), images)
    assert sample.boxes == pytest.approx(np.array([[0.2, 0.1]]))
    assert sample.frames == pytest.approx(np.array([[20.0, 10.0]]))
    assert sample.included_areas == pytest.approx([200.0])


def test_a_missing_height_of_a_pixel_is_its_width(object_table, image_table):
    images = image_table().drop(columns="pixel_size_y")
    assert pool(object_table([10]), images)[0].frames.tolist() == [[10, 10]]
    images = image_table(pixel_size_y=np.nan)
    assert pool(object_table([10]), images)[0].frames.tolist() == [[10, 10]]


def test_images_without_a_pixel_size_are_left_out_and_counted(object_table, image_table):
    images = image_table(3)
    images.loc[1, ["pixel_size", "unit"]] = [np.nan, ""]
    objects = object_table([10, 20, 30], image=[0, 1, 2])
    sample, used = pool(objects, images)
    assert sample.diameters == pytest.approx([0.1, 0.3])
    assert sample.image.tolist() == [0, 1]
    assert used["image"].tolist() == ["picture 0.tif", "picture 2.tif"]
    sentence = (
        "1 of 3 images has no known pixel size and is left out of these statistics "
        "(picture 1.tif)."
    )
    assert sample.warnings == (sentence,)


def test_the_edge_is_that_of_the_objects_own_frame(object_table, image_table):
    images = image_table(2)
    images.loc[1, ["frame_x_max_px", "frame_y_max_px"]] = [120, 400]
    corners = [(100, 100), (100, 100), (0, 100), (100, 380)]
    objects = object_table([20] * 4, image=[0, 1, 1, 1], corner=corners)
    sample, _ = pool(objects, images)
    assert sample.touches_far.tolist() == [False, True, False, True]
    assert sample.touches.tolist() == [False, False, True, False]


def test_parts_of_a_sample_keep_their_images_apart(object_table, image_table):
    objects = object_table([10, 20, 30, 40], image=[0, 1, 2, 2])
    objects["feret_diameter_min_um"] = [0.1, 0.2, 0.3, 0.4]
    sample, _ = pool(objects, image_table(3))
    part = sample.of_images(np.array([False, True, True]))
    assert part.n_images == 2
    assert part.names.tolist() == ["picture 1.tif", "picture 2.tif"]
    assert part.diameters == pytest.approx([0.2, 0.3, 0.4])
    assert part.feret_min == pytest.approx([0.2, 0.3, 0.4])
    assert part.image.tolist() == [0, 1, 1]
    fewer = part.of_objects(np.array([True, False, True]))
    assert fewer.image.tolist() == [0, 1]
    assert fewer.n_images == 2


def test_the_shared_uncertainty_is_the_mean_over_the_objects(object_table, image_table):
    images = image_table(3, calibration_uncertainty=[0.01, 0.03, np.nan])
    objects = object_table([10] * 4, image=[0, 0, 0, 1])
    sample, _ = pool(objects, images)
    assert sample.relative_uncertainty == pytest.approx((3 * 0.01 + 0.03) / 4)
    none, _ = pool(object_table([]), images)
    assert none.relative_uncertainty == pytest.approx(0.04 / 3)
    unknown, _ = pool(objects, image_table(3))
    assert unknown.relative_uncertainty == 0
    without, _ = pool(objects, image_table(3).drop(columns="calibration_uncertainty"))
    assert without.relative_uncertainty == 0


def test_pixel_sizes_that_differ_much_are_warned_of(object_table, image_table):
    objects = object_table([10, 20], image=[0, 1])
    near, _ = pool(objects, image_table(2, pixel_size=[0.01, 0.012]))
    far, _ = pool(objects, image_table(2, pixel_size=[0.01, 0.03], pixel_size_y=np.nan))
    assert not near.warnings
    assert "Pixel sizes differ by a factor of 3" in far.warnings[0]


def test_a_frame_with_much_struck_out_is_warned_of(object_table, image_table):
    images = image_table(2, included_area_px=[1_000_000, 700_000])
    sample, _ = pool(object_table([10]), images)
    assert sample.warnings[0].startswith(
        "In 1 image (picture 1.tif) the area looked at is not a full"
    )


def test_no_objects_and_no_images_make_an_empty_sample(object_table, image_table):
    sample, _ = pool(object_table([]), image_table(2))
    assert (sample.n, sample.n_images) == (0, 2)
    bare, _ = pool(pd.DataFrame(), image_table(2))
    assert bare.n == 0
    nothing, _ = pool(pd.DataFrame(), image_table(0))
    assert nothing.n_images == 0


def test_objects_of_unknown_images_are_refused(object_table, image_table):
    with pytest.raises(ValueError, match=r"the image 'picture 7.tif', which the table"):
        pool(object_table([10], image=[7]), image_table(2))


def test_a_missing_column_is_named(object_table, image_table):
    objects = object_table([10]).drop(columns="bbox_x_max_px")
    with pytest.raises(ValueError, match="lacks the column 'bbox_x_max_px'"):
        pool(objects, image_table())
    images = image_table().drop(columns=["pixel_size", "unit"])
    with pytest.raises(ValueError, match="lacks the column 'equivalent_diameter_px'"):
        pool(object_table([10]), images)


@pytest.mark.parametrize("column", ["included_area_px", "frame_x_max_px", "frame_y_max_px"])
def test_an_image_without_any_area_is_left_out_and_told(object_table, image_table, column):
    images = image_table(3)
    images.loc[1, column] = 0
    sample, used = pool(object_table([10, 20], image=[0, 2]), images)
    assert used["image"].tolist() == ["picture 0.tif", "picture 2.tif"]
    assert sample.image.tolist() == [0, 1]
    sentence = (
        "1 of 3 images has no area to look at and is left out of these statistics "
        "(picture 1.tif)."
    )
    assert sample.warnings == (sentence,)


def test_two_rows_of_one_image_are_refused_in_a_sentence(object_table, image_table):
    images = image_table(3)
    images.loc[2, "image"] = "picture 0.tif"
    with pytest.raises(ValueError, match=r"expected one row .* got 2 rows of .*picture 0"):
        pool(object_table([10]), images)


def test_a_part_is_warned_of_its_own_images_only(object_table, image_table):
    images = image_table(3, included_area_px=[1_000_000, 700_000, 700_000])
    images["pixel_size"] = [0.01, 0.01, 0.1]
    sample, _ = pool(object_table([10]), images)
    assert [text.split()[0] for text in sample.warnings] == ["Pixel", "In"]
    assert sample.of_images(np.array([True, False, False])).warnings == ()
    (warning,) = sample.of_images(np.array([True, True, False])).warnings
    assert warning.startswith("In 1 image (picture 1.tif) the area")
