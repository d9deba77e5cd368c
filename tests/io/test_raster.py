import imagecodecs
import numpy as np
import pytest
from PIL import Image as Pillow

from segmetry.errors import ReadError
from segmetry.io import read


@pytest.mark.parametrize("ending", ["png", "bmp", "gif"])
def test_grey_values_are_read_as_they_are(as_picture, ramp, ending):
    picture = read(as_picture(ramp, f"a.{ending}"))
    assert picture.axes == "YX"
    assert picture.pixels.dtype == np.uint8
    assert np.array_equal(picture.pixels, ramp)


def test_jpeg_is_read_within_its_loss(as_picture):
    smooth = np.add.outer(np.arange(40), np.arange(60)).astype(np.uint8)
    picture = read(as_picture(smooth, "a.jpg", quality=95))
    assert np.abs(picture.pixels.astype(int) - smooth).max() <= 3


@pytest.mark.parametrize("ending", ["png", "bmp"])
def test_colours_keep_their_channels(as_picture, colours, ending):
    picture = read(as_picture(colours, f"a.{ending}"))
    assert picture.axes == "YXC"
    assert np.array_equal(picture.pixels, colours)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif"])
def test_colours_that_are_all_grey_become_one_channel(as_picture, ramp, ending):
    picture = read(as_picture(np.stack([ramp] * 3, axis=-1), f"a.{ending}"))
    assert picture.axes == "YX"
    assert np.array_equal(picture.pixels, ramp)


@pytest.mark.parametrize("n_channels", [2, 4])
def test_transparency_is_dropped(as_picture, colours, ramp, n_channels):
    alpha = ramp[..., None]
    opaque = colours if n_channels == 4 else colours[..., :1]
    picture = read(as_picture(np.concatenate([opaque, alpha], axis=-1), "a.png"))
    assert np.array_equal(picture.pixels, opaque.squeeze())


@pytest.mark.parametrize("n_channels", [2, 3, 4])
def test_16_bits_of_colours_are_all_kept(tmp_path, n_channels):
    # Pillow would return 8 of them.
    rng = np.random.default_rng(1)
    deep = rng.integers(0, 65_536, (9, 11, n_channels), dtype=np.uint16)
    path = tmp_path / "deep.png"
    path.write_bytes(imagecodecs.png_encode(deep))
    expected = deep[..., 0] if n_channels == 2 else deep[..., :3]
    assert np.array_equal(read(path).pixels, expected)


def test_16_bits_of_grey_are_all_kept(as_picture, ramp):
    deep = ramp.astype(np.uint16) * 256 + 3
    picture = read(as_picture(deep, "a.png"))
    assert picture.pixels.dtype == np.uint16
    assert np.array_equal(picture.pixels, deep)


@pytest.mark.parametrize("ending", ["png", "bmp"])
def test_black_and_white_becomes_0_and_255(as_picture, ramp, ending):
    picture = read(as_picture(ramp > 99, f"a.{ending}"))
    assert picture.pixels.dtype == np.uint8
    assert np.array_equal(picture.pixels, (ramp > 99) * np.uint8(255))


def test_a_colour_table_is_applied(tmp_path):
    picture = Pillow.fromarray(np.array([[0, 1], [2, 0]], np.uint8))
    picture.putpalette([9, 8, 7, 255, 0, 0, 0, 0, 255])
    picture.save(tmp_path / "a.png")
    expected = [[[9, 8, 7], [255, 0, 0]], [[0, 0, 255], [9, 8, 7]]]
    assert read(tmp_path / "a.png").pixels.tolist() == expected


def test_a_grey_colour_table_gives_grey_values(tmp_path):
    picture = Pillow.fromarray(np.array([[0, 1], [2, 0]], np.uint8))
    picture.putpalette([200] * 3 + [100] * 3 + [50] * 3)
    picture.save(tmp_path / "a.bmp")
    found = read(tmp_path / "a.bmp")
    assert found.axes == "YX"
    assert found.pixels.tolist() == [[200, 100], [50, 200]]


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp"])
def test_dots_per_inch_are_no_pixel_size(as_picture, ramp, ending):
    assert read(as_picture(ramp, f"a.{ending}", dpi=(300, 300))).pixel_size is None


def test_printing_inks_are_refused_in_one_sentence(as_picture, colours):
    with pytest.raises(ReadError, match=r"a\.jpg stores printing inks \(CMYK\)"):
        read(as_picture(colours, "a.jpg", mode="CMYK"))


def test_of_an_animation_the_first_frame_is_read_and_noted(tmp_path, ramp):
    first, second = Pillow.fromarray(ramp), Pillow.fromarray(255 - ramp)
    first.save(tmp_path / "a.png", save_all=True, append_images=[second])
    picture = read(tmp_path / "a.png")
    assert np.array_equal(picture.pixels, ramp)
    assert "the first of 2 frames" in picture.steps[0].options["notes"][0]


def test_the_only_page_has_the_number_0(as_picture, ramp):
    path = as_picture(ramp, "a.png")
    assert np.array_equal(read(path, page=0).pixels, ramp)
    with pytest.raises(ReadError, match="has the one page 0, so there is no page 1"):
        read(path, page=1)


def test_a_huge_png_header_on_a_small_file_is_refused(tmp_path, png_header):
    (tmp_path / "a.png").write_bytes(png_header(60_000, 60_000))
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(tmp_path / "a.png")


def test_a_huge_deep_png_header_on_a_small_file_is_refused(tmp_path, png_header):
    content = bytearray(png_header(60_000, 60_000))
    content[24:26] = bytes([16, 2])  # 16 bits, RGB
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(tmp_path / "a.png")


def test_a_huge_bmp_header_on_a_small_file_is_refused(tmp_path, bmp_header):
    (tmp_path / "a.bmp").write_bytes(bmp_header(60_000, 60_000))
    with pytest.raises(ReadError, match="60,000 x 60,000"):
        read(tmp_path / "a.bmp")


@pytest.mark.slow
def test_pictures_larger_than_pillow_likes_are_no_error(tmp_path):
    # Pillow refuses from 179 million pixels on; that is a common size for a scan.
    path = tmp_path / "wide.png"
    Pillow.new("1", (20_000, 9_000)).save(path)
    assert read(path).pixels.shape == (9_000, 20_000)


def test_a_png_file_without_its_end_is_refused(as_picture, ramp):
    path = as_picture(ramp, "a.png")
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(ReadError, match=r"a\.png is cut off"):
        read(path)
