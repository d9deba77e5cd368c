import numpy as np
import pytest

from segmetry.errors import PictureError
from segmetry.evaluate import Example, examples, match_objects
from segmetry.image import Image
from segmetry.report.gallery import FOUND, TRUE, choose_examples, draw_example

TRUTH = np.zeros((80, 100), np.uint32)
TRUTH[20:40, 30:50] = 5
TRUTH[60:75, 70:95] = 6


def missed(number, weight):
    return Example("missed", (), (number,), weight=weight)


def is_color(pixels, color):
    return (pixels == np.array(color)).all(axis=2)


def test_the_gravest_of_each_picture_come_before_any_second():
    mistakes = {
        "a": [missed(1, 9.0), missed(2, 8.0), missed(3, 7.0)],
        "b": [missed(4, 1.0)],
        "c": [missed(5, 5.0), missed(6, 0.5)],
    }
    chosen = choose_examples(mistakes, most=5)["missed"]
    assert [example.truth[0] for _, example in chosen] == [1, 5, 4, 2, 6]
    assert [name for name, _ in chosen] == ["a", "c", "b", "a", "c"]


def test_kinds_that_do_not_occur_are_not_chosen():
    assert choose_examples({"a": []}) == {}
    assert list(choose_examples({"a": [missed(1, 1.0)]})) == ["missed"]


def test_a_missed_object_stands_in_the_middle_in_the_colour_of_the_truth():
    drawn = draw_example(missed(5, 1.0), np.zeros_like(TRUTH), TRUTH)
    rows, columns = np.nonzero(is_color(drawn, TRUE))
    assert rows.mean() == pytest.approx(drawn.shape[0] / 2, abs=5)
    assert columns.mean() == pytest.approx(drawn.shape[1] / 2, abs=5)
    # The square of 20 px is drawn with 45 % of its side about it.
    side = drawn.shape[0] / 38 * 20
    assert np.ptp(rows) + 1 == pytest.approx(side, abs=8)
    assert not is_color(drawn, FOUND).any()


def test_both_outlines_of_a_poor_pair_are_drawn():
    predicted = np.roll(TRUTH, 4, axis=1)
    (example, *_) = examples(match_objects(predicted, TRUTH))
    drawn = draw_example(example, predicted, TRUTH)
    assert is_color(drawn, TRUE).sum() > 100
    assert is_color(drawn, FOUND).sum() > 100


def test_other_objects_are_drawn_faintly():
    together = np.zeros((60, 60), np.uint32)
    together[10:30, 10:30], together[10:30, 34:50] = 1, 2
    drawn = draw_example(missed(1, 1.0), np.zeros_like(together), together)
    grey = np.ptp(drawn, axis=2) == 0
    faint = ~grey & ~is_color(drawn, TRUE)
    assert faint.any()


def test_the_picture_is_seen_in_its_colours():
    purple = np.full((*TRUTH.shape, 3), (200, 180, 210), np.uint8)
    purple[TRUTH > 0] = (90, 30, 120)
    image = Image(purple, axes="YXC")
    drawn = draw_example(missed(5, 1.0), np.zeros_like(TRUTH), TRUTH, image=image)
    red, green, blue = drawn[drawn.shape[0] // 2, drawn.shape[1] // 2].astype(int)
    assert blue > red > green


@pytest.mark.parametrize("at", [(0, 0), (0, 70), (50, 0), (60, 80)])
def test_a_crop_at_the_edge_stays_inside_the_picture(at):
    labels = np.zeros((80, 100), np.uint32)
    labels[at[0] : at[0] + 20, at[1] : at[1] + 20] = 1
    drawn = draw_example(missed(1, 1.0), np.zeros_like(labels), labels)
    assert drawn.shape[0] == drawn.shape[1]
    assert is_color(drawn, TRUE).any()


def test_an_object_larger_than_its_surroundings_is_shown_whole():
    labels = np.ones((30, 200), np.uint32)
    drawn = draw_example(missed(1, 1.0), np.zeros_like(labels), labels)
    assert drawn.shape == (60, 400, 3)


def test_outlines_of_a_large_object_are_wide_enough_to_be_made_smaller():
    labels = np.zeros((1300, 1300), np.uint32)
    labels[300:1000, 300:1000] = 1
    drawn = draw_example(missed(1, 1.0), np.zeros_like(labels), labels)
    assert is_color(drawn, TRUE).sum() > 8 * 4 * 700


def test_the_picture_is_under_the_outlines_with_a_contrast_of_its_own():
    pixels = np.full(TRUTH.shape, 100, np.uint8)
    pixels[TRUTH == 5] = 140
    drawn = draw_example(missed(5, 1.0), np.zeros_like(TRUTH), TRUTH, image=Image(pixels))
    centre = drawn[drawn.shape[0] // 2, drawn.shape[1] // 2]
    assert centre.tolist() == [245, 245, 245]
    assert drawn[0, 0].tolist() == [10, 10, 10]


def test_a_picture_of_another_size_is_left_out():
    wrong = Image(np.full((9, 9), 255, np.uint8))
    drawn = draw_example(missed(5, 1.0), np.zeros_like(TRUTH), TRUTH, image=wrong)
    assert drawn[0, 0].tolist() == [90, 90, 90]


def test_stacks_are_refused():
    with pytest.raises(PictureError, match="single pictures"):
        draw_example(missed(1, 1.0), *np.zeros((2, 3, 4, 5), np.uint32))
