import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from segmetry.errors import MaskError, ReadError
from segmetry.io import read_classes, read_labels, write_labels

# Two objects: a square, and two pixels that touch at a corner only.
MASK = np.zeros((8, 9), bool)
MASK[1:4, 1:4] = True
MASK[6, 6] = MASK[5, 7] = True
TWO = np.zeros((8, 9), np.uint32)
TWO[1:4, 1:4] = 1
TWO[6, 6] = TWO[5, 7] = 2
# Label images have several labels, with gaps, and parts that touch.
LABELS = np.array([[0, 3, 3, 7], [9, 9, 0, 7], [0, 0, 200, 3]])


@pytest.mark.parametrize("white", [1, 255, 128])
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i4", "f4"])
def test_a_mask_of_any_two_values_becomes_numbered_objects(as_tiff, white, kind):
    path = as_tiff(MASK.astype(kind) * np.dtype(kind).type(white))
    found = read_labels(path)
    assert found.dtype == np.uint32
    assert np.array_equal(found, TWO)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_a_mask_of_one_bit_is_read(as_picture, ending):
    assert np.array_equal(read_labels(as_picture(MASK, f"a.{ending}")), TWO)


def test_booleans_that_python_wrote_keep_their_meaning(as_tiff):
    # tifffile declares them black on white, other programs show them inverted.
    assert np.array_equal(read_labels(as_tiff(MASK)), TWO)


def test_a_scan_that_is_black_on_white_is_turned(as_tiff):
    path = as_tiff(MASK, photometric="miniswhite", software="scanner")
    assert np.array_equal(read_labels(path) > 0, ~MASK)


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i2", "i4", "f4", "f8"])
def test_label_images_keep_their_numbers(as_tiff, kind):
    assert np.array_equal(read_labels(as_tiff(LABELS.astype(kind))), LABELS)


def test_numbers_over_65535_are_kept(as_tiff):
    labels = LABELS.astype(np.uint32) * 20_000
    assert np.array_equal(read_labels(as_tiff(labels)), labels)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_grey_labels_in_three_channels_are_read(as_picture, ending):
    grey = np.stack([LABELS.astype(np.uint8)] * 3, axis=-1)
    assert np.array_equal(read_labels(as_picture(grey, f"a.{ending}")), LABELS)


def test_transparency_does_not_matter(as_picture):
    layers = [LABELS.astype(np.uint8)] * 3 + [np.full(LABELS.shape, 255, np.uint8)]
    assert np.array_equal(read_labels(as_picture(np.stack(layers, -1), "a.png")), LABELS)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_numbers_of_a_colour_table_are_the_labels(tmp_path, ending):
    picture = Pillow.fromarray(LABELS.astype(np.uint8))
    rng = np.random.default_rng(0)
    table = rng.integers(1, 256, (256, 3))
    table[0] = 0
    picture.putpalette(table.ravel().tolist())
    picture.save(tmp_path / f"a.{ending}")
    assert np.array_equal(read_labels(tmp_path / f"a.{ending}"), LABELS)


def test_the_black_entry_of_a_colour_table_is_background(tmp_path):
    # White is entry 0 here and black entry 1, as programs that sort by frequency write it.
    picture = Pillow.fromarray((~MASK).astype(np.uint8))
    picture.putpalette([255, 255, 255, 0, 0, 0])
    picture.save(tmp_path / "a.png")
    assert np.array_equal(read_labels(tmp_path / "a.png"), TWO)


def test_each_colour_of_a_coloured_picture_is_one_label(as_picture):
    colours = np.zeros((4, 6, 3), np.uint8)
    colours[0, :2] = 255, 0, 0
    colours[2:, 3:] = 0, 0, 255
    colours[3, 0] = 0, 255, 0
    found = read_labels(as_picture(colours, "a.png"))
    assert np.unique(found).tolist() == [0, 1, 2, 3]
    assert found[0, 0] == found[0, 1] == 3  # order of red, green, blue
    assert found[3, 0] == 2


def test_one_colour_on_black_is_a_mask(as_picture):
    red = np.zeros((*MASK.shape, 3), np.uint8)
    red[MASK] = 255, 0, 0
    assert np.array_equal(read_labels(as_picture(red, "a.png")), TWO)


def test_an_inverted_mask_is_read_with_the_option(as_tiff):
    path = as_tiff((~MASK).astype(np.uint8) * np.uint8(255))
    assert np.array_equal(read_labels(path, invert=True), TWO)


@given(st.integers(0, 2**32 - 1))
def test_inverting_twice_changes_nothing(seed):
    mask = np.random.default_rng(seed).random((12, 15)) < 0.4
    numbers = mask.astype(np.uint8)
    with TemporaryDirectory() as folder:
        path, other = Path(folder, "a.tif"), Path(folder, "b.tif")
        tifffile.imwrite(path, numbers)
        tifffile.imwrite(other, 1 - numbers)
        options = {"allow_empty": True}
        assert np.array_equal(
            read_labels(path, **options), read_labels(other, invert=True, **options)
        )
        assert np.array_equal(read_labels(path, **options) > 0, mask)


