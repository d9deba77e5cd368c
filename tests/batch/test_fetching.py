"""Runs of pictures behind URLs."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pandas as pd
import pytest
from PIL import Image as PillowImage

from segmetry.batch import BatchOptions, find_pictures, run_batch
from segmetry.errors import RecipeError
from segmetry.recipe import Recipe, read_recipe

pytest.importorskip("fsspec", reason="needs the extra `remote`")

SIMPLE = Recipe(
    segmentation={"name": "threshold"},
    calibration={"pixel_size": "50 nm", "scale_bar": False},
)


@pytest.fixture
def folder(tmp_path, discs):
    """A folder of two pictures and one that is cut off."""
    place = tmp_path / "wells"
    place.mkdir()
    for name, n in (("a", 4), ("b", 6)):
        PillowImage.fromarray(discs([6] * n, shape=(60, 90))).save(place / f"{name}.png")
    (place / "cut.png").write_bytes((place / "a.png").read_bytes()[:60])
    return place


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def port(folder):
    """Where a server of this folder listens."""
    pytest.importorskip("aiohttp", reason="fsspec needs aiohttp for http")
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_pictures_behind_urls_are_run_as_those_here(folder, tmp_path):
    out, again = tmp_path / "out", tmp_path / "here"
    result = run_batch(SIMPLE, [f"{folder.as_uri()}/*.png"], out)
    run_batch(SIMPLE, [folder], again)
    assert result.images["status"].tolist() == ["done", "done", "failed"]
    for name in ("objects.csv", "images.csv", "a/labels.tif"):
        assert (out / name).read_bytes() == (again / name).read_bytes()
    inputs = read_recipe(out / "recipe.toml").inputs
    assert inputs[0].path == f"{folder.as_uri()}/a.png"
    assert inputs[0].sha256


def test_resuming_fetches_and_does_what_changed_alone(folder, tmp_path, discs):
    out, url = tmp_path / "out", f"{folder.as_uri()}/"
    run_batch(SIMPLE, [url], out)
    kept = (out / "a" / "labels.tif").stat().st_mtime_ns
    changed = (out / "b" / "labels.tif").stat().st_mtime_ns
    PillowImage.fromarray(discs([6] * 5, shape=(60, 90))).save(folder / "b.png")
    (folder / "cut.png").write_bytes((folder / "a.png").read_bytes())
    result = run_batch(SIMPLE, [url], out, options=BatchOptions(resume=True))
    assert result.images["n_objects"].tolist() == [4, 5, 4]
    assert (out / "a" / "labels.tif").stat().st_mtime_ns == kept
    assert (out / "b" / "labels.tif").stat().st_mtime_ns != changed


def test_a_picture_that_is_gone_behind_its_url_fails_alone(folder, tmp_path):
    out = tmp_path / "out"
    urls = [f"{folder.as_uri()}/{name}.png" for name in ("a", "b")]
    run_batch(SIMPLE, urls, out)
    (folder / "b.png").unlink()
    result = run_batch(SIMPLE, urls, out, options=BatchOptions(resume=True))
    assert result.images["status"].tolist() == ["done", "failed"]
    assert "Cannot fetch b.png" in result.images["reason"][1]
    assert not (out / "b").exists()
    assert set(pd.read_csv(out / "objects.csv")["image"]) == {"a"}


def test_passwords_and_tokens_of_addresses_stand_in_no_file_of_a_run(port, tmp_path):
    """Results are passed on; who repeats the run names the address again."""
    out = tmp_path / "out"
    urls = [
        f"http://me:s3cret@127.0.0.1:{port}/a.png?signature=s3.cret",
        f"http://me:s3cret@127.0.0.1:{port}/gone.png?signature=s3.cret",
    ]
    result = run_batch(SIMPLE, urls, out)
    assert result.images["status"].tolist() == ["done", "failed"]
    assert result.images["image"].tolist() == ["a", "gone"]
    assert read_recipe(out / "recipe.toml").inputs[0].path.endswith(f":{port}/a.png")
    files = [path for path in out.rglob("*") if path.is_file()]
    told = b"".join([str(files).encode(), *(path.read_bytes() for path in files)])
    assert not any(secret in told for secret in (b"s3cret", b"s3.cret"))


@pytest.mark.parametrize("pattern", ["*.czi", "nothing/*"])
def test_a_pattern_behind_which_is_no_picture_is_told(folder, pattern):
    with pytest.raises(RecipeError, match="matches no picture"):
        find_pictures([f"{folder.as_uri()}/{pattern}"])


def test_addresses_of_no_known_kind_are_told():
    with pytest.raises(RecipeError, match="Cannot read nowhere://bucket"):
        find_pictures(["nowhere://bucket/*.tif"])


def test_a_url_keeps_its_place_among_files(folder):
    found = find_pictures([folder / "b.png", f"{folder.as_uri()}/a.png"])
    assert [picture.path.name for picture in found] == ["b.png", "a.png"]
    assert found[1].path == Path(f"{folder.as_uri()}/a.png")
