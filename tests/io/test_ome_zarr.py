"""OME-Zarr as a whole, damaged, and behind addresses."""

import json
import os
import pickle
import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from segmetry.errors import MissingExtraError, ReadError
from segmetry.io import is_tiled, open_tiled, read, read_labels

VERSIONS = ["0.4", "0.5"]


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(6).integers(0, 1000, (61, 83)).astype(np.uint16)


def test_a_volume_is_read_as_one(as_zarr):
    volume = np.arange(3 * 20 * 30, dtype=np.uint16).reshape(3, 20, 30)
    found = read(as_zarr(volume, "ZYX", chunks=(1, 20, 30), scale=(2.0, 0.5, 0.5)))
    assert (found.axes, found.pixel_size.z) == ("ZYX", 2.0)
    assert np.array_equal(found.pixels, volume)


def test_of_several_times_the_first_is_read_and_told(as_zarr):
    times = np.arange(2 * 20 * 30).reshape(2, 20, 30).astype(np.uint16)
    found = read(as_zarr(times, "TYX", chunks=(1, 20, 30)))
    assert np.array_equal(found.pixels, times[0])
    assert found.steps[0].options["notes"] == ["the first of 2 along T is read"]


def test_channels_have_their_names(as_zarr):
    fields = {"omero": {"channels": [{"label": "DAPI"}, {"label": "GFP"}]}}
    path = as_zarr(
        np.zeros((2, 9, 9), np.uint8) + 1, "CYX", fields=fields, chunks=(1, 9, 9)
    )
    assert read(path).steps[0].options["channels"] == ["DAPI", "GFP"]
    assert read(path, channel=1).steps[-1].options["name"] == "GFP"


def test_pictures_of_bioformats2raw_lie_one_group_deeper(as_zarr, pixels, tmp_path):
    import zarr

    inner = as_zarr(pixels, chunks=(20, 20), scale=(0.5, 0.5))
    root = tmp_path / "slide.zarr"
    zarr.create_group(root, zarr_format=2, attributes={"bioformats2raw.layout": 3})
    shutil.move(inner, root / "0")
    found = read(root)
    assert np.array_equal(found.pixels, pixels)
    assert (found.name, found.pixel_size.x) == ("slide.zarr", 0.5)
    assert np.array_equal(read(root / "0").pixels, pixels)


@pytest.mark.parametrize("version", VERSIONS)
def test_chunks_that_are_not_stored_are_told(as_zarr, pixels, version):
    path = as_zarr(pixels, version=version, chunks=(20, 20))
    victim = path / ("0/1.1" if version == "0.4" else "0/c/1/1")
    victim.unlink()
    found = read(path)
    assert not found.pixels[20:40, 20:40].any()
    assert found.steps[0].options["notes"] == [
        "1 of 20 chunks are not stored: they count as the fill value"
    ]
    assert open_tiled(path).read((slice(0, 61), slice(0, 83))).steps == found.steps


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("side", [10**5, 10**9])
def test_a_huge_picture_without_a_chunk_is_refused(as_zarr, pixels, version, side):
    path = as_zarr(pixels, version=version, chunks=(20, 20))
    for file in (path / "0").rglob("*"):
        if file.is_file() and file.name not in (".zarray", ".zattrs", "zarr.json"):
            file.unlink()
    told = path / "0" / (".zarray" if version == "0.4" else "zarr.json")
    fields = json.loads(told.read_text())
    told.write_text(json.dumps(fields | {"shape": [side, side]}))
    for opening in (read, open_tiled):
        with pytest.raises(ReadError, match="has no pixels: none of its .* chunks is"):
            opening(path)


def test_a_huge_picture_with_few_chunks_is_refused(as_zarr, pixels):
    path = as_zarr(pixels, chunks=(20, 20))
    fields = json.loads((path / "0/.zarray").read_text())
    (path / "0/.zarray").write_text(json.dumps(fields | {"shape": [10**8, 10**8]}))
    for opening in (read, open_tiled):
        with pytest.raises(ReadError, match=r"100,000,000 x 100,000,000 .* but only"):
            opening(path)


def test_huge_chunks_are_refused(as_zarr, pixels):
    path = as_zarr(pixels, chunks=(20, 20))
    fields = json.loads((path / "0/.zarray").read_text())
    changed = fields | {"chunks": [10**6, 10**6]}
    (path / "0/.zarray").write_text(json.dumps(changed))
    with pytest.raises(ReadError, match="chunks of 1,000,000 x 1,000,000 values, which"):
        open_tiled(path)


def test_metadata_of_other_dimensions_are_refused(as_zarr, pixels):
    with pytest.raises(ReadError, match="an array of 2 dimensions and metadata of 3 axes"):
        read(as_zarr(pixels, "CYX", chunks=(20, 20)))


def _cut(path: Path) -> None:
    file = path / "0/0.0"
    file.write_bytes(file.read_bytes()[:-20])


def _scramble(path: Path) -> None:
    (path / "0/0.0").write_bytes(b"\xff" * 300)


def _no_array(path: Path) -> None:
    shutil.rmtree(path / "0")


def _no_group(path: Path) -> None:
    (path / ".zgroup").unlink()
    (path / ".zattrs").unlink()


