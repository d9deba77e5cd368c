import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from segmetry.image import Image
from segmetry.learn.densities import (
    count_agreement,
    count_scores,
    density_output,
    density_targets,
    found_and_true,
)
from segmetry.learn.examples import Example, prepare
from segmetry.learn.tasks import outputs_for, task_of
from segmetry.models.outputs import Cutoffs, density_spread, regressed_count


def dots(places, *, shape=(120, 160)):
    labels = np.zeros(shape, np.uint32)
    for number, (row, column) in enumerate(places, start=1):
        labels[row, column] = number
    return labels


def discs(places, radius, *, shape=(120, 160)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.uint32)
    for number, (row, column) in enumerate(places, start=1):
        labels[np.hypot(y - row, x - column) <= radius] = number
    return labels


def example(labels, *, name="a", group="", excluded=None):
    return Example(Image(np.zeros(labels.shape), excluded=excluded), labels, name, group)


def total(labels, spread):
    density = density_targets(labels, spread=spread)[..., 0]
    return regressed_count(density, spread=spread, included=np.ones(labels.shape, bool))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [3.0, 7.5])
def test_the_sum_of_a_density_is_the_number_of_objects_wherever_they_lie(seed, spread):
    random = np.random.default_rng(seed)
    places = random.integers(0, (120, 160), (int(random.integers(0, 30)), 2))
    places = np.unique(places // 12, axis=0) * 12  # dots upon each other are one dot
    assert total(dots(places), spread) == pytest.approx(len(places), rel=0.01, abs=1e-6)


def test_a_bell_is_that_of_a_gaussian_filter_away_from_the_frame():
    labels = dots([(60, 80), (40, 100)])
    found = density_targets(labels, spread=4.0)[..., 0]
    expected = gaussian_filter((labels > 0).astype(float), 4.0, truncate=6)
    # Both sum to the same; the bell is a quarter high where an object is alone.
    assert found[60, 80] == pytest.approx(0.25, rel=1e-2)
    scaled = expected * found.sum() / expected.sum()
    assert np.abs(found - scaled).max() < 1e-3


@pytest.mark.parametrize("radius", [2, 6, 11])
def test_objects_count_once_whatever_their_size(radius):
    places = [(30, 30), (30, 90), (90, 60), (90, 130)]
    assert total(discs(places, radius), 4.0) == pytest.approx(4, rel=1e-3)


def test_two_objects_upon_each_other_are_two():
    labels = dots([(50, 50), (50, 52), (53, 51)])
    assert total(labels, 5.0) == pytest.approx(3, rel=1e-3)
    assert density_targets(labels, spread=5.0).max() < 1


def test_more_than_255_objects_are_counted():
    places = [(4 + 7 * (k // 22), 4 + 7 * (k % 22)) for k in range(340)]
    assert total(dots(places), 3.0) == pytest.approx(340, rel=0.01)
    assert found_true(dots(places)) == 340


def found_true(labels):
    one = example(labels)
    task = task_of(["density:3.0"])
    return found_and_true(task.wanted(labels), one, spread=3.0)[1]


def test_densities_turn_with_the_picture():
    labels = discs([(30, 30), (33, 50), (90, 60)], 6)
    found = density_targets(labels, spread=4.0)
    turned = density_targets(np.rot90(labels), spread=4.0)
    assert np.allclose(turned, np.rot90(found), atol=1e-5)


def test_the_bell_is_a_quarter_of_the_typical_object_and_3_px_for_dots():
    large = example(discs([(60, 60)], 20))
    assert density_output([large]) == "density:10.0"
    assert density_output([example(dots([(5, 5)]))]) == "density:3.0"
    assert density_output([example(np.zeros((9, 9), np.uint32))]) == "density:3.0"
    assert outputs_for("counts", [large]) == ("density:10.0",)
    assert density_spread(outputs_for("counts", [large])) == 10


def test_the_task_of_counts_is_met_by_its_wanted_maps():
    labels = discs([(30, 30), (33, 50), (90, 60)], 6)
    task = task_of(["density:3.0"])
    assert (task.name, task.loss, task.score) == ("counts", "density", "count_agreement")
    wanted = task.wanted(labels)
    assert task.value(wanted, example(labels)) == pytest.approx(1, abs=1e-3)
    assert not (wanted.foreground > wanted.cutoff).any()
    empty = task.wanted(np.zeros(labels.shape, np.uint32))
    assert task.judged(empty, example(labels), Cutoffs(), 1) == {
        "count_agreement": pytest.approx(1 / 4)
    }


def test_objects_that_are_left_out_count_on_neither_side():
    labels = dots([(30, 30), (30, 120)])
    excluded = np.zeros(labels.shape, bool)
    excluded[:, 80:] = True
    maps = task_of(["density:4.0"]).wanted(labels)
    found, true = found_and_true(maps, example(labels, excluded=excluded), spread=4.0)
    assert true == 1
    assert found == pytest.approx(1, rel=1e-3)


def test_densities_keep_their_fractions_where_masks_become_bytes():
    one = example(discs([(60, 80)], 10))
    task = task_of(["density:4.0"])
    made = prepare([one], channels=1, diameter=None, targets=task.targets)[0]
    assert made.targets.dtype == np.float32
    assert made.targets.max() == pytest.approx(0.25, rel=0.01)
    mask = prepare([one], channels=1, diameter=None)[0]
    assert mask.targets.dtype == np.uint8
    assert mask.targets.max() == 255


@pytest.mark.parametrize("seed", range(3))
def test_agreement_is_symmetric_and_falls_with_the_error(seed):
    random = np.random.default_rng(seed)
    found, true = random.uniform(0, 100, 2)
    assert count_agreement(found, true) == count_agreement(true, found)
    assert 0 < count_agreement(found, true) <= 1
    farther = max(found, true) + 5
    assert count_agreement(farther, min(found, true)) < count_agreement(found, true)


def test_errors_of_counts_are_those_of_evaluate():
    examples = [example(np.zeros((4, 4), np.uint32), name=str(k)) for k in range(6)]
    counts = [(k + 1.0, k) for k in range(6)]
    scores = count_scores(counts, examples)
    assert scores["count_bias"].value == scores["count_mae"].value == 1
    assert scores["count_bias_percent"].value == pytest.approx(100 * 6 / 15)
    assert scores["count_mae"].n == 6
