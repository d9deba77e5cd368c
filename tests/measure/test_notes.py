import numpy as np
import pytest

from segmetry.measure.intervals import resample
from segmetry.measure.notes import about_frame, about_intervals, interval_note
from segmetry.measure.pooling import pool


@pytest.mark.parametrize(
    ("n_images", "method", "words"),
    [
        (1, "bootstrap by object", "fewer than 5 images"),
        (4, "bootstrap by object", "optimistic (too narrow)"),
        (5, "bootstrap by image", "4 degrees of freedom"),
    ],
)
def test_the_method_is_told_with_its_limits(
    object_table, image_table, n_images, method, words
):
    objects = object_table([10] * 20, image=np.arange(20) % n_images)
    sample, _ = pool(objects, image_table(n_images))
    found = about_intervals(resample(sample.image, n_images=n_images), sample)
    assert found["method"] == method
    assert words in found["note"]
    assert (found["level"], found["resamples"]) == (0.95, 2000)


def test_numbers_without_a_length_say_nothing_of_the_pixel_size(object_table, image_table):
    sample, _ = pool(object_table([10] * 20), image_table())
    resampling = resample(sample.image, n_images=1)
    note = interval_note(resampling, sample)
    assert note == about_intervals(resampling, sample)["note"]
    bare = interval_note(resampling, sample, in_units=False)
    assert "pixel size" in note
    assert "pixel size" not in bare
    assert note.startswith(bare)


def test_one_object_has_no_interval(object_table, image_table):
    sample, _ = pool(object_table([10]), image_table())
    found = about_intervals(resample(sample.image, n_images=1), sample)
    assert found["method"] == "none"


@pytest.mark.parametrize(
    ("uncertainty", "words"),
    [
        ([np.nan, np.nan], "No pixel size states its uncertainty"),
        ([0.013, 0.013], "The pixel size is uncertain by 1.3 %"),
        ([0.02, np.nan], "1 of 2 images states none and counts as exact"),
    ],
)
def test_the_part_of_the_pixel_size_is_told(object_table, image_table, uncertainty, words):
    images = image_table(2, calibration_uncertainty=uncertainty)
    sample, _ = pool(object_table([10, 10]), images)
    found = about_intervals(resample(sample.image, n_images=2), sample)
    assert words in found["note"]


def test_pixels_have_no_uncertain_size(object_table, image_table):
    sample, _ = pool(object_table([9], pixel_size=None), image_table(pixel_size=None))
    found = about_intervals(resample(sample.image, n_images=1), sample)
    assert "pixel size" not in found["note"]


def test_an_object_over_a_third_of_the_frame_is_warned_of(object_table, image_table):
    for diameter, n_warnings in ((300, 0), (400, 1)):
        sample, _ = pool(object_table([10, diameter]), image_table())
        assert len(about_frame(sample)) == n_warnings
    assert "spans 40 % of the frame" in about_frame(sample)[0]
    assert about_frame(pool(object_table([]), image_table())[0]) == []