def _no_json(path: Path) -> None:
    (path / ".zattrs").write_text("{")


def _deep_json(path: Path) -> None:
    (path / ".zattrs").write_text('{"multiscales": ' + "[" * 10**5)


def _odd_codec(path: Path) -> None:
    fields = json.loads((path / "0/.zarray").read_text())
    changed = fields | {"compressor": {"id": "pickle"}}
    (path / "0/.zarray").write_text(json.dumps(changed))


def _negative(path: Path) -> None:
    fields = json.loads((path / "0/.zarray").read_text())
    (path / "0/.zarray").write_text(json.dumps(fields | {"shape": [-1, 5]}))


@pytest.mark.parametrize(
    "damage",
    [_cut, _scramble, _no_array, _no_group, _no_json, _deep_json, _odd_codec, _negative],
)
def test_damage_is_told_in_one_sentence(as_zarr, pixels, damage):
    path = as_zarr(pixels, chunks=(20, 20))
    damage(path)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ReadError):
        open_tiled(path).read((slice(0, 30), slice(0, 30)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_in_the_place_of_a_chunk_is_refused_at_once(as_zarr, pixels):
    path = as_zarr(pixels, chunks=(20, 20))
    (path / "0/0.0").unlink()
    os.mkfifo(path / "0/0.0")
    with pytest.raises(ReadError, match=r"0 holds 0\.0, which is no ordinary file"):
        read(path)


def test_objects_in_metadata_are_not_unpickled(as_zarr, pixels):
    path = as_zarr(pixels, chunks=(20, 20))
    fields = json.loads((path / "0/.zarray").read_text())
    odd = {"dtype": "|O", "filters": [{"id": "pickle"}], "fill_value": None}
    (path / "0/.zarray").write_text(json.dumps(fields | odd))
    with pytest.raises(ReadError):
        read(path)


def test_metadata_too_large_to_be_any_are_refused(as_zarr, pixels, monkeypatch):
    from segmetry.io import zarr_files

    path = as_zarr(pixels, chunks=(20, 20))
    monkeypatch.setattr(zarr_files, "_MAX_TEXT_BYTES", 10)
    with pytest.raises(ReadError, match="too large for metadata"):
        read(path)


def test_pictures_in_memory_stand_for_those_behind_addresses(pixels):
    import zarr

    group = zarr.open_group("memory://lab/cells.zarr", mode="w", zarr_format=2)
    array = group.create_array("0", shape=pixels.shape, chunks=(20, 20), dtype="uint16")
    array[...] = pixels
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]
    scaling = [{"type": "scale", "scale": [0.5, 0.5]}]
    datasets = [{"path": "0", "coordinateTransformations": scaling}]
    group.attrs.update({"multiscales": [{"axes": axes, "datasets": datasets}]})
    found = read("memory://lab/cells.zarr")
    assert (found.name, found.pixel_size.x) == ("cells.zarr", 0.5)
    assert np.array_equal(found.pixels, pixels)
    assert is_tiled("memory://lab/cells.zarr")
    window = slice(10, 40), slice(50, 83)
    tiled = open_tiled("memory://lab/cells.zarr")
    assert np.array_equal(tiled.read(window).pixels, pixels[window])


def test_an_address_without_a_picture_is_told():
    with pytest.raises(ReadError, match=r"none\.zarr is no Zarr group"):
        read("memory://lab/none.zarr")


def test_label_images_keep_their_numbers(as_zarr):
    numbers = np.array([[0, 255, 255], [0, 0, 7]], np.uint32)
    path = as_zarr(numbers, fields={"image-label": {}}, chunks=(2, 3))
    assert np.array_equal(read_labels(path), numbers)


@pytest.fixture
def served(tmp_path):
    """The address at which this folder is served, as a web server does."""
    pytest.importorskip("aiohttp", reason="fsspec needs aiohttp for https")
    handler = partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *given):
        pass


@pytest.mark.parametrize("version", VERSIONS)
def test_a_picture_behind_a_web_address_is_read(as_zarr, pixels, served, version):
    as_zarr(pixels, name="a.ome.zarr", version=version, chunks=(20, 20), scale=(0.5, 0.5))
    found = read(f"{served}/a.ome.zarr")
    assert (found.name, found.pixel_size.x) == ("a.ome.zarr", 0.5)
    assert np.array_equal(found.pixels, pixels)
    window = slice(10, 40), slice(50, 83)
    tiled = pickle.loads(pickle.dumps(open_tiled(f"{served}/a.ome.zarr")))
    assert np.array_equal(tiled.read(window).pixels, pixels[window])
    with pytest.raises(ReadError, match=r"b\.ome\.zarr is no Zarr group"):
        read(f"{served}/b.ome.zarr")


def test_addresses_that_need_more_say_what(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtraError, match=r"s3:// addresses.*segmetry\[remote\]"):
        read("s3://bucket/a.zarr")
    with pytest.raises(ReadError, match=r"no known kind \(gopher://\)"):
        read("gopher://bucket/a.zarr")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may all")
def test_a_folder_that_may_not_be_read_is_told(as_zarr, pixels):
    path = as_zarr(pixels, chunks=(20, 20))
    (path / "0" / ".zarray").chmod(0)
    with pytest.raises(ReadError, match="cannot be opened"):
        read(path)
