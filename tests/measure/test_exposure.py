from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.image import Image, Labels
from segmetry.measure.exposure import exposure_columns, exposure_of
from segmetry.measure.picture_quality import clipped_share, picture_quality


def in_parts(image, inside, side):
    height, width = image.spatial_shape
    parts = []
    for top in range(0, height, side):
        for left in range(0, width, side):
            window = (
                slice(top, min(top + side, height)),
                slice(left, min(left + side, width)),
            )
            excluded = None if image.excluded is None else image.excluded[window]
            part = Image(image.pixels[window], axes=image.axes, excluded=excluded)
            parts.append(exposure_of(part, inside[window], window, (height, width)))
    return exposure_columns(parts, image.pixels.dtype)


@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["uint8", "uint16", "float32"]),
    top=st.sampled_from([255, 1023, 4095, 9999]),
    colours=st.booleans(),
    side=st.integers(5, 90),
)
@settings(max_examples=40, deadline=None)
def test_parts_tell_what_the_whole_picture_tells(seed, kind, top, colours, side):
    rng = np.random.default_rng(seed)
    shape = (
        int(rng.integers(3, 300)),
        int(rng.integers(3, 300)),
        *((3,) if colours else ()),
    )
    pixels = np.clip(rng.normal(top / 2, top, shape), 0, top)
    if kind == "uint8":
        pixels = np.clip(pixels, 0, 255)
    image = Image(pixels.astype(kind), axes="YXC" if colours else "YX")
    inside = rng.random(shape[:2]) > 0.7
    inside[0, 0] = True
    whole = asdict(picture_quality(image)) | {
        "clipped_objects_fraction": clipped_share(Labels(inside.astype(np.uint32), image))
    }
    del whole["edge_blur_px"]
    assert in_parts(image, inside, side) == whole


def test_excluded_pixels_count_for_nothing():
    pixels = np.full((20, 30), 90, np.uint8)
    pixels[:, 20:] = 255
    excluded = pixels == 255
    told = in_parts(Image(pixels, excluded=excluded), pixels == 90, 7)
    assert told["clipped_high_fraction"] == 0
    assert told["brightness"] == 90


def test_without_objects_and_without_a_sample_nothing_is_known():
    image = Image(np.zeros((4, 4), np.uint8), excluded=np.ones((4, 4), bool))
    told = in_parts(image, np.zeros((4, 4), bool), 3)
    assert set(told.values()) == {None}


@pytest.mark.parametrize("value", [255, 1023, 4095])
def test_the_most_that_a_camera_tells_is_found_in_whatever_part_it_lies(value):
    pixels = np.full((10, 10), 7, np.uint16)
    pixels[9, 9] = value
    told = in_parts(Image(pixels), pixels == 7, 4)
    assert told["clipped_high_fraction"] == 0.01
