import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as Picture
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.errors import RecipeError, SegmetryError, WriteError
from segmetry.io import read
from segmetry.learn.classifiers import TRIVIAL, train_classifier
from segmetry.learn.options import TrainingOptions
from segmetry.models import read_model
from segmetry.segment import segmenter


@pytest.fixture
def few_points(monkeypatch):
    """Classifiers of usual sizes, taught with few pixels: tests take seconds."""
    from segmetry.models.pixel_segmenter import PixelSegmenter

    usual = PixelSegmenter.fit
    monkeypatch.setattr(
        PixelSegmenter,
        "fit",
        lambda own, *given, **options: usual(_smaller(own), *given, **options),
    )


def _smaller(own):
    from dataclasses import replace

    sizes = {"landmarks": 30} if own.name == "svm" else {"trees": 8}
    return replace(own, points=600, coarsest=2.0, **sizes)


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.usefixtures("few_points")
@pytest.mark.parametrize("method", ["boosted", "forest", "svm"])
def test_a_classifier_is_trained_judged_on_held_out_pictures_and_run(
    disc_set, tmp_path, method
):
    images, masks = disc_set(4)
    path = tmp_path / "mine.segmodel"
    done = run("train", images, masks, "--model", path, "--method", method, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["accepted"]
    assert told["scores"]["all"]["dice"]["value"] > 0.85
    assert told["scores"]["all"]["dice"]["n"] == 4
    assert told["scores"][TRIVIAL]["dice"]["value"] < 0.5
    assert "held out in 4 trainings" in told["scores_on"]
    assert set(told["pictures"]) == {entry.stem for entry in images.iterdir()}
    shown = run("models", "show", path)
    assert shown.exit_code == 0, shown.output
    assert "mine: finds pixels in grey pictures" in shown.stdout
    assert f"{TRIVIAL}: Dice" in shown.stdout
    assert f"Kind: {method}" in shown.stdout
    found = run(
        "run", images, "--segmenter", path, "--out", tmp_path / "out", "--jobs", "1"
    )
    assert found.exit_code == 0, found.output
    assert run("models", "verify", path).exit_code == 0


@pytest.mark.usefixtures("few_points")
def test_the_card_says_from_what_it_learned(disc_set, tmp_path):
    images, masks = disc_set(6)
    others = disc_set(5, name="others", first=20)
    said = []
    outcome = train_classifier(
        images,
        masks,
        tmp_path / "a",
        method="boosted",
        options=TrainingOptions(validation=others, seed=3, name="my-discs"),
        say=said.append,
    )
    card = read_model(tmp_path / "a.segmodel").card
    assert card == outcome.card
    assert card.name == "my-discs"
    assert [(one.split, one.n_pictures) for one in card.data] == [
        ("train", 6),
        ("validation", 5),
    ]
    assert card.training.seed == 3
    assert "nothing was chosen on them" in card.scores_on
    assert card.scores["all"]["dice"].low is not None
    assert "The 5 validation pictures judge the model." in said


@pytest.mark.usefixtures("few_points")
def test_class_maps_train_several_classes(tmp_path):
    images, masks = tmp_path / "images", tmp_path / "masks"
    images.mkdir()
    masks.mkdir()
    rng = np.random.default_rng(0)
    for number in range(3):
        truth = np.zeros((60, 80), np.uint8)
        truth[10:30, 10 + 9 * number : 40], truth[40 - 9 * number : 55, 50:75] = 1, 2
        grey = np.array([30, 120, 220])[truth] + rng.normal(0, 6, truth.shape)
        truth[:4] = 255
        Picture.fromarray(grey.clip(0, 255).astype(np.uint8)).save(images / f"{number}.png")
        Picture.fromarray(truth).save(masks / f"{number}.png")
    path = tmp_path / "classes.segmodel"
    options = ["--task", "classes", "--method", "boosted", "--json"]
    done = run("train", images, masks, "--model", path, *options)
    assert done.exit_code == 0, done.output
    scores = json.loads(done.stdout)["scores"]["all"]
    assert min(scores["dice_1"]["value"], scores["dice_2"]["value"]) > 0.8
    maps = segmenter(str(path)).maps(read(images / "0.png"))
    assert maps.class_names == ("background", "1", "2")


def test_masks_that_number_many_objects_are_no_classes(disc_set, tmp_path):
    def numbered(_number, labels):
        return (labels.astype(np.uint16) * 100).astype(np.uint16)

    images, masks = disc_set(2, masks=numbered)
    with pytest.raises(SegmetryError, match="class map has classes from 0 to 254"):
        train_classifier(
            images,
            masks,
            tmp_path / "a",
            method="svm",
            options=TrainingOptions(task="classes"),
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "magic"], "method must be one of network, cnn, boosted, forest, svm"),
        (["--method", "svm", "--steps", "9"], "svm has no use for the option steps"),
        (["--method", "forest", "--task", "counts"], "cannot learn to count alone"),
        (["--method", "svm", "--start", "nuclei"], "no use for the option start"),
        (["--method", "cnn", "--size", "large"], "network and start, size or encoder"),
    ],
)
def test_options_that_do_not_fit_the_method_are_refused(disc_set, tmp_path, words, said):
    images, masks = disc_set(2)
    done = run("train", images, masks, "--model", tmp_path / "a", *words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr.replace("\n", " ")
    assert not (tmp_path / "a.segmodel").exists()


def test_who_stops_a_classifier_is_not_told_to_resume(disc_set, tmp_path, monkeypatch):
    def stopped(*_given, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("segmetry.models.pixel_segmenter.PixelSegmenter.fit", stopped)
    images, masks = disc_set(2)
    done = run("train", images, masks, "--model", tmp_path / "a", "--method", "svm")
    assert done.exit_code == 130
    assert "no model was written" in done.stderr
    assert not (tmp_path / "a.segmodel").exists()


def test_what_is_there_is_not_overwritten_and_folders_must_be(disc_set, tmp_path):
    images, masks = disc_set(2)
    (tmp_path / "a.segmodel").write_bytes(b"mine")
    with pytest.raises(RecipeError, match="there already"):
        train_classifier(images, masks, tmp_path / "a", method="boosted")
    with pytest.raises(WriteError, match="does not exist"):
        train_classifier(images, masks, tmp_path / "no" / "a", method="boosted")
    assert (tmp_path / "a.segmodel").read_bytes() == b"mine"
    done = run("train", images, "--model", tmp_path / "b", "--method", "boosted")
    assert done.exit_code == 2
    assert "Give the folder of masks" in done.stderr


def test_classifiers_are_trained_without_torch(disc_set, tmp_path):
    images, masks = disc_set(2)
    program = (
        "import sys\n"
        "class NoTorch:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'torch': raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, NoTorch())\n"
        "from segmetry.cli import app\n"
        "app(sys.argv[1:])"
    )
    words = ["train", images, masks, "--model", tmp_path / "a", "--method", "boosted"]
    line = [sys.executable, "-c", program, *map(str, words)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.segmodel").is_file()
    assert "Curves" not in done.stdout


@pytest.mark.slow
def test_a_plain_network_is_trained_and_runs_without_torch(disc_set, tmp_path):
    images, masks = disc_set(3)
    path = tmp_path / "plain.segmodel"
    others = disc_set(2, name="others", first=9)
    words = ["--method", "cnn", "--steps", "40", "--validation", *others, "--json"]
    done = run("train", images, masks, "--model", path, *words)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert any("plain one of 6 convolutions" in sentence for sentence in told["choices"])
    card = read_model(path).card
    assert card.architecture["kind"] == "cnn"
    assert card.outputs == ("foreground",)
    assert told["scores"]["all"]["dice"]["value"] > 0.6
    (first, *_) = sorted(images.iterdir())
    assert segmenter(str(path))(read(first)).ids.size
