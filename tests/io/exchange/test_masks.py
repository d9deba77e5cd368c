import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from segmetry.image import PixelSize
from segmetry.io import read
from segmetry.io.exchange import (
    Annotation,
    read_mask_image,
    write_black_and_white,
    write_label_array,
    write_label_image,
    write_label_png,
)


@pytest.mark.parametrize("seed", range(20))
def test_label_images_come_back_with_their_numbers(tmp_path, random_labels, seed):
    labels = random_labels(seed)
    write_label_image(tmp_path / "a_labels.tif", Annotation("a", labels))
    found = read_mask_image(tmp_path / "a_labels.tif")
    assert found.name == "a_labels"
    assert np.array_equal(found.labels, labels)


def test_many_objects_come_back_in_32_bits(tmp_path, many):
    write_label_image(tmp_path / "a.tif", Annotation("a", many))
    assert tifffile.imread(tmp_path / "a.tif").dtype == np.uint32
    assert np.array_equal(read_mask_image(tmp_path / "a.tif").labels, many)


def test_a_label_image_tells_the_pixel_size(tmp_path, labels):
    size = PixelSize(0.25, 0.25, "um", "typed")
    write_label_image(tmp_path / "a.tif", Annotation("a", labels, pixel_size=size))
    assert read(tmp_path / "a.tif").pixel_size.in_um.x == pytest.approx(0.25)


def test_black_and_white_is_255_in_objects_and_0_elsewhere(tmp_path, labels):
    write_black_and_white(tmp_path / "a.png", Annotation("a", labels))
    with Pillow.open(tmp_path / "a.png") as picture:
        pixels = np.asarray(picture)
    assert pixels.dtype == np.uint8
    assert np.array_equal(pixels, 255 * (labels > 0))


def test_a_mask_without_objects_is_read_as_zeros(tmp_path):
    write_black_and_white(tmp_path / "a.png", Annotation("a", np.zeros((3, 4), int)))
    assert not read_mask_image(tmp_path / "a.png").labels.any()


@pytest.mark.parametrize(
    ("name", "is_named"),
    [("labels.png", True), ("two.png", False), ("colours.png", False)],
)
def test_numbers_that_a_file_does_not_tell_are_unnamed(tmp_path, name, is_named):
    colours = np.zeros((8, 9, 3), np.uint8)
    colours[0, 0], colours[1, 1] = (255, 0, 0), (0, 255, 0)
    pictures = {
        "labels.png": np.array([[0, 3, 9]], np.uint8),
        "two.png": np.array([[1, 0, 1]], np.uint8),
        "colours.png": colours,
    }
    Pillow.fromarray(pictures[name]).save(tmp_path / name)
    found = read_mask_image(tmp_path / name)
    numbers = set() if is_named else set(np.unique(found.labels).tolist())
    assert found.unnamed == numbers


def test_pngs_of_labels_are_opened_as_16_bits_by_others(tmp_path):
    labels = np.array([[0, 7, 65_535]], np.uint32)
    write_label_png(tmp_path / "a_labels.png", Annotation("a", labels))
    found = cv2.imdecode(np.fromfile(tmp_path / "a_labels.png", np.uint8), -1)
    assert found.dtype == np.uint16
    assert np.array_equal(found, labels)


def test_arrays_are_opened_without_a_pickle(tmp_path, labels):
    write_label_array(tmp_path / "a_labels.npy", Annotation("a", labels))
    assert np.array_equal(np.load(tmp_path / "a_labels.npy"), labels)
