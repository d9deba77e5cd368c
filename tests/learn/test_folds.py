import math

import pytest

from segmetry.image import Image
from segmetry.learn.chosen import Chosen
from segmetry.learn.configure import with_duration
from segmetry.learn.fitting import Plan
from segmetry.learn.folds import judge, learning_curve
from segmetry.learn.options import TrainingOptions
from segmetry.learn.parts import divide
from segmetry.learn.prepared import Example
from segmetry.learn.rounds import Rounds
from segmetry.learn.start import open_start
from segmetry.learn.stopped import Stopped

pytestmark = pytest.mark.slow


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
        rounds = Rounds(
            plan=plan,
            weights=None if start is None else start.weights,
            stopped=stopped,
            n_trainings=len(parts),
            report=lambda _: None,
        )
        return Chosen(plan=plan, start=start, parts=parts, sentences=(sentence,)), rounds

    return make


def test_each_picture_of_folds_is_judged_once_by_a_network_new_to_it(trained):
    chosen, rounds = trained(4, folds=2)
    judged = judge(chosen, rounds)
    assert sorted(judged.pictures) == ["d0", "d1", "d2", "d3"]
    assert len(judged.states) == 2
    assert [one.example.name for one in judged.kept] == list(judged.pictures)
    assert judged.verdict is None
    assert [row["dsb_score"] for row in judged.pictures.values()] == judged.plain
    assert list(rounds.curves) == ["fold 1 of 2", "fold 2 of 2"]


def test_one_part_keeps_no_maps_in_memory(trained):
    chosen, rounds = trained(26)
    judged = judge(chosen, rounds)
    assert len(judged.pictures) == 5
    assert judged.kept == []
    assert list(rounds.curves) == ["training"]


def test_both_models_are_judged_on_the_same_pictures(trained, disc_model):
    start = open_start(disc_model)
    chosen, rounds = trained(2, start, folds="leave-one-out")
    judged = judge(chosen, rounds)
    held = [part.held_out[0] for part in chosen.parts]
    assert [judged.pictures[one.name]["old"] for one in held] == start.scores(held)
    assert judged.verdict.n_pictures == 2
    new = [row["dsb_score"] for row in judged.pictures.values()]
    assert judged.verdict.new == pytest.approx(sum(new) / 2)


def test_the_learning_curve_ends_with_all_pictures_and_skips_what_is_the_same(trained):
    chosen, rounds = trained(6, folds=3)
    judged = judge(chosen, rounds)
    points = learning_curve(chosen, rounds, judged)
    # Of 4 training pictures, an eighth and a quarter are both 1.
    assert [point.n_pictures for point in points] == [1, 2, 4]
    assert points[-1].score.value == pytest.approx(sum(judged.plain) / 6)
    assert all(not math.isnan(point.score.low) for point in points)
    assert len(rounds.curves) == 9
