from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.dataset.names import (
    MASK_WORDS,
    PICTURE_WORDS,
    bare_name,
    folded_name,
    has_mask_name,
    key_without_parts,
)

WORDS = st.sampled_from([*MASK_WORDS, *PICTURE_WORDS])
PLAIN = st.from_regex(r"[0-9]{1,4}", fullmatch=True)


@pytest.mark.parametrize(
    "name", ["mask.png", "unmasked.png", "a_masks2.png", "labelled.png"]
)
def test_a_name_that_only_holds_a_word_is_no_name_of_a_mask(name):
    assert not has_mask_name(Path(name))


@given(PLAIN, st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=3))
def test_words_before_and_after_a_name_are_taken_off(name, before, after):
    assert bare_name("_".join([*before, name, *after])) == name


@given(st.text(max_size=12))
def test_a_name_is_bare_after_one_time(name):
    assert bare_name(bare_name(name)) == bare_name(name)


def test_a_word_alone_is_a_name():
    assert bare_name("Mask") == "mask"
    assert not has_mask_name(Path("labels.tif"))


def test_letters_written_in_two_ways_are_equal():
    assert folded_name("Pru\u0308fung") == folded_name("PR\u00dcFUNG")


def test_parts_are_passed_over_only_where_a_name_is_in_one_part():
    key = key_without_parts(["1_train", "1_manual1", "2_train", "2_test"])
    assert key("1_train") == key("1_manual1") == "1"
    assert key("2_train") != key("2_test")