def test_objects_that_touch_by_a_corner_are_one(as_tiff):
    corner = np.eye(5, dtype=np.uint8)
    assert read_labels(as_tiff(corner)).max() == 1


def test_a_lone_object_keeps_its_number(as_tiff):
    alone = np.zeros((5, 6), np.uint16)
    alone[2, 2:4] = 7
    assert np.array_equal(read_labels(as_tiff(alone)), alone)


def test_white_is_no_number_of_a_lone_object(as_tiff):
    alone = np.zeros((5, 6), np.uint8)
    alone[2, 2:4] = 255
    assert read_labels(as_tiff(alone)).max() == 1


def test_a_file_that_says_it_holds_labels_is_not_guessed_at(tmp_path):
    apart = MASK.astype(np.uint32) * 4  # one label in two parts
    write_labels(tmp_path / "a.tif", apart)
    assert np.array_equal(read_labels(tmp_path / "a.tif"), apart)


def test_volumes_are_read(as_tiff):
    volume = np.zeros((3, 5, 6), np.uint8)
    volume[0, 1, 1] = volume[1, 2, 2] = 255  # touch by a corner through the slices
    volume[2, 4, 5] = 255
    found = read_labels(as_tiff(volume, photometric="minisblack"))
    assert found.shape == (3, 5, 6)
    assert found.max() == 2


@pytest.mark.parametrize("kind", ["?", "u1", "i8", "u8", "f8"])
def test_npy_files_are_read(as_npy, kind):
    assert np.array_equal(read_labels(as_npy(MASK.astype(kind))), TWO)


def test_an_empty_mask_is_refused_unless_allowed(as_tiff):
    path = as_tiff(np.zeros((5, 6), np.uint8))
    with pytest.raises(MaskError, match="marks no object"):
        read_labels(path)
    found = read_labels(path, allow_empty=True)
    assert found.shape == (5, 6)
    assert not found.any()


def test_a_full_mask_inverted_is_empty(as_tiff):
    path = as_tiff(np.full((5, 6), 255, np.uint8))
    assert read_labels(path).max() == 1
    with pytest.raises(MaskError, match="marks no object"):
        read_labels(path, invert=True)


def test_an_empty_mask_inverted_is_one_object(as_tiff):
    path = as_tiff(np.zeros((5, 6), np.uint8))
    assert (read_labels(path, invert=True) == 1).all()


@pytest.mark.parametrize("value", [0.5, np.nan, np.inf])
def test_what_is_no_whole_number_is_refused(as_tiff, value):
    labels = LABELS.astype(np.float32)
    labels[0, 0] = value
    with pytest.raises(MaskError, match="holds fractions"):
        read_labels(as_tiff(labels))


def test_complex_numbers_are_no_labels(as_npy):
    with pytest.raises(MaskError, match="complex128"):
        read_labels(as_npy(LABELS.astype(complex)))


@pytest.mark.parametrize("value", [-1, 2**32])
def test_numbers_that_labels_cannot_be_are_refused(as_npy, value):
    labels = LABELS.astype(np.int64)
    labels[1, 1] = value
    with pytest.raises(MaskError, match="labels are 0 to 4294967295"):
        read_labels(as_npy(labels))


def test_only_masks_can_be_inverted(as_tiff, tmp_path):
    with pytest.raises(MaskError, match="only masks of two values"):
        read_labels(as_tiff(LABELS.astype(np.uint8)), invert=True)
    write_labels(tmp_path / "ours.tif", TWO)
    with pytest.raises(MaskError, match="only masks of two values"):
        read_labels(tmp_path / "ours.tif", invert=True)


def test_a_mask_with_blurred_edges_is_refused(as_tiff):
    disc = np.hypot(*np.mgrid[-30:31, -30:31])
    blurred = np.clip((20 - disc) * 99 + 128, 0, 255).astype(np.uint8)
    with pytest.raises(MaskError, match="blurred edges"):
        read_labels(as_tiff(blurred))


def test_255_labels_of_equal_size_are_no_blur(as_tiff):
    labels = np.kron(np.arange(256).reshape(16, 16), np.ones((3, 3), int))
    assert np.array_equal(read_labels(as_tiff(labels.astype(np.uint8))), labels)


def test_a_mask_saved_as_jpeg_is_cut_at_half_of_white(as_picture):
    mask = np.zeros((64, 64), np.uint8)
    mask[8:24, 8:24] = mask[40:56, 40:56] = 255
    found = read_labels(as_picture(mask, "a.jpg", quality=90))
    assert found.max() == 2
    assert np.array_equal(found > 0, mask > 0)


