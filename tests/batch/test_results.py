"""What a run leaves beside the folders of its pictures."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmetry.batch import run_batch
from segmetry.batch.inputs import Picture, file_hash
from segmetry.batch.pictures import failure
from segmetry.batch.results import (
    _whole_numbers,
    recipe_of_run,
    statistics_options,
    write_results,
)
from segmetry.errors import CalibrationError, WriteError
from segmetry.io import IMAGE_COLUMNS, write_png
from segmetry.recipe import Recipe, read_recipe

SIMPLE = Recipe(segmentation={"name": "threshold"}, calibration={"scale_bar": False})


@pytest.mark.parametrize(
    ("limit", "micrometres"), [("100 nm", 0.1), ("2.5 µm", 2.5), ("1mm", 1000)]
)
def test_the_limit_is_taken_in_micrometres(limit, micrometres):
    options = statistics_options(Recipe(statistics={"limit": limit, "seed": 7}))
    assert options.limit_um == pytest.approx(micrometres)
    assert (options.seed, options.edge_rule) == (7, "miles-lantuejoul")


def test_a_limit_that_is_no_length_is_told():
    with pytest.raises(CalibrationError, match="long"):
        statistics_options(Recipe(statistics={"limit": "long"}))


def test_a_recipe_of_a_run_names_its_pictures_from_where_it_is_kept(tmp_path):
    out = tmp_path / "deep" / "out"
    paths = [tmp_path / "a.png", tmp_path / "deep" / "b.png", out / "c.png"]
    out.mkdir(parents=True)
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("image\na\n", encoding="utf-8")
    pictures = [Picture(path.stem, path, path.name) for path in paths]
    results = [failure(picture, "why") for picture in pictures]
    recipe = recipe_of_run(SIMPLE, pictures, results, sheet, out)
    assert [one.path for one in recipe.inputs] == ["../../a.png", "../b.png", "c.png"]
    assert (recipe.sheet.path, recipe.sheet.sha256) == (
        "../../sheet.csv",
        file_hash(sheet),
    )
    assert recipe_of_run(SIMPLE, pictures, results, None, out).sheet is None


whole = st.lists(st.none() | st.integers(-(2**40), 2**40), min_size=1, max_size=9)
parts = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=9)


@given(whole, parts)
def test_numbers_that_are_whole_stay_so_beside_cells_without_one(temperatures, depths):
    n = min(len(temperatures), len(depths))
    table = pd.DataFrame(
        {
            "n_objects": np.arange(n, dtype=float),
            "pixel_size": np.arange(n, dtype=float),  # by its nature no whole number
            "temperature_c": pd.array(temperatures[:n], dtype="Float64").to_numpy(
                dtype=float, na_value=np.nan
            ),
            "depth_um": pd.array(depths[:n], dtype="Float64").to_numpy(
                dtype=float, na_value=np.nan
            ),
            "sample": ["a"] * n,
        }
    )
    told = _whole_numbers(table)
    assert told["n_objects"].dtype == "Int64"
    assert told["pixel_size"].dtype == float
    for name in ("temperature_c", "depth_um"):
        known = table[name].dropna()
        is_whole = bool(len(known) and (known % 1 == 0).all())
        assert (told[name].dtype == "Int64") == is_whole
        assert told[name].dropna().astype(float).tolist() == known.tolist()


def nothing(out):
    """Write the results of a run in which no picture could be used."""
    images = pd.DataFrame(
        [failure(Picture("a", out / "a.png", "a.png"), "it is torn").row],
        columns=list(IMAGE_COLUMNS),
    )
    tables = (pd.DataFrame({"image": [], "label": []}), images)
    options = statistics_options(SIMPLE)
    return write_results(out, SIMPLE, tables, options, remarks=["Be careful."])


def test_a_run_without_results_leaves_all_its_files_too(tmp_path):
    summary = nothing(tmp_path)
    assert summary["warnings"][0] == "Be careful."
    assert (summary["n_images"], summary["n_failed"], summary["n_objects"]) == (1, 1, 0)
    assert json.loads((tmp_path / "summary.json").read_text()) == summary
    assert "it is torn" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert pd.read_csv(tmp_path / "images.csv")["status"].tolist() == ["failed"]
    assert read_recipe(tmp_path / "recipe.toml").segmentation.name == "threshold"


def test_tables_of_lines_of_an_earlier_run_go(tmp_path):
    for name in ("segments.csv", "nodes.parquet", "notes.csv"):
        (tmp_path / name).write_text("older")
    nothing(tmp_path)
    assert not (tmp_path / "segments.csv").exists()
    assert not (tmp_path / "nodes.parquet").exists()
    assert (tmp_path / "notes.csv").exists()  # not ours


def test_where_nothing_can_be_written_that_is_told(tmp_path):
    with pytest.raises(WriteError, match=r"objects\.csv cannot be written"):
        nothing(tmp_path / "absent")


def test_a_picture_without_a_scale_bar_has_no_crop_of_one(tmp_path, discs):
    write_png(tmp_path / "a.png", discs([10] * 12))
    out = run_batch(SIMPLE, [tmp_path / "a.png"], tmp_path / "out").out
    assert "Marks in the crops" not in (out / "report.html").read_text(encoding="utf-8")
    assert {path.name for path in (out / "a").iterdir()} == {
        *("labels.tif", "objects.parquet", "overlay.png", "picture.json"),
    }
