import numpy as np
import pandas as pd
import pytest

from segmetry.batch.quality import quality_summary
from segmetry.measure.options import StatisticsOptions

FRAME = {"frame_x_min_px": 0, "frame_y_min_px": 0, "frame_x_max_px": 400,
         "frame_y_max_px": 400, "included_area_px": 160_000}  # fmt: skip


def tables(verdicts, *, diameters=(20.0, 20.0, 20.0, 20.0, 20.0, 20.0)):
    """Pictures with ten objects each, of one size in a picture."""
    shared = {"status": "done", "pixel_size": None, "unit": "", **FRAME}
    images = pd.DataFrame(
        [{"image": f"p{k}", "verdict": v, **shared} for k, v in enumerate(verdicts)]
    )
    rows = []
    for k, diameter in enumerate(diameters[: len(verdicts)]):
        for place in range(10):
            x, y = 30 + 35 * place, 200
            rows.append(
                {"image": f"p{k}", "label": place + 1, "touches_edge": False,
                 "equivalent_diameter_px": diameter, "area_px": np.pi / 4 * diameter**2,
                 "bbox_x_min_px": x - 15, "bbox_x_max_px": x + 15,
                 "bbox_y_min_px": y - 15, "bbox_y_max_px": y + 15}
            )  # fmt: skip
    return images, pd.DataFrame(rows)


def quality(verdicts, **options):
    return quality_summary(*tables(verdicts, **options), StatisticsOptions())


def test_where_all_pass_nothing_is_said():
    found = quality(["pass"] * 6)
    assert (found["n_pass"], found["n_look"], found["n_fail"]) == (6, 0, 0)
    assert found["sentence"] == ""
    assert found["with_all"] is found["without_failed"] is found["without_flagged"] is None
    assert found["compared"]


def test_the_numbers_are_told_with_and_without_the_doubtful():
    found = quality(
        ["pass", "pass", "pass", "pass", "look", "fail"],
        diameters=(20.0, 20.0, 20.0, 20.0, 26.0, 10.0),
    )
    assert (found["n_look"], found["n_fail"]) == (1, 1)
    assert found["with_all"]["n_images"] == 6
    assert found["with_all"]["objects_per_image"] == 10
    assert found["without_failed"]["n_images"] == 5
    assert found["without_flagged"]["n_images"] == 4
    assert found["without_flagged"]["mean"] == pytest.approx(20)
    assert found["without_failed"]["mean"] == pytest.approx(106 / 5, rel=0.02)
    assert found["with_all"]["mean"] == pytest.approx(116 / 6, rel=0.02)
    for said in (
        "2 of 6 pictures flagged (1 fail, 1 to look at)",
        "All are in the numbers: 10.0 objects a picture",
        "Without those that fail: ",
        "Without the flagged: 10.0 objects a picture, D50 20.0 px.",
    ):
        assert said in found["sentence"], found["sentence"]


def test_where_only_one_kind_of_doubt_is_there_the_numbers_are_told_once():
    for verdict in ("look", "fail"):
        sentence = quality(["pass"] * 4 + [verdict])["sentence"]
        assert "Without the flagged" in sentence
        assert "Without those that fail" not in sentence


def test_where_all_pictures_are_in_doubt_nothing_is_left_to_tell():
    found = quality(["fail"] * 3)
    assert found["without_failed"] is found["without_flagged"] is None
    assert "3 of 3 pictures flagged (3 fail)" in found["sentence"]
    assert "Without" not in found["sentence"]
    assert not found["compared"]


def test_pictures_that_gave_no_result_are_in_no_number():
    images, objects = tables(["pass", "pass", "pass", "pass", "look", ""])
    images.loc[5, "status"] = "failed"
    found = quality_summary(images, objects, StatisticsOptions())
    assert found["with_all"]["n_images"] == 5
    assert "1 of 5 pictures" in found["sentence"]
