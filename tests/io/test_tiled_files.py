"""Whatever lies in a window of a file is what the whole picture has there."""

import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from operator import methodcaller
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import ReadError
from segmetry.io import is_tiled, open_tiled, read, write_ome_tiff, write_ome_zarr
from segmetry.tiled import InMemory, TiledImage

STORAGE: dict[str, dict[str, Any]] = {
    "strips": {"rowsperstrip": 5},
    "one strip": {},
    "tiles": {"tile": (16, 32)},
    "big-endian": {"byteorder": ">"},
    "big-endian tiles": {"byteorder": ">", "tile": (32, 16), "bigtiff": True},
    "deflate strips": {"compression": "zlib", "rowsperstrip": 7},
    "deflate tiles": {"compression": "zlib", "predictor": True, "tile": (16, 16)},
    "lzw": {"compression": "lzw", "rowsperstrip": 9},
    "zstd tiles": {"compression": "zstd", "tile": (48, 16)},
}
KINDS = ["uint8", "uint16", "int16", "float32", "float64"]
LAYOUTS = ["grey", "rgb", "rgb apart", "five samples", "grey rgb", "palette", "white is 0"]


def drawn(shape: tuple[int, ...], kind: str = "uint8") -> np.ndarray:
    rng = np.random.default_rng(len(shape))
    return rng.integers(0, 120, shape).astype(kind)


