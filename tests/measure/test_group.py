import json

import numpy as np
import pytest

from segmetry.measure.group import summarize_group
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.pooling import pool


@pytest.fixture
def strewn(object_table, image_table):
    """Return a function: log-normal discs strewn over images, cut at their edges."""

    def build(n_images=8, *, median=100, gsd=1.5, per_image=60, seed=0, **columns):
        rng = np.random.default_rng(seed)
        image = np.repeat(np.arange(n_images), per_image)
        d = median * np.exp(np.log(gsd) * rng.standard_normal(image.size))
        low = rng.uniform(-200, 1200, (d.size, 2)) - d[:, np.newaxis] / 2
        high = np.clip(low + d[:, np.newaxis], 0, 1000)
        low = np.clip(low, 0, 1000)
        there = (high > low).all(axis=1)
        low, high, image = low[there], high[there], image[there]
        seen = np.sqrt((high - low).prod(axis=1))
        objects = object_table(seen, image=image, corner=low)
        objects[["bbox_x_max_px", "bbox_y_max_px"]] = high
        objects["touches_edge"] = ((low <= 0) | (high >= 1000)).any(axis=1)
        return pool(objects, image_table(n_images, **columns))[0]

    return build


def summary(sample, rule="miles-lantuejoul", **options):
    options = StatisticsOptions(edge_rule=rule, **options)
    return summarize_group(sample, options, name="all", conditions={})


RULES = ["keep", "drop", "two-sides", "miles-lantuejoul", "truncated-log-normal"]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_gives_every_key_as_json(strewn, rule):
    found = summary(strewn(), rule)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["edge_rule"]["name"] == rule
    assert set(found["edge_rule"]["by_rule"]) == set(RULES)
    chosen = found["edge_rule"]["by_rule"][rule]
    assert found["number"]["mean"]["value"] == pytest.approx(chosen["mean"])
    assert found["number"]["d50"]["value"] == pytest.approx(chosen["d50"])


def test_the_edge_rules_rank_as_they_should(strewn):
    by_rule = summary(strewn(40))["edge_rule"]["by_rule"]
    mean = {rule: sizes["mean"] for rule, sizes in by_rule.items()}
    true = np.exp(np.log(1.5) ** 2 / 2)
    for rule in ("miles-lantuejoul", "truncated-log-normal"):
        assert mean[rule] == pytest.approx(true, rel=0.05)
        assert mean["keep"] < mean["drop"] < mean[rule]


def test_the_bias_removed_is_what_counting_everything_gets_wrong(strewn):
    found = summary(strewn())
    rules, removed = found["edge_rule"]["by_rule"], found["edge_rule"]["bias_removed"]
    for key in ("mean", "d50"):
        kept, mended = rules["keep"][key], rules["miles-lantuejoul"][key]
        assert removed[key] == pytest.approx(kept / mended - 1)
        assert removed[key] < 0


@pytest.mark.parametrize("rule", ["keep", "drop", "two-sides"])
def test_a_rule_that_mends_no_sizes_is_not_said_to_remove_a_bias(strewn, rule):
    assert summary(strewn(), rule)["edge_rule"]["bias_removed"] is None


def test_objects_are_counted_before_and_after_the_edge_rule(strewn):
    sample = strewn()
    found = summary(sample)
    assert found["n_objects"] == sample.n
    assert found["edge_rule"]["n_touching"] == sample.touches.sum()
    assert found["n_used"] == sample.n - sample.touches.sum()
    assert summary(sample, "keep")["n_used"] == sample.n
    assert sum(found["histogram"]["counts"]) == found["n_used"]


@pytest.mark.parametrize("rule", ["two-sides", "miles-lantuejoul", "truncated-log-normal"])
def test_unbiased_rules_agree_on_the_number_per_area(strewn, rule):
    # 60 discs over 1400 x 1400 pixels of 0.01 µm, in each of 60 images.
    found = summary(strewn(60), rule)["density"]
    true = 60 / 14**2
    assert found["value"] == pytest.approx(true, rel=0.06)
    assert found["low"] < true < found["high"]
    assert found["unit"] == "per um2"


def test_counting_everything_gives_too_many_and_dropping_too_few_per_area(strewn):
    sample, true = strewn(60), 60 / 14**2
    assert summary(sample, "keep")["density"]["value"] > 1.1 * true
    assert summary(sample, "drop")["density"]["value"] < 0.9 * true


