import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.segment import Option, segmenter, segmenter_names, segmenter_options
from segmetry.tune.ranges import Range, ranges_of


def of(**option):
    return ranges_of([Option(name="one", help="", **option)])[0]


def test_what_an_option_declares_is_tried():
    assert of(kind="int", default=16, low=1, tunable=(4, 1000)) == Range(
        "one", "int", 16, 4, 1000, ratios=True
    )
    found = of(kind="int", default=0, tunable=(15, 31, 61))
    assert (found.kind, found.choices) == ("choice", (0, 15, 31, 61))


def test_an_option_that_says_nothing_is_tried_about_its_default():
    found = of(kind="float", default=2.0, low=1, high=100)
    assert (found.low, found.high, found.ratios) == (1, 8, False)


def test_choices_and_truth_values_are_tried_all():
    assert of(kind="bool", default=True).choices == (True, False)
    assert of(kind="str", default="a", choices=("a", "b")).choices == ("a", "b")


@pytest.mark.parametrize(
    "option",
    [
        {"kind": "str", "default": ""},
        {"kind": "float", "default": 0.0},
        {"kind": "bool", "default": True, "tunable": ()},
    ],
)
def test_what_cannot_be_tried_is_left(option):
    with pytest.raises(RecipeError, match="nothing is left"):
        of(**option)


def test_fixed_options_are_not_tried_and_must_be_known():
    options = segmenter_options("threshold")
    assert "method" not in [one.name for one in ranges_of(options, {"method": "li"})]
    with pytest.raises(RecipeError, match="did you mean 'method'"):
        ranges_of(options, {"metod": "li"})


def test_files_and_seeds_are_never_tried():
    for name in segmenter_names():
        tried = {one.name for one in ranges_of(segmenter_options(name))}
        assert not tried & {"seed", "model", "sample", "level"}, name


@pytest.mark.parametrize("name", segmenter_names())
@given(st.integers(0, 10_000))
def test_every_value_drawn_is_one_that_its_option_takes(name, seed):
    """One at a time: some values of two options exclude each other."""
    rng = np.random.default_rng(seed)
    known = {} if name != "network" else {"model": "nuclei"}
    one = (tried := ranges_of(segmenter_options(name)))[seed % len(tried)]
    value = one.drawn(rng)
    try:
        segmenter(name, **known, **{one.name: value})
    except RecipeError as error:
        assert "must not be" in str(error) or "below" in str(error)  # noqa: PT017
    if one.kind != "choice":
        assert one.low <= value <= one.high


@given(st.integers(0, 99))
def test_ratios_are_drawn_evenly(seed):
    rng = np.random.default_rng(seed)
    found = of(kind="float", default=10.0, tunable=(1, 10_000))
    values = np.log10([found.drawn(rng) for _ in range(400)])
    assert 1.7 < values.mean() < 2.3


def test_a_range_is_told_in_words():
    assert of(kind="bool", default=True).told() == "one: True, False"
