import json

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage
from typer.testing import CliRunner

from segmetry.cli import app


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def put(tmp_path, discs):
    """Write a picture of discs and its mask into a part of a set."""

    def write(part, name, seed, *, turned=False):
        rng = np.random.default_rng(seed)
        pixels = discs(list(rng.integers(5, 14, 18)), seed=seed)
        mask = np.where(pixels > 120, 255, 0).astype(np.uint8)
        for side, values in (("images", pixels), ("masks", mask)):
            folder = tmp_path / "set" / part / side
            folder.mkdir(parents=True, exist_ok=True)
            shown = np.rot90(values) if turned else values
            PillowImage.fromarray(np.ascontiguousarray(shown)).save(folder / f"{name}.png")
        return tmp_path / "set"

    return write


def test_a_set_is_told_on_the_terminal_and_in_a_report(put, tmp_path):
    put("train", "a", 1)
    folder = put("test", "b", 2)
    done = run("describe", folder, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "2 pictures, 36 objects" in done.stdout
    assert "Nothing odd was found." in done.stdout
    assert "report.html" in done.stdout
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "What is in set" in page
    assert page.count("data:image/jpeg") == 2
    told = json.loads((tmp_path / "out" / "description.json").read_text(encoding="utf-8"))
    assert told["n_objects"] == 36


def test_json_is_the_only_thing_on_stdout(put, tmp_path):
    done = run("describe", put("", "a", 1), "--out", tmp_path / "out", "--json")
    told = json.loads(done.stdout)
    assert told["n_pictures"] == 1
    assert told["out"] == str(tmp_path / "out")


def test_a_turned_copy_in_another_part_is_told(put, tmp_path):
    put("train", "a", 1)
    folder = put("test", "b", 1, turned=True)
    done = run("describe", folder, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "Warning: 1 pair of near-duplicates between parts" in done.stdout
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "in different parts" in page
    assert "not shown" not in page


def test_masks_elsewhere_can_be_named(put, tmp_path):
    folder = put("", "a", 1)
    (folder / "masks").rename(tmp_path / "elsewhere")
    out = tmp_path / "out"
    done = run(
        "describe", folder, "--masks", tmp_path / "elsewhere", "--out", out, "--json"
    )
    assert json.loads(done.stdout)["n_objects"] == 18


def test_pictures_without_masks_are_described(put, tmp_path):
    folder = put("", "a", 1) / "images"
    done = run("describe", folder, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "1 picture without masks" in done.stdout


def test_pairs_that_cannot_be_used_are_shown_and_end_with_status_1(put, tmp_path):
    for number, name in enumerate("abcdef"):
        folder = put("", name, number)
    (folder / "masks" / "a.png").write_text("no picture")
    (folder / "images" / "b.png").write_text("no picture")
    PillowImage.fromarray(np.zeros((9, 9), np.uint8)).save(folder / "masks" / "c.png")
    mask = PillowImage.open(folder / "masks" / "d.png").transpose(
        PillowImage.Transpose.FLIP_TOP_BOTTOM
    )
    mask.save(folder / "masks" / "d.png")
    (folder / "masks" / "e.png").unlink()
    done = run("describe", folder, "--out", tmp_path / "out")
    assert done.exit_code == 1
    told = json.loads((tmp_path / "out" / "description.json").read_text(encoding="utf-8"))
    kinds = {finding["name"]: finding["kind"] for finding in told["findings"]}
    assert kinds == {
        "a": "unreadable",
        "b": "unreadable",
        "c": "shape",
        "d": "misplaced",
        "e.png": "alone",
    }
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count('<article class="card">') == 3


def test_a_stack_with_a_finding_is_shown_without_its_mask(tmp_path):
    for side, value in (("images", 9), ("masks", 0)):
        (tmp_path / side).mkdir()
        stack = np.zeros((3, 40, 50), np.uint8)
        stack[:, 10:20, 10:20] = value
        tifffile.imwrite(
            tmp_path / side / "a.tif", stack, imagej=True, metadata={"axes": "ZYX"}
        )
    done = run("describe", tmp_path, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "The mask marks no object." in done.stdout


def test_an_earlier_report_is_not_overwritten_unless_asked(put, tmp_path):
    folder = put("", "a", 1)
    line = ["describe", folder, "--out", tmp_path / "out"]
    assert run(*line).exit_code == 0
    again = run(*line)
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr
    assert run(*line, "--overwrite").exit_code == 0


def test_a_folder_that_is_none_ends_with_status_2(tmp_path):
    done = run("describe", tmp_path / "none", "--out", tmp_path / "out", "--json")
    assert done.exit_code == 2
    assert "is no folder" in json.loads(done.stdout)["error"]
    assert not (tmp_path / "out").exists()


def test_a_report_that_cannot_be_written_ends_with_status_1(put, tmp_path):
    (tmp_path / "out").write_text("a file")
    done = run("describe", put("", "a", 1), "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "Cannot make the folder out" in done.stderr


@pytest.mark.slow
def test_a_real_set_is_described_with_its_parts(data, tmp_path):
    done = run("describe", data("ampis_powder"), "--out", tmp_path / "out", "--json")
    told = json.loads(done.stdout)
    assert told["parts"] == [
        {"part": "test", "n_pictures": 1, "n_objects": 238},
        {"part": "train", "n_pictures": 4, "n_objects": 1122},
    ]
    assert (tmp_path / "out" / "report.html").stat().st_size < 2_000_000
