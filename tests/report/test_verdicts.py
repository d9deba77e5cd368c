import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.evaluate import HEADLINES, BesideObserver, MeanScore
from segmetry.report.verdicts import beside_sentence, comparison, signed, verdict


@pytest.mark.parametrize(
    ("name", "low", "high", "said"),
    [
        ("dsb_score", 0.1, 0.2, "better"),
        ("dsb_score", -0.2, -0.1, "worse"),
        ("count_mae", 0.1, 0.2, "worse"),
        ("count_mae", -0.2, -0.1, "better"),
        ("pq", -0.1, 0.1, "no clear difference"),
        ("pq", 0.0, 0.0, "no clear difference"),
    ],
)
def test_a_difference_is_better_only_if_its_interval_says_so(name, low, high, said):
    assert verdict(name, MeanScore((low + high) / 2, low, high, 9)) == said


@given(st.floats(-1, 1), st.floats(0, 0.5))
def test_exchanging_the_predictions_exchanges_the_verdict(value, half):
    gain = MeanScore(value, value - half, value + half, 9)
    loss = MeanScore(-value, -value - half, -value + half, 9)
    opposite = {"better": "worse", "worse": "better"}
    said = verdict("pq", gain)
    assert verdict("pq", loss) == opposite.get(said, said)


@pytest.mark.parametrize(
    ("low", "high", "says", "end"),
    [
        (0.04, 0.12, "better", "this prediction is better."),
        (-0.12, -0.04, "worse", "this prediction is worse."),
        (-0.04, 0.12, "no clear difference", "do not tell which is better."),
    ],
)
def test_the_sentence_has_difference_interval_number_and_worth(low, high, says, end):
    gain = {"dsb_score": MeanScore((low + high) / 2, low, high, 97)}
    told = comparison("objects", "the baseline (Otsu)", gain, n=97)
    assert (told["score"], told["says"]) == ("dsb_score", says)
    sentence = told["sentence"]
    assert sentence.startswith("Against the baseline (Otsu): mean precision over IoU")
    assert sentence.endswith(end)
    ends = [signed("dsb_score", value) for value in (low, (low + high) / 2, high)]
    for number in (ends[1], f"{ends[0]} to {ends[2]}", "n = 97"):
        assert number in sentence
    assert len(re.findall(r"[.] ", sentence)) == 0, "one sentence"


@pytest.mark.parametrize("task", HEADLINES)
@pytest.mark.parametrize(("n", "told"), [(1, "1 picture has both"), (4, "4 pictures have")])
def test_too_few_pictures_are_no_verdict(task, n, told):
    found = comparison(task, "found", {}, n=n)
    assert found["says"] == "too few pictures"
    assert told in found["sentence"]
    assert "from 5 pictures" in found["sentence"]


def test_a_difference_without_an_interval_is_no_verdict():
    gain = {"dice": MeanScore(0.1, np.nan, np.nan, 9)}
    assert comparison("pixels", "found", gain, n=9)["says"] == "too few pictures"


@given(st.floats(-100, 100))
def test_a_difference_has_one_sign_and_nothing_has_none(value):
    text = signed("f1_50", value)
    assert float(text.replace("−", "-")) == pytest.approx(value, abs=5e-4)
    assert text[0] in "+−" or text == "0.000"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.05, "it finds more."),
        (-0.05, -0.01, "it finds less."),
        (-0.01, 0.05, "these pictures do not tell who finds more."),
        (float("nan"), float("nan"), "who finds more can be said from 5 pictures on."),
    ],
)
def test_beside_an_observer_the_interval_says_who_finds_more(low, high, said):
    scores = [MeanScore(value, 0.7, 0.9, 20) for value in (0.776, 0.796)]
    gain = MeanScore(0.02, low, high, 20)
    sentence = beside_sentence(BesideObserver(0.9725, *scores, gain))
    assert sentence.endswith(said)
    assert "second observer (0.9725, all pixels together)" in sentence
    assert "a sensitivity of 0.796, the second observer 0.776" in sentence


def test_a_difference_of_counts_is_told_in_objects():
    assert signed("count_mae", 2.1234) == "+2.1"
    assert signed("count_mae", -0.04) == "0.0"
    assert signed("size_ks", -0.25) == "−0.250"
