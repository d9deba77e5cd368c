"""What is told of a training while it goes on."""

import pytest

from segmetry.errors import RecipeError
from segmetry.web.training import Training, Wishes


def note(*, step, score=None):
    point = {"training": "part 1", "step": step, "steps": 9999, "loss": 0.5}
    return point | {"score": score, "seconds_left": 10.0 - step, "score_name": "dice"}


@pytest.fixture
def training():
    """A training of which only the news are looked at."""
    training = object.__new__(Training)
    training.told = {"score_name": "", "sentences": [], "curve": [], "outcome": None}
    training.seconds_left = None
    return training


def test_wishes_come_back_from_their_text():
    wishes = Wishes("mine", "none", None, 30)
    assert Wishes.from_json(wishes.as_json()) == wishes
    assert (wishes.options.name, wishes.options.steps) == ("mine", 30)
    with pytest.raises(RecipeError, match="exclude each other"):
        _ = Wishes("mine", minutes=1, steps=1).options


def test_sentences_and_points_are_kept_in_their_order(training):
    for news in ("First.", note(step=1), "Second.", note(step=2, score=0.7)):
        training._note(news)
    assert training.told["sentences"] == ["First.", "Second."]
    assert [point["step"] for point in training.told["curve"]] == [1, 2]
    assert training.told["curve"][1]["score"] == 0.7
    assert "seconds_left" not in training.told["curve"][0]
    assert (training.told["score_name"], training.seconds_left) == ("dice", 8.0)


def test_a_long_curve_is_thinned_but_keeps_its_scores_and_its_end(training):
    for step in range(3000):
        training._note(note(step=step, score=0.5 if step % 100 == 0 else None))
        assert training.told["curve"][-1]["step"] == step
    curve = training.told["curve"]
    assert len(curve) <= 200
    assert curve[-1]["step"] == 2999
    steps = [point["step"] for point in curve]
    assert steps == sorted(set(steps))
    assert set(range(0, 3000, 100)) <= set(steps)


def test_a_curve_of_scores_alone_has_an_end_too(training):
    for step in range(500):
        training._note(note(step=step, score=0.5))
    assert len(training.told["curve"]) <= 200
    assert training.told["curve"][-1]["step"] == 499
