import time
from dataclasses import replace

import numpy as np
import pytest

from segmetry.image import Image
from segmetry.learn.examples import Example
from segmetry.learn.forecast import (
    Costs,
    Pace,
    Timetable,
    Work,
    _seconds_each,
    duration,
    forecast,
    measured,
    steps_within,
    with_duration,
)
from segmetry.learn.plan import Plan, Schedule


@pytest.mark.parametrize("steps", [1, 7, 10, 100, 1500, 50_000])
@pytest.mark.parametrize("stops_early", [True, False])
def test_every_duration_is_judged_at_its_end_and_often_enough(steps, stops_early):
    schedule = with_duration(Plan(), steps, stops_early=stops_early).schedule
    assert schedule.steps == steps
    assert schedule.validate_every <= steps
    assert schedule.warm_up < steps
    assert steps / schedule.validate_every <= 20
    assert bool(schedule.patience) == stops_early


@pytest.mark.parametrize("steps", [3, 50, 5000])
def test_a_training_that_slows_by_its_score_keeps_its_rounds(steps):
    rounds = Schedule(validate_every=40, patience=20, warm_up=0, slower_after=5)
    for stops_early in (True, False):
        plan = with_duration(Plan(schedule=rounds), steps, stops_early=stops_early)
        assert plan.schedule.steps == steps
        assert plan.schedule.validate_every == min(40, steps)
        assert plan.schedule.warm_up == 0
        assert plan.schedule.patience == (20 if stops_early else 0)


COSTS = Costs(step=0.25, maps=0.5, score=0.1)
FOLDS = Work(n_trainings=5, n_held_out=2, n_chosen_on=10, ends_with_all=True)
ONE = Work(n_trainings=1, n_held_out=6, n_chosen_on=6)


def test_a_timetable_counts_steps_validations_judging_and_the_model_file():
    plan = with_duration(Plan(), 100, stops_early=False)
    table = Timetable.of(plan, COSTS, FOLDS)
    # 10 validations and one judging of 2 pictures each.
    assert table.training == pytest.approx(100 * 0.25 + 11 * 2 * 0.6)
    assert table.last == pytest.approx(25)
    bare = Timetable.of(plan, Costs(step=0.25), FOLDS)
    assert table.finishing - bare.finishing == pytest.approx(10 * (6 * 0.5 + 100 * 0.1))
    assert table.total == pytest.approx(5 * table.training + 25 + table.finishing)
    assert Timetable.of(plan, COSTS, ONE).last == 0


@pytest.mark.parametrize("minutes", [5, 20, 100])
@pytest.mark.parametrize("work", [ONE, FOLDS])
@pytest.mark.parametrize("stops_early", [True, False])
def test_the_time_asked_for_is_kept_and_used(minutes, work, stops_early):
    steps = steps_within(60 * minutes, Plan(), COSTS, work, stops_early=stops_early)
    plan = with_duration(Plan(), steps, stops_early=stops_early)
    table = Timetable.of(plan, COSTS, work)
    assert 0.9 * 60 * minutes < table.total <= 60 * minutes
    told = forecast(plan, COSTS, table, minutes=minutes)
    assert "too short" not in told
    assert f"about {duration(table.total)} on this machine" in told


def test_a_time_that_is_too_short_is_told_with_the_shortest():
    steps = steps_within(120, Plan(), replace(COSTS, step=4), FOLDS, stops_early=False)
    assert steps == 10
    plan = with_duration(Plan(), steps, stops_early=False)
    table = Timetable.of(plan, replace(COSTS, step=4), FOLDS)
    told = forecast(plan, replace(COSTS, step=4), table, minutes=2)
    assert told.startswith("The time asked for is too short: 2 min of it are left")
    assert "but 6 trainings of 10 steps, the fewest that are made" in told
    assert f"about {duration(table.total)}" in told
    assert "so long it will take" in told
    assert "give more minutes, or, on the command line, a smaller network" in told


def test_there_is_a_longest_training():
    assert steps_within(1e9, Plan(), COSTS, ONE, stops_early=True) == 50_000


def test_without_a_time_the_forecast_is_only_told():
    plan = with_duration(Plan(), 30, stops_early=True)
    table = Timetable(training=60, n_trainings=1, last=0, finishing=20)
    told = forecast(plan, COSTS, table)
    assert told.startswith("30 steps, judging and the model file: about 80 s")


TABLE = Timetable(training=100, n_trainings=3, last=60, finishing=40)


@pytest.mark.parametrize("speed", [0.5, 1, 3])
def test_the_time_left_begins_as_forecast_and_comes_to_what_is_true(speed):
    pace = Pace(TABLE)
    assert pace.seconds_left(0, 0.0, now=7.0) == pytest.approx(400)
    left = [pace.seconds_left(0, 0.5, now=7 + 50 * speed)]
    left += [pace.seconds_left(n, 0.0, now=7 + 100 * speed * n) for n in (1, 2, 3)]
    left.append(pace.seconds_left(3, 1.0, now=7 + 360 * speed))
    assert left[-1] == pytest.approx(40 * speed, rel=0.1 * abs(np.log2(speed)) + 1e-9)
    truth = np.array([350, 300, 200, 100, 40]) * speed
    wrong = np.abs(np.log(left / truth))
    assert (np.diff(wrong) <= 1e-9).all()


def test_trainings_taken_from_a_stop_do_not_count_as_fast():
    pace = Pace(TABLE)
    assert pace.seconds_left(2, 0.5, now=0.0) == pytest.approx(150)
    assert pace.seconds_left(3, 0.0, now=50.0) == pytest.approx(100)


@pytest.mark.slow
def test_steps_and_judging_are_timed_and_thrown_away(annotated):
    picture, labels = annotated(seed=1)
    architecture = {**Plan().architecture, "channels": 1, "base": 4, "levels": 3}
    plan = Plan(architecture=architecture, diameter=None, side=64, batch=2)
    example = Example(Image(picture), labels, name="a")
    timed, costs = measured(plan, [example], [example] * 3)
    assert timed.precision in {"float32", "bfloat16"}
    assert 0 < costs.step < 60
    assert 0 < costs.maps < 60
    assert 0 < costs.score < 60
    assert measured(plan, [example])[1].maps == 0
    assert with_duration(timed, 5, stops_early=True).architecture == architecture


def test_what_only_the_first_picture_costs_is_not_forecast_for_all():
    """Kernels are compiled or loaded on first use, which may take many seconds."""
    seen = []

    def work(example):
        time.sleep(0.01 if seen else 0.5)
        seen.append(example)

    assert 0.01 <= _seconds_each(work, ["a", "b"]) < 0.25
    assert seen == ["a", "a", "b"]
