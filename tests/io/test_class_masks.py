import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image as PillowImage

from segmetry.errors import MaskError
from segmetry.io import write_png
from segmetry.io.class_masks import find_coding, read_class_map

NUMBERS = np.uint8([[0, 1, 2, 2], [255, 1, 0, 2]] * 4)
COLORS = np.uint8([(0, 0, 0), (10, 200, 30), (250, 20, 20)])


def save(path, pixels):
    write_png(path, np.ascontiguousarray(pixels))
    return path


def in_table(path, numbers, table):
    """Save numbers as a PNG picture with a colour table."""
    picture = PillowImage.fromarray(numbers, "P")
    picture.putpalette(np.uint8(table).ravel().tolist())
    picture.save(path)
    return path


def test_numbers_in_grey_and_in_colour_tables_are_classes(tmp_path):
    table = np.zeros((256, 3), np.uint8)
    table[:3], table[255] = COLORS, 255
    for path in (
        save(tmp_path / "grey.png", NUMBERS),
        in_table(tmp_path / "table.png", NUMBERS, table),
        save(tmp_path / "grey_as_rgb.png", np.repeat(NUMBERS[..., None], 3, axis=2)),
    ):
        coding = find_coding([path])
        assert (coding.colors, coding.highest) == ((), 2)
        found = read_class_map(path, coding)
        assert found.dtype == np.uint8
        assert np.array_equal(found, NUMBERS)


def test_numbers_of_16_bits_and_volumes_are_read(tmp_path):
    volume = np.stack([NUMBERS, NUMBERS[::-1]]).astype(np.uint16)
    how = {"metadata": {"axes": "ZYX"}, "photometric": "minisblack"}
    tifffile.imwrite(tmp_path / "volume.tif", volume, **how)
    assert np.array_equal(read_class_map(tmp_path / "volume.tif"), volume)


@settings(max_examples=20, deadline=None)
@given(maps=st.lists(hnp.arrays(np.uint8, (6, 8), elements=st.integers(0, 2)), min_size=2))
def test_a_colour_is_one_class_in_all_files(maps, tmp_path_factory):
    folder = tmp_path_factory.mktemp("colours")
    paths = [save(folder / f"{k}.png", COLORS[one]) for k, one in enumerate(maps)]
    coding = find_coding(paths)
    used = sorted(set(np.concatenate([np.unique(one) for one in maps]).tolist()) - {0})
    if not used:
        return
    assert coding.colors == tuple(tuple(COLORS[k].tolist()) for k in used)
    for path, one in zip(paths, maps, strict=True):
        wanted = np.searchsorted([0, *used], one)
        assert np.array_equal(read_class_map(path, coding), wanted)


def test_a_colour_that_the_set_lacks_is_told(tmp_path):
    first = save(tmp_path / "a.png", COLORS[[[0, 1]]])
    other = save(tmp_path / "b.png", COLORS[[[0, 2]]])
    with pytest.raises(MaskError, match=r"b\.png has the colour \(250, 20, 20\)"):
        read_class_map(other, find_coding([first]))


def test_files_that_tell_classes_in_two_ways_are_refused(tmp_path):
    paths = [save(tmp_path / "a.png", COLORS[[[0, 1]]]), save(tmp_path / "b.png", NUMBERS)]
    with pytest.raises(MaskError, match=r"a\.png tells classes by colours and b\.png"):
        find_coding(paths)
    with pytest.raises(MaskError, match=r"b\.png has the colour \(1, 1, 1\)"):
        read_class_map(paths[1], find_coding(paths[:1]))


def test_colour_tables_that_differ_are_refused(tmp_path):
    table = np.zeros((256, 3), np.uint8)
    table[:3], table[255] = COLORS, 255
    one = in_table(tmp_path / "a.png", NUMBERS, table)
    other = in_table(tmp_path / "b.png", NUMBERS, table[[0, 2, 1, *range(3, 256)]])
    assert find_coding([one, one]).highest == 2
    with pytest.raises(MaskError, match="the number 1 different colours"):
        find_coding([one, other])


def test_a_mask_of_objects_is_no_class_map(tmp_path):
    path = save(tmp_path / "mask.png", np.where(NUMBERS > 1, np.uint8(255), np.uint8(0)))
    with pytest.raises(MaskError, match="nothing but 0 and 255.*--task pixels"):
        find_coding([path])
    # Beside a file with classes, it is one in which nothing else is known.
    both = find_coding([path, save(tmp_path / "classes.png", NUMBERS)])
    assert set(np.unique(read_class_map(path, both))) == {0, 255}


def test_a_photograph_is_no_class_map(tmp_path):
    rng = np.random.default_rng(0)
    path = save(tmp_path / "photo.png", rng.integers(0, 256, (60, 60, 3), np.uint8))
    with pytest.raises(MaskError, match=r"3,\d+ colours; a class map has at most 64"):
        find_coding([path])


def test_numbers_beyond_a_byte_are_no_classes(tmp_path):
    tifffile.imwrite(tmp_path / "labels.tif", NUMBERS.astype(np.uint16) + 300)
    with pytest.raises(MaskError, match="holds the number 555; a class map has classes"):
        find_coding([tmp_path / "labels.tif"])


def test_colours_are_not_read_as_numbers(tmp_path):
    path = save(tmp_path / "colours.png", COLORS[np.minimum(NUMBERS, 2)])
    numbers = find_coding([save(tmp_path / "numbers.png", NUMBERS)])
    with pytest.raises(MaskError, match="by colours, and the others of its set by numbers"):
        read_class_map(path, numbers)
