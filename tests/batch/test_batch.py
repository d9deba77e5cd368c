import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tifffile
from PIL import Image as PillowImage

from segmetry.archive import verify
from segmetry.batch import BatchOptions, run_batch
from segmetry.errors import RecipeError, WriteError
from segmetry.io import IMAGE_COLUMNS, read_labels
from segmetry.recipe import Recipe, read_recipe
from segmetry.recipe.model import Input

SIMPLE = Recipe(
    segmentation={"name": "threshold"},
    calibration={"pixel_size": "50 nm", "scale_bar": False},
)


def save(path, pixels):
    PillowImage.fromarray(pixels).save(path)
    return path


@pytest.fixture
def folder(tmp_path, discs):
    save(tmp_path / "a.png", discs([10] * 12))
    save(tmp_path / "b.png", discs([8] * 20, seed=1))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    return tmp_path


def table(out, name):
    return pd.read_csv(out / name)


def test_the_files_of_a_run_are_the_contract(folder):
    out = folder / "out"
    result = run_batch(SIMPLE, [folder], out)
    assert result.n_failed == 1
    for name in (
        *("objects.csv", "objects.parquet", "images.csv", "schema.json", "summary.json"),
        *("report.html", "recipe.toml", "manifest.json", "run.log"),
        *("a/labels.tif", "a/overlay.png", "a/objects.parquet", "b/labels.tif"),
    ):
        assert (out / name).is_file(), name
    assert not (out / "broken").exists()
    images = table(out, "images.csv")
    assert tuple(images.columns) == IMAGE_COLUMNS
    assert images["image"].tolist() == ["a", "b", "broken"]
    assert images["status"].tolist() == ["done", "done", "failed"]
    assert images["n_objects"].tolist() == [12, 20, 0]
    assert "broken.png" in images["reason"][2]
    objects = table(out, "objects.csv")
    assert objects.groupby("image").size().to_dict() == {"a": 12, "b": 20}
    expected = np.pi * 10**2 * 0.05**2
    assert objects[objects["image"] == "a"]["area_um2"].mean() == pytest.approx(
        expected, 0.04
    )


def test_every_column_is_explained_in_the_schema(folder):
    out = run_batch(SIMPLE, [folder / "a.png"], folder / "out").out
    schema = json.loads((out / "schema.json").read_text())
    for name in ("objects.csv", "images.csv"):
        fields = {field["name"]: field for field in schema[name]["fields"]}
        assert set(fields) == set(table(out, name).columns)
        assert all(len(field["description"]) > 10 for field in fields.values())


def test_labels_on_disk_and_rows_of_the_table_share_their_numbers(folder):
    out = run_batch(SIMPLE, [folder / "b.png"], folder / "out").out
    labels = read_labels(out / "b" / "labels.tif")
    counts = np.bincount(labels.ravel())[1:]
    objects = table(out, "objects.csv")
    assert objects["area_px"].tolist() == counts[objects["label"] - 1].tolist()


def test_the_recipe_of_a_run_repeats_it_byte_for_byte(folder):
    sheet = folder / "samples.csv"
    sheet.write_text("image,time_h\na,1\nb,2\n")
    recipe = SIMPLE.model_copy(update={"sheet": Input(path=str(sheet))})
    first = run_batch(recipe, [folder / "a.png", folder / "b.png"], folder / "first").out
    again = run_batch(
        read_recipe(first / "recipe.toml"), (), folder / "deep" / "again", folder=first
    ).out
    for name in (
        *("objects.csv", "images.csv", "summary.json", "objects.parquet", "schema.json"),
        *("a/labels.tif", "b/labels.tif", "a/overlay.png"),
    ):
        assert (first / name).read_bytes() == (again / name).read_bytes(), name


def test_a_picture_that_changed_after_the_recipe_was_written_is_told(folder, discs):
    first = run_batch(SIMPLE, [folder / "a.png", folder / "b.png"], folder / "first").out
    save(folder / "a.png", discs([5] * 9))
    again = run_batch(read_recipe(first / "recipe.toml"), (), folder / "2", folder=first)
    assert again.images["status"].tolist() == ["failed", "done"]
    assert "changed" in again.images["reason"][0]


def test_nothing_is_overwritten_unasked(folder):
    out = run_batch(SIMPLE, [folder / "a.png"], folder / "out").out
    before = (out / "objects.csv").read_bytes()
    with pytest.raises(RecipeError, match="already holds results"):
        run_batch(SIMPLE, [folder / "b.png"], out)
    assert (out / "objects.csv").read_bytes() == before
    run_batch(SIMPLE, [folder / "b.png"], out, options=BatchOptions(overwrite=True))
    assert set(table(out, "objects.csv")["image"]) == {"b"}


