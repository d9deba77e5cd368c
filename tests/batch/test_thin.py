"""Thin structures from pictures on disk to the files of a run."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage

from segmetry.archive import verify
from segmetry.batch import BatchOptions, run_batch
from segmetry.batch.thin import (
    image_columns,
    read_thin,
    run_tables,
    thin_columns,
    write_thin,
)
from segmetry.errors import RecipeError
from segmetry.image import Image
from segmetry.io import IMAGE_COLUMNS, THIN_IMAGE_COLUMNS, column
from segmetry.measure import measure_thin
from segmetry.measure.thin_tables import quantities, tables_of
from segmetry.recipe import Recipe, read_recipe
from segmetry.recipe.model import Input

LINES = Recipe(
    segmentation={"name": "threshold", "options": {"polarity": "bright"}},
    calibration={"pixel_size": "500 nm", "scale_bar": False},
    thin={"enabled": True},
)
FILES = ("segments.csv", "segments.parquet", "nodes.csv", "nodes.parquet")
WIDTH, LENGTH = 8, 160


def fibres(n=4, width=WIDTH):
    """Fibres of 160 px, so far apart that none touches another."""
    pixels = np.full((60 * n, 240), 40, np.uint8)
    for row in range(n):
        top = 26 + 60 * row
        pixels[top : top + width, 40 : 40 + LENGTH] = 200
    return pixels


def net():
    """Two fibres that cross at right angles; the meeting is one branch point."""
    pixels = fibres(3)
    pixels[10:170, 116 : 116 + WIDTH] = 200
    return pixels


def save(path, pixels):
    PillowImage.fromarray(pixels).save(path)
    return path


@pytest.fixture
def folder(tmp_path):
    save(tmp_path / "a.png", fibres())
    save(tmp_path / "b.png", net())
    return tmp_path


def table(out, name):
    return pd.read_csv(out / name)


def test_tables_of_lines_have_a_row_per_segment_and_node_of_each_picture(folder):
    result = run_batch(LINES, [folder], folder / "out")
    segments, nodes = (table(result.out, f"{name}.csv") for name in ("segments", "nodes"))
    # Three fibres that one more crosses are cut thrice: 2 * 3 pieces, 2 ends, 2 between.
    assert segments.groupby("image").size().to_dict() == {"a": 4, "b": 10}
    assert nodes.groupby("image").size().to_dict() == {"a": 8, "b": 8 + 3}
    for name, one in (("segments", segments), ("nodes", nodes)):
        stored = pd.read_parquet(result.out / f"{name}.parquet")
        pd.testing.assert_frame_equal(stored, one)
        pd.testing.assert_frame_equal(stored, getattr(result, name))
    for image, rows in segments.groupby("image"):
        known = {0, *nodes[nodes["image"] == image]["node"]}
        assert set(rows["start_node"]) | set(rows["end_node"]) <= known
    alone = segments[segments["image"] == "a"]
    assert alone["length_um"].to_numpy() == pytest.approx(LENGTH / 2, rel=0.02)
    assert alone["width_mean_um"].to_numpy() == pytest.approx(WIDTH / 2, rel=0.05)


def test_the_table_of_pictures_tells_their_lines_in_a_fixed_order(folder):
    result = run_batch(LINES, [folder], folder / "out")
    images = table(result.out, "images.csv")
    asked = [name for name in THIN_IMAGE_COLUMNS if name in images.columns]
    assert list(images.columns) == [*IMAGE_COLUMNS, *asked]
    assert not {"width_mean_px", "width_grey_mean_um"} & set(asked)
    row = images.set_index("image").loc["a"]
    assert row["total_length_um"] == pytest.approx(4 * LENGTH / 2, rel=0.02)
    area = row["included_area_px"] / 4
    assert row["length_density_per_um"] == pytest.approx(row["total_length_um"] / area)
    text = (result.out / "images.csv").read_text().splitlines()[1]
    assert f",{row['n_segments']:.0f}," in text  # a count is written as one


def test_without_lines_no_file_and_no_column_is_there(folder):
    plain = LINES.model_copy(update={"thin": Recipe().thin})
    out = run_batch(plain, [folder], folder / "out").out
    assert tuple(table(out, "images.csv").columns) == IMAGE_COLUMNS
    assert not [name for name in FILES if (out / name).exists()]
    assert not list(out.glob("*/widths.*"))
    assert "thin" not in json.loads((out / "summary.json").read_text())
    assert "Thin structures" not in (out / "report.html").read_text(encoding="utf-8")
    assert list(json.loads((out / "schema.json").read_text())) == [
        "objects.csv",
        "images.csv",
    ]


def test_every_column_about_lines_is_explained(folder):
    grey = LINES.model_copy(update={"thin": LINES.thin.model_copy(update={"grey": "luma"})})
    out = run_batch(grey, [folder], folder / "out").out
    schema = json.loads((out / "schema.json").read_text())
    for name in ("images", "segments", "nodes"):
        fields = {field["name"]: field for field in schema[f"{name}.csv"]["fields"]}
        assert list(fields) == list(table(out, f"{name}.csv").columns)
        for field in fields.values():
            assert field["type"] != "any"
            ends = [unit for unit in ("um", "px") if field["name"].endswith(f"_{unit}")]
            if ends and field["name"] != "included_area_px":
                assert field["unit"].removeprefix("1/") == ends[0]
    widths = pd.read_parquet(out / "a" / "widths.parquet")
    assert {column(name, table="widths").type for name in widths} <= {"integer", "number"}
    assert "width_grey_um" in widths


def test_the_summary_has_all_pictures_together_and_each(folder):
    result = run_batch(LINES, [folder], folder / "out")
    thin = json.loads((result.out / "summary.json").read_text())["thin"]
    assert thin == result.summary["thin"]
    totals = result.images.set_index("image")["total_length_um"]
    assert thin["pooled"]["total_length_um"]["value"] == pytest.approx(totals.sum())
    for name, numbers in thin["pictures"].items():
        assert numbers["total_length_um"]["value"] == totals[name]
    number = thin["pooled"]["width_mean_um"]
    assert number["low"] <= number["value"] <= number["high"]
    assert number["value"] == pytest.approx(WIDTH / 2, rel=0.05)


def test_lines_are_drawn_by_width_beside_the_labels(folder):
    out = run_batch(LINES, [folder / "a.png"], folder / "out").out
    encoded = np.frombuffer((out / "a" / "widths.png").read_bytes(), np.uint8)
    drawn = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    colourful = np.ptp(drawn.astype(int), axis=-1) > 40
    assert colourful.mean() > 0.01


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes_and_verifies(folder):
    first = run_batch(LINES, [folder / "a.png", folder / "b.png"], folder / "first").out
    again = run_batch(
        read_recipe(first / "recipe.toml"), (), folder / "again", folder=first
    ).out
    pictures = [
        f"{one}/{name}" for one in "ab" for name in ("widths.png", "widths.parquet")
    ]
    for name in (*FILES, "images.csv", "summary.json", "schema.json", *pictures):
        assert (first / name).read_bytes() == (again / name).read_bytes(), name
    assert verify(first).findings == ()
    (first / "segments.csv").write_text("image\n")
    (first / "a" / "widths.png").unlink()
    assert sorted(verify(first).findings) == [
        "a/widths.png is missing.",
        "segments.csv has changed since the run.",
    ]


@pytest.mark.slow
def test_a_run_that_goes_on_ends_with_the_same_files(folder):
    whole = run_batch(LINES, [folder], folder / "whole", options=None).out
    out = run_batch(LINES, [folder / "a.png"], folder / "out").out
    kept = (out / "a" / "picture.json").stat().st_mtime_ns
    inputs = [folder / "a.png", folder / "b.png"]
    run_batch(LINES, inputs, out, options=BatchOptions(resume=True))
    assert (out / "a" / "picture.json").stat().st_mtime_ns == kept
    for name in (*FILES, "images.csv", "summary.json"):
        assert (whole / name).read_bytes() == (out / name).read_bytes(), name


@pytest.mark.parametrize("lost", ["segments.parquet", "widths.parquet"])
def test_what_was_lost_is_measured_again(folder, lost):
    out = run_batch(LINES, [folder / "a.png"], folder / "out").out
    (out / "a" / lost).unlink()
    run_batch(LINES, [folder / "a.png"], out, options=BatchOptions(resume=True))
    assert (out / "a" / lost).is_file()


def test_lines_are_measured_where_an_earlier_run_did_not(folder):
    plain = LINES.model_copy(update={"thin": Recipe().thin})
    out = run_batch(plain, [folder / "a.png"], folder / "out").out
    again = BatchOptions(resume=True)
    assert run_batch(LINES, [folder / "a.png"], out, options=again).segments is not None
    assert (out / "a" / "widths.png").is_file()
    run_batch(plain, [folder / "a.png"], out, options=BatchOptions(overwrite=True))
    assert not [name for name in FILES if (out / name).exists()]
    assert not (out / "a" / "widths.png").exists()
    assert verify(out).findings == ()


def test_a_picture_that_fails_leaves_the_lines_of_the_others(folder):
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    result = run_batch(LINES, [folder / "a.png", folder / "broken.png"], folder / "out")
    assert result.n_failed == 1
    assert set(result.segments["image"]) == {"a"}
    images = table(result.out, "images.csv").set_index("image")
    assert images["n_segments"]["a"] == 4
    assert np.isnan(images["n_segments"]["broken"])
    assert list(result.summary["thin"]["pictures"]) == ["a"]
    assert verify(result.out).findings == ()


def test_where_all_pictures_fail_the_tables_have_no_rows(folder):
    grey = LINES.model_copy(update={"thin": LINES.thin.model_copy(update={"grey": "red"})})
    result = run_batch(grey, [folder], folder / "out")
    assert result.n_failed == 2
    assert result.images["reason"].str.contains("luma").all()
    assert table(result.out, "segments.csv").empty
    assert result.summary["thin"]["n_pictures"] == 0


def test_a_picture_without_lines_has_a_length_of_nothing(folder):
    options = {"polarity": "bright", "min_area": 10_000}
    recipe = LINES.model_copy(
        update={"segmentation": LINES.segmentation.model_copy(update={"options": options})}
    )
    result = run_batch(recipe, [folder / "a.png"], folder / "out")
    assert result.n_failed == 0
    assert len(result.segments) == 0
    assert "length_um" in result.segments
    row = result.images.iloc[0]
    assert (row["total_length_um"], row["n_segments"]) == (0, 0)
    assert row["width_mean_um"] is None or np.isnan(row["width_mean_um"])
    assert (result.out / "a" / "widths.png").is_file()


def test_names_of_numbers_about_lines_are_no_conditions(folder):
    sheet = folder / "samples.csv"
    sheet.write_text("image,time_h\na,1\nb,2\n")
    recipe = LINES.model_copy(update={"sheet": Input(path=str(sheet))})
    result = run_batch(recipe, [folder / "a.png", folder / "b.png"], folder / "out")
    assert result.images.columns[-1] == "time_h"
    assert [trend["condition"] for trend in result.summary["trends"]] == ["time_h"]
    sheet.write_text("image,tortuosity_mean\na,1\nb,2\n")
    with pytest.raises(RecipeError, match="tortuosity_mean"):
        run_batch(recipe, [folder / "a.png"], folder / "other")


@pytest.mark.slow
def test_several_processes_give_the_same_lines(folder):
    one, two = (
        run_batch(LINES, [folder], folder / str(jobs), options=BatchOptions(jobs=jobs)).out
        for jobs in (1, 2)
    )
    for name in (*FILES, "images.csv", "summary.json"):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


@pytest.mark.parametrize("grey", [False, True])
def test_what_is_kept_of_a_picture_is_read_back(tmp_path, grey):
    mask = net() > 100
    found = measure_thin(mask, grey=net().astype(float) if grey else None)
    kept = json.loads(json.dumps(write_thin(tmp_path, Image(net()), found)))
    read, own = read_thin(tmp_path, kept), tables_of(found)
    for name in ("segments", "nodes", "widths"):
        pd.testing.assert_frame_equal(getattr(read, name), getattr(own, name))
    assert quantities(read.picture) == quantities(own.picture)
    assert read.picture["low"].dtype == float


def test_tables_of_no_picture_have_no_rows():
    assert all(one.empty for one in run_tables({}).values())
    assert image_columns([]) == []


def test_area_and_its_share_are_told_once():
    told = thin_columns(measure_thin(net() > 100))
    assert not {"included_area_px2", "area_fraction"} & set(told)
    assert image_columns([told, {}]) == [n for n in THIN_IMAGE_COLUMNS if n in told]