def test_the_total_area_holds_cut_objects_too(strewn):
    sample = strewn()
    assert summary(sample)["area"]["total"] == pytest.approx(sample.areas.sum())


def test_a_share_is_given_by_diameter_and_by_least_feret(object_table, image_table):
    objects = object_table([8, 12, 20, 30], image=[0, 0, 0, 0])
    objects["feret_diameter_min_um"] = [0.05, 0.06, 0.15, np.nan]
    found = summary(pool(objects, image_table())[0], "keep")["share_below"]
    assert found["value"] == 0.25
    assert found["by_feret_diameter_min"]["value"] == pytest.approx(2 / 3)
    assert found["by_feret_diameter_min"]["n"] == 3
    assert (found["limit"], found["unit"], found["method"]) == (0.1, "um", "Wilson")


def test_pixels_have_no_share_below_a_limit_in_micrometres(object_table, image_table):
    objects = object_table([8, 12], pixel_size=None)
    found = summary(pool(objects, image_table(pixel_size=None))[0])
    assert found["share_below"] is None
    assert found["unit"] == "px"
    assert found["density"]["unit"] == "per px2"


def test_the_fit_is_accepted_where_it_fits_and_gives_a_reason(strewn):
    found = summary(strewn(median=30))["fit"]
    assert found["accepted"]
    assert found["reason"].startswith("Accepted")
    assert found["median"]["value"] == pytest.approx(np.exp(found["mu"]))
    assert found["gsd"]["value"] == pytest.approx(np.exp(found["sigma"]))
    assert found["gsd"]["low"] < 1.5 < found["gsd"]["high"]


def test_narrow_volumes_are_given_and_wide_ones_refused(strewn):
    narrow = summary(strewn(median=30, gsd=1.2))
    assert set(narrow["volume"]) == {"d10", "d50", "d90", "span", "d43", "d32"}
    wide = summary(strewn(median=30, gsd=2.2))
    assert set(wide["volume"]) == {"refused"}
    assert wide["volume"]["refused"].startswith("Refused: ")


def test_rough_volumes_come_with_a_warning(strewn):
    found = summary(strewn(median=30, gsd=1.5, per_image=40))
    assert found["volume"]["d43"]["value"] > 0
    assert any(text.startswith("Numbers by volume are rough") for text in found["warnings"])


def two_kinds(object_table, image_table, n_images=6):
    rng = np.random.default_rng(0)
    d = np.concatenate([rng.lognormal(np.log(m), 0.1, 150) for m in (20, 60)])
    image = np.arange(300) % n_images
    return pool(object_table(d, image=image), image_table(n_images))[0]


def test_a_truncated_fit_that_does_not_fit_is_told(object_table, image_table):
    found = summary(two_kinds(object_table, image_table), "truncated-log-normal")
    assert not found["fit"]["accepted"]
    assert "the fit check does not accept it" in found["volume"]["refused"]
    assert any("the fit check does not accept" in text for text in found["warnings"])


def test_a_truncated_fit_that_fits_gives_volumes(strewn):
    found = summary(strewn(), "truncated-log-normal")
    d43 = found["volume"]["d43"]
    assert d43["low"] < np.exp(3.5 * np.log(1.5) ** 2) < d43["high"]


def test_too_few_objects_for_a_truncated_fit_give_nothing_rather_than_bias(
    object_table, image_table
):
    found = summary(pool(object_table([10, 20]), image_table())[0], "truncated-log-normal")
    assert found["number"]["mean"]["value"] is None
    assert found["edge_rule"]["bias_removed"] == {"mean": None, "d50": None}
    assert found["fit"]["mu"] is None
    assert any("could not be fitted: it needs" in text for text in found["warnings"])
    assert "because it needs at least 10 objects" in found["fit"]["reason"]
    assert "refused" in found["volume"]


def test_a_fit_that_failed_gives_its_rule_a_reason_and_no_sizes(object_table, image_table):
    found = summary(pool(object_table([10, 20]), image_table())[0])
    failed = found["edge_rule"]["by_rule"]["truncated-log-normal"]
    assert (failed["mean"], failed["d50"]) == (None, None)
    assert "at least 10 objects" in failed["failed"]


