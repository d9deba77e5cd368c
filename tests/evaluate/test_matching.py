import tracemalloc

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from segmetry.evaluate import (
    DSB_THRESHOLDS,
    aggregated_jaccard,
    dsb_precision,
    dsb_score,
    f1_at,
    match_objects,
    panoptic_quality,
    precision_at,
    recall_at,
)


def rectangles(seed, *, n=25, shape=(60, 70)):
    """Random rectangles with random numbers, later ones over earlier ones."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(shape, np.uint32)
    for number in rng.choice(np.arange(1, 10_000), n, replace=False):
        y, x = rng.integers(0, shape[0]), rng.integers(0, shape[1])
        labels[y : y + rng.integers(2, 14), x : x + rng.integers(2, 14)] = number
    return labels


def nudged(labels, seed):
    """The same rectangles, shifted a little, some gone and some merged."""
    rng = np.random.default_rng(seed)
    moved = np.roll(labels, rng.integers(-1, 2, 2), axis=(0, 1))
    for number in np.unique(moved)[1:]:
        if rng.random() < 0.2:
            moved[moved == number] = rng.choice([0, 77])
    return moved


def pairs_by_force(predicted, truth):
    """IoU of every pair of objects, one by one."""
    ious = {}
    for a in np.unique(predicted[predicted > 0]):
        for b in np.unique(truth[truth > 0]):
            both = ((predicted == a) & (truth == b)).sum()
            either = ((predicted == a) | (truth == b)).sum()
            if both:
                ious[int(a), int(b)] = both / either
    return ious


@pytest.mark.parametrize("seed", range(30))
def test_pairs_are_those_found_one_by_one(seed):
    truth = rectangles(seed)
    predicted = nudged(truth, seed)
    matches = match_objects(predicted, truth)
    pairs = zip(matches.predicted.tolist(), matches.truth.tolist(), strict=True)
    found = dict(zip(pairs, matches.iou.tolist(), strict=True))
    assert found == pytest.approx(pairs_by_force(predicted, truth))


@pytest.mark.parametrize("seed", range(30))
def test_scores_follow_from_the_pairs_found_one_by_one(seed):
    truth = rectangles(seed)
    predicted = nudged(truth, seed)
    ious = np.array(list(pairs_by_force(predicted, truth).values()))
    n_predicted = len(np.unique(predicted[predicted > 0]))
    n_true = len(np.unique(truth[truth > 0]))
    matches = match_objects(predicted, truth)
    for threshold in DSB_THRESHOLDS:
        hits = (ious > threshold).sum()
        assert f1_at(matches, threshold=threshold) == 2 * hits / (n_predicted + n_true)
        union = n_predicted + n_true - hits
        assert dsb_precision(matches, threshold=threshold) == hits / union
    quality = ious[ious > 0.5].sum() / ((n_predicted + n_true) / 2)
    assert panoptic_quality(matches) == pytest.approx(quality)


@pytest.mark.parametrize("seed", range(20))
def test_renumbering_with_gaps_changes_no_score(seed):
    truth = rectangles(seed)
    predicted = nudged(truth, seed)
    closed = np.unique(predicted, return_inverse=True)[1].reshape(predicted.shape)
    first, second = match_objects(predicted, truth), match_objects(closed, truth)
    assert dsb_score(first) == dsb_score(second)
    assert first.n_predicted == second.n_predicted


@pytest.mark.parametrize("seed", range(20))
def test_swapping_prediction_and_truth_changes_no_score(seed):
    truth = rectangles(seed)
    predicted = nudged(truth, seed)
    there, back = match_objects(predicted, truth), match_objects(truth, predicted)
    assert f1_at(there) == f1_at(back)
    assert dsb_score(there) == dsb_score(back)
    assert panoptic_quality(there) == pytest.approx(panoptic_quality(back))


@pytest.mark.parametrize("seed", range(10))
def test_a_perfect_prediction_scores_one(seed):
    truth = rectangles(seed)
    matches = match_objects(truth, truth)
    assert f1_at(matches, threshold=0.95) == dsb_score(matches) == 1
    assert panoptic_quality(matches) == 1


def squares(n, *, pitch=12, side=10):
    labels = np.zeros((pitch, n * pitch), np.uint32)
    for number in range(n):
        labels[1 : 1 + side, number * pitch + 1 : number * pitch + 1 + side] = number + 1
    return labels


def test_the_published_iou_of_664_thousandths():
    predicted, truth = np.zeros((2, 1, 900), int)
    predicted[0, :700] = 1
    truth[0, 136:849] = 1
    assert match_objects(predicted, truth).iou[0] == pytest.approx(564 / 849)
    assert round(match_objects(predicted, truth).iou[0], 3) == 0.664


def test_the_published_example_of_seven_nuclei():
    truth = np.zeros((100, 70), np.uint32)
    predicted = np.zeros_like(truth)
    # Objects of 100 rows of which a part is predicted, so its IoU is that part.
    for number, rows in enumerate((88, 78, 67, 67, 52, 40, 30)):
        columns = np.s_[number * 10 : number * 10 + 9]
        truth[:, columns] = number + 1
        predicted[:rows, columns] = number + 1
    matches = match_objects(predicted, truth)
    precisions = [dsb_precision(matches, threshold=level) for level in DSB_THRESHOLDS]
    published = [0.556, 0.4, 0.4, 0.4, 0.167, 0.167, 0.077, 0.077, 0.0, 0.0]
    assert np.round(precisions, 3).tolist() == published
    assert round(dsb_score(matches), 3) == 0.224


def test_an_iou_equal_to_the_threshold_is_no_match():
    predicted = np.array([[1, 1, 0, 0]])
    truth = np.array([[1, 1, 1, 1]])
    assert match_objects(predicted, truth).iou.tolist() == [0.5]
    assert f1_at(match_objects(predicted, truth)) == 0


def test_one_blob_over_two_objects_matches_neither():
    truth = squares(2, pitch=10, side=9)
    assert f1_at(match_objects((truth >= 0).astype(int), truth)) == 0


def test_three_fragments_of_an_object_are_false():
    truth = np.ones((9, 9), int)
    predicted = np.repeat([1, 2, 3], 3)[:, None] * np.ones((1, 9), int)
    assert f1_at(match_objects(predicted, truth)) == 0


def test_missing_and_invented_objects_count():
    truth = squares(4)
    predicted = np.where(truth == 4, 0, truth)
    predicted[11, 0] = 9
    matches = match_objects(predicted, truth)
    assert (matches.n_predicted, matches.n_true, matches.n_matched(0.5)) == (4, 4, 3)
    assert f1_at(matches) == pytest.approx(6 / 8)
    assert dsb_precision(matches, threshold=0.5) == pytest.approx(3 / 5)


@pytest.mark.parametrize(
    "score",
    [f1_at, dsb_score, panoptic_quality, precision_at, recall_at, aggregated_jaccard],
)
def test_empty_pictures_are_defined(score):
    empty, full = np.zeros((4, 4), int), np.ones((4, 4), int)
    assert score(match_objects(empty, empty)) == 1
    assert score(match_objects(full, empty)) == 0
    assert score(match_objects(empty, full)) == 0


def test_large_numbers_do_not_wrap():
    labels = np.array([[2**32 - 1, 256, 512, 65_536]], dtype=np.uint64)
    matches = match_objects(labels, labels)
    assert matches.n_matched(0.9) == 4


def test_memory_does_not_grow_with_the_square_of_the_objects():
    labels = np.arange(1, 40_001, dtype=np.uint32).reshape(200, 200)
    tracemalloc.start()
    match_objects(labels, labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6  # a dense table of pairs would take 1.6e9 entries


def test_bool_masks_are_one_object():
    mask = np.ones((3, 3), dtype=bool)
    assert match_objects(mask, mask).n_true == 1


def test_shapes_that_differ_are_refused():
    with pytest.raises(ValueError, match="must have one shape"):
        match_objects(np.zeros((2, 3), int), np.zeros((3, 2), int))


def test_labels_that_are_no_integers_are_refused():
    with pytest.raises(ValueError, match="must be integers, got float64"):
        match_objects(np.zeros((2, 3)), np.zeros((2, 3), int))


@pytest.mark.parametrize("value", [-1, 2**32])
def test_numbers_out_of_range_are_refused(value):
    with pytest.raises(ValueError, match="must be from 0 to"):
        match_objects(np.full((2, 2), value, np.int64), np.zeros((2, 2), int))


@pytest.mark.parametrize("threshold", [-0.1, 1.0])
def test_a_threshold_that_no_pair_or_every_pair_passes_is_refused(threshold):
    matches = match_objects(squares(2), squares(2))
    with pytest.raises(ValueError, match="from 0 to below 1"):
        f1_at(matches, threshold=threshold)


def test_below_a_half_one_blob_over_two_objects_is_one_hit():
    truth = np.array([[1, 1, 1, 1, 2, 2, 2, 2]])
    blob = match_objects(np.ones((1, 8), int), truth)  # an IoU of 0.5 with either
    assert (precision_at(blob, threshold=0.4), recall_at(blob, threshold=0.4)) == (1, 0.5)


def test_below_a_half_an_object_in_two_halves_is_one_hit():
    halves = match_objects(np.array([[1, 1, 2, 2]]), np.ones((1, 4), int))
    assert (precision_at(halves, threshold=0.4), recall_at(halves, threshold=0.4)) == (
        0.5,
        1,
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.4])
def test_below_a_half_pairs_are_as_many_as_one_to_one_matching_allows(seed, threshold):
    truth = rectangles(seed)
    predicted = np.roll(rectangles(seed + 100) * (rectangles(seed) > 0), 3, axis=1)
    matches = match_objects(predicted, truth)
    near = np.zeros((matches.n_predicted, matches.n_true))
    over = matches.iou > threshold
    near[matches.predicted_index[over], matches.true_index[over]] = 1
    most = near[linear_sum_assignment(near, maximize=True)].sum()
    assert matches.n_matched(threshold) == most
    swapped = match_objects(truth, predicted)
    assert swapped.n_matched(threshold) == most


def jaccard_step_by_step(predicted, truth):
    """AJI as its paper writes it: for each true object the best predicted one."""
    shared, either, taken = 0, 0, set()
    ids = np.unique(predicted[predicted > 0])
    for number in np.unique(truth[truth > 0]):
        own = truth == number
        ious = [
            ((predicted == k) & own).sum() / ((predicted == k) | own).sum() for k in ids
        ]
        if not ious or max(ious) == 0:
            either += own.sum()
            continue
        best = ids[int(np.argmax(ious))]
        taken.add(best)
        shared += (own & (predicted == best)).sum()
        either += (own | (predicted == best)).sum()
    either += sum((predicted == k).sum() for k in ids if k not in taken)
    return shared / either if either else 1


@pytest.mark.parametrize("seed", range(30))
def test_the_aggregated_jaccard_is_that_of_its_paper(seed):
    truth = rectangles(seed)
    predicted = nudged(truth, seed)
    found = aggregated_jaccard(match_objects(predicted, truth))
    assert found == pytest.approx(jaccard_step_by_step(predicted, truth))


def test_of_two_equal_halves_the_lower_number_is_taken():
    truth = np.ones((1, 4), int)
    assert aggregated_jaccard(match_objects(np.array([[9, 9, 3, 3]]), truth)) == 2 / 6
    assert aggregated_jaccard(match_objects(np.array([[3, 3, 9, 9]]), truth)) == 2 / 6


def test_a_merged_pair_costs_more_jaccard_than_a_missed_object():
    truth = squares(2, pitch=10, side=9)
    merged = (truth > 0).astype(int)
    missed = np.where(truth == 2, 0, truth)
    scores = [aggregated_jaccard(match_objects(each, truth)) for each in (merged, missed)]
    assert scores == [0.5, 0.5]  # the blob is taken twice: 2 x 81 of 2 x 162
    far = np.where(truth == 2, 0, truth)
    far[9, 0] = 5  # a speck that nobody takes adds to the pixels of either
    assert aggregated_jaccard(match_objects(far, truth)) == pytest.approx(81 / 163)


@pytest.mark.parametrize("seed", range(20))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(seed):
    truth = rectangles(seed)
    matches = match_objects(nudged(truth, seed), truth)
    for threshold in DSB_THRESHOLDS:
        precision = precision_at(matches, threshold=threshold)
        recall = recall_at(matches, threshold=threshold)
        assert precision == matches.n_matched(threshold) / matches.n_predicted
        assert recall == matches.n_matched(threshold) / matches.n_true
        if precision + recall:
            harmonic = 2 * precision * recall / (precision + recall)
            assert f1_at(matches, threshold=threshold) == pytest.approx(harmonic)


def test_areas_are_those_of_the_pictures():
    truth = rectangles(3)
    matches = match_objects(truth, np.where(truth > 0, 4, 0))
    assert matches.predicted_areas.sum() == (truth > 0).sum()
    assert matches.true_areas.tolist() == [(truth > 0).sum()]
    assert matches.shared.sum() == (truth > 0).sum()


@pytest.mark.parametrize("kind", [bool, np.uint8, np.uint16, np.int32, np.int64, np.uint64])
def test_all_types_of_numbers_give_the_same_pairs(kind):
    truth = (squares(3) % 4).astype(kind)
    matches = match_objects(truth, truth)
    assert matches.true_ids.tolist() == sorted(set(truth[truth > 0].tolist()))
    assert dsb_score(matches) == 1


@pytest.mark.parametrize(("inside", "beside", "index"), [(1, 2, 1 / 10), (2, 1, 2 / 9)])
def test_of_two_partners_of_equal_iou_the_lower_number_is_taken(inside, beside, index):
    truth = np.array([[1, 1, 1, 1, 0, 0, 0, 0]])
    found = np.array([[inside, 0, *[beside] * 6]])  # each has an IoU of a quarter
    assert aggregated_jaccard(match_objects(found, truth)) == pytest.approx(index)
