"""Python, the command line and HTTP: one recipe, the same bytes, of one picture or many."""

import io as stdlib_io
import os
import shlex
import subprocess
import sys
import time
import zipfile

import cv2
import numpy as np
import pandas as pd
import pytest
import tifffile

from segmetry import io
from segmetry.batch import BatchOptions, run_batch
from segmetry.recipe import read_recipe_text, run

METHODS = [("threshold", {"min_area": 30}), ("particles", {})]
TABLES = ("objects.csv", "images.csv", "summary.json", "schema.json")


@pytest.fixture
def folder(tmp_path, discs):
    """A grey picture, one of 16 bits that knows its pixel size, and one in colour."""
    folder = tmp_path / "batch"
    folder.mkdir()
    io.write_png(folder / "grey.png", discs([9] * 14))
    deep = discs([14] * 6, seed=1).astype(np.uint16) * 200
    size = {"resolution": (20.0, 20.0), "metadata": {"unit": "um"}}
    tifffile.imwrite(folder / "deep.tif", deep, imagej=True, **size)
    colour = np.stack([discs([8] * 20, seed=2)] * 3, axis=-1)
    colour[..., 2] //= 2
    (folder / "colour.png").write_bytes(cv2.imencode(".png", colour)[1].tobytes())
    return folder


def over_http(client, folder, method, options, **more):
    """Run a method on all pictures of a folder; returns the project and the pictures."""
    opened = client.post("/api/v1/projects/open", json={"folder": str(folder)}).json()
    place = f"/api/v1/projects/{opened['id']}"
    client.post(f"{place}/local", json={"paths": [str(folder)]}).raise_for_status()
    return place, all_run(client, place, method, options, **more)


def uploaded(client, folder, sheet, method, options):
    """Upload all pictures of a folder, the last first, and a sheet, and run a method."""
    made = client.post("/api/v1/projects", json={"name": "uploads"}).json()
    place = f"/api/v1/projects/{made['id']}"
    octets = {"Content-Type": "application/octet-stream"}
    for path in sorted(folder.glob("*.*[fg]"), reverse=True):
        sent = {"params": {"name": path.name}, "content": path.read_bytes()}
        client.post(f"{place}/images", headers=octets, **sent).raise_for_status()
    content = sheet.read_bytes()
    client.put(f"{place}/sheet", content=content, headers=octets).raise_for_status()
    all_run(client, place, method, options)
    return place


def all_run(client, place, method, options, **more):
    """Run a method on all pictures of a project that are being read; returns them."""

    def pictures(status):
        while True:
            told = client.get(place).json()["pictures"]
            assert not [one for one in told if one["status"] == "failed"]
            if {one["status"] for one in told} == {status}:
                return told
            time.sleep(0.1)

    for picture in pictures("ready"):
        asked = {"segmenter": method, "params": options} | more
        client.post(f"/api/v1/images/{picture['id']}/runs", json=asked).raise_for_status()
    return pictures("done")


