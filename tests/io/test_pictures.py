import json
import time

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import WriteError
from segmetry.image import ClassMap, Image, Labels, PixelSize
from segmetry.io import (
    read,
    read_classes,
    read_labels,
    write_class_map,
    write_labels,
    write_picture,
    write_png,
    write_probability,
)

TYPED = PixelSize(y=0.02, x=0.0123, unit="um", source="typed")


@given(
    seed=st.integers(0, 2**32 - 1),
    largest=st.sampled_from([1, 2, 255, 65_535, 65_536, 2**32 - 1]),
)
@settings(max_examples=40)
def test_labels_come_back_as_they_were(tmp_path_factory, seed, largest):
    labels = np.random.default_rng(seed).integers(0, largest, (9, 11), endpoint=True)
    labels[0, 0] = largest
    path = tmp_path_factory.mktemp("labels") / "labels.tif"
    write_labels(path, labels)
    assert np.array_equal(read_labels(path), labels)


@pytest.mark.parametrize(("largest", "kind"), [(65_535, np.uint16), (65_536, np.uint32)])
def test_labels_take_16_bits_while_they_fit(tmp_path, largest, kind):
    write_labels(tmp_path / "a.tif", np.array([[0, largest]]))
    assert tifffile.imread(tmp_path / "a.tif").dtype == kind


def test_labels_without_an_object_are_written(tmp_path):
    write_labels(tmp_path / "a.tif", np.zeros((4, 5), np.uint32))
    assert not read_labels(tmp_path / "a.tif", allow_empty=True).any()


@pytest.mark.slow
def test_the_same_labels_give_the_same_bytes_at_any_time(tmp_path):
    labels = np.arange(600).reshape(20, 30)
    write_labels(tmp_path / "a.tif", labels, pixel_size=TYPED)
    time.sleep(1.1)  # time stamps in TIFF count seconds
    write_labels(tmp_path / "b.tif", labels, pixel_size=TYPED)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_labels_are_compressed(tmp_path):
    write_labels(tmp_path / "a.tif", np.zeros((1000, 1000), np.uint32))
    assert (tmp_path / "a.tif").stat().st_size < 20_000


def test_labels_bring_the_pixel_size_of_their_picture(tmp_path):
    picture = Image(np.zeros((20, 30), np.uint8), pixel_size=TYPED)
    labels = np.arange(600, dtype=np.uint32).reshape(20, 30)
    write_labels(tmp_path / "a.tif", Labels(labels, picture))
    found = read(tmp_path / "a.tif").pixel_size
    assert (found.y, found.x, found.unit, found.source) == (0.02, 0.0123, "um", "imagej")


@given(
    exponent=st.floats(-6, 4),
    ratio=st.floats(0.5, 2),
    unit=st.sampled_from(["pm", "nm", "um", "mm"]),
)
@settings(max_examples=60)
def test_the_pixel_size_survives_writing(tmp_path_factory, exponent, ratio, unit):
    size = PixelSize(
        y=10**exponent, x=ratio * 10**exponent, unit=unit, source="typed"
    ).in_um
    if not 1e-6 < size.x < 1e5:
        return
    path = tmp_path_factory.mktemp("size") / "a.tif"
    write_labels(path, np.eye(5, dtype=int), pixel_size=size)
    found = read(path).pixel_size.in_um
    assert found.x == pytest.approx(size.x, rel=1e-5)
    assert found.y == pytest.approx(size.y, rel=1e-5)


def test_labels_of_a_volume_keep_the_distance_of_slices(tmp_path):
    size = PixelSize(y=0.2, x=0.2, z=0.5, unit="mm", source="dicom")
    labels = np.arange(24).reshape(2, 3, 4)
    write_labels(tmp_path / "a.tif", labels, pixel_size=size)
    found = read(tmp_path / "a.tif")
    assert found.axes == "ZYX"
    assert found.pixel_size.z == pytest.approx(500)
    assert np.array_equal(read_labels(tmp_path / "a.tif"), labels)


@pytest.mark.parametrize("width", [1e-300, 1e-12, 1e12, 1e300])
def test_a_pixel_size_that_no_file_can_tell_is_left_out(tmp_path, width):
    size = PixelSize(y=width, x=width, unit="um", source="typed")
    data = np.eye(3, dtype=np.uint32)
    write_labels(tmp_path / "a.tif", data, pixel_size=size)
    assert np.array_equal(read_labels(tmp_path / "a.tif"), data)
    assert read(tmp_path / "a.tif").pixel_size is None


