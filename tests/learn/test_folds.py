import math
from itertools import accumulate

import pytest
import torch

from segmetry.image import Image
from segmetry.learn.checkpoint import Stopped
from segmetry.learn.choices import Chosen
from segmetry.learn.division import Part, divide
from segmetry.learn.examples import Example
from segmetry.learn.folds import Trainings, judge, learning_curve
from segmetry.learn.forecast import Timetable, with_duration
from segmetry.learn.options import TrainingOptions
from segmetry.learn.plan import Plan
from segmetry.learn.start import open_start

pytestmark = pytest.mark.slow

TABLE = Timetable(training=60, n_trainings=2, last=60, finishing=30)


@pytest.fixture
def part(annotated):
    drawn = [annotated(seed=seed) for seed in range(3)]
    examples = [
        Example(Image(p), labels, name=str(k)) for k, (p, labels) in enumerate(drawn)
    ]
    return Part(tuple(examples[:2]), tuple(examples[2:]))


@pytest.fixture
def small(tmp_path):
    architecture = {**Plan().architecture, "channels": 1, "base": 2, "levels": 2}
    plan = Plan(
        architecture=architecture, diameter=None, side=32, batch=2, precision="float32"
    )
    stopped = Stopped(tmp_path / "a.checkpoint")
    stopped.folder.mkdir()
    told = []
    made = Trainings(
        plan=with_duration(plan, 6, stops_early=False),
        weights=None,
        stopped=stopped,
        timetable=TABLE,
        report=told.append,
    )
    made.told = told
    return made


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


def test_without_early_stop_the_last_weights_are_kept(small, part):
    state = small.train("fold 1 of 2", part)
    assert state.step == 6
    assert same(state.best_weights, state.averaged.state_dict())
    assert [row["step"] for row in small.curves["fold 1 of 2"]] == [1, 2, 3, 4, 5, 6]
    assert small.seconds > 0


def test_the_time_left_falls_to_that_of_the_model_file(small, part):
    small.train("fold 1 of 2", part)
    first = small.told[0]
    assert (first.training, first.step, first.steps) == ("fold 1 of 2", 1, 6)
    scores = [told.score for told in small.told]
    assert [told.best for told in small.told] == list(accumulate(scores, max))
    # Of three trainings forecast at 60 s, 5 / 6 of the first, two, and 30 s are left.
    assert first.seconds_left == pytest.approx(50 + 120 + 30)
    small.train("fold 2 of 2", part)
    small.train_unjudged("all pictures", part)
    left = [told.seconds_left for told in small.told]
    assert left == sorted(left, reverse=True)
    assert 0 < left[-1] <= 30


def test_a_training_with_none_held_out_has_no_score(small, part):
    small.train_unjudged("all pictures", part)
    assert list(small.curves["all pictures"][0]) == ["step", "loss"]
    assert all(told.score is None and told.best is None for told in small.told)


def test_a_training_that_is_done_is_taken_from_its_state(small, part):
    first = small.train("fold 1 of 2", part)
    n_told = len(small.told)
    again = small.train("fold 1 of 2", part)
    assert same(first.best_weights, again.best_weights)
    assert again.curve == first.curve
    assert len(small.told) == n_told


@pytest.fixture
def trained(annotated, tmp_path):
    """Choices for small pictures, and the trainings that go with them."""

    def make(n, start=None, **options):
        drawn = [annotated(seed=seed) for seed in range(n)]
        examples = [
            Example(Image(p), labels, name=f"d{k}") for k, (p, labels) in enumerate(drawn)
        ]
        parts, sentence = divide(examples, TrainingOptions(**options))
        architecture = {**Plan().architecture, "channels": 1, "base": 2, "levels": 2}
        if start is not None:
            architecture = start.card.architecture
        plan = Plan(
            architecture=architecture,
            diameter=None,
            side=32,
            batch=2,
            precision="float32",
        )
        plan = with_duration(plan, 2, stops_early=False)
        stopped = Stopped(tmp_path / "a.checkpoint")
        stopped.folder.mkdir()
        trainings = Trainings(
            plan=plan,
            weights=None if start is None else start.weights,
            stopped=stopped,
            timetable=TABLE,
            report=lambda _: None,
        )
        chosen = Chosen(
            plan=plan, start=start, parts=parts, timetable=TABLE, sentences=(sentence,)
        )
        return chosen, trainings

    return make


def test_each_picture_of_folds_is_judged_once_by_a_network_new_to_it(trained):
    chosen, trainings = trained(4, folds=2)
    judged = judge(chosen, trainings)
    assert sorted(judged.pictures) == ["d0", "d1", "d2", "d3"]
    assert len(judged.states) == 2
    assert [one.example.name for one in judged.kept] == list(judged.pictures)
    assert judged.verdict is None
    assert [row["dsb_score"] for row in judged.pictures.values()] == judged.plain
    assert list(trainings.curves) == ["fold 1 of 2", "fold 2 of 2"]


def test_one_part_keeps_no_maps_in_memory(trained):
    chosen, trainings = trained(26)
    judged = judge(chosen, trainings)
    assert len(judged.pictures) == 5
    assert judged.kept == []
    assert list(trainings.curves) == ["training"]


def test_both_models_are_judged_on_the_same_pictures(trained, disc_model):
    start = open_start(disc_model)
    chosen, trainings = trained(2, start, folds="leave-one-out")
    judged = judge(chosen, trainings)
    held = [part.held_out[0] for part in chosen.parts]
    assert [judged.pictures[one.name]["old"] for one in held] == start.scores(held)
    assert judged.verdict.n_pictures == 2
    new = [row["dsb_score"] for row in judged.pictures.values()]
    assert judged.verdict.new == pytest.approx(sum(new) / 2)


def test_the_learning_curve_ends_with_all_pictures_and_skips_what_is_the_same(trained):
    chosen, trainings = trained(6, folds=3)
    judged = judge(chosen, trainings)
    points = learning_curve(chosen, trainings, judged)
    # Of 4 training pictures, an eighth and a quarter are both 1.
    assert [point.n_pictures for point in points] == [1, 2, 4]
    assert points[-1].score.value == pytest.approx(sum(judged.plain) / 6)
    assert all(not math.isnan(point.score.low) for point in points)
    assert len(trainings.curves) == 9
