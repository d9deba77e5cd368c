"""Objects go out to other programs, and come back."""

import json
from typing import get_args

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app, exchange_options
from segmetry.cli.volumes import VOLUME_FORMATS
from segmetry.io import read_labels, write_labels, write_png
from segmetry.io.exchange import EXCHANGE_FORMATS, read_origins

PNG = ("masks-png", "cellpose-png")  # numbers of 16 bits
BACK = [name for name, one in EXCHANGE_FORMATS.items() if one.can_import]
EXACT = [name for name in BACK if not EXCHANGE_FORMATS[name].loses]
LOSING = [name for name, one in EXCHANGE_FORMATS.items() if one.loses]


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def drawn(tmp_path):
    """An annotated set of two pictures: touching objects, a hole, an object in parts."""
    labels = np.zeros((12, 15), np.uint32)
    labels[1:6, 1:6] = 4
    labels[3, 3] = 0
    labels[1:6, 6:9] = 70_000
    labels[8:10, 2:4] = labels[8:10, 6:8] = 9
    masks = {"a": labels, "b": np.flip(labels).copy()}
    for folder in ("images", "masks"):
        (tmp_path / "set" / folder).mkdir(parents=True)
    for name, mask in masks.items():
        write_png(tmp_path / "set" / "images" / f"{name}.png", (mask > 0).astype(np.uint8))
        write_labels(tmp_path / "set" / "masks" / f"{name}.tif", mask)
    return masks


def test_help_names_the_formats_that_there_are():
    annotated, _ = get_args(exchange_options.ExportFormat)
    known = dict.fromkeys((*EXCHANGE_FORMATS, *VOLUME_FORMATS))
    assert set(get_args(annotated)) == set(known)
    assert len(get_args(annotated)) == len(known)


@pytest.mark.parametrize("name", EXACT)
def test_what_is_exported_comes_back_exactly(tmp_path, drawn, name):
    if name in PNG:
        drawn = {stem: labels % 65_521 for stem, labels in drawn.items()}
        for stem, labels in drawn.items():
            write_labels(tmp_path / "set" / "masks" / f"{stem}.tif", labels)
    out = run("export", tmp_path / "set", "--to", name, "--out", tmp_path / "out")
    assert out.exit_code == 0, out.output
    assert out.stdout == f"Exported 6 objects of 2 pictures: {tmp_path / 'out'}.\n"
    back = run(
        *("import", tmp_path / "out", "--out", tmp_path / "back"),
        *("--images", tmp_path / "set" / "images", "--allow-pickle"),
    )
    assert back.exit_code == 0, back.output
    assert "Imported 6 objects of 2 pictures" in back.stdout
    for stem, labels in drawn.items():
        found = read_labels(tmp_path / "back" / f"{stem}_labels.tif")
        assert np.array_equal(found, labels)
    kinds = {one.kind for one in read_origins(tmp_path / "back").values()}
    assert kinds == {"imported"}


@pytest.mark.parametrize("name", LOSING)
@pytest.mark.usefixtures("drawn")
def test_what_a_format_loses_is_said(tmp_path, name):
    out = run("export", tmp_path / "set", "--to", name, "--out", tmp_path / "out")
    assert out.exit_code == 0, out.output
    assert out.stdout.endswith(f". {EXCHANGE_FORMATS[name].loses}\n")


@pytest.mark.usefixtures("drawn")
def test_dots_come_back_as_objects_of_one_pixel(tmp_path):
    run("export", tmp_path / "set", "--to", "dots", "--out", tmp_path / "dots.csv")
    images = tmp_path / "set" / "images"
    done = run(
        "import", tmp_path / "dots.csv", "--out", tmp_path / "back", "--images", images
    )
    assert done.exit_code == 0, done.output
    found = read_labels(tmp_path / "back" / "a_labels.tif")
    assert np.argwhere(found).tolist() == [[3, 3], [3, 7], [9, 5]]


@pytest.mark.usefixtures("drawn")
def test_json_is_the_only_thing_on_stdout(tmp_path):
    words = ("export", tmp_path / "set", "--to", "voc", "--out", tmp_path / "out", "--json")
    told = json.loads(run(*words).stdout)
    assert told["n_objects"] == 6
    assert told["n_pictures"] == 2
    assert told["format"] == "voc"
    assert "Outlines are lost" in told["loses"]
    words = ("import", tmp_path / "set" / "masks", "--out", tmp_path / "back", "--json")
    assert json.loads(run(*words).stdout)["remarks"] == []


@pytest.mark.usefixtures("drawn")
def test_files_that_are_there_are_kept_unless_told_otherwise(tmp_path):
    words = ("export", tmp_path / "set", "--to", "coco", "--out", tmp_path / "out")
    assert run(*words).exit_code == 0
    again = run(*words)
    assert again.exit_code == 2
    assert "coco.json is there already" in again.stderr
    assert run(*words, "--overwrite").exit_code == 0


@pytest.mark.usefixtures("drawn")
def test_files_without_the_size_of_the_picture_ask_for_it(tmp_path):
    run("export", tmp_path / "set", "--to", "imagej", "--out", tmp_path / "out")
    done = run("import", tmp_path / "out", "--out", tmp_path / "back")
    assert done.exit_code == 2
    assert "--images FOLDER" in done.stderr


@pytest.mark.usefixtures("drawn")
def test_a_pickle_is_opened_only_if_somebody_says_so(tmp_path):
    out = run("export", tmp_path / "set", "--to", "cellpose-seg", "--out", tmp_path / "out")
    assert out.exit_code == 0, out.output
    words = ("import", tmp_path / "out", "--out", tmp_path / "back")
    refused = run(*words)
    assert refused.exit_code == 1
    assert "can run any program" in refused.stderr
    assert "--allow-pickle" in refused.stderr
    assert not (tmp_path / "back").exists() or not any((tmp_path / "back").iterdir())
    assert run(*words, "--allow-pickle").exit_code == 0


@pytest.mark.usefixtures("drawn")
def test_numbers_that_png_cannot_hold_are_refused(tmp_path):
    out = run("export", tmp_path / "set", "--to", "masks-png", "--out", tmp_path / "out")
    assert out.exit_code == 1
    assert "an object number 70,000" in out.stderr


def test_overlaps_are_told_as_a_note(tmp_path):
    text = "ImageId,EncodedPixels,Height,Width\na,1 2,1,3\na,2 2,1,3\n"
    (tmp_path / "rle.csv").write_text(text)
    done = run("import", tmp_path / "rle.csv", "--out", tmp_path / "back")
    assert done.exit_code == 0
    assert "Note: Objects overlap in 1 pixels" in done.stderr


def test_a_damaged_file_ends_with_1_and_nothing_to_export_with_2(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (tmp_path / "images").mkdir()
    write_png(tmp_path / "images" / "a.png", np.zeros((2, 2), np.uint8))
    words = ("import", tmp_path / "a.zip", "--out", tmp_path / "b")
    done = run(*words, "--images", tmp_path / "images")
    assert done.exit_code == 1
    assert "not a zip of ImageJ selections" in done.stderr
    done = run("export", tmp_path / "none", "--to", "masks", "--out", tmp_path / "b")
    assert done.exit_code == 2
    assert "is no folder" in done.stderr
