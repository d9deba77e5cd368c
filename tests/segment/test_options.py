from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.errors import RecipeError
from segmetry.segment.options import Option, about, check, options_of, suggestion, typed
from segmetry.segment.threshold import Threshold

WHOLE = Option("min_area", "int", 30, "Smaller objects are dropped.", low=1)
NUMBER = Option("waist", "float", 0.85, "Where to cut.", low=0, high=1)
SWITCH = Option("separate", "bool", default=True, help="Cut objects that touch.")
CHOICE = Option("polarity", "str", "auto", "Sign.", choices=("auto", "bright", "dark"))
TEXT = Option("model", "str", "", "A name or a file.")
FREE = Option("level", "float", 128.0, "A grey value.")


def test_options_describe_the_fields_of_a_segmenter():
    options = {option.name: option for option in options_of(Threshold)}
    assert options["min_area"].kind == "int"
    assert options["min_area"].low == 1
    assert options["separate"].kind == "bool"
    assert options["denoise"].kind == "float"
    assert options["polarity"].choices == ("auto", "bright", "dark")
    assert all(option.help.endswith(".") for option in options.values())


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (WHOLE, "20", 20),
        (NUMBER, "0.5", 0.5),
        (SWITCH, "yes", True),
        (SWITCH, "False", False),
        (SWITCH, " on ", True),
        (SWITCH, "0", False),
        (CHOICE, "dark", "dark"),
        (TEXT, "my model.segmodel", "my model.segmodel"),
        (FREE, "-3e2", -300.0),
    ],
)
def test_a_text_is_read_as_the_kind_of_its_option(option, text, value):
    read = typed(option, text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        (WHOLE, "2.5", "min_area must be a whole number of at least 1, got '2.5'"),
        (NUMBER, "half", "waist must be a number from 0 to 1, got 'half'"),
        (SWITCH, "perhaps", "separate must be true or false, got 'perhaps'"),
        (FREE, "", "level must be a number, got ''"),
    ],
)
def test_a_text_of_another_kind_is_refused(option, text, message):
    with pytest.raises(RecipeError, match=message):
        typed(option, text)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (WHOLE, 1),
        (NUMBER, 0),
        (NUMBER, 1.0),
        (SWITCH, False),
        (CHOICE, "auto"),
        (FREE, -1),
        (TEXT, "any"),
        (TEXT, ""),
    ],
)
def test_values_within_the_limits_pass(option, value):
    check(option, value)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        (WHOLE, 0),
        (WHOLE, 2.0),
        (WHOLE, True),
        (NUMBER, 1.1),
        (NUMBER, -0.1),
        (NUMBER, float("nan")),
        (NUMBER, None),
        (SWITCH, 1),
        (CHOICE, "drak"),
        (FREE, "128"),
        (TEXT, 3),
    ],
)
def test_values_that_an_option_cannot_take_are_refused(option, value):
    with pytest.raises(RecipeError, match=f"option {option.name} must be"):
        check(option, value)


def test_an_option_without_choices_takes_any_text():
    with pytest.raises(RecipeError, match="option model must be a text, got None"):
        check(TEXT, None)


def test_a_close_name_is_suggested():
    assert "did you mean 'min_area'?" in suggestion("min_aera", ["min_area", "waist"])


def test_without_a_close_name_the_known_ones_are_told():
    assert suggestion("zzz", ["min_area", "waist"]) == ". Known are: min_area, waist."


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A class with an option of each kind."""

    wide: int = field(default=3, metadata=about("How wide.", low=1))
    share: float = field(default=0.5, metadata=about("Of all.", low=0, high=1))
    filled: bool = field(default=True, metadata=about("Whether."))
    side: Literal["left", "right"] = field(default="left", metadata=about("Where."))
    model: str = field(default="", metadata=about("Any text."))


def test_an_option_is_told_from_its_field_alone():
    assert options_of(Drawn) == (
        Option("wide", "int", 3, "How wide.", low=1),
        Option("share", "float", 0.5, "Of all.", low=0, high=1),
        Option("filled", "bool", default=True, help="Whether."),
        Option("side", "str", "left", "Where.", choices=("left", "right")),
        Option("model", "str", "", "Any text."),
    )


@given(st.integers())
def test_a_whole_number_comes_back_from_its_text_and_is_held_to_its_limit(number):
    read = typed(WHOLE, str(number))
    assert read == number
    if number >= 1:
        check(WHOLE, read)
    else:
        with pytest.raises(RecipeError, match="of at least 1"):
            check(WHOLE, read)


@given(st.floats(allow_nan=False))
def test_a_number_comes_back_from_its_text_and_is_held_to_both_limits(number):
    read = typed(NUMBER, repr(number))
    assert read == number
    if 0 <= number <= 1:
        check(NUMBER, read)
    else:
        with pytest.raises(RecipeError, match="from 0 to 1"):
            check(NUMBER, read)


@given(st.text())
def test_any_text_is_a_text_and_else_refused_or_of_the_kind_of_its_option(text):
    assert typed(TEXT, text) == text
    for option in (WHOLE, NUMBER, SWITCH):
        with suppress(RecipeError):
            assert type(typed(option, text)).__name__ == option.kind


@given(st.text(max_size=12))
def test_a_suggestion_is_one_of_the_known_names(word):
    known = ["min_area", "waist", "separate"]
    said = suggestion(word, known)
    assert said.endswith("Known are: min_area, waist, separate.")
    if "did you mean" in said:
        assert said.split("'")[1] in known