def random_window(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[slice, slice]:
    ends = [np.sort(rng.choice(side + 1, 2, replace=False)) for side in shape[:2]]
    rows, columns = (slice(int(start), int(stop)) for start, stop in ends)
    return rows, columns


def check(path: Path, n_windows: int = 5, **options: Any) -> TiledImage:
    """Compare windows with the whole, in all that a picture tells."""
    whole = read(path, **options)
    assert is_tiled(path)
    tiled = pickle.loads(pickle.dumps(open_tiled(path, **options)))
    height, width = whole.spatial_shape
    assert (tiled.spatial_shape, tiled.axes) == ((height, width), whole.axes)
    assert (tiled.pixel_size, tiled.name) == (whole.pixel_size, whole.name)
    rng = np.random.default_rng(3)
    windows = [random_window((height, width), rng) for _ in range(n_windows)]
    for window in [(slice(0, height), slice(0, width)), *windows]:
        part, same = tiled.read(window), InMemory(whole).read(window)
        assert part.pixels.dtype == same.pixels.dtype
        assert np.array_equal(part.pixels, same.pixels)
        assert (part.axes, part.pixel_size, part.name) == (
            same.axes,
            same.pixel_size,
            same.name,
        )
        assert part.steps == same.steps
        assert (part.excluded is None) == (same.excluded is None)
        assert part.excluded is None or np.array_equal(part.excluded, same.excluded)
    return tiled


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("storage", STORAGE)
def test_windows_of_every_tiff_are_those_of_the_whole(as_tiff, storage, kind):
    check(as_tiff(drawn((61, 83), kind), **STORAGE[storage]))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("storage", ["one strip", "deflate strips", "tiles", "zstd tiles"])
def test_windows_have_the_meaning_of_samples(as_tiff, storage, layout):
    grey = drawn((61, 83))
    pixels, options = {
        "grey": (grey, {}),
        "rgb": (drawn((61, 83, 3)), {"photometric": "rgb"}),
        "rgb apart": (
            drawn((3, 61, 83)),
            {"photometric": "rgb", "planarconfig": "separate"},
        ),
        "five samples": (
            drawn((61, 83, 5)),
            {"photometric": "minisblack", "planarconfig": "contig"},
        ),
        "grey rgb": (np.dstack([grey] * 3), {"photometric": "rgb"}),
        "palette": (
            grey,
            {
                "photometric": "palette",
                "colormap": drawn((3, 256), "uint16") * np.uint16(256),
            },
        ),
        "white is 0": (grey, {"photometric": "miniswhite"}),
    }[layout]
    check(as_tiff(pixels, **options, **STORAGE[storage]))


@pytest.mark.parametrize("compression", ["jpeg", None])
@pytest.mark.parametrize("colours", [True, False])
def test_windows_of_lossy_tiles_are_those_of_the_whole(as_tiff, compression, colours):
    pixels = drawn((61, 83, 3) if colours else (61, 83))
    options = {"photometric": "rgb" if colours else "minisblack", "tile": (32, 32)}
    check(as_tiff(pixels, compression=compression, **options))


def test_masks_of_one_bit_are_read_by_windows(as_tiff):
    check(as_tiff(drawn((61, 83)) > 60, rowsperstrip=8))
    check(as_tiff(drawn((61, 83)) > 60, compression="zlib", tile=(16, 16)))


def test_channels_in_planes_of_their_own_are_read_together(as_tiff):
    told = {"axes": "CYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.25}
    path = as_tiff(drawn((2, 61, 83), "uint16"), "a.ome.tif", metadata=told, tile=(16, 16))
    tiled = check(path)
    assert (tiled.axes, tiled.pixel_size.y, tiled.pixel_size.x) == ("YXC", 0.25, 0.5)
    assert check(path, channel=1).axes == "YX"


@pytest.mark.parametrize("page", [0, 5])
def test_a_slice_of_a_stack_is_read_by_its_page(as_tiff, page):
    told = {"axes": "ZCYX"}
    path = as_tiff(drawn((3, 2, 40, 50)), "a.ome.tif", metadata=told, compression="zlib")
    check(path, page=page)
    with pytest.raises(ReadError, match=r"a\.ome\.tif is a stack.*by the number of its"):
        open_tiled(path)


def test_planes_that_follow_one_page_without_a_header_are_found(as_tiff):
    pixels = drawn((4, 40, 50))
    path = as_tiff(pixels, imagej=True, metadata={"axes": "TYX"})
    content = path.read_bytes()
    with tifffile.TiffFile(path) as tif:
        first, n_bytes = tif.pages[0].dataoffsets[0], pixels[0].nbytes
        at = tif.pages[0].offset
        n_tags = int.from_bytes(content[at : at + 2], "little")
    # Without a next page, as ImageJ writes stacks of more than 4 GB.
    end = at + 2 + 12 * n_tags
    path.write_bytes(content[:end] + bytes(4) + content[end + 4 :])
    assert content[first : first + n_bytes] == pixels[0].tobytes()
    check(path)
    assert np.array_equal(
        check(path, page=2).read((slice(0, 40), slice(0, 50))).pixels, pixels[2]
    )


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("kind", ["uint8", ">u2", "float32", "bool"])
@pytest.mark.parametrize(
    ("axes", "shape", "chunks"),
    [
        ("YX", (61, 83), (16, 30)),
        ("CYX", (2, 61, 83), (1, 20, 83)),
        ("CYX", (3, 61, 83), (3, 61, 10)),
        ("TCZYX", (1, 2, 1, 61, 83), (1, 1, 1, 32, 32)),
    ],
)
def test_windows_of_ome_zarr_are_those_of_the_whole(
    as_zarr, version, kind, axes, shape, chunks
):
    scale = (1.0,) * (len(axes) - 2) + (0.25, 0.5)
    path = as_zarr(drawn(shape, kind), axes, version=version, chunks=chunks, scale=scale)
    tiled = check(path)
    assert (tiled.pixel_size.y, tiled.pixel_size.x, tiled.pixel_size.unit) == (
        0.25,
        0.5,
        "um",
    )


def test_chunks_in_shards_are_read_alone(as_zarr):
    options = {"chunks": (16, 16), "shards": (64, 64)}
    check(as_zarr(drawn((130, 90), "uint16"), version="0.5", **options))


def test_a_channel_of_ome_zarr_is_read_alone(as_zarr):
    path = as_zarr(drawn((3, 61, 83)), "CYX", chunks=(1, 32, 32))
    assert check(path, channel=2).axes == "YX"
    with pytest.raises(ReadError, match="channels 0 to 2, so there is no channel 3"):
        open_tiled(path, channel=3)


def test_a_slice_of_ome_zarr_is_read_by_its_page(as_zarr):
    path = as_zarr(drawn((2, 3, 40, 50)), "CZYX", chunks=(1, 1, 32, 32))
    check(path, page=4)
    with pytest.raises(ReadError, match="is a stack"):
        open_tiled(path)
    with pytest.raises(ReadError, match="pages 0 to 5, so there is no page 6"):
        open_tiled(path, page=6)


@settings(max_examples=12)
@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    tile=st.sampled_from([16, 48]),
    colours=st.booleans(),
    writer=st.sampled_from(["tiff", "0.4", "0.5"]),
    kind=st.sampled_from(["uint8", "uint16", "float32"]),
)
def test_pictures_of_any_size_are_written_and_read_by_windows(
    tmp_path_factory, height, width, tile, colours, writer, kind
):
    from segmetry import Image

    folder = tmp_path_factory.mktemp("any")
    shape = (height, width, 3) if colours else (height, width)
    whole = Image(drawn(shape, kind), axes="YXC" if colours else "YX", name="a")
    path = folder / ("a.ome.tif" if writer == "tiff" else "a.ome.zarr")
    if writer == "tiff":
        write_ome_tiff(path, InMemory(whole), tile=tile)
    else:
        write_ome_zarr(path, InMemory(whole), chunk=tile, version=writer)
    tiled = check(path, n_windows=3)
    found = tiled.read((slice(0, height), slice(0, width))).pixels
    expected = whole.pixels
    if colours and (expected == expected[..., :1]).all():
        expected = expected[..., 0]
    assert np.array_equal(found, expected)


def test_a_banner_lies_where_it_does_in_the_whole(data):
    for name in ("fei_helios_ebeam_8bit.tif", "fei_helios_ebeam_16bit.tif"):
        tiled = check(data("sem_raw") / name)
        height, width = tiled.spatial_shape
        below = tiled.read((slice(height - 1, height), slice(0, width)))
        assert below.excluded.all()
        assert not tiled.read((slice(0, 1), slice(0, width))).excluded.any()


def test_windows_of_files_of_microscopes_are_those_of_the_whole(data):
    names = [path for path in sorted(data("sem_raw").glob("*.tif")) if is_tiled(path)]
    assert len(names) >= 8
    for path in names:
        check(path, n_windows=2)


def test_another_process_opens_the_file_itself(as_tiff, as_zarr):
    pixels = drawn((61, 83))
    paths = [as_tiff(pixels, tile=(16, 16)), as_zarr(pixels, chunks=(16, 16))]
    tiled = [open_tiled(path) for path in paths]
    assert all(len(pickle.dumps(one)) < 2_000 for one in tiled)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        seen = list(pool.map(methodcaller("read", (slice(0, 61), slice(0, 83))), tiled))
    assert all(np.array_equal(one.pixels, pixels) for one in seen)


def test_formats_that_are_read_whole_say_what_to_do(as_picture, ramp):
    path = as_picture(ramp, "a.png")
    assert not is_tiled(path)
    with pytest.raises(ReadError, match=r"a\.png is a PNG file.*tiled TIFF.*OME-Zarr"):
        open_tiled(path)


def test_what_is_not_there_is_told(tmp_path):
    assert not is_tiled(tmp_path / "a.tif")
    assert not is_tiled(tmp_path)
    with pytest.raises(ReadError, match=r"there is no file a\.tif"):
        open_tiled(tmp_path / "a.tif")


@pytest.mark.parametrize(
    "window",
    [
        (slice(0, 0), slice(0, 5)),
        (slice(0, 62), slice(0, 5)),
        (slice(-1, 5), slice(0, 5)),
        (slice(0, 5, 2), slice(0, 5)),
    ],
)
def test_windows_outside_of_the_picture_are_refused(as_tiff, window):
    tiled = open_tiled(as_tiff(drawn((61, 83))))
    with pytest.raises(ValueError, match="a window must lie inside of 61 x 83 pixels"):
        tiled.read(window)


def test_values_that_are_no_numbers_are_refused_in_their_window(as_zarr):
    pixels = drawn((61, 83), "float32")
    pixels[40, 40] = np.nan
    tiled = open_tiled(as_zarr(pixels, chunks=(16, 16)))
    assert tiled.read((slice(0, 40), slice(0, 83))).pixels.shape == (40, 83)
    with pytest.raises(ReadError, match="1 of 5,063 values that are not numbers"):
        tiled.read((slice(0, 61), slice(0, 83)))
