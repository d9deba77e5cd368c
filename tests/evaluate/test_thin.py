import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from segmetry.errors import DatasetError
from segmetry.evaluate import (
    ThinCounts,
    count_thin,
    judge_pixels,
    score_pixels,
    skeleton_widths,
)
from segmetry.measure.skeleton import skeleton_of


def bar(width, *, angle=0.0, side=120):
    """A straight line through the middle, at an angle in degrees."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    slope = np.radians(angle)
    across = x * np.sin(slope) - y * np.cos(slope)
    return np.abs(across) <= width / 2


def skeleton_length(mask, angle):
    """Length of a line through a square picture, from side to side."""
    steepness = max(abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle))))
    return len(mask) / steepness


def rows(*widths, length=60):
    """Horizontal bars of these widths in pixels, six pixels apart."""
    mask = np.zeros((sum(widths) + 6 * (len(widths) + 1), length), bool)
    top = 6
    for width in widths:
        mask[top : top + width] = True
        top += width + 6
    return mask


def network(seed, *, side=90):
    """Lines that branch and close, of any width: where noise is near its middle."""
    rng = np.random.default_rng(seed)
    noise = gaussian_filter(rng.normal(size=(side, side)), 5)
    return np.abs(noise) < rng.uniform(0.05, 0.4) * noise.std()


def widths_of(mask, **options):
    return skeleton_widths(mask, skeleton_of(mask), **options)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 8, 9, 14])
def test_a_bar_along_an_axis_is_as_wide_as_its_rows(width):
    mask = np.zeros((40, 80), bool)
    mask[10 : 10 + width] = True
    assert set(widths_of(mask)) == {width}
    assert set(widths_of(mask.T)) == {width}


@pytest.mark.parametrize("angle", [7, 20, 33, 45, 60, 81])
@pytest.mark.parametrize("width", [4, 7, 12])
def test_an_inclined_bar_is_at_most_a_pixel_narrower(width, angle):
    mask = bar(width, angle=angle)
    drawn = mask.sum() / skeleton_length(mask, angle)  # of whole pixels
    assert drawn - 1 < np.median(widths_of(mask)) < drawn + 0.2


@pytest.mark.parametrize("turn", [np.eye, lambda n: np.eye(n)[::-1]])
def test_a_line_of_pixels_that_touch_at_corners_is_one_pixel_wide(turn):
    assert set(widths_of(np.pad(turn(30) > 0, 3))) == {1}


def test_the_end_of_a_wide_bar_is_not_thin():
    mask = np.zeros((30, 80), bool)
    mask[10:19, 10:70] = True
    assert widths_of(mask).min() == 9


def test_a_bar_that_the_picture_or_the_field_of_view_cuts_off_is_no_thinner():
    mask = np.zeros((30, 60), bool)
    mask[10:20] = True
    view = np.ones(mask.shape, bool)
    view[:, 40:] = False
    shown = mask & view
    assert set(skeleton_widths(shown, skeleton_of(shown), included=view)) == {10}


def test_nothing_has_no_width_and_all_has_no_end():
    assert widths_of(np.zeros((5, 5), bool)).size == 0
    assert widths_of(np.ones((9, 12), bool)).max() <= 12


def test_each_class_of_width_has_its_own_recall():
    truth = rows(1, 2, 3, 4, 6, 8, 9, 12)
    found = truth.copy()
    tops = np.flatnonzero(np.diff(truth[:, 0].astype(int)) == 1) + 1
    found[tops[0]] = False  # the line 1 px wide is missed, that of 2 px found
    found[tops[3] : tops[3] + 4, 30:] = False  # half of the one 4 px wide
    found[tops[7] : tops[7] + 12] = False  # the one 12 px wide
    counts = count_thin(found, truth)
    assert counts.recall_of("1_2") == pytest.approx(0.5, abs=0.02)
    assert counts.recall_of("2_4") == pytest.approx(0.75, abs=0.02)
    assert counts.recall_of("4_8") == 1
    assert counts.recall_of("over_8") == pytest.approx(0.5, abs=0.05)
    assert counts.precision == 1


@pytest.mark.parametrize("seed", range(8))
def test_a_mask_against_itself_is_perfect(seed):
    mask = network(seed)
    scores = count_thin(mask, mask).scores()
    assert {value for value in scores.values() if not math.isnan(value)} == {1}


@pytest.mark.parametrize("seed", range(8))
def test_found_and_true_exchanged_exchange_precision_and_recall(seed):
    one, other = network(seed), network(seed + 100) | network(seed)
    there, back = count_thin(one, other), count_thin(other, one)
    assert there.precision == back.recall
    assert there.recall == back.precision
    assert there.cldice == pytest.approx(back.cldice)


@pytest.mark.parametrize("seed", range(8))
def test_what_lies_outside_the_field_of_view_never_matters(seed):
    truth, found = network(seed), network(seed) ^ network(seed + 50)
    y, x = np.mgrid[:90, :90] - 45
    view = np.hypot(y, x) < 38
    inside = count_thin(found, truth, included=view)
    assert inside == count_thin(found ^ ~view, truth ^ ~view, included=view)
    assert inside == count_thin(found | ~view, truth & view, included=view)
    assert sum(inside.true) == skeleton_of(truth & view).sum()


@pytest.mark.parametrize("seed", range(8))
def test_classes_of_width_hold_the_whole_skeleton(seed):
    truth, found = network(seed), network(seed + 7)
    counts = count_thin(found, truth)
    skeleton = skeleton_of(truth)
    assert sum(counts.true) == skeleton.sum()
    assert sum(counts.covered) == (skeleton & found).sum()
    assert 0 <= counts.cldice <= 1


def test_a_lost_capillary_weighs_as_much_as_an_artery_of_its_length():
    truth = rows(1, 15, length=300)
    thin, wide = truth.copy(), truth.copy()
    thin[:10], wide[10:] = False, False
    assert count_thin(thin, truth).recall == pytest.approx(
        count_thin(wide, truth).recall, abs=0.1
    )
    without_thin = judge_pixels(thin, truth).counts.dice
    assert without_thin > 0.95
    assert judge_pixels(wide, truth).counts.dice < 0.2


def test_empty_masks_have_a_defined_cldice_and_no_shares():
    nothing, line = np.zeros((5, 9), bool), rows(1, length=9)[4:9]
    assert count_thin(nothing, nothing).cldice == 1
    for found, true in ((nothing, line), (line, nothing)):
        assert count_thin(found, true).cldice == 0
    assert count_thin(line, ~line).cldice < 0.5
    assert math.isnan(count_thin(nothing, line).precision)
    assert math.isnan(count_thin(line, nothing).recall)
    assert ThinCounts(3, 0, (2, 0, 0, 0), (0, 0, 0, 0)).cldice == 0


def test_stacks_are_refused():
    stack = np.zeros((3, 5, 5), bool)
    with pytest.raises(DatasetError, match="judged in single pictures"):
        judge_pixels(stack, stack, thin=True)


def test_pooled_skeletons_are_counted_together():
    pairs = [(network(k) & network(k + 9), network(k)) for k in range(6)]
    judged = [judge_pixels(found, true, thin=True) for found, true in pairs]
    scores = score_pixels(judged)
    counts = [item.thin for item in judged]
    right, found = sum(c.right for c in counts), sum(c.found for c in counts)
    covered, true = (
        sum(sum(getattr(c, name)) for c in counts) for name in ("covered", "true")
    )
    assert scores["skeleton_precision_pooled"].value == pytest.approx(right / found)
    assert scores["skeleton_recall_pooled"].value == pytest.approx(covered / true)
    pooled = scores["cldice_pooled"]
    expected = 2 * (right / found) * (covered / true) / (right / found + covered / true)
    assert pooled.value == pytest.approx(expected)
    assert pooled.low < pooled.value < pooled.high
    assert scores["cldice"].value == pytest.approx(np.mean([c.cldice for c in counts]))


def test_skeletons_are_scored_only_where_asked():
    mask = network(0)
    plain = judge_pixels(mask, mask)
    assert "cldice" not in plain.scores(specificity=0.9)
    assert "cldice_pooled" not in score_pixels([plain])
    assert "cldice_pooled" not in score_pixels([plain, judge_pixels(mask, mask, thin=True)])


@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_a_thin_line_weighs_its_length_at_any_angle(angle):
    line = bar(2.5, angle=angle)
    counts = count_thin(line, line)
    n_steps = min(len(line), skeleton_length(line, angle))  # one pixel a row, or a column
    assert sum(counts.true) == pytest.approx(n_steps, abs=4)
    assert counts.recall == counts.precision == 1
