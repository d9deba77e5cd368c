import json

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.io import write_labels, write_png


def tune(*words):
    return CliRunner().invoke(app, ["tune", *(str(word) for word in words)])


@pytest.fixture
def drawn(tmp_path):
    """Five pictures of bright squares."""
    rng = np.random.default_rng(0)
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    for k in range(5):
        labels = np.zeros((64, 64), np.uint16)
        pixels = rng.normal(50, 5, labels.shape)
        for number, cell in enumerate(rng.permutation(16)[:5], start=1):
            y, x = 16 * (cell // 4) + 2, 16 * (cell % 4) + 2
            labels[y : y + 11, x : x + 9 + number] = number
        pixels[labels > 0] += 120
        write_png(tmp_path / "images" / f"p{k}.png", pixels.clip(0, 255).astype(np.uint8))
        write_labels(tmp_path / "masks" / f"p{k}.tif", labels)
    return tmp_path


def words(drawn, *more):
    quick = ("--method", "threshold", "--trials", "2", "--folds", "2")
    return (drawn / "images", drawn / "masks", "--out", drawn / "out", *quick, *more)


def test_what_tuning_is_worth_is_the_first_line(drawn):
    done = tune(*words(drawn))
    assert done.exit_code == 0, done.output
    lines = [line for line in done.stdout.splitlines() if line]
    assert lines[0].startswith("On pictures that the search did not see")
    assert lines[-1].startswith("Recipe: ")
    assert (drawn / "out" / "tuned.toml").is_file()
    again = tune(*words(drawn))
    assert again.exit_code == 2
    assert "--resume" in again.output
    assert tune(*words(drawn, "--resume")).exit_code == 0


def test_json_is_one_object_and_nothing_else(drawn):
    done = tune(*words(drawn, "--json", "--set", "method=li"))
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["method"] == "threshold"
    assert "method" not in told["tuned"]
    assert told["n_trials"] == 2


def test_a_picture_that_was_left_out_gives_status_1(drawn):
    (drawn / "images" / "p3.png").write_bytes(b"nothing")
    done = tune(*words(drawn))
    assert done.exit_code == 1
    assert "Left out: p3" in done.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--method", "otsu"], "no segmenter 'otsu'"),
        (["--set", "method"], "OPTION=VALUE"),
        (["--score", "beauty"], "ordered by one of"),
        (["--trials", "0"], "trials"),
    ],
)
def test_a_wrong_command_line_gives_status_2_and_one_sentence(drawn, more, said):
    done = tune(*words(drawn, *more))
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output


def test_a_stopped_tuning_says_how_to_go_on(drawn, monkeypatch):
    def stopped(*_words, **_how):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmetry.cli.tune.tune", stopped)
    done = tune(*words(drawn))
    assert done.exit_code == 130
    assert "--resume" in done.output
