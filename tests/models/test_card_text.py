import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import ModelError
from segmetry.models.card import Card
from segmetry.models.card_text import card_from_json, card_to_json

VALUES = {
    "name": "cells",
    "created": "2026-01-31",
    "architecture": {"kind": "unet", "base": 8},
    "channels": 1,
    "outputs": ["foreground", "flow_y", "flow_x"],
    "multiple": 4,
    "diameter_px": 20.0,
}
FULL = {
    **VALUES,
    "pixel_size_um": 0.5,
    "cutoffs": {"foreground": 0.5, "min_area": 16},
    "confidence": {"features": ["a"], "coefficients": [1.5], "intercept": -0.5},
    "scores": {"all": {"f1_50": {"value": 0.8, "low": 0.7, "high": 0.9, "n": 12}}},
    "data": [
        {
            "name": "drawn",
            "license": "CC0",
            "source": "the project",
            "n_pictures": 3,
            "sha256": "0" * 64,
        }
    ],
    "training": {"seed": 1, "steps": 10, "options": {"augment": True, "rates": [0.1]}},
    "fidelity": {"int8": {"dice": 0.99, "passed": True}},
}


def as_json(**changes):
    return json.dumps({"format": 1, **VALUES, **changes}).encode()


def read(content):
    return card_from_json(content, name="a.segmodel")


@pytest.mark.parametrize("values", [VALUES, FULL], ids=["least", "most"])
def test_a_card_survives_json(values):
    card = Card(**values)
    assert read(card_to_json(card)) == card


def test_equal_cards_give_equal_bytes_whatever_the_order_of_their_keys():
    backwards = dict(reversed(FULL.items()))
    assert card_to_json(Card(**FULL)) == card_to_json(Card(**backwards))


def test_a_newer_format_says_that_an_update_is_needed():
    said = "newer Segmetry (format 2); this one reads format 1: update with pip install"
    with pytest.raises(ModelError) as error:
        read(as_json(format=2, something="new"))
    assert said in str(error.value)


@pytest.mark.parametrize("content", [b"[]", b"3", b"null", b"{}", as_json(format="1")])
def test_a_card_without_a_format_is_no_card(content):
    with pytest.raises(ModelError, match="its card states no format"):
        read(content)


@pytest.mark.parametrize(
    "content",
    {
        "no json": b"{'format': 1}",
        "cut off": as_json()[:-5],
        "empty": b"",
        "pickle": b"\x80\x04\x95\x10\x00",
        "utf-16": json.dumps(VALUES).encode("utf-16"),
        "not a number": as_json().replace(b"20.0", b"NaN"),
        "endless": as_json().replace(b"20.0", b"-Infinity"),
        "too large": as_json().replace(b"20.0", b"1e999"),
        "too many digits": as_json().replace(b"20.0", b"1" * 5000),
        "deep": as_json(architecture={}).replace(b"{}", b"[" * 50_000 + b"]" * 50_000),
        "deep objects": as_json(x=1).replace(
            b"1}", b'{"a":' * 50_000 + b"1" + b"}" * 50_001
        ),
        "half a letter": as_json(scores_on="\ud800"),
        "terminal codes": as_json(scores_on="\x1b[2J"),
        "terminal codes in a key": as_json(architecture={"list": [{"\x9b2J": 1}]}),
        "letters that turn around": as_json(scores_on="gpj.\u202e"),
    }.items(),
    ids=lambda item: item[0],
)
def test_what_is_no_proper_json_is_refused(content):
    with pytest.raises(ModelError, match=r"^a.segmodel is damaged: its card is no proper"):
        read(content[1])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "../evil"}, "name: a name has at most"),
        ({"name": "con"}, "as in 'con-model'"),
        ({"name": "a" * 61}, "name: a name"),
        ({"created": "soon"}, "created: "),
        ({"channels": "3"}, "channels: "),
        ({"channels": 2}, "1 or 3 channels"),
        ({"multiple": 4.5}, "multiple: "),
        ({"multiple": 0}, "multiple: "),
        ({"diameter_px": -1}, "diameter_px: "),
        ({"diameter_px": True}, "diameter_px: "),
        ({"outputs": []}, "outputs: "),
        ({"outputs": ["foreground"] * 2}, "outputs must differ"),
        ({"outputs": ["flow_y", "flow_x"]}, "must have the output 'foreground'"),
        ({"outputs": ["foreground", "flow_y"]}, "'flow_y' and 'flow_x' go together"),
        ({"outputs": ["foreground", "flow_x"]}, "'flow_y' and 'flow_x' go together"),
        ({"task": "classes", "outputs": ["rods"]}, "must have outputs that begin with"),
        ({"diameter_px": None}, "diameter_px must be given where scale is 'match'"),
        ({"task": "dance"}, "task: "),
        ({"cutoffs": {"foreground": "0.5"}}, "cutoffs.foreground: "),
        ({"cutoffs": {"foreground": 10**400}}, "cutoffs.foreground: "),
        ({"files": {"model.onnx": "abc"}}, "files.model.onnx: "),
        ({"surprise": 1}, "surprise: extra inputs are not permitted"),
        ({"k" * 10_000: 1}, "k" * 60 + ": extra"),
        ({"normalization": {"low": 50, "high": 50}}, "low must be below high"),
        ({"scores": {"all": {"f1": {"n": 1}}}}, "scores.all.f1.value: "),
        ({"data": [{"name": "a"}]}, "data.0.license: "),
        ({"training": {"seed": 0.5}}, "training.seed: "),
    ],
)
def test_a_wrong_value_is_told_with_its_place_in_one_line(changes, said):
    with pytest.raises(ModelError) as error:
        read(as_json(**changes))
    assert said in str(error.value)
    assert str(error.value).startswith("a.segmodel is no model that Segmetry can run: ")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


@given(st.binary(max_size=200))
def test_any_bytes_give_one_plain_sentence(content):
    with pytest.raises(ModelError, match=r"^a\.segmodel is "):
        read(content)


@pytest.mark.parametrize("seed", range(10))
def test_a_changed_card_is_read_or_gives_one_plain_sentence(seed):
    rng = random.Random(seed)
    proper = card_to_json(Card(**FULL))
    pieces = [
        b'"',
        b"{",
        b"[",
        b"null",
        b"-1",
        b"1e400",
        b"\\u001b",
        b"\xff",
        b"[[",
        b"true",
    ]
    for _ in range(40):
        place = rng.randrange(len(proper))
        end = place + rng.choice([0, 1, 5])
        said = told_of(proper[:place] + rng.choice(pieces) + proper[end:])
        assert said == "" or (said.startswith("a.segmodel ") and said.isprintable())


def told_of(content):
    try:
        read(content)
    except ModelError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_json_has_no_word_for_is_not_written(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        card_to_json(Card(**VALUES).model_copy(update={"diameter_px": number}))
