"""Edits made elsewhere come back into a run by `segmetry import --into`."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.io import read_labels, write_labels, write_png


def command(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("once")
    pixels = np.full((60, 90), 20, np.uint8)
    for x in (10, 35, 60):
        pixels[20:40, x : x + 18] = 200
    write_png(tmp_path / "a.png", pixels)
    words = ("--segmenter", "threshold", "--no-scale-bar", "--out", tmp_path / "run")
    done = command("run", tmp_path / "a.png", *words)
    assert done.exit_code == 0, done.output
    return tmp_path


@pytest.fixture
def run(once, tmp_path):
    """A run on a picture of three bright squares."""
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "run"


def test_an_edit_goes_out_comes_back_and_is_taken_back(run, tmp_path):
    assert command("export", run, "--to", "masks", "--out", tmp_path / "out").exit_code == 0
    back = command("import", tmp_path / "out", "--into", run)
    assert back.exit_code == 0, back.output
    assert back.stdout == f"0 changes in 1 picture: {run} is as it was.\n"
    path = tmp_path / "out" / "a_labels.tif"
    labels = read_labels(path)
    labels[labels == 2] = 0
    labels[:5, :5] = 50
    write_labels(path, labels)
    back = command("import", path, "--into", run)
    assert back.exit_code == 0, back.output
    assert back.stdout.splitlines() == [
        "a: 1 drawn (4); 1 removed (2).",
        f"2 changes in 1 picture: {run} is up to date.",
    ]
    assert pd.read_csv(run / "objects.csv")["label"].tolist() == [1, 3, 4]
    assert command("verify", run).exit_code == 0
    back = command("import", "--undo", "--into", run, "--json")
    told = json.loads(back.stdout)
    assert told["n_changes"] == 2
    (picture,) = told["pictures"]
    assert {
        name: picture[name] for name in ("image", "n_kept", "n_drawn", "n_removed")
    } == {
        "image": "a",
        "n_kept": 2,
        "n_drawn": 1,
        "n_removed": 1,
    }
    assert [one["label"] for one in picture["changes"]] == [2, 4]
    assert pd.read_csv(run / "objects.csv")["label"].tolist() == [1, 2, 3]
    assert command("verify", run).exit_code == 0


def test_overlaps_are_told_as_a_note(run, tmp_path):
    text = "ImageId,EncodedPixels,Height,Width,Label\na,1 2,60,90,1\na,2 2,60,90,2\n"
    (tmp_path / "rle.csv").write_text(text)
    done = command("import", tmp_path / "rle.csv", "--into", run)
    assert done.exit_code == 0
    assert "Note: Objects overlap in 1 pixels" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("out",), "say either --out"),
        (("out", "--into", "run", "--out", "b"), "say either --out"),
        (("out", "--into", "run", "--images", "b"), "a run knows its pictures"),
        (("--out", "b"), "name the file or folder"),
        (("--into", "run"), "name the file or folder"),
        (("out", "--into", "run", "--undo"), "alone"),
        (("--out", "b", "--undo"), "alone"),
        (("none", "--into", "no run"), "no folder of a run"),
    ],
)
def test_a_command_that_is_wrong_ends_with_2(tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    done = command("import", *words)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_file_that_cannot_be_read_ends_with_1_and_changes_nothing(run, tmp_path):
    before = (run / "manifest.json").read_bytes()
    (tmp_path / "a.zip").write_bytes(b"no zip")
    done = command("import", tmp_path / "a.zip", "--into", run, "--json")
    assert done.exit_code == 1
    assert "not a zip of ImageJ selections" in json.loads(done.stdout)["error"]
    assert (run / "manifest.json").read_bytes() == before
    assert command("import", "--into", run, "--undo").exit_code == 1
