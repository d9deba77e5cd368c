import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from segmetry.compare.differences import Difference, difference, holm

SCORES = st.lists(st.floats(0, 1), min_size=5, max_size=12)


def of(one, other, units=None, score="dice"):
    names = [f"p{k:02}" for k in range(len(one))]
    units = units or names
    values = dict(zip(names, one, strict=True)), dict(zip(names, other, strict=True))
    return difference(("a", "b"), score, values, dict(zip(names, units, strict=True)))


@given(SCORES)
def test_a_method_equal_to_another_differs_by_exactly_nothing(scores):
    found = of(scores, scores)
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert found.says == "the same"


@given(SCORES, st.integers(0, 99))
def test_the_other_way_round_is_the_negative(scores, seed):
    others = np.random.default_rng(seed).random(len(scores)).tolist()
    there, back = of(scores, others), of(others, scores)
    assert there.value == pytest.approx(-back.value, abs=1e-12)
    assert there.low == pytest.approx(-back.high, abs=1e-12)
    assert there.p == pytest.approx(back.p)


@given(SCORES, st.integers(0, 99))
def test_p_is_below_5_percent_where_the_interval_holds_no_zero(scores, seed):
    others = np.random.default_rng(seed).random(len(scores)).tolist()
    found = of(scores, others)
    if found.says != "the same" and min(abs(found.low), abs(found.high)) > 1e-9:
        assert (found.p < 0.05) == (found.low > 0 or found.high < 0)


def test_p_agrees_with_the_paired_t_test_of_many_pictures():
    rng = np.random.default_rng(3)
    one = rng.random(200)
    other = one - rng.normal(0.02, 0.1, 200)
    p = stats.ttest_rel(one, other).pvalue
    assert of(one.tolist(), other.tolist()).p == pytest.approx(p, rel=0.5)


def test_few_pictures_say_nothing():
    found = of([0.9] * 4, [0.1] * 4)
    assert found.says == "too few pictures"
    assert math.isnan(found.p)
    assert math.isnan(found.low)
    assert found.value == pytest.approx(0.8)


def test_many_pictures_of_few_groups_say_nothing():
    found = of([0.9] * 12, [0.1] * 12, units=["x", "y", "z"] * 4)
    assert (found.n, found.n_units, found.says) == (12, 3, "too few pictures")


def test_a_lower_count_error_is_better():
    low, high = [1.0, 2, 1, 2, 1, 2], [5.0, 6, 6, 5, 5, 6]
    assert of(low, high, score="count_mae").says == "better"
    assert of(low, high, score="dice").says == "worse"


def test_only_pictures_that_both_have_count():
    values = {"a": 0.5, "b": math.nan}, {"a": 0.4, "c": 0.2}
    found = difference(("x", "y"), "dice", values, {})
    assert (found.n, found.value) == (1, pytest.approx(0.1))


def test_nothing_in_common_is_no_number():
    assert math.isnan(difference(("x", "y"), "dice", ({"a": 1.0}, {"b": 1.0}), {}).value)


def made(p):
    return Difference("a", "b", "dice", 0.1, 0.0, 0.2, 9, 9, p=p)


@given(st.lists(st.floats(0.0001, 1), min_size=1, max_size=8))
def test_holm_agrees_with_its_definition(chances):
    found = [one.p_holm for one in holm([made(p) for p in chances])]
    ordered = sorted(chances)
    steps = np.maximum.accumulate(
        [min(1, p * (len(ordered) - k)) for k, p in enumerate(ordered)]
    )
    assert sorted(found) == pytest.approx(steps.tolist())
    assert all(one >= p for one, p in zip(found, chances, strict=True))


def test_many_comparisons_need_a_smaller_chance():
    alone = holm([made(0.03)])[0]
    among = holm([made(0.03), *(made(0.5) for _ in range(5))])[0]
    assert (alone.says, among.says) == ("better", "no clear difference")


def test_what_has_no_chance_does_not_count():
    unknown = replace(made(math.nan), says="too few pictures")
    found = holm([made(0.03), unknown])
    assert found[0].p_holm == pytest.approx(0.03)
    assert found[1] == unknown
