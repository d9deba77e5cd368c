import csv
import shutil

import numpy as np
import pytest

from segmetry import Image, read
from segmetry.errors import DatasetError, ModelError, RecipeError, WriteError
from segmetry.io import read_labels
from segmetry.learn import TrainingOptions, train_model
from segmetry.learn.examples import Example
from segmetry.learn.judging import Answer
from segmetry.learn.tasks import OBJECTS
from segmetry.learn.training import _with_held_out_scores
from segmetry.models import Card, read_model
from segmetry.models.segmenter import NetworkSegmenter

pytestmark = pytest.mark.slow

STEPS, RATE = 15, 1e-2


def options(start, **changes):
    chosen = {"start": str(start), "steps": STEPS, "learning_rate": RATE, **changes}
    return TrainingOptions(**chosen)


def disagree(number, labels):
    """Masks of three people who do not agree what an object is."""
    if number == 0:
        return np.where(labels % 3 == 0, labels, 0)
    if number == 1:
        rows, columns = np.mgrid[: labels.shape[0], : labels.shape[1]] // 24
        return np.where(labels > 0, 0, 1 + rows * 3 + columns)
    return labels


def elsewhere(_, labels):
    """Masks that mark the ground between objects."""
    return np.where(np.roll(labels, 9, axis=(0, 1)) > 0, 1, 0) * (labels == 0)


def test_training_on_3_pictures_that_makes_things_worse_is_refused(
    disc_set, disc_model, tmp_path
):
    images, masks = disc_set(3, masks=disagree)
    path = tmp_path / "worse.segmodel"
    said = []
    outcome = train_model(images, masks, path, options=options(disc_model), say=said.append)
    assert not outcome.accepted
    assert not path.exists()
    verdict = outcome.verdict
    assert verdict.n_pictures == 3
    assert verdict.new < verdict.old
    assert verdict.low is None
    assert "Refused, because it is not shown to be better than discs" in verdict.sentence
    assert set(outcome.pictures) == {"p0", "p1", "p2"}
    assert outcome.pictures["p2"]["old"] > 0.8
    assert any("3 are too few to hold out enough" in sentence for sentence in said)
    assert any("about" in sentence and "on this machine" in sentence for sentence in said)
    assert not (tmp_path / "worse.checkpoint").exists()
    assert (tmp_path / "worse.curves.png").exists()


def test_wrong_masks_are_refused_by_right_ones_and_the_old_file_stays(
    disc_set, disc_model, tmp_path
):
    path = tmp_path / "old.segmodel"
    shutil.copy(disc_model, path)
    before = path.read_bytes()
    images, masks = disc_set(3, masks=elsewhere)
    held_out = disc_set(5, name="held", first=50)
    outcome = train_model(
        images,
        masks,
        path,
        options=options(path, validation=held_out, overwrite=True),
    )
    assert not outcome.accepted
    assert path.read_bytes() == before
    assert outcome.verdict.n_pictures == 5
    assert outcome.verdict.low is not None
    assert outcome.verdict.new < 0.5 < outcome.verdict.old


@pytest.fixture(scope="module")
def dark(disc_model, annotated, tmp_path_factory):
    """A training on three pictures of a kind that its start does not know."""
    from segmetry.io import write_labels, write_png

    folder = tmp_path_factory.mktemp("dark")
    for name in ("images", "masks"):
        (folder / name).mkdir()
    for number in range(3):
        picture, labels = annotated(seed=30 + number, dark=True)
        write_png(folder / "images" / f"p{number}.png", np.stack([picture] * 3, axis=-1))
        write_labels(folder / "masks" / f"p{number}.tif", labels)
    told = []
    outcome = train_model(
        folder / "images",
        folder / "masks",
        folder / "dark discs",
        options=options(disc_model, steps=25),
        report=told.append,
    )
    return folder, outcome, told


def test_a_model_that_learns_something_new_is_accepted(dark):
    _, outcome, _ = dark
    assert outcome.accepted
    assert outcome.verdict.new > outcome.verdict.old
    assert outcome.verdict.n_worse == 0
    assert "So few are no proof" in outcome.verdict.sentence


