"""Training that tells pixels apart: foreground, or classes, from masks to a model file."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry import read
from segmetry.cli import app
from segmetry.errors import DatasetError, ModelError
from segmetry.evaluate import dice
from segmetry.io import write_png
from segmetry.learn import TrainingOptions, train_model
from segmetry.learn.start import open_start
from segmetry.models import read_model
from segmetry.models.segmenter import NetworkSegmenter

pytestmark = pytest.mark.slow

HOW = {"start": "none", "size": "small", "learning_rate": 1e-2, "augmentation": False}


def draw(seed, *, side=64):
    """Return noise in which lines are bright and squares are dark, and their classes."""
    random = np.random.default_rng(seed)
    classes = np.zeros((side, side), np.uint8)
    for row in random.integers(4, side - 4, 2):
        classes[row - 1 : row + 2] = 2
    for row, column in random.integers(2, side - 14, (3, 2)):
        classes[row : row + 12, column : column + 12] = 7
    grey = np.choose(np.searchsorted([0, 2, 7], classes), [110, 180, 40])
    return (grey + random.normal(0, 6, grey.shape)).clip(0, 255).astype(np.uint8), classes


@pytest.fixture
def pixel_set(tmp_path):
    def write(n, *, name="set", first=0, masks=lambda classes: classes):
        folders = tmp_path / name / "images", tmp_path / name / "masks"
        for folder in folders:
            folder.mkdir(parents=True)
        for number in range(n):
            grey, classes = draw(first + number)
            write_png(folders[0] / f"p{number}.png", np.stack([grey] * 3, axis=-1))
            write_png(folders[1] / f"p{number}.png", masks(classes))
        return folders

    return write


def lines(classes):
    """Return the mask of the lines, black and white."""
    return np.where(classes == 2, 255, 0).astype(np.uint8)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def trained(kept):
    """Train a model of each task once."""
    made = {}

    def train(task, folders):
        if task not in made:
            options = TrainingOptions(task=task, steps=80, folds=2, **HOW)
            made[task] = train_model(*folders, kept / task, options=options)
        return made[task]

    return train


def test_a_network_learns_the_foreground_of_lines(pixel_set, trained):
    outcome = trained("pixels", pixel_set(4, masks=lines))
    card = outcome.card
    assert (card.task, card.outputs, card.scale) == ("pixels", ("foreground",), "native")
    assert card.scores["all"]["dice"].value > 0.8
    assert card.scores["all"]["dice"].n == 4
    assert set(card.scores["all"]) == {"dice", "auc_roc"}
    assert set(outcome.pictures["p0"]) == {"dice"}
    assert set(card.fidelity["int8"]) == {"dice_loss", "passed"}
    assert card.training.options["loss"] == "bce_dice"
    table = outcome.path.with_suffix(".curves.csv").read_text()
    assert table.startswith("training,step,loss,dice\n")


def test_the_model_of_lines_finds_them_in_a_new_picture(pixel_set, trained):
    outcome = trained("pixels", pixel_set(4, masks=lines))
    images, _ = pixel_set(1, name="new", first=70)
    segmenter = NetworkSegmenter(model=str(outcome.path), fill_holes=False)
    labels, maps = segmenter.labels_and_maps(read(images / "p0.png"))
    truth = draw(70)[1] == 2
    assert dice(maps.foreground > maps.cutoff, truth) > 0.8
    assert dice(labels.data > 0, truth) > 0.7


def test_a_network_learns_classes_by_the_numbers_in_the_masks(pixel_set, trained):
    outcome = trained("classes", pixel_set(4))
    card = outcome.card
    assert card.task == "classes"
    assert card.outputs == ("class:background", "class:2", "class:7")
    scores = card.scores["all"]
    assert set(scores) == {"dice", "dice_2", "dice_7"}
    assert scores["dice"].value > 0.8
    mean = np.mean([scores["dice_2"].value, scores["dice_7"].value])
    assert scores["dice"].value == pytest.approx(mean, abs=0.05)


def test_the_model_of_classes_tells_them_in_a_new_picture(pixel_set, trained):
    outcome = trained("classes", pixel_set(4))
    images, _ = pixel_set(1, name="new", first=70)
    segmenter = NetworkSegmenter(model=str(outcome.path))
    labels, maps = segmenter.labels_and_maps(read(images / "p0.png"))
    truth = draw(70)[1]
    assert np.abs(maps.classes.sum(axis=-1) - 1).max() < 1e-3
    found = np.array([0, 2, 7])[maps.classes.argmax(axis=-1)]
    assert dice(found == 2, truth == 2) > 0.8
    assert dice(found == 7, truth == 7) > 0.8
    assert labels.data.max() >= 1


def test_named_classes_are_learned_from_what_is_annotated(pixel_set, tmp_path):
    def half(classes):
        numbers = np.searchsorted([0, 2, 7], classes).astype(np.uint8)
        numbers[:, 48:] = 255  # nobody knows
        return numbers

    training, held_out = (
        pixel_set(n, name=name, first=first, masks=half)
        for n, name, first in ((3, "set", 0), (1, "held out", 30))
    )
    options = TrainingOptions(
        task="classes",
        class_names="ground, lines, squares",
        validation=held_out,
        steps=60,
        **HOW,
    )
    card = train_model(*training, tmp_path / "named", options=options).card
    assert card.outputs == ("class:background", "class:lines", "class:squares")
    segmenter = NetworkSegmenter(model=str(tmp_path / "named.segmodel"))
    images, _ = pixel_set(1, name="new", first=70)
    labels, maps = segmenter.labels_and_maps(read(images / "p0.png"))
    found, truth = maps.classes.argmax(axis=-1), draw(70)[1]
    assert dice(found == 1, truth == 2) > 0.6
    assert dice(found == 2, truth == 7) > 0.6
    assert len(maps.object_classes) == labels.data.max()
    assert maps.class_names == ("background", "lines", "squares")


def test_a_model_that_learned_other_classes_is_refused_as_a_start(pixel_set, trained):
    outcome = trained("classes", pixel_set(4))
    with pytest.raises(ModelError, match="gives class:background, class:2, class:7, but"):
        open_start(outcome.path, ("class:background", "class:1"))
    with pytest.raises(ModelError, match="starts from a model that gives foreground"):
        open_start(outcome.path, ("foreground",))


def test_a_worse_model_of_pixels_is_refused_by_its_dice(pixel_set, trained, tmp_path):
    start = trained("pixels", pixel_set(4, masks=lines)).path
    images, masks = pixel_set(3, name="wrong", first=20, masks=lambda c: 255 - lines(c))
    held_out = pixel_set(5, name="held", first=50, masks=lines)
    outcome = train_model(
        images,
        masks,
        tmp_path / "worse",
        options=TrainingOptions(
            task="pixels",
            start=str(start),
            steps=10,
            learning_rate=1e-2,
            validation=held_out,
        ),
    )
    assert not outcome.accepted
    assert "because it is not shown to be better than pixels" in outcome.verdict.sentence
    assert "dice 0." in outcome.verdict.sentence
    assert outcome.verdict.new < outcome.verdict.old
    assert set(outcome.pictures["p0"]) == {"dice", "old"}


def test_the_command_line_trains_on_a_share_with_another_loss(pixel_set, tmp_path):
    images, masks = pixel_set(3, masks=lines)
    held_out = pixel_set(2, name="held", first=50, masks=lines)
    words = ["train", images, masks, "--model", tmp_path / "thin", "--steps", 2, "--json"]
    words += ["--task", "pixels", "--loss", "tversky", "--validation", *held_out]
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert set(told["scores"]["all"]) == {"dice", "auc_roc"}
    assert any("Pixels stay as they are" in sentence for sentence in told["choices"])
    assert read_model(tmp_path / "thin.segmodel").card.training.options["loss"] == "tversky"


def test_objects_given_as_classes_are_told(disc_set, tmp_path):
    many = disc_set(6, masks=lambda number, labels: labels + 9 * number * (labels > 0))
    options = TrainingOptions(task="classes", folds=2, **HOW)
    with pytest.raises(DatasetError, match="masks that number objects are for --task"):
        train_model(*many, tmp_path / "a", options=options)
