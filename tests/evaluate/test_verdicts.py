import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.evaluate.verdicts import RIGHT, UNSEEN, WRONG, verdicts_of


@pytest.fixture
def found():
    """Four squares of 10 x 10 pixels, numbered 1 to 4."""
    labels = np.zeros((20, 60), np.uint32)
    for number in range(4):
        labels[5:15, 2 + 14 * number : 12 + 14 * number] = number + 1
    return labels


def verdict(found, corrected, **more):
    told = verdicts_of(found, corrected, **more)
    return dict(zip(told.ids.tolist(), told.verdict.tolist(), strict=True))


def test_nobody_has_looked_at_what_nobody_touched(found):
    assert set(verdict(found, found.copy()).values()) == {UNSEEN}


def test_an_accepted_object_was_right(found):
    told = verdict(found, found, accepted=[2])
    assert told == {1: UNSEEN, 2: RIGHT, 3: UNSEEN, 4: UNSEEN}


def test_an_object_that_is_gone_was_wrong(found):
    corrected = np.where(found == 3, 0, found).astype(np.uint32)
    assert verdict(found, corrected)[3] == WRONG


def test_a_trimmed_outline_leaves_an_object_right_and_a_halved_one_makes_it_wrong(found):
    trimmed, halved = found.copy(), found.copy()
    trimmed[5:8, 2:12] = 0  # 30 of 100 pixels
    halved[5:10, 2:12] = 0  # 50 of 100: an overlap of one half is no match
    assert verdict(found, trimmed)[1] == RIGHT
    assert verdict(found, halved)[1] == WRONG


def test_an_object_cut_in_two_was_wrong_however_small_the_lesser_part(found):
    corrected = found.copy()
    corrected[5:7, 2:12] = 9
    assert verdict(found, corrected) == {1: WRONG, 2: UNSEEN, 3: UNSEEN, 4: UNSEEN}


def test_of_a_merge_the_main_part_was_right_and_the_scrap_wrong(found):
    found[5:15, 2:5] = 7  # a scrap of 30 pixels beside 70
    corrected = np.where(found == 7, 1, found).astype(np.uint32)
    told = verdict(found, corrected)
    assert (told[1], told[7]) == (RIGHT, WRONG)


def test_two_halves_that_were_merged_were_both_wrong(found):
    found[5:15, 2:7] = 7
    corrected = np.where(found == 7, 1, found).astype(np.uint32)
    told = verdict(found, corrected)
    assert (told[1], told[7]) == (WRONG, WRONG)


def test_an_object_drawn_elsewhere_says_nothing_of_those_found(found):
    corrected = found.copy()
    corrected[0:3, 0:3] = 40
    assert verdict(found, corrected) == dict.fromkeys((1, 2, 3, 4), UNSEEN)


def test_what_a_rule_took_away_is_no_verdict(found):
    corrected = np.where(found >= 3, 0, found).astype(np.uint32)
    told = verdict(found, corrected, by_rule=[1, 3])
    assert told == {1: UNSEEN, 2: UNSEEN, 4: WRONG}


def test_in_a_picture_that_was_checked_all_that_is_left_was_right(found):
    corrected = np.where(found == 1, 0, found).astype(np.uint32)
    told = verdict(found, corrected, all_seen=True)
    assert told == {1: WRONG, 2: RIGHT, 3: RIGHT, 4: RIGHT}


def test_labels_of_two_shapes_are_refused(found):
    with pytest.raises(ValueError, match="one shape"):
        verdicts_of(found, found[:-1])


def test_an_empty_picture_has_no_verdicts():
    empty = np.zeros((4, 5), np.uint32)
    assert verdict(empty, empty, all_seen=True) == {}


@given(st.integers(0, 2**32 - 1))
def test_verdicts_do_not_depend_on_the_numbers_of_objects(seed):
    rng = np.random.default_rng(seed)
    found = rng.integers(0, 6, (12, 12)).astype(np.uint32)
    corrected = np.where(rng.random((12, 12)) < 0.1, rng.integers(0, 9, (12, 12)), found)
    names = np.append(0, rng.permutation(np.arange(100, 110))).astype(np.uint32)
    told = verdict(found, corrected.astype(np.uint32), accepted=[2])
    again = verdict(names[found], names[corrected], accepted=[int(names[2])])
    assert again == {int(names[number]): one for number, one in told.items()}
