import struct

import numpy as np
import pytest
import tifffile

from segmetry.errors import ReadError
from segmetry.io import read

STORAGE = {
    "strips": {},
    "tiles": {"tile": (16, 16)},
    "bigtiff": {"bigtiff": True},
    "big-endian": {"byteorder": ">"},
    "deflate": {"compression": "zlib"},
    "deflate with predictor": {"compression": "zlib", "predictor": True},
    "lzw": {"compression": "lzw"},
    "packbits": {"compression": "packbits"},
    "zstd": {"compression": "zstd"},
    "many strips": {"rowsperstrip": 3},
}


@pytest.mark.parametrize("options", STORAGE.values(), ids=STORAGE)
def test_every_way_of_storing_gives_the_same_pixels(as_tiff, ramp, options):
    assert np.array_equal(read(as_tiff(ramp, **options)).pixels, ramp)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colours_come_last(as_tiff, colours, planar):
    pixels = colours if planar == "contig" else np.moveaxis(colours, -1, 0)
    path = as_tiff(pixels, photometric="rgb", planarconfig=planar)
    picture = read(path)
    assert picture.axes == "YXC"
    assert np.array_equal(picture.pixels, colours)


def test_transparency_is_dropped(as_tiff, colours, ramp):
    path = as_tiff(np.dstack([colours, ramp]), photometric="rgb")
    assert np.array_equal(read(path).pixels, colours)


def test_transparency_of_grey_is_dropped(as_tiff, ramp):
    path = as_tiff(
        np.dstack([ramp, 255 - ramp]),
        photometric="minisblack",
        planarconfig="contig",
        extrasamples=["unassalpha"],
    )
    assert np.array_equal(read(path).pixels, ramp)


def test_channels_that_are_no_colours_are_kept(as_tiff, colours, ramp):
    path = as_tiff(
        np.dstack([colours, ramp, 255 - ramp]),
        photometric="minisblack",
        planarconfig="contig",
    )
    assert read(path).pixels.shape == (20, 30, 5)


@pytest.mark.parametrize("kind", ["u1", "u2"])
def test_black_on_white_is_turned_and_noted(as_tiff, ramp, kind):
    path = as_tiff(ramp.astype(kind), photometric="miniswhite")
    picture = read(path)
    assert np.array_equal(picture.pixels, np.iinfo(kind).max - ramp.astype(kind))
    assert "white is stored as 0" in picture.steps[0].options["notes"][0]


@pytest.mark.parametrize("kind", ["f4", "i2"])
def test_black_on_white_without_a_known_range_is_kept_and_noted(as_tiff, ramp, kind):
    picture = read(as_tiff(ramp.astype(kind), photometric="miniswhite"))
    assert np.array_equal(picture.pixels, ramp)
    assert "kept so" in picture.steps[0].options["notes"][0]


def test_a_colour_table_of_16_bits_is_applied(as_tiff):
    table = np.zeros((3, 256), np.uint16)
    table[:, 7] = 0x1234, 0xFFFF, 0x00FF
    path = as_tiff(np.full((2, 2), 7, "u1"), photometric="palette", colormap=table)
    assert read(path).pixels[0, 0].tolist() == [0x12, 0xFF, 0]


def test_a_colour_table_of_8_bits_is_applied_too(as_tiff):
    table = np.zeros((3, 256), np.uint16)
    table[:, 7] = 12, 250, 3
    path = as_tiff(np.full((2, 2), 7, "u1"), photometric="palette", colormap=table)
    assert read(path).pixels[0, 0].tolist() == [12, 250, 3]


def test_a_grey_colour_table_gives_grey(as_tiff, ramp):
    table = np.stack([np.arange(256, dtype=np.uint16)[::-1] * 257] * 3)
    picture = read(as_tiff(ramp, photometric="palette", colormap=table))
    assert picture.axes == "YX"
    assert np.array_equal(picture.pixels, 255 - ramp)


def test_printing_inks_are_refused_in_one_sentence(as_tiff, colours, ramp):
    path = as_tiff(np.dstack([colours, ramp]), photometric="separated")
    with pytest.raises(ReadError, match=r"stores printing inks \(CMYK\)"):
        read(path)


