import numpy as np
import pytest

from segmetry.measure.edge_rules import EDGE_RULES
from segmetry.measure.log_normal import FailedFit
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.pooling import pool
from segmetry.measure.weighted import (
    mean_shape,
    picture_sums,
    rule_weights,
    truncated_fit,
    weigh,
)


@pytest.fixture
def sample(object_table, image_table):
    """Twenty squares of 100 to 290 pixels of 0.01 um in frames of 1000; the last is cut."""
    sides = np.arange(100, 300, 10)
    corner = np.full((20, 2), 400)
    corner[-1] = 0
    objects = object_table(sides, image=np.arange(20) % 2, corner=corner)
    objects["touches_edge"] = np.arange(20) == 19
    return pool(objects, image_table(2))[0]


def test_without_a_rule_every_object_counts_once(sample):
    assert rule_weights(sample, "keep").tolist() == [1] * 20


def test_an_object_stands_for_those_of_its_size_that_the_edge_cut(sample):
    weights = rule_weights(sample, "miles-lantuejoul")
    seen = (1 - sample.boxes / 10).prod(axis=1)  # places of 10 um where it is whole
    assert weights[:-1] == pytest.approx(1 / seen[:-1])
    assert weights[-1] == 0


@pytest.mark.parametrize("rule", EDGE_RULES)
def test_only_objects_that_count_are_left_but_all_are_known(sample, rule):
    group = weigh(sample, StatisticsOptions(edge_rule=rule, resamples=200))
    assert group.everything.n == 20
    assert group.sample.n == len(group.weights) == len(group.resampling.unit)
    assert (group.weights > 0).all()
    # The last touches the sides that two-sides keeps: the left and the upper.
    assert group.sample.n == (20 if rule in {"keep", "two-sides"} else 19)
    assert group.truncated == (rule == "truncated-log-normal")


def test_a_truncated_fit_takes_its_empirical_weights_from_the_unbiased_rule(sample):
    group = weigh(
        sample, StatisticsOptions(edge_rule="truncated-log-normal", resamples=200)
    )
    expected = rule_weights(group.sample, "miles-lantuejoul")
    assert group.empirical_weights.tolist() == expected.tolist()
    plain = weigh(sample, StatisticsOptions(resamples=200))
    assert plain.empirical_weights is plain.weights


def test_the_shape_is_that_of_the_bounding_boxes(sample):
    x, y = mean_shape(sample)
    mean = (sample.boxes / sample.diameters[:, np.newaxis]).mean(axis=0)
    assert (x, y) == pytest.approx(tuple(mean))


def test_no_object_gives_no_fit(sample):
    failed = truncated_fit(sample.of_objects(np.zeros(20, bool)))
    assert failed == FailedFit("no object is left")


def test_a_truncated_fit_that_failed_is_refused_with_its_reason(sample):
    few = sample.of_objects(np.arange(sample.n) < 5)
    weighted = weigh(few, StatisticsOptions(edge_rule="truncated-log-normal"))
    assert weighted.fit is None
    assert "at least 10 objects" in weighted.failure
    assert weighted.check.reason.startswith("Refused: it could not be fitted, because it")


def test_sums_are_those_of_the_objects_of_each_picture(object_table, image_table):
    objects = object_table([30, 50, 40, 60, 80], image=[0, 0, 2, 2, 2], pixel_size=None)
    sums, sample = picture_sums(objects, image_table(3, pixel_size=None), edge_rule="keep")
    assert sums.index.tolist() == ["picture 0.tif", "picture 1.tif", "picture 2.tif"]
    assert sums["n"].tolist() == sums["weight"].tolist() == [2, 0, 3]
    assert sums["size"].tolist() == [80, 0, 180]
    assert sums["included_area"].tolist() == [1e6] * 3
    assert sample.unit == "px"


@pytest.mark.parametrize("rule", ["miles-lantuejoul", "truncated-log-normal"])
def test_sums_are_weighted_by_the_edge_rule(object_table, image_table, rule):
    objects = object_table([50, 100], corner=[(0, 300), (300, 300)])
    sums, _ = picture_sums(objects, image_table(), edge_rule=rule)
    weight = 1 / (0.9 * 0.9)  # a square of 100 lies whole in 900 x 900 places of 1000
    assert sums["n"].tolist() == [2]
    assert sums["weight"].tolist() == pytest.approx([weight])
    assert sums["size"].tolist() == pytest.approx([weight * 1.0])


def test_a_picture_without_a_pixel_size_has_no_sums_where_others_have_one(
    object_table, image_table
):
    images = image_table(2)
    images.loc[1, ["pixel_size", "unit"]] = [np.nan, ""]
    sums, _ = picture_sums(object_table([50], image=[0]), images, edge_rule="keep")
    assert sums.index.tolist() == ["picture 0.tif"]
