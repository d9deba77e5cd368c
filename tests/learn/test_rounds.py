import pytest
import torch

from segmetry.image import Image
from segmetry.learn.configure import with_duration
from segmetry.learn.fitting import Plan
from segmetry.learn.parts import Part
from segmetry.learn.prepared import Example
from segmetry.learn.rounds import Rounds
from segmetry.learn.stopped import Stopped

pytestmark = pytest.mark.slow


@pytest.fixture
def part(annotated):
    drawn = [annotated(seed=seed) for seed in range(3)]
    examples = [
        Example(Image(p), labels, name=str(k)) for k, (p, labels) in enumerate(drawn)
    ]
    return Part(tuple(examples[:2]), tuple(examples[2:]))


@pytest.fixture
def rounds(tmp_path):
    architecture = {**Plan().architecture, "channels": 1, "base": 2, "levels": 2}
    plan = Plan(
        architecture=architecture, diameter=None, side=32, batch=2, precision="float32"
    )
    stopped = Stopped(tmp_path / "a.checkpoint")
    stopped.folder.mkdir()
    told = []
    made = Rounds(
        plan=with_duration(plan, 6, stops_early=False),
        weights=None,
        stopped=stopped,
        n_trainings=3,
        report=told.append,
    )
    made.told = told
    return made


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


def test_without_early_stop_the_last_weights_are_kept(rounds, part):
    state = rounds.train("fold 1 of 2", part)
    assert state.step == 6
    assert same(state.best_weights, state.averaged.state_dict())
    assert [row["step"] for row in rounds.curves["fold 1 of 2"]] == [1, 2, 3, 4, 5, 6]
    assert rounds.seconds > 0


def test_the_time_left_counts_the_trainings_to_come(rounds, part):
    rounds.train("fold 1 of 2", part)
    first = rounds.told[0]
    assert (first.training, first.step, first.steps) == ("fold 1 of 2", 1, 6)
    assert first.score == first.best
    # Of three trainings of 6 steps, 17 steps are left first, and 12 after the first one.
    assert first.seconds_left > 0
    assert rounds.told[-1].seconds_left > 0
    assert rounds.told[-2].seconds_left / rounds.told[-1].seconds_left == (
        pytest.approx(13 / 12)
    )
    rounds.train("fold 2 of 2", part)
    rounds.train_unjudged("all pictures", part)
    assert rounds.told[-1].seconds_left == 0


def test_a_training_with_none_held_out_has_no_score(rounds, part):
    rounds.train_unjudged("all pictures", part)
    assert list(rounds.curves["all pictures"][0]) == ["step", "loss"]
    assert all(told.score is None and told.best is None for told in rounds.told)


def test_a_training_that_is_done_is_taken_from_its_state(rounds, part):
    first = rounds.train("fold 1 of 2", part)
    n_told = len(rounds.told)
    again = rounds.train("fold 1 of 2", part)
    assert same(first.best_weights, again.best_weights)
    assert again.curve == first.curve
    assert len(rounds.told) == n_told