def test_the_planner_uses_the_interval_that_is_reported(strewn):
    found = summary(strewn(), target=0.02)
    d50 = found["number"]["d50"]
    half_width = (d50["high"] - d50["low"]) / (2 * d50["value"])
    expected = found["n_used"] * ((half_width / 0.02) ** 2 - 1)
    assert found["planner"]["more_particles"] == np.ceil(expected)
    assert "more images" in found["planner"]["sentence"]
    assert found["planner"]["quantity"] == "d50"


def test_the_planner_knows_the_part_of_the_pixel_size(strewn):
    found = summary(strewn(calibration_uncertainty=0.03), target=0.05)
    assert found["planner"]["more_particles"] is None
    assert "pixel size alone is uncertain by ±5.9 %" in found["planner"]["sentence"]
    assert found["intervals"]["calibration_uncertainty"] == pytest.approx(0.03)


def test_no_objects_give_nulls_and_no_exception(object_table, image_table):
    for rule in RULES:
        found = summary(pool(object_table([]), image_table(3))[0], rule)
        json.dumps(found, allow_nan=False)
        assert found["number"]["mean"] == {"value": None, "low": None, "high": None, "n": 0}
        assert found["density"]["value"] == 0
        assert found["planner"]["more_particles"] is None
        assert found["histogram"]["counts"] == [0]
        assert "No object is left to make statistics of." in found["warnings"]


def test_only_cut_objects_give_nulls_too(object_table, image_table):
    sample = pool(object_table([50, 60], corner=(0, 0)), image_table())[0]
    found = summary(sample)
    assert (found["n_objects"], found["n_used"]) == (2, 0)
    assert found["number"]["d50"]["value"] is None
    assert found["edge_rule"]["bias_removed"]["mean"] is None


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("diameters", [[30], [30, 30], [30] * 12, [10, 40]])
def test_few_or_equal_objects_give_no_exception(object_table, image_table, rule, diameters):
    found = summary(pool(object_table(diameters), image_table())[0], rule)
    json.dumps(found, allow_nan=False)
    if rule == "drop" and len(set(diameters)) == 1:
        assert found["number"]["mean"]["value"] == pytest.approx(0.3)
    if rule == "drop" and len(diameters) == 12:
        assert found["number"]["sd"]["value"] == pytest.approx(0, abs=1e-12)


def test_the_bin_width_and_the_level_can_be_chosen(strewn):
    sample = strewn()
    found = summary(sample, bin_width=0.25, level=0.5)
    assert found["histogram"]["bin_width"] == 0.25
    wide = summary(sample)["number"]["mean"]
    narrow = found["number"]["mean"]
    assert narrow["high"] - narrow["low"] < 0.4 * (wide["high"] - wide["low"])
    assert found["intervals"]["level"] == found["planner"]["level"] == 0.5


def test_a_large_object_is_warned_of(object_table, image_table):
    found = summary(pool(object_table([10, 500]), image_table())[0])
    assert "lower magnification" in found["warnings"][0]


def test_few_images_of_unlike_samples_are_warned_of(object_table, image_table):
    rng = np.random.default_rng(0)
    image = np.repeat([0, 1], 40)
    alike = rng.lognormal(np.log(20), 0.3, 80)
    warned = "D50 differs by a factor of"
    unlike = alike * np.where(image, 3, 1)
    for sizes, expected in ((alike, False), (unlike, True)):
        found = summary(pool(object_table(sizes, image=image), image_table(2))[0])
        assert any(text.startswith(warned) for text in found["warnings"]) == expected
    plan = found["planner"]
    assert plan["more_particles"] is None
    assert "too unlike for a plan" in plan["sentence"]


def test_a_fit_whose_mode_lies_below_all_sizes_tells_none(object_table, image_table):
    # As many sizes in each decade: the peak of a log-normal so wide is below them all.
    sizes = np.geomspace(1, 300, 40)
    tables = object_table(sizes, frame=100_000), image_table(frame=100_000)
    found = summary(pool(*tables)[0], "truncated-log-normal")
    assert found["number"]["mode"]["value"] is None
    assert 0.01 < found["number"]["d50"]["value"] < 3
    usual = summary(pool(*tables)[0])
    assert 0.01 <= usual["number"]["mode"]["value"] <= 3
