import json

import cv2
import numpy as np
import pandas as pd
import pytest

from segmetry.batch import BatchOptions, run_batch
from segmetry.batch.verdict import FEWEST_PICTURES, with_verdicts
from segmetry.io import write_png
from segmetry.recipe import Recipe

N = 12
SIMPLE = Recipe(
    segmentation={"name": "threshold"},
    calibration={"scale_bar": False},
    banner={"exclude": "none"},
)


def tables(n=N, *, n_objects=30, seed=0, unit="um"):
    """Pictures of one kind with objects of one kind."""
    rng = np.random.default_rng(seed)
    names = [f"p{k}" for k in range(n)]
    images = pd.DataFrame(
        {
            "image": names,
            "status": "done",
            "unit": unit,
            "edge_blur_px": rng.lognormal(0.7, 0.05, n),
            "brightness": rng.normal(40, 1, n),
            "contrast": rng.normal(100, 3, n),
            "clipped_objects_fraction": 0.0,
        }
    )
    diameters = rng.lognormal(1, 0.2, n * n_objects)
    objects = pd.DataFrame(
        {
            "image": np.repeat(names, n_objects),
            f"equivalent_diameter_{unit or 'px'}": diameters,
            "area_px": np.pi / 4 * diameters**2,
            "intensity_mean_above_background": rng.normal(80, 5, n * n_objects),
        }
    )
    return images, objects


def told(images, objects, name="p3"):
    """Verdict and reason of one picture, where all the others pass."""
    found = with_verdicts(images, objects).set_index("image")
    assert found["verdict"].drop(name).eq("pass").all(), found
    assert found["verdict_reason"].drop(name).eq("").all()
    return tuple(found.loc[name, ["verdict", "verdict_reason"]])


@pytest.mark.parametrize("seed", range(10))
def test_pictures_of_one_kind_pass(seed):
    assert told(*tables(seed=seed)) == ("pass", "")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("edge_blur_px", 5.5, "less sharp than the others"),
        ("brightness", 250, "brighter than the others"),
        ("brightness", -200, "darker than the others"),
        ("contrast", 1, "of lower contrast than the others"),
        ("contrast", 10_000, "of higher contrast than the others"),
    ],
)
def test_a_picture_far_from_the_others_fails_and_says_why(column, value, said):
    images, objects = tables()
    images.loc[3, column] = value
    verdict, reason = told(images, objects)
    assert verdict == "fail"
    assert said in reason


def test_a_sharper_picture_than_the_others_passes():
    images, objects = tables()
    images.loc[3, "edge_blur_px"] = 0.1
    assert told(images, objects) == ("pass", "")


def test_sharp_pictures_in_a_set_do_not_excuse_a_blurred_one():
    images, objects = tables(20)
    images.loc[:8, "edge_blur_px"] = np.linspace(0.5, 1.8, 9)
    images.loc[9:, "edge_blur_px"] = np.linspace(1.9, 2.1, 11)
    assert told(images, objects) == ("pass", "")
    images.loc[15, "edge_blur_px"] = 3.2
    verdict, reason = told(images, objects, "p15")
    assert verdict == "fail"
    assert reason.startswith("less sharp than the others")


@pytest.mark.parametrize(("blur", "verdict"), [(2.4, "pass"), (2.6, "look"), (3.2, "fail")])
def test_a_mild_blur_among_pictures_of_one_kind_asks_for_a_look(blur, verdict):
    images, objects = tables()
    images["edge_blur_px"] = np.linspace(1.95, 2.05, N)
    images.loc[3, "edge_blur_px"] = blur
    assert told(images, objects)[0] == verdict


@pytest.mark.parametrize(
    ("column", "factor", "said"),
    [
        ("area_px", 9, "has larger objects"),
        ("area_px", 1 / 9, "has smaller objects"),
        ("intensity_mean_above_background", 3, "has brighter objects"),
        ("intensity_mean_above_background", 0, "has darker objects"),
    ],
)
def test_other_objects_ask_for_a_look_and_fail_nothing(column, factor, said):
    images, objects = tables(unit="")
    objects.loc[objects["image"] == "p3", column] *= factor
    verdict, reason = told(images, objects)
    assert verdict == "look"
    assert said in reason


