import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.learn.options import (
    ENCODERS,
    PIXEL_LOSSES,
    SIZES,
    TASKS,
    TrainingOptions,
    folds_from_text,
)

ABOVE_0 = st.none() | st.floats(1e-9, 1e9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": "huge"}, "small, medium, large"),
        ({"encoder": "vgg19"}, "vgg16, vgg16_bn, resnet18, resnet50"),
        ({"task": "sounds"}, "objects"),
        ({"diameter": 0}, "diameter must be above 0"),
        ({"steps": -1}, "steps must be above 0"),
        ({"minutes": float("nan")}, "minutes must be above 0"),
        ({"minutes": float("inf")}, "minutes must be above 0"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"share": 1.0}, "share must be between 0 and 1"),
        ({"folds": 1}, "folds must be at least 2"),
        ({"seed": -1}, "seed must not be negative"),
        (
            {"name": "My Nuclei"},
            "small letters and digits, joined by - or _, as in 'my-nuclei'",
        ),
        ({"steps": 10, "minutes": 1}, "steps and minutes exclude"),
        (
            {"validation": (Path("a"), Path("b")), "folds": 3},
            "validation and folds exclude",
        ),
        ({"resume": True, "overwrite": True}, "resume and overwrite exclude"),
        ({"start": "nuclei", "size": "small"}, "start and size exclude"),
        ({"start": "nuclei", "encoder": "vgg16"}, "start and encoder exclude"),
        ({"size": "small", "encoder": "vgg16"}, "size and encoder exclude"),
        ({"encoder_weights": Path("w.pth")}, "Say which encoder"),
        ({"task": "pixels", "loss": "best"}, "bce_dice, focal, tversky, bce_cldice"),
        ({"loss": "focal"}, "can be chosen for the task pixels, not for objects"),
        ({"task": "classes", "loss": "focal"}, "not for classes"),
        ({"task": "pixels", "class_names": "a,b"}, "are for the task classes"),
        ({"task": "pixels", "diameter": 9}, "pixels knows no objects, so leave diameter"),
    ],
)
def test_an_impossible_option_is_refused_in_a_sentence(options, said):
    with pytest.raises(RecipeError) as refused:
        TrainingOptions(**options)
    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("start", ["auto", "none"])
def test_a_network_of_its_own_may_be_asked_for_without_a_start(start):
    assert TrainingOptions(start=start, size="large").size == "large"


def test_what_must_be_the_same_to_go_on_is_json_and_says_nothing_of_resuming():
    options = TrainingOptions(
        groups=Path("g.csv"), validation=(Path("a"), Path("b")), resume=True
    )
    told = options.identity()
    assert json.loads(json.dumps(told)) == told
    assert told["groups"] == "g.csv"
    assert told["validation"] == ["a", "b"]
    other = TrainingOptions(
        groups=Path("g.csv"), validation=(Path("a"), Path("b")), overwrite=True
    )
    assert told == other.identity()
    assert told != TrainingOptions(seed=1).identity()


def test_folds_that_are_no_number_are_refused():
    with pytest.raises(RecipeError, match="leave-one-out, got 'some'"):
        folds_from_text("some")


@given(st.integers())
def test_folds_are_any_whole_number_and_too_few_are_refused_with_the_others(number):
    assert folds_from_text(str(number)) == number
    if number >= 2:
        assert TrainingOptions(folds=number).folds == number
    else:
        with pytest.raises(RecipeError, match="folds must be at least 2"):
            TrainingOptions(folds=number)


@pytest.mark.parametrize("text", ["", "2.5", "leave one out", "LEAVE-ONE-OUT", "five"])
def test_other_words_for_folds_are_refused(text):
    with pytest.raises(RecipeError, match="must be a number or leave-one-out, got"):
        folds_from_text(text)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("task", TASKS)
def test_every_size_can_learn_every_task(size, task):
    options = TrainingOptions(size=size, task=task)
    assert (options.size, options.task) == (size, task)


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("loss", PIXEL_LOSSES)
def test_every_encoder_goes_with_every_loss_of_pixels(encoder, loss):
    options = TrainingOptions(encoder=encoder, task="pixels", loss=loss)
    assert options.encoder_weights is None
    assert (options.encoder, options.loss) == (encoder, loss)


@given(ABOVE_0, ABOVE_0, st.integers(0, 2**40), st.floats(0.01, 0.99), st.booleans())
def test_what_must_be_the_same_to_go_on_tells_all_that_changes_a_training(
    diameter, learning_rate, seed, share, augmentation
):
    options = TrainingOptions(
        diameter=diameter,
        learning_rate=learning_rate,
        seed=seed,
        share=share,
        augmentation=augmentation,
    )
    told = json.loads(json.dumps(options.identity()))
    assert told.pop("resume") is told.pop("overwrite") is False
    assert TrainingOptions(**told) == options
    assert options.identity() != TrainingOptions(seed=seed + 1).identity()
