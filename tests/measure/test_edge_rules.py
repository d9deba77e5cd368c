import numpy as np
import pytest

from segmetry.measure.edge_rules import EDGE_RULES, edge_weights, miles_lantuejoul_weights

BOXES = np.array([[10.0, 20.0], [30.0, 30.0], [5.0, 5.0], [8.0, 4.0]])
FRAMES = np.array([[100.0, 200.0]])
TOUCHES = np.array([False, False, True, True])
FAR = np.array([False, False, True, False])


def weights(rule):
    return edge_weights(rule, BOXES, FRAMES, touches=TOUCHES, touches_far=FAR)


def test_keep_counts_everything():
    assert weights("keep").tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("rule", ["drop", "truncated-log-normal"])
def test_drop_leaves_out_what_touches_the_edge(rule):
    assert weights(rule).tolist() == [1, 1, 0, 0]


def test_two_sides_leaves_out_what_touches_the_right_or_lower_edge():
    assert weights("two-sides").tolist() == [1, 1, 0, 1]


def test_miles_lantuejoul_weighs_by_the_chance_to_lie_inside():
    expected = [20_000 / (90 * 180), 20_000 / (70 * 170), 0, 0]
    assert weights("miles-lantuejoul") == pytest.approx(expected)


def test_every_rule_is_described():
    assert all(weights(rule).shape == (4,) for rule in EDGE_RULES)
    assert all(text.endswith(".") for text in EDGE_RULES.values())


def test_an_unknown_rule_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="edge rule must be one of keep, drop"):
        weights("guard frame")


def test_equal_frames_give_the_weights_of_one():
    many = np.repeat(FRAMES, 5, axis=0)
    assert miles_lantuejoul_weights(BOXES, many) == pytest.approx(
        miles_lantuejoul_weights(BOXES, FRAMES)
    )


def test_frames_of_two_sizes_share_the_chance_by_their_room():
    frames = np.array([[100.0, 100.0], [20.0, 20.0]])
    found = miles_lantuejoul_weights(np.array([[10.0, 10.0], [50.0, 50.0]]), frames)
    assert found == pytest.approx([10_400 / (90**2 + 10**2), 10_400 / 50**2])


def test_an_object_that_fits_no_frame_has_no_weight():
    assert miles_lantuejoul_weights(np.array([[200.0, 5.0]]), FRAMES).tolist() == [0]


def test_no_objects_have_no_weights():
    assert miles_lantuejoul_weights(np.zeros((0, 2)), FRAMES).size == 0


def test_scaling_everything_changes_no_weight():
    assert miles_lantuejoul_weights(BOXES / 7, FRAMES / 7) == pytest.approx(
        miles_lantuejoul_weights(BOXES, FRAMES)
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_weights_restore_the_true_mean_and_density(seed):
    # Rectangles of two sizes, small and large, strewn at random over two kinds of frame.
    rng = np.random.default_rng(seed)
    frames = np.array([[100.0, 100.0], [60.0, 40.0]])
    sides = np.array([[4.0, 6.0], [35.0, 30.0]])
    seen, n = [], 0
    for frame in frames:
        count = rng.poisson(2 * frame.prod())
        n += count
        kind = rng.integers(0, 2, count)
        corner = rng.uniform(0, frame, (count, 2)) - sides[kind] / 2
        inside = ((corner > 0) & (corner + sides[kind] < frame)).all(axis=1)
        seen.append(kind[inside])
    seen = np.concatenate(seen)
    w = miles_lantuejoul_weights(sides[seen], frames)
    assert np.average(seen, weights=w) == pytest.approx(0.5, abs=0.025)
    assert w.sum() == pytest.approx(n, rel=0.04)
    assert seen.mean() < 0.4
