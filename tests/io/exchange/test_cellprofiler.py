"""Columns under CellProfiler's names hold what CellProfiler computes: scikit-image's."""

import csv

import numpy as np
import pytest
from skimage.measure import regionprops_table

from segmetry.image import Image, Labels, PixelSize
from segmetry.io.exchange import Annotation, write_cellprofiler
from segmetry.measure import measure

# As `analyze_objects` of measureobjectsizeshape.py maps them.
SAME = {
    "AreaShape_Area": "area",
    "AreaShape_BoundingBoxArea": "area_bbox",
    "AreaShape_BoundingBoxMaximum_X": "bbox-3",
    "AreaShape_BoundingBoxMaximum_Y": "bbox-2",
    "AreaShape_BoundingBoxMinimum_X": "bbox-1",
    "AreaShape_BoundingBoxMinimum_Y": "bbox-0",
    "AreaShape_Center_X": "centroid-1",
    "AreaShape_Center_Y": "centroid-0",
    "AreaShape_Eccentricity": "eccentricity",
    "AreaShape_EquivalentDiameter": "equivalent_diameter_area",
    "AreaShape_EulerNumber": "euler_number",
    "AreaShape_Extent": "extent",
    "AreaShape_MajorAxisLength": "axis_major_length",
    "AreaShape_MinorAxisLength": "axis_minor_length",
    "AreaShape_Perimeter": "perimeter",
    "Intensity_MaxIntensity_StoredGrey": "intensity_max",
    "Intensity_MeanIntensity_StoredGrey": "intensity_mean",
    "Intensity_MinIntensity_StoredGrey": "intensity_min",
    "Intensity_StdIntensity_StoredGrey": "intensity_std",
    "Location_Center_X": "centroid-1",
    "Location_Center_Y": "centroid-0",
    "Number_Object_Number": "label",
    "ObjectNumber": "label",
}
DERIVED = {
    "AreaShape_Compactness",
    "AreaShape_FormFactor",
    "ImageNumber",
    "Intensity_IntegratedIntensity_StoredGrey",
}


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measured(labels, *, size=None):
    grey = np.random.default_rng(0).integers(0, 999, labels.shape, dtype=np.uint16)
    found = Labels(labels, Image(grey, pixel_size=size))
    rows = measure(found, perimeters=["scikit-image"]).set_index("label")
    return grey, rows.select_dtypes("number").to_dict("index")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", [None, PixelSize(0.4, 0.4, "um", "typed")])
def test_every_column_is_what_cellprofiler_would_measure(
    tmp_path, random_labels, seed, size
):
    labels = random_labels(seed).repeat(3, axis=0).repeat(3, axis=1) % 4_000_000
    grey, told = measured(labels, size=size)
    cells = Annotation("a", labels, pixel_size=size, measurements=told)
    write_cellprofiler(tmp_path / "Objects.csv", [cells])
    rows = table(tmp_path / "Objects.csv")
    if not labels.any():
        assert rows == []
        return
    properties = {name.partition("-")[0] for name in SAME.values()}
    wanted = regionprops_table(labels.astype(np.int64), grey, properties=properties)
    assert set(rows[0]) == {*SAME, *DERIVED}
    for ours, theirs in SAME.items():
        found = [float(row[ours]) for row in rows]
        assert np.allclose(found, wanted[theirs], rtol=1e-9, atol=1e-6), ours
    circle = 4 * np.pi * wanted["area"]
    factor = [float(row["AreaShape_FormFactor"]) for row in rows]
    assert np.allclose(factor, circle / wanted["perimeter"] ** 2)
    compactness = [float(row["AreaShape_Compactness"]) for row in rows]
    assert np.allclose(compactness, wanted["perimeter"] ** 2 / circle)
    whole = [float(row["Intensity_IntegratedIntensity_StoredGrey"]) for row in rows]
    assert np.allclose(whole, wanted["area"] * wanted["intensity_mean"])


def test_masks_that_nobody_measured_have_the_columns_of_their_pixels(tmp_path, labels):
    write_cellprofiler(tmp_path / "Objects.csv", [Annotation("a", labels)])
    (first, *_) = table(tmp_path / "Objects.csv")
    assert list(first)[:3] == ["ImageNumber", "ObjectNumber", "AreaShape_Area"]
    assert not any(name.startswith("Intensity") or "Perimeter" in name for name in first)


def test_pictures_are_counted_in_the_order_of_the_table_of_pictures(tmp_path, labels):
    size = PixelSize(250, 500, "nm", "typed")
    cells = [
        Annotation("empty", labels * 0, "empty.tif"),
        Annotation("b", labels, "b.tif", pixel_size=size),
    ]
    write_cellprofiler(tmp_path / "Objects.csv", cells)
    empty, other = table(tmp_path / "Image.csv")
    assert (empty["ImageNumber"], empty["Count_Objects"]) == ("1", "0")
    assert other == {
        "ImageNumber": "2",
        "Count_Objects": "6",
        "FileName_Picture": "b.tif",
        "Height_Picture": "14",
        "Width_Picture": "17",
        "Metadata_Picture": "b",
        "Metadata_PixelSize_um": "0.5",
    }
    rows = table(tmp_path / "Objects.csv")
    assert {row["ImageNumber"] for row in rows} == {"2"}
    assert [int(row["ObjectNumber"]) for row in rows] == [2, 5, 7, 8, 300, 70_000]


def test_an_object_of_one_pixel_has_no_outline_to_divide_by(tmp_path):
    labels = np.array([[0, 0, 0], [0, 5, 0], [0, 0, 0]], np.uint32)
    _, told = measured(labels)
    write_cellprofiler(
        tmp_path / "Objects.csv", [Annotation("a", labels, measurements=told)]
    )
    (row,) = table(tmp_path / "Objects.csv")
    assert float(row["AreaShape_FormFactor"]) == np.inf
    assert float(row["AreaShape_MajorAxisLength"]) == 0
