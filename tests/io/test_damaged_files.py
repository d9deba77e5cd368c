"""Whatever happens to a file on its way, reading it gives a picture or one sentence.

EMD files have such tests of their own, in test_emd.py: each needs a second process.
"""

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from segmetry.errors import SegmetryError
from segmetry.io import read, read_labels

_RNG = np.random.default_rng(0)
GREY = _RNG.integers(0, 256, (24, 31), dtype=np.uint8)
COLOURS = _RNG.integers(0, 256, (24, 31, 3), dtype=np.uint8)


def picture(pixels, kind, mode=None, **options):
    buffer = io.BytesIO()
    opened = Pillow.fromarray(pixels)
    (opened.convert(mode) if mode else opened).save(buffer, kind, **options)
    return buffer.getvalue()


def tiff(pixels, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, **options)
    return buffer.getvalue()


def npy():
    buffer = io.BytesIO()
    np.save(buffer, GREY)
    return buffer.getvalue()


def nifti():
    from nibabel import Nifti1Image

    return Nifti1Image(GREY.astype(np.int16), np.eye(4)).to_bytes()


STACK = np.stack([GREY, 255 - GREY, GREY // 2])
TABLE = _RNG.integers(0, 65_536, (3, 256), dtype=np.uint16)
IMAGEJ = {"imagej": True, "metadata": {"unit": "um", "axes": "ZYX"}, "resolution": (3, 3)}
OME = {"ome": True, "metadata": {"axes": "ZYX", "PhysicalSizeX": 0.1, "PhysicalSizeY": 0.1}}
MADE: dict[str, Callable[[], bytes]] = {
    "grey.png": lambda: picture(GREY, "PNG"),
    "deep.png": lambda: picture(GREY.astype(np.uint16) * 200, "PNG"),
    "palette.png": lambda: picture(COLOURS, "PNG", "P"),
    "colours.png": lambda: picture(COLOURS, "PNG"),
    "grey.jpg": lambda: picture(GREY, "JPEG"),
    "progressive.jpg": lambda: picture(COLOURS, "JPEG", progressive=True),
    "grey.bmp": lambda: picture(GREY, "BMP"),
    "colours.bmp": lambda: picture(COLOURS, "BMP"),
    "bilevel.bmp": lambda: picture(GREY, "BMP", "1"),
    "mask.gif": lambda: picture(GREY, "GIF"),
    "plain.tif": lambda: tiff(GREY),
    "deflate.tif": lambda: tiff(COLOURS, compression="zlib", photometric="rgb"),
    "lzw.tif": lambda: tiff(GREY, compression="lzw"),
    "tiles.tif": lambda: tiff(np.tile(GREY, (2, 2)), tile=(16, 16)),
    "big.tif": lambda: tiff(GREY, bigtiff=True),
    "stack.tif": lambda: tiff(STACK, photometric="minisblack"),
    "imagej.tif": lambda: tiff(STACK, **IMAGEJ),
    "ome.tif": lambda: tiff(STACK, **OME),
    "float.tif": lambda: tiff(GREY.astype(np.float32)),
    "jpeg.tif": lambda: tiff(COLOURS, compression="jpeg", photometric="rgb"),
    "palette.tif": lambda: tiff(GREY, photometric="palette", colormap=TABLE),
    "fax.tif": lambda: picture(GREY, "TIFF", "1", compression="group4"),
    "packed.tif.gz": lambda: gzip.compress(tiff(GREY)),
    "array.npy": npy,
    "volume.nii": nifti,
}
REAL = (
    "sem_raw/zeiss_512.tif",
    "sem_raw/fei_helios_ebeam_8bit.tif",
    "sem_raw/tvips_bin4.tif",
    "sem_raw/olympus_sis.tif",
    "sem_raw/gatan_dm_export.tif",
    "sem_raw/gatan_um_unit.dm3",
    "sem_raw/jeol_haadf.dm4",
    "formats/128x128_TEM_acquire-sum1_1.ser",
    "formats/lungmask_0.dcm",
    "formats/LeicaLASX_wavelength-sweep_example.lif",
)


def outcome(path: Path, reader: Callable = read):
    """Return what reading gives: a picture, or the one sentence."""
    try:
        return reader(path)
    except SegmetryError as error:
        sentence = str(error)
        assert "\n" not in sentence
        assert sentence.startswith((path.name, "there is no"))
        assert 20 < len(sentence) < 400
        return sentence


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Change some bytes, more often near the start and the end, where headers are."""
    changed = bytearray(content)
    size = len(changed)
    near = {
        "start": (0, min(600, size)),
        "end": (max(0, size - 3000), size),
        "all": (0, size),
    }
    low, high = near[str(rng.choice(list(near)))]
    for place in rng.integers(low, high, rng.integers(1, 8)):
        changed[place] = rng.integers(0, 256)
    return bytes(changed)


@pytest.mark.parametrize("name", MADE)
def test_the_undamaged_files_are_read(tmp_path, name):
    (tmp_path / name).write_bytes(MADE[name]())
    assert read(tmp_path / name).pixels.size >= GREY.size


@pytest.mark.parametrize("name", MADE)
def test_changed_bytes_give_a_picture_or_one_sentence(tmp_path, capfd, name):
    content = MADE[name]()
    rng = np.random.default_rng(1)
    for number in range(60):
        (tmp_path / name).write_bytes(damaged(content, rng))
        outcome(tmp_path / name, read if number % 2 else read_labels)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", MADE)
def test_a_cut_file_is_refused_or_read_whole(tmp_path, name):
    content = MADE[name]()
    path = tmp_path / name
    path.write_bytes(content)
    whole = read(path)
    n_refused = 0
    lengths = np.linspace(0, len(content) - 1, 40).astype(int)
    for length in lengths:
        path.write_bytes(content[:length])
        found = outcome(path)
        if isinstance(found, str):
            n_refused += 1
            continue
        # Only padding and check sums were lost.
        assert np.array_equal(found.pixels, whole.pixels)
        assert found.pixel_size == whole.pixel_size
    assert n_refused >= 36


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_real_files_with_changed_bytes_give_a_picture_or_one_sentence(
    data, tmp_path, capfd, name
):
    content = data(name).read_bytes()
    path = tmp_path / Path(name).name
    rng = np.random.default_rng(2)
    for _ in range(40):
        path.write_bytes(damaged(content, rng))
        outcome(path)
    for keep in (0.05, 0.3, 0.6, 0.9):
        path.write_bytes(content[: int(keep * len(content))])
        found = outcome(path)
        assert isinstance(found, str) or found.pixels.shape == read(data(name)).pixels.shape
    assert capfd.readouterr() == ("", "")


HEADS = [
    b"II*\0",
    b"MM\0*",
    b"II+\0\x08\0\0\0",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"BM",
    b"\x93NUMPY",
    b"p\0\0\0",
    b"\0\0\0\x03",
    b"\0\0\0\x04",
    b"II\x97\x01",
    b"JK",
    b"\x1f\x8b\x08",
    b"",
]


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=700))
def test_any_bytes_behind_any_mark_give_a_picture_or_one_sentence(tmp_path, head, rest):
    (tmp_path / "any.bin").write_bytes(head + rest)
    outcome(tmp_path / "any.bin")
    outcome(tmp_path / "any.bin", read_labels)
