import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.cli.train import _figures, _tell_outcome
from segmetry.evaluate import MeanScore
from segmetry.learn.folds import TrainingProgress
from segmetry.learn.gate import compare
from segmetry.learn.outcome import LearningPoint, Outcome
from segmetry.models import Card


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.slow
def test_a_model_that_is_not_better_ends_with_status_1_and_its_figures(
    disc_set, disc_model, tmp_path
):
    images, masks = disc_set(3)
    path = tmp_path / "a.segmodel"
    words = ["--model", path, "--start", disc_model, "--steps", 2]
    done = run("train", images, masks, *words)
    assert done.exit_code == 1, done.output
    assert "Refused, because it is not shown to be better than discs" in done.stdout
    assert "fold 3 of 3: step 2 of 2, loss" in done.stderr
    assert "left" in done.stderr
    assert not path.exists()


@pytest.mark.slow
def test_json_is_the_only_thing_on_stdout(disc_set, disc_model, tmp_path):
    images, masks = disc_set(2)
    (images / "bad.png").write_bytes(b"no picture")
    words = ["--model", tmp_path / "a", "--start", disc_model, "--steps", 1, "--json"]
    done = run("train", images, masks, *words)
    assert done.exit_code == 1, done.output
    told = json.loads(done.stdout)
    assert told["accepted"] is False
    assert told["comparison"]["n_pictures"] == 2
    assert told["findings"][0]["name"] == "bad.png"
    assert done.stderr == ""


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_curve(disc_set, disc_model, tmp_path):
    images, masks = disc_set(2)
    words = ["train", images, masks, "--start", disc_model, "--steps", "12"]
    line = [sys.executable, "-m", "segmetry", *map(str, words)]
    broken = tmp_path / "broken.checkpoint"
    process = subprocess.Popen(
        [*line, "--model", str(tmp_path / "broken")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    patience = time.monotonic() + 300
    while not list(broken.glob("*.state")) and process.poll() is None:
        assert time.monotonic() < patience
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert list(broken.glob("*.state"))
    assert not (tmp_path / "broken.curves.csv").exists()
    (tmp_path / "whole.checkpoint").mkdir()
    choices = (broken / "choices.json").read_bytes()
    (tmp_path / "whole.checkpoint" / "choices.json").write_bytes(choices)
    again = run(*words, "--model", tmp_path / "broken")
    assert again.exit_code == 2
    assert "--resume goes on with it" in again.stderr
    for name in ("whole", "broken"):
        done = run(*words, "--model", tmp_path / name, "--resume")
        assert done.exit_code == 1, done.output
        assert "Refused" in done.stdout
    whole, resumed = (
        pd.read_csv(tmp_path / f"{name}.curves.csv") for name in ("whole", "broken")
    )
    # Sums of float32 may differ in their last digit from one run to the next, and steps
    # make more of it; the losses themselves differ by far more from step to step.
    pd.testing.assert_frame_equal(whole, resumed, rtol=1e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--folds", "some"], "folds must be a number"),
        (["--size", "huge"], "small, medium, large"),
        (["--steps", "0"], "steps must be above 0"),
        (["--steps", "5", "--minutes", "5"], "exclude each other"),
        (["--encoder", "vgg19"], "vgg16"),
        (["--resume", "--overwrite"], "exclude each other"),
        (["--seed", "-1"], "seed must not be negative"),
        (["--model", "he.png"], "must end in .segmodel, got he.png"),
        (["--name", "My cells"], "small letters and digits"),
    ],
)
def test_a_wrong_command_line_ends_with_status_2_and_one_sentence(
    disc_set, tmp_path, words, said
):
    images, masks = disc_set(2)
    done = run("train", images, masks, "--model", tmp_path / "a.segmodel", *words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize(
    ("images", "said"), [("none", "is not there"), ("empty", "no pictures of a known")]
)
def test_pictures_that_cannot_be_used_end_with_status_1(tmp_path, images, said):
    (tmp_path / "empty").mkdir()
    folder = tmp_path / images
    done = run("train", folder, folder, "--model", tmp_path / "a.segmodel", "--json")
    assert done.exit_code == 1
    assert said in json.loads(done.stdout)["error"]


@pytest.mark.slow
def test_without_torch_a_sentence_says_what_to_install(disc_set, tmp_path):
    """A folder before all others on the path holds a torch that is not there."""
    (tmp_path / "torch.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')"
    )
    images, masks = disc_set(2)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "segmetry", "train", images, masks),
            *("--model", tmp_path / "a.segmodel"),
        ],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "pip install 'segmetry[train]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_stopping_says_how_to_go_on(disc_set, tmp_path, monkeypatch):
    def stop(*_words, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmetry.learn.training.train_model", stop)
    images, masks = disc_set(2)
    done = run("train", images, masks, "--model", tmp_path / "a.segmodel")
    assert done.exit_code == 130
    assert "--resume goes on from the last checkpoint" in done.stderr


def test_the_time_left_is_told_in_minutes_and_seconds():
    told = TrainingProgress("fold 1 of 2", 5, 10, 0.5, None, None, 125.4)
    assert _figures(told) == "loss 0.500, 2:05 left"
    told = TrainingProgress("fold 1 of 2", 5, 10, 0.5, 0.25, 0.75, 3.0)
    assert _figures(told) == "loss 0.500, score 0.250, best 0.750, 0:03 left"


def test_an_accepted_model_is_told_with_scores_and_files(tmp_path, capsys):
    scores = {
        "dsb_score": {"value": 0.6, "low": 0.5, "high": 0.7, "n": 6},
        "f1_50": {"value": 0.8, "n": 6},
        "pq": {"value": None, "n": 0},
    }
    card = Card(
        name="cells",
        created="2026-01-31",
        architecture={"kind": "unet"},
        outputs=["foreground", "flow_y", "flow_x"],
        channels=1,
        multiple=4,
        scale="native",
        scores={"all": scores},
        scores_on="validation",
    )
    points = [LearningPoint(3, MeanScore(0.4, 0.3, 0.5, 6))]
    outcome = Outcome(
        path=Path(tmp_path, "cells.segmodel"),
        card=card,
        verdict=compare([0.6], [0.5], name="nuclei"),
        learning_curve=points,
    )
    outcome.path.with_suffix(".curves.png").touch()
    _tell_outcome(outcome, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Accepted in place of nuclei")
    score = "mean precision over IoU 0.50 to 0.95"
    assert lines[1:6] == [
        f"With 3 training pictures: {score}: 0.400 (0.300 to 0.500, n = 6)",
        f"{score}: 0.600 (0.500 to 0.700, n = 6)",
        "F1: 0.800 (no interval: 6 pictures hang together in fewer than 5 clusters)",
        "panoptic quality: not defined",
        "Scored on validation.",
    ]
    assert lines[6] == f"Model: {outcome.path}"
    assert lines[7].endswith("cells.curves.png")