def test_resume_and_overwrite_exclude_each_other(folder):
    with pytest.raises(RecipeError, match="--resume"):
        run_batch(
            SIMPLE,
            [folder / "a.png"],
            folder / "out",
            options=BatchOptions(resume=True, overwrite=True),
        )


def test_resume_keeps_what_is_done_and_gives_the_same_tables(folder):
    out = run_batch(SIMPLE, [folder], folder / "out").out
    before = {name: (out / name).read_bytes() for name in ("objects.csv", "images.csv")}
    stamp = (out / "a" / "labels.tif").stat().st_mtime_ns
    run_batch(SIMPLE, [folder], out, options=BatchOptions(resume=True))
    assert (out / "a" / "labels.tif").stat().st_mtime_ns == stamp
    assert {name: (out / name).read_bytes() for name in before} == before


def test_resume_does_again_what_another_recipe_did(folder):
    out = run_batch(SIMPLE, [folder / "a.png"], folder / "out").out
    other = SIMPLE.model_copy(update={"segmentation": Recipe().segmentation})
    stamp = (out / "a" / "labels.tif").stat().st_mtime_ns
    run_batch(other, [folder / "a.png"], out, options=BatchOptions(resume=True))
    assert (out / "a" / "labels.tif").stat().st_mtime_ns != stamp


@pytest.mark.slow
def test_each_of_twelve_pictures_has_its_own_objects_and_its_row(tmp_path, discs):
    folder = tmp_path / "many"
    folder.mkdir()
    drawn = {f"p{number:02}": 1 + number % 7 for number in range(12)}
    for seed, (name, count) in enumerate(drawn.items()):
        save(folder / f"{name}.png", discs([8] * count, seed=seed))
    run = run_batch(SIMPLE, [folder], tmp_path / "out", options=BatchOptions(jobs=1))
    assert dict(zip(run.images["image"], run.images["n_objects"], strict=True)) == drawn
    counted = table(run.out, "objects.csv").groupby("image").size()
    assert counted.to_dict() == drawn


@pytest.mark.slow
def test_several_processes_give_the_same_files(folder):
    one = run_batch(SIMPLE, [folder], folder / "one", options=BatchOptions(jobs=1)).out
    two = run_batch(SIMPLE, [folder], folder / "two", options=BatchOptions(jobs=2)).out
    for name in ("objects.csv", "images.csv", "summary.json", "a/labels.tif"):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


def test_maps_are_saved_on_request(folder):
    out = run_batch(
        SIMPLE, [folder / "a.png"], folder / "out", options=BatchOptions(save_maps=True)
    ).out
    foreground = tifffile.imread(out / "a" / "foreground.tif")
    assert foreground.dtype == np.float32
    assert foreground.shape == (200, 300)
    labels = read_labels(out / "a" / "labels.tif")
    assert foreground[labels > 0].mean() > 0.9
    assert foreground[labels == 0].mean() < 0.2


def test_unknown_pixel_sizes_stay_unknown(folder):
    recipe = SIMPLE.model_copy(update={"calibration": Recipe().calibration})
    out = run_batch(recipe, [folder / "a.png"], folder / "out").out
    columns = table(out, "objects.csv").columns
    assert "equivalent_diameter_px" in columns
    assert not any("_um" in name for name in columns)
    assert table(out, "images.csv")["calibration_source"].tolist() == ["unknown"]


def test_all_pictures_failing_still_leaves_tables_and_a_report(folder):
    result = run_batch(SIMPLE, [folder / "broken.png"], folder / "out")
    assert result.n_failed == 1
    assert result.summary["n_objects"] == 0
    assert "broken.png" in (folder / "out" / "report.html").read_text(encoding="utf-8")


def test_the_log_tells_nothing_about_the_machine(folder):
    out = run_batch(SIMPLE, [folder], folder / "out").out
    log = (out / "run.log").read_text(encoding="utf-8")
    assert "a: 12 objects" in log
    assert "broken: failed" in log
    assert str(folder) not in log
    assert str(Path.home()) not in log


def test_a_folder_that_cannot_be_made_is_told(folder):
    (folder / "file").write_text("")
    with pytest.raises(WriteError, match="Cannot make the folder"):
        run_batch(SIMPLE, [folder / "a.png"], folder / "file" / "out")


def test_conditions_go_from_the_sheet_into_the_groups(folder):
    (folder / "samples.csv").write_text("image,time_h\na.png,0\nb.png,24\n")
    sheet = Input(path=str(folder / "samples.csv"))
    recipe = SIMPLE.model_copy(update={"sheet": sheet})
    result = run_batch(recipe, [folder / "a.png", folder / "b.png"], folder / "out")
    assert result.images["time_h"].tolist() == [0, 24]
    assert [group["conditions"]["time_h"] for group in result.summary["groups"]] == [0, 24]
    trend = result.summary["trends"][0]
    assert [point["x"] for point in trend["points"]] == [0, 24]