def test_the_card_says_what_was_trained_on_what_and_how_it_was_judged(dark):
    folder, outcome, _ = dark
    assert outcome.path == folder / "dark discs.segmodel"
    card = read_model(outcome.path).card
    assert card.name == "dark-discs"
    assert card.training.started_from == "discs"
    assert card.training.steps == 25
    assert [(part.name, part.split, part.n_pictures) for part in card.data] == [
        ("the folder images", "train", 3)
    ]
    assert "held out in 3 trainings" in card.scores_on
    assert "the model itself learned from all" in card.scores_on
    told = card.scores["all"]["dsb_score"]
    assert told.n == 3
    assert told.low is None
    assert told.value >= outcome.verdict.new - 1e-6  # its own cutoffs are no worse


@pytest.mark.parametrize("scale", ["match", "native"])
def test_the_card_says_where_the_scale_of_held_out_pictures_was_known(annotated, scale):
    picture, labels = annotated()
    card = Card(
        name="cells",
        created="2026-01-31",
        architecture={"kind": "unet"},
        outputs=["foreground", "flow_y", "flow_x"],
        channels=1,
        multiple=4,
        scale=scale,
        diameter_px=12,
        cutoffs={"min_area": 16},
        scores={"all": {"dsb_score": {"value": 0.2, "n": 1}}},
        scores_on="validation",
    )
    kept = [Answer(Example(Image(picture), labels, name="a"), OBJECTS.wanted(labels))]
    told = _with_held_out_scores(card, kept, 2)
    assert told.scores["all"]["dsb_score"].value == 1
    assert "cutoffs were chosen on them" in told.scores_on
    assert ("scale was told by the masks" in told.scores_on) == (scale == "match")


class _EnoughError(Exception):
    """What is asked is known before the model file is made."""


@pytest.mark.parametrize("in_folds", [False, True])
def test_the_lighter_variant_takes_its_ranges_from_pictures_that_were_learned_from(
    disc_set, tmp_path, monkeypatch, in_folds
):
    n, seen = (3, {}) if in_folds else (10, {})

    def finish(_weights, _plan, validation, _origin, *, training):
        seen["held out"] = {one.name for one in validation}
        seen["learned"] = {one.name for one in training}
        raise _EnoughError

    monkeypatch.setattr("segmetry.learn.training.finish", finish)
    chosen = options("none", steps=1, share=0.5, size="small")
    with pytest.raises(_EnoughError):
        train_model(*disc_set(n), tmp_path / "a.segmodel", options=chosen)
    everything = {f"p{number}" for number in range(n)}
    assert seen["learned"] | seen["held out"] == everything
    assert seen["learned"] == (everything if in_folds else everything - seen["held out"])


def test_the_model_runs_and_finds_what_it_learned(dark):
    folder, outcome, _ = dark
    network = NetworkSegmenter(model=str(outcome.path))
    found = network(read(folder / "images" / "p1.png"))
    truth = read_labels(folder / "masks" / "p1.tif")
    assert abs(int(found.data.max()) - int(truth.max())) <= 3


