import numpy as np
import pytest

from segmetry.report.error_picture import INVENTED, MISSED, RIGHT, draw_errors


def overlapping():
    """Two squares that overlap in part: true above on the left, found below."""
    truth, found = np.zeros((2, 30, 40), bool)
    truth[5:20, 5:20], found[10:25, 10:25] = True, True
    return found, truth


def painted(canvas, color):
    return (canvas == color).all(axis=-1)


def test_missed_is_blue_invented_is_red_and_right_is_white():
    found, truth = overlapping()
    canvas = draw_errors(found, truth)
    assert np.array_equal(painted(canvas, MISSED), truth & ~found)
    assert np.array_equal(painted(canvas, INVENTED), found & ~truth)
    assert np.array_equal(painted(canvas, RIGHT), found & truth)
    assert max(MISSED) == MISSED[2]
    assert max(INVENTED) == INVENTED[0]


def test_background_is_grey_and_darker_than_all_else():
    found, truth = overlapping()
    canvas = draw_errors(found, truth)
    rest = canvas[~(found | truth)]
    assert len(np.unique(rest)) == 1
    assert rest.max() < canvas[found | truth].mean(axis=1).min()


@pytest.mark.parametrize("seed", range(4))
def test_outside_the_field_of_view_all_is_dim_and_inside_nothing_changes(seed):
    rng = np.random.default_rng(seed)
    found, truth, view = rng.random((3, 20, 30)) < 0.5
    whole, seen = draw_errors(found, truth), draw_errors(found, truth, included=view)
    assert np.array_equal(seen[view], whole[view])
    assert np.allclose(seen[~view], 0.3 * whole[~view], atol=0.51)
    assert seen.dtype == np.uint8
    assert seen.shape == (20, 30, 3)


def test_the_masks_are_left_as_they_are():
    found, truth = overlapping()
    before = found.copy(), truth.copy()
    draw_errors(found, truth, included=np.zeros(found.shape, bool))
    assert np.array_equal(found, before[0])
    assert np.array_equal(truth, before[1])
