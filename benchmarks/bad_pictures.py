"""Files that look like pictures and are none, each of another kind.

Called by `batches.py`, and by a test: what a run must name as failed and go past.
"""

import gzip
import io
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image


def _encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(10_000, dtype=np.uint8).reshape(100, 100)).save(file, kind)
    return file.getvalue()


def _tiff(**options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.arange(10_000, dtype=np.uint16).reshape(100, 100), **options)
    return file.getvalue()


def _png_chunk(name: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def _png_bomb() -> bytes:
    header = _png_chunk(b"IHDR", struct.pack(">IIBBBBB", 200_000, 200_000, 8, 0, 0, 0, 0))
    rows = _png_chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + header + rows + _png_chunk(b"IEND", b"")


def _tiff_of(entries: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    """Return a TIFF of one page whose tags are given as (tag, type, count, value)."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    start = b"II*\x00" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    return start + packed + struct.pack("<I", following)


def _tiff_page(side: int, offset: int = 200) -> list[tuple[int, int, int, int]]:
    return [
        *((256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 1)),
        *((262, 3, 1, 1), (273, 4, 1, offset), (277, 3, 1, 1), (278, 4, 1, side)),
        (279, 4, 1, min(side**2, 2**32 - 1)),
    ]


def _zip_of_text() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "no picture")
    return file.getvalue()


def _dicom_without_pixels() -> bytes:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, generate_uid()
    data.Rows = data.Columns = 64
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _npy(values: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(values), allow_pickle=True)
    return file.getvalue()


def _nan() -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, np.full((64, 64), np.nan, np.float32))
    return file.getvalue()


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("gone.png"))


def _unreadable(path: Path) -> None:
    path.write_bytes(_encoded("PNG"))
    if os.geteuid() == 0:  # who may read everything
        path.unlink()
        _link(path)
    else:
        path.chmod(0)


def _zarr(path: Path) -> None:
    path.mkdir()
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
    scale = [{"type": "scale", "scale": [1, 1]}]
    level = {"path": "0", "coordinateTransformations": scale}
    told = {"multiscales": [{"version": "0.4", "axes": axes, "datasets": [level]}]}
    (path / ".zattrs").write_text(json.dumps(told))


def _file(content: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(content) and None


_GZIP = gzip.compress(bytes(1000))

# Name of the file, and what writes it.
BAD_PICTURES: dict[str, Callable[[Path], object]] = {
    "empty.png": _file(b""),
    "truncated.png": _file(_encoded("PNG")[:120]),
    "text.png": _file(b"The quick brown fox jumps over the lazy dog.\n" * 20),
    "bomb.png": _file(_png_bomb()),
    "größe_µ_切.png": _file(_encoded("PNG")[:40]),
    "link_to_nothing.png": _link,
    "unreadable.png": _unreadable,
    "truncated.jpg": _file(_encoded("JPEG")[:150]),
    "truncated.bmp": _file(_encoded("BMP")[:300]),
    "truncated.gif": _file(_encoded("GIF")[:15]),
    "truncated.tif": _file(_tiff()[:5000]),
    "zip.tif": _file(_zip_of_text()),
    "text.tif": _file(b"no TIFF at all" * 30),
    "looping.tif": _file(_tiff_of([(256, 4, 1, 10)], following=8)),
    "bomb.tif": _file(_tiff_of(_tiff_page(200_000))),
    "far_strip.tif": _file(_tiff_of(_tiff_page(64, offset=2**31))),
    "no_pages.tif": _file(b"II*\x00\x00\x00\x00\x00"),
    "nan.tif": _file(_nan()),
    "truncated.tif.gz": _file(gzip.compress(_tiff())[:200]),
    "no_pixels.dcm": _file(_dicom_without_pixels()),
    "text.dcm": _file(b"DICM" * 100),
    "no_header.nii.gz": _file(_GZIP),
    "objects.npy": _file(_npy([{"a": 1}, None])),
    "truncated.npy": _file(_npy(np.zeros((50, 50)))[:400]),
    "no_levels.zarr": _zarr,
}


def write_bad_pictures(folder: Path, n: int | None = None) -> list[str]:
    """Write bad pictures of so many kinds into a folder; return their names."""
    names = list(BAD_PICTURES)[:n]
    for name in names:
        BAD_PICTURES[name](folder / name)
    return names