@pytest.mark.parametrize("photometric", ["cielab", "ycbcr"])
def test_colours_of_rare_kinds_are_refused(as_tiff, colours, photometric):
    path = as_tiff(colours, photometric="rgb")
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tif:
        at = tif.pages.first.tags["PhotometricInterpretation"].valueoffset
    content[at] = tifffile.PHOTOMETRIC[photometric.upper()]
    path.write_bytes(content)
    with pytest.raises(ReadError, match=f"of the kind {photometric.upper()}"):
        read(path)


def test_colours_packed_as_jpeg_are_read(as_tiff):
    smooth = np.add.outer(np.arange(40), np.arange(56)).astype(np.uint8)
    colours = np.dstack([smooth, 255 - smooth, smooth // 2])
    path = as_tiff(colours, photometric="rgb", compression="jpeg")
    assert np.abs(read(path).pixels.astype(int) - colours).max() < 12


def test_pages_of_one_shape_are_slices(as_tiff, ramp):
    stack = np.stack([ramp, ramp // 2, ramp // 3, ramp // 4, ramp // 5])
    path = as_tiff(stack)
    picture = read(path)
    assert picture.axes == "ZYX"
    assert np.array_equal(picture.pixels, stack)
    for page in range(5):
        assert np.array_equal(read(path, page=page).pixels, stack[page])
    with pytest.raises(ReadError, match="pages 0 to 4, so there is no page 5"):
        read(path, page=5)


def test_slices_of_colours_are_read(as_tiff, colours):
    stack = np.stack([colours, colours // 2])
    picture = read(as_tiff(stack, photometric="rgb"))
    assert picture.axes == "ZYXC"
    assert np.array_equal(picture.pixels, stack)


def test_of_pages_of_different_shapes_the_first_is_read_and_noted(tmp_path, ramp, colours):
    path = tmp_path / "mixed.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(ramp)
        writer.write(ramp[:9])
        writer.write(colours, photometric="rgb")
    picture = read(path)
    assert np.array_equal(picture.pixels, ramp)
    note = "the 3 pages have different shapes: the first is read"
    assert picture.steps[0].options["notes"] == [note]
    assert np.array_equal(read(path, page=1).pixels, ramp[:9])
    assert np.array_equal(read(path, page=2).pixels, colours)
    with pytest.raises(ReadError, match="pages 0 to 2, so there is no page -1"):
        read(path, page=-1)


def test_a_small_preview_is_no_second_picture(tmp_path, ramp):
    path = tmp_path / "preview.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(ramp, metadata=None)
        writer.write(ramp[::2, ::2], subfiletype=1, metadata=None)
    picture = read(path)
    assert np.array_equal(picture.pixels, ramp)
    assert "notes" not in picture.steps[0].options


def test_a_file_of_previews_only_is_still_read(tmp_path, ramp):
    path = tmp_path / "preview.tif"
    tifffile.imwrite(path, ramp, subfiletype=1, metadata=None)
    assert np.array_equal(read(path).pixels, ramp)


def test_of_a_pyramid_the_full_size_is_read(tmp_path, ramp):
    large = np.tile(ramp, (4, 4))
    path = tmp_path / "pyramid.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(large, subifds=1, tile=(16, 16))
        writer.write(large[::2, ::2], subfiletype=1, tile=(16, 16))
    assert np.array_equal(read(path).pixels, large)


def test_ome_axes_are_understood(as_tiff):
    values = np.arange(2 * 3 * 2 * 8 * 9).reshape(2, 3, 2, 8, 9).astype(np.uint16)
    path = as_tiff(values, ome=True, metadata={"axes": "TZCYX"})
    picture = read(path)
    assert picture.axes == "ZYXC"
    assert np.array_equal(picture.pixels, np.moveaxis(values[0], 1, -1))
    assert picture.steps[0].options["notes"] == ["the first of 2 along T is read"]
    assert np.array_equal(read(path, page=7).pixels, values[1, 0, 1])


def test_of_several_ome_pictures_the_first_is_read(tmp_path, ramp):
    path = tmp_path / "two.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(ramp, metadata={"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5})
        writer.write(ramp[:9])
    picture = read(path)
    assert np.array_equal(picture.pixels, ramp)
    assert "the first of 2 pictures is read" in picture.steps[0].options["notes"]


def test_ome_planes_in_other_files_are_refused(as_tiff, ramp):
    path = as_tiff(np.stack([ramp] * 3), ome=True, metadata={"axes": "ZYX"})
    content = path.read_bytes()
    assert content.count(b'SizeZ="3"') == 1
    path.write_bytes(content.replace(b'SizeZ="3"', b'SizeZ="9"'))
    with pytest.raises(ReadError, match="planes in other files"):
        read(path)


def test_a_large_imagej_stack_that_has_one_header_is_read(tmp_path, ramp):
    stack = np.stack([ramp, 255 - ramp, ramp // 2])
    path = tmp_path / "stack.tif"
    description = "ImageJ=1.54f\nimages=3\nslices=3\n"
    tifffile.imwrite(path, stack[0], description=description, metadata=None)
    with tifffile.TiffFile(path) as tif:
        end = tif.pages.first.dataoffsets[0] + ramp.size
    path.write_bytes(path.read_bytes()[:end] + stack[1:].tobytes())
    picture = read(path)
    assert picture.axes == "ZYX"
    assert np.array_equal(picture.pixels, stack)


def test_seven_dimensions_are_refused_until_a_plane_is_chosen(as_tiff):
    values = np.arange(32 * 8 * 9, dtype=np.uint16).reshape(2, 2, 2, 2, 2, 8, 9)
    path = as_tiff(values)
    with pytest.raises(ReadError, match=r"has 7 dimensions \(2 x 2 x 2 x 2 x 2 planes\)"):
        read(path)
    assert np.array_equal(read(path, page=5).pixels, values[0, 0, 1, 0, 1])


def test_pages_in_a_circle_are_refused_at_once(as_tiff, ramp):
    path = as_tiff(np.stack([ramp, ramp]), metadata=None)
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tif:
        first, second = (page.offset for page in tif.pages)
    n_entries = struct.unpack_from("<H", content, second)[0]
    struct.pack_into("<I", content, second + 2 + 12 * n_entries, first)
    path.write_bytes(content)
    with pytest.raises(ReadError, match="lead round in a circle"):
        read(path)


def test_a_page_that_follows_itself_is_refused(as_tiff, ramp):
    path = as_tiff(ramp, bigtiff=True)
    content = bytearray(path.read_bytes())
    first = struct.unpack_from("<Q", content, 8)[0]
    n_entries = struct.unpack_from("<Q", content, first)[0]
    struct.pack_into("<Q", content, first + 8 + 20 * n_entries, first)
    path.write_bytes(content)
    with pytest.raises(ReadError, match="lead round in a circle"):
        read(path)


def test_a_file_without_a_page_is_refused(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"II*\0" + bytes(20))
    with pytest.raises(ReadError, match="without a page"):
        read(tmp_path / "a.tif")


@pytest.mark.parametrize("options", [{}, {"bigtiff": True}, {"compression": "zlib"}])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_off_is_refused(as_tiff, options, keep):
    rng = np.random.default_rng(0)
    path = as_tiff(rng.integers(0, 256, (60, 70), dtype=np.uint8), **options)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(ReadError, match="cut off"):
        read(path)


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16)}])
def test_a_huge_header_on_a_small_file_is_refused(as_tiff, ramp, options):
    path = as_tiff(ramp, metadata=None, **options)
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tif:
        tags = tif.pages.first.tags
        places = [tags[name].valueoffset for name in ("ImageWidth", "ImageLength")]
    for at in places:
        struct.pack_into("<I", content, at, 60_000)
    path.write_bytes(content)
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(path)


def test_a_damaged_colour_table_is_refused(as_tiff, ramp):
    path = as_tiff(ramp, photometric="palette", colormap=np.ones((3, 256), np.uint16))
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tif:
        entry = tif.pages.first.tags["ColorMap"].offset
    struct.pack_into("<I", content, entry + 4, 7)
    path.write_bytes(content)
    with pytest.raises(ReadError):
        read(path)


@pytest.mark.parametrize("n_pages", [1, 40])
def test_the_size_of_the_file_does_not_change_what_a_page_is(as_tiff, ramp, n_pages):
    stack = np.stack([np.roll(ramp, n) for n in range(n_pages)])
    path = as_tiff(stack, metadata=None)
    assert np.array_equal(read(path, page=n_pages - 1).pixels, stack[-1])
