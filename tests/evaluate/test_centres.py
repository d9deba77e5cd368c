import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from segmetry.evaluate import match_centres, object_centres


def scattered(seed):
    """Centres of two sides in a small field, crowded enough to compete."""
    rng = np.random.default_rng(seed)
    return rng.random((rng.integers(1, 40), 2)) * 100, rng.random((30, 2)) * 100


def total(pairs, predicted, truth):
    apart = predicted[pairs[:, 0]] - truth[pairs[:, 1]]
    return np.hypot(*apart.T).sum()


def by_full_matrix(predicted, truth, limit):
    """Number of pairs and their distance by the Hungarian method on all pairs."""
    apart = np.hypot(*(predicted[:, None] - truth).transpose(2, 0, 1))
    dear = (len(truth) + 1) * limit
    rows, columns = linear_sum_assignment(np.where(apart <= limit, apart, dear))
    near = apart[rows, columns][apart[rows, columns] <= limit]
    return near.size, near.sum()


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("limit", [3, 12, 60, 200])
def test_pairs_are_as_many_and_as_near_as_the_full_hungarian_method_finds(seed, limit):
    predicted, truth = scattered(seed)
    pairs = match_centres(predicted, truth, max_distance=limit)
    number, distance = by_full_matrix(predicted, truth, limit)
    assert len(pairs) == number
    assert total(pairs, predicted, truth) == pytest.approx(distance)


def test_a_blob_between_two_cells_is_one_hit():
    cells = np.array([[10.0, 10.0], [10.0, 20.0]])
    pairs = match_centres(np.array([[10.0, 15.0]]), cells, max_distance=50)
    assert len(pairs) == 1


def test_a_cell_in_three_fragments_is_one_hit():
    fragments = np.array([[10.0, 8.0], [10.0, 10.0], [10.0, 12.0]])
    pairs = match_centres(fragments, np.array([[10.0, 10.0]]), max_distance=50)
    assert pairs.tolist() == [[1, 0]]


def test_the_nearest_partner_is_given_up_where_two_pairs_are_possible():
    # Greedy pairing takes 0-1 and leaves the far truth alone.
    predicted, truth = np.array([[0.0, 0], [0, 9]]), np.array([[0.0, 1], [0, -8]])
    pairs = match_centres(predicted, truth, max_distance=10)
    assert pairs.tolist() == [[0, 1], [1, 0]]


def test_a_distance_equal_to_the_limit_is_near_enough():
    one, other = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])
    assert len(match_centres(one, other, max_distance=5)) == 1
    assert len(match_centres(one, other, max_distance=4.999)) == 0


def test_equal_centres_are_pairs_at_no_distance():
    same = np.array([[1.0, 1.0], [1.0, 1.0], [4.0, 4.0]])
    pairs = match_centres(same, same, max_distance=1)
    assert len(pairs) == 3
    assert total(pairs, same, same) == 0


@pytest.mark.parametrize("seed", range(10))
def test_exchanging_both_sides_exchanges_the_pairs(seed):
    predicted, truth = scattered(seed)
    one = match_centres(predicted, truth, max_distance=15)
    other = match_centres(truth, predicted, max_distance=15)
    assert {tuple(pair) for pair in one.tolist()} == {(b, a) for a, b in other.tolist()}


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_centres_does_not_matter(seed):
    predicted, truth = scattered(seed)
    rng = np.random.default_rng(seed)
    order, others = rng.permutation(len(predicted)), rng.permutation(len(truth))
    known = match_centres(predicted, truth, max_distance=15)
    mixed = match_centres(predicted[order], truth[others], max_distance=15)
    back = np.stack([order[mixed[:, 0]], others[mixed[:, 1]]], axis=1)
    assert back[np.argsort(back[:, 0])].tolist() == known.tolist()


@pytest.mark.parametrize("seed", range(10))
def test_turning_and_scaling_both_sides_with_the_distance_changes_no_pair(seed):
    predicted, truth = scattered(seed)
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    known = match_centres(predicted, truth, max_distance=15)
    turned = match_centres(
        predicted @ turn * 0.315, truth @ turn * 0.315, max_distance=15 * 0.315
    )
    assert turned.tolist() == known.tolist()


@pytest.mark.parametrize("sides", [(0, 3), (3, 0), (0, 0)])
def test_a_side_without_centres_has_no_pairs(sides):
    predicted, truth = (np.zeros((n, 2)) for n in sides)
    assert match_centres(predicted, truth, max_distance=5).shape == (0, 2)


def test_ten_thousand_centres_are_matched_without_the_table_of_all_pairs():
    truth = np.random.default_rng(0).random((10_000, 2)) * 4000
    predicted = truth + np.random.default_rng(1).normal(0, 3, truth.shape)
    pairs = match_centres(predicted, truth, max_distance=20)
    assert len(pairs) > 9_900


@pytest.mark.parametrize("points", [np.zeros(4), np.zeros((2, 3)), np.full((1, 2), np.nan)])
def test_what_is_no_list_of_centres_is_refused(points):
    with pytest.raises(ValueError, match="centres must be finite numbers"):
        match_centres(points, np.zeros((1, 2)), max_distance=5)


@pytest.mark.parametrize("distance", [0, -1, np.inf, np.nan])
def test_a_distance_that_is_no_number_above_0_is_refused(distance):
    with pytest.raises(ValueError, match="max_distance must be a number above 0"):
        match_centres(np.zeros((1, 2)), np.zeros((1, 2)), max_distance=distance)


@pytest.mark.parametrize("seed", range(10))
def test_centres_are_the_means_of_the_pixels_in_the_order_of_the_numbers(seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice([0, 0, 3, 255, 256, 70_000], (20, 30)).astype(np.uint32)
    centres = object_centres(labels)
    ids = np.unique(labels)[1:]
    assert len(centres) == len(ids)
    for number, centre in zip(ids, centres, strict=True):
        assert centre == pytest.approx(np.argwhere(labels == number).mean(axis=0))


def test_a_picture_without_objects_has_no_centres():
    assert object_centres(np.zeros((4, 5), np.uint32)).shape == (0, 2)


def test_more_than_255_objects_have_a_centre_each():
    labels = np.arange(1, 601, dtype=np.uint32).reshape(20, 30)
    assert len(np.unique(object_centres(labels), axis=0)) == 600


@pytest.mark.parametrize(
    "labels", [np.zeros((3, 3), np.int64), np.zeros((2, 3, 3), np.uint32)]
)
def test_what_is_no_label_image_has_no_centres(labels):
    with pytest.raises(ValueError, match="labels must be uint32"):
        object_centres(labels)
