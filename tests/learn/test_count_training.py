"""Training that counts without finding, from masks or dots to a table of counts."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.io import write_png
from segmetry.learn import TrainingOptions, train_model
from segmetry.learn.examples import Example, middles
from segmetry.learn.finishing import with_fidelity
from segmetry.learn.tasks import task_of
from segmetry.models import read_model

pytestmark = pytest.mark.slow

HOW = {"start": "none", "size": "small", "learning_rate": 1e-2, "augmentation": False}


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def as_dots(labels):
    """Return a single pixel in the middle of each object."""
    dots = np.zeros(labels.shape, np.uint8)
    rows, columns = middles(labels.astype(np.uint32)).round().astype(int).T
    dots[rows, columns] = 255
    return dots


@pytest.fixture
def counted_set(tmp_path, annotated):
    """Write pictures of 1 to n discs, p1 with one, p2 with two and so on."""

    def write(n, *, masks=lambda labels: labels):
        folders = tmp_path / "images", tmp_path / "masks"
        for folder in folders:
            folder.mkdir()
        for number in range(1, n + 1):
            picture, labels = annotated(seed=number, n_discs=number)
            write_png(folders[0] / f"p{number}.png", picture)
            write_png(folders[1] / f"p{number}.png", masks(labels).astype(np.uint8))
        return folders

    return write


@pytest.mark.parametrize("how", [{}, {"masks": as_dots}], ids=["masks", "dots"])
def test_a_network_learns_to_count_discs(counted_set, tmp_path, how):
    images, labels = counted_set(6, **how)
    options = TrainingOptions(task="counts", steps=120, folds=2, **HOW)
    outcome = train_model(images, labels, tmp_path / "counts", options=options)
    card = outcome.card
    assert card.task == "counts"
    assert card.scale == "native"
    assert task_of(card.outputs).name == "counts"
    scores = card.scores["all"]
    assert set(scores) == {
        "count_agreement",
        "count_mae",
        "count_bias",
        "count_bias_percent",
    }
    assert scores["count_mae"].value < 1.5
    assert all(set(told) == {"count_agreement"} for told in outcome.pictures.values())
    assert set(card.fidelity["int8"]) == {"count_agreement_loss", "passed"}
    head = outcome.path.with_suffix(".curves.csv").read_text().partition("\n")[0]
    assert head == "training,step,loss,count_agreement"
    out = tmp_path / "out"
    done = run("run", images, "--out", out, "--segmenter", "network",
               "--set", f"model={outcome.path}", "--no-scale-bar")  # fmt: skip
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out / "images.csv")
    assert table["n_objects"].isna().all()
    true = table["image"].str.removeprefix("p").astype(int)
    assert (table["count_regressed"] - true).abs().mean() < 1
    assert pd.read_csv(out / "objects.csv").empty
    truth = tmp_path / "truth.csv"
    pd.DataFrame({"image": table["image"], "count": true}).to_csv(truth, index=False)
    judged = run("evaluate", out / "images.csv", truth, "--task", "counts", "--json")
    assert judged.exit_code == 0, judged.output
    assert json.loads(judged.stdout)["count_mae"]["value"] < 1


def test_lighter_variants_are_checked_again_by_counts(disc_set, tmp_path):
    images, labels = disc_set(2)
    options = TrainingOptions(task="counts", steps=2, folds=2, **HOW)
    outcome = train_model(images, labels, tmp_path / "counts", options=options)
    model = read_model(outcome.path)
    files = {name: model.read(name) for name in ("model.onnx", "weights.safetensors")}
    files["model_int8.onnx"] = files["model.onnx"]
    blank = Example(Image(np.eye(64) * 200), np.zeros((64, 64), np.uint32), name="a")
    card, kept = with_fidelity(model.card, files, [blank])
    assert card.fidelity["int8"]["count_agreement_loss"] == pytest.approx(0, abs=1e-4)
    assert "model_int8.onnx" in kept


def test_a_count_knows_no_diameter_and_no_loss_of_pixels():
    with pytest.raises(RecipeError, match="The task counts knows no objects"):
        TrainingOptions(task="counts", diameter=9)
    with pytest.raises(RecipeError, match="for the task pixels, not for counts"):
        TrainingOptions(task="counts", loss="focal")
