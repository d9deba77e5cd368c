"""Training on an archive in the layout of its publishers, through the command line."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from segmetry.cli import app
from segmetry.dataset import Pairing
from segmetry.errors import DatasetError, RecipeError
from segmetry.io import write_png
from segmetry.learn import TrainingOptions, train_model
from segmetry.learn.archive import TEST, archive_examples, open_archive
from segmetry.learn.examples import Example
from segmetry.models import read_model

PLACES = ("DMl", "DMr", "LHl", "LHr", "VLPAGl", "VLPAGr")
LEARNED = [f"Mar{60 + k // 2}bS1C{k}R1_{PLACES[k % 6]}_200x_y" for k in range(17)]
BY_HAND = "Mar37S1C2R1_DMl_200x_o"
TESTED = ["Mar24bS1C2R1_DMl_200x_y", "39_y", "Mar33bS1C4R2_DMl_200x_y"]


def draw(seed, *, shape=(64, 96)):
    """Yellow cells on a dark ground, and their mask."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    mask = np.zeros(shape, bool)
    for row, column in random.uniform(10, np.subtract(shape, 10), (3, 2)):
        mask |= np.hypot(y - row, x - column) <= 8
    bright = np.where(mask, 190, 20) + random.normal(0, 6, shape)
    colours = np.stack([bright, 0.8 * bright, 0.1 * bright], axis=-1)
    return colours.clip(0, 255).astype(np.uint8), mask


@pytest.fixture
def archive(tmp_path):
    folder = tmp_path / "DATASET"
    images, masks = (folder / f"all_{part}" / part for part in ("images", "masks"))
    images.mkdir(parents=True)
    masks.mkdir(parents=True)
    for seed, name in enumerate([*LEARNED, BY_HAND, *TESTED]):
        picture, mask = draw(seed)
        write_png(images / f"{name}.png", picture)
        write_png(masks / f"{name}.png", mask.astype(np.uint8) * 255)
    return folder


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.slow
def test_the_published_training_is_done_on_the_archive_and_judged_on_its_test(
    archive, tmp_path
):
    path = tmp_path / "c.segmodel"
    words = ["--recipe", "neurons-2021", "--model", path, "--steps", 3]
    done = run("train", archive, *words)
    assert done.exit_code == 0, done.output
    assert "3 of the 70 published test pictures are held out to the end" in done.stderr
    assert "do not tell how it does on a new animal" in done.stderr
    assert "--recipe neurons-by-animal holds out whole animals" in done.stderr
    assert "The network is the c-ResUnet" in done.stderr
    card = read_model(path).card
    assert card.architecture["kind"] == "c_resunet"
    assert card.task == "pixels"
    assert card.cutoffs["foreground"] in {round(0.5 + 0.025 * k, 3) for k in range(20)}
    assert card.cutoffs["min_area"] == 200
    assert card.scores["all"]["dice"].n in range(5, 8)  # whole animals, of 18 pictures
    told = card.scores[TEST]
    assert told["f1_centres_pooled"].n == told["count_mae"].n == 3
    assert set(told) >= {"precision_centres_pooled", "recall_centres_pooled", "count_bias"}
    assert f"Scored on {TEST}." in done.stdout
    ran = run(
        "run",
        archive / "all_images" / "images" / f"{TESTED[0]}.png",
        "--out",
        tmp_path / "out",
        "--segmenter",
        "network",
        "--set",
        f"model={path}",
    )
    assert ran.exit_code == 0, ran.output


@pytest.mark.slow
def test_ours_holds_out_whole_animals_of_all_pictures(archive, tmp_path):
    path = tmp_path / "ours.segmodel"
    words = ["--recipe", "neurons-by-animal", "--model", path, "--steps", 2, "--json"]
    done = run("train", archive, *words, "--start", "none", "--size", "small")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert set(told["scores"]) == {"all"}
    held = set(told["pictures"])
    animals = {name: name[3:5] for name in (*LEARNED, BY_HAND, *TESTED)}
    of_held = {animals[name] for name in held}
    assert held == {name for name, animal in animals.items() if animal in of_held}
    card = read_model(path).card
    assert (card.task, card.architecture["kind"]) == ("objects", "unet")


def test_crops_of_hard_pictures_are_drawn_more_often_and_groups_are_animals(archive):
    found, said = open_archive(archive, "neurons-2021")
    assert "1 of them are of animals" not in said  # the tested animals are not learned from
    read = archive_examples(found, "neurons-2021", task="pixels")
    draws = {one.name: one.draws for one in read.examples}
    assert draws[BY_HAND] == (11,)
    assert draws[LEARNED[0]] == (5,)
    groups = {one.name: one.group for one in read.examples}
    assert groups[LEARNED[0]] == groups[LEARNED[1]] == "animal 60"
    ours = archive_examples(found, "neurons-by-animal", task="objects")
    assert {one.draws for one in ours.examples} == {(1.0,)}


def test_without_test_pictures_nothing_is_held_out_as_a_test_and_that_is_said(archive):
    for name in TESTED:
        (archive / "all_images" / "images" / f"{name}.png").unlink()
    found, said = open_archive(archive, "neurons-2021")
    assert found.test == Pairing(())
    assert said.startswith("None of the published test pictures is there")


def test_a_folder_that_is_not_the_archive_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="is not the unpacked archive"):
        open_archive(tmp_path, "neurons-2021")


def test_masks_can_be_left_out_with_a_recipe_alone(tmp_path):
    with pytest.raises(RecipeError, match="Give the folder of masks, too"):
        train_model(tmp_path, None, tmp_path / "a", options=TrainingOptions())
    ours = TrainingOptions(recipe="neurons-by-animal")
    with pytest.raises(RecipeError, match="so leave the masks out"):
        train_model(tmp_path, tmp_path, tmp_path / "a", options=ours)


def test_the_archive_tells_the_animals_itself(tmp_path):
    options = TrainingOptions(recipe="neurons-2021", groups=tmp_path / "groups.csv")
    with pytest.raises(RecipeError, match="leave groups out"):
        train_model(tmp_path, None, tmp_path / "a", options=options)


@pytest.mark.parametrize(
    "asked",
    [{"size": "small"}, {"encoder": "vgg16"}, {"start": "nuclei"}, {"task": "counts"}],
)
def test_what_the_recipe_fixes_cannot_be_asked_for(asked):
    with pytest.raises(RecipeError, match="says what the network is and learns"):
        TrainingOptions(recipe="neurons-2021", **asked)


def test_another_recipe_is_refused_with_those_that_are_there():
    with pytest.raises(RecipeError, match="neurons-2021, neurons-by-animal"):
        TrainingOptions(recipe="neurons-2020")


def test_the_artefact_crops_are_known_in_the_whole_archive_alone(archive, monkeypatch):
    found, _ = open_archive(archive, "neurons-2021")
    monkeypatch.setattr("segmetry.learn.archive.N_LEARNED_FROM", 18)
    monkeypatch.setattr("segmetry.learn.archive.ARTEFACT_CROPS", (0, 24))
    read = archive_examples(found, "neurons-2021", task="pixels")
    names = sorted(one.name for one in read.examples)
    often = {one.name for one in read.examples if 129 in one.draws}
    assert often == {names[0], names[2]}
    assert all(isinstance(one, Example) for one in read.examples)