def unpacked(content, folder):
    with zipfile.ZipFile(stdlib_io.BytesIO(content)) as packed:
        packed.extractall(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(("method", "options"), METHODS, ids=[name for name, _ in METHODS])
def test_one_recipe_gives_the_same_bytes_three_ways(
    client, folder, tmp_path, method, options
):
    place, pictures = over_http(client, folder, method, options)
    assert {picture["n_objects"] for picture in pictures} == {14, 6, 20}

    # All pictures at once.
    http = unpacked(client.get(f"{place}/export").content, tmp_path / "http")
    told = client.get(f"/api/v1/labels/{pictures[0]['labels']}/command").json()
    words = shlex.split(told["command"].replace(" DIR", f" {tmp_path / 'line'}"))
    words[words.index(pictures[0]["name"])] = str(folder)
    assert words[0] == "segmetry"
    subprocess.run([sys.executable, "-m", *words], check=True, capture_output=True)
    recipe = read_recipe_text(told["recipe"])
    run_batch(recipe, [str(folder)], tmp_path / "python", options=BatchOptions(jobs=1))
    stems = sorted(os.path.splitext(picture["name"])[0] for picture in pictures)  # noqa: PTH122 - no path
    assert stems == ["colour", "deep", "grey"]
    images = [f"{stem}/{name}" for stem in stems for name in ("labels.tif", "overlay.png")]
    for file in (*TABLES, *images):
        expected = (http / file).read_bytes()
        assert (tmp_path / "line" / file).read_bytes() == expected, file
        assert (tmp_path / "python" / file).read_bytes() == expected, file

    # What was uploaded, and its sheet: nothing tells where anything lay.
    (tmp_path / "sheet.csv").write_text("image,time_h\ndeep.tif,2\ngrey.png,1\n")
    place = uploaded(client, folder, tmp_path / "sheet.csv", method, options)
    zipped = unpacked(client.get(f"{place}/export").content, tmp_path / "uploads")
    text = (zipped / "recipe.toml").read_text(encoding="utf-8")
    inputs = read_recipe_text(text).inputs
    assert [item.path for item in inputs] == ["colour.png", "deep.tif", "grey.png"]
    assert ".." not in text
    assert str(tmp_path) not in text
    words = ["segmetry", "run", str(folder), "--recipe", str(zipped / "recipe.toml")]
    words += ["--out", str(tmp_path / "again")]
    subprocess.run([sys.executable, "-m", *words], check=True, capture_output=True)
    for file in (*TABLES, *images):
        again = (tmp_path / "again" / file).read_bytes()
        assert again == (zipped / file).read_bytes(), file
    summary = (zipped / "summary.json").read_text(encoding="utf-8")
    assert "The sheet has no row for colour.png." in summary
    assert "time_h=2" in summary

    # One picture alone: what is downloaded of it, and what `run` returns.
    for picture in pictures:
        export = f"/api/v1/labels/{picture['labels']}/export"
        got = {f: client.get(export, params={"fmt": f}).content for f in ("labels", "csv")}
        found = run(recipe, io.read(folder / picture["name"]))
        stem = picture["name"].partition(".")[0]
        table = found.objects.copy()
        table.insert(0, "image", stem)
        io.write_table(tmp_path / "one.csv", table)
        io.write_labels(tmp_path / "one.tif", found.labels)
        assert got["csv"] == (tmp_path / "one.csv").read_bytes()
        assert got["labels"] == (tmp_path / "one.tif").read_bytes()
        assert got["labels"] == (http / stem / "labels.tif").read_bytes()


@pytest.mark.slow
def test_lines_are_the_same_three_ways(client, tmp_path):
    folder = tmp_path / "lines"
    folder.mkdir()
    y, x = np.mgrid[:120, :200]
    pixels = np.full((120, 200, 3), 120, np.uint8)
    pixels[np.abs(y - 60 - 20 * np.sin(x / 25)) <= 2, 1] = 60
    pixels[10:45, 98:102, 1] = 60
    coloured = cv2.imencode(".png", pixels[..., ::-1])[1]
    (folder / "wave.png").write_bytes(coloured.tobytes())
    thin = {"enabled": True, "grey": "green"}
    place, (picture,) = over_http(client, folder, "ridge", {"widest": 5}, thin=thin)

    http = unpacked(client.get(f"{place}/export").content, tmp_path / "http")
    told = client.get(f"/api/v1/labels/{picture['labels']}/command").json()
    assert {"--thin", "--thin-grey"} <= set(told["command"].split())
    words = shlex.split(told["command"].replace(" DIR", f" {tmp_path / 'line'}"))
    words[words.index("wave.png")] = str(folder)
    subprocess.run([sys.executable, "-m", *words], check=True, capture_output=True)
    recipe = read_recipe_text(told["recipe"])
    run_batch(recipe, [str(folder)], tmp_path / "python", options=BatchOptions(jobs=1))
    files = ("segments.csv", "nodes.csv", "wave/widths.png", "wave/labels.tif")
    for file in (*TABLES, *files):
        expected = (http / file).read_bytes()
        assert (tmp_path / "line" / file).read_bytes() == expected, file
        assert (tmp_path / "python" / file).read_bytes() == expected, file
    shown = client.get(f"/api/v1/labels/{picture['labels']}/thin").json()["segments"]
    written = pd.read_csv(http / "segments.csv").drop(columns="image")
    assert list(written.columns) == shown["columns"]
    assert written["length_px"].tolist() == [
        row[shown["columns"].index("length_px")] for row in shown["values"]
    ]
