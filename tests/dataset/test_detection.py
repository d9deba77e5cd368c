import numpy as np
import pytest

from segmetry.dataset.detection import (
    Distance,
    Marked,
    judge_marked,
    marked,
    parse_distance,
)
from segmetry.errors import DatasetError
from segmetry.image import PixelSize

PX = Distance(10, "px")


def squares(places, *, side=8, shape=(80, 120)):
    labels = np.zeros(shape, np.uint32)
    for number, (y, x) in enumerate(places, 1):
        labels[y : y + side, x : x + side] = number
    return labels


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("50px", 50, "px"),
        (" 2.5 pixels ", 2.5, "px"),
        (".5px", 0.5, "px"),
        ("12.6um", 12.6, "um"),
        ("12.6 µm", 12.6, "um"),
        ("300nm", 0.3, "um"),
        ("0.5mm", 500, "um"),
    ],
)
def test_a_distance_has_a_number_and_a_unit(text, value, unit):
    found = parse_distance(text)
    assert (found.value, found.unit) == (pytest.approx(value), unit)


@pytest.mark.parametrize(
    "text", ["50", "px", "-3px", "0px", "5 furlongs", "1/2px", "", "0um"]
)
def test_a_text_that_names_no_distance_is_refused(text):
    with pytest.raises(DatasetError, match="such as 50px or 12.6um; got"):
        parse_distance(text)


def test_a_distance_is_told_with_its_unit():
    assert str(Distance(12.6, "um")) == "12.6 µm"


@pytest.mark.parametrize("shift", [7, 9])
def test_a_distance_in_um_is_that_of_the_pixels(shift):
    size = PixelSize(y=0.5, x=2, unit="um", source="typed")
    one = marked(squares([(20, 20)]))
    for moved, apart in (((20 + shift, 20), 0.5 * shift), ((20, 20 + shift), 2 * shift)):
        other = marked(squares([moved]))
        for limit, hits in ((apart - 0.1, 0), (apart + 0.1, 1)):
            distance = Distance(limit, "um")
            scores, _ = judge_marked(one, other, distance=distance, pixel_size=size)
            assert scores["tp_centres"] == hits


def test_a_distance_in_um_needs_the_pixel_size():
    one = marked(squares([(20, 20)]))
    with pytest.raises(DatasetError, match="no file tells the pixel size .* in px"):
        judge_marked(one, one, distance=Distance(12.6, "um"))


def test_labels_have_their_centres_and_stacks_none():
    assert marked(squares([(20, 20), (40, 60)])).centres.tolist() == [
        [23.5, 23.5],
        [43.5, 63.5],
    ]
    with pytest.raises(DatasetError, match="is a stack of slices"):
        marked(np.zeros((2, 4, 4), np.uint32))


def test_dots_are_judged_against_outlines_by_their_places_alone():
    truth = marked(squares([(20, 20), (40, 60)]))
    scores, mistakes = judge_marked(Marked(truth.centres[:1] + 3), truth, distance=PX)
    assert (scores["tp_centres"], scores["fn_centres"]) == (1, 1)
    assert mistakes == []
    assert "f1_40" not in scores


def test_mistakes_are_those_that_the_distance_leaves():
    # Object 1 is moved by more than its side, but not too far; 2 is lost; 3 invented.
    truth = squares([(20, 20), (40, 60)])
    found = squares([(20, 29), (5, 5), (60, 100)])
    scores, mistakes = judge_marked(marked(found), marked(truth), distance=PX)
    assert scores["tp_centres"] == 1
    assert {(one.kind, one.predicted, one.truth) for one in mistakes} == {
        ("missed", (), (2,)),
        ("invented", (2,), ()),
        ("invented", (3,), ()),
    }


def test_a_cell_in_fragments_is_shown_as_split():
    truth = squares([(20, 20)], side=12)
    halves = truth.copy()
    halves[26:][halves[26:] > 0] = 2
    _, mistakes = judge_marked(marked(halves), marked(truth), distance=PX)
    assert [one.kind for one in mistakes] == ["split"]


def test_of_each_kind_a_few_mistakes_are_kept():
    truth = squares([(10 * row, 12 * column) for row in range(7) for column in range(9)])
    _, mistakes = judge_marked(marked(np.zeros_like(truth)), marked(truth), distance=PX)
    assert len(mistakes) == 4
