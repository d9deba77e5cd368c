import json

import numpy as np
import pandas as pd
import pytest

from segmetry.image import Image, Labels, PixelSize
from segmetry.measure import measure_volume
from segmetry.measure.options import StatisticsOptions
from segmetry.measure.volume_summary import summarize_volumes

SIZE = PixelSize(z=2, y=1, x=1, unit="um", source="typed")


def scattered(seed, n=40, known=True):
    """Return the table of balls strewn over a volume, those at the border cut by it."""
    rng = np.random.default_rng(seed)
    data = np.zeros((40, 80, 80), np.uint32)
    z, y, x = np.ogrid[:40, :80, :80]
    for number in range(1, n + 1):
        radius = rng.uniform(3, 9)
        cz, cy, cx = rng.uniform(0, 80, 3)
        data[(2 * z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < radius**2] = number
    size = SIZE if known else None
    image = Image(np.zeros(data.shape, np.uint8), axes="ZYX", pixel_size=size)
    return measure_volume(Labels(data, image)).assign(image=f"v{seed}")


def row(name, known=True):
    sides = {"width_px": 80, "height_px": 80, "depth_px": 40, "included_volume_px": 256_000}
    sizes = {"pixel_size": 1.0, "pixel_size_y": 1.0, "pixel_size_z": 2.0} if known else {}
    unknown = dict.fromkeys(("pixel_size", "pixel_size_y", "pixel_size_z"))
    return {"image": name, **sides, **(sizes or unknown)}


def test_sums_and_shares_are_those_of_the_tables():
    objects = pd.concat([scattered(0), scattered(1)])
    found = summarize_volumes(objects, pd.DataFrame([row("v0"), row("v1"), row("v2")]))
    assert (found["n_volumes"], found["n_objects"]) == (3, len(objects))
    each = {one["image"]: one for one in found["each"]}
    mine = objects[objects.image == "v0"]
    assert each["v0"]["total_volume"] == pytest.approx(mine.volume_um3.sum())
    assert each["v0"]["fraction"] == pytest.approx(mine.volume_um3.sum() / 512_000)
    assert each["v2"]["n_objects"] == 0
    json.dumps(found, allow_nan=False)


def test_weights_mend_what_the_border_of_a_volume_does_to_sizes():
    many = [scattered(seed, n=60) for seed in range(12)]
    images = pd.DataFrame([row(f"v{seed}") for seed in range(12)])
    means = {}
    for rule in ("drop", "miles-lantuejoul"):
        options = StatisticsOptions(edge_rule=rule, resamples=50)
        found = summarize_volumes(pd.concat(many), images, options=options)
        means[rule] = found["pooled"]["number"]["mean"]["value"]
    assert means["drop"] < means["miles-lantuejoul"]
    assert means["miles-lantuejoul"] == pytest.approx(12, rel=0.08)


def test_volumes_of_one_condition_are_a_group():
    objects = pd.concat([scattered(0), scattered(1)])
    images = pd.DataFrame([row("v0") | {"dose": 1.0}, row("v1") | {"dose": 2.0}])
    found = summarize_volumes(objects, images, conditions=["dose"])
    assert [group["name"] for group in found["groups"]] == ["dose=1", "dose=2"]
    assert sum(group["n_objects"] for group in found["groups"]) == found["n_objects"]


def test_one_unknown_voxel_size_makes_all_sizes_voxels_and_says_so():
    objects = pd.concat([scattered(0), scattered(1, known=False)])
    found = summarize_volumes(objects, pd.DataFrame([row("v0"), row("v1", known=False)]))
    assert found["unit"] == "px"
    assert "voxel size of 1 of 2 volumes is unknown" in found["warnings"][0]


def test_rules_for_pictures_and_cut_objects_are_told():
    options = StatisticsOptions(edge_rule="two-sides", resamples=50)
    found = summarize_volumes(scattered(0), pd.DataFrame([row("v0")]), options=options)
    assert found["edge_rule"] == "miles-lantuejoul"
    assert any("two-sides is for pictures" in told for told in found["warnings"])
    assert any("touch the border" in told for told in found["warnings"])


def test_no_object_at_all_is_a_result():
    empty = scattered(0).iloc[:0]
    found = summarize_volumes(empty, pd.DataFrame([row("v0")]))
    assert found["pooled"]["n_used"] == 0
    assert found["pooled"]["density"]["value"] == 0
