import numpy as np
import pytest

from segmetry.image import Image
from segmetry.learn.configure import configure, forecast, measured, steps_for, with_duration
from segmetry.learn.fitting import Plan
from segmetry.learn.options import TrainingOptions
from segmetry.learn.prepared import Example
from segmetry.learn.start import open_start

NONE = TrainingOptions(start="none")


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
    ("n", "minutes", "base", "levels"),
    [(3, None, 16, 4), (40, None, 32, 4), (40, 5, 16, 4), (600, 180, 32, 5)],
)
def test_the_network_grows_with_pictures_and_time(n, minutes, base, levels):
    options = TrainingOptions(start="none", minutes=minutes)
    chosen = configure([discs(20, shape=(40, 40))] * n, options).plan.architecture
    assert (chosen["base"], chosen["levels"]) == (base, levels)


def test_size_and_encoder_can_be_asked_for():
    asked = TrainingOptions(start="none", size="large")
    assert configure([discs(20)], asked).plan.architecture["levels"] == 5
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


@pytest.mark.parametrize("steps", [1, 7, 10, 100, 1500, 50_000])
@pytest.mark.parametrize("stops_early", [True, False])
def test_every_duration_is_judged_at_its_end_and_often_enough(steps, stops_early):
    schedule = with_duration(Plan(), steps, stops_early=stops_early).schedule
    assert schedule.steps == steps
    assert schedule.validate_every <= steps
    assert schedule.warm_up < steps
    assert steps / schedule.validate_every <= 20
    assert bool(schedule.patience) == stops_early


def test_steps_fill_the_time_and_the_forecast_says_so():
    steps = steps_for(20, seconds_per_step=0.25, n_trainings=4)
    plan = with_duration(Plan(), steps, stops_early=False)
    assert "4 trainings of 900 steps: about 20 min" in forecast(plan, 0.25, 4)
    assert steps_for(1e-6, 1.0, 1) == 10
    assert steps_for(1e9, 1.0, 1) == 50_000
    assert forecast(with_duration(Plan(), 30, stops_early=True), 0.5, 1).startswith("30 s")


@pytest.mark.slow
def test_the_first_steps_are_timed_and_thrown_away(annotated):
    picture, labels = annotated(seed=1)
    architecture = {**Plan().architecture, "channels": 1, "base": 4, "levels": 3}
    plan = Plan(architecture=architecture, diameter=None, side=64, batch=2)
    timed, seconds = measured(plan, [Example(Image(picture), labels, name="a")])
    assert timed.precision in {"float32", "bfloat16"}
    assert 0 < seconds < 60
    assert with_duration(timed, 5, stops_early=True).architecture == architecture
