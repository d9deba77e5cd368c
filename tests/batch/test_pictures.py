import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as PillowImage

from segmetry.batch.inputs import Picture
from segmetry.batch.pictures import (
    earlier_result,
    failure,
    process,
    remarks_of,
    without_home,
)
from segmetry.image import Image
from segmetry.io import IMAGE_COLUMNS, write_png
from segmetry.recipe import Recipe, run
from segmetry.recipe.model import Segmentation

SIMPLE = Recipe(segmentation={"name": "threshold"}, calibration={"scale_bar": False})


@pytest.fixture
def picture(tmp_path, discs):
    path = tmp_path / "discs.png"
    PillowImage.fromarray(discs([9] * 15)).save(path)
    return Picture("discs", path, "discs.png")


def work(picture, out, recipe=SIMPLE):
    out.mkdir(exist_ok=True)
    return process(picture, recipe, out, fingerprint="mark", save_maps=False)


def test_a_row_has_the_columns_of_the_contract(picture, tmp_path):
    result = work(picture, tmp_path / "out")
    assert tuple(result.row) == IMAGE_COLUMNS
    assert tuple(failure(picture, "why").row) == IMAGE_COLUMNS
    assert result.row["frame_x_max_px"] == 300
    assert result.row["included_area_px"] == 200 * 300
    share = 15 * np.pi * 81 / (200 * 300)
    assert result.row["foreground_fraction"] == pytest.approx(share, rel=0.05)


def test_the_frame_ends_where_the_banner_starts(picture, tmp_path):
    recipe = SIMPLE.model_copy(
        update={"banner": Recipe(banner={"exclude": "30"}).banner},
    )
    row = work(picture, tmp_path / "out", recipe).row
    assert (row["frame_y_min_px"], row["frame_y_max_px"]) == (0, 170)
    assert row["banner_rows"] == "170:200"


def test_the_mask_of_the_field_of_view_is_named(picture, tmp_path):
    assert work(picture, tmp_path / "whole").row["field_of_view"] == ""
    view = np.zeros((200, 300), np.uint8)
    view[20:180, 30:270] = 255
    write_png(tmp_path / "view.png", view)
    area = Recipe(area={"field_of_view": str(tmp_path / "view.png")}).area
    row = work(picture, tmp_path / "out", SIMPLE.model_copy(update={"area": area})).row
    assert row["field_of_view"] == "view.png"
    assert row["included_area_px"] == 160 * 240


