import json
import shutil
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pandas as pd
import psutil
import pytest
import tifffile

from segmetry import io
from segmetry.batch import BatchOptions, run_batch
from segmetry.batch.inputs import file_hash, find_pictures
from segmetry.batch.large import STATE, needs_tiles
from segmetry.batch.memory import LEAST
from segmetry.image import Image, PixelSize
from segmetry.io import write_ome_zarr
from segmetry.recipe import Recipe
from segmetry.tiled import InMemory

SIDE = 2300
RECIPE = Recipe(segmentation={"name": "threshold"})


@pytest.fixture(scope="module")
def drawn():
    """A picture that takes more memory than is stated, with discs over all tiles."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE]
    pixels = rng.integers(20, 40, (SIDE, SIDE), dtype=np.uint8)
    pixels[((y % 90 - 45) ** 2 + (x % 90 - 45) ** 2) < 500] += 150
    pixels[1100:1500, 700:730] = 200
    return Image(pixels, pixel_size=PixelSize(y=0.5, x=0.5, unit="um", source="typed"))


@pytest.fixture(scope="module")
def picture(drawn, tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "mosaic.tif"
    size = {"resolution": (20_000, 20_000), "resolutionunit": "CENTIMETER"}
    tifffile.imwrite(path, drawn.pixels, tile=(256, 256), compression="zlib", **size)
    return path


@pytest.fixture(scope="module")
def whole(picture, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    return run_batch(RECIPE, picture, out), out


@pytest.fixture(scope="module")
def in_tiles(picture, tmp_path_factory):
    out = tmp_path_factory.mktemp("tiles") / "run"
    said = []
    options = BatchOptions(memory=LEAST)
    begun = lambda what, _total: said.append(what)  # noqa: E731
    return run_batch(RECIPE, picture, out, options=options, begun=begun), out, said


def test_tables_are_those_of_the_whole_picture(whole, in_tiles):
    pd.testing.assert_frame_equal(in_tiles[0].objects, whole[0].objects, check_exact=True)
    assert (in_tiles[1] / "objects.csv").read_bytes() == (
        whole[1] / "objects.csv"
    ).read_bytes()
    assert (in_tiles[1] / "images.csv").read_bytes() == (
        whole[1] / "images.csv"
    ).read_bytes()


def test_labels_are_written_as_ome_zarr_and_as_tiff(whole, in_tiles):
    expected = io.read_labels(whole[1] / "mosaic" / "labels.tif")
    for name in ("labels.tif", "labels.ome.zarr"):
        found = io.read_labels(in_tiles[1] / "mosaic" / name)
        assert np.array_equal(found, expected)


def test_the_overlay_is_a_reduced_one(in_tiles):
    overlay = io.read(in_tiles[1] / "mosaic" / "overlay.png")
    assert max(overlay.spatial_shape) <= 2000


def test_all_files_are_in_the_manifest_and_nothing_else_stays(in_tiles):
    out = in_tiles[1]
    assert not list(out.glob(f"{STATE}*"))
    outputs = json.loads((out / "manifest.json").read_text())["outputs"]
    assert "mosaic/labels.ome.zarr/.zattrs" in outputs
    for name, sha256 in outputs.items():
        assert file_hash(out / name) == sha256


def test_it_is_told_how_far_the_work_is_and_how_long_it_takes(in_tiles):
    said = in_tiles[2]
    assert any("finding foreground, tile 1 of 4" in what for what in said)
    assert any("s left" in what for what in said)


def test_a_run_that_is_there_is_kept(picture, in_tiles, tmp_path):
    out = tmp_path / "again"
    shutil.copytree(in_tiles[1], out)
    said = []
    result = run_batch(
        RECIPE,
        picture,
        out,
        options=BatchOptions(memory=LEAST, resume=True),
        begun=lambda what, _total: said.append(what),
    )
    assert len(result.objects) == len(in_tiles[0].objects)
    assert said == ["statistics and report"]


def test_a_run_that_was_stopped_goes_on_at_the_tile(picture, whole, tmp_path):
    out = tmp_path / "stopped"

    def stop(what, _total):
        if "finding objects, tile 2" in what:
            raise KeyboardInterrupt

    options = BatchOptions(memory=LEAST)
    with pytest.raises(KeyboardInterrupt):
        run_batch(RECIPE, picture, out, options=options, begun=stop)
    assert len(list(out.glob(f"{STATE}*"))) == 1
    said = []
    result = run_batch(
        RECIPE,
        picture,
        out,
        options=BatchOptions(memory=LEAST, resume=True),
        begun=lambda what, _total: said.append(what),
    )
    assert not any("finding foreground" in what for what in said)
    assert any("finding objects, tile 2 of" in what for what in said)
    pd.testing.assert_frame_equal(result.objects, whole[0].objects, check_exact=True)
    assert not list(out.glob(f"{STATE}*"))


def test_a_run_takes_no_more_memory_than_is_stated(picture, tmp_path):
    words = [sys.executable, "-m", "segmetry", "run", str(picture), "--memory", "600MB"]
    words += ["--segmenter", "threshold", "--jobs", "1", "--out", str(tmp_path / "run")]
    peak = 0
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as programme:
        while programme.poll() is None:
            with suppress(psutil.Error):
                info = psutil.Process(programme.pid).memory_full_info()
                peak = max(peak, getattr(info, "pss", info.uss))
            time.sleep(0.05)
    assert programme.returncode == 0
    assert (tmp_path / "run" / "mosaic" / "labels.ome.zarr").is_dir()
    assert 10**8 < peak < LEAST


def test_ome_zarr_is_seen_in_tiles_too(drawn, whole, tmp_path):
    path = tmp_path / "mosaic.ome.zarr"
    write_ome_zarr(path, InMemory(drawn))
    result = run_batch(RECIPE, path, tmp_path / "run", options=BatchOptions(memory=LEAST))
    assert (tmp_path / "run" / "mosaic" / "labels.ome.zarr").is_dir()
    assert result.objects["area_px"].equals(whole[0].objects["area_px"])


@pytest.mark.parametrize(
    ("recipe", "memory", "expected"),
    [
        (RECIPE, LEAST, True),
        (RECIPE, 8 * 10**9, False),
        (Recipe(segmentation={"name": "watershed"}), LEAST, False),
        (Recipe(thin={"enabled": True}), LEAST, False),
        (Recipe(banner={"fill": "crop"}), LEAST, False),
    ],
)
def test_only_what_does_not_fit_is_seen_in_tiles(picture, recipe, memory, expected):
    (one,) = find_pictures([picture])
    assert needs_tiles(one, recipe, memory) is expected


def test_a_picture_without_contrast_fails_with_the_reason(tmp_path):
    path = tmp_path / "flat.tif"
    tifffile.imwrite(path, np.full((SIDE, SIDE), 7, np.uint8), tile=(256, 256))
    options = BatchOptions(memory=LEAST)
    result = run_batch(RECIPE, path, tmp_path / "run", options=options)
    assert result.n_failed == 1
    assert "flat" in result.images["reason"][0]
    assert not list((tmp_path / "run").glob(f"{STATE}*"))
