import json

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.io import write_png

QUICK = ("--segmenter", "threshold", "--pixel-size", "1um")


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="session")
def squares(tmp_path_factory):
    """A run on one picture of four squares."""
    folder = tmp_path_factory.mktemp("squares")
    pixels = np.full((64, 64), 30, np.uint8)
    for row in (8, 40):
        for column in (8, 40):
            pixels[row : row + 12, column : column + 12] = 200
    write_png(folder / "a.png", pixels)
    done = run("run", folder / "a.png", "--out", folder / "out", *QUICK)
    assert done.exit_code == 0, done.output
    return folder / "out"


def test_a_run_is_archived_checked_and_done_again(squares, tmp_path):
    to = tmp_path / "a.zip"
    done = run("archive", squares, "--to", to, "--ro-crate", "--with-pictures")
    assert done.exit_code == 0, done.output
    assert "SHA-256: " in done.stdout
    assert "Not in it" not in done.stdout
    done = run("verify", to, "--recompute")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == [
        "All files are as the run wrote them.",
        "Done again: labels and tables of 1 picture come out the same.",
    ]


def test_json_is_one_object(squares, tmp_path):
    to = tmp_path / "a.zip"
    told = json.loads(run("archive", squares, "--to", to, "--json").stdout)
    assert told["path"] == str(to)
    assert told["left_out"] == ["1 picture"]
    words = ("--recompute", "--pictures", squares.parent, "--json")
    told = json.loads(run("verify", to, *words).stdout)
    assert told["findings"] == told["additional"] == []
    assert told["seal"] == "whole"
    assert told["recomputed"]["is_equal"]


def test_a_changed_archive_ends_with_1_and_one_that_is_none_with_2(squares, tmp_path):
    to = tmp_path / "a.zip"
    run("archive", squares, "--to", to)
    content = to.read_bytes()
    to.write_bytes(content.replace(b"area_um2", b"area_UM2", 1))
    done = run("verify", to)
    assert done.exit_code == 1
    assert "has changed since the run" in done.stdout
    to.write_bytes(content[:100])
    done = run("verify", to)
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")


def test_what_comes_out_otherwise_ends_with_1(squares, tmp_path):
    to = tmp_path / "a.zip"
    run("archive", squares, "--to", to)
    done = run("verify", to, "--recompute")
    assert done.exit_code == 2
    assert "--pictures" in done.stderr


def test_archives_that_are_there_or_runs_that_changed_have_their_status(squares, tmp_path):
    to = tmp_path / "a.zip"
    to.write_text("mine")
    assert run("archive", squares, "--to", to).exit_code == 2
    assert to.read_text() == "mine"
    assert run("archive", tmp_path, "--to", tmp_path.parent / "b.zip").exit_code == 2
    done = run("archive", squares, "--to", tmp_path / "absent" / "a.zip", "--json")
    assert done.exit_code == 1
    assert "error" in json.loads(done.stdout)
