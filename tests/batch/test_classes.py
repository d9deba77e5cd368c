"""Phases and classes from pictures on disk to the files of a run."""

import json

import numpy as np
import pandas as pd
import pytest
import tifffile
from PIL import Image as PillowImage

from segmetry.archive import verify
from segmetry.batch import BatchOptions, run_batch
from segmetry.recipe import Recipe

GREYS = (60, 130, 210)
SHARES = {"a": (50, 30, 20), "b": (40, 30, 30)}  # percent of the sample


def recipe(**options):
    """Of a method that sorts grey values into groups."""
    return Recipe(
        segmentation={"name": "kmeans", "options": {"denoise": 0, **options}},
        calibration={"pixel_size": "2 um", "scale_bar": False},
        banner={"exclude": "20"},
    )


THREE = recipe(clusters=3)


@pytest.fixture
def folder(tmp_path):
    """Pictures of three phases as bands of columns, under each a banner."""
    (tmp_path / "in").mkdir()
    for name, shares in SHARES.items():
        row = np.repeat(np.uint8(GREYS), shares)
        pixels = np.repeat(row[None], 120, axis=0)
        pixels[100:] = np.arange(100) * 2
        PillowImage.fromarray(pixels).save(tmp_path / "in" / f"{name}.png")
    return tmp_path


def test_phases_are_written_as_a_map_a_picture_and_a_table(folder):
    found = run_batch(THREE, folder / "in", folder / "out")
    assert found.n_failed == 0
    table = pd.read_csv(folder / "out" / "classes.csv")
    pd.testing.assert_frame_equal(table, found.classes, check_dtype=False)
    for name, shares in SHARES.items():
        own = table[table["image"] == name]
        assert own["area_percent"].tolist() == [*shares]
        assert own["area_px"].tolist() == [100 * share for share in shares]
        assert own["area_um2"].tolist() == [400.0 * share for share in shares]
        assert own["class"].tolist() == ["class 0", "class 1", "class 2"]
        with tifffile.TiffFile(folder / "out" / name / "classes.tif") as tif:
            page = tif.pages.first
            data, told, colors = page.asarray(), page.description, page.colormap
        assert data.dtype == np.uint8
        assert np.bincount(data.ravel(), minlength=256)[[0, 1, 2, 255]].tolist() == [
            *(100 * share for share in shares),
            2000,
        ]
        assert 'classes={"0": "class 0", "1": "class 1", "2": "class 2"}' in told
        assert len({tuple(colors[:, number]) for number in (0, 1, 2)}) == 3
        with PillowImage.open(folder / "out" / name / "classes.png") as png:
            assert png.size == (100, 120)
    assert not verify(folder / "out").findings


def test_the_summary_has_the_share_of_each_phase(folder):
    run_batch(THREE, folder / "in", folder / "out")
    summary = json.loads((folder / "out" / "summary.json").read_text("utf-8"))
    shares = [row["percent"]["value"] for row in summary["classes"]["rows"]]
    assert shares == pytest.approx([45, 30, 25])
    page = (folder / "out" / "report.html").read_text("utf-8")
    assert '<section id="classes">' in page
    assert "<h1>Classes in " in page
    schema = json.loads((folder / "out" / "schema.json").read_text("utf-8"))
    by_name = {field["name"]: field for field in schema["classes.csv"]["fields"]}
    assert by_name["area_percent"]["unit"] == "%"
    assert by_name["class"]["description"] == "Name of the class"


def test_groups_of_pixels_are_no_classes_of_objects(folder):
    found = run_batch(THREE, folder / "in", folder / "out")
    assert "class" not in found.objects


def test_a_method_of_two_classes_leaves_none_of_this(folder):
    found = run_batch(recipe(clusters=2), folder / "in", folder / "out")
    assert found.classes is None
    assert "classes" not in found.summary
    assert not list((folder / "out").rglob("classes*"))


def test_resuming_keeps_classes_and_another_method_removes_them(folder):
    first = run_batch(THREE, folder / "in", folder / "out")
    (folder / "out" / "classes.csv").unlink()
    (folder / "out" / "a" / "classes.tif").unlink()
    again = run_batch(
        THREE, folder / "in", folder / "out", options=BatchOptions(resume=True)
    )
    pd.testing.assert_frame_equal(first.classes, again.classes)
    assert (folder / "out" / "a" / "classes.tif").is_file()
    run_batch(
        recipe(clusters=2),
        folder / "in",
        folder / "out",
        options=BatchOptions(overwrite=True),
    )
    assert not list((folder / "out").rglob("classes*"))


def test_probabilities_are_saved_if_wished_a_page_for_each_class(folder):
    run_batch(THREE, folder / "in", folder / "out", options=BatchOptions(save_maps=True))
    pages = tifffile.imread(folder / "out" / "a" / "class_probabilities.tif")
    data = tifffile.imread(folder / "out" / "a" / "classes.tif")
    assert pages.shape == (3, *data.shape)
    known = data != 255
    assert np.array_equal(pages.argmax(axis=0)[known], data[known])
