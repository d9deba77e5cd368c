import math

import numpy as np
import pytest

from segmetry.evaluate import (
    evaluate_set,
    judge_detection,
    match_objects,
    object_centres,
    score_objects,
)

KINDS = ("centres", "40")


def discs(places, *, radius=5, shape=(120, 160)):
    """Discs at places y, x; the first is object 1."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number, (at_y, at_x) in enumerate(places, 1):
        labels[np.hypot(y - at_y, x - at_x) <= radius] = number
    return labels


def judged(predicted, truth, *, distance=10):
    """Scores of two label images."""
    return judge_detection(
        object_centres(predicted),
        object_centres(truth),
        max_distance=distance,
        matches=match_objects(predicted, truth),
    )


def hits(scores, kind):
    return tuple(scores[f"{name}_{kind}"] for name in ("tp", "fp", "fn"))


def random_pair(seed):
    """Discs, and the same moved a little, some gone, some invented."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(10, [110, 150], (rng.integers(1, 25), 2))
    found = places[rng.random(len(places)) < 0.8] + rng.normal(0, 3, 2)
    more = rng.uniform(10, [110, 150], (3, 2))
    return discs(np.concatenate([found, more])), discs(places)


def test_a_blob_between_two_cells_is_one_hit_and_one_miss():
    truth = discs([(60, 50), (60, 66)])
    blob = np.zeros_like(truth)
    blob[52:69, 42:75] = 1
    assert hits(judged(blob, truth, distance=50), "centres") == (1, 0, 1)


def test_a_cell_in_three_fragments_is_one_hit_and_two_inventions():
    truth = discs([(60, 60)], radius=12)
    fragments = np.where(truth > 0, np.uint32(1), np.uint32(0))
    fragments[:55][fragments[:55] > 0] = 2
    fragments[66:][fragments[66:] > 0] = 3
    scores = judged(fragments, truth, distance=50)
    assert hits(scores, "centres") == (1, 2, 0)
    assert hits(scores, "40") == (1, 2, 0)


def test_an_outline_twice_too_wide_is_a_hit_by_its_centre_alone():
    scores = judged(discs([(60, 60)], radius=12), discs([(60, 60)], radius=6))
    assert (scores["f1_centres"], scores["f1_40"]) == (1, 0)


@pytest.mark.parametrize("seed", range(12))
def test_exchanging_both_sides_exchanges_precision_and_recall(seed):
    predicted, truth = random_pair(seed)
    one, other = judged(predicted, truth), judged(truth, predicted)
    for kind in KINDS:
        assert one[f"precision_{kind}"] == other[f"recall_{kind}"]
        assert one[f"f1_{kind}"] == other[f"f1_{kind}"]
    assert one["count_bias"] == -other["count_bias"]


@pytest.mark.parametrize("seed", range(6))
def test_numbers_of_objects_and_the_way_up_of_pictures_do_not_matter(seed):
    predicted, truth = random_pair(seed)
    known = judged(predicted, truth)
    order = np.random.default_rng(seed).permutation(100_000).astype(np.uint32) + 1
    mixed = np.where(predicted > 0, order[predicted], np.uint32(0))
    assert judged(mixed, truth) == known
    assert judged(np.rot90(predicted), np.rot90(truth)) == known
    doubled = [np.kron(side, np.ones((2, 2), np.uint32)) for side in (predicted, truth)]
    assert judged(*doubled, distance=20) == known


def test_more_than_255_objects_are_all_found():
    labels = np.kron(np.arange(600).reshape(20, 30), np.ones((4, 4), int)).astype(np.uint32)
    scores = judged(labels, labels, distance=1)
    assert hits(scores, "centres") == hits(scores, "40") == (599, 0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_false_cell_on_an_empty_picture_gives_finite_numbers(kind):
    empty, one = discs([]), discs([(60, 60)])
    for scores in (judged(one, empty), judged(empty, one)):
        assert all(math.isfinite(value) for value in scores.values())
        assert [scores[f"{n}_{kind}"] for n in ("f1", "precision", "recall")] == [0, 0, 0]
        assert scores["count_error_percent"] == 100
    nothing = judged(empty, empty)
    assert [nothing[f"{n}_{kind}"] for n in ("f1", "precision", "recall")] == [1, 1, 1]


def test_without_outlines_there_are_no_scores_of_overlap():
    scores = judge_detection(np.zeros((2, 2)), np.zeros((1, 2)), max_distance=1)
    assert hits(scores, "centres") == (1, 1, 0)
    assert not any(name.endswith("_40") for name in scores)


def test_a_set_has_means_over_pictures_and_scores_of_all_objects():
    items = [judged(*random_pair(seed)) for seed in range(8)]
    scores = score_objects(items)
    for kind in KINDS:
        tp, fp, fn = (
            sum(item[f"{n}_{kind}"] for item in items) for n in ("tp", "fp", "fn")
        )
        assert scores[f"f1_{kind}_pooled"].value == pytest.approx(
            2 * tp / (2 * tp + fp + fn)
        )
        assert scores[f"precision_{kind}_pooled"].value == pytest.approx(tp / (tp + fp))
        assert scores[f"recall_{kind}_pooled"].value == pytest.approx(tp / (tp + fn))
        mean = np.mean([item[f"f1_{kind}"] for item in items])
        assert scores[f"f1_{kind}"].value == pytest.approx(mean)
        assert 0 <= scores[f"f1_{kind}"].low <= mean <= scores[f"f1_{kind}"].high <= 1
        assert scores[f"fn_{kind}"].value == fn
    errors = [item["count_bias"] for item in items]
    assert scores["count_bias"].value == pytest.approx(np.mean(errors))
    assert scores["count_limit_low"].low < scores["count_limit_low"].value


def test_a_picture_with_dots_alone_takes_overlap_from_the_scores_of_the_set():
    with_outlines = judged(*random_pair(0))
    dots = judge_detection(np.zeros((2, 2)), np.zeros((1, 2)), max_distance=1)
    scores = evaluate_set({"a": with_outlines, "b": dots}, task="detection").scores
    assert scores["f1_centres"].n == 2
    assert not any("_40" in name for name in scores)


def test_pictures_of_one_cluster_hang_together():
    items = {f"p{k}": judged(*random_pair(k)) for k in range(12)}
    clusters = {name: f"mouse {k // 2}" for k, name in enumerate(items)}
    found = evaluate_set(items, task="detection", clusters=clusters)
    assert found.n_units == 6
    assert math.isfinite(found.scores["f1_centres_pooled"].low)
