"""Small files of every kind, made here: what is in them is known exactly."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow


@pytest.fixture
def ramp() -> np.ndarray:
    """A picture of 20 x 30 pixels, every value different from its neighbours."""
    return (np.arange(600).reshape(20, 30) * 7 % 256).astype(np.uint8)


@pytest.fixture
def colours() -> np.ndarray:
    rng = np.random.default_rng(4)
    return rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)


@pytest.fixture
def as_tiff(tmp_path) -> Callable[..., Path]:
    def save(pixels: np.ndarray, name: str = "picture.tif", **options: Any) -> Path:
        path = tmp_path / name
        tifffile.imwrite(path, pixels, **options)
        return path

    return save


@pytest.fixture
def as_picture(tmp_path) -> Callable[..., Path]:
    """Save through Pillow, which knows the format by the ending of the name."""

    def save(
        pixels: np.ndarray, name: str, mode: str | None = None, **options: Any
    ) -> Path:
        path = tmp_path / name
        picture = Pillow.fromarray(pixels)
        (picture.convert(mode) if mode else picture).save(path, **options)
        return path

    return save


@pytest.fixture
def as_lif(tmp_path) -> Callable[..., Path]:
    """Save stacks as a Leica file, with the parts of the format that a reader needs."""

    def save(*stacks: np.ndarray, step_m: float = 2e-7, unit: str = "m") -> Path:
        path = tmp_path / "cells.lif"
        path.write_bytes(_lif(stacks, step_m, unit))
        return path

    return save


def _lif(stacks: tuple[np.ndarray, ...], step_m: float, unit: str) -> bytes:
    elements = "".join(
        _lif_element(f"Series{n}", f"MemBlock_{n}", stack, step_m, unit)
        for n, stack in enumerate(stacks)
    )
    xml = (
        '<LMSDataContainerHeader Version="2"><Element Name="cells" Visibility="1" '
        'CopyOption="1" UniqueID="0"><Data><Experiment Path="cells"/></Data>'
        f'<Memory Size="0" MemoryBlockID="MemBlock_none"/><Children>{elements}</Children>'
        "</Element></LMSDataContainerHeader>"
    )
    text = xml.encode("utf-16-le")
    parts = [struct.pack("<iiBi", 0x70, len(text) + 5, 0x2A, len(xml)), text]
    for n, stack in enumerate(stacks):
        name = f"MemBlock_{n}"
        letters = name.encode("utf-16-le")
        parts.append(struct.pack("<iiB", 0x70, len(letters) + 14, 0x2A))
        parts.append(struct.pack("<qBi", stack.nbytes, 0x2A, len(name)) + letters)
        parts.append(stack.tobytes())
    return b"".join(parts)


def _lif_element(name: str, block: str, stack: np.ndarray, step_m: float, unit: str) -> str:
    n_bytes, described = stack.itemsize, []
    for dim_id, n_elements in zip((1, 2, 3), reversed(stack.shape), strict=False):
        length = step_m * dim_id * (n_elements - 1)
        described.append(
            f'<DimensionDescription DimID="{dim_id}" NumberOfElements="{n_elements}" '
            f'Origin="0" Length="{length!r}" Unit="{unit}" BitInc="0" '
            f'BytesInc="{n_bytes}"/>'
        )
        n_bytes *= n_elements
    return (
        f'<Element Name="{name}" Visibility="1" CopyOption="1" UniqueID="{block}">'
        '<Data><Image TextDescription=""><ImageDescription><Channels>'
        f'<ChannelDescription DataType="0" ChannelTag="0" '
        f'Resolution="{8 * stack.itemsize}" '
        'NameOfMeasuredQuantity="" Min="0" Max="255" Unit="" LUTName="Gray" '
        'IsLUTInverted="0" BytesInc="0" BitInc="0"/></Channels><Dimensions>'
        f"{''.join(described)}</Dimensions></ImageDescription></Image></Data>"
        f'<Memory Size="{stack.nbytes}" MemoryBlockID="{block}"/><Children/></Element>'
    )


@pytest.fixture
def as_dicom(tmp_path) -> Callable[..., Path]:
    def save(pixels: np.ndarray, name: str = "slice.dcm", **fields: Any) -> Path:
        from pydicom.dataset import FileDataset, FileMetaDataset
        from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset(tmp_path / name, {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, generate_uid()
        data.PatientName = "Ms Secret"
        is_colour = pixels.shape[-1] == 3
        data.Rows, data.Columns = pixels.shape[-3:-1] if is_colour else pixels.shape[-2:]
        data.SamplesPerPixel = 3 if is_colour else 1
        data.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
        if is_colour:
            data.PlanarConfiguration = 0
        elif pixels.ndim == 3:
            data.NumberOfFrames = len(pixels)
        bits = 8 * pixels.itemsize
        data.BitsAllocated, data.BitsStored, data.HighBit = bits, bits, bits - 1
        data.PixelRepresentation = int(pixels.dtype.kind == "i")
        for key, value in fields.items():
            setattr(data, key, value)
        data.PixelData = pixels.tobytes()
        data.save_as(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def as_nifti(tmp_path) -> Callable[..., Path]:
    """Save an array of axes X, Y, Z, ... with zooms and a unit."""

    def save(
        volume: np.ndarray,
        name: str = "volume.nii",
        zooms: tuple[float, ...] = (0.5, 0.6, 0.7),
        unit: str = "mm",
        slope: float | None = None,
    ) -> Path:
        from nibabel import Nifti1Image

        picture = Nifti1Image(volume, np.eye(4))
        picture.header.set_zooms((*zooms, *[1.0] * 7)[: volume.ndim])
        picture.header.set_xyzt_units(unit)
        if slope is not None:
            picture.header.set_slope_inter(slope, 10)
        picture.to_filename(tmp_path / name)
        return tmp_path / name

    return save


@pytest.fixture
def as_npy(tmp_path) -> Callable[..., Path]:
    def save(array: np.ndarray, name: str = "array.npy", **options: Any) -> Path:
        np.save(tmp_path / name, array, **options)
        return tmp_path / name

    return save


@pytest.fixture
def png_header() -> Callable[[int, int], bytes]:
    """The bytes of a PNG file that promises a size and holds one row of nothing."""

    def make(width: int, height: int) -> bytes:
        import zlib

        def chunk(kind: bytes, content: bytes) -> bytes:
            check = struct.pack(">I", zlib.crc32(kind + content))
            return struct.pack(">I", len(content)) + kind + content + check

        fields = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
        rows = zlib.compress(b"\0" * 100)
        parts = [chunk(b"IHDR", fields), chunk(b"IDAT", rows), chunk(b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    return make


@pytest.fixture
def bmp_header() -> Callable[[int, int], bytes]:
    def make(width: int, height: int) -> bytes:
        buffer = io.BytesIO()
        Pillow.new("L", (4, 4)).save(buffer, "BMP")
        content = bytearray(buffer.getvalue())
        struct.pack_into("<ii", content, 18, width, height)
        return bytes(content)

    return make


@pytest.fixture
def as_zarr(tmp_path) -> Callable[..., Path]:
    """Save an array as OME-Zarr through Zarr itself, with metadata as they are given."""

    def save(
        pixels: np.ndarray,
        axes: str = "YX",
        name: str = "picture.ome.zarr",
        version: str = "0.4",
        scale: tuple[float, ...] | None = None,
        unit: str | None = "micrometer",
        fields: dict[str, Any] | None = None,
        **options: Any,
    ) -> Path:
        import zarr

        path = tmp_path / name
        group = zarr.open_group(path, mode="w", zarr_format=2 if version == "0.4" else 3)
        array = group.create_array("0", shape=pixels.shape, dtype=pixels.dtype, **options)
        array[...] = pixels
        kinds = {"C": "channel", "T": "time"}
        told = [{"name": one.lower(), "type": kinds.get(one, "space")} for one in axes]
        for one in told:
            if unit is not None and one["type"] == "space":
                one["unit"] = unit
        scaling = [{"type": "scale", "scale": list(scale)}] if scale else []
        datasets = [{"path": "0", "coordinateTransformations": scaling}]
        picture = {"multiscales": [{"axes": told, "datasets": datasets}], **(fields or {})}
        group.attrs.update(
            picture if version == "0.4" else {"ome": {"version": "0.5", **picture}}
        )
        return path

    return save
