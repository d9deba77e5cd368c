import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from segmetry.models.card import (
    Card,
    Confidence,
    Normalization,
    Score,
    TrainingData,
    model_name,
)

VALUES = {
    "name": "cells",
    "created": "2026-01-31",
    "architecture": {"kind": "unet", "base": 8},
    "channels": 1,
    "outputs": ["foreground", "flow_y", "flow_x"],
    "multiple": 4,
    "diameter_px": 20.0,
}


def test_a_card_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Card(**VALUES).name = "other"


def test_each_feature_of_the_confidence_has_one_coefficient():
    with pytest.raises(ValidationError, match="equally many"):
        Confidence(features=("area", "edge"), coefficients=(1.0,), intercept=0)


def test_classes_need_no_foreground():
    outputs = ["class:ground", "class:crack"]
    card = Card(**{**VALUES, "task": "classes", "outputs": outputs})
    assert card.outputs == tuple(outputs)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_has_no_word_for_are_refused(number):
    with pytest.raises(ValidationError):
        Score(value=number, n=1)
    with pytest.raises(ValidationError):
        Normalization(high=number)
    with pytest.raises(ValidationError):
        Card(**{**VALUES, "architecture": {"layers": [{"base": number}]}})


def test_a_hash_has_64_digits():
    given_ = {"name": "a", "license": "b", "source": "c", "n_pictures": 1}
    with pytest.raises(ValidationError):
        TrainingData(**given_, sha256="0" * 63)


@given(st.text())
def test_any_text_becomes_a_name_that_a_card_takes(text):
    name = model_name(text)
    assert set(name) <= set(string.ascii_lowercase + string.digits + "-_")
    assert Card(**{**VALUES, "name": name}).name == name
    assert model_name(name) == name


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outputs": ["foreground", "boundary", "flow_y", "flow_x"]}, "exclude each other"),
        ({"shortest_px": 512, "longest_px": 256}, "must not be below"),
        ({"normalization": {"kind": "median"}}, "percentiles"),
    ],
)
def test_what_does_not_go_together_is_refused(changes, said):
    with pytest.raises(ValidationError, match=said):
        Card(**{**VALUES, **changes})