def test_sizes_are_compared_in_um_only_where_all_pixel_sizes_are_known():
    images, objects = tables()
    objects.loc[objects["image"] == "p3", "area_px"] *= 100  # another magnification
    assert told(images, objects) == ("pass", "")
    images.loc[5, "unit"] = ""
    assert "larger objects" in told(images, objects)[1]


def test_few_objects_are_far_from_the_others_by_chance():
    images, objects = tables(unit="")
    here = objects["image"] == "p3"
    objects.loc[here, "area_px"] *= 2.9
    assert told(images, objects)[0] == "look"
    several = objects.drop(objects.index[here][6:])
    assert told(images, several) == ("pass", "")
    few = objects.drop(objects.index[here][4:]).assign()
    few.loc[few["image"] == "p3", "area_px"] *= 1e6
    assert told(images, few) == ("pass", "")


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.01, "pass"), (0.2, "look"), (0.8, "fail")]
)
def test_clipped_objects_are_judged_without_other_pictures(share, verdict):
    images, objects = tables(1)
    images["clipped_objects_fraction"] = share
    found = with_verdicts(images, objects)
    assert found["verdict"].tolist() == [verdict]
    assert ("% of its objects' pixels" in found["verdict_reason"][0]) == (verdict != "pass")


def test_edges_blurred_very_widely_ask_for_a_look_whatever_the_others_are():
    images, objects = tables(1)
    images["edge_blur_px"] = 9.0
    found = with_verdicts(images, objects)
    assert found["verdict"].tolist() == ["look"]
    assert "sharpest edges are blurred by 9 px" in found["verdict_reason"][0]


def test_fewer_than_five_pictures_are_not_compared():
    images, objects = tables(FEWEST_PICTURES - 1)
    images.loc[3, "edge_blur_px"] = 5.5
    assert told(images, objects) == ("pass", "")
    images, objects = tables(FEWEST_PICTURES)
    images.loc[3, "edge_blur_px"] = 5.5
    assert told(images, objects)[0] == "fail"


def test_several_reasons_are_told_and_the_worst_verdict_counts():
    images, objects = tables()
    images.loc[3, ["edge_blur_px", "clipped_objects_fraction"]] = 5.5, 0.2
    verdict, reason = told(images, objects)
    assert verdict == "fail"
    assert reason.count(";") == 1


def test_pictures_that_failed_have_no_verdict_and_are_not_compared_with():
    images, objects = tables()
    images.loc[:3, "status"] = "failed"
    numbers = ["edge_blur_px", "brightness", "contrast", "clipped_objects_fraction"]
    images.loc[:3, numbers] = None
    found = with_verdicts(images, objects)
    assert found["verdict"].tolist() == [""] * 4 + ["pass"] * (N - 4)