def test_all_trainings_are_told_and_drawn(dark):
    folder, _, told = dark
    names = list(dict.fromkeys(progress.training for progress in told))
    assert names == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3", "all pictures"]
    assert all(0 < progress.seconds_left < 3600 for progress in told)
    with (folder / "dark discs.curves.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [name for name in names if any(row["training"] == name for row in rows)] == names
    assert all(bool(row["dsb_score"]) == ("fold" in row["training"]) for row in rows)
    assert not (folder / "dark discs.checkpoint").exists()


class _Killed(BaseException):
    """Ends a training as a kill would."""


def test_a_stopped_training_goes_on_to_the_same_result(disc_set, disc_model, tmp_path):
    images, masks = disc_set(3)
    how = options(disc_model, steps=6, folds=2)

    def kill(progress):
        if progress.training == "fold 2 of 2" and progress.step == 3:
            raise _Killed

    broken, whole = tmp_path / "broken.segmodel", tmp_path / "whole.segmodel"
    with pytest.raises(_Killed):
        train_model(images, masks, broken, options=how, report=kill)
    folder = tmp_path / "whole.checkpoint"
    folder.mkdir()
    # The same precision and forecast; no state, so it runs from the first step.
    shutil.copy(tmp_path / "broken.checkpoint" / "choices.json", folder)
    resumed = options(disc_model, steps=6, folds=2, resume=True)
    with pytest.raises(RecipeError, match="--resume goes on"):
        train_model(images, masks, broken, options=how)
    first = train_model(images, masks, whole, options=resumed)
    second = train_model(images, masks, broken, options=resumed)
    assert second.verdict == first.verdict
    assert second.pictures == first.pictures
    curves = [(tmp_path / f"{name}.curves.csv").read_text() for name in ("broken", "whole")]
    assert curves[0] == curves[1]


def test_a_learning_curve_has_more_pictures_from_point_to_point(
    disc_set, disc_model, tmp_path
):
    images, masks = disc_set(6)
    outcome = train_model(
        images,
        masks,
        tmp_path / "a.segmodel",
        options=options(disc_model, steps=2, folds=2, learning_curve=True),
    )
    numbers = [point.n_pictures for point in outcome.learning_curve]
    assert numbers == [1, 2, 3]
    assert all(point.score.n == 6 for point in outcome.learning_curve)
    assert (tmp_path / "a.learning_curve.svg").exists()


def test_a_file_is_not_replaced_unless_it_is_said(disc_set, tmp_path):
    path = tmp_path / "mine.segmodel"
    path.write_bytes(b"mine")
    with pytest.raises(RecipeError, match="there already; give another name"):
        train_model(*disc_set(2), path)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_folder_is_no_place_for_a_model(disc_set, tmp_path, overwrite):
    (tmp_path / "mine.segmodel").mkdir()
    asked = TrainingOptions(overwrite=overwrite)
    with pytest.raises(RecipeError, match=r"mine.segmodel is a folder; give the name"):
        train_model(*disc_set(2), tmp_path / "mine", options=asked)


@pytest.mark.parametrize(
    ("name", "instead"), [("he.png", "he.segmodel"), ("cells.v2", "cells.segmodel")]
)
def test_a_file_of_another_ending_is_refused_before_any_work(tmp_path, name, instead):
    with pytest.raises(RecipeError, match=f"must end in .segmodel, got {name}") as refused:
        train_model(tmp_path / "none", tmp_path / "none", tmp_path / name)
    assert f"for example {instead}" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_disk_takes_is_told_before_any_work(disc_set, tmp_path):
    with pytest.raises(WriteError, match="cannot be written: .*; give another name"):
        train_model(*disc_set(2), tmp_path / ("long" * 100))


def test_a_folder_that_is_not_there_is_told_before_any_work(disc_set, tmp_path):
    with pytest.raises(WriteError, match="does not exist; make it first"):
        train_model(*disc_set(2), tmp_path / "none" / "a.segmodel")


def test_a_start_that_is_not_there_is_told_and_leaves_nothing(disc_set, tmp_path):
    with pytest.raises(ModelError, match="no model 'none such'"):
        train_model(
            *disc_set(2),
            tmp_path / "a.segmodel",
            options=TrainingOptions(start="none such"),
        )
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_one_picture_is_too_few(disc_set, tmp_path):
    with pytest.raises(DatasetError, match="none is left to judge"):
        train_model(*disc_set(1), tmp_path / "a.segmodel")


def test_weights_of_an_encoder_must_be_there(disc_set, tmp_path):
    asked = TrainingOptions(
        encoder="resnet18", encoder_weights=tmp_path / "none.pth", steps=1
    )
    with pytest.raises(ModelError, match="no such file"):
        train_model(*disc_set(2), tmp_path / "a.segmodel", options=asked)
