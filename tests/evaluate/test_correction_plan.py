import json

import numpy as np
import pytest

from segmetry.evaluate.corrected_sample import estimate_total
from segmetry.evaluate.correction_plan import plan_corrections
from segmetry.measure.intervals import Estimate

SIX = Estimate(1000.0, 880.0, 1120.0, 6)


def test_one_five_and_as_many_more_are_predicted():
    plan = plan_corrections(SIX, n_pictures=60)
    assert list(plan.half_widths) == [6, 7, 11, 12]
    assert plan.half_widths[6] == pytest.approx(0.12)


def test_the_prediction_follows_students_t_and_the_pictures_left():
    # t(5) = 2.5706 and t(11) = 2.2010; 12 of 24 leave half of the variance.
    plan = plan_corrections(SIX, n_pictures=24)
    shrunk = 2.2010 / 2.5706 * np.sqrt((1 / 2 / 12) / (3 / 4 / 6))
    assert plan.half_widths[12] == pytest.approx(0.12 * shrunk, rel=1e-4)


def test_more_pictures_never_widen_the_interval():
    widths = list(plan_corrections(SIX, n_pictures=60).half_widths.values())
    assert widths == sorted(widths, reverse=True)


def test_the_number_needed_is_the_first_that_is_narrow_enough():
    plan = plan_corrections(SIX, n_pictures=60, target=0.05)
    again = plan_corrections(SIX, n_pictures=60, target=0.06)
    assert 6 < again.needed < plan.needed < 60


def test_a_wish_that_nothing_but_all_pictures_grants_needs_them_all():
    plan = plan_corrections(SIX, n_pictures=60, target=1e-9)
    assert plan.needed == 60
    assert "correct 60" in plan.sentence


def test_a_wish_that_is_met_says_so():
    plan = plan_corrections(SIX, n_pictures=60, target=0.2)
    assert plan.needed == 6
    assert plan.sentence.endswith("±20 % is reached.")


def test_no_more_than_all_pictures_can_be_corrected():
    plan = plan_corrections(SIX, n_pictures=8)
    assert list(plan.half_widths) == [6, 7, 8]
    assert plan.half_widths[8] == 0


def test_with_all_corrected_nothing_is_left_to_gain():
    plan = plan_corrections(Estimate(50.0, 50.0, 50.0, 8), n_pictures=8)
    assert plan.sentence == "All pictures are corrected: the total is exact."
    assert plan.needed == 8


@pytest.mark.parametrize(
    "total",
    [
        Estimate(9.0, None, None, 1),
        Estimate(0.0, 0.0, 4.0, 3),
        Estimate(None, None, None, 3),
    ],
)
def test_without_a_value_or_an_interval_nothing_is_planned(total):
    plan = plan_corrections(total, n_pictures=60)
    assert plan.needed is None
    assert plan.half_widths == {}
    assert plan.sentence.startswith("Too few")


def test_a_wish_for_nothing_is_refused():
    with pytest.raises(ValueError, match="target must be positive"):
        plan_corrections(SIX, n_pictures=60, target=0)


def test_a_plan_is_json():
    told = plan_corrections(SIX, n_pictures=60).as_json()
    assert json.loads(json.dumps(told)) == told
    assert told["half_widths"][0] == {"n": 6, "half_width": pytest.approx(0.12)}


@pytest.mark.slow
def test_the_prediction_is_on_average_what_correcting_twice_as_many_gives():
    rng = np.random.default_rng(3)
    planned, came = [], []
    for _ in range(400):
        true = rng.poisson(rng.gamma(10, 3, 60)).astype(float)
        found = rng.binomial(true.astype(int), rng.beta(22, 3, 60)).astype(float)
        six, twelve = (estimate_total(found, found[:n], true[:n]) for n in (6, 12))
        planned.append(plan_corrections(six, n_pictures=60).half_widths[12])
        came.append((twelve.high - twelve.value) / twelve.value)
    assert np.mean(planned) == pytest.approx(np.mean(came), rel=0.15)