def test_without_any_numbers_all_pictures_pass():
    images, _ = tables()
    nothing = pd.DataFrame({"image": [], "label": []})
    unknown = images.assign(**dict.fromkeys(images.columns[3:]))  # all None
    assert with_verdicts(unknown, nothing)["verdict"].eq("pass").all()


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_pictures_and_the_scale_of_grey_values_do_not_matter(seed):
    images, objects = tables(seed=seed)
    images.loc[2, "brightness"] = 300
    images.loc[5, "contrast"] = 20
    known = with_verdicts(images, objects).set_index("image")
    mixed = with_verdicts(images.sample(frac=1, random_state=seed), objects)
    pd.testing.assert_frame_equal(mixed.set_index("image").loc[known.index], known)
    values = ["brightness", "contrast"]
    above = "intensity_mean_above_background"
    scaled = with_verdicts(
        images.assign(**{name: 256 * images[name] for name in values}),
        objects.assign(**{above: 256 * objects[above]}),
    )
    assert scaled["verdict"].tolist() == known["verdict"].tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six pictures of discs, one of them out of focus and one far too bright."""
    path = tmp_path_factory.mktemp("pictures")
    y, x = np.mgrid[:260, :300]
    for k in range(6):
        rng = np.random.default_rng(k)
        picture = np.full(y.shape, 50.0)
        for place in range(20):
            row, column = divmod(place, 5)
            at = 30 + 64 * row + rng.uniform(-8, 8), 30 + 60 * column + rng.uniform(-8, 8)
            picture[np.hypot(y - at[0], x - at[1]) < rng.uniform(9, 15)] = 150
        if k == 4:
            picture = cv2.GaussianBlur(picture, (0, 0), 4)
        picture += rng.normal(0, 2, y.shape)
        if k == 5:
            picture *= 2
        write_png(path / f"p{k}.png", picture.clip(0, 255).astype(np.uint8))
    return path


def test_a_run_tells_its_doubtful_pictures_everywhere(folder, tmp_path):
    result = run_batch(SIMPLE, [folder], tmp_path / "out")
    images = pd.read_csv(tmp_path / "out" / "images.csv", keep_default_na=False)
    assert images["verdict"].tolist() == ["pass"] * 4 + ["fail"] * 2
    assert "less sharp" in images["verdict_reason"][4]
    assert "end of the grey values" in images["verdict_reason"][5]
    assert result.images["verdict"].tolist() == images["verdict"].tolist()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    quality = summary["quality"]
    assert (quality["n_pass"], quality["n_fail"], quality["compared"]) == (4, 2, True)
    assert quality["sentence"] in summary["warnings"]
    assert quality["sentence"].startswith("Quality: 2 of 6 pictures flagged (2 fail)")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "fail: less sharp than the others" in page
    assert summary["pooled"]["n_images"] == 6  # none is left out


@pytest.mark.slow
def test_verdicts_are_the_same_in_several_processes_and_when_resumed(folder, tmp_path):
    whole = run_batch(SIMPLE, [folder], tmp_path / "one")
    parallel = run_batch(SIMPLE, [folder], tmp_path / "two", options=BatchOptions(jobs=2))
    pd.testing.assert_frame_equal(parallel.images, whole.images)
    first = sorted(folder.iterdir())[:3]
    run_batch(SIMPLE, first, tmp_path / "three")
    resumed = run_batch(
        SIMPLE, [folder], tmp_path / "three", options=BatchOptions(resume=True)
    )
    columns = ["image", "verdict", "verdict_reason", "edge_blur_px", "contrast"]
    pd.testing.assert_frame_equal(resumed.images[columns], whole.images[columns])
    assert (tmp_path / "one" / "images.csv").read_bytes() == (
        tmp_path / "two" / "images.csv"
    ).read_bytes()


@pytest.mark.parametrize(("share", "verdict"), [(0.49, "pass"), (0.51, "look")])
def test_a_picture_of_which_most_objects_are_expected_to_be_wrong_asks_for_a_look(
    share, verdict
):
    images, objects = tables(2)
    objects["confidence"] = np.where(objects["image"].eq("p1"), 1 - share, 0.95)
    found = with_verdicts(images, objects).set_index("image")
    assert found["expected_wrong_fraction"].tolist() == pytest.approx([0.05, share])
    assert found["verdict"].tolist() == ["pass", verdict]
    reason = "51 % of its objects are expected to be wrong"
    assert found["verdict_reason"].tolist() == ["", reason if verdict == "look" else ""]


def test_what_a_person_corrected_is_not_expected_to_be_wrong():
    images, objects = tables(2)
    images["mask_origin"] = ["draft", "corrected"]
    objects["confidence"] = 0.2
    found = with_verdicts(images, objects)
    assert found["verdict"].tolist() == ["look", "pass"]
    assert found["expected_wrong_fraction"].isna().tolist() == [False, True]


def test_methods_that_tell_no_confidence_expect_nothing():
    assert with_verdicts(*tables())["expected_wrong_fraction"].isna().all()


@pytest.mark.parametrize(("n_objects", "verdict"), [(4, "pass"), (5, "look"), (30, "look")])
def test_a_picture_without_objects_asks_for_a_look_where_the_others_have_many(
    n_objects, verdict
):
    images, objects = tables(4, n_objects=n_objects)
    objects = objects[objects["image"] != "p3"]
    found = told(images, objects)
    said = f"it has no objects, the others {n_objects} (median)"
    assert found == (verdict, said if verdict == "look" else "")


def test_a_picture_alone_a_failed_one_and_one_without_outlines_are_not_empty():
    images, objects = tables(1)
    assert with_verdicts(images, objects[:0])["verdict"].tolist() == ["pass"]
    images, objects = tables(4)
    objects = objects[~objects["image"].isin(["p1", "p3"])]
    images.loc[1, "status"] = "failed"
    images["count_regressed"] = [np.nan, np.nan, np.nan, 41.7]
    found = with_verdicts(images, objects)
    assert found["verdict"].tolist() == ["pass", "", "pass", "pass"]
    assert found["verdict_reason"].eq("").all()
