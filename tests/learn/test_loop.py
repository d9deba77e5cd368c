import math
import runpy
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ModelError
from segmetry.learn.checkpoint import load_state
from segmetry.learn.loop import Aim, best_precision, learning_rate, train
from segmetry.learn.losses import flow_loss
from segmetry.learn.plan import Schedule

SCRIPT = Path(__file__).with_name("killed_training.py")
SMALL = runpy.run_path(str(SCRIPT))
AIM = Aim(loss=flow_loss, score=SMALL["near_half"])
SHORT = Schedule(steps=12, warm_up=3, validate_every=5)


def trained(schedule=SHORT, aim=AIM, *, seed=0, **options):
    return train(SMALL["state"](seed), SMALL["batches"](seed), schedule, aim, **options)


def same_weights(one, other):
    first, second = one.state_dict(), other.state_dict()
    return all(torch.equal(first[name], second[name]) for name in first)


def scripted(*scores):
    """An aim whose validations give these scores, one after the other."""
    left = list(scores)
    return replace(AIM, score=lambda _: left.pop(0))


@given(
    st.integers(1, 5000),
    st.integers(0, 300),
    st.floats(1e-5, 1, allow_subnormal=False),
)
def test_the_learning_rate_rises_to_its_highest_and_falls_to_nothing(steps, warm, high):
    schedule = Schedule(steps=steps, warm_up=warm, learning_rate=high)
    rates = np.array([learning_rate(step, schedule) for step in range(steps)])
    assert (rates >= 0).all()
    assert rates.max() <= high * (1 + 1e-12)
    rise, fall = rates[:warm], rates[warm:]
    assert np.allclose(np.diff(rise), high / max(warm, 1))
    assert (np.diff(fall) <= 0).all()
    if steps > warm:
        assert fall[0] == pytest.approx(high)
        middle = learning_rate(warm + (steps - warm) // 2, schedule)
        assert middle == pytest.approx(high / 2, rel=4 / (steps - warm) + 1e-9)
    assert learning_rate(max(steps, warm + 1), schedule) == pytest.approx(0, abs=1e-12)


def test_the_optimizer_is_told_the_learning_rate_of_each_step():
    schedule = Schedule(steps=7, warm_up=4)
    state = trained(schedule)
    assert state.optimizer.param_groups[0]["lr"] == learning_rate(6, schedule)


BY_SCORE = Schedule(
    steps=9, warm_up=0, validate_every=1, learning_rate=0.01, slower_after=2, slower_by=0.5
)


def test_the_rate_falls_each_time_when_the_score_has_not_risen_for_so_long():
    state = trained(BY_SCORE, scripted(5, 4, 3, 3, 2, 6, 6, 6, 7))
    # Two worse ones, two more, and after a better one two that only equal it.
    scores = [row["score"] for row in state.curve]
    rates = [learning_rate(9, BY_SCORE, scores[:n]) for n in range(10)]
    assert rates == [0.01 * 0.5**k for k in (0, 0, 0, 1, 1, 2, 2, 2, 3, 3)]
    assert state.optimizer.param_groups[0]["lr"] == rates[8]


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 6))
def test_a_rate_by_score_never_rises_and_falls_at_most_once_in_so_many_rounds(scores, n):
    schedule = replace(BY_SCORE, slower_after=n)
    rates = [learning_rate(5, schedule, scores[:k]) for k in range(len(scores) + 1)]
    assert all(after <= before for before, after in pairwise(rates))
    assert rates[-1] >= 0.01 * 0.5 ** (len(scores) // n) * (1 - 1e-9)


def test_a_rate_by_score_rises_over_the_first_steps_too():
    schedule = replace(BY_SCORE, warm_up=4)
    assert [learning_rate(step, schedule) for step in (0, 1, 3, 8)] == pytest.approx(
        [0.0025, 0.005, 0.01, 0.01]
    )


def test_without_averaging_the_newest_weights_are_judged():
    state = trained(replace(SHORT, averaging=0.0))
    assert same_weights(state.averaged, state.network)
    assert not same_weights(trained().averaged, trained().network)


def test_validations_come_when_due_and_at_the_end():
    state = trained()
    assert [row["step"] for row in state.curve] == [5, 10, 12]
    assert state.step == 12
    assert state.losses == []
    assert all(math.isfinite(row["loss"]) for row in state.curve)


def test_the_loss_of_a_row_is_the_mean_since_the_row_before():
    seen = []

    def noted(*tensors):
        value = flow_loss(*tensors)
        seen.append(float(value.detach()))
        return value

    state = trained(aim=replace(AIM, loss=noted))
    expected = [sum(seen[a:b]) / (b - a) for a, b in ((0, 5), (5, 10), (10, 12))]
    assert [row["loss"] for row in state.curve] == expected


@pytest.mark.parametrize(
    ("scores", "best", "last"),
    [
        ((0.1, 0.5, 0.3, 0.4), 4, 8),
        ((0.5, 0.4, 0.5, 0.9), 2, 6),
        ((0.1, 0.2, 0.3, 0.4), 8, 8),
    ],
)
def test_training_stops_when_the_score_no_longer_rises(scores, best, last):
    schedule = Schedule(steps=8, validate_every=2, patience=2)
    state = trained(schedule, scripted(*scores))
    assert state.best["step"] == best
    assert state.step == last
    assert len(state.curve) == last // 2


def test_without_patience_training_never_stops_early():
    schedule = Schedule(steps=8, validate_every=2, patience=0)
    assert trained(schedule, scripted(0.9, 0.1, 0.1, 0.1)).step == 8


def test_the_averaged_weights_of_the_best_validation_are_kept():
    kept = []

    def score(network):
        kept.append({name: value.clone() for name, value in network.state_dict().items()})
        return (0.2, 0.7, 0.7)[len(kept) - 1]

    state = trained(aim=replace(AIM, score=score))
    assert state.best == state.curve[1]
    assert all(torch.equal(state.best_weights[name], kept[1][name]) for name in kept[1])
    assert any(not torch.equal(kept[2][name], kept[1][name]) for name in kept[1])


def test_progress_is_told_at_validations_and_between_them():
    told = []
    schedule = Schedule(steps=60, validate_every=40)
    state = trained(schedule, report=told.append)
    assert [progress.step for progress in told] == [25, 40, 60]
    assert [progress.score is None for progress in told] == [True, False, False]
    assert told[1].score == state.curve[0]["score"]
    assert told[1].loss == state.curve[0]["loss"]
    assert all(progress.steps == 60 for progress in told)
    assert told[0].seconds_left > told[2].seconds_left == 0


class _Killed(BaseException):
    """Ends a training as a kill would."""


def test_the_best_score_that_is_told_is_the_same_before_and_after_a_stop(tmp_path):
    schedule, path = Schedule(steps=8, validate_every=2), tmp_path / "checkpoint"
    told = []

    def kill(progress):
        told.append(progress.best)
        if progress.step == 6:
            raise _Killed

    with pytest.raises(_Killed):
        trained(schedule, scripted(0.2, 0.7, 0.1), checkpoint=path, report=kill)
    assert told == [0.2, 0.7, 0.7]
    again = []
    trained(schedule, scripted(0.1, 0.3), checkpoint=path, report=again.append)
    assert [(progress.step, progress.best) for progress in again] == [(6, 0.7), (8, 0.7)]


@pytest.mark.parametrize("has_checkpoint", [True, False])
def test_time_is_counted(tmp_path, has_checkpoint):
    started = time.monotonic()
    state = trained(checkpoint=tmp_path / "a" if has_checkpoint else None)
    assert 0 < state.seconds <= time.monotonic() - started


def test_the_same_seed_gives_the_same_weights_and_another_one_does_not():
    first, second, other = trained(), trained(), trained(seed=1)
    assert same_weights(first.network, second.network)
    assert first.curve == second.curve
    assert not same_weights(first.network, other.network)


def test_training_makes_the_loss_smaller():
    schedule = Schedule(steps=60, warm_up=5, validate_every=20, learning_rate=0.02)
    losses = [row["loss"] for row in trained(schedule).curve]
    assert losses[-1] < 0.9 * losses[0]


def test_both_precisions_train_and_agree_at_first():
    curves = [
        trained(aim=replace(AIM, precision=precision)).curve
        for precision in (torch.float32, torch.bfloat16)
    ]
    assert curves[0] != curves[1]
    assert curves[1][0]["loss"] == pytest.approx(curves[0][0]["loss"], rel=0.02)


def test_timing_the_precisions_leaves_the_network_as_it_was():
    network = SMALL["state"]().network.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    found = best_precision(network, torch.rand(2, 1, 16, 16))
    assert found in (torch.float32, torch.bfloat16)
    assert all(
        torch.equal(value, before[name]) for name, value in network.state_dict().items()
    )
    assert not network.training
    assert all(weights.grad is None for weights in network.parameters())


def killed(folder, *, step, minutes):
    """Start a training in a process of its own and kill it in the middle of a step."""
    command = [sys.executable, str(SCRIPT), str(folder), str(step), str(minutes)]
    with subprocess.Popen(command) as process:
        while not (folder / "ready").exists():
            assert process.poll() is None, "the training ended by itself"
            time.sleep(0.05)
        process.kill()
    return folder / "checkpoint"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "minutes", "stored"),
    [pytest.param(13, 0, 13, id="between"), pytest.param(19, 60, 16, id="after")],
)
def test_a_killed_training_goes_on_to_the_same_result(tmp_path, step, minutes, stored):
    schedule = SMALL["schedule"](minutes)
    checkpoint = killed(tmp_path, step=step, minutes=minutes)
    unbroken = trained(schedule)
    told = []
    state = SMALL["state"](seed=5)  # what it starts from must not matter
    resumed = train(
        state, SMALL["batches"](), schedule, AIM, checkpoint=checkpoint, report=told.append
    )
    assert told[0].step == (stored // 8 + 1) * 8
    assert resumed.curve == unbroken.curve
    assert resumed.best == unbroken.best
    for name in ("network", "averaged"):
        assert same_weights(getattr(resumed, name), getattr(unbroken, name))
    for name, value in unbroken.best_weights.items():
        assert torch.equal(resumed.best_weights[name], value)


def test_a_checkpoint_between_validations_holds_the_losses_so_far(tmp_path):
    class StopError(Exception):
        pass

    n_left = 8

    def loss(*tensors):
        nonlocal n_left
        n_left -= 1
        if n_left < 0:
            raise StopError
        return flow_loss(*tensors)

    schedule = replace(SHORT, checkpoint_minutes=0)
    with pytest.raises(StopError):
        trained(schedule, replace(AIM, loss=loss), checkpoint=tmp_path / "a")
    resumed = trained(schedule, checkpoint=tmp_path / "a")
    assert resumed.curve == trained(schedule).curve


def test_a_finished_training_is_not_trained_again(tmp_path):
    first = trained(checkpoint=tmp_path / "a")
    told = []
    again = trained(checkpoint=tmp_path / "a", report=told.append)
    assert told == []
    assert again.curve == first.curve
    assert same_weights(again.network, first.network)


def test_a_training_that_stopped_early_stays_stopped(tmp_path):
    schedule = Schedule(steps=8, validate_every=2, patience=1)
    trained(schedule, scripted(0.5, 0.4), checkpoint=tmp_path / "a")
    again = trained(schedule, scripted(), checkpoint=tmp_path / "a")
    assert again.step == 4


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_and_the_best_weights_stay(tmp_path, wrong):
    n_done = 0

    def loss(*tensors):
        nonlocal n_done
        n_done += 1
        return flow_loss(*tensors) * (wrong if n_done == 8 else 1)

    with pytest.raises(ModelError, match=r"no number any more after 7 steps, so .*seed"):
        trained(aim=replace(AIM, loss=loss), checkpoint=tmp_path / "a")
    stored = SMALL["state"](seed=3)
    about = {"schedule": {**SHORT.__dict__}, "seed": 0}
    load_state(tmp_path / "a", stored, about=about)
    assert stored.best["step"] == stored.step == 5
    assert all(weights.isfinite().all() for weights in stored.best_weights.values())


@pytest.mark.parametrize(
    ("steps", "seed", "n_pictures", "told"),
    [(13, 0, 3, "schedule"), (12, 1, 3, "seed"), (12, 0, 4, "pictures")],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, steps, seed, n_pictures, told):
    trained(checkpoint=tmp_path / "a", about={"pictures": 3})
    with pytest.raises(ModelError, match=f"a run with other options .{told}."):
        trained(
            replace(SHORT, steps=steps),
            seed=seed,
            checkpoint=tmp_path / "a",
            about={"pictures": n_pictures},
        )


def test_the_last_checkpoint_is_the_state_that_is_returned(tmp_path):
    told = {"schedule": {**SHORT.__dict__}, "seed": 0}
    state = trained(checkpoint=tmp_path / "a")
    stored = SMALL["state"](seed=3)
    load_state(tmp_path / "a", stored, about=told)
    assert stored.step == state.step == 12
    assert same_weights(stored.averaged, state.averaged)
