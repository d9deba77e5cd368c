import numpy as np
import pytest

from segmetry.evaluate import KINDS, examples, find_mistakes, match_objects


def mistakes(predicted, truth):
    return find_mistakes(match_objects(np.asarray(predicted), np.asarray(truth)))


def block(*boxes, shape=(40, 60)):
    """Rectangles of numbers: (number, first row, stop row, first column, stop column)."""
    labels = np.zeros(shape, np.uint32)
    for number, top, stop, left, right in boxes:
        labels[top:stop, left:right] = number
    return labels


def rectangles(seed, *, n=20, shape=(60, 70)):
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.uint32)
    for number in rng.choice(np.arange(1, 5000), n, replace=False):
        y, x = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        labels[y : y + rng.integers(3, 16), x : x + rng.integers(3, 16)] = number
    return labels


SQUARE = block((7, 10, 30, 10, 30))


def test_a_perfect_prediction_has_no_mistake():
    found = mistakes(SQUARE, SQUARE)
    assert (found.missed, found.invented, found.split, found.merged) == ((), (), {}, {})
    assert [(pair.truth, pair.iou) for pair in found.outlines] == [(7, 1.0)]


def test_an_object_that_nothing_was_found_for_is_missed():
    found = mistakes(np.zeros_like(SQUARE), SQUARE)
    assert found.missed == (7,)
    assert found.outlines == ()


def test_an_object_where_there_is_none_is_invented():
    assert mistakes(SQUARE, np.zeros_like(SQUARE)).invented == (7,)


@pytest.mark.parametrize("n_pieces", [2, 3, 5, 10])
def test_an_object_in_equal_pieces_is_split(n_pieces):
    pieces = block(*((k + 1, 10, 30, 10 + 2 * k, 12 + 2 * k) for k in range(10)))
    pieces = np.where(pieces > 0, (pieces - 1) * n_pieces // 10 + 1, 0)
    found = mistakes(pieces, SQUARE)
    assert found.split == {7: tuple(range(1, n_pieces + 1))}
    assert (found.missed, found.invented, found.outlines) == ((), (), ())


def test_objects_under_one_blob_are_merged():
    truth = block((3, 10, 30, 10, 20), (4, 10, 30, 20, 30))
    found = mistakes(SQUARE, truth)
    assert found.merged == {7: (3, 4)}
    assert (found.missed, found.invented, found.outlines) == ((), (), ())


def test_a_speck_beside_an_object_is_no_piece_of_it():
    # 18 of 20 columns and a speck of one fiftieth, within the same true object.
    predicted = block((1, 10, 30, 10, 28), (2, 10, 14, 29, 30))
    found = mistakes(predicted, SQUARE)
    assert found.split == {}
    assert found.invented == (2,)
    assert [(pair.predicted, pair.iou) for pair in found.outlines] == [(1, 0.9)]


def test_a_piece_that_lies_mostly_outside_is_no_piece():
    predicted = block((1, 10, 30, 10, 24), (2, 10, 30, 25, 40))
    found = mistakes(predicted, SQUARE)
    assert found.split == {}
    assert found.invented == (2,)


def test_a_small_object_swallowed_by_a_large_one_is_missed():
    truth = block((3, 10, 30, 10, 30), (4, 10, 13, 10, 13))
    found = mistakes(SQUARE, truth)
    assert found.merged == {}
    assert found.missed == (4,)
    assert [(pair.truth) for pair in found.outlines] == [3]


def test_a_split_object_may_still_be_matched():
    predicted = block((1, 10, 30, 10, 24), (2, 10, 30, 24, 30))
    matches = match_objects(predicted, SQUARE)
    assert matches.n_matched(0.5) == 1
    found = find_mistakes(matches)
    assert found.split == {7: (1, 2)}
    assert found.invented == ()


def test_worst_outlines_come_first():
    truth = block(*((k + 1, 2, 12, 12 * k, 12 * k + 10) for k in range(4)))
    predicted = block(*((k + 1, 2, 12 - k, 12 * k, 12 * k + 10) for k in range(4)))
    found = mistakes(predicted, truth)
    assert [pair.truth for pair in found.outlines] == [4, 3, 2, 1]
    assert [pair.iou for pair in found.outlines] == pytest.approx([0.7, 0.8, 0.9, 1])


def test_a_shifted_object_is_a_poor_outline_until_hardly_anything_is_shared():
    for shift, kind in ((10, "outline"), (18, "missed")):
        found = mistakes(np.roll(SQUARE, shift, axis=1), SQUARE)
        assert bool(found.outlines) == (kind == "outline")
        assert bool(found.missed) == bool(found.invented) == (kind == "missed")


@pytest.mark.parametrize("seed", range(40))
def test_exchanging_prediction_and_truth_exchanges_the_kinds(seed):
    one, other = rectangles(seed), rectangles(seed + 1000)
    other = np.where(one > 0, other, 0) if seed % 2 else other
    there, back = mistakes(one, other), mistakes(other, one)
    assert there.split == back.merged
    assert there.merged == back.split
    assert there.missed == back.invented
    mirrored = {(pair.truth, pair.predicted, pair.iou) for pair in back.outlines}
    assert {(pair.predicted, pair.truth, pair.iou) for pair in there.outlines} == mirrored


@pytest.mark.parametrize("seed", range(40))
def test_every_object_that_is_not_matched_has_a_reason(seed):
    truth = rectangles(seed)
    predicted = np.roll(truth, (2, -1), axis=(0, 1))
    predicted[predicted % 5 == 0] = 3
    matches = match_objects(predicted, truth)
    found = find_mistakes(matches)
    matched = set(matches.truth[matches.iou > 0.5].tolist())
    paired = {pair.truth for pair in found.outlines}
    explained = set(found.split).union(*found.merged.values()) | paired | matched
    assert explained | set(found.missed) == set(matches.true_ids.tolist())
    assert not explained & set(found.missed)
    assert len(paired) == len(found.outlines)


def test_examples_are_the_gravest_of_each_kind():
    truth = block((1, 2, 10, 2, 10), (2, 2, 22, 20, 40), (3, 25, 30, 2, 7))
    found = examples(match_objects(np.zeros_like(truth), truth), most=2)
    assert [(each.kind, each.truth) for each in found] == [
        ("missed", (2,)),
        ("missed", (1,)),
    ]
    areas = np.array([64, 400, 25])
    assert found[0].weight == pytest.approx(400 / areas.mean())


def test_a_perfect_outline_is_no_example():
    assert examples(match_objects(SQUARE, SQUARE)) == []
    (poor,) = examples(match_objects(np.roll(SQUARE, 3, axis=0), SQUARE))
    assert (poor.kind, poor.predicted, poor.truth) == ("outline", (7,), (7,))
    assert poor.iou == pytest.approx(17 / 23)
    assert poor.weight == pytest.approx(6 / 23)


@pytest.mark.parametrize("seed", range(10))
def test_examples_name_objects_that_are_there(seed):
    truth, predicted = rectangles(seed), rectangles(seed + 50)
    predicted = np.where(np.roll(truth, 3) > 0, predicted, 0)
    found = examples(match_objects(predicted, truth), most=3)
    kinds = [each.kind for each in found]
    assert kinds == sorted(kinds, key=KINDS.index)
    assert all(kinds.count(kind) <= 3 for kind in KINDS)
    assert {k for each in found for k in each.truth} <= set(np.unique(truth))
    assert {k for each in found for k in each.predicted} <= set(np.unique(predicted))