def test_dropped_specks_are_told(folder, discs):
    pixels = discs([14] * 15)
    rng = np.random.default_rng(0)
    for y, x in rng.integers(0, [198, 298], (12, 2)):
        pixels[y : y + 3, x : x + 3] = 200
    save(folder / "specks.png", pixels)
    recipe = Recipe(segmentation={"options": {"min_share": 0.1, "min_area": 5}})
    kept = run_batch(recipe, [folder / "specks.png"], folder / "out")
    assert "specks" in " ".join(kept.summary["warnings"])


def test_folders_that_no_run_has_made_are_never_replaced(folder):
    (folder / "a").mkdir()
    (folder / "a" / "notes.txt").write_text("mine")
    for options in (
        BatchOptions(),
        BatchOptions(resume=True),
        BatchOptions(overwrite=True),
    ):
        with pytest.raises(RecipeError, match="no run has made"):
            run_batch(SIMPLE, [folder / "a.png"], folder, options=options)
    assert (folder / "a" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["recipe.toml", "report.html", "Objects.csv"])
def test_files_of_the_user_are_not_overwritten_unasked(folder, name):
    out = folder / "out"
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(RecipeError, match="already holds"):
        run_batch(SIMPLE, [folder / "a.png"], out)
    assert (out / name).read_text() == "mine"


def test_a_picture_that_fails_later_keeps_no_old_results(folder):
    out = run_batch(SIMPLE, [folder / "a.png", folder / "b.png"], folder / "out").out
    (folder / "a.png").write_bytes(b"broken")
    again = run_batch(SIMPLE, [folder / "a.png"], out, options=BatchOptions(overwrite=True))
    assert again.n_failed == 1
    assert not (out / "a").exists()
    assert verify(out).findings == ()


def test_a_sheet_that_changed_after_the_recipe_was_written_is_told(folder):
    sheet = folder / "samples.csv"
    sheet.write_text("image,time_h\na,1\n")
    recipe = SIMPLE.model_copy(update={"sheet": Input(path=str(sheet))})
    first = run_batch(recipe, [folder / "a.png"], folder / "first").out
    sheet.write_text("image,time_h\na,2\n")
    with pytest.raises(RecipeError, match="not the sheet"):
        run_batch(read_recipe(first / "recipe.toml"), (), folder / "2", folder=first)


def test_whole_numbers_stay_whole_beside_a_failure(folder):
    out = run_batch(SIMPLE, [folder], folder / "out").out
    lines = (out / "images.csv").read_text().splitlines()
    assert ",300,200," in lines[1]
    kinds = {field["name"]: field["type"] for field in schema_of(out, "images.csv")}
    cells = pd.read_csv(out / "images.csv", dtype=str, keep_default_na=False)
    for name in (name for name, kind in kinds.items() if kind == "integer"):
        assert all(cell.lstrip("-").isdigit() for cell in cells[name] if cell), name


def schema_of(out, name):
    return json.loads((out / "schema.json").read_text())[name]["fields"]


def test_patterns_do_not_reach_into_the_results(folder):
    out = folder / "out"
    run_batch(SIMPLE, [folder / "a.png"], out)
    pattern = str(folder / "**" / "*.png")
    again = run_batch(SIMPLE, [pattern], out, options=BatchOptions(overwrite=True))
    assert again.images["image"].tolist() == ["a", "b", "broken"]


def test_resume_makes_maps_that_are_asked_for_later(folder):
    out = run_batch(SIMPLE, [folder / "a.png"], folder / "out").out
    options = BatchOptions(resume=True, save_maps=True)
    run_batch(SIMPLE, [folder / "a.png"], out, options=options)
    assert (out / "a" / "foreground.tif").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="such names exist on Linux only")
def test_a_name_that_is_no_text_does_not_stop_the_others(folder):
    odd = os.fsencode(folder) + b"/\xff\xfe.png"
    Path(os.fsdecode(odd)).write_bytes((folder / "a.png").read_bytes())
    result = run_batch(SIMPLE, [folder], folder / "out")
    assert result.images["status"].tolist().count("done") == 3


def test_one_path_is_a_list_of_one(folder):
    assert len(run_batch(SIMPLE, folder / "a.png", folder / "out").images) == 1


def test_what_is_begun_is_told_before_it_is_done(folder):
    told = []
    run_batch(
        SIMPLE,
        [folder / "a.png", folder / "b.png"],
        folder / "out",
        progress=lambda result, done, _: told.append((result.row["image"], done)),
        begun=lambda what, total: told.append((what, total)),
    )
    assert told == [
        ("a.png", 2), ("a", 1), ("b.png", 2), ("b", 2), ("statistics and report", 2)
    ]  # fmt: skip
