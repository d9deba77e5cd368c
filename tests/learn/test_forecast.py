import pytest

from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.learn.forecast import forecast, measured, steps_for, with_duration
from segmetry.learn.plan import Plan


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
