import json
import time

import numpy as np
import pytest
import torch

from segmetry.image import Image
from segmetry.learn import choices as module
from segmetry.learn.choices import (
    SHARES,
    Chosen,
    choices_as_json,
    choose,
    configure,
    n_trainings,
)
from segmetry.learn.encoders import build_encoder
from segmetry.learn.examples import Example
from segmetry.learn.forecast import Timetable
from segmetry.learn.networks import FLOW_OUTPUTS
from segmetry.learn.options import TrainingOptions
from segmetry.learn.plan import Plan
from segmetry.learn.start import open_start
from segmetry.learn.training import _encoder_weights, _first_weights
from segmetry.models import InstalledModel

NONE = TrainingOptions(start="none")
TABLE = Timetable(training=1, n_trainings=1, last=0, finishing=1)


def discs(diameter, *, shape=(200, 200), colour=None):
    """One disc of a diameter, in a picture that is grey, stored as colour, or coloured."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    middle = [(side - 1) / 2 for side in shape]
    inside = np.hypot(y - middle[0], x - middle[1]) <= diameter / 2
    values = np.where(inside, 200, 50).astype(np.uint8)
    if colour is None:
        image = Image(values)
    else:
        image = Image(np.stack([values, values, values + colour], axis=-1), axes="YXC")
    return Example(image, inside.astype(np.uint32), name=f"d{diameter}")


def test_objects_of_one_size_keep_their_pixels():
    found = configure([discs(d) for d in (20, 22, 24)], NONE)
    assert found.plan.diameter is None
    assert "22 px across in all pictures: pixels stay as they are" in found.reasons[0]


def test_sizes_that_differ_between_pictures_are_matched_and_told():
    found = configure([discs(d) for d in (12, 20, 40)], NONE)
    assert found.plan.diameter == pytest.approx(20, abs=0.5)
    assert "in different pictures: each is resampled to 20 px" in found.reasons[0]


@pytest.mark.parametrize(("across", "brought_to"), [(5, 12), (150, 48)])
def test_objects_too_small_or_too_large_for_the_network_are_resampled(across, brought_to):
    found = configure([discs(across)] * 3, NONE)
    assert found.plan.diameter == brought_to


def test_a_diameter_that_is_typed_is_kept():
    found = configure([discs(12), discs(40)], TrainingOptions(start="none", diameter=30))
    assert found.plan.diameter == 30
    assert "as asked" in found.reasons[0]


def test_pictures_without_objects_do_not_hide_the_size_of_the_others():
    blank = Example(Image(np.ones((200, 200), np.uint8)), np.zeros((200, 200), np.uint32))
    assert configure([blank, discs(22), discs(23)], NONE).plan.diameter is None


@pytest.mark.parametrize(("colour", "channels"), [(None, 1), (0, 1), (30, 3)])
def test_colour_counts_where_there_is_any(colour, channels):
    found = configure([discs(20, colour=colour)], NONE)
    assert found.plan.architecture["channels"] == channels
    assert ("in colour" in found.reasons[1]) == (channels == 3)


@pytest.mark.parametrize(
    ("n", "minutes", "base"),
    [(3, None, 16), (40, None, 32), (40, 5, 16), (600, 180, 64)],
)
def test_the_network_grows_with_pictures_and_time(n, minutes, base):
    options = TrainingOptions(start="none", minutes=minutes)
    chosen = configure([discs(20, shape=(40, 40))] * n, options).plan.architecture
    assert chosen["base"] == base


def test_size_and_encoder_can_be_asked_for():
    asked = TrainingOptions(start="none", size="large")
    assert configure([discs(20)], asked).plan.architecture["base"] == 64
    asked = TrainingOptions(start="none", encoder="resnet18")
    found = configure([discs(20)], asked)
    assert found.plan.architecture["kind"] == "encoder_unet"
    assert "resnet18, random weights" in found.reasons[1]


@pytest.mark.parametrize("across", [4, 10, 17, 30, 60, 150])
@pytest.mark.parametrize("length", [30, 97, 200, 520])
def test_crops_suit_every_network_and_are_not_much_larger_than_the_picture(across, length):
    plan = configure([discs(across, shape=(length, length))] * 2, NONE).plan
    assert plan.side % 32 == 0
    assert 64 <= plan.side <= 256
    zoom = 1 if plan.diameter is None else plan.diameter / across
    assert plan.side <= max(64, length * zoom * 1.05 + 32)
    assert 4 <= plan.batch <= 8
    assert plan.batch * plan.side**2 <= 8 * 192**2


def test_without_augmentation_pictures_are_only_shifted():
    asked = TrainingOptions(start="none", augmentation=False)
    found = configure([discs(20)], asked)
    assert found.plan.geometry == found.plan.geometry.none()
    assert found.plan.appearance == found.plan.appearance.none()
    assert "not varied" in found.reasons[-1]


@pytest.mark.slow
def test_a_start_gives_network_and_scale_and_a_gentle_rate(disc_model):
    start = open_start(disc_model)
    found = configure([discs(20), discs(60)], TrainingOptions(), start=start)
    assert found.plan.architecture == start.card.architecture
    assert found.plan.diameter is None
    assert (
        found.plan.schedule.learning_rate
        < configure([discs(20)], NONE).plan.schedule.learning_rate
    )
    asked = TrainingOptions(learning_rate=0.5, diameter=15)
    found = configure([discs(20), discs(60)], asked, start=start)
    assert found.plan.schedule.learning_rate == 0.5
    assert found.plan.diameter == 15


@pytest.fixture(scope="module")
def examples(annotated):
    drawn = [annotated(seed=seed) for seed in range(4)]
    return [Example(Image(p), labels, name=f"d{k}") for k, (p, labels) in enumerate(drawn)]


@pytest.fixture
def shipped(disc_model, monkeypatch):
    """Let the trained discs be the only shipped model."""

    def ship(*, shipped=True):
        found = [InstalledModel("discs", disc_model, shipped=shipped)]
        monkeypatch.setattr(module, "installed_models", lambda: found)

    ship()
    return ship


@pytest.mark.slow
def test_a_small_set_starts_from_the_best_shipped_model(examples, shipped):
    found = choose(examples, None, TrainingOptions(steps=5), None)
    assert found.start.card.name == "discs"
    assert any("discs, which of the shipped models" in told for told in found.sentences)
    # What has to beat its start is not stopped by the pictures that judge.
    assert found.plan.schedule.patience == 0
    shipped(shipped=False)
    assert (
        choose(examples, None, TrainingOptions(steps=5, size="small"), None).start is None
    )


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("repeats", "options"), [(13, {}), (1, {"start": "none"}), (1, {"size": "small"})]
)
@pytest.mark.slow
def test_large_sets_and_networks_of_their_own_start_from_none(examples, repeats, options):
    start, told = module._start(
        examples * repeats, TrainingOptions(**options), FLOW_OUTPUTS
    )
    assert start is None
    assert told == []


@pytest.mark.slow
def test_a_time_too_short_for_all_trainings_is_told_before_they_begin(examples, disc_model):
    options = TrainingOptions(start=str(disc_model), minutes=1e-3)
    found = choose(examples, None, options, None)
    assert found.plan.schedule.steps == 10  # the fewest
    assert len(found.parts) == 4
    assert found.in_folds
    assert "The time asked for is too short" in found.sentences[-1]
    assert "but 5 trainings of 10 steps" in found.sentences[-1]
    assert found.timetable.n_trainings == 4


@pytest.mark.slow
def test_the_time_asked_for_counts_from_the_beginning_of_the_run(examples, disc_model):
    options = TrainingOptions(start=str(disc_model), minutes=20)
    begun = time.monotonic() - 15 * 60
    found = choose(examples, None, options, None, begun=begun)
    assert 200 < found.timetable.total <= 300
    assert found.plan.schedule.steps > 10
    assert "too short" not in found.sentences[-1]


@pytest.mark.slow
def test_choices_are_taken_up_as_they_were_stored(examples, disc_model):
    options = TrainingOptions(start=str(disc_model), steps=5)
    first = choose(examples, None, options, None)
    stored = json.loads(json.dumps(choices_as_json(first)))
    second = choose(examples, None, options, stored)
    assert second.plan == first.plan
    assert second.sentences == first.sentences
    assert second.timetable == first.timetable
    assert second.start.card == first.start.card


@pytest.mark.parametrize(
    ("n_parts", "with_curve", "n"),
    [(1, False, 1), (3, False, 4), (1, True, 4), (3, True, 13)],
)
def test_trainings_are_counted(n_parts, with_curve, n):
    assert len(SHARES) == 3
    options = TrainingOptions(learning_curve=with_curve)
    assert n_trainings([None] * n_parts, options) == n


@pytest.mark.slow
def test_weights_of_an_encoder_are_put_under_a_decoder_from_the_seed(tmp_path):
    torch.manual_seed(5)
    published = build_encoder("resnet18").state_dict()
    torch.save(published, tmp_path / "weights.pth")
    options = TrainingOptions(encoder="resnet18", encoder_weights=tmp_path / "weights.pth")
    architecture = {"kind": "encoder_unet", "encoder": "resnet18", "channels": 1}
    plan = Plan(architecture={**architecture, "outputs": ["foreground"]}, seed=3)
    made = [
        _first_weights(
            Chosen(plan=plan, start=None, parts=(), timetable=TABLE, sentences=()),
            _encoder_weights(options),
        )
        for _ in range(2)
    ]
    for key, value in published.items():
        assert torch.equal(made[0][f"encoder.{key}"], value)
    assert all(torch.equal(made[0][key], made[1][key]) for key in made[0])