def test_labels_of_unknown_pixel_size_stay_unknown(tmp_path):
    write_labels(tmp_path / "a.tif", np.eye(5, dtype=int))
    assert read(tmp_path / "a.tif").pixel_size is None


def test_probabilities_are_float32(tmp_path):
    rng = np.random.default_rng(0)
    foreground = rng.random((20, 30), dtype=np.float32)
    write_probability(tmp_path / "a.tif", foreground, pixel_size=TYPED)
    picture = read(tmp_path / "a.tif")
    assert picture.pixels.dtype == np.float32
    assert np.array_equal(picture.pixels, foreground)
    assert picture.pixel_size.x == pytest.approx(0.0123)


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3), (1, 1)])
def test_pictures_come_back_as_they_were(tmp_path, shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    write_png(tmp_path / "a.png", pixels)
    assert np.array_equal(read(tmp_path / "a.png").pixels, pixels)


def test_a_cut_out_of_a_picture_is_written(tmp_path, ramp):
    write_png(tmp_path / "a.png", ramp[::2, ::3])
    assert np.array_equal(read(tmp_path / "a.png").pixels, ramp[::2, ::3])


def test_pictures_of_16_bits_are_a_mistake_of_the_program(tmp_path):
    with pytest.raises(ValueError, match="must be uint8, got uint16"):
        write_png(tmp_path / "a.png", np.zeros((4, 4), np.uint16))


@pytest.mark.parametrize("write", [write_labels, write_probability, write_png])
def test_a_missing_folder_is_one_sentence(tmp_path, write):
    with pytest.raises(WriteError, match="its folder does not exist"):
        write(tmp_path / "gone" / "a.tif", np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "f4", "f8", "?"])
@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 3), (7, 9, 2), (7, 9, 5)])
def test_pictures_are_written_with_all_their_values(tmp_path, dtype, shape):
    values = np.random.default_rng(0).integers(0, 2 if dtype == "?" else 120, shape)
    axes = "YX" if len(shape) == 2 else "YXC"
    picture = Image(values.astype(dtype), axes=axes, pixel_size=TYPED)
    write_picture(tmp_path / "a.tif", picture)
    again = read(tmp_path / "a.tif")
    assert again.axes == axes
    assert np.array_equal(again.pixels, picture.pixels)
    found = again.pixel_size.in_um
    assert (found.y, found.x) == pytest.approx((0.02, 0.0123))


def test_a_picture_of_unknown_pixel_size_stays_one(tmp_path):
    write_picture(tmp_path / "a.tif", Image(np.zeros((4, 5), np.uint8)))
    assert read(tmp_path / "a.tif").pixel_size is None


def test_a_stack_is_no_picture(tmp_path):
    with pytest.raises(ValueError, match="axes YX or YXC, got ZYX"):
        write_picture(tmp_path / "a.tif", Image(np.zeros((2, 4, 5)), axes="ZYX"))


@pytest.mark.parametrize("shape", [(5, 7), (3, 5, 7)])
def test_class_maps_come_back_with_their_numbers_names_and_colours(tmp_path, shape):
    data = np.random.default_rng(3).choice(np.uint8([0, 1, 2, 255]), shape)
    image = Image(
        np.zeros(shape, np.uint8),
        axes="YX" if len(shape) == 2 else "ZYX",
        pixel_size=PixelSize(2, 2, "um", "typed", z=4 if len(shape) == 3 else None),
    )
    colors = [(1, 2, 3), (255, 150, 0), (50, 180, 255)]
    classes = ClassMap(data, image, ("ground", "α-Fe", "pore"))
    write_class_map(tmp_path / "classes.tif", classes, colors=colors)
    assert np.array_equal(read_classes(tmp_path / "classes.tif"), data)
    with tifffile.TiffFile(tmp_path / "classes.tif") as tif:
        page = tif.pages.first
        told, table = page.description, page.colormap
    assert (table[:, [0, 1, 2, 255]] // 257).T.tolist() == [
        *(list(color) for color in colors),
        [128] * 3,
    ]
    names = next(line for line in told.splitlines() if line.startswith("classes="))
    assert json.loads(names.removeprefix("classes="))["1"] == "α-Fe"
    assert read(tmp_path / "classes.tif").pixel_size.in_um.x == 2


def test_each_class_needs_a_colour(tmp_path):
    data = np.zeros((2, 2), np.uint8)
    classes = ClassMap(data, Image(data), ("ground", "pore"))
    with pytest.raises(ValueError, match="each class needs a colour, got 1 for 2"):
        write_class_map(tmp_path / "classes.tif", classes, colors=[(0, 0, 0)])