def test_labels_saved_as_jpeg_are_lost_and_refused(as_picture):
    labels = np.kron(np.arange(16).reshape(4, 4) * 16, np.ones((16, 16), int))
    with pytest.raises(MaskError, match="JPEG file, which changes numbers"):
        read_labels(as_picture(labels.astype(np.uint8), "a.jpg"))


def test_a_photograph_is_no_mask(as_picture, colours):
    with pytest.raises(MaskError, match="photograph"):
        read_labels(as_picture(colours, "a.png"))


def test_a_grey_photograph_is_no_mask_and_the_error_says_what_to_do(as_picture):
    y, x = np.mgrid[:80, :90]
    waves = (120 + 60 * np.sin(x / 9) * np.cos(y / 7) + 20 * np.sin(x * y)).astype(np.uint8)
    with pytest.raises(MaskError) as caught:
        read_labels(as_picture(waves, "a.png"))
    said = str(caught.value)
    assert said.startswith("a.png was expected to be a mask, with one number")
    assert "it is a photograph (" in said
    assert said.endswith("name the file or folder of the masks")
    with pytest.raises(MaskError, match="it is a photograph"):
        read_classes(as_picture(waves, "a.png"))


def test_channels_that_are_no_colours_are_no_labels(as_tiff):
    path = as_tiff(
        np.stack([LABELS.astype(np.uint8), 1 + LABELS.astype(np.uint8)]),
        imagej=True,
        metadata={"axes": "CYX"},
    )
    with pytest.raises(MaskError, match="has 2 channels"):
        read_labels(path)


def test_a_broken_file_is_no_mask_error_but_a_reading_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    with pytest.raises(ReadError):
        read_labels(tmp_path / "a.png")


@pytest.mark.parametrize("seed", range(20))
def test_the_objects_of_a_mask_cover_exactly_the_mask(as_tiff, seed):
    rng = np.random.default_rng(seed)
    mask = rng.random((30, 40)) < rng.uniform(0.1, 0.9)
    labels = read_labels(as_tiff(mask.astype(np.uint8)))
    assert np.array_equal(labels > 0, mask)
    assert np.array_equal(np.unique(labels[mask]), np.arange(1, labels.max() + 1))
    # Every pixel has the number of its neighbours, corners included.
    for down, right in ((0, 1), (1, 0), (1, 1)):
        here, there = labels[: 30 - down, : 40 - right], labels[down:, right:]
        both = (here > 0) & (there > 0)
        assert np.array_equal(here[both], there[both])


def counted(path):
    return len(np.unique(read_labels(path))) - 1


@pytest.mark.parametrize(
    ("name", "key", "column"),
    [("emps", "id", "instances"), ("dsb2018", "file", "nuclei")],
)
@pytest.mark.parametrize("part", ["train", "test"])
@pytest.mark.slow
def test_published_counts_are_found_in_real_masks(data, name, key, column, part):
    with data(f"{name}/{part}.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        stem = row[key].removesuffix(".png")
        path = data(f"{name}/{part}/masks/{stem}.png")
        assert counted(path) == int(row[column]), path.name


@pytest.mark.parametrize(
    ("name", "n_objects"),
    [("ampis_powder", 1360), ("usiigaci_phase", 311), ("fluocells", 58 + 188)],
)
def test_all_objects_of_a_real_set_are_found(data, name, n_objects):
    paths = data(name).glob("*/masks/*")
    assert sum(counted(path) for path in paths) == n_objects


def test_real_masks_of_0_and_255_become_objects(data):
    for path in data("saemi_sem/test/masks").glob("*.png"):
        labels = read_labels(path)
        white = np.asarray(Pillow.open(path)) == 255
        assert np.array_equal(labels > 0, white)
        assert labels.max() >= 1


@pytest.mark.parametrize("kind", ["u1", "u2", "i4", "f4"])
def test_classes_keep_their_numbers_however_many_pieces_they_have(as_tiff, kind):
    path = as_tiff((MASK * 7).astype(kind))
    found = read_classes(path)
    assert found.dtype == np.uint32
    assert np.array_equal(found, MASK * 7)
    assert read_labels(path).max() == 2


def test_classes_may_be_entries_of_a_colour_table(tmp_path):
    picture = Pillow.fromarray(LABELS.astype(np.uint8), mode="P")
    picture.putpalette([value for grey in range(256) for value in (grey, 0, 255 - grey)])
    picture.save(tmp_path / "table.png")
    assert np.array_equal(read_classes(tmp_path / "table.png"), LABELS)


def test_classes_in_colour_are_refused(tmp_path):
    Pillow.new("RGB", (4, 5), (9, 0, 0)).save(tmp_path / "red.png")
    with pytest.raises(MaskError, match=r"red.png is in colour, .* save the numbers"):
        read_classes(tmp_path / "red.png")
