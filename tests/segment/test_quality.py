import numpy as np
import pytest

from segmetry.segment.quality import Traits, object_sums, score, traits


def disc(shape, centre, radius):
    y, x = np.ogrid[: shape[0], : shape[1]]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


def judged(labels, grey=None, *, before=None, included=None, keep=None):
    shape = labels.shape
    noise = np.random.default_rng(0).normal(100, 5, shape).astype(np.float32)
    objects = object_sums(
        labels.astype(np.uint32),
        noise + 80 * (labels > 0) if grey is None else grey,
        before_filling=labels > 0 if before is None else before,
        included=np.ones(shape, dtype=bool) if included is None else included,
    )
    return traits(objects, keep)


def two_discs():
    labels = np.zeros((80, 120), int)
    labels[disc(labels.shape, (40, 30), 20)] = 1
    labels[disc(labels.shape, (40, 85), 10)] = 2
    return labels


def test_discs_fill_their_ellipses():
    assert judged(two_discs()).regular == pytest.approx(1, abs=0.01)


def test_a_square_fills_what_geometry_says():
    labels = np.zeros((60, 60), int)
    labels[10:50, 10:50] = 1
    assert judged(labels).regular == pytest.approx(3 / np.pi, abs=0.001)


def test_the_background_between_discs_is_irregular():
    labels = two_discs()
    assert judged((labels == 0).astype(int)).regular < 0.9


def test_shares_follow_from_areas():
    labels = two_discs()
    areas = np.bincount(labels.ravel())[1:]
    found = judged(labels)
    assert found.largest == pytest.approx(areas.max() / areas.sum())
    assert found.small == 0
    labels[2, 2] = 3
    assert judged(labels).small == pytest.approx(1 / 3)


def test_filled_holes_are_counted():
    labels = two_discs()
    before = labels > 0
    before[35:45, 25:35] = False
    assert judged(labels, before=before).filled == pytest.approx(100 / (labels > 0).sum())


def test_unevenness_is_the_spread_of_the_background():
    labels = two_discs()
    grey = np.random.default_rng(1).normal(100, 20, labels.shape).astype(np.float32)
    expected = grey[labels == 0].std() / grey.std()
    assert judged(labels, grey).uneven == pytest.approx(expected, rel=1e-5)


def test_traits_of_some_objects_are_those_of_labels_with_only_them():
    labels = two_discs()
    alone = np.where(labels == 1, 1, 0)
    grey = np.random.default_rng(1).normal(100, 20, labels.shape).astype(np.float32)
    some = judged(labels, grey, keep=np.array([True, False]))
    whole = judged(alone, grey)
    for name in ("regular", "largest", "filled", "uneven", "small"):
        assert getattr(some, name) == pytest.approx(getattr(whole, name), rel=1e-6)


def test_excluded_pixels_are_no_background():
    labels = two_discs()
    grey = np.full(labels.shape, 50, np.float32) + 100 * (labels > 0)
    grey[70:] = 250
    included = np.ones(labels.shape, dtype=bool)
    included[70:] = False
    assert judged(labels, grey, included=included).uneven == pytest.approx(0, abs=1e-3)
    assert judged(labels, grey).uneven > 0.5


@pytest.mark.parametrize("labels", [np.zeros((9, 9), int), np.ones((9, 9), int)])
def test_without_objects_or_background_there_are_no_traits(labels):
    assert judged(labels, np.ones((9, 9), np.float32)) is None
    assert score(judged(labels, np.ones((9, 9), np.float32))) == -np.inf


def test_regular_objects_on_an_even_ground_score_higher():
    good = Traits(regular=1.0, largest=0.1, filled=0.0, uneven=0.2, small=0.0)
    for worse in (
        Traits(regular=0.8, largest=0.1, filled=0.0, uneven=0.2, small=0.0),
        Traits(regular=1.0, largest=0.9, filled=0.0, uneven=0.2, small=0.0),
        Traits(regular=1.0, largest=0.1, filled=0.5, uneven=0.2, small=0.0),
        Traits(regular=1.0, largest=0.1, filled=0.0, uneven=0.9, small=0.0),
        Traits(regular=1.0, largest=0.1, filled=0.0, uneven=0.2, small=0.7),
    ):
        assert score(worse) < score(good)


@pytest.mark.parametrize("seed", range(20))
def test_turning_a_picture_does_not_change_its_traits(seed):
    rng = np.random.default_rng(seed)
    labels = np.zeros((60, 90), int)
    for number in range(1, 6):
        labels[disc(labels.shape, rng.uniform(0, 60, 2), rng.uniform(2, 12))] = number
    labels = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    grey = rng.random(labels.shape).astype(np.float32)
    first = judged(labels, grey)
    second = judged(np.rot90(labels).copy(), np.rot90(grey).copy())
    assert score(first) == pytest.approx(score(second), abs=1e-6)


@pytest.mark.parametrize(("gain", "offset"), [(3, 0), (0.1, 0), (1, 500), (2, -90)])
def test_neither_gain_nor_offset_of_the_camera_changes_a_trait(gain, offset):
    labels = two_discs()
    grey = np.random.default_rng(1).normal(100, 20, labels.shape).astype(np.float32)
    before, after = judged(labels, grey), judged(labels, grey * gain + offset)
    assert score(after) == pytest.approx(score(before), abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_numbers_changes_no_trait(seed):
    rng = np.random.default_rng(seed)
    labels = np.kron(rng.integers(0, 6, (6, 7)), np.ones((5, 5), int))
    labels[0, :6] = range(6)
    order = np.array([0, *(1 + rng.permutation(5))])
    assert score(judged(order[labels])) == pytest.approx(score(judged(labels)), abs=1e-9)