def test_a_fault_of_ours_is_a_row_too_and_leaves_a_trace(picture, tmp_path, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("segmetry.batch.pictures.find_objects", broken)
    result = work(picture, tmp_path / "out")
    assert result.failed
    assert "fault in Segmetry" in result.row["reason"]
    assert "broken" in result.trace
    assert "fault" not in result.trace
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_known_of_a_picture_without_objects_is_told(tmp_path):
    path = tmp_path / "flat.tif"
    flat = np.zeros((40, 60), np.uint8)
    scale = {"resolution": (100, 100), "metadata": {"unit": "um"}}
    tifffile.imwrite(path, flat, imagej=True, **scale)
    result = work(Picture("flat", path, "flat.tif"), tmp_path / "out")
    assert result.failed
    assert result.row["pixel_size"] == pytest.approx(0.01)
    assert (result.row["width_px"], result.row["calibration_source"]) == (60, "imagej")


def test_too_little_memory_is_told(picture, tmp_path, monkeypatch):
    def greedy(*_arguments, **_options):
        raise MemoryError

    monkeypatch.setattr("segmetry.batch.pictures.find_objects", greedy)
    assert "memory" in work(picture, tmp_path / "out").row["reason"]


def test_an_earlier_result_is_what_it_was(picture, tmp_path):
    out = tmp_path / "out"
    first = work(picture, out)
    kept = earlier_result(picture, out, fingerprint="mark")
    assert kept.objects.equals(first.objects)
    assert kept.row == first.row
    assert kept.sha256 == first.sha256


def test_an_earlier_result_of_something_else_is_not_kept(picture, tmp_path):
    out = tmp_path / "out"
    work(picture, out)
    assert earlier_result(picture, out, fingerprint="other") is None
    (out / "discs" / "objects.parquet").unlink()
    assert earlier_result(picture, out, fingerprint="mark") is None
    work(picture, out)
    picture.path.write_bytes(picture.path.read_bytes() + b"more")
    assert earlier_result(picture, out, fingerprint="mark") is None


def test_a_half_written_mark_is_not_kept(picture, tmp_path):
    out = tmp_path / "out"
    work(picture, out)
    mark = out / "discs" / "picture.json"
    assert json.loads(mark.read_text())["row"]["n_objects"] == 15
    mark.write_text(mark.read_text()[:50])
    assert earlier_result(picture, out, fingerprint="mark") is None


def test_a_choice_against_another_source_is_told(tmp_path, discs):
    path = tmp_path / "scaled.tif"
    tifffile.imwrite(
        path, discs([9] * 15), imagej=True, resolution=(100, 100), metadata={"unit": "um"}
    )
    picture = Picture("scaled", path, "scaled.tif")

    def told(**calibration):
        recipe = Recipe.model_validate(
            SIMPLE.model_dump() | {"calibration": {"scale_bar": False, **calibration}}
        )
        return work(picture, tmp_path / "out", recipe).remarks

    assert told() == ()
    assert told(pixel_size="10 nm") == ()
    overruled = told(pixel_size="12 nm", choice="typed")
    assert len(overruled) == 1
    assert "10" in overruled[0]


def test_results_that_cannot_be_put_in_place_are_told_and_leave_nothing(picture, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    out.chmod(0o700)
    (out / "gone").mkdir()
    lost = Picture("gone/discs", picture.path, "discs.png")  # in a folder that is no more
    (out / "gone").rmdir()
    result = work(lost, out)
    assert result.row["status"] == "failed"
    assert "Cannot write the results of discs" in result.row["reason"]
    assert list(out.iterdir()) == []


def test_an_older_result_is_replaced_as_a_whole(picture, tmp_path):
    out = tmp_path / "out"
    work(picture, out)
    (out / "discs" / "of_yesterday.txt").write_text("older")
    work(picture, out)
    assert not (out / "discs" / "of_yesterday.txt").exists()
    assert (out / "discs" / "labels.tif").is_file()
    assert [path.name for path in out.iterdir()] == ["discs"]


def test_the_name_of_the_user_is_in_no_message():
    home = str(Path.home())
    assert without_home(f"{home}/a.png is torn; see {home}/b") == "~/a.png is torn; see ~/b"
    assert without_home("a.png is torn") == "a.png is torn"


def test_where_there_is_no_home_nothing_is_hidden(monkeypatch):
    def none():
        raise RuntimeError

    monkeypatch.setattr(Path, "home", none)
    assert without_home("/data/a.png is torn") == "/data/a.png is torn"


def speckled():
    """Bright discs of 16 px radius, and specks of 3 x 3 px between them, under noise."""
    rng = np.random.default_rng(0)
    y, x = np.indices((240, 240))
    pixels = np.where(np.hypot(y % 60 - 30, x % 60 - 30) < 16, 200.0, 60.0)
    for top, left in rng.integers(4, 230, (60, 2)):
        pixels[top : top + 3, left : left + 3] = 250
    return np.clip(pixels + rng.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)


def test_vessels_at_a_scale_that_nothing_tells_come_with_a_remark(picture, tmp_path):
    chosen = Segmentation(name="vessels", options={"flips": False})
    recipe = SIMPLE.model_copy(update={"segmentation": chosen})
    told = work(picture, tmp_path / "out", recipe).remarks
    assert ["field of view is not known" in text for text in told] == [True]


@pytest.mark.parametrize(("share", "n_told"), [(None, 1), (0, 0)])
def test_specks_that_were_left_out_are_told_in_words(share, n_told):
    options = {"min_area": 1} | ({} if share is None else {"min_share": share})
    recipe = SIMPLE.model_copy(
        update={"segmentation": Segmentation(name="auto", options=options)}
    )
    result = run(recipe, Image(speckled()))
    told = [text for text in remarks_of(result, []) if "specks" in text]
    assert len(told) == n_told
    assert all("“min_share”" in text and "--" not in text for text in told)
