import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmetry.errors import DatasetError
from segmetry.tune.importance import importance, why_no_importance
from segmetry.tune.ranges import Range
from segmetry.tune.study import Journal, Tried, rise, search

RANGES = (
    Range("x", "float", 0.0, 0.0, 1.0),
    Range("n", "int", 8, 1, 1000, ratios=True),
    Range("kind", "choice", "a", choices=("a", "b")),
)


def hill(values):
    """Four pictures; best where x is 0.6, whatever the rest is."""
    for k in range(4):
        yield f"p{k}", 1 - abs(values["x"] - 0.6) + 0.1 * k


def run(folder, score=hill, **how):
    how = {"trials": 20, "patience": 20, "seed": 3, **how}
    return search(Journal(folder / "trials.log"), "all", RANGES, score, **how)


def test_the_first_trial_has_the_defaults_and_the_best_is_no_worse(tmp_path):
    found = run(tmp_path)
    assert dict(found.tried[0].settings) == {"x": 0.0, "n": 8, "kind": "a"}
    assert found.best.mean > found.tried[0].mean + 0.3
    assert found.stopped_by == "all 20 trials were made"


@settings(max_examples=3)
@given(st.integers(1, 19), st.integers(0, 99))
def test_a_search_that_was_stopped_goes_on_as_if_it_had_not_been(
    tmp_path_factory, at, seed
):
    whole = run(tmp_path_factory.mktemp("whole"), seed=seed)
    folder = tmp_path_factory.mktemp("half")
    n_calls = [0]

    def stopped(values):
        n_calls[0] += 1
        for pair in hill(values):
            if n_calls[0] > at:
                raise KeyboardInterrupt
            yield pair

    with pytest.raises(KeyboardInterrupt):
        run(folder, stopped, seed=seed)
    with (folder / "trials.log").open("ab") as file:
        file.write(b'{"half a li')
    assert run(folder, seed=seed) == whole


def test_what_is_finished_is_not_done_again(tmp_path):
    found = run(tmp_path)

    def never(_values):
        raise AssertionError

    assert run(tmp_path, never) == found


def test_another_seed_tries_other_values(tmp_path):
    (tmp_path / "other").mkdir()
    one, other = run(tmp_path), run(tmp_path / "other", seed=4)
    assert [t.settings for t in one.tried[1:]] != [t.settings for t in other.tried[1:]]


def test_a_search_without_progress_stops_and_says_so(tmp_path):
    def same(_values):
        yield from {"p0": 0.5, "p1": 0.7}.items()

    found = run(tmp_path, same, patience=6)
    assert len(found.tried) == 7
    assert found.best.number == 0
    assert "stopped after 7 of 20 trials" in found.stopped_by


def test_a_rise_within_its_standard_error_is_no_progress():
    tried = [
        Tried(0, {}, {"a": 0.5, "b": 0.5}, "done"),
        Tried(1, {}, {"a": 0.9, "b": 0.3}, "done"),
    ]
    risen, error = rise(tried, 1)
    assert risen == pytest.approx(0.1)
    assert error == pytest.approx(np.std([0.4, -0.2], ddof=1) / math.sqrt(2))


def test_a_hopeless_trial_is_given_up_after_some_pictures(tmp_path):
    looked = []

    def score(values):
        for k in range(9):
            looked.append(values["x"])
            yield f"p{k}", 1 - values["x"]

    found = run(tmp_path, score)
    pruned = [one for one in found.tried if one.state == "pruned"]
    assert pruned
    assert all(3 <= len(one.pictures) < 9 for one in pruned)
    assert found.best.state == "done"
    assert len(looked) < 9 * len(found.tried)


def test_values_that_do_not_work_are_a_failed_trial(tmp_path):
    def score(values):
        if values["kind"] == "b":
            raise ZeroDivisionError
        yield from hill(values)

    found = run(tmp_path, score)
    states = {one.settings["kind"]: one.state for one in found.tried}
    assert states["b"] == "failed"
    assert found.best.settings["kind"] == "a"


def test_defaults_that_do_not_work_are_told(tmp_path):
    def score(_values):
        message = "no light"
        raise ZeroDivisionError(message)
        yield

    with pytest.raises(DatasetError, match="fails with its defaults: no light"):
        run(tmp_path, score)


def test_what_matters_is_told(tmp_path):
    found = run(tmp_path, trials=30, patience=30)
    shares = importance(found, RANGES)
    assert next(iter(shares)) == "x"
    assert sum(shares.values()) == pytest.approx(1)


def test_few_or_equal_trials_tell_nothing_of_importance(tmp_path):
    few = run(tmp_path, trials=5)
    assert importance(few, RANGES) == {}
    assert "at least 10 finished trials; there are" in why_no_importance(few)

    def same(_values):
        yield "p0", 0.5

    (tmp_path / "same").mkdir()
    assert importance(run(tmp_path / "same", same), RANGES) == {}
