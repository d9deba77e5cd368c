import io
import sys
import time

import numpy as np
import pytest
import tifffile

from segmetry.errors import ReadError
from segmetry.image import Step
from segmetry.io import read
from segmetry.io.reading import _coloured
from segmetry.io.stored import Stored

NAMES = ["粒子图像.tif", "🔬 sample 😀.tif", "x" * 196 + ".tif", "a b 'c' (1).tif"]


@pytest.mark.parametrize("name", NAMES, ids=["chinese", "emoji", "long", "blanks"])
def test_names_of_any_letters_are_read(as_tiff, ramp, name):
    picture = read(as_tiff(ramp, name))
    assert picture.name == name
    assert np.array_equal(picture.pixels, ramp)


def test_a_path_may_be_text(as_tiff, ramp):
    assert read(str(as_tiff(ramp))).name == "picture.tif"


def test_the_history_begins_with_reading(as_tiff, ramp):
    assert read(as_tiff(ramp)).steps == (Step("read", {"format": "TIFF"}),)


def test_the_history_says_which_page(as_tiff, ramp):
    picture = read(as_tiff(np.stack([ramp] * 2)), page=1)
    assert picture.steps[0].options["page"] == 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_counted_and_refused(as_tiff, ramp, value):
    broken = ramp.astype(np.float32)
    broken[3, 4:6] = value
    with pytest.raises(ReadError, match="has 2 of 600 values that are not numbers"):
        read(as_tiff(broken))


def test_complex_values_are_refused(as_tiff, ramp):
    with pytest.raises(ReadError, match="complex64"):
        read(as_tiff(ramp.astype(np.complex64)))


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i2", "i4", "f4", "f8"])
def test_values_of_every_type_are_kept(as_tiff, ramp, kind):
    pixels = ramp.astype(kind)
    found = read(as_tiff(pixels)).pixels
    assert found.dtype == pixels.dtype
    assert np.array_equal(found, pixels)


def test_16_bits_of_which_12_are_used_are_read_unchanged(as_tiff, ramp):
    pixels = ramp.astype(np.uint16) * 16
    assert np.array_equal(read(as_tiff(pixels)).pixels, pixels)


def test_short_floats_become_float32(as_tiff, ramp):
    assert read(as_tiff(ramp.astype(np.float16))).pixels.dtype == np.float32


def test_foreign_byte_order_is_turned(as_tiff, ramp):
    found = read(as_tiff(ramp.astype(">u2"), byteorder=">")).pixels
    assert found.dtype.isnative
    assert np.array_equal(found, ramp)


def test_pixels_cannot_be_changed_in_place(as_tiff, ramp):
    with pytest.raises(ValueError, match="read-only"):
        read(as_tiff(ramp)).pixels[0, 0] = 1


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((1, 40), np.uint8), np.zeros((9, 9), np.uint8), np.full((9, 9), 255, "u1")],
    ids=["1xN", "black", "white"],
)
def test_odd_pictures_are_still_pictures(as_tiff, pixels):
    assert np.array_equal(read(as_tiff(pixels)).pixels, pixels)


@pytest.mark.parametrize("pixels", [np.full((2, 2), 4, np.uint16), np.full((2, 2), -1)])
def test_a_colour_that_the_table_lacks_is_refused(pixels):
    stored = Stored(pixels, "YX", "TIFF")
    with pytest.raises(ReadError, match="colours that its colour table lacks"):
        _coloured("a.tif", stored, np.zeros((4, 3), np.uint8))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does it")
def test_a_picture_that_does_not_fit_into_memory_is_one_sentence(as_tiff, printed):
    path = as_tiff(np.zeros((12_000, 12_000), np.uint8), compression="zlib")
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "import tifffile, imagecodecs\n"
        "from segmetry.io import read\n"
        "pages = int(Path('/proc/self/statm').read_text().split()[0])\n"
        "limit = pages * resource.getpagesize() + 60_000_000\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "try: read(sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    assert printed(program, path).startswith(
        "ReadError picture.tif does not fit into the memory"
    )


def test_what_libraries_print_and_warn_stays_inside(as_tiff, ramp, capfd):
    path = as_tiff(ramp, imagej=True)
    content = path.read_bytes().replace(b"ImageJ=", b"ImageJ=1.1\nimages=7\nx=", 1)
    path.write_bytes(content)
    read(path)
    assert capfd.readouterr() == ("", "")


def test_importing_the_room_loads_nothing_heavy(loaded_by):
    heavy = {"PIL", "tifffile", "pandas", "pyarrow", "imagecodecs", "pydicom", "nibabel"}
    heavy |= {"rsciio", "liffile", "h5py", "scipy", "skimage", "cc3d"}
    assert heavy.isdisjoint(loaded_by("import segmetry.io"))


@pytest.mark.parametrize("ending", ["tif", "png"])
def test_a_picture_of_1024_by_768_is_read_in_30_ms_of_cpu(as_picture, ending):
    rng = np.random.default_rng(0)
    path = as_picture(rng.integers(0, 256, (768, 1024), dtype=np.uint8), f"a.{ending}")
    read(path)
    seconds = []
    for _ in range(7):
        start = time.process_time()
        read(path)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.03


def test_a_nifti_file_may_be_packed(as_nifti):
    volume = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    picture = read(as_nifti(volume, "volume.nii.gz"))
    assert np.array_equal(picture.pixels, volume.transpose())


def test_a_packed_tiff_is_read(tmp_path, ramp):
    import gzip

    buffer = io.BytesIO()
    tifffile.imwrite(buffer, ramp)
    path = tmp_path / "a.tif.gz"
    path.write_bytes(gzip.compress(buffer.getvalue()))
    assert np.array_equal(read(path).pixels, ramp)
